"""The Algebra tab: sentences times coefficients, added up; the answer follows the sliders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import gradio as gr

from demos import exports, sums
from demos.algebra_rows import Rows, example_buttons, padded, phrase_form
from demos.algebra_view import answer_html, plot_words
from demos.codec import Codec, CodecError, Codecs
from demos.compare import Rows as Compared
from demos.compare import build_compare
from demos.downloads import download_button
from demos.i18n import Language, error_text, language_of, t
from demos.latest import Latest, settle
from demos.markup import error_line
from demos.plot import Figure, figure_html
from demos.sums import (
    FACTORS,
    MOST_TERMS,
    Example,
    Sum,
    Term,
    combine,
    examples,
    phrase_terms,
    sum_figure,
)
from demos.visits import on_first_visit

__all__ = ["Sum", "Term", "build", "combine", "phrase_terms"]

ALTERNATIVES = 4
MODEL: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 8, "api_visibility": "private"}
LIVE: dict[str, Any] = {**MODEL, "trigger_mode": "always_last", "show_progress": "hidden"}
PAGE_ONLY: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}


@dataclass(frozen=True)
class Screen:
    """What the tab's controls say at one moment."""

    codec: Codec
    title: str  # of the pair
    language: Language
    terms: tuple[Term, ...]
    settings: dict[str, Any]  # of `combine`
    dims: int
    note: str = ""  # the key of a remark

    @classmethod
    def read(cls, codecs: Codecs, language: Language, values: tuple[Any, ...]) -> Screen:
        """From the values of `build`'s `inputs`; CodecError where the pair cannot be had."""
        pair, count, mode, length, factor, exclude, more, three, *rest = values
        sentence, old, new, strength, *rows = rest
        note, terms = "", tuple[Term, ...]()
        if mode == "phrase":
            terms = phrase_terms(sentence, old, new, float(strength or 0))
            note = "" if old.strip() and new.strip() else "algebra_phrase_blank"
        else:
            texts, coefficients = rows[:MOST_TERMS], rows[MOST_TERMS:]
            read = zip(texts[:count], coefficients[:count], strict=True)
            terms = tuple(Term(text, float(coefficient or 0)) for text, coefficient in read)
        settings = {
            "length": length,
            "factor": float(factor or 0),
            "alternatives": ALTERNATIVES if more else 0,
            "exclude_inputs": bool(exclude),
        }
        codec = codecs.get(pair)
        return cls(codec, codec.title, language, terms, settings, 3 if three else 2, note)

    def found(self, quick: bool = False) -> Sum:
        return combine(self.codec, self.terms, **self.settings, quick=quick)

    def answer(self, found: Sum, run: int = 0) -> str:
        excluded = self.settings["exclude_inputs"]
        return answer_html(found, self.title, self.language, excluded, self.note, run)

    def figure(self, found: Sum) -> Figure:
        words = plot_words(self.language)
        return sum_figure(self.codec, found, words, dims=self.dims, language=self.language)


