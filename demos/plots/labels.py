"""Where to write the labels of a scatter plot so that they do not cover each other.

plotly.js draws a label beside its mark on the side it is told and knows nothing of collisions.
Here every label tries eight sides and takes the cheapest; the cost of a side is the area covered
twice. A telephone's screen has a choice of its own. The sides have an
order of preference, which also keeps labels still while a mark moves a little.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import NamedTuple

import numpy as np

SIDES = (
    "top center",
    "bottom center",
    "middle right",
    "middle left",
    "top right",
    "top left",
    "bottom right",
    "bottom left",
)
WIDE = (1040.0, 370.0)  # the drawing area of a map as wide as a laptop's page, in pixels
TELEPHONE = (280.0, 370.0)
CHARACTER = 0.56  # mean width of a character, in font sizes
WIDTH, LONGEST = 20, 40  # characters in a line of a label, and in all of it
CODE = 3  # letters of a label that may be shared
LINE = 1.3  # height of a line, in font sizes
_PREFERENCE = 30.0  # pixels² that one step down the order of sides costs
_OVER = 3.0  # a pixel² that covers a mark or a label costs as much as this many on a line
_OUTSIDE = 4.0  # a pixel² outside the drawing area, likewise


class Box(NamedTuple):
    """A rectangle in pixels, y upwards."""

    left: float
    bottom: float
    right: float
    top: float


def covered(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The area (n,) that each of the boxes (n, 4) shares with the others (m, 4), one by one, in pixels²."""
    boxes = boxes[:, None]
    sizes = np.minimum(boxes[..., 2:], others[:, 2:]) - np.maximum(boxes[..., :2], others[:, :2])
    return np.asarray(np.maximum(sizes, 0.0).prod(-1).sum(-1))


def shorten(text: str) -> list[str]:
    """A label in at most two lines of `WIDTH` characters, cut with "…" after `LONGEST` characters."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        words = words[: LONGEST - 1].rstrip(" ,.;:—-") + "…"
    lines = wrap(words, WIDTH) or [""]
    if len(lines) > 2:
        lines = [lines[0], lines[1][: WIDTH - 1].rstrip() + "…"]
    return lines


def label_box(x: float, y: float, side: str, lines: Sequence[str], font: float, mark: float) -> Box:
    """Where plotly.js puts a label of a mark at (x, y), all in pixels; `mark` is its diameter."""
    width = max(map(len, lines)) * font * CHARACTER
    height = len(lines) * font * LINE
    gap = mark / 2 + 2
    vertical, horizontal = side.split()
    left = {"left": x - gap - width, "center": x - width / 2, "right": x + gap}[horizontal]
    bottom = {"top": y + gap, "middle": y - height / 2, "bottom": y - gap - height}[vertical]
    return Box(left, bottom, left + width, bottom + height)


def share_labels(
    positions: np.ndarray,
    labels: Sequence[list[str]],
    *,
    window: np.ndarray,
    reach: float,
    area: tuple[float, float] = WIDE,
) -> list[list[str]]:
    """Codes such as "DE" of points within `reach` pixels in an area → one label, "DE, EN".

    The first of such points has it and the others have none; all other labels stay.

    Args:
        positions: (n, 2) in data units, each with its label, a list of lines.
        window: (2, 2) the least and the greatest of what is drawn on each axis, in data units.
    """
    pixels = positions * float(np.min(np.array(area) / (window[:, 1] - window[:, 0])))
    groups: list[list[int]] = []
    for index, lines in enumerate(labels):
        if len(lines) == 1 and len(lines[0]) <= CODE and lines[0].isalpha():
            near = (g for g in groups if np.linalg.norm(pixels[index] - pixels[g[0]]) <= reach)
            group = next(near, None)
            group.append(index) if group else groups.append([index])
    shared = list(labels)
    for first, *others in groups:
        codes = dict.fromkeys(labels[index][0] for index in (first, *others))
        shared[first] = shorten(", ".join(codes))
        for other in others:
            shared[other] = []
    return shared


def choose_sides(
    positions: np.ndarray,
    labels: Sequence[Sequence[str]],
    *,
    window: np.ndarray,
    segments: Sequence[tuple[int, int]] = (),
    font: float = 16.0,
    mark: float = 16.0,
    area: tuple[float, float] = WIDE,
) -> list[str]:
    """A side for every point that has a label ("top center" for the others).

    Args:
        positions: (n, 2) in data units.
        labels: the lines of each point's label; an empty sequence is no label.
        window: (2, 2), the ranges of x and y in data units.
        segments: pairs of points joined by a line, which labels avoid.
        area: width and height of the drawing area, in pixels.
    """
    screen = _Screen(positions, window, area, segments, font, mark)
    sides = ["top center"] * len(labels)
    longest_first = sorted(range(len(labels)), key=lambda i: -sum(map(len, labels[i])))
    for i in longest_first:
        lines = labels[i]
        if not lines:
            continue
        boxes = np.array([screen.box(i, side, lines) for side in SIDES])
        best = int(np.argmin(screen.costs(boxes) + _PREFERENCE * np.arange(len(SIDES))))
        sides[i] = SIDES[best]
        screen.taken = np.vstack([screen.taken, boxes[best]])
    return sides


class _Screen:
    """One drawing area, with what already stands on it."""

    def __init__(
        self,
        positions: np.ndarray,
        window: np.ndarray,
        size: tuple[float, float],
        segments: Sequence[tuple[int, int]],
        font: float,
        mark: float,
    ) -> None:
        low, high = window[:, 0], window[:, 1]
        scale = float(np.min(np.array(size) / (high - low)))  # one scale for both axes
        self.pixels = (positions - (low + high) / 2) * scale + np.array(size) / 2
        self.area = np.array([Box(0.0, 0.0, *size)])
        self.font, self.mark = font, mark
        self.taken = np.hstack([self.pixels - mark / 2, self.pixels + mark / 2])
        steps = np.linspace(0.0, 1.0, 13)[:, None]
        starts, ends = np.array(segments, dtype=int).reshape(-1, 2).T
        path = self.pixels[starts][:, None] * (1 - steps) + self.pixels[ends][:, None] * steps
        near, far = path[:, :-1], path[:, 1:]
        self.lines = np.concatenate([np.minimum(near, far) - 1, np.maximum(near, far) + 1], axis=2)
        self.lines = self.lines.reshape(-1, 4)

    def box(self, index: int, side: str, lines: Sequence[str]) -> Box:
        x, y = self.pixels[index]
        return label_box(float(x), float(y), side, lines, self.font, self.mark)

    def costs(self, boxes: np.ndarray) -> np.ndarray:
        """What it costs to write in each of the boxes (n, 4)."""
        outside = (boxes[:, 2:] - boxes[:, :2]).prod(1) - covered(boxes, self.area)
        over, lines = covered(boxes, self.taken), covered(boxes, self.lines)
        return np.asarray(_OUTSIDE * outside + _OVER * over + lines)
