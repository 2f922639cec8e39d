"""The Style tab: a sentence and a slider for each style axis; the answer follows the sliders."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr
from gradio.components import Component

from demos.codec import Codec, Codecs
from demos.operations.axes import BUILT_IN, Axis, built_in_axes, direction, separation
from demos.operations.restyling import (
    Filmstrip,
    Styled,
    StyleExample,
    examples,
    filmstrip_rows,
    make_filmstrip,
    restyle,
)
from demos.plots.figures import Figure
from demos.plots.styles import filmstrip_figure
from demos.ui import exports
from demos.ui.compare import Answers, build_compare
from demos.ui.downloads import download_buttons
from demos.ui.i18n import Language, error_text, say, t
from demos.ui.live import Asked, Event, Live, Parts, Shown, filled
from demos.ui.markup import error_line, status_line, two_or_three
from demos.ui.own_axes import (
    PLACES,
    OwnAxes,
    OwnForm,
    after_removal,
    axis_slider,
    build_own_axes,
    build_own_form,
)
from demos.ui.send import Courier
from demos.ui.speaking_map import speaking, speaking_plot
from demos.ui.styles import axis_ends, axis_title, count_text, filmstrip_html, quality_html, styled_html

ALTERNATIVES = 4
# The axis of a slider that moves becomes the filmstrip's, on the page alone. The event may be that of another
# slider, which moved before: Gradio repeats it when a request has ended.
AXIS_IN_HAND = (
    "() => document.activeElement?.closest('.style-slider')?.id.replace('style-slider-', '') ?? '{name}'"
)


@dataclass(frozen=True)
class Controls:
    """The tab's controls and what they change."""

    pair: gr.State
    own: OwnAxes
    sentence: gr.Textbox
    sliders: dict[str, gr.Slider]  # by the axis' name, the visitor's own by their places
    reset: gr.Button
    answer: gr.HTML
    wordings: gr.Checkbox
    examples: gr.Dataset
    axis: gr.Radio  # of the filmstrip
    strip: gr.HTML
    files: gr.Row
    plot: gr.Plot
    dims: gr.Radio
    own_form: OwnForm
    quality: gr.HTML

    @property
    def inputs(self) -> list[Component]:
        """All that an answer depends on."""
        choices = [self.axis, self.dims, self.wordings]
        return [self.pair, self.own.packed, self.sentence, *choices, *self.sliders.values()]


@dataclass(frozen=True)
class StyleQuestion:
    """What the tab's controls say at one moment."""

    codec: Codec
    language: Language
    axes: tuple[Axis, ...]
    sentence: str
    chosen: str  # the axis of the filmstrip
    strengths: dict[str, float]
    dims: int
    alternatives: int

    @classmethod
    def read(cls, codec: Codec, controls: Controls, asked: Asked) -> StyleQuestion:
        axes = (*built_in_axes(), *controls.own.axes(asked))
        names = dict(zip(controls.sliders, (axis.name for axis in axes), strict=False))
        values = [float(asked[slider] or 0) for slider in controls.sliders.values()]
        return cls(
            codec=codec,
            language=asked.language,
            axes=axes,
            sentence=asked[controls.sentence] or "",
            chosen=names.get(asked[controls.axis], axes[0].name),
            strengths={axis.name: value for axis, value in zip(axes, values, strict=False)},
            dims=asked[controls.dims],
            alternatives=ALTERNATIVES if asked[controls.wordings] else 0,
        )

    def found(self, quick: bool = False) -> Styled:
        return restyle(self.codec, self.sentence, self.strengths, self.axes, self.alternatives, quick)

    def answer(self, found: Styled) -> str:
        return styled_html(found, self.axes, self.codec.title, self.language)

    def strip(self, quick: bool = False) -> Filmstrip:
        return make_filmstrip(self.codec, self.sentence, self.chosen, self.strengths, self.axes, quick=quick)

    def film(self, strip: Filmstrip) -> str:
        return filmstrip_html(strip, self.strengths.get(self.chosen, 0.0), self.language)

    def map(self, strip: Filmstrip) -> Figure:
        """The way of the sentence along the chosen axis."""
        words = {name: say(f"style_plot_{name}", self.language) for name in ("path", "decoded", "now")}
        for side, end in zip(("from", "to"), axis_ends(strip.direction.axis, self.language), strict=True):
            words[side] = end
        now = self.strengths.get(self.chosen, 0.0)
        return filmstrip_figure(strip, now, words, dims=self.dims, language=self.language)

    def file(self, kind: str) -> str:
        """The filmstrip as a file, "csv", "json" or "html" (the map) → its path."""
        strip = self.strip()
        if kind == "html":
            return exports.save_map(self.map(strip), "style", self.language)
        return exports.save_rows(filmstrip_rows(strip), "style", kind, self.language)

    def quality(self) -> str:
        return quality_html([direction(self.codec, axis) for axis in self.axes], self.language)

    def slider(self, axis: Axis) -> Any:
        """The update of an axis' slider: its range depends on the pair's space."""
        reach = direction(self.codec, axis).reach
        value = max(-reach, min(reach, self.strengths[axis.name]))
        update = gr.update(minimum=-reach, maximum=reach, value=value)
        return update if axis.name in BUILT_IN else {**update, "label": axis.name}

    def choices(self) -> list[tuple[str, str]]:
        """The axes as the filmstrip's choice shows them."""
        return [
            (axis_title(axis, self.language), place)
            for axis, place in zip(self.axes, (*BUILT_IN, *PLACES), strict=False)
        ]


