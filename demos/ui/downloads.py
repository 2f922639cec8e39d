"""Buttons that make a file when they are pressed, not before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

from demos.ui.i18n import error_text, language_of, t
from demos.ui.live import Asked


def _download_button(
    key: str, elem_id: str, make: Callable[[Asked], str | None], inputs: Collection[Component]
) -> gr.Button:
    """A button whose press calls `make` with the inputs and downloads the file at the path it returns.

    None from `make` downloads nothing; of an exception the page says what it says. `key` is the label's text.
    """
    button = gr.Button(t(key), size="sm", elem_id=elem_id, min_width=120)
    file = gr.DownloadButton(visible="hidden", elem_id=f"{elem_id}-file")

    def made(values: dict[Component, Any], request: gr.Request) -> str | None:
        language = language_of(request)
        try:
            return make(Asked(values, language))
        except Exception as error:
            gr.Warning(error_text(error, language))
            return None

    press = (
        f"(file) => {{ if (file) setTimeout(() => document.getElementById('{elem_id}-file').click(), 100); }}"
    )
    button.click(made, {*inputs}, file, show_progress="hidden", api_visibility="private").then(
        None, file, None, js=press, api_visibility="private"
    )
    return button


def download_buttons(
    prefix: str,
    make: Callable[[Asked, str], str | None],
    inputs: Collection[Component],
    kinds: Sequence[str] = ("csv", "json", "html"),
) -> list[gr.Button]:
    """A button for each kind of file of what a tab shows; `make` gets the kind. "html" is the tab's map."""

    def maker(kind: str) -> Callable[[Asked], str | None]:
        return lambda asked: make(asked, kind)

    return [
        _download_button(f"common_download_{kind}", f"{prefix}-{kind}", maker(kind), inputs) for kind in kinds
    ]
