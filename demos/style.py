"""The Style tab: a sentence and a slider for each style axis; the answer follows the sliders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from demos.axes import BUILT_IN, STYLE_FILES, direction, own_axis, read_axis, separation
from demos.codec import Codec, CodecError, Codecs
from demos.compare import Rows, build_compare
from demos.downloads import download_button
from demos.i18n import error_text, language_of, say, t
from demos.latest import Latest, settle
from demos.markup import error_line, safe
from demos.plot import Figure
from demos.restyle import examples, make_filmstrip, restyle
from demos.style_screen import OWN, Screen, read_screen
from demos.style_view import count_text
from demos.visits import on_first_visit

__all__ = ["build", "make_filmstrip", "restyle"]

OWN_EXAMPLE = "past_future"
MODEL: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 8, "api_visibility": "private"}
# Waiting shows on the answer alone, not over every control.
BUSY: dict[str, Any] = {**MODEL, "show_progress": "minimal"}
LIVE: dict[str, Any] = {**MODEL, "trigger_mode": "always_last", "show_progress": "hidden"}


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

    latest = Latest()

    def answers(request: gr.Request, values: tuple[Any, ...], run: int = 0) -> Iterator[tuple[Any, Any, Any]]:
        """The answer as soon as there is one; the filmstrip and the map take longer."""
        quick = False
        try:
            screen = read_screen(codecs, request, values)
            found = screen.found(quick=run > 0)
            yield screen.answer(found, run), gr.skip(), gr.skip()
            strip = screen.strip(quick=run > 0)
            quick = found.decoded.quick or strip.quick
            yield gr.skip(), screen.film(strip), screen.map(strip)
        except CodecError as error:
            yield error_line(error_text(error, language_of(request))), "", None
        if not quick:
            latest.end(request, run)

    def careful(request: gr.Request, *values: Any) -> Iterator[tuple[Any, Any, Any]]:
        """For the sentence and the strengths of the quick answer: the sliders may not be there yet."""
        asked = latest.asked(request) or values
        yield from answers(request, (*values[:2], *asked[2:4], *values[4:6], *asked[6:]))

    def follow(request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Quick answers, for a moving slider: the careful ones come when it rests."""
        run = latest.begin(request, values)
        yield from latest.only(request, run, answers(request, values, run))

    def everything_of(request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """What `follow` shows, in one piece."""
        parts = list(answers(request, values, latest.begin(request, values)))
        return parts[0][0], *parts[-1][1:]

    def draw(request: gr.Request, *values: Any) -> Figure | None:
        try:
            screen = read_screen(codecs, request, values)
            return screen.map(screen.strip(quick=True))
        except CodecError:
            return None  # the answer says what is wrong

    def moved(place: int) -> Callable[..., Iterator[tuple[Any, ...]]]:
        """What a moved slider does: its axis becomes the filmstrip's, and everything follows."""
        axis = (*BUILT_IN, OWN)[place]

        def handle(request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
            chosen = gr.skip() if values[3] == axis else axis
            for part in follow(request, *values[:3], axis, *values[4:]):
                yield chosen, *part

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
        return values[2], choice, *moved, *everything_of(request, *values), found

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
        return *zeros, *everything_of(request, *values[:6], *zeros)

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

    def ask(codec: Codec, *values: Any) -> Rows:
        screen = read_screen(codecs, None, (codec.name, *values))
        styled = restyle(codec, screen.sentence, screen.strengths, screen.axes)
        return [(styled.sentence, styled.decoded)]

    build_compare(codecs, "style", inputs[1:], ask)
    with files:
        download_button("common_download_csv", "style-csv", file_of(Screen.csv), inputs)
        download_button("common_download_json", "style-json", file_of(Screen.json), inputs)
        download_button("common_download_html", "style-html", file_of(Screen.page), inputs)

    shown = [answer, strip, plot]
    everything = [sentence, chosen, *sliders, *shown, quality]
    # One event a step: Gradio drops the last step of an "always_last" event that another one follows.
    for place, slider in enumerate(sliders):
        slider.input(moved(place), inputs, [chosen, *shown], **LIVE)
    sentence.change(follow, inputs, shown, **LIVE)  # `input` misses what is pasted
    chosen.input(follow, inputs, shown, **LIVE)
    reset.click(zero, inputs, [*sliders, *shown], **LIVE)
    more.input(follow, inputs, shown, **LIVE)
    settle(latest, [answer, strip], careful, inputs, shown)
    dims.input(draw, inputs, plot, **LIVE)
    samples.click(pick, [samples, *inputs], everything, show_progress_on=answer, **BUSY)
    make.click(
        make_own,
        [name, from_text, to_text, *inputs],
        [said, own, *everything],
        show_progress_on=answer,
        **BUSY,
    )
    fill.click(fill_own, None, [name, from_text, to_text], api_visibility="private")
    on_first_visit(start, inputs, everything, pair, refresh, show_progress_on=answer, **BUSY)
