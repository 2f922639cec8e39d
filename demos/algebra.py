"""The Algebra tab: sentences times coefficients, added up; the answer follows the sliders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from demos.codec import Codec, Codecs
from demos.operations import journey, sums
from demos.operations.journey import JourneyExample, travel
from demos.operations.sums import (
    FACTORS,
    LARGEST,
    MOST_TERMS,
    SumExample,
    Term,
    combine,
    examples,
    phrase_terms,
)
from demos.plots.figures import Figure
from demos.plots.journeys import journey_figure
from demos.plots.sums import sum_figure
from demos.ui import exports
from demos.ui.compare import Answers, build_compare
from demos.ui.downloads import download_buttons
from demos.ui.i18n import Language, say, t
from demos.ui.journeys import JourneyForm, build_journey_examples, build_journey_form, journey_html
from demos.ui.live import PAGE_ONLY, Asked, Event, Live, Parts, Shown, filled
from demos.ui.send import Courier
from demos.ui.speaking_map import speaking, speaking_plot
from demos.ui.sums import sum_html, sum_notes
from demos.ui.terms import TermRows, build_terms

ALTERNATIVES = 4
PLAIN = [example for example in examples() if not example.phrase]
PHRASES = [example for example in examples() if example.phrase]


@dataclass(frozen=True)
class Controls:
    """The tab's controls and what they change."""

    mode: gr.Radio
    parts: dict[str, tuple[gr.Column, gr.Column]]  # by the modes: its form and its examples
    rows: TermRows
    way: JourneyForm
    journey_buttons: list[tuple[JourneyExample, gr.Button]]
    sentence: gr.Textbox
    old: gr.Textbox
    new: gr.Textbox
    strength: gr.Slider
    answer: gr.HTML
    plot: gr.Plot
    notes: gr.HTML  # on the answer
    three: gr.Checkbox
    files: gr.Row
    sum_buttons: list[tuple[SumExample, gr.Button]]
    phrase_buttons: list[tuple[SumExample, gr.Button]]
    settings: gr.Accordion
    length: gr.Radio
    factor: gr.Slider
    exclude: gr.Checkbox
    wordings: gr.Checkbox

    @property
    def inputs(self) -> list[Component]:
        """All that an answer depends on, but for the pair."""
        phrase = [self.sentence, self.old, self.new, self.strength]
        choices = [self.mode, self.length, self.factor, self.exclude, self.wordings, self.three]
        return [*self.rows.inputs, *phrase, *self.way, *choices]


@dataclass(frozen=True)
class Solved:
    """An answer: what the page shows, the picture and the rows to download when they are wanted."""

    html: str
    notes: str
    figure: Callable[[], Figure]
    rows: Callable[[], Sequence[exports.Row]]
    answers: Answers
    quick: bool


@dataclass(frozen=True)
class SumQuestion:
    """What the controls say where a sum is wanted, or a phrase in the place of another, which is one."""

    terms: tuple[Term, ...]
    settings: dict[str, Any]  # of `combine`
    remark: str = ""  # the key of a remark on the question

    @classmethod
    def read(cls, controls: Controls, asked: Asked) -> SumQuestion:
        remark, terms = "", tuple(controls.rows.terms(asked))
        if asked[controls.mode] == "phrase":
            sentence, old, new = (asked[box] or "" for box in (controls.sentence, controls.old, controls.new))
            terms = phrase_terms(sentence, old, new, float(asked[controls.strength] or 0))
            remark = "" if old.strip() and new.strip() else "algebra_phrase_blank"
        settings = {
            "length": asked[controls.length],
            "factor": float(asked[controls.factor] or 0),
            "alternatives": ALTERNATIVES if asked[controls.wordings] else 0,
            "exclude_inputs": bool(asked[controls.exclude]),
        }
        return cls(terms, settings, remark)

    def solved(self, codec: Codec, dims: int, language: Language, quick: bool = False) -> Solved:
        found = combine(codec, self.terms, **self.settings, quick=quick)
        words = plot_words(("terms", "origin", "sum", "scaled", "answer"), language)
        return Solved(
            sum_html(found, codec.title, language),
            sum_notes(found, language, self.settings["exclude_inputs"], self.remark),
            lambda: sum_figure(found, words, dims=dims, language=language),
            lambda: sums.rows(found, codec.title),
            [(sums.formula(found.terms), found.decoded)],
            found.decoded.quick,
        )


