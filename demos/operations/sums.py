"""Sums of sentences: coefficients × vectors, decoded; and the replacement of a phrase, which is one."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from demos.codec import BadSetting, Codec, EmptyInput, unit
from demos.operations.answers import Decoded, answer, by_fidelity, decoded, same_words
from demos.operations.text import clean

EXAMPLE_FILE = Path(__file__).resolve().parents[2] / "assets" / "examples" / "algebra.json"
MOST_TERMS = 8
LARGEST = 2.0  # coefficient, either way
FACTORS = (0.1, 3.0)
_CANDIDATES = 8  # beams that an answer is chosen from where inputs are excluded

SumLength = Literal["raw", "unit", "factor"]


@dataclass(frozen=True)
class Term:
    """A text, in any language of the encoder, and how many times its vector is added."""

    text: str
    coefficient: float = 1.0


@dataclass(frozen=True, eq=False)
class Sum:
    """A sum of terms and what it says.

    Attributes:
        terms: those with a text; vectors: (n, dim), theirs.
        total: (dim,), the sum as it comes; target: what was decoded, `total` at the wanted length.
        repeats: the answer says the same as one of the terms.
        skipped: what was passed over because it does, where that was asked for.
    """

    terms: tuple[Term, ...]
    vectors: np.ndarray
    total: np.ndarray
    target: np.ndarray
    decoded: Decoded
    repeats: bool = False
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True)
class SumExample:
    """Terms to begin with; `recorded` is what the article's models gave, "" where it is ours, and `gloss`
    what the terms say in English.

    Where `phrase` is true the terms are a sentence, the phrase that goes and the one that comes. The bundled
    pair answers the `hard` ones poorly.
    """

    name: str
    terms: tuple[Term, ...]
    recorded: str = ""
    phrase: bool = False
    gloss: str = ""
    hard: bool = False


@cache
def examples() -> tuple[SumExample, ...]:
    """The bundled sums, in the order of the buttons."""
    entries: list[dict[str, Any]] = json.loads(EXAMPLE_FILE.read_text(encoding="utf-8"))
    return tuple(
        SumExample(
            entry["name"],
            tuple(Term(text, float(coefficient)) for text, coefficient in entry["terms"]),
            entry.get("recorded", ""),
            entry.get("phrase", False),
            entry["gloss"],
            entry.get("hard", False),
        )
        for entry in entries
    )


def combine(
    codec: Codec,
    terms: Sequence[Term],
    *,
    length: SumLength = "raw",
    factor: float = 1.0,
    alternatives: int = 0,
    exclude_inputs: bool = False,
    quick: bool = False,
) -> Sum:
    """Add up terms and decode the sum.

    Args:
        terms: at most eight; those without a text take no part.
        length: of the decoded vector: "raw" as it comes, as in the article; "unit" makes it 1;
            "factor" is as it comes times `factor`. A longer vector says what it says more strongly.
        alternatives: how many other wordings to give.
        exclude_inputs: pass over candidates that repeat a term; what was passed over is in `skipped`.
        quick: decode as the pair does where an answer is wanted at once.

    Raises:
        EmptyInput: no term has a text.
        TextTooLong, SaysNothing: the term of this index cannot be encoded.
        BadVector: the terms cancel out.
        BadSetting: too many terms, a coefficient beyond ±2, an unknown length, a factor out of range.
    """
    _check(terms, length, factor)
    terms = [replace(term, text=clean(term.text)) for term in terms]
    used = tuple(term for term in terms if term.text.strip())
    if not used:
        raise EmptyInput()
    vectors, errors = codec.encode_each([term.text for term in terms])
    for index, error in errors.items():
        if terms[index].text.strip():
            raise error
    coefficients = np.array([term.coefficient for term in used], dtype=np.float32)
    total = coefficients @ vectors
    target = unit(total) if length == "unit" else total * np.float32(factor if length == "factor" else 1.0)
    texts = {same_words(term.text) for term in used}
    if exclude_inputs:
        found, skipped = _decode_new(codec, target, texts, alternatives, quick)
    else:
        found, skipped = answer(codec, target, alternatives, quick)[0], ()
    return Sum(used, vectors, total, target, found, same_words(found.text) in texts, skipped)


def phrase_terms(sentence: str, old: str, new: str, strength: float = 1.0) -> tuple[Term, Term, Term]:
    """A sentence with one phrase for another: sentence − strength · old + strength · new."""
    return Term(sentence), Term(old, -strength), Term(new, strength)


def formula_parts(terms: Sequence[Term]) -> list[tuple[str, str]]:
    """Each term's sign and coefficient, and its text: [("", "король"), ("− 0.5 × ", "мужчина")]."""
    parts = []
    for place, term in enumerate(terms):
        size = abs(term.coefficient)
        sign = ("− " if place else "−") if term.coefficient < 0 else "+ " if place else ""
        parts.append((sign + ("" if size == 1 else f"{size:.4g} × "), " ".join(term.text.split())))
    return parts


