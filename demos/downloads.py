"""Buttons that make a file when they are pressed, not before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gradio as gr
from gradio.components import Component

from demos.i18n import t


def download_button(
    key: str, elem_id: str, make: Callable[..., str | None], inputs: Component | Sequence[Component]
) -> gr.Button:
    """A button whose press calls `make` with the inputs and downloads the file at the path it returns.

    None from `make` downloads nothing. `key` is the label's text.
    """
    button = gr.Button(t(key), size="sm", elem_id=elem_id, min_width=120)
    file = gr.DownloadButton(visible="hidden", elem_id=f"{elem_id}-file")
    press = (
        f"(file) => {{ if (file) setTimeout(() => document.getElementById('{elem_id}-file').click(), 100); }}"
    )
    button.click(make, inputs, file, show_progress="hidden", api_visibility="private").then(
        None, file, None, js=press, api_visibility="private"
    )
    return button
