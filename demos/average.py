"""The Average tab: many reviews → one average sentence and the main opinions."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.components import Component

from demos.codec import Codec, Codecs
from demos.operations.files.tables import Table
from demos.operations.opinions import (
    LARGEST_TRIM,
    MOST_CHOICES,
    MOST_OPINIONS,
    Encoded,
    Settings,
    Summary,
    comparable,
    compare,
    encode_sentences,
    sentence_rows,
    summarise,
    summarise_by_parts,
    summarise_reviews,
    summary_rows,
)
from demos.operations.reviews import (
    Review,
    ReviewsError,
    ReviewsExample,
    collect_sentences,
    examples,
    from_table,
    pasted,
)
from demos.ui import exports
from demos.ui.compare import Answers, build_compare
from demos.ui.downloads import download_buttons
from demos.ui.i18n import language_of, say, t
from demos.ui.live import PAGE_ONLY, Asked, Event, Live, LongWork, Parts, Shown, filled
from demos.ui.markup import status_line, two_or_three
from demos.ui.opinions import average_html, comparison_html, done_line, opinions_html, opinions_map
from demos.ui.send import Courier
from demos.ui.speaking_map import speaking, speaking_plot
from demos.ui.uploads import Upload, build_upload

MOST_PASTED = 2_000_000  # characters in the text box


@dataclass(frozen=True)
class Question:
    """Reviews that are to be summed up: the file's where there is one, else those of the text."""

    text: str
    file: Table | None
    column: str | None
    weight: str | None
    pair: str

    def reviews(self) -> list[Review]:
        """
        Raises:
            ReviewsError, TableError: what is wrong with them.
        """
        if self.file is None:
            if len(self.text) > MOST_PASTED:
                message = f"{len(self.text)} characters"
                raise ReviewsError("too_much", message, count=len(self.text), limit=MOST_PASTED)
            return pasted(self.text)
        return from_table(self.file, self.column or "", self.weight or None)


@dataclass(frozen=True, eq=False)
class Done:
    """An answer with all that it came from, and the seconds that the work took."""

    encoded: Encoded
    summary: Summary
    settings: Settings
    example: ReviewsExample | None
    seconds: float = 0.0

    @property
    def nbytes(self) -> int:
        """About how many bytes it holds: those of the vectors, and 500 for the texts of a sentence."""
        return int(self.encoded.vectors.nbytes) + 500 * len(self.encoded.sentences.texts)

    def compared(self, column: str, language: str) -> str:
        """The opinions by the values of a column, as HTML; "" where there is no such column to compare by."""
        if column not in comparable(self.encoded.sentences):
            return ""
        found = compare(self.summary, self.encoded, self.settings, column)
        return comparison_html(found, self.summary.opinions, language)

    def file(self, kind: str, dims: int, language: str) -> str:
        """A file to download → its path: the opinions ("csv"), their sentences ("sentences", a CSV file, and
        "xlsx"), both ("json"), or the map ("html")."""
        if kind == "html":
            drawn = opinions_map(self.encoded, self.summary, dims, language)
            return exports.save_map(drawn, "average", language)
        opinions = summary_rows(self.summary, self.encoded, self.settings)
        if kind == "csv":
            return exports.save_csv(opinions, "average", language)
        sentences = sentence_rows(self.summary, self.encoded, self.settings)
        if kind == "json":
            return exports.save_json([*opinions, *sentences], "average")
        return exports.save_rows(sentences, "sentences", "csv" if kind == "sentences" else kind, language)


@dataclass(frozen=True)
class Controls:
    """The tab's controls and what they change."""

    pair: gr.State
    examples: list[gr.Button]
    text_part: gr.Column
    text: gr.Textbox
    upload: Upload  # counts in the place of the text while it has a table
    go: gr.Button
    stop: gr.Button
    status: gr.HTML
    number: gr.Slider
    auto: gr.Checkbox
    trim: gr.Slider
    answer: gr.HTML
    opinions: gr.HTML
    by: gr.Dropdown  # the column that the opinions are compared by
    compared: gr.HTML
    files: gr.Row
    count: gr.Radio
    choices: gr.Slider
    apart: gr.Checkbox
    length: gr.Radio
    dims: gr.Radio
    plot: gr.Plot
    page_file: gr.Row
    done: gr.State  # Done, None before there is an answer

    @property
    def inputs(self) -> list[Component]:
        """All that an answer depends on, but for the pair."""
        reviews = [self.text, self.upload.table, self.upload.column, self.upload.weight]
        settings = [self.number, self.auto, self.trim, self.count, self.choices, self.apart, self.length]
        return [*reviews, *settings]

    def question(self, asked: Asked) -> Question:
        upload = self.upload
        file = asked[upload.table], asked[upload.column], asked[upload.weight]
        return Question(asked[self.text] or "", *file, asked[self.pair])

    def settings(self, asked: Asked) -> Settings:
        """The trim is a percentage on the page. BadSetting for a value out of range."""
        number = asked[self.number]
        return Settings(
            opinions=None if asked[self.auto] or not number else int(number),
            trim=float(asked[self.trim] or 0) / 100,
            count="review" if asked[self.count] == "review" else "sentence",
            apart=bool(asked[self.apart]),
            choices=int(asked[self.choices] or 1),
            length="article" if asked[self.length] == "article" else "agreement",
        )