def formula(terms: Sequence[Term]) -> str:
    """The sum as it is written: "король − мужчина + 0.5 × женщина"."""
    return " ".join(lead + text for lead, text in formula_parts(terms))


def rows(found: Sum, pair: str) -> list[dict[str, object]]:
    """The terms and the answers as a table to download; `pair` is its title.

    The cosine of a term is with the sum, so it says how near to each other they are.
    """
    cosines = unit(found.vectors) @ unit(found.total)
    table: list[dict[str, object]] = [
        {
            "kind": "term",
            "text": term.text,
            "coefficient": term.coefficient,
            "cosine": round(float(cosine), 4),
        }
        for term, cosine in zip(found.terms, cosines, strict=True)
    ]
    for kind, one in [("answer", found.decoded), *(("wording", o) for o in found.decoded.alternatives)]:
        table.append({"kind": kind, "text": one.text, "coefficient": "", "cosine": round(one.fidelity, 4)})
    return [row | {"pair": pair} for row in table]


def _check(terms: Sequence[Term], length: str, factor: float) -> None:
    if not 1 <= len(terms) <= MOST_TERMS:
        raise BadSetting("terms", len(terms), f"1 to {MOST_TERMS} terms")
    for term in terms:
        if not math.isfinite(term.coefficient) or abs(term.coefficient) > LARGEST:
            raise BadSetting("coefficient", term.coefficient, f"a number from −{LARGEST:g} to {LARGEST:g}")
    if length not in get_args(SumLength):
        raise BadSetting("length", length, " / ".join(get_args(SumLength)))
    low, high = FACTORS
    if length == "factor" and not low <= factor <= high:
        raise BadSetting("factor", factor, f"a number from {low:g} to {high:g}")


def _decode_new(
    codec: Codec, target: np.ndarray, texts: set[str], alternatives: int, quick: bool
) -> tuple[Decoded, tuple[str, ...]]:
    """An answer without what repeats `texts`, and what was passed over.

    Where the usual answer repeats one, the best of more beams that does not is taken; where they all
    do, the usual answer is given all the same: the sum has no other.
    """
    usual = answer(codec, target, alternatives, quick)[0]
    others = tuple(other for other in usual.alternatives if same_words(other.text) not in texts)
    if same_words(usual.text) not in texts:
        dropped = tuple(other.text for other in usual.alternatives if other not in others)
        return replace(usual, alternatives=others), dropped
    settings = codec.quick if usual.quick else codec.decoding
    found = codec.candidates(target, max(_CANDIDATES, alternatives + 1), settings)[0]
    ranked = list({one.text: one for one in found if one.text.strip()}.values())
    fresh = [one for one in ranked if same_words(one.text) not in texts][: alternatives + 1]
    if not fresh:
        return replace(usual, alternatives=others), ()
    skipped = dict.fromkeys([usual.text, *(one.text for one in ranked[: ranked.index(fresh[0])])])
    best = replace(decoded(fresh[0]), alternatives=tuple(by_fidelity(fresh[1:])), quick=usual.quick)
    return best, tuple(skipped)
