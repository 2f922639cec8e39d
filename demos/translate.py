"""The Translate tab: lines in any language → a vector each, or one for each piece of a long one → Russian."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import gradio as gr
import numpy as np
from gradio.components import Component

from demos.codec import Codec, Codecs, EmptyInput
from demos.operations.text import is_paragraph
from demos.operations.translating import (
    MOST_CHARACTERS,
    MOST_LINES,
    Translation,
    examples,
    split_text,
    translate,
)
from demos.plots import figures as plot
from demos.ui import exports
from demos.ui.compare import MOST_ROWS, Answers, build_compare
from demos.ui.downloads import download_buttons
from demos.ui.i18n import error_text, language_name, say, seconds_text, t
from demos.ui.live import Asked, Event, Live, LongWork, Parts, Shown, filled
from demos.ui.markup import (
    answered_by,
    doubt,
    error_line,
    fidelity,
    gloss_line,
    gloss_of,
    note,
    recorded_note,
    safe,
    sentence_buttons,
    sentence_menu,
    status_line,
    two_or_three,
    wordings,
)
from demos.ui.send import Courier
from demos.ui.speaking_map import speaking, speaking_plot

HEIGHT = 520  # of the map, in pixels
ALTERNATIVES = 4  # other wordings of a sentence where they are asked for
SPACIOUS = 6  # answers that stand in large letters
MOST_AT_ONCE = 24  # answers that the page shows without a scroll bar of their own

# What the article's models answered to its examples.
RECORDED = {text: said for one in examples() for text, said in zip(one.texts, one.recorded, strict=False)}
# What they say roughly to every line of an example, of which the article prints no more.
VARIANTS = {one.texts: one.variants for one in examples() if one.variants}
# What its Russian examples say, for those who read no Russian.
SOURCE_GLOSSES = {
    text: gloss for one in examples() for text, gloss in zip(one.texts, one.gloss, strict=False)
}


@dataclass(frozen=True)
class Question:
    """A text whose lines, or sentences, are to be said in Russian.

    Attributes:
        alternatives: how many other wordings of each are wanted.
        whole: a long line goes through one vector too, not in pieces.
    """

    text: str
    by_sentences: bool
    alternatives: int
    whole: bool
    pair: str


@dataclass(frozen=True)
class Controls:
    """The tab's controls and what they change; the names are those of the elements on the page."""

    pair: gr.State
    text: gr.Textbox
    go: gr.Button
    stop: gr.Button
    examples: list[gr.Button]
    split: gr.Radio
    whole: gr.Checkbox
    wordings: gr.Checkbox
    status: gr.HTML
    answers: gr.HTML
    files: gr.Row
    dims: gr.Radio
    plot: gr.Plot
    done: gr.State  # the answers that are on the page

    @property
    def inputs(self) -> list[Component]:
        """All that an answer depends on."""
        return [self.pair, self.text, self.split, self.whole, self.wordings]

    def question(self, asked: Asked) -> Question:
        alternatives = ALTERNATIVES if asked[self.wordings] else 0
        by_sentences, whole = asked[self.split] == "sentences", bool(asked[self.whole])
        return Question(asked[self.text] or "", by_sentences, alternatives, whole, asked[self.pair])


