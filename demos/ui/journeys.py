"""The way from one sentence to another on the screen: its form, its examples, its stops."""

from __future__ import annotations

from typing import NamedTuple

import gradio as gr

from demos.operations.journey import STEPS, USUAL_STEPS, Journey, JourneyExample, examples
from demos.ui.i18n import t
from demos.ui.markup import answered_by, safe, sentence_menu, strip_row


class JourneyForm(NamedTuple):
    """The two sentences and the number of steps."""

    start: gr.Textbox
    end: gr.Textbox
    steps: gr.Slider


def build_journey_form() -> JourneyForm:
    """The form in place, with the first example in it."""
    first = examples()[0]
    start, end = (
        gr.Textbox(text, label=t(f"algebra_{name}"), max_lines=3, elem_id=f"algebra-{name}")
        for name, text in (("start", first.start), ("end", first.end))
    )
    steps = gr.Slider(
        *STEPS,
        USUAL_STEPS,
        step=1,
        label=t("algebra_steps"),
        info=t("algebra_steps_info"),
        buttons=[],
        elem_id="algebra-steps",
    )
    return JourneyForm(start, end, steps)


def build_journey_examples() -> list[tuple[JourneyExample, gr.Button]]:
    """The examples with a button each, in place."""
    gr.Markdown(t("common_examples"), elem_classes="ss-heading")
    with gr.Row(elem_classes="ss-examples"):
        return [
            (
                one,
                gr.Button(t(f"algebra_journey_{one.name}"), size="sm", elem_id=f"algebra-journey-{one.name}"),
            )
            for one in examples()
        ]


def journey_html(found: Journey, pair: str, language: str = "en") -> str:
    """The stops of a journey in a list, each with the numbers of its points on the map."""
    items = [strip_row(found.place(stop), stop.marked, stop.decoded, language) for stop in found.stops]
    start, end = (f"{safe(text)}{sentence_menu(text, language)}" for text in (found.start, found.end))
    head = f'<div class="algebra-formula">{start} <b>→</b> {end}</div>'
    quick = any(one.quick for one in found.decoded)
    return f'{head}<ol class="strip">{"".join(items)}</ol>{answered_by(pair, language, quick)}'
