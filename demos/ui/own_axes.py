"""The axes that a visitor makes of two lists: a slider each in the tab, and the form that makes one more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import gradio as gr

from demos.operations.axes import (
    BUILT_IN,
    MOST_OWN,
    STYLE_FILES,
    Axis,
    AxisError,
    own_axis,
    pack,
    read_axis,
    unpack,
)
from demos.ui.i18n import language_of, say, t
from demos.ui.live import Asked, Shown
from demos.ui.pairs_file import build_pairs_file

PLACES = tuple(f"own-{place}" for place in range(1, MOST_OWN + 1))
EXAMPLE = "past_future"


class OwnRow(NamedTuple):
    """The controls of one own axis."""

    box: gr.Row
    slider: gr.Slider
    remove: gr.Button


@dataclass(frozen=True)
class OwnAxes:
    """The rows by their places, of which the first ones are taken; made by `build_own_axes`.

    Attributes:
        packed: the axes as `pack` writes them; hidden, so that links hold it.
        again: hidden; the page's script presses it when a link has filled `packed` in.
    """

    packed: gr.Textbox
    again: gr.Button
    rows: dict[str, OwnRow]

    @property
    def sliders(self) -> dict[str, gr.Slider]:
        """The sliders by their places."""
        return {place: row.slider for place, row in self.rows.items()}

    def axes(self, asked: Asked) -> tuple[Axis, ...]:
        return unpack(asked[self.packed] or "")

    def shown(self, count: int) -> Shown:
        """The updates that show so many rows."""
        return {row.box: gr.update(visible=place < count) for place, row in enumerate(self.rows.values())}

    def with_one_more(self, asked: Asked, axis: Axis) -> tuple[str, Shown]:
        """The place of a new axis, and the updates that put it there, its slider at 0."""
        axes = self.axes(asked)
        place = PLACES[len(axes)]
        return place, {self.packed: pack([*axes, axis]), self.rows[place].slider: 0.0}

    def without(self, asked: Asked, gone: int) -> Shown:
        """The updates that take an axis away; those behind it move up with their sliders."""
        axes, values = list(self.axes(asked)), [asked[row.slider] for row in self.rows.values()]
        del axes[gone : gone + 1], values[gone]
        moved: Shown = dict(zip(self.sliders.values(), [*values, 0.0], strict=True))
        return {self.packed: pack(axes), **moved}


class OwnForm(NamedTuple):
    """The name and the two lists of an axis to be made, and what is said of it."""

    name: gr.Textbox
    from_text: gr.Textbox
    to_text: gr.Textbox
    make: gr.Button
    said: gr.HTML

    @property
    def boxes(self) -> list[gr.Textbox]:
        return [self.name, self.from_text, self.to_text]

    def axis(self, asked: Asked, others: Sequence[Axis], titles: Sequence[str]) -> Axis:
        """The axis that the form describes.

        Args:
            others: the own axes that there are.
            titles: what the screen calls the built-in ones, names that the axis may not have.

        Raises:
            AxisError: it cannot be made, or there are `MOST_OWN` already.
        """
        if len(others) == MOST_OWN:
            raise AxisError("many", f"there are {MOST_OWN} axes already", limit=MOST_OWN)
        name, one, other = (asked[box] or "" for box in self.boxes)
        return own_axis(name, one, other, [*BUILT_IN, *titles, *(axis.name for axis in others)])


def after_removal(place: str, gone: int) -> str:
    """Where an axis stands when the own one at index `gone` is taken away; in its place the first of all."""
    places = [*PLACES[:gone], BUILT_IN[0], *PLACES[gone:]]
    return places[PLACES.index(place)] if place in PLACES else place


def axis_slider(name: str, **settings: Any) -> gr.Slider:
    """The slider of an axis; its range is that of the pair of models, which is known later."""
    return gr.Slider(
        -3, 3, 0, step=0.1, elem_id=f"style-slider-{name}", elem_classes="style-slider", **settings
    )


def build_own_axes() -> OwnAxes:
    """The rows in place, all of them hidden."""
    packed = gr.Textbox("", visible="hidden", elem_id="style-own-axes")
    again = gr.Button(visible="hidden", elem_id="style-own-again")
    return OwnAxes(packed, again, {place: _build_row(place) for place in PLACES})


def _build_row(place: str) -> OwnRow:
    with gr.Row(visible=False, elem_classes="style-own") as box:
        slider = axis_slider(place, scale=6)
        remove = gr.Button(
            t("common_remove"), size="sm", scale=0, min_width=92, elem_id=f"style-remove-{place}"
        )
    return OwnRow(box, slider, remove)


def build_own_form() -> OwnForm:
    """The form in place, in a part that is closed at first; one button of it fills an example in."""
    with gr.Accordion(t("style_own"), open=False, elem_id="style-own"):
        gr.Markdown(t("style_own_note"), elem_classes="ss-note")
        name = gr.Textbox(
            label=t("style_own_name"),
            placeholder=t("style_own_name_placeholder"),
            max_lines=1,
            elem_id="style-own-name",
        )
        with gr.Row():
            from_text = gr.Textbox(label=t("style_own_from"), lines=6, max_lines=12, elem_id="style-own-from")
            to_text = gr.Textbox(label=t("style_own_to"), lines=6, max_lines=12, elem_id="style-own-to")
        with gr.Row():
            make = gr.Button(t("style_own_make"), variant="primary", elem_id="style-own-make")
            fill = gr.Button(t("style_own_fill"), elem_id="style-own-fill")
        said = gr.HTML(elem_id="style-own-said", padding=False)
        build_pairs_file(name, from_text, to_text, said)
    form = OwnForm(name, from_text, to_text, make, said)
    fill.click(_example, None, form.boxes, api_visibility="private")
    return form


def _example(request: gr.Request) -> tuple[str, str, str]:
    """An axis to try: its name and its two lists of sentences."""
    axis = read_axis(STYLE_FILES / f"{EXAMPLE}.tsv")
    name = say("style_own_example_name", language_of(request))
    return name, "\n".join(axis.from_texts), "\n".join(axis.to_texts)