def build(codecs: Codecs, pair: gr.State) -> None:
    """The tab, inside a gr.Tab of the page."""
    plain = [example for example in examples() if not example.phrase]
    phrases = [example for example in examples() if example.phrase]
    count = gr.State(len(plain[0].terms))
    gr.Markdown(t("algebra_intro"), elem_classes="ss-intro")
    with gr.Row(elem_id="algebra-board"):
        with gr.Column(elem_id="algebra-terms"):
            mode = gr.Radio(
                [(t("algebra_mode_sum"), "sum"), (t("algebra_mode_phrase"), "phrase")],
                value="sum",
                label=t("algebra_mode"),
                show_label=False,
                container=False,
                elem_id="algebra-mode",
            )
            with gr.Column(elem_id="algebra-sum") as sum_box:
                rows = Rows.build(plain[0])
                add = gr.Button(t("algebra_add"), size="sm", elem_id="algebra-add")
            with gr.Column(visible=False, elem_id="algebra-phrase") as phrase_box:
                form = phrase_form(phrases[0])
        with gr.Column(elem_id="algebra-result"):
            answer = gr.HTML(elem_id="algebra-answer", container=True)
            picture = gr.Plot(show_label=False, elem_id="algebra-plot", label=t("common_plot"))
            three = gr.Checkbox(False, label=t("algebra_three"), container=False, elem_id="algebra-3d")
            files = gr.Row(elem_classes="ss-examples")
        with gr.Column(elem_id="algebra-more"):
            with gr.Column() as sum_examples:
                sum_buttons = example_buttons(plain)
            with gr.Column(visible=False) as phrase_examples:
                phrase_buttons = example_buttons(phrases)
            with gr.Accordion(t("common_settings"), open=False, elem_id="algebra-settings"):
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
                    False,
                    label=t("algebra_exclude"),
                    info=t("algebra_exclude_info"),
                    elem_id="algebra-exclude",
                )
                more = gr.Checkbox(False, label=t("algebra_more"), elem_id="algebra-wordings")

    inputs = [pair, count, mode, length, factor, exclude, more, three, *form, *rows.texts, *rows.sliders]
    shown = [answer, picture]

    latest = Latest()

    def live(request: gr.Request, *values: Any) -> tuple[str, Figure | None]:
        language, run = language_of(request), latest.begin(request)
        try:
            screen = Screen.read(codecs, language, values)
            found = screen.found()
            return screen.answer(found), screen.figure(found)
        except CodecError as error:
            return error_line(error_text(error, language)), None
        finally:
            latest.end(request, run)

    def answers(request: gr.Request, values: tuple[Any, ...], run: int = 0) -> Iterator[tuple[Any, Any]]:
        """The answer as soon as there is one; the picture takes the page longer to draw."""
        language, quick = language_of(request), False
        try:
            screen = Screen.read(codecs, language, values)
            found = screen.found(quick=run > 0)
        except CodecError as error:
            yield error_line(error_text(error, language)), None
        else:
            quick = found.decoded.quick
            yield screen.answer(found, run), gr.skip()
            yield gr.skip(), screen.figure(found)
        if not quick:
            latest.end(request, run)

    def careful(request: gr.Request, *values: Any) -> Iterator[tuple[Any, Any]]:
        yield from answers(request, values)

    def follow(request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        """A quick answer, for a moving slider: the careful one comes when it rests."""
        run = latest.begin(request)
        yield from latest.only(request, run, answers(request, values, run))

    def room(terms: int) -> Any:
        """The button that adds a term: it rests once there are as many as there may be."""
        return gr.Button(interactive=terms < MOST_TERMS)

    def refill(
        request: gr.Request, terms: list[tuple[str, float]], values: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """Other terms on the screen and their answer, in the order of `refilled`."""
        changed = (values[0], len(terms), *values[2:12], *padded(terms))
        return len(terms), room(len(terms)), *rows.filled(terms), *live(request, *changed)

    def terms_of(values: tuple[Any, ...]) -> list[tuple[str, float]]:
        texts, coefficients = values[12 : 12 + MOST_TERMS], values[12 + MOST_TERMS :]
        return list(zip(texts, coefficients, strict=True))[: values[1]]

    def add_term(known: int) -> list[Any]:
        """One more row, which is blank and so adds nothing yet; what is typed meanwhile stays."""
        more_terms = min(known + 1, MOST_TERMS)
        boxes = (gr.Row(visible=place < more_terms) for place in range(MOST_TERMS))
        return [more_terms, room(more_terms), *boxes]

    def remover(place: int) -> Callable[..., tuple[Any, ...]]:
        def remove(request: gr.Request, *values: Any) -> tuple[Any, ...]:
            terms = terms_of(values)
            del terms[place]
            return refill(request, terms or [("", 1.0)], values)

        return remove

    def sum_example(example: Example) -> Callable[..., tuple[Any, ...]]:
        def pick(request: gr.Request, *values: Any) -> tuple[Any, ...]:
            return refill(request, [(term.text, term.coefficient) for term in example.terms], values)

        return pick

    def phrase_example(example: Example) -> Callable[..., tuple[Any, ...]]:
        def pick(request: gr.Request, *values: Any) -> tuple[Any, ...]:
            filled = (example.terms[0].text, example.terms[1].text, example.terms[2].text, 1.0)
            return *filled, *live(request, *values[:8], *filled, *values[12:])

        return pick

    def choose_mode(chosen: str) -> list[Any]:
        kinds = ("sum", "phrase", "sum", "phrase")
        return [gr.Column(visible=chosen == kind) for kind in kinds]

    def saver(kind: str) -> Callable[..., str | None]:
        def save(request: gr.Request, *values: Any) -> str | None:
            language = language_of(request)
            try:
                screen = Screen.read(codecs, language, values)
                found = screen.found()
            except CodecError as error:
                gr.Warning(error_text(error, language))
                return None
            if kind == "html":
                return exports.save_text(figure_html(screen.figure(found), language=language), "algebra.html")
            write = exports.save_csv if kind == "csv" else exports.save_json
            return write(sums.rows(found, screen.title), "algebra")

        return save

    def ask(codec: Codec, *values: Any) -> Compared:
        found = Screen.read(codecs, "en", (codec.name, *values)).found()
        return [(sums.formula(found.terms), found.decoded)]

    build_compare(codecs, "algebra", inputs[1:], ask)
    with files:
        for kind in ("csv", "json", "html"):
            download_button(f"common_download_{kind}", f"algebra-{kind}", saver(kind), inputs)

    # A text box's `input` misses what is pasted; its `change` does not.
    moved = [text.change for text in (*rows.texts, *form[:3])]
    moved += [control.input for control in (*rows.sliders, form[3], factor, length, exclude, more, three)]
    gr.on(moved, follow, inputs, shown, **LIVE)
    settle(latest, [answer], careful, inputs, shown)
    mode.input(choose_mode, mode, [sum_box, phrase_box, sum_examples, phrase_examples], **PAGE_ONLY)
    mode.input(live, inputs, shown, **LIVE)
    length.input(lambda kind: gr.Slider(visible=kind == "factor"), length, factor, **PAGE_ONLY)
    refilled = [count, add, *rows.outputs, *shown]
    add.click(add_term, count, [count, add, *rows.boxes], **PAGE_ONLY)
    for place, button in enumerate(rows.removers):
        button.click(remover(place), inputs, refilled, **LIVE)
    for button, example in zip(sum_buttons, plain, strict=True):
        button.click(sum_example(example), inputs, refilled, **LIVE)
    for button, example in zip(phrase_buttons, phrases, strict=True):
        button.click(phrase_example(example), inputs, [*form, *shown], **LIVE)
    on_first_visit(live, inputs, shown, pair, show_progress="minimal", show_progress_on=answer, **MODEL)
