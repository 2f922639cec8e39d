"""What the Algebra tab says, as HTML: every text of a visitor or a decoder is escaped here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.i18n import say
from demos.markup import answered_by, copy_button, fidelity, safe, wordings
from demos.sums import Sum, Term, examples, formula_parts

PLOT_WORDS = ("terms", "origin", "sum", "scaled", "answer")


def formula_html(terms: Sequence[Term], language: str = "en") -> str:
    """The sum as it is written, each sign with its term in one piece."""
    parts = []
    for term, (lead, text) in zip(terms, formula_parts(terms), strict=True):
        kind = "none" if term.coefficient == 0 else "minus" if term.coefficient < 0 else "plus"
        parts.append(f'<span class="algebra-{kind}"><b>{lead}</b>{safe(text)}</span>')
    return (
        f'<div class="algebra-formula">{" ".join(parts)} <b>{safe(say("algebra_equals", language))}</b></div>'
    )


def answer_html(
    found: Sum,
    pair: str,
    language: str = "en",
    excluded: bool = False,
    note: str = "",
    run: int = 0,
) -> str:
    """The formula, the answer, its fidelity, and what there is to know about it.

    Args:
        pair: the title of the pair that answered.
        excluded: the terms were not to be an answer.
        note: the key of one more remark, "" for none.
        run: the number of the run that answers quickly; see `answered_by`.
    """
    answer = found.decoded
    facts = f"{fidelity(answer.fidelity, language)} {copy_button(answer.text, language)}"
    facts += f' <span class="ss-note">{safe(length_text(found, language))}</span>'
    html = [
        formula_html(found.terms, language),
        f'<div class="ss-answer" id="algebra-answer-text">{safe(answer.text)}</div>',
        f'<div class="algebra-facts">{facts}</div>',
    ]
    notes = [say(note, language)] if note else []
    if found.skipped:
        texts = ", ".join(f"«{text}»" for text in found.skipped)
        notes.append(say("algebra_skipped", language, texts=texts))
    if found.repeats:
        notes.append(say("algebra_repeats_anyway" if excluded else "algebra_repeats", language))
    recorded = recorded_answer(found.terms)
    if recorded:
        notes.append(say("algebra_recorded", language, text=recorded))
    html += [f'<p class="ss-note">{safe(text)}</p>' for text in notes]
    html.append(wordings(answer.alternatives, language, is_open=True))
    html.append(answered_by(pair, language, run * answer.quick))
    return "".join(html)


def length_text(found: Sum, language: str = "en") -> str:
    """The length of the sum, and of what was decoded where that is another."""
    total, target = (f"{float(np.linalg.norm(vector)):.2f}" for vector in (found.total, found.target))
    if total == target:
        return say("algebra_norm", language, total=total)
    return say("algebra_norm_changed", language, total=total, target=target)


def recorded_answer(terms: Sequence[Term]) -> str:
    """What the article's models gave for exactly these terms; "" where they were not asked."""
    return next((one.recorded for one in examples() if one.terms == tuple(terms)), "")


def plot_words(language: str = "en") -> dict[str, str]:
    """What the legend calls the groups of the picture."""
    return {word: say(f"algebra_plot_{word}", language) for word in PLOT_WORDS}
