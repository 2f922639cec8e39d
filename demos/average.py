"""The Average tab: many reviews → one average sentence and the main opinions."""

from __future__ import annotations

from typing import Any

import gradio as gr

from demos.average_flow import Flow
from demos.average_io import save_csv, save_json, save_sentences
from demos.codec import Codecs
from demos.compare import build_compare
from demos.downloads import download_button
from demos.i18n import t
from demos.latest import settle
from demos.opinions import LARGEST_TRIM, MOST_CHOICES, MOST_OPINIONS, Settings
from demos.reviews import examples
from demos.tables import KINDS
from demos.visits import on_first_visit

MODEL: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 8, "api_visibility": "private"}


def build(codecs: Codecs, pair: gr.State) -> None:
    """The tab, inside a gr.Tab of the page."""

    flow = Flow(codecs)
    done, file, runs, read = gr.State(None), gr.State(None), gr.State(0), gr.State(None)
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
            auto = gr.Checkbox(True, label=t("average_auto"), elem_id="average-auto")
            trim = gr.Slider(
                0, 100 * LARGEST_TRIM, 0, step=5, label=t("average_trim"), elem_id="average-trim"
            )
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
            Settings().choices,
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
    download_button("common_download_html", "average-html", flow.page, [done, dims])

    controls = [number, auto, trim, count, apart, choices]

    build_compare(codecs, "average", [text, file, column, weight, *controls], flow.ask)
    answers = [answer, opinions, done, number]
    gr.on(
        [start.click, runs.change],
        flow.run,
        [text, file, column, weight, dims, pair, *controls],
        [status, *answers, picture, start, stop],
        show_progress="hidden",
        trigger_mode="multiple",
        **MODEL,
    )
    stop.click(flow.stopped, None, [status, start, stop], api_visibility="private")
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
            **quick,
        )
    upload.upload(
        flow.receive,
        [upload, runs],
        [status, file, about_file, column, weight, file_part, text_part, runs, start, stop, read],
        **quick,
    )
    forget.click(
        lambda count: (None, gr.update(visible=True), gr.update(visible=False), count + 1),
        runs,
        [file, text_part, file_part, runs],
        **quick,
    )
    for place in (column, weight):  # a Dropdown's `input` comes twice, its `blur` without a choice too
        place.blur(flow.reread, [runs, read, column, weight], [runs, read], **quick)

    on_first_visit(lambda _, count: (count + 1,), [runs], [runs], pair, **quick)

    number.input(lambda: False, None, auto, queue=False, **quick)
    for slider in (number, trim, choices):
        inputs = [done, *controls]
        if slider is number:  # the hand on the slider chooses, whatever the box says so far
            inputs[2] = gr.State(False)
        live = slider.input(
            flow.live,
            inputs,
            [status, *answers[:-1]],
            trigger_mode="always_last",
            show_progress="hidden",
            **MODEL,
        )
        final = slider.release(flow.again, inputs, [status, *answers], show_progress="hidden", **MODEL)
        for event in (live, final):
            event.then(flow.draw, [done, dims], picture, **quick)
    settle(flow.latest, [answer], flow.careful, [done, dims, *controls], [status, *answers[:-1], picture])
    for choice in (auto, count, apart):
        chosen = choice.input(
            flow.again, [done, *controls], [status, *answers], show_progress="hidden", **MODEL
        )
        chosen.then(flow.draw, [done, dims], picture, **quick)
    dims.input(flow.draw, [done, dims], picture, **quick)
