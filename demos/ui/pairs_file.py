"""A table of pairs, uploaded, as the name and the two lists of a style axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.components import Component

from demos.operations.axes import lists_of
from demos.operations.files.tables import Table
from demos.ui.i18n import Language, error_text, language_of, say, t
from demos.ui.live import Shown
from demos.ui.markup import error_line, status_line
from demos.ui.uploads import GUESSES, build_guesses, file_notes, guess_updates, read_upload


def build_pairs_file(name: gr.Textbox, from_text: gr.Textbox, to_text: gr.Textbox, said: gr.HTML) -> None:
    """A button that reads a file into the name and the two lists, and drop-downs of what was guessed about
    it; `said` tells what was read, or what is wrong, and then the lists stay."""
    upload = gr.UploadButton(t("style_own_file"), elem_id="style-own-file")  # type: ignore[arg-type]
    guesses = build_guesses("style-own")
    last = gr.State(None)  # the path that was read last, and the guesses or choices by their names

    def shown(table: Table, language: Language) -> Shown:
        try:
            lists = lists_of(table)
        except Exception as error:
            return {said: error_line(error_text(error, language))}
        pairs = say("style_own_read", language, a=lists.columns[0], b=lists.columns[1], count=lists.pairs)
        left = [say("style_own_left", language, count=lists.left_out)] if lists.left_out else []
        notes = " ".join([pairs, *left, *file_notes(table, language)])
        named: Shown = {name: lists.name} if lists.name else {}
        return {**named, from_text: lists.from_text, to_text: lists.to_text, said: status_line(notes)}

    def read(path: str, choices: Mapping[str, str | None] | None, language: Language) -> Shown:
        try:
            table = read_upload(path, choices)
        except Exception as error:
            kept: Shown = {} if choices is None else {last: (path, choices)}
            return {**kept, said: error_line(error_text(error, language))}
        updates = guess_updates(table, language)
        boxes: Shown = {guesses[one]: updates[one] for one in GUESSES}
        return {
            **boxes,
            last: (path, {one: updates[one]["value"] for one in GUESSES}),
            **shown(table, language),
        }

    def received(path: str, request: gr.Request) -> Shown:
        return read(path, None, language_of(request))

    def reread(values: dict[Component, Any], request: gr.Request) -> Any:
        choices = {one: values[box] for one, box in guesses.items()}
        if values[last] is None or values[last][1] == choices:
            return gr.skip()
        return read(values[last][0], choices, language_of(request))

    how: dict[str, Any] = {
        "outputs": [name, from_text, to_text, said, last, *guesses.values()],
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": 8,
    }
    upload.upload(received, upload, **how)
    gr.on([box.blur for box in guesses.values()], reread, {last, *guesses.values()}, **how)
