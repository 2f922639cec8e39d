"""Rows of terms: a sentence and its coefficient each, added and removed one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from demos.operations.sums import LARGEST, MOST_TERMS, Term
from demos.ui.i18n import t
from demos.ui.live import PAGE_ONLY, Asked, Live, Shown


class TermControls(NamedTuple):
    """The controls of one term."""

    box: gr.Row
    text: gr.Textbox
    coefficient: gr.Slider
    remove: gr.Button


@dataclass(frozen=True)
class TermRows:
    """All rows, of which the first `count` are on the screen; made by `build_terms`."""

    count: gr.State
    rows: list[TermControls]
    add: gr.Button

    @property
    def inputs(self) -> list[Component]:
        """What the terms depend on."""
        return [self.count, *(row.text for row in self.rows), *(row.coefficient for row in self.rows)]

    @property
    def fills(self) -> list[Block]:
        """What `filled` updates."""
        return list(self.filled([]))

    def terms(self, asked: Asked) -> list[Term]:
        """The terms of the rows that are on the screen."""
        shown = self.rows[: asked[self.count]]
        return [Term(asked[row.text] or "", float(asked[row.coefficient] or 0)) for row in shown]

    def filled(self, terms: Sequence[Term]) -> Shown:
        """The updates that put these terms on the screen; blank rows are ready for what is added next."""
        updates = self._shown(len(terms))
        for row, term in zip(self.rows, [*terms, *[Term("")] * MOST_TERMS], strict=False):
            updates |= {row.text: term.text, row.coefficient: term.coefficient}
        return updates

    def listen(self, live: Live) -> None:
        """What the buttons of the rows do."""

        def remove(place: int) -> Callable[[Asked], Shown]:
            def without(asked: Asked) -> Shown:
                terms = self.terms(asked)
                del terms[place]
                return self.filled(terms or [Term("")])

            return without

        def add(count: int) -> Shown:
            """One more row, which is blank and so adds nothing yet; what is typed meanwhile stays."""
            return self._shown(min(count + 1, MOST_TERMS))

        for place, row in enumerate(self.rows):
            live.now(row.remove.click, fill=remove(place), fills=self.fills)
        self.add.click(add, self.count, list(self._shown(0)), **PAGE_ONLY)

    def _shown(self, count: int) -> Shown:
        """The updates that show so many rows."""
        boxes: Shown = {row.box: gr.update(visible=place < count) for place, row in enumerate(self.rows)}
        return {**boxes, self.count: count, self.add: gr.update(interactive=count < MOST_TERMS)}


def build_terms(first: Sequence[Term]) -> TermRows:
    """The rows in place, with these terms on the screen."""
    rows = [
        _build_row(number, term, number <= len(first))
        for number, term in zip(range(1, MOST_TERMS + 1), [*first, *[Term("")] * MOST_TERMS], strict=False)
    ]
    add = gr.Button(t("algebra_add"), size="sm", elem_id="algebra-add")
    return TermRows(gr.State(len(first)), rows, add)


def _build_row(number: int, term: Term, shown: bool) -> TermControls:
    with gr.Row(visible=shown, elem_classes="algebra-row", equal_height=True) as box:
        text = gr.Textbox(
            term.text,
            label=t("algebra_term"),
            placeholder=t("algebra_term_placeholder"),
            show_label=False,
            container=False,
            max_lines=3,
            scale=6,
            min_width=200,
            elem_id=f"algebra-term-{number}",
        )
        coefficient = gr.Slider(
            -LARGEST,
            LARGEST,
            term.coefficient,
            step=0.05,
            label=t("algebra_coefficient"),
            show_label=False,
            container=False,
            buttons=[],
            scale=5,
            min_width=170,
            elem_id=f"algebra-coefficient-{number}",
        )
        remove = gr.Button(
            t("common_remove"), size="sm", scale=0, min_width=92, elem_id=f"algebra-remove-{number}"
        )
    return TermControls(box, text, coefficient, remove)
