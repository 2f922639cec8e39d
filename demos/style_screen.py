"""What the controls of the Style tab say at one moment, and all that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos.axes import BUILT_IN, Axis, built_in_axes, direction
from demos.codec import Codec, Codecs
from demos.exports import save_csv, save_json, save_text
from demos.i18n import Language, language_of, say
from demos.plot import Figure, figure_html
from demos.restyle import Filmstrip, Styled, filmstrip_figure, filmstrip_rows, make_filmstrip, restyle
from demos.style_view import answer_html, axis_ends, axis_title, filmstrip_html, quality_html

ALTERNATIVES = 4
OWN = "own-axis"  # what the choice of the axis calls the visitor's own one


@dataclass(frozen=True)
class Screen:
    """What the tab's controls say at one moment."""

    codec: Codec
    language: Language
    axes: tuple[Axis, ...]
    sentence: str
    chosen: str  # the axis of the filmstrip
    strengths: dict[str, float]
    dims: int
    alternatives: int

    def found(self, quick: bool = False) -> Styled:
        return restyle(self.codec, self.sentence, self.strengths, self.axes, self.alternatives, quick)

    def answer(self, found: Styled, run: int = 0) -> str:
        return answer_html(found, self.axes, self.codec.title, self.language, run)

    def strip(self, quick: bool = False) -> Filmstrip:
        return make_filmstrip(self.codec, self.sentence, self.chosen, self.strengths, self.axes, quick=quick)

    def film(self, strip: Filmstrip) -> str:
        return filmstrip_html(strip, self.strengths.get(self.chosen, 0.0), self.language)

    def map(self, strip: Filmstrip) -> Figure:
        """The way of the sentence along the chosen axis."""
        words = {name: say(f"style_plot_{name}", self.language) for name in ("path", "decoded", "now")}
        for side, end in zip(("from", "to"), axis_ends(strip.direction.axis, self.language), strict=True):
            words[side] = say("style_plot_pairs", self.language, end=end)
        now = self.strengths.get(self.chosen, 0.0)
        return filmstrip_figure(self.codec, strip, now, words, dims=self.dims, language=self.language)

    def csv(self) -> str:
        """The filmstrip as a CSV file: its path; `json` and `page` (the map) likewise."""
        return save_csv(filmstrip_rows(self.strip()), "style")

    def json(self) -> str:
        return save_json(filmstrip_rows(self.strip()), "style")

    def page(self) -> str:
        return save_text(figure_html(self.map(self.strip()), language=self.language), "style.html")

    def quality(self) -> str:
        return quality_html([direction(self.codec, axis) for axis in self.axes], self.language)

    def slider(self, axis: Axis, value: float) -> Any:
        """The update of an axis' slider: its range depends on the pair's space."""
        reach = direction(self.codec, axis).reach
        step = 0.1 if reach <= 6 else 0.5
        value = max(-reach, min(reach, value))
        if axis.name in BUILT_IN:
            return gr.Slider(-reach, reach, value, step=step)
        return gr.Slider(-reach, reach, value, step=step, label=axis.name, visible=True)

    def choices(self) -> list[tuple[str, str]]:
        """The axes as the filmstrip's choice shows them."""
        return [
            (axis_title(axis, self.language), axis.name if axis.name in BUILT_IN else OWN)
            for axis in self.axes
        ]


def read_screen(codecs: Codecs, request: gr.Request | None, inputs: tuple[Any, ...]) -> Screen:
    """The controls' values, in the order of `build`'s `inputs`; CodecError where the pair cannot be had."""
    pair, own, sentence, chosen, dims, more, *values = inputs
    axes = (*built_in_axes(), *([own] if own else []))
    return Screen(
        codec=codecs.get(pair),
        language=language_of(request),
        axes=axes,
        sentence=sentence or "",
        chosen=axes[-1].name if chosen == OWN else chosen,
        strengths={axis.name: float(value or 0) for axis, value in zip(axes, values, strict=False)},
        dims=dims,
        alternatives=ALTERNATIVES if more else 0,
    )
