"""The Style tab: a sentence and a slider for each style axis; the answer follows the sliders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.context import Context

from demos.axes import BUILT_IN, STYLE_FILES, Axis, built_in_axes, direction, own_axis, read_axis, separation
from demos.codec import Codec, CodecError, Codecs
from demos.downloads import download_button
from demos.exports import save_csv, save_json, save_text
from demos.i18n import Language, error_text, language_of, say, t
from demos.markup import error_line, safe
from demos.plot import Figure, figure_html
from demos.restyle import Filmstrip, examples, filmstrip_figure, filmstrip_rows, make_filmstrip, restyle
from demos.style_view import (
    answer_html,
    axis_ends,
    axis_title,
    count_text,
    filmstrip_html,
    quality_html,
)

ALTERNATIVES = 4
OWN = "own-axis"  # what the choice of the axis calls the visitor's own one
OWN_EXAMPLE = "past_future"
MODEL: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 8, "api_visibility": "private"}
LIVE: dict[str, Any] = {**MODEL, "trigger_mode": "always_last", "show_progress": "hidden"}


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

    def answer(self) -> str:
        found = restyle(self.codec, self.sentence, self.strengths, self.axes, self.alternatives)
        return answer_html(found, self.axes, self.codec.title, self.language)

    def strip(self) -> Filmstrip:
        return make_filmstrip(self.codec, self.sentence, self.chosen, self.strengths, self.axes)

    def map(self, strip: Filmstrip) -> Figure:
        """The way of the sentence along the chosen axis."""
        words = {name: say(f"style_plot_{name}", self.language) for name in ("path", "decoded", "now")}
        for side, end in zip(("from", "to"), axis_ends(strip.direction.axis, self.language), strict=True):
            words[side] = say("style_plot_pairs", self.language, end=end)
        now = self.strengths.get(self.chosen, 0.0)
        return filmstrip_figure(self.codec, strip, now, words, dims=self.dims, language=self.language)

    def sweep(self) -> tuple[str, Figure]:
        """The filmstrip and the map."""
        strip = self.strip()
        return filmstrip_html(strip, self.strengths.get(self.chosen, 0.0), self.language), self.map(strip)

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


def build(codecs: Codecs, pair: gr.State) -> None:
    """The tab's controls and what they do."""
    own = gr.State(None)
    gr.Markdown(t("style_intro"), elem_classes="ss-intro")
    with gr.Row():
        with gr.Column(scale=5, min_width=320):
            sentence = gr.Textbox(
                examples()[0].sentence,
                label=t("style_sentence"),
                info=t("style_sentence_info"),
                lines=2,
                max_lines=6,
                elem_id="style-sentence",
            )
            sliders = [
                gr.Slider(
                    -3,
                    3,
                    0,
                    step=0.1,
                    label=t(f"style_axis_{name}"),
                    elem_id=f"style-slider-{name}",
                    elem_classes="style-slider",
                )
                for name in BUILT_IN
            ]
            sliders.append(
                gr.Slider(
                    -3,
                    3,
                    0,
                    step=0.1,
                    visible=False,
                    elem_id=f"style-slider-{OWN}",
                    elem_classes="style-slider",
                )
            )
            reset = gr.Button(t("style_reset"), size="sm", elem_id="style-reset")
        with gr.Column(scale=6, min_width=320):
            answer = gr.HTML(elem_id="style-answer", container=True, padding=True)
            more = gr.Checkbox(False, label=t("style_alternatives"), elem_id="style-more", container=False)
            samples = gr.Dataset(
                components=["textbox"],
                samples=[[example.sentence] for example in examples()],
                label=t("style_examples"),
                type="index",
                elem_id="style-examples",
            )
    chosen = gr.Radio(
        [(name, name) for name in BUILT_IN],
        value=examples()[0].axis,
        label=t("style_strip"),
        info=t("style_strip_note"),
        elem_id="style-axis",
    )
    with gr.Row():
        with gr.Column(scale=1, min_width=320):
            strip = gr.HTML(elem_id="style-strip", padding=False)
            files = gr.Row()
        with gr.Column(scale=1, min_width=320):
            plot = gr.Plot(show_label=False, elem_id="style-plot")
            dims = gr.Radio(
                [(t("common_plot_2d"), 2), (t("common_plot_3d"), 3)],
                value=2,
                label=t("style_plot"),
                info=t("style_plot_note"),
                elem_id="style-dims",
            )
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
    with gr.Accordion(t("style_quality"), open=False, elem_id="style-quality"):
        quality = gr.HTML(elem_id="style-quality-table", padding=False)

    inputs = [pair, own, sentence, chosen, dims, more, *sliders]
    swept = [strip, plot]

    def live(request: gr.Request, *values: Any) -> str:
        try:
            return read_screen(codecs, request, values).answer()
        except CodecError as error:
            return error_line(error_text(error, language_of(request)))

    def sweep(request: gr.Request, *values: Any) -> tuple[Any, ...]:
        try:
            return read_screen(codecs, request, values).sweep()
        except CodecError:
            return "", None  # the answer says what is wrong

    def both(request: gr.Request, *values: Any) -> tuple[Any, ...]:
        return live(request, *values), *sweep(request, *values)

    def released(place: int) -> Any:
        """A slider let go: its axis becomes the filmstrip's."""
        axis = (*BUILT_IN, OWN)[place]

        def handle(request: gr.Request, *values: Any) -> tuple[Any, ...]:
            return axis, *both(request, *values[:3], axis, *values[4:])

        return handle

    def show(request: gr.Request, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Every control and output of the tab for these values: after a change of pair or example."""
        try:
            screen = read_screen(codecs, request, values)
            moved = [screen.slider(axis, screen.strengths[axis.name]) for axis in screen.axes]
            moved += [gr.skip()] * (len(sliders) - len(moved))
            choice = gr.Radio(screen.choices(), value=values[3])
            found = screen.quality()
        except CodecError as error:
            line = error_line(error_text(error, language_of(request)))
            return *[gr.skip()] * (2 + len(sliders)), line, "", None, ""
        return values[2], choice, *moved, *both(request, *values), found

    def pick(request: gr.Request, index: int, *values: Any) -> tuple[Any, ...]:
        example = examples()[index]
        moved = [example.strength * (name == example.axis) for name in (*BUILT_IN, OWN)]
        return show(request, (*values[:2], example.sentence, example.axis, *values[4:6], *moved))

    def start(request: gr.Request, *values: Any) -> tuple[Any, ...]:
        return pick(request, 0, *values)

    def refresh(request: gr.Request, *values: Any) -> tuple[Any, ...]:
        return show(request, values)

    def zero(request: gr.Request, *values: Any) -> tuple[Any, ...]:
        zeros = [0.0] * len(sliders)
        return *zeros, *both(request, *values[:6], *zeros)

    def make_own(request: gr.Request, name: str, a: str, b: str, *values: Any) -> tuple[Any, ...]:
        """The visitor's axis: its slider appears at 0, and the filmstrip shows it."""
        language = language_of(request)
        untouched = [gr.skip()] * (3 + len(sliders) + 4)
        try:
            screen = read_screen(codecs, request, values)
            axis = own_axis(
                name, a, b, taken=[*BUILT_IN, *(title for title, _ in screen.choices()[: len(BUILT_IN)])]
            )
            reach = direction(screen.codec, axis)
        except CodecError as error:
            return error_line(error_text(error, language)), *untouched
        shown = show(request, (values[0], axis, values[2], OWN, *values[4:-1], 0.0))
        count = count_text(separation(reach), language)
        note = say("style_own_ready", language, name=axis.name, count=count)
        said = f'<div class="ss-note" role="status">{safe(note)}</div>'
        return said, axis, *shown

    def fill_own(request: gr.Request) -> tuple[str, str, str]:
        axis = read_axis(STYLE_FILES / f"{OWN_EXAMPLE}.tsv")
        name = say("style_own_example_name", language_of(request))
        return name, "\n".join(axis.from_texts), "\n".join(axis.to_texts)

    def file_of(save: Callable[[Screen], str]) -> Callable[..., str | None]:
        def made(request: gr.Request, *values: Any) -> str | None:
            try:
                return save(read_screen(codecs, request, values))
            except CodecError as error:
                gr.Warning(error_text(error, language_of(request)))
                return None

        return made

    with files:
        download_button("common_download_csv", "style-csv", file_of(Screen.csv), inputs)
        download_button("common_download_json", "style-json", file_of(Screen.json), inputs)
        download_button("common_download_html", "style-html", file_of(Screen.page), inputs)

    everything = [sentence, chosen, *sliders, answer, *swept, quality]
    for place, slider in enumerate(sliders):
        slider.input(live, inputs, answer, **LIVE)
        slider.release(released(place), inputs, [chosen, answer, *swept], **LIVE)
    sentence.input(both, inputs, [answer, *swept], **LIVE)
    more.input(live, inputs, answer, **LIVE)
    gr.on([chosen.input, dims.input], sweep, inputs, swept, **LIVE)
    reset.click(zero, inputs, [*sliders, answer, *swept], **MODEL)
    samples.click(pick, [samples, *inputs], everything, **MODEL)
    pair.change(refresh, inputs, everything, **MODEL)
    make.click(make_own, [name, from_text, to_text, *inputs], [said, own, *everything], **MODEL)
    fill.click(fill_own, None, [name, from_text, to_text], api_visibility="private")
    page = Context.root_block
    assert isinstance(page, gr.Blocks)
    page.load(start, inputs, everything, **MODEL)