def build(codecs: Codecs, pair: gr.State, courier: Courier, opened: Event) -> None:
    """The tab, inside a gr.Tab of the page; `opened` is the event of its being opened."""
    controls = _lay_out(pair)

    def answer(asked: Asked) -> Parts:
        """Answers batch by batch, then the map. What was there stays where the text cannot be answered."""
        if asked.todo is not None:
            yield from _answers(codecs, controls, asked)
        elif asked.done:
            codec = codecs.get(asked.done[0].pair)
            drawn = map_of(codec, asked.done, asked[controls.dims], asked.language)
            yield {controls.plot: drawn and speaking(drawn, codec, "translate")}
        return False

    def file(asked: Asked, kind: str) -> str | None:
        found: list[Translation] = asked[controls.done]
        if not found:
            return None
        if kind != "html":
            return exports.save_rows(answer_rows(found), "translate", kind, asked.language)
        drawn = map_of(codecs.get(found[0].pair), found, asked[controls.dims], asked.language)
        return exports.save_map(drawn, "translate", asked.language) if drawn else None

    with controls.files:
        files = download_buttons("translate", file, [controls.done, controls.dims])

    live = Live(
        answer,
        [*controls.inputs, controls.dims],
        [controls.status, controls.answers, controls.done, controls.plot],
        failed=lambda line: {controls.status: line},
        work=LongWork(
            controls.question,
            controls.go,
            controls.stop,
            controls.status,
            stopped="translate_stopped",
            idle=files,
        ),
    )
    live.now(opened, start=True, visited=False)
    live.now(controls.go.click, controls.text.submit, start=True)
    live.now(pair.change, start=True, visited=True)
    live.now(controls.whole.input, controls.wordings.input, start=True)
    live.now(controls.dims.input)
    live.now(
        courier.to("translate"),
        fill=lambda asked: {controls.text: asked[courier.letter]},
        reads=[courier.letter],
        fills=[controls.text],
        start=True,
    )
    for button, example in zip(controls.examples, examples(), strict=True):
        texts: Shown = {
            controls.text: example.text,
            controls.split: "sentences" if example.split else "lines",
        }
        live.now(button.click, fill=filled(texts), fills=[controls.text, controls.split], start=True)

    def ask(codec: Codec, asked: Asked) -> Answers:
        question = controls.question(asked)
        lines = split_text(question.text, question.by_sentences)[:MOST_ROWS]
        found: Answers = []
        for one in chain.from_iterable(translate(codec, lines, pieces=not question.whole)):
            if one.answer is None:
                raise one.error or EmptyInput()
            found.append((one.source, one.answer))
        return found

    build_compare(codecs, "translate", controls.inputs, ask, sentences=True)


def _lay_out(pair: gr.State) -> Controls:
    gr.Markdown(t("translate_intro"), elem_classes="ss-intro")
    with gr.Row():
        with gr.Column(scale=2, min_width=320, elem_id="translate-ask"):
            text = gr.Textbox(
                examples()[0].text,
                label=t("translate_text"),
                info=t("translate_text_info"),
                placeholder=t("translate_placeholder"),
                lines=8,
                max_lines=14,
                elem_id="translate-text",
            )
            go = gr.Button(t("translate_go"), variant="primary", elem_id="translate-go")
            stop = gr.Button(t("common_stop"), visible=False, elem_id="translate-stop")
            gr.Markdown(t("common_examples"), elem_classes=["ss-heading", "ss-later"])
            with gr.Row(elem_classes=["ss-examples", "ss-later"]):
                buttons = [
                    gr.Button(t(f"translate_example_{one.name}"), size="sm", elem_id=f"translate-{one.name}")
                    for one in examples()
                ]
            with gr.Accordion(
                t("common_settings"), open=False, elem_id="translate-settings", elem_classes="ss-later"
            ):
                split = gr.Radio(
                    [(t("translate_split_lines"), "lines"), (t("translate_split_sentences"), "sentences")],
                    value="lines",
                    label=t("translate_split"),
                    elem_id="translate-split",
                )
                whole = gr.Checkbox(
                    False,
                    label=t("translate_whole"),
                    info=t("translate_whole_info"),
                    elem_id="translate-whole",
                )
                more = gr.Checkbox(False, label=t("common_wordings"), elem_id="translate-wordings")
        with gr.Column(scale=3, min_width=320, elem_id="translate-answered"):
            status = gr.HTML(elem_id="translate-status", apply_default_css=False)
            answers = gr.HTML(elem_id="translate-answers", apply_default_css=False)
            files = gr.Row(elem_classes="ss-examples")
    with gr.Row(elem_classes="ss-map"):
        gr.Markdown(t("translate_plot_sources"), elem_classes="ss-note")
        dims = two_or_three("translate-dims", show_label=False, label=t("page_plot"), container=False)
    picture = speaking_plot("translate-plot")
    return Controls(
        pair=pair,
        text=text,
        go=go,
        stop=stop,
        examples=buttons,
        split=split,
        whole=whole,
        wordings=more,
        status=status,
        answers=answers,
        files=files,
        dims=dims,
        plot=picture,
        done=gr.State([]),
    )


