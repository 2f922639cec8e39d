"""Sums of sentences: coefficients × vectors, decoded; and the replacement of a phrase, which is one."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from demos import plot
from demos.answers import Decoded, decode_with_fidelity, fidelities, read_back, unit
from demos.codec import BadSetting, Codec, EmptyInput, TextTooLong

EXAMPLES = Path(__file__).parent.parent / "assets" / "examples" / "algebra.json"
MOST_TERMS = 8
LARGEST = 2.0  # coefficient, either way
FACTORS = (0.1, 3.0)
_CANDIDATES = 8  # beams that an answer is chosen from where inputs are excluded

Length = Literal["raw", "unit", "factor"]


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
class Example:
    """Terms to begin with; `recorded` is what the article's models gave, "" where it is ours.

    Where `phrase` is true the terms are a sentence, the phrase that goes and the one that comes.
    """

    name: str
    terms: tuple[Term, ...]
    recorded: str = ""
    phrase: bool = False


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    entries: list[dict[str, Any]] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return tuple(
        Example(
            entry["name"],
            tuple(Term(text, float(coefficient)) for text, coefficient in entry["terms"]),
            entry.get("recorded", ""),
            entry.get("phrase", False),
        )
        for entry in entries
    )


def combine(
    codec: Codec,
    terms: Sequence[Term],
    *,
    length: Length = "raw",
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
        TextTooLong: the term of this index has too many tokens.
        BadVector: the terms cancel out.
        BadSetting: too many terms, a coefficient beyond ±2, an unknown length, a factor out of range.
    """
    _check(terms, length, factor)
    places = [place for place, term in enumerate(terms) if term.text.strip()]
    if not places:
        raise EmptyInput()
    used = tuple(terms[place] for place in places)
    try:
        vectors = codec.encode([term.text for term in used])
    except EmptyInput as error:
        raise EmptyInput(places[error.details["index"] or 0]) from None
    except TextTooLong as error:
        known = error.details
        raise TextTooLong(places[known["index"]], known["tokens"], known["limit"]) from None
    coefficients = np.array([term.coefficient for term in used], dtype=np.float32)
    total = coefficients @ vectors
    target = unit(total) if length == "unit" else total * np.float32(factor if length == "factor" else 1.0)
    texts = {plain(term.text) for term in used}
    if exclude_inputs:
        decoded, skipped = _decode_new(codec, target, texts, alternatives, quick)
    else:
        decoded, skipped = decode_with_fidelity(codec, target, alternatives, quick)[0], ()
    return Sum(used, vectors, total, target, decoded, plain(decoded.text) in texts, skipped)


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


def plain(text: str) -> str:
    """A text without case, punctuation and the dots of ё: two that are equal say the same."""
    letters = "".join(c if c.isalnum() else " " for c in text.casefold().replace("ё", "е"))
    return " ".join(letters.split())


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
    for kind, answer in [("answer", found.decoded), *(("wording", o) for o in found.decoded.alternatives)]:
        table.append(
            {"kind": kind, "text": answer.text, "coefficient": "", "cosine": round(answer.fidelity, 4)}
        )
    return [row | {"pair": pair} for row in table]


def sum_figure(
    codec: Codec, found: Sum, words: Mapping[str, str], *, dims: int = 2, language: str = "en"
) -> plot.Figure:
    """The terms as arrows head to tail from zero, their sum, and the decoded sentence's own vector.

    The basis is that of the terms, with zero where they are too few to span the picture; it stays
    while their coefficients change.

    Args:
        words: what the legend calls "terms", "origin", "sum", "scaled" and "answer".
    """
    texts = [term.text for term in found.terms]
    origin = np.zeros((1, found.vectors.shape[1]), dtype=np.float32)
    few = len(set(texts)) <= dims
    basis = plot.fit_basis(np.vstack([found.vectors, origin]) if few else found.vectors, dims, extent=origin)
    steps = np.array([term.coefficient for term in found.terms])[:, None] * found.vectors
    chain = np.vstack([origin, np.cumsum(steps, axis=0)])
    middles = (chain[1:] + chain[:-1]) / 2
    count = len(texts)

    points = [plot.Point(text, text, words["terms"]) for text in texts]
    points.append(plot.Point("0", group=words["origin"], size=0.6))
    points += [plot.Point("", size=0) for _ in range(count - 1)]
    points.append(plot.Point(formula(found.terms), group=words["sum"], size=1.3))
    vectors = [found.vectors, chain]
    lines = [(count + i, count + i + 1) for i in range(count)]
    dashed: list[tuple[int, int]] = []
    if count > 1:
        signs = [f"{t.coefficient:+.4g}".replace("-", "−") if t.coefficient else "" for t in found.terms]
        points += [plot.Point("", sign, size=0) for sign in signs]
        vectors.append(middles)
    end = 2 * count
    if not np.allclose(found.total, found.target):
        dashed.append((end, len(points)))
        end = len(points)
        points.append(plot.Point(formula(found.terms), group=words["scaled"], size=1.1))
        vectors.append(found.target[None])
    if found.decoded.text.strip():
        dashed.append((end, len(points)))
        points.append(plot.Point(found.decoded.text, found.decoded.text, words["answer"], 1.4))
        vectors.append(read_back(codec, [found.decoded.text]))
    order = [words[key] for key in ("terms", "answer", "sum", "scaled", "origin")]
    return plot.figure(
        basis, np.vstack(vectors), points, lines=lines, dashed=dashed, groups=order, language=language
    )


def _check(terms: Sequence[Term], length: str, factor: float) -> None:
    if not 1 <= len(terms) <= MOST_TERMS:
        raise BadSetting("terms", len(terms), f"1 to {MOST_TERMS} terms")
    for term in terms:
        if not math.isfinite(term.coefficient) or abs(term.coefficient) > LARGEST:
            raise BadSetting("coefficient", term.coefficient, f"a number from −{LARGEST:g} to {LARGEST:g}")
    if length not in get_args(Length):
        raise BadSetting("length", length, " / ".join(get_args(Length)))
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
    usual = decode_with_fidelity(codec, target, alternatives, quick)[0]
    others = tuple(other for other in usual.alternatives if plain(other.text) not in texts)
    if plain(usual.text) not in texts:
        dropped = tuple(other.text for other in usual.alternatives if other not in others)
        return replace(usual, alternatives=others), dropped
    count = max(_CANDIDATES, alternatives + 1)
    beams = codec.decode(target, quick=usual.quick, num_return_sequences=count)[0]
    found = [candidate.text for candidate in beams if candidate.text.strip()]
    fresh = [text for text in dict.fromkeys(found) if plain(text) not in texts][: alternatives + 1]
    if not fresh:
        return replace(usual, alternatives=others), ()
    skipped = dict.fromkeys([usual.text, *(text for text in found[: found.index(fresh[0])])])
    cosines = fidelities(codec, np.repeat(target[None], len(fresh), axis=0), fresh)
    first, *rest = [Decoded(text, cosine) for text, cosine in zip(fresh, cosines, strict=True)]
    rest.sort(key=lambda other: -other.fidelity)
    return Decoded(first.text, first.fidelity, tuple(rest), usual.quick), tuple(skipped)