def build(codecs: Codecs, pair: gr.State, courier: Courier, opened: Event) -> None:
    """The tab, inside a gr.Tab of the page; `opened` is the event of its being opened."""
    controls = _lay_out(pair)
    sliders = controls.sliders

    def read(asked: Asked) -> StyleQuestion:
        return StyleQuestion.read(codecs.get(asked[pair]), controls, asked)

    def answer(asked: Asked) -> Parts:
        """The answer as soon as there is one; the filmstrip and the map take longer."""
        question = read(asked)
        found = question.found(asked.quick)
        yield {controls.answer: question.answer(found)}
        strip = question.strip(asked.quick)
        picture = speaking(question.map(strip), question.codec, "style")
        yield {controls.strip: question.film(strip), controls.plot: picture}
        return found.decoded.quick or strip.quick

    live = Live(
        answer,
        controls.inputs,
        [controls.answer, controls.strip, controls.plot],
        failed=lambda line: {controls.answer: line, controls.strip: "", controls.plot: None},
    )
    for name, slider in sliders.items():
        slider.input(None, None, controls.axis, js=AXIS_IN_HAND.format(name=name), api_visibility="private")
    live.follow(
        *(slider.input for slider in sliders.values()),
        controls.sentence.change,  # `input` misses what is pasted
        controls.axis.input,
        controls.wordings.input,
        controls.dims.input,
    )
    _listen(read, controls, live, courier, opened)

    def ask(codec: Codec, asked: Asked) -> Answers:
        styled = StyleQuestion.read(codec, controls, asked).found()
        return [(styled.sentence, styled.decoded)]

    build_compare(codecs, "style", controls.inputs, ask, sentences=True)
    with controls.files:
        download_buttons("style", lambda asked, kind: read(asked).file(kind), controls.inputs)


