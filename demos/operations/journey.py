"""From one sentence to another: points on the great circle between their vectors, each decoded.

The points are Shoemake's slerp (1985, "Animating rotation with quaternion curves"), so all of them have
length 1, as sentences do. On the straight line between two vectors the middle is shorter, the more so the
less they have in common: that is how certain its direction is, and what a pair that reads lengths is given.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from demos.codec import Codec, check_whole, unit
from demos.operations.answers import Decoded, answer, same_words
from demos.operations.restyling import MarkedPart, mark_changes

STEPS, USUAL_STEPS = (3, 15), 7
EXAMPLE_FILE = Path(__file__).resolve().parents[2] / "assets" / "examples" / "journeys.json"
SHORTEST = 0.25  # the least length that the bundled decoder was trained on
_SMALL = 1e-4  # radians: between vectors nearer than this the line is as good


@dataclass(frozen=True)
class JourneyExample:
    """Two sentences to try, and the name of the pair."""

    name: str
    start: str
    end: str


@dataclass(frozen=True, eq=False)
class Stop:
    """A sentence on the way, and the part of the way on which it is what the vectors say.

    Attributes:
        first, last: shares of the way, 0 to 1; equal where only one point says it.
        decoded: the most faithful of the decoded sentences that differ in case and punctuation alone.
        marked: its text cut where its words differ from those of the stop before, new ones marked True.
    """

    first: float
    last: float
    decoded: Decoded
    marked: tuple[MarkedPart, ...]


@dataclass(frozen=True, eq=False)
class Journey:
    """The way from one sentence to another.

    Attributes:
        start, end: the sentences.
        points: (steps, dim) unit vectors, the first that of `start`, the last that of `end`.
        decoded: what each point says.
        stops: the same with repetitions folded.
    """

    start: str
    end: str
    points: np.ndarray
    decoded: tuple[Decoded, ...]
    stops: tuple[Stop, ...]

    def numbers(self, stop: Stop) -> tuple[int, int]:
        """The first and the last point, from 1 on, that say what this stop says."""
        last = len(self.points) - 1
        return round(stop.first * last) + 1, round(stop.last * last) + 1

    def place(self, stop: Stop) -> str:
        """The same as it is written: "3", "3–5"."""
        first, last = self.numbers(stop)
        return f"{first}" if first == last else f"{first}–{last}"


@cache
def examples() -> tuple[JourneyExample, ...]:
    """The bundled ways, in the order of the buttons."""
    entries: list[dict[str, str]] = json.loads(EXAMPLE_FILE.read_text(encoding="utf-8"))
    return tuple(JourneyExample(**entry) for entry in entries)


def rows(journey: Journey, pair: str) -> list[dict[str, str | float]]:
    """Every point as a row to download."""
    shares = np.linspace(0.0, 1.0, len(journey.points))
    return [
        {
            "start": journey.start,
            "end": journey.end,
            "share": round(float(share), 4),
            "answer": found.text,
            "fidelity": round(found.fidelity, 4),
            "pair": pair,
        }
        for share, found in zip(shares, journey.decoded, strict=True)
    ]


def slerp(start: np.ndarray, end: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Points on the shorter arc between two unit vectors (dim,) → (n, dim), as far on as `shares` (n,) say.

    Between opposite vectors no arc is the shorter one: one of them is taken, always the same.
    """
    cosine = float(np.clip(start @ end, -1.0, 1.0))
    angle = float(np.arccos(cosine))
    if angle < _SMALL:
        points = start + shares[:, None] * (end - start)
    else:
        across = end - cosine * start
        if np.linalg.norm(across) < _SMALL:  # opposite ends: any right angle will do
            axis = np.eye(len(start))[np.argmin(np.abs(start))]
            across = axis - (axis @ start) * start
        across = across / np.linalg.norm(across)
        turned = angle * shares[:, None]
        points = np.cos(turned) * start + np.sin(turned) * across
    return unit(points)


def chord(points: np.ndarray) -> np.ndarray:
    """How long the straight line between the first and the last of the points (n, dim) of an arc is cut by
    the direction of each: (n,), 1 at both ends, least in the middle.

    Between opposite ends it passes through zero, which has no direction: `SHORTEST` is the least.
    """
    half = np.arccos(np.clip(points[0] @ points[-1], -1.0, 1.0)) / 2
    turned = 2 * half * np.linspace(-0.5, 0.5, len(points))
    return np.asarray(np.maximum(np.cos(half) / np.cos(turned), SHORTEST), dtype=np.float32)


def as_long_as_sure(codec: Codec, points: np.ndarray) -> np.ndarray:
    """The points (n, dim) of an arc as they are decoded: cut by the `chord`, if the pair reads lengths."""
    return points * chord(points)[:, None] if codec.reads_length else points


def travel(codec: Codec, start: str, end: str, steps: int = 7, quick: bool = False) -> Journey:
    """Decode `steps` points, evenly spread from one sentence's vector to the other's, both included.

    Args:
        quick: decode as the pair does where an answer is wanted at once.

    Raises:
        BadSetting: the number of steps is not 3 to 15.
        EmptyInput, SaysNothing, TextTooLong: a sentence cannot be encoded.
    """
    check_whole("steps", steps, *STEPS)
    one, other = codec.encode([start, end])
    shares = np.linspace(0.0, 1.0, steps)
    points = slerp(one, other, shares)
    found = answer(codec, as_long_as_sure(codec, points), quick=quick)
    return Journey(start, end, points, tuple(found), folded([float(share) for share in shares], found))


def folded(shares: list[float], found: list[Decoded]) -> tuple[Stop, ...]:
    """Sentences at some shares of a way, neighbours that say the same in one stop."""
    groups: list[list[int]] = []
    for index, one in enumerate(found):
        if groups and same_words(one.text) == same_words(found[groups[-1][0]].text):
            groups[-1].append(index)
        else:
            groups.append([index])
    stops: list[Stop] = []
    for group in groups:
        best = max((found[index] for index in group), key=lambda one: one.fidelity)
        before = stops[-1].decoded.text if stops else best.text
        stops.append(Stop(shares[group[0]], shares[group[-1]], best, mark_changes(best.text, before)))
    return tuple(stops)