def _answers(codecs: Codecs, controls: Controls, asked: Asked) -> Parts:
    """Do what is to be done, batch by batch; what was answered is in `asked.done` at every moment."""
    question: Question = asked.todo
    language, started = asked.language, time.monotonic()
    small = len(question.text) <= MOST_CHARACTERS
    lines = split_text(question.text, question.by_sentences) if small else []
    problem = problem_with(question.text, lines, language)
    if problem:
        yield {controls.status: error_line(problem)}
        return False
    yield {controls.status: progress(0, len(lines), language)}
    codec = codecs.get(question.pair)
    found: list[Translation] = []
    for batch in translate(codec, lines, question.alternatives, pieces=not question.whole):
        found = [*found, *batch]
        asked.done = found
        yield {
            controls.status: progress(len(found), len(lines), language),
            controls.answers: results(found, codec.title, language, lines),
            controls.done: found,
        }
    spent = seconds_text(time.monotonic() - started)
    drawn = map_of(codec, found, asked[controls.dims], language)
    asked.todo = None
    yield {
        controls.status: status_line(ended(found, spent, language)),
        controls.plot: drawn and speaking(drawn, codec, "translate"),
    }
    return False


def ended(found: Sequence[Translation], seconds: str, language: str = "en") -> str:
    """How many lines have an answer, in how many seconds, and how many have none."""
    failed = sum(one.answer is None for one in found)
    said = say("translate_done", language, total=len(found) - failed, seconds=seconds)
    return f"{said}; {say('translate_failed', language, count=failed)}" if failed else said


def progress(done: int, total: int, language: str = "en") -> str:
    return status_line(say("translate_progress", language, done=done, total=total), done, total)


def problem_with(text: str, lines: Sequence[str], language: str = "en") -> str:
    """Why a text cannot be answered as a whole; "" if it can."""
    if len(text) > MOST_CHARACTERS:
        return say("translate_too_much", language, count=len(text), limit=MOST_CHARACTERS)
    if not lines:
        return error_text(EmptyInput(), language)
    if len(lines) > MOST_LINES:
        return say("error_limit_lines", language, count=len(lines), limit=MOST_LINES)
    return ""


def map_of(
    codec: Codec, done: Sequence[Translation], dims: int = 2, language: str = "en"
) -> plot.Figure | None:
    """The sources and their answers in one picture, joined; None if there is no answer yet."""
    pairs = [(one, one.answer) for one in done if one.answer and one.answer.text.strip()]
    sources, errors = codec.encode_each([one.source for one, _ in pairs])
    # A long line may be too long for one vector.
    pairs = [pair for index, pair in enumerate(pairs) if index not in errors]
    if not pairs:
        return None
    vectors = np.vstack([sources, *(answer.vector for _, answer in pairs)])
    names = [language_name(one.language, language) for one, _ in pairs]
    answers = say("translate_answers_group", language)
    points = [
        plot.Point(f"{name}: {one.source}", label=one.language.upper(), group=name, sentence=one.source)
        for (one, _), name in zip(pairs, names, strict=True)
    ]
    points += [plot.Point(answer.text, group=answers, size=0.8) for _, answer in pairs]
    joined = [(index, index + len(pairs)) for index in range(len(pairs))]
    basis = plot.fit_basis(vectors, dims)
    drawn = plot.figure(
        basis, vectors, points, lines=joined, groups=[answers], language=language, height=HEIGHT
    )
    if len(pairs) <= plot.LABELLED:  # each source is labelled with its language: only the answers are named
        for trace in drawn.data:
            trace["showlegend"] = bool(trace["showlegend"]) and trace["name"] == answers
    return drawn