def _listen(
    read: Callable[[Asked], StyleQuestion], controls: Controls, live: Live, courier: Courier, opened: Event
) -> None:
    """What fills the controls in: the tab's being opened, another pair, examples, the visitor's own axis."""
    sliders = controls.sliders

    def arranged(asked: Asked, changed: Shown | None = None) -> Shown:
        """The updates for new values of some controls; the ranges of the sliders are those of the pair."""
        changed = changed or {}
        asked.fill(changed)
        question = read(asked)
        return {
            **changed,
            **controls.own.shown(len(question.axes) - len(BUILT_IN)),
            **{
                slider: question.slider(axis)
                for axis, slider in zip(question.axes, sliders.values(), strict=False)
            },
            controls.axis: gr.update(choices=question.choices(), value=asked[controls.axis]),
            controls.quality: question.quality(),
        }

    def strengths(example: StyleExample) -> Shown:
        return {slider: example.strength * (name == example.axis) for name, slider in sliders.items()}

    def first(asked: Asked) -> Shown:
        """The sliders of the first example, whose sentence the tab has from the start: one that a hand has
        put in its place meanwhile stays, and is answered as it is."""
        shown = examples()[0]
        return arranged(asked, strengths(shown) if asked[controls.sentence] == shown.sentence else None)

    def example(asked: Asked) -> Shown:
        shown = examples()[asked[controls.examples]]
        new = {**strengths(shown), controls.sentence: shown.sentence, controls.axis: shown.axis}
        return arranged(asked, new)

    def own(asked: Asked) -> Shown:
        """One more axis of the visitor's: its slider appears at 0, and the filmstrip shows it."""
        language = asked.language
        try:
            titles = [axis_title(axis, language) for axis in built_in_axes()]
            axis = controls.own_form.axis(asked, controls.own.axes(asked), titles)
            count = count_text(separation(direction(read(asked).codec, axis)), language)
        except Exception as error:
            return {controls.own_form.said: error_line(error_text(error, language))}
        said = status_line(say("style_own_ready", language, name=axis.name, count=count))
        place, new = controls.own.with_one_more(asked, axis)
        return {controls.own_form.said: said, **arranged(asked, {**new, controls.axis: place})}

    def without(asked: Asked, gone: int) -> Shown:
        """The visitor's axes but one."""
        new = {**controls.own.without(asked, gone), controls.axis: after_removal(asked[controls.axis], gone)}
        return {controls.own_form.said: "", **arranged(asked, new)}

    def restored(asked: Asked) -> Shown:
        """What a link says of the axes; where they cannot be made there are none."""
        try:
            return {controls.own_form.said: "", **arranged(asked)}
        except Exception as error:
            said = error_line(error_text(error, asked.language))
            none: Shown = {controls.own.packed: "", controls.axis: BUILT_IN[0]}
            return {controls.own_form.said: said, **arranged(asked, none)}

    boxes = [row.box for row in controls.own.rows.values()]
    others = [controls.own.packed, controls.own_form.said, controls.sentence, controls.axis, controls.quality]
    fills = [*sliders.values(), *boxes, *others]
    how: dict[str, Any] = {"quick": True, "waiting": controls.answer, "fills": fills}
    live.now(opened, fill=first, visited=False, **how)
    live.now(controls.pair.change, fill=arranged, visited=True, **how)
    live.now(controls.examples.click, fill=example, reads=[controls.examples], **how)
    live.now(
        courier.to("style"),
        fill=lambda asked: arranged(asked, {controls.sentence: asked[courier.letter]}),
        reads=[courier.letter],
        **how,
    )
    live.now(controls.own_form.make.click, fill=own, reads=controls.own_form.boxes, **how)
    live.now(controls.own.again.click, fill=restored, **how)
    for gone, row in enumerate(controls.own.rows.values()):
        live.now(row.remove.click, fill=partial(without, gone=gone), **how)
    zeros: Shown = dict.fromkeys(sliders.values(), 0.0)
    live.now(controls.reset.click, fill=filled(zeros), fills=list(zeros), quick=True)


def _lay_out(pair: gr.State) -> Controls:
    gr.Markdown(t("style_intro"), elem_classes="ss-intro")
    with gr.Row(elem_id="style-board"):
        with gr.Column(scale=5, min_width=320, elem_id="style-asked"):
            sentence = gr.Textbox(
                examples()[0].sentence,
                label=t("common_sentence"),
                info=t("style_sentence_info"),
                lines=2,
                max_lines=6,
                elem_id="style-sentence",
            )
            sliders = {name: axis_slider(name, label=t(f"style_axis_{name}")) for name in BUILT_IN}
            own = build_own_axes()
            reset = gr.Button(t("style_reset"), size="sm", elem_id="style-reset")
        with gr.Column(scale=6, min_width=320, elem_id="style-said"):
            answer = gr.HTML(elem_id="style-answer", container=True, padding=True)
            more = gr.Checkbox(False, label=t("common_wordings"), elem_id="style-more", container=False)
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
            plot = speaking_plot("style-plot")
            dims = two_or_three("style-dims", label=t("style_plot"), info=t("style_plot_note"))
    form = build_own_form()
    with gr.Accordion(t("style_quality"), open=False, elem_id="style-quality"):
        quality = gr.HTML(elem_id="style-quality-table", padding=False)
    return Controls(
        pair=pair,
        own=own,
        sentence=sentence,
        sliders=sliders | own.sliders,
        reset=reset,
        answer=answer,
        wordings=more,
        examples=samples,
        axis=chosen,
        strip=strip,
        files=files,
        plot=plot,
        dims=dims,
        own_form=form,
        quality=quality,
    )
