"""The controls of the Algebra tab's terms, and its examples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.i18n import t
from demos.sums import LARGEST, MOST_TERMS, Example, Term


@dataclass(frozen=True)
class Rows:
    """The controls of the terms, a row each; the first `count` of them are on the screen."""

    boxes: list[gr.Row]
    texts: list[gr.Textbox]
    sliders: list[gr.Slider]
    removers: list[gr.Button]

    @classmethod
    def build(cls, first: Example) -> Rows:
        rows = cls([], [], [], [])
        for place in range(MOST_TERMS):
            shown = place < len(first.terms)
            term = first.terms[place] if shown else Term("")
            number = place + 1
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
                slider = gr.Slider(
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
                remover = gr.Button(
                    t("algebra_remove"), size="sm", scale=0, min_width=92, elem_id=f"algebra-remove-{number}"
                )
            for column, control in zip(
                (rows.boxes, rows.texts, rows.sliders, rows.removers),
                (box, text, slider, remover),
                strict=True,
            ):
                column.append(control)  # type: ignore[attr-defined]
        return rows

    @property
    def outputs(self) -> list[Any]:
        return [*self.boxes, *self.texts, *self.sliders]

    @staticmethod
    def filled(terms: list[tuple[str, float]]) -> list[Any]:
        """The values of `outputs` for these terms: the rows, the texts, the coefficients."""
        shown = [gr.Row(visible=place < len(terms)) for place in range(MOST_TERMS)]
        return [*shown, *padded(terms)]


def padded(terms: list[tuple[str, float]]) -> list[Any]:
    """The texts of all rows, then their coefficients; blank rows are ready for what is added next."""
    spare = MOST_TERMS - len(terms)
    texts, coefficients = [text for text, _ in terms], [value for _, value in terms]
    return [*texts, *[""] * spare, *coefficients, *[1.0] * spare]


def phrase_form(first: Example) -> list[Any]:
    """The sentence, the phrase that goes, the one that comes, the strength."""
    whole, old, new = first.terms
    sentence = gr.Textbox(whole.text, label=t("algebra_sentence"), max_lines=4, elem_id="algebra-sentence")
    with gr.Row():
        goes = gr.Textbox(
            old.text,
            label=t("algebra_old"),
            placeholder=t("algebra_old_placeholder"),
            min_width=140,
            elem_id="algebra-old",
        )
        comes = gr.Textbox(
            new.text,
            label=t("algebra_new"),
            placeholder=t("algebra_new_placeholder"),
            min_width=140,
            elem_id="algebra-new",
        )
    strength = gr.Slider(
        0,
        LARGEST,
        1,
        step=0.05,
        label=t("algebra_strength"),
        info=t("algebra_strength_info"),
        buttons=[],
        elem_id="algebra-strength",
    )
    return [sentence, goes, comes, strength]


def example_buttons(shown: list[Example]) -> list[gr.Button]:
    """A button each; the article's first, under its heading."""
    buttons = []
    for owner in ("article", "ours"):
        gr.Markdown(t(f"algebra_examples_{owner}"), elem_classes="ss-heading")
        with gr.Row(elem_classes="ss-examples"):
            for example in shown:
                if bool(example.recorded) == (owner == "article"):
                    name = example.name
                    label = t(f"algebra_example_{name}")
                    buttons.append(gr.Button(label, size="sm", elem_id=f"algebra-example-{name}"))
    return buttons