def results(done: Sequence[Translation], title: str, language: str = "en", lines: Sequence[str] = ()) -> str:
    """A table of sources and answers, which folds into cards on a telephone; `title` is the pair's.

    Args:
        lines: all that are to be answered, where more than `done` are.
    """
    heads = "".join(
        f'<th scope="col">{safe(say(key, language))}</th>'
        for key in ("translate_source", "translate_russian")
    )
    rows = "".join(_row(one, language) for one in done)
    many = " translate-many" * (len(done) > SPACIOUS)
    body = f'<table class="ss-table{many}"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    long = ' class="ss-scroll" tabindex="0"' if len(done) > MOST_AT_ONCE else ""
    variants = VARIANTS.get(tuple(lines or (one.source for one in done)), "")
    recorded = recorded_note(say("translate_variants", language), variants, "", language) if variants else ""
    return f"<div{long}>{body}</div>{answered_by(title, language)}{recorded}"


def _row(one: Translation, language: str) -> str:
    name = language_name(one.language, language)
    badge = f'<span class="ss-badge">{safe(name)}</span>'
    if not one.trained:
        text = say("translate_untrained", language, name=name)
        badge = f'<span class="ss-badge ss-warning">{safe(text)}</span>'
    source = f'<td class="ss-source"><span dir="auto">{safe(one.source)}</span> {badge}'
    source += sentence_menu(one.source, language)
    source += f"{gloss_line(SOURCE_GLOSSES.get(one.source, ''), language)}</td>"
    return f"<tr>{source}<td>{_answer(one, language)}</td></tr>"


def _answer(one: Translation, language: str) -> str:
    if one.error is not None:
        return f'<div class="ss-error">{safe(error_text(one.error, language))}</div>'
    if one.answer is None or not one.answer.text.strip():
        return note(say("common_silent", language), "ss-why")
    answer = one.answer
    parts = [
        f'<div class="ss-line"><span class="ss-answer" lang="ru">{safe(answer.text)}</span>'
        f"{sentence_buttons(answer.text, language)}</div>{fidelity(answer.fidelity, language)}"
    ]
    parts += [
        f' <span class="ss-badge ss-warning">{safe(say(f"common_differs_{kind}", language))}</span>'
        for kind in dict.fromkeys(difference.kind for difference in one.differences)
    ]
    parts += [gloss_line(gloss_of(answer.text), language), doubt(answer.fidelity, language)]
    if answer.numbers_given and len(one.pieces) < 2:  # else the piece says so
        parts.append(note(say("translate_numbers_given", language)))
    parts.append(_pieces(one, language))
    if is_paragraph(one.source):
        parts.append(note(say("translate_paragraph", language)))
    if one.same:
        key = "translate_verbatim" if answer.alternatives else "translate_nothing_else"
        parts.append(note(say(key, language)))
    if one.source in RECORDED:
        recorded = RECORDED[one.source]
        parts.append(recorded_note(say("common_recorded", language), recorded, answer.text, language))
    parts.append(wordings(answer.alternatives, language, is_open=one.language == "ru"))
    return "".join(parts)


def _pieces(one: Translation, language: str) -> str:
    """The pieces of a line as beads in its order, each with its Russian; "" where the line has one vector."""
    if len(one.pieces) < 2:
        return ""
    beads = "".join(
        f'<li><span class="ss-source"><span dir="auto">{safe(piece.source)}</span>'
        f"{sentence_menu(piece.source, language)}</span> "
        f'<span lang="ru">{safe(piece.text)}</span> {fidelity(piece.fidelity, language)}'
        f"{sentence_menu(piece.text, language)}"
        f"{note(say('translate_numbers_given', language)) if piece.numbers_given else ''}</li>"
        for piece in one.pieces
    )
    told = note(say("translate_pieces", language, count=len(one.pieces)))
    return f'{told}<ol class="ss-beads">{beads}</ol>'


def answer_rows(done: Sequence[Translation]) -> list[exports.Row]:
    """The answers as rows to download."""
    return [
        {
            "source": one.source,
            "language": one.language,
            "russian": one.answer.text if one.answer else "",
            "fidelity": round(one.answer.fidelity, 4) if one.answer else "",
            "other_wordings": " | ".join(other.text for other in one.answer.alternatives)
            if one.answer
            else "",
            "error": str(one.error or ""),
            "pair": one.pair,
        }
        for one in done
    ]