def build(codecs: Codecs, pair: gr.State, courier: Courier, opened: Event) -> None:
    """The tab, inside a gr.Tab of the page; `opened` is the event of its being opened.

    No sentence is sent to this tab, so its courier has nothing to do: all tabs are built with one.
    """
    controls = _lay_out(pair)

    def answer(asked: Asked) -> Parts:
        """The answer, then its map. Where reviews are still to be encoded that comes before both, and the
        average, decoded quickly, before the whole answer."""
        language, settings, started = asked.language, controls.settings(asked), time.monotonic()
        done: Done | None = asked.done
        if asked.todo is not None:
            encoded = yield from _encoded(codecs, controls, asked)
        elif done is not None:
            encoded = done.encoded
        else:
            return False
        codec = codecs.get(encoded.pair)
        if asked.todo is not None or done is None:
            example = None if asked.todo.file else example_of(asked.todo.text)
            for summary in summarise_by_parts(codec, encoded, settings, asked.quick):
                if not summary.opinions:
                    html = average_html(summary, encoded, codec.title, example, language)
                    yield {controls.answer: html}
            done = Done(encoded, summary, settings, example, time.monotonic() - started)
        else:
            summary = summarise(codec, encoded, settings, asked.quick)
            done = replace(done, summary=summary, settings=settings)
        asked.done, asked.todo = done, None
        shown: Shown = {
            controls.status: done_line(encoded.sentences, done.seconds, language),
            controls.answer: average_html(summary, encoded, codec.title, done.example, language),
            controls.opinions: opinions_html(summary, encoded, language),
            controls.done: done,
            **_columns(controls, asked, done),
        }
        if not asked.quick:  # while the hand moves, it may be on this slider
            shown[controls.number] = len(summary.opinions)
        yield shown
        drawn = opinions_map(encoded, summary, asked[controls.dims], language)
        yield {controls.plot: speaking(drawn, codec, "average")}
        return summary.quick

    live = Live(
        answer,
        [pair, *controls.inputs, controls.by, controls.dims],
        [
            controls.status,
            controls.answer,
            controls.opinions,
            controls.by,
            controls.compared,
            controls.done,
            controls.number,
            controls.plot,
        ],
        failed=lambda line: {controls.status: line},
        work=LongWork(
            controls.question, controls.go, controls.stop, controls.status, stopped="average_stopped"
        ),
    )
    # A hand on this slider chooses, whatever the box has said so far.
    controls.number.input(None, None, controls.auto, js="() => false", api_visibility="private")
    live.follow(controls.number.input, controls.trim.input, controls.choices.input)
    live.now(controls.auto.input, controls.count.input, controls.apart.input)
    live.now(controls.length.input, controls.dims.input)
    live.now(opened, start=True, visited=False)
    live.now(pair.change, start=True, visited=True)
    live.now(controls.go.click, start=True)
    _listen(controls, live)
    controls.by.change(_by_column, [controls.done, controls.by], controls.compared, **PAGE_ONLY)

    def file(asked: Asked, kind: str) -> str | None:
        done: Done | None = asked[controls.done]
        return done.file(kind, asked[controls.dims], asked.language) if done else None

    shown = [controls.done, controls.dims]
    with controls.files:
        download_buttons("average", file, shown, ("csv", "sentences", "xlsx", "json"))
    with controls.page_file:
        download_buttons("average", file, shown, ("html",))

    def ask(codec: Codec, asked: Asked) -> Answers:
        given = replace(controls.question(asked), pair=codec.name).reviews()
        average = summarise_reviews(codec, given, controls.settings(asked)).average
        return [(f"Σ {len(given)}", average.decoded)]

    build_compare(codecs, "average", [pair, *controls.inputs], ask)


def _columns(controls: Controls, asked: Asked, done: Done) -> Shown:
    """The columns that the opinions may be compared by, and the comparison by the chosen one."""
    columns, chosen = comparable(done.encoded.sentences), asked[controls.by] or ""
    choices = [(say("average_by_none", asked.language), ""), *((name, name) for name in columns)]
    update: dict[str, Any] = {"choices": choices, "visible": bool(columns)}
    if chosen not in ("", *columns):
        update["value"] = ""
    return {controls.by: gr.update(**update), controls.compared: done.compared(chosen, asked.language)}


def _by_column(done: Done | None, column: str | None, request: gr.Request) -> str:
    return done.compared(column or "", language_of(request)) if done else ""


