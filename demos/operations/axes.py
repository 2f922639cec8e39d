"""Style axes: a direction between two lists of sentences that say the same thing in two ways.

The article's recipe: ``delta = mean(encode(B)) - mean(encode(A))``. Adding the delta to a
sentence's vector with a strength moves the sentence from A's style towards B's. Neither the delta
nor the sum is normalised, so a strength of 1 is one average step from A to B.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from cachetools import LRUCache, cached

from demos.codec import Codec, CodecError, unit
from demos.operations.files.columns import kind_of
from demos.operations.files.tables import Table, is_missing
from demos.operations.text import lines_of, one_line

STYLE_FILES = Path(__file__).resolve().parents[2] / "assets" / "style"
BUILT_IN = ("ty_vy", "negative_positive", "informal_formal", "reserved_emotive")
MAX_SENTENCES = 200  # a side of the user's own axis
MAX_NAME = 40  # characters of its name
MOST_OWN = 3  # axes that a user may have at a time
LARGEST_STRENGTH = 20.0  # beyond it a sum says nothing of the sentence any more
FARTHEST = 0.5  # of a sentence's length: beyond it many answers are no sentences any more
CACHED_DIRECTIONS = 32 << 20  # bytes of axes with their vectors that are kept
SHORTEST_DELTA = 1e-4  # of unit vectors: below it the two lists mean the same to the encoder


class AxisError(CodecError):
    """An axis that cannot be made or used; `reason` says why.

    Reasons: "no_name", "long_name" (limit), "name_taken" (name), "no_sentences" (side "A" or "B"),
    "many_sentences" (side, count, limit), "same_lists", "one_column" (of a table), "unknown" (name, known),
    "many" (limit), "unreadable", "bad_strength" (name, limit).
    """

    code: ClassVar[str] = "axis"

    def __init__(self, reason: str, message: str, **details: Any) -> None:
        super().__init__(message, reason=reason, **details)


@dataclass(frozen=True)
class Axis:
    """Two lists of sentences; the style goes from the first to the second.

    Lists of equal length are pairs: the i-th sentences say the same thing.
    """

    name: str
    from_label: str
    to_label: str
    from_texts: tuple[str, ...]
    to_texts: tuple[str, ...]
    source: str  # who wrote the sentences, as the screen says it

    @property
    def paired(self) -> bool:
        return len(self.from_texts) == len(self.to_texts)


@dataclass(frozen=True, eq=False)
class Direction:
    """An axis in one pair's space: the unit vectors of its sentences (n, dim), (m, dim); its delta (dim,)."""

    axis: Axis
    from_vectors: np.ndarray
    to_vectors: np.ndarray
    delta: np.ndarray

    @property
    def length(self) -> float:
        """How far a strength of 1 moves a sentence; sentences themselves have length 1."""
        return float(np.linalg.norm(self.delta))

    @property
    def nbytes(self) -> int:
        """What it takes in memory, about: a character of Russian takes two bytes."""
        letters = sum(map(len, (*self.axis.from_texts, *self.axis.to_texts)))
        return self.from_vectors.nbytes + self.to_vectors.nbytes + self.delta.nbytes + 2 * letters

    @property
    def reach(self) -> float:
        """How far a slider goes: the largest strength, in tenths, that moves a sentence within `FARTHEST`."""
        return min(math.floor(10 * FARTHEST / self.length) / 10, LARGEST_STRENGTH)


@dataclass(frozen=True)
class Lists:
    """Two columns of a table as the lists of an axis, a sentence a line; row by row they are pairs.

    Attributes:
        name: "A → B" of the two columns, "" where they have no names, or long ones.
        columns: the two columns.
        pairs: how many rows have a sentence in both; `left_out`, how many in one alone.
    """

    name: str
    columns: tuple[str, str]
    from_text: str
    to_text: str
    pairs: int
    left_out: int


@dataclass(frozen=True)
class Separation:
    """Of `total` held-out pairs, `right` point the way of the axis that was made without them."""

    right: int
    total: int

    @property
    def share(self) -> float:
        """right / total, NaN when there was nothing to hold out; chance gives about a half."""
        return self.right / self.total if self.total else float("nan")


