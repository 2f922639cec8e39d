"""From tab to tab: a sentence goes to the input of another tab, which opens.

The page's scripts send one with `sentenceSpace.send(text, "algebra")`, or "translate" or "style".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

SCRIPT = Path(__file__).resolve().parents[2] / "assets" / "send.js"


# A component's events have Gradio's names; assets/send.js knows these too.
EVENTS = {"translate": "click", "algebra": "submit", "style": "select"}


@dataclass(frozen=True)
class Courier:
    """Carries one sentence, the value of `letter`, to a tab."""

    letter: gr.HTML

    def to(self, tab: str) -> Any:
        """The event that the letter is for this tab."""
        return getattr(self.letter, EVENTS[tab])


def build_courier() -> Courier:
    """The page's one courier, outside the tabs, since a tab is not there before it is opened."""
    script = SCRIPT.read_text(encoding="utf-8")
    return Courier(gr.HTML("", html_template="", js_on_load=script, visible="hidden", elem_id="courier"))