@dataclass(frozen=True)
class JourneyQuestion:
    """What the controls say where the way from one sentence to another is wanted."""

    start: str
    end: str
    steps: int

    @classmethod
    def read(cls, controls: Controls, asked: Asked) -> JourneyQuestion:
        start, end, steps = (asked[control] for control in controls.way)
        return cls(start or "", end or "", int(steps or 0))

    def solved(self, codec: Codec, dims: int, language: Language, quick: bool = False) -> Solved:
        found = travel(codec, self.start, self.end, self.steps, quick)
        words = plot_words(("way", "said"), language)
        return Solved(
            journey_html(found, codec.title, language),
            "",
            lambda: journey_figure(found, words, dims=dims, language=language),
            lambda: journey.rows(found, codec.title),
            [(f"{n} / {self.steps}", one) for n, one in enumerate(found.decoded, 1)],
            any(one.quick for one in found.decoded),
        )


def solve(codec: Codec, controls: Controls, asked: Asked, quick: bool = False) -> Solved:
    kind = JourneyQuestion if asked[controls.mode] == "journey" else SumQuestion
    dims = 3 if asked[controls.three] else 2
    return kind.read(controls, asked).solved(codec, dims, asked.language, quick)


def build(codecs: Codecs, pair: gr.State, courier: Courier, opened: Event) -> None:
    """The tab, inside a gr.Tab of the page; `opened` is the event of its being opened."""
    controls = _lay_out()

    def answer(asked: Asked) -> Parts:
        """The answer as soon as there is one; the picture takes the page longer to draw."""
        codec = codecs.get(asked[pair])
        found = solve(codec, controls, asked, asked.quick)
        yield {controls.answer: found.html, controls.notes: found.notes}
        yield {controls.plot: speaking(found.figure(), codec, "algebra")}
        return found.quick

    def file(asked: Asked, kind: str) -> str:
        """What is on the screen as a file, "csv", "json" or "html" (the picture) → its path."""
        found, language = solve(codecs.get(asked[pair]), controls, asked), asked.language
        if kind == "html":
            return exports.save_map(found.figure(), "algebra", language)
        return exports.save_rows(found.rows(), "algebra", kind, language)

    inputs = [pair, *controls.inputs]
    live = Live(
        answer,
        inputs,
        [controls.answer, controls.notes, controls.plot],
        failed=lambda line: {controls.answer: line, controls.notes: "", controls.plot: None},
    )
    # A text box's `input` misses what is pasted; its `change` does not.
    boxes = [one for one in controls.inputs if isinstance(one, gr.Textbox)]
    others = [one for one in controls.inputs if isinstance(one, gr.Slider | gr.Checkbox)]
    live.follow(*(box.change for box in boxes), *(one.input for one in others), controls.length.input)
    live.now(controls.mode.input)
    live.now(opened, visited=False, waiting=controls.answer)
    live.now(pair.change, visited=True, waiting=controls.answer)
    _listen(controls, live, courier)

    def ask(codec: Codec, asked: Asked) -> Answers:
        return solve(codec, controls, asked).answers

    build_compare(codecs, "algebra", controls.inputs, ask)
    with controls.files:
        download_buttons("algebra", file, inputs)


def _listen(controls: Controls, live: Live, courier: Courier) -> None:
    """The buttons that fill the form in, and what happens on the page alone."""

    def more(asked: Asked) -> Shown:
        """A sentence from elsewhere as one more term, in the last one's place where there is no room."""
        terms = [term for term in controls.rows.terms(asked) if term.text.strip()][: MOST_TERMS - 1]
        terms.append(Term(asked[courier.letter]))
        return {**controls.rows.filled(terms), controls.mode: "sum", **choose("sum")}

    def choose(mode: str) -> Shown:
        shown: Shown = {controls.settings: gr.update(visible=mode != "journey")}
        for one, columns in controls.parts.items():
            shown |= dict.fromkeys(columns, gr.update(visible=mode == one))
        return shown

    rows = controls.rows
    rows.listen(live)
    for example, button in controls.sum_buttons:
        live.now(button.click, fill=filled(rows.filled(example.terms)), fills=rows.fills)
    for example, button in controls.phrase_buttons:
        texts = (term.text for term in example.terms)
        form: Shown = dict(zip((controls.sentence, controls.old, controls.new), texts, strict=True))
        form[controls.strength] = 1.0
        live.now(button.click, fill=filled(form), fills=list(form))
    for way, button in controls.journey_buttons:
        ends: Shown = {controls.way.start: way.start, controls.way.end: way.end}
        live.now(button.click, fill=filled(ends), fills=list(ends))
    parts = list(choose("sum"))
    live.now(
        courier.to("algebra"), fill=more, reads=[courier.letter], fills=[*rows.fills, controls.mode, *parts]
    )
    controls.mode.input(choose, controls.mode, parts, **PAGE_ONLY)
    controls.length.input(
        lambda kind: gr.Slider(visible=kind == "factor"), controls.length, controls.factor, **PAGE_ONLY
    )