def read_axis(path: Path) -> Axis:
    """Read one axis: ``#`` comments (one ``# origin: …``), a line with the two labels, the pairs.

    Raises:
        ValueError: a line has not two columns, or no origin is named.
    """
    origin, rows = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            key, _, value = line.lstrip("# ").partition(":")
            origin = value.strip() if key == "origin" else origin
        elif line.strip():
            rows.append(tuple(line.split("\t")))
    if not origin or any(len(row) != 2 for row in rows):
        raise ValueError(f"{path}: expected a '# origin:' line and two columns in every row")
    (from_label, to_label), *pairs = rows
    from_texts, to_texts = zip(*pairs, strict=True)
    return Axis(path.stem, from_label, to_label, from_texts, to_texts, origin)


def lists_of(table: Table) -> Lists:
    """The first two columns of a table that have words in them, not codes or addresses.

    Raises:
        AxisError: there are no two such columns, or no row has a sentence in both.
    """
    worded = [name for name in table.columns if name in table.text_columns]
    columns = [name for name in worded if kind_of(table.column(name)) == "text"][:2]
    if len(columns) < 2:
        raise AxisError("one_column", f"{len(columns)} columns with words, expected two")
    a, b = columns
    cells = [
        tuple("" if is_missing(cell) else " ".join(cell.split()) for cell in row)
        for row in zip(table.column(a), table.column(b), strict=True)
    ]
    pairs = [row for row in cells if all(row)]
    if not pairs:
        raise AxisError("one_column", "no row has a sentence in both columns")
    from_texts, to_texts = zip(*pairs, strict=True)
    name = f"{a} → {b}"
    return Lists(
        name="" if len(name) > MAX_NAME or table.guess("header") == "no" else name,
        columns=(a, b),
        from_text="\n".join(from_texts),
        to_text="\n".join(to_texts),
        pairs=len(pairs),
        left_out=sum(any(row) for row in cells) - len(pairs),
    )


@cache
def built_in_axes() -> tuple[Axis, ...]:
    """The bundled axes, in the order of the sliders."""
    return tuple(read_axis(STYLE_FILES / f"{name}.tsv") for name in BUILT_IN)


def own_axis(name: str, from_text: str, to_text: str, taken: Sequence[str] = BUILT_IN) -> Axis:
    """An axis from two pasted lists, one sentence a line; a name like "past → future" names its ends.

    Raises:
        AxisError: the name is empty, too long or taken; a list is empty or too long; both are the same.
    """
    name = one_line(name)
    if not name:
        raise AxisError("no_name", "the axis has no name")
    if len(name) > MAX_NAME:
        raise AxisError("long_name", f"the name has over {MAX_NAME} characters", limit=MAX_NAME)
    if name.casefold() in {other.casefold() for other in taken}:
        raise AxisError("name_taken", f"there is an axis {name!r} already", name=name)
    lists = []
    for side, text in (("A", from_text), ("B", to_text)):
        sentences = tuple(lines_of(text))
        if not sentences:
            raise AxisError("no_sentences", f"list {side} is empty", side=side)
        if len(sentences) > MAX_SENTENCES:
            message = f"list {side} has {len(sentences)} sentences, at most {MAX_SENTENCES} are taken"
            raise AxisError("many_sentences", message, side=side, count=len(sentences), limit=MAX_SENTENCES)
        lists.append(sentences)
    if sorted(lists[0]) == sorted(lists[1]):
        raise AxisError("same_lists", "both lists are the same, so there is no direction between them")
    ends = [part.strip() for part in name.split("→")]
    from_label, to_label = ends if len(ends) == 2 and all(ends) else ("A", "B")
    return Axis(name, from_label, to_label, lists[0], lists[1], "pasted")


def pack(axes: Sequence[Axis]) -> str:
    """The user's own axes as a text, "" for none, from which `unpack` makes them again."""
    lists = [[axis.name, "\n".join(axis.from_texts), "\n".join(axis.to_texts)] for axis in axes]
    return json.dumps(lists, ensure_ascii=False) if lists else ""


