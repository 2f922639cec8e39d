"""A map that answers: a place of the plane, a point, the way between two points or a group of them, in words.

What is asked comes from a browser, so it is checked here; the vectors never leave the server.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demos.codec import BadSetting, BadVector, Codec, check_whole, unit
from demos.operations.answers import Decoded, answer, same_words
from demos.operations.journey import SHORTEST, Stop, as_long_as_sure, folded, slerp

BETWEEN = (1, 15)  # sentences said on a way
NEIGHBOURS = 3
LARGEST_COORDINATE = 100.0  # a coordinate beyond it is nonsense: sentences have length 1
_POWER = 4  # of the distance, by which a neighbour counts less


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane of the space: a point on it, `origin` (dim,), and two directions, `axes` (2, dim).

    The directions are at right angles and of length 1; of a line the second is zero.
    """

    origin: np.ndarray
    axes: np.ndarray

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors (n, dim) → the places (n, 2) where they are drawn."""
        return np.asarray((vectors - self.origin) @ self.axes.T)

    def at(self, places: np.ndarray) -> np.ndarray:
        """Places (n, 2) → the plane's own points there (n, dim)."""
        return np.asarray(self.origin + places @ self.axes)


@dataclass(frozen=True, eq=False)
class Map:
    """What is drawn: n marks, each with a vector, `vectors` (n, dim), and the sentence that it is of, ""
    where it is of none."""

    plane: Plane
    vectors: np.ndarray
    texts: tuple[str, ...]

    @cached_property
    def sentences(self) -> np.ndarray:
        """(s,) the numbers of the marks that are sentences."""
        return np.array([n for n, text in enumerate(self.texts) if text.strip()], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Said:
    """A sentence for a place or a group, and where (2,) it lies itself; None if it has no vector."""

    decoded: Decoded
    lies: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Way:
    """The sentences between two marks, the places (n, 2) they were said for, and the same folded.

    The first and the last of `stops` are the marks' own texts, at the shares 0 and 1.
    """

    places: np.ndarray
    said: tuple[Decoded, ...]
    stops: tuple[Stop, ...]


def place_vector(
    place: np.ndarray, plane: Plane, points: np.ndarray, vectors: np.ndarray, uncertain: bool = False
) -> np.ndarray:
    """The vector (dim,) for a place (2,) of a map whose points (n, 2) have these vectors (n, dim).

    The plane's own point, and the neighbours' parts across the plane weighted by nearness as in Shepard
    (1968, "A two-dimensional interpolation function for irregularly-spaced data"). On a point it is that
    point's own vector, and the mean of those that share it. Elsewhere it is stretched to the neighbours'
    length, or, if it may be `uncertain`, as long as it comes, but not longer, nor shorter than `SHORTEST`.
    """
    base = plane.at(place[None])[0]
    if not len(points):
        return np.asarray(base, dtype=np.float32)
    distances = np.linalg.norm(points - place, axis=1)
    nearest = float(distances.min())
    on_point = nearest < 1e-6
    weights = (distances < 1e-6).astype(float) if on_point else (nearest / distances) ** _POWER
    weights /= weights.sum()
    found = base + weights @ (vectors - plane.at(points))
    length, wanted = float(np.linalg.norm(found)), float(weights @ np.linalg.norm(vectors, axis=1))
    if uncertain:
        wanted *= float(np.clip(length / wanted, SHORTEST, 1.0)) if wanted > 0 else 1.0
    return np.asarray(found * (wanted / length) if length > 1e-9 else found, dtype=np.float32)


def say_place(codec: Codec, drawn: Map, place: object, quick: bool = False) -> Said:
    """What is said at a place [x, y] of the map.

    Raises:
        BadSetting: it is no place. BadVector, Busy: as `Codec.candidates` does.
    """
    rows = drawn.vectors[drawn.sentences]
    points = drawn.plane.place(rows)
    vector = place_vector(checked_place(place), drawn.plane, points, rows, codec.reads_length)
    return _said(codec, drawn, vector, quick)


def say_mark(codec: Codec, drawn: Map, mark: object) -> Said:
    """The sentence of a mark; of a mark that is none, such as a sum, what its vector says.

    Raises:
        BadSetting: there is no such mark. BadVector, Busy: as `Codec.candidates` does.
    """
    number = checked_mark(mark, len(drawn.texts))
    vector, text = drawn.vectors[number], drawn.texts[number]
    if not text.strip():
        return _said(codec, drawn, vector, quick=False)
    return Said(Decoded(text, 1.0, vector=vector), drawn.plane.place(vector[None])[0])


def say_average(codec: Codec, drawn: Map, marks: object) -> Said:
    """The average of the sentences among some marks, as one sentence.

    Raises:
        BadSetting: these are no marks, or none of them is a sentence.
    """
    chosen = np.intersect1d(checked_marks(marks, len(drawn.texts)), drawn.sentences)
    if not len(chosen):
        raise BadSetting("marks", [], "at least one sentence")
    return _said(codec, drawn, unit(drawn.vectors[chosen].mean(axis=0)), quick=False)


def say_way(codec: Codec, drawn: Map, start: object, end: object, between: object = 5) -> Way:
    """The sentences between two marks, evenly spread on the shorter arc between their vectors.

    They are decoded as those of a journey are, see `demos.operations.journey`.

    Raises:
        BadSetting: no such marks, or not 1 to 15 sentences between. BadVector: a mark has no direction.
    """
    first, last = (checked_mark(mark, len(drawn.texts)) for mark in (start, end))
    count = check_whole("between", between, *BETWEEN)
    ends = unit(drawn.vectors[[first, last]])
    if not ends.any(axis=1).all():
        raise BadVector("zero", "a vector of zeros has no direction")
    shares = np.linspace(0.0, 1.0, count + 2)
    points = slerp(ends[0], ends[1], shares)
    said = answer(codec, as_long_as_sure(codec, points)[1:-1])
    texts = [Decoded(drawn.texts[mark], 1.0, vector=points[at]) for mark, at in ((first, 0), (last, -1))]
    stops = folded([float(share) for share in shares], [texts[0], *said, texts[1]])
    return Way(drawn.plane.place(points[1:-1]), tuple(said), stops)


def nearest(drawn: Map, mark: object, count: int = NEIGHBOURS) -> list[tuple[int, float]]:
    """The sentences nearest to a mark in the whole space, not in the plane → numbers and cosines.

    Sentences that say the same as the mark, or as a nearer one, are left out.
    """
    number = checked_mark(mark, len(drawn.texts))
    cosines = unit(drawn.vectors[drawn.sentences]) @ unit(drawn.vectors[number])
    known, found = {same_words(drawn.texts[number])}, list[tuple[int, float]]()
    for at in np.argsort(-cosines, kind="stable"):
        other = int(drawn.sentences[at])
        words = same_words(drawn.texts[other])
        if other != number and words not in known:
            known.add(words)
            found.append((other, float(np.clip(cosines[at], -1.0, 1.0))))
        if len(found) == count:
            break
    return found


def checked_place(place: object) -> np.ndarray:
    """[x, y] as (2,); BadSetting for anything else."""
    if isinstance(place, Sequence) and len(place) == 2 and all(map(_is_coordinate, place)):
        return np.array(place, dtype=np.float64)
    raise BadSetting(
        "place", _brief(place), f"two numbers from −{LARGEST_COORDINATE:.0f} to {LARGEST_COORDINATE:.0f}"
    )


def checked_mark(mark: object, count: int) -> int:
    """The number of one of `count` marks; BadSetting for anything else."""
    if isinstance(mark, int) and not isinstance(mark, bool) and 0 <= mark < count:
        return mark
    raise BadSetting("mark", _brief(mark), f"a whole number from 0 to {count - 1}")


def checked_marks(marks: object, count: int) -> np.ndarray:
    """(m,) the numbers of some of `count` marks, in order, each once; BadSetting for anything else."""
    if not isinstance(marks, list) or len(marks) > count:
        raise BadSetting("marks", _brief(marks), f"a list of at most {count} numbers")
    return np.array(sorted({checked_mark(mark, count) for mark in marks}), dtype=np.int64)


def _is_coordinate(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and abs(value) <= LARGEST_COORDINATE  # type: ignore[arg-type]


def _brief(value: object) -> str:
    """A value as an error may repeat it."""
    return repr(value)[:60]


def _said(codec: Codec, drawn: Map, vector: np.ndarray, quick: bool) -> Said:
    if not np.linalg.norm(vector) > 1e-6:
        raise BadVector("zero", "a vector of zeros has no direction")
    found = answer(codec, vector, quick=quick)[0]
    return Said(found, drawn.plane.place(found.vector[None])[0] if found.vector.any() else None)
