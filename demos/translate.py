"""The Translate tab: sentences in any language → one vector each → Russian."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
import plotly.graph_objects as go
from gradio.context import Context

from demos import exports, plot
from demos.answers import Decoded, decode_with_fidelity, read_back
from demos.codec import Codec, CodecError, Codecs, EmptyInput, TextTooLong
from demos.compare import MOST_ROWS, Rows, build_compare
from demos.downloads import download_button
from demos.i18n import error_text, language_name, language_of, say, t
from demos.latest import Latest
from demos.markup import error_line
from demos.paraphrase import PARAPHRASES, reworded, same_words
from demos.sentences import language_of_text, lines_of, sentences_of
from demos.translate_view import results, save_csv, save_json, status

MOST_LINES = 200
MOST_CHARACTERS = 100_000
BATCH = 4  # lines that are answered together
HEIGHT = 520  # of the map, in pixels
ALTERNATIVES = 4  # other wordings of a sentence where they are asked for

EXAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent.parent / "assets" / "examples" / "translate.json").read_text(encoding="utf-8")
)
# What the article's models answered to its examples.
RECORDED = {s: a for one in EXAMPLES for s, a in zip(one["texts"], one.get("recorded", []), strict=False)}


@dataclass(frozen=True)
class Translation:
    """A line and what became of it.

    Attributes:
        source: the line.
        language: its code, "" where it was not recognised.
        trained: False where the encoder was not trained on that language.
        answer: the Russian; None where `error` says why there is none. For a Russian source the
            most faithful paraphrase, with the next ones as its alternatives.
        verbatim: the decoder's first choice repeated a Russian source word for word.
        pair: the name of the pair that answered.
    """

    source: str
    language: str
    trained: bool
    answer: Decoded | None
    error: CodecError | None = None
    verbatim: bool = False
    pair: str = ""


def split_text(text: str, into_sentences: bool = False) -> list[str]:
    """A text → its lines, or its sentences; empty ones left out."""
    return sentences_of(text) if into_sentences else lines_of(text)


def translate(codec: Codec, texts: Sequence[str], alternatives: int = 0) -> Iterator[list[Translation]]:
    """Texts in any language → Russian, in batches of `BATCH` as they are ready.

    A text that cannot be encoded is answered with its error, the others are not held up.
    """
    for start in range(0, len(texts), BATCH):
        yield _translate_batch(codec, list(texts[start : start + BATCH]), alternatives, start)


def _translate_batch(codec: Codec, texts: list[str], alternatives: int, start: int) -> list[Translation]:
    good, vectors, errors = _encode_each(codec, texts, start)
    languages = [language_of_text(text) for text in texts]
    answers: dict[int, Decoded] = {}
    verbatim: dict[int, bool] = {}
    foreign = [place for place, index in enumerate(good) if languages[index] != "ru"]
    if foreign:
        found = decode_with_fidelity(codec, vectors[foreign], alternatives)
        answers |= {good[place]: answer for place, answer in zip(foreign, found, strict=True)}
    russian = [place for place, index in enumerate(good) if languages[index] == "ru"]
    if russian:
        sources = [texts[good[place]] for place in russian]
        found_others = reworded(codec, vectors[russian], sources, max(PARAPHRASES, alternatives + 1))
        for place, (first, others) in zip(russian, found_others, strict=True):
            best, *rest = others or [first]
            answers[good[place]] = Decoded(best.text, best.fidelity, tuple(rest))
            verbatim[good[place]] = same_words(first.text) == same_words(texts[good[place]])
    return [
        Translation(
            source=text,
            language=language,
            trained=not language or language in codec.languages,
            answer=answers.get(index),
            error=errors.get(index),
            verbatim=verbatim.get(index, False),
            pair=codec.name,
        )
        for index, (text, language) in enumerate(zip(texts, languages, strict=True))
    ]


def _encode_each(
    codec: Codec, texts: list[str], start: int
) -> tuple[list[int], np.ndarray, dict[int, CodecError]]:
    """The indexes of the texts that can be encoded, their vectors, and the errors of the others.

    The errors count the texts from `start`.
    """
    errors: dict[int, CodecError] = {}
    good = list(range(len(texts)))
    while good:
        try:
            return good, codec.encode([texts[index] for index in good]), errors
        except TextTooLong as error:
            index = good.pop(error.details["index"])
            errors[index] = TextTooLong(start + index, error.details["tokens"], error.details["limit"])
        except EmptyInput as error:
            index = good.pop(error.details["index"])
            errors[index] = EmptyInput(start + index)
    return good, np.zeros((0, codec.dim), dtype=np.float32), errors


def map_of(
    codec: Codec, done: Sequence[Translation], dims: int = 2, language: str = "en"
) -> go.Figure | None:
    """The sources and their answers in one picture, joined; None if there is no answer yet."""
    pairs = [(one, one.answer) for one in done if one.answer and one.answer.text.strip()]
    if not pairs:
        return None
    sources = codec.encode([one.source for one, _ in pairs])
    vectors = np.vstack([sources, read_back(codec, [answer.text for _, answer in pairs])])
    names = [language_name(one.language, language) for one, _ in pairs]
    answers = say("translate_answers_group", language)
    points = [
        plot.Point(f"{name}: {one.source}", label=one.language.upper(), group=name)
        for (one, _), name in zip(pairs, names, strict=True)
    ]
    points += [plot.Point(answer.text, group=answers, size=0.8) for _, answer in pairs]
    joined = [(index, index + len(pairs)) for index in range(len(pairs))]
    basis = plot.fit_basis(vectors, dims)
    drawn = plot.figure(
        basis, vectors, points, lines=joined, groups=[answers], language=language, height=HEIGHT
    )
    if len(pairs) <= plot.LABELLED:  # each source is labelled with its language: a legend adds nothing
        drawn.layout.showlegend = False
    return drawn


def problem_with(text: str, lines: Sequence[str], language: str = "en") -> str:
    """Why a text cannot be answered as a whole; "" if it can."""
    if len(text) > MOST_CHARACTERS:
        return say("translate_too_much", language, count=len(text), limit=MOST_CHARACTERS)
    if not lines:
        return error_text(EmptyInput(), language)
    if len(lines) > MOST_LINES:
        return say("error_limit_lines", language, count=len(lines), limit=MOST_LINES)
    return ""


def warm(codec: Codec) -> None:
    """Answers the first example once, so that the first visitor does not wait for what loads lazily."""
    map_of(codec, [one for batch in translate(codec, EXAMPLES[0]["texts"]) for one in batch])


Shown = tuple[Any, ...]  # updates of the components in the order of `outputs` below


def build(codecs: Codecs, pair: gr.State) -> None:
    """The tab, inside a gr.Tab of the page."""
    latest = Latest()

    def run(text: str, split: str, more: bool, dims: int, name: str, request: gr.Request) -> Iterator[Shown]:
        """Answers batch by batch, then the map. What was there stays where the text cannot be answered."""
        language, number = language_of(request), latest.begin(request)
        ready = gr.update(visible=True), gr.update(visible=False)
        busy = gr.update(visible=False), gr.update(visible=True)
        lines = split_text(text, split == "sentences") if len(text) <= MOST_CHARACTERS else []
        problem = problem_with(text, lines, language)
        if problem:
            yield error_line(problem), gr.skip(), gr.skip(), gr.skip(), *ready
            return
        started = time.monotonic()
        found: list[Translation] = []
        yield status(0, len(lines), language), gr.skip(), gr.skip(), gr.skip(), *busy
        try:
            codec = codecs.get(name)
            for batch in translate(codec, lines, ALTERNATIVES if more else 0):
                found += batch
                if latest.is_over(request, number):
                    return
                shown = results(found, codec.title, RECORDED, language)
                yield status(len(found), len(lines), language), shown, found, gr.skip(), *busy
            spent = time.monotonic() - started
            picture = map_of(codec, found, dims, language)
            if latest.is_over(request, number):
                return
            yield status(len(found), len(lines), language, spent), gr.skip(), gr.skip(), picture, *ready
        except CodecError as error:
            yield error_line(error_text(error, language)), gr.skip(), found, gr.skip(), *ready

    def run_first(
        text: str, split: str, more: bool, dims: int, name: str, request: gr.Request
    ) -> Iterator[Shown]:
        """The first example, unless the visitor was faster."""
        if latest.has_begun(request):
            yield (gr.skip(),) * 6  # a generator that gives nothing empties its outputs
        else:
            yield from run(text, split, more, dims, name, request)

    def redraw(found: list[Translation], dims: int, request: gr.Request) -> go.Figure | None:
        return map_of(codecs.get(found[0].pair), found, dims, language_of(request)) if found else None

    def stopped(request: gr.Request) -> Shown:
        latest.begin(request)
        note = f'<div class="ss-note">{say("translate_stopped", language_of(request))}</div>'
        return note, gr.update(visible=True), gr.update(visible=False)

    done = gr.State([])  # list[Translation] of the last run
    runs = gr.State(0)  # counts the examples that were chosen
    gr.Markdown(t("translate_intro"), elem_classes="ss-intro")
    with gr.Row():
        with gr.Column(scale=2, min_width=320, elem_id="translate-ask"):
            text = gr.Textbox(
                "\n".join(EXAMPLES[0]["texts"]),
                label=t("translate_text"),
                info=t("translate_text_info"),
                placeholder=t("translate_placeholder"),
                lines=8,
                max_lines=14,
                elem_id="translate-text",
            )
            start = gr.Button(t("translate_go"), variant="primary", elem_id="translate-go")
            stop = gr.Button(t("common_stop"), visible=False, elem_id="translate-stop")
            gr.Markdown(t("common_examples"), elem_classes=["ss-heading", "ss-later"])
            with gr.Row(elem_classes=["ss-examples", "ss-later"]):
                buttons = [
                    gr.Button(
                        t(f"translate_example_{one['name']}"), size="sm", elem_id=f"translate-{one['name']}"
                    )
                    for one in EXAMPLES
                ]
            with gr.Accordion(t("common_settings"), open=False, elem_classes="ss-later"):
                split = gr.Radio(
                    [(t("translate_split_lines"), "lines"), (t("translate_split_sentences"), "sentences")],
                    value="lines",
                    label=t("translate_split"),
                    elem_id="translate-split",
                )
                more = gr.Checkbox(False, label=t("translate_wordings"), elem_id="translate-wordings")
        with gr.Column(scale=3, min_width=320, elem_id="translate-answered"):
            progress = gr.HTML(elem_id="translate-status", apply_default_css=False)
            answers = gr.HTML(elem_id="translate-answers", apply_default_css=False)
            files = gr.Row(elem_classes="ss-examples")
    with gr.Row(elem_classes="ss-map"):
        gr.Markdown(t("translate_plot_sources"), elem_classes="ss-note")
        dims = gr.Radio(
            [(t("common_plot_2d"), 2), (t("common_plot_3d"), 3)],
            value=2,
            show_label=False,
            label=t("common_plot"),
            elem_id="translate-dims",
            container=False,
        )
    picture = gr.Plot(show_label=False, elem_id="translate-plot")

    def save_page(found: list[Translation], dims: int, request: gr.Request) -> str | None:
        drawn, language = redraw(found, dims, request), language_of(request)
        if drawn is None:
            return None
        return exports.save_text(plot.figure_html(drawn, language=language), "translate.html")

    with files:
        download_button("common_download_csv", "translate-csv", save_csv, done)
        download_button("common_download_json", "translate-json", save_json, done)
        download_button("common_download_html", "translate-html", save_page, [done, dims])

    def ask(codec: Codec, text: str, split: str) -> Rows:
        rows: Rows = []
        for batch in translate(codec, split_text(text, split == "sentences")[:MOST_ROWS]):
            for one in batch:
                if one.answer is None:
                    raise one.error or EmptyInput()
                rows.append((one.source, one.answer))
        return rows

    build_compare(codecs, "translate", [text, split], ask)
    outputs = [progress, answers, done, picture, start, stop]
    model: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 8, "api_visibility": "private"}
    assert Context.root_block is not None  # the page that is being built
    asked: dict[str, Any] = {"inputs": [text, split, more, dims, pair], "outputs": outputs} | model
    asked |= {"show_progress": "hidden", "trigger_mode": "multiple"}
    Context.root_block.load(run_first, **asked)
    gr.on([start.click, text.submit, runs.change, pair.change], run, **asked)
    for button, example in zip(buttons, EXAMPLES, strict=True):
        filled = ("\n".join(example["texts"]), "sentences" if example["split"] else "lines")
        button.click(
            lambda count, filled=filled: (*filled, count + 1),
            runs,
            [text, split, runs],
            show_progress="hidden",
            api_visibility="private",
        )
    stop.click(stopped, None, [progress, start, stop], api_visibility="private")
    dims.input(redraw, [done, dims], picture, show_progress="hidden", **model)