def unpack(packed: str) -> tuple[Axis, ...]:
    """The axes that `pack` wrote down; the text comes from a browser, so it may be any.

    Raises:
        AxisError: the text is no such list, it holds more than `MOST_OWN`, or one of them cannot be made.
    """
    try:
        lists = json.loads(packed) if packed.strip() else []
        given = [(str(name), str(one), str(other)) for name, one, other in lists]
    except (ValueError, TypeError, RecursionError) as error:
        raise AxisError("unreadable", "these are no axes") from error
    if len(given) > MOST_OWN:
        raise AxisError("many", f"{len(given)} axes, at most {MOST_OWN} are kept", limit=MOST_OWN)
    axes: list[Axis] = []
    for name, one, other in given:
        axes.append(own_axis(name, one, other, taken=[*BUILT_IN, *(axis.name for axis in axes)]))
    return tuple(axes)


@cached(LRUCache(CACHED_DIRECTIONS, lambda found: found.nbytes), lock=threading.Lock())
def direction(codec: Codec, axis: Axis) -> Direction:
    """Encode an axis with a pair's encoder (remembered: a slider must not wait for it).

    Raises:
        AxisError: the encoder gives both lists the same mean vector.
        CodecError: a sentence is too long for the encoder, or says nothing.
    """
    vectors = codec.encode([*axis.from_texts, *axis.to_texts])
    from_vectors, to_vectors = vectors[: len(axis.from_texts)], vectors[len(axis.from_texts) :]
    delta = to_vectors.mean(0) - from_vectors.mean(0)
    if np.linalg.norm(delta) < SHORTEST_DELTA:
        raise AxisError("same_lists", "both lists mean the same to the encoder")
    return Direction(axis, from_vectors, to_vectors, delta)


def separation(axis: Direction) -> Separation:
    """Leave-one-out quality: hold out each pair, make the axis from the rest, see where the pair points.

    Lists of different lengths have no pairs; then every sentence of A with every one of B counts as one.
    """
    a, b = axis.from_vectors, axis.to_vectors
    if len(a) < 2 or len(b) < 2:
        return Separation(0, 0)
    a_rest = (a.sum(0) - a) / (len(a) - 1)
    b_rest = (b.sum(0) - b) / (len(b) - 1)
    if axis.axis.paired:
        scores = ((b - a) * (b_rest - a_rest)).sum(1)
    else:
        scores = (b * b_rest).sum(1)[None, :] - a_rest @ b.T - a @ b_rest.T + (a * a_rest).sum(1)[:, None]
    return Separation(int((scores > 0).sum()), int(scores.size))


def cosines(directions: Sequence[Direction]) -> np.ndarray:
    """Cosines between the deltas, (n, n): near 0 the axes are independent, near ±1 they are one."""
    deltas = unit(np.stack([one.delta for one in directions]))
    return np.asarray(deltas @ deltas.T)


def check_strengths(axes: Sequence[Axis], strengths: Mapping[str, float]) -> None:
    """Raise AxisError where a strength names no axis or is not a number within ±20."""
    known = [axis.name for axis in axes]
    for name, strength in strengths.items():
        if name not in known:
            raise AxisError("unknown", f"no axis {name!r}; known: {', '.join(known)}", name=name, known=known)
        if not abs(strength) <= LARGEST_STRENGTH:
            message = (
                f"the strength of {name!r} is {strength}, expected a number within ±{LARGEST_STRENGTH:g}"
            )
            raise AxisError("bad_strength", message, name=name, limit=LARGEST_STRENGTH)


def steer(vector: np.ndarray, directions: Sequence[Direction], strengths: Mapping[str, float]) -> np.ndarray:
    """A sentence's vector (dim,) plus each delta times its strength; not normalised (the article)."""
    moved = vector.astype(np.float32, copy=True)
    for axis in directions:
        moved += np.float32(strengths.get(axis.axis.name, 0.0)) * axis.delta
    return moved