def _listen(controls: Controls, live: Live) -> None:
    """What fills the reviews in: examples, an uploaded file, its columns."""
    upload, part = controls.upload, controls.text_part

    def to_file(asked: Asked) -> Shown:
        """One that cannot be read ends what is on, and a message says so."""
        return {**upload.received(asked), part: gr.update(visible=False)}

    to_text: Shown = {**upload.forgotten(), part: gr.update(visible=True)}
    for button, example in zip(controls.examples, examples(), strict=True):
        text: Shown = {controls.text: example.text, **to_text}
        live.now(button.click, fill=filled(text), fills=list(text), start=True)
    live.now(upload.forget.click, fill=filled(to_text), fills=list(to_text), start=True)
    live.now(
        upload.button.upload, fill=to_file, reads=[upload.button], fills=[*upload.fills, part], start=True
    )
    live.now(*upload.changes, fill=upload.reread, reads=upload.rereads, fills=upload.fills, start=True)


def _encoded(codecs: Codecs, controls: Controls, asked: Asked) -> Generator[Shown, None, Encoded]:
    """Read and encode the reviews, and say how far it is."""
    question: Question = asked.todo
    yield {controls.status: status_line(say("average_reading", asked.language), 0)}
    sentences = collect_sentences(question.reviews())
    codec = codecs.get(question.pair)
    total = len(sentences.texts)

    def working(count: int, before: int) -> Shown:
        if before:
            said = say("average_waiting", asked.language, before=before)
            return {controls.status: status_line(said)}
        said = say("average_working", asked.language, done=count, total=total)
        return {controls.status: status_line(said, count, total)}

    encoded = yield from encode_sentences(codec, sentences, working)
    yield {controls.status: status_line(say("average_writing", asked.language), total, total)}
    return encoded


def _lay_out(pair: gr.State) -> Controls:
    gr.Markdown(t("average_intro"), elem_classes="ss-intro")
    parts: dict[str, Any] = {"pair": pair, "done": gr.State(None)}
    with gr.Row(elem_id="average-board"):
        with gr.Column(scale=2, min_width=320, elem_id="average-asked"):
            parts |= _reviews_part() | _settings_part()
            gr.Markdown(t("average_examples_note"), elem_classes="ss-note")
        with gr.Column(scale=3, min_width=320, elem_id="average-said"):
            parts["answer"] = gr.HTML(elem_id="average-answer")
            gr.Markdown(t("average_main"), elem_classes="ss-heading")
            parts["opinions"] = gr.HTML(elem_id="average-list")
            parts["by"] = gr.Dropdown(
                [(t("average_by_none"), "")],
                value="",
                label=t("average_by"),
                visible=False,
                filterable=False,
                elem_id="average-by",
            )
            parts["compared"] = gr.HTML(elem_id="average-by-values", padding=False)
            parts["files"] = gr.Row()
    with gr.Accordion(t("common_settings"), open=False, elem_id="average-settings"), gr.Row():
        parts["count"] = gr.Radio(
            [(t("average_count_sentence"), "sentence"), (t("average_count_review"), "review")],
            value="sentence",
            label=t("average_count"),
            elem_id="average-count",
        )
        parts["choices"] = gr.Slider(
            1,
            MOST_CHOICES,
            Settings().choices,
            step=1,
            label=t("average_choices"),
            info=t("average_choices_info"),
            elem_id="average-choices",
        )
        parts["length"] = gr.Radio(
            [(t("average_length_agreement"), "agreement"), (t("average_length_article"), "article")],
            value="agreement",
            label=t("average_length"),
            elem_id="average-length",
        )
        parts["apart"] = gr.Checkbox(True, label=t("average_apart"), elem_id="average-apart")
    with gr.Row(equal_height=True):
        with gr.Column(scale=3, min_width=320):
            gr.Markdown(t("average_plot"), elem_classes="ss-note")
        parts["dims"] = two_or_three("average-dims", label=t("page_plot"), min_width=160)
    parts["plot"] = speaking_plot("average-plot")
    parts["page_file"] = gr.Column()
    return Controls(**parts)


def _reviews_part() -> dict[str, Any]:
    """The examples, the text, the file, the buttons and the status line."""
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
    upload = build_upload("average")
    with gr.Row():
        go = gr.Button(t("average_go"), variant="primary", elem_id="average-go", min_width=140)
        stop = gr.Button(t("common_stop"), visible=False, elem_id="average-stop", min_width=140)
        upload.button.render()  # type: ignore[no-untyped-call]
    return {
        "examples": buttons,
        "text_part": text_part,
        "text": text,
        "go": go,
        "stop": stop,
        "upload": upload,
        "status": gr.HTML(elem_id="average-status"),
    }


def _settings_part() -> dict[str, Any]:
    """How many opinions, and what is trimmed."""
    number = gr.Slider(1, MOST_OPINIONS, 4, step=1, label=t("average_opinions"), elem_id="average-opinions")
    auto = gr.Checkbox(True, label=t("average_auto"), elem_id="average-auto")
    trim = gr.Slider(0, 100 * LARGEST_TRIM, 0, step=5, label=t("average_trim"), elem_id="average-trim")
    return {"number": number, "auto": auto, "trim": trim}


def example_of(text: str) -> ReviewsExample | None:
    """The bundled example that this text is, unchanged."""
    return next((example for example in examples() if example.text == text.strip()), None)
