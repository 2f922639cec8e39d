"""The Average tab: many reviews → one average sentence and the main opinions."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from gradio.context import Context

from demos import average_view as view
from demos import plot
from demos.average_io import (
    Done,
    example_of,
    read_reviews,
    read_settings,
    save_csv,
    save_json,
    save_sentences,
)
from demos.codec import Codec, CodecError, Codecs
from demos.compare import Rows, build_compare
from demos.downloads import download_button
from demos.i18n import error_text, language_of, say, t
from demos.markup import error_line
from demos.opinions import (
    LARGEST_TRIM,
    MOST_CHOICES,
    MOST_OPINIONS,
    encode_into,
    encoded_with,
    summarise,
    summarise_reviews,
)
from demos.reviews import examples, sentences_of
from demos.tables import KINDS, Table, read_table

_NO_WEIGHT = ""
MODEL: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 8, "api_visibility": "private"}


Shown = tuple[Any, ...]  # updates of components, in the order that `build` names them


def build(codecs: Codecs, pair: gr.State) -> None:
    """The tab, inside a gr.Tab of the page."""

    def shown(done: Done, language: str) -> Shown:
        """The updates of `answers`."""
        codec = codecs.get(done.encoded.pair)
        return (
            view.average_html(done.summary, done.encoded, codec.title, done.example, language),
            view.opinions_html(done.summary, done.encoded, language),
            done,
            len(done.summary.opinions),
        )

    def run(
        request: gr.Request,
        text: str,
        file: Table | None,
        column: str | None,
        weight: str | None,
        dims: int,
        name: str,
        *controls: Any,
    ) -> Iterator[Shown]:
        """Encodes with a progress bar, then sums up. Where that fails, what was there stays."""
        language = language_of(request)
        ready = gr.update(visible=True), gr.update(visible=False)
        busy = gr.update(visible=False), gr.update(visible=True)
        nothing = (gr.skip(),) * 5
        started = time.monotonic()
        yield view.status(say("average_reading", language)), *nothing, *busy
        try:
            settings = read_settings(*controls)
            sentences = sentences_of(read_reviews(text or "", file, column, weight))
            codec = codecs.get(name)
            total = len(sentences.texts)
            vectors = np.empty((total, codec.dim), dtype=np.float32)
            for count in encode_into(codec, sentences.texts, vectors):
                working = say("average_working", language, done=count, total=total)
                yield view.status(working, count, total), *nothing, *busy
            yield view.status(say("average_writing", language), total, total), *nothing, *busy
            encoded = encoded_with(codec, sentences, vectors)
            done = Done(
                encoded, summarise(codec, encoded, settings), settings, None if file else example_of(text)
            )
            seconds = f"{time.monotonic() - started:.1f}"
            ended = say("average_done", language, sentences=total, seconds=seconds)
            status = view.status(ended, after=view.notes(sentences, language))
            yield (
                status,
                *shown(done, language),
                view.map_of(codec, encoded, done.summary, dims, language),
                *ready,
            )
        except CodecError as error:
            yield error_line(error_text(error, language)), *nothing, *ready

    def again(request: gr.Request, done: Done | None, *controls: Any) -> Shown:
        """The answer for other settings; the vectors are there already."""
        if done is None:
            return (gr.skip(),) * 5
        language = language_of(request)
        try:
            settings = read_settings(*controls)
            codec = codecs.get(done.encoded.pair)
            done = replace(done, settings=settings, summary=summarise(codec, done.encoded, settings))
            return (gr.skip(), *shown(done, language))
        except CodecError as error:
            return (error_line(error_text(error, language)), *(gr.skip(),) * 4)

    def draw(done: Done | None, dims: int, request: gr.Request) -> plot.Figure | None:
        if done is None:
            return None
        codec = codecs.get(done.encoded.pair)
        return view.map_of(codec, done.encoded, done.summary, dims, language_of(request))

    def receive(path: str, runs: int, request: gr.Request) -> Shown:
        """Reads an uploaded file and shows its columns; a file that cannot be read changes nothing."""
        language = language_of(request)
        try:
            table = read_table(path)
        except (CodecError, OSError) as error:
            said = error_text(error, language) if isinstance(error, CodecError) else str(error)
            return (error_line(said), *(gr.skip(),) * 7)
        weights = [(name, name) for name in table.number_columns]
        return (
            gr.skip(),
            table,
            view.file_line(Path(path).name, table, language),
            gr.update(choices=table.text_columns, value=table.text_columns[0]),
            gr.update(
                choices=[(say("average_no_weight", language), _NO_WEIGHT), *weights],
                value=_NO_WEIGHT,
                visible=bool(weights),
            ),
            gr.update(visible=True),
            gr.update(visible=False),
            runs + 1,
        )

    def stopped(request: gr.Request) -> Shown:
        note = view.status(say("average_stopped", language_of(request)))
        return note, gr.update(visible=True), gr.update(visible=False)

    done, file, runs = gr.State(None), gr.State(None), gr.State(0)
    gr.Markdown(t("average_intro"), elem_classes="ss-intro")
    with gr.Row():
        with gr.Column(scale=2, min_width=320):
            with gr.Row(elem_classes="ss-examples"):
                buttons = [
                    gr.Button(t(f"average_example_{one.name}"), size="sm", elem_id=f"average-{one.name}")
                    for one in examples()
                ]
            with gr.Column() as text_part:
                text = gr.Textbox(
                    examples()[0].text,
                    label=t("average_text"),
                    info=t("average_text_info"),
                    placeholder=t("average_placeholder"),
                    lines=5,
                    max_lines=5,
                    elem_id="average-text",
                )
            with gr.Column(visible=False) as file_part:
                about_file = gr.Markdown(elem_id="average-file")
                with gr.Row():
                    column = gr.Dropdown(
                        [], label=t("average_column"), elem_id="average-column", min_width=140
                    )
                    weight = gr.Dropdown(
                        [], label=t("average_weight"), elem_id="average-weight", min_width=140
                    )
                forget = gr.Button(t("average_forget"), size="sm", elem_id="average-forget")
            with gr.Row():
                start = gr.Button(t("average_go"), variant="primary", elem_id="average-go", min_width=140)
                stop = gr.Button(t("common_stop"), visible=False, elem_id="average-stop", min_width=140)
                upload = gr.UploadButton(
                    t("average_upload"),  # type: ignore[arg-type]
                    file_types=list(KINDS),
                    elem_id="average-upload",
                    min_width=140,
                )
            status = gr.HTML(elem_id="average-status")
            number = gr.Slider(
                1, MOST_OPINIONS, 4, step=1, label=t("average_opinions"), elem_id="average-opinions"
            )
            trim = gr.Slider(
                0, 100 * LARGEST_TRIM, 0, step=5, label=t("average_trim"), elem_id="average-trim"
            )
            auto = gr.Checkbox(True, label=t("average_auto"), elem_id="average-auto")
            gr.Markdown(t("average_examples_note"), elem_classes="ss-note")
        with gr.Column(scale=3, min_width=320):
            answer = gr.HTML(elem_id="average-answer")
            gr.Markdown(t("average_main"), elem_classes="ss-heading")
            opinions = gr.HTML(elem_id="average-list")
            with gr.Row():
                download_button("common_download_csv", "average-csv", save_csv, done)
                download_button("average_sentences_csv", "average-sentences", save_sentences, done)
                download_button("common_download_json", "average-json", save_json, done)
    with gr.Accordion(t("common_settings"), open=False, elem_id="average-settings"), gr.Row():
        count = gr.Radio(
            [(t("average_count_sentence"), "sentence"), (t("average_count_review"), "review")],
            value="sentence",
            label=t("average_count"),
            elem_id="average-count",
        )
        choices = gr.Slider(
            1,
            MOST_CHOICES,
            3,
            step=1,
            label=t("average_choices"),
            info=t("average_choices_info"),
            elem_id="average-choices",
        )
        apart = gr.Checkbox(True, label=t("average_apart"), elem_id="average-apart")
    with gr.Row(equal_height=True):
        with gr.Column(scale=3, min_width=320):
            gr.Markdown(t("average_plot"), elem_classes="ss-note")
        dims = gr.Radio(
            [(t("common_plot_2d"), 2), (t("common_plot_3d"), 3)],
            value=2,
            label=t("common_plot"),
            elem_id="average-dims",
            min_width=160,
        )
    picture = gr.Plot(show_label=False, elem_id="average-plot")

    controls = [number, auto, trim, count, apart, choices]

    def ask(codec: Codec, text: str, file: Table | None, column: str, weight: str, *controls: Any) -> Rows:
        reviews = read_reviews(text or "", file, column, weight)
        average = summarise_reviews(codec, reviews, read_settings(*controls)).average
        return [(f"Σ {len(reviews)}", average.decoded)]

    build_compare(codecs, "average", [text, file, column, weight, *controls], ask)
    answers = [answer, opinions, done, number]
    assert Context.root_block is not None  # the page that is being built
    running = gr.on(
        [Context.root_block.load, start.click, runs.change, pair.change],
        run,
        [text, file, column, weight, dims, pair, *controls],
        [status, *answers, picture, start, stop],
        show_progress="hidden",
        trigger_mode="multiple",
        **MODEL,
    )
    stop.click(stopped, None, [status, start, stop], cancels=running, api_visibility="private")
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    for button, example in zip(buttons, examples(), strict=True):
        button.click(
            lambda count, filled=example.text: (
                filled,
                None,
                gr.update(visible=True),
                gr.update(visible=False),
                count + 1,
            ),
            runs,
            [text, file, text_part, file_part, runs],
            cancels=running,
            **quick,
        )
    upload.upload(
        receive,
        [upload, runs],
        [status, file, about_file, column, weight, file_part, text_part, runs],
        cancels=running,
        **quick,
    )
    forget.click(
        lambda count: (None, gr.update(visible=True), gr.update(visible=False), count + 1),
        runs,
        [file, text_part, file_part, runs],
        cancels=running,
        **quick,
    )
    for place in (column, weight):
        place.input(lambda count: count + 1, runs, runs, cancels=running, **quick)

    number.input(lambda: False, None, auto, queue=False, **quick)
    for slider in (number, trim, choices):
        inputs = [done, *controls]
        if slider is number:  # the hand on the slider chooses, whatever the box says so far
            inputs[2] = gr.State(False)
        for event, mode in ((slider.input, "always_last"), (slider.release, "once")):
            live = event(
                again, inputs, [status, *answers], trigger_mode=mode, show_progress="hidden", **MODEL
            )
            live.then(draw, [done, dims], picture, **quick)
    for choice in (auto, count, apart):
        chosen = choice.input(again, [done, *controls], [status, *answers], show_progress="hidden", **MODEL)
        chosen.then(draw, [done, dims], picture, **quick)
    dims.input(draw, [done, dims], picture, **quick)
