"""A table of pairs, uploaded, as the name and the two lists of a style axis."""

from __future__ import annotations

import gradio as gr

from demos.operations.axes import lists_of
from demos.ui.i18n import error_text, language_of, say, t
from demos.ui.live import Shown
from demos.ui.markup import error_line, status_line
from demos.ui.uploads import file_notes, read_upload


def build_pairs_file(name: gr.Textbox, from_text: gr.Textbox, to_text: gr.Textbox, said: gr.HTML) -> None:
    """A button that reads a file into the name and the two lists; `said` tells what was read, or what is
    wrong, and then the lists stay."""
    upload = gr.UploadButton(t("style_own_file"), elem_id="style-own-file")  # type: ignore[arg-type]

    def received(path: str, request: gr.Request) -> Shown:
        language = language_of(request)
        try:
            table = read_upload(path)
            lists = lists_of(table)
        except Exception as error:
            return {said: error_line(error_text(error, language))}
        read = say("style_own_read", language, a=lists.columns[0], b=lists.columns[1], count=lists.pairs)
        left = [say("style_own_left", language, count=lists.left_out)] if lists.left_out else []
        notes = " ".join([read, *left, *file_notes(table, language)])
        named: Shown = {name: lists.name} if lists.name else {}
        return {**named, from_text: lists.from_text, to_text: lists.to_text, said: status_line(notes)}

    upload.upload(
        received,
        upload,
        [name, from_text, to_text, said],
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=8,
    )