def _lay_out() -> Controls:
    gr.Markdown(t("algebra_intro"), elem_classes="ss-intro")
    with gr.Row(elem_id="algebra-board"):
        with gr.Column(elem_id="algebra-terms"):
            mode = gr.Radio(
                [(t(f"algebra_mode_{one}"), one) for one in ("sum", "phrase", "journey")],
                value="sum",
                label=t("algebra_mode"),
                show_label=False,
                container=False,
                elem_id="algebra-mode",
            )
            with gr.Column(elem_id="algebra-sum") as sum_part:
                rows = build_terms(PLAIN[0].terms)
            with gr.Column(visible=False, elem_id="algebra-phrase") as phrase_part:
                sentence, old, new, strength = _phrase_form(PHRASES[0])
            with gr.Column(visible=False, elem_id="algebra-journey") as journey_part:
                way = build_journey_form()
        with gr.Column(elem_id="algebra-result"):
            answer = gr.HTML(elem_id="algebra-answer", container=True)
            picture = speaking_plot("algebra-plot")
            notes = gr.HTML(elem_id="algebra-notes")
            three = gr.Checkbox(False, label=t("algebra_three"), container=False, elem_id="algebra-3d")
            files = gr.Row(elem_classes="ss-examples")
        with gr.Column(elem_id="algebra-more"):
            with gr.Column() as sum_examples:
                sum_buttons = _example_buttons(PLAIN)
            with gr.Column(visible=False) as phrase_examples:
                phrase_buttons = _example_buttons(PHRASES)
            with gr.Column(visible=False) as journey_examples:
                journey_buttons = build_journey_examples()
            with gr.Accordion(t("common_settings"), open=False, elem_id="algebra-settings") as settings:
                length, factor, exclude, more = _settings()
    return Controls(
        mode=mode,
        parts={
            "sum": (sum_part, sum_examples),
            "phrase": (phrase_part, phrase_examples),
            "journey": (journey_part, journey_examples),
        },
        rows=rows,
        way=way,
        journey_buttons=journey_buttons,
        sentence=sentence,
        old=old,
        new=new,
        strength=strength,
        answer=answer,
        plot=picture,
        notes=notes,
        three=three,
        files=files,
        sum_buttons=sum_buttons,
        phrase_buttons=phrase_buttons,
        settings=settings,
        length=length,
        factor=factor,
        exclude=exclude,
        wordings=more,
    )


def _phrase_form(first: SumExample) -> tuple[gr.Textbox, gr.Textbox, gr.Textbox, gr.Slider]:
    """The sentence, the phrase that goes, the one that comes, the strength."""
    whole, old, new = (term.text for term in first.terms)
    sentence = gr.Textbox(whole, label=t("common_sentence"), max_lines=4, elem_id="algebra-sentence")
    with gr.Row():
        goes, comes = (
            gr.Textbox(
                text,
                label=t(f"algebra_{name}"),
                placeholder=t(f"algebra_{name}_placeholder"),
                min_width=140,
                elem_id=f"algebra-{name}",
            )
            for name, text in (("old", old), ("new", new))
        )
    strength = gr.Slider(
        0,
        LARGEST,
        1,
        step=0.05,
        label=t("algebra_strength"),
        info=t("algebra_strength_info"),
        buttons=[],
        elem_id="algebra-strength",
    )
    return sentence, goes, comes, strength


def _settings() -> tuple[gr.Radio, gr.Slider, gr.Checkbox, gr.Checkbox]:
    """The length of the sum, its factor, whether terms are excluded, whether other wordings are shown."""
    length = gr.Radio(
        [(t(f"algebra_length_{kind}"), kind) for kind in ("raw", "unit", "factor")],
        value="raw",
        label=t("algebra_length"),
        info=t("algebra_length_info"),
        elem_id="algebra-length",
    )
    factor = gr.Slider(
        *FACTORS,
        1,
        step=0.05,
        label=t("algebra_factor"),
        visible=False,
        buttons=[],
        elem_id="algebra-factor",
    )
    exclude = gr.Checkbox(
        False, label=t("algebra_exclude"), info=t("algebra_exclude_info"), elem_id="algebra-exclude"
    )
    more = gr.Checkbox(False, label=t("common_wordings"), elem_id="algebra-wordings")
    return length, factor, exclude, more


def _example_buttons(shown: Sequence[SumExample]) -> list[tuple[SumExample, gr.Button]]:
    """Examples with a button each; those that the bundled pair answers well come first."""
    buttons = []
    for hard in (False, True):
        gr.Markdown(t("algebra_examples_hard" if hard else "common_examples"), elem_classes="ss-heading")
        with gr.Row(elem_classes="ss-examples"):
            for example in shown:
                if example.hard == hard:
                    label = t(f"algebra_example_{example.name}")
                    button = gr.Button(label, size="sm", elem_id=f"algebra-example-{example.name}")
                    buttons.append((example, button))
    return buttons


def plot_words(words: Sequence[str], language: str = "en") -> dict[str, str]:
    """What the legend calls the groups of the picture."""
    return {word: say(f"algebra_plot_{word}", language) for word in words}
