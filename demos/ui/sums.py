"""A sum of sentences on the screen: the formula, the answer and what there is to know about it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.operations.sums import Sum, SumExample, Term, examples, formula_parts
from demos.ui.i18n import number, say
from demos.ui.markup import (
    answered_by,
    doubt,
    fidelity,
    gloss_line,
    gloss_of,
    note,
    recorded_note,
    safe,
    sentence_buttons,
    wordings,
)

_SHORT = 24  # characters of an answer beside which another one stands in large letters


def formula_html(terms: Sequence[Term], language: str = "en") -> str:
    """The sum as it is written, each sign with its term in one piece."""
    parts = []
    for term, (lead, text) in zip(terms, formula_parts(terms), strict=True):
        kind = "none" if term.coefficient == 0 else "minus" if term.coefficient < 0 else "plus"
        parts.append(f'<span class="algebra-{kind}"><b>{number(lead, language)}</b>{safe(text)}</span>')
    return (
        f'<div class="algebra-formula">{" ".join(parts)} <b>{safe(say("algebra_equals", language))}</b></div>'
    )


def sum_html(found: Sum, pair: str, language: str = "en") -> str:
    """The formula, the answer, its fidelity and its gloss; `pair` is the title of the pair that answered.

    What the article's models answered to the same sum stands beside the answer.
    """
    answer, example = found.decoded, example_of(found.terms)
    facts = f"{fidelity(answer.fidelity, language)} {sentence_buttons(answer.text, language)}"
    now = f'<div class="ss-answer" id="algebra-answer-text">{safe(answer.text)}</div>'
    now += f'<div class="algebra-facts">{facts}</div>'
    then = long = ""
    if example and example.recorded:
        then = recorded_note(say("algebra_recorded", language), example.recorded, answer.text, language)
        long = " algebra-long" if max(len(answer.text), len(example.recorded)) > _SHORT else ""
    html = [
        formula_html(found.terms, language),
        f'<div class="algebra-answers{long}"><div>{now}</div>{then}</div>',
        doubt(answer.fidelity, language),
    ]
    said = [example.gloss if example else "", gloss_of(answer.text)]
    html.append(gloss_line(" ≈ ".join(filter(None, said)), language))
    html.append(answered_by(pair, language, answer.quick))
    return "".join(html)


def sum_notes(found: Sum, language: str = "en", excluded: bool = False, remark: str = "") -> str:
    """What there is to know about an answer, and other wordings.

    It stands below the map, which so keeps its place.

    Args:
        excluded: the terms were not to be an answer.
        remark: the key of one more remark, "" for none.
    """
    notes = [say(remark, language)] if remark else []
    if found.skipped:
        texts = ", ".join(f"«{text}»" for text in found.skipped)
        notes.append(say("algebra_skipped", language, texts=texts))
    if found.repeats:
        notes.append(say("algebra_repeats_anyway" if excluded else "algebra_repeats", language))
    html = [note(text, "ss-why") for text in notes]
    html.append(note(length_text(found, language)))
    html.append(wordings(found.decoded.alternatives, language, is_open=True))
    return "".join(html)


def length_text(found: Sum, language: str = "en") -> str:
    """The length of the sum, and of what was decoded where that is another."""
    total, target = (f"{float(np.linalg.norm(vector)):.2f}" for vector in (found.total, found.target))
    if total == target:
        return say("algebra_norm", language, total=total)
    return say("algebra_norm_changed", language, total=total, target=target)


def example_of(terms: Sequence[Term]) -> SumExample | None:
    """The example of exactly these terms."""
    return next((one for one in examples() if one.terms == tuple(terms)), None)
