"""Vectors → sentences, each with its fidelity, the range of this, and other wordings of the same vector."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from demos.codec import Candidate, Codec, Decoding
from demos.operations.text import clean

MOST_ALTERNATIVES = 10
# Where the ranges of `grade` begin. They belong to the bundled pair's encoder: `demos.training.calibrate`
# says how many of the answers in each are right.
CLOSE, NEAR = 0.85, 0.75

Grade = Literal["close", "near", "far"]


@dataclass(frozen=True)
class Decoded:
    """A sentence of a vector.

    Attributes:
        text: the decoder's best sentence.
        fidelity: the cosine between the vector and the sentence's own vector, -1 to 1; 0 for a sentence
            that has no vector, because it says nothing or never ends.
        alternatives: other sentences of the same vector, the most faithful first; they have none themselves.
        quick: it was wanted at once; a careful search may find a better one.
        vector: (dim,) the sentence's own, of length 1; zeros where it has none.
        score: the mean log-probability of its tokens, given the vector.
        fluency: the same, given none: how likely it is by itself. 0 where it was not measured.
        numbers_given: its numbers are the source's, in the places of the decoder's own: see
            `demos.operations.keeping`.
    """

    text: str
    fidelity: float
    alternatives: tuple[Decoded, ...] = ()
    quick: bool = False
    vector: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32), repr=False, compare=False)
    score: float = field(default=0.0, compare=False)
    fluency: float = field(default=0.0, compare=False)
    numbers_given: bool = False


def decoded(candidate: Candidate) -> Decoded:
    """A candidate as an answer without alternatives. One without a vector has a fidelity of -1, so that it is
    ranked last; as an answer it has one of 0, which is what the screen says."""
    fidelity = candidate.fidelity if candidate.vector.any() else 0.0
    return Decoded(candidate.text, fidelity, vector=candidate.vector, score=candidate.score)


def by_fidelity(candidates: Iterable[Candidate]) -> list[Decoded]:
    """The different sentences among candidates, the most faithful first; those that say nothing left out."""
    different = {one.text: one for one in candidates if one.text.strip()}
    return sorted(map(decoded, different.values()), key=lambda one: -one.fidelity)


def with_first_choice(
    codec: Codec, vectors: np.ndarray, n: int, settings: Decoding
) -> list[tuple[Candidate, list[Candidate]]]:
    """For each vector (m, dim) what a search with these settings puts first, and n candidates, for which it
    may need more beams: these may put another sentence first."""
    found = codec.candidates(vectors, n, settings)
    firsts = found if n <= settings.num_beams else codec.candidates(vectors, 1, settings)
    return [(first, row) for (first, *_), row in zip(firsts, found, strict=True)]


def answer(codec: Codec, vectors: np.ndarray, alternatives: int = 0, quick: bool = False) -> list[Decoded]:
    """Vectors (n, dim) or (dim,) → a sentence each, and up to `alternatives` different other wordings.

    Where the careful answer is known already, or is found in the same way, a quick one is not given; a
    quick answer has no more alternatives than its beams give. The codec's own first choice stays first,
    so asking for alternatives does not change the answer.

    Raises:
        BadVector, Busy: as `Codec.candidates` does.
    """
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float32))
    quick = quick and codec.quick != codec.decoding and not codec.remembers(rows)
    settings = codec.quick if quick else codec.decoding
    wanted = max(0, min(alternatives, settings.num_beams - 1 if quick else MOST_ALTERNATIVES))
    answers = []
    for first, row in with_first_choice(codec, rows, wanted + 1, settings):
        others = [one for one in by_fidelity(row) if one.text != first.text]
        answers.append(replace(decoded(first), alternatives=tuple(others[:wanted]), quick=quick))
    return answers


def same_words(text: str) -> str:
    """A text without case, punctuation and the dots of ё, however it is typed: equal ones say the same."""
    letters = "".join(c if c.isalnum() else " " for c in clean(text).casefold().replace("ё", "е"))
    return " ".join(letters.split())


def grade(fidelity: float) -> Grade:
    """What a fidelity (-1 to 1) means to somebody who has never seen one: which of three ranges it is in."""
    if fidelity >= CLOSE:
        return "close"
    return "near" if fidelity >= NEAR else "far"
