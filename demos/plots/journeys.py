"""The picture of a journey: the arc from one sentence to another, and what is said on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from demos.operations.journey import Journey
from demos.plots import figures as plot
from demos.plots.sums import AREA


def journey_figure(
    journey: Journey, words: Mapping[str, str], *, dims: int = 2, language: str = "en"
) -> plot.Figure:
    """The points of the way in a row of arrows, and the sentences said there, joined to them by dashes.

    The basis is that of the way and of what is said; it is turned so that the way goes to the right.

    Args:
        words: what the legend calls the groups "way" and "said".
    """
    stops = [stop for stop in journey.stops if stop.decoded.vector.any()]
    vectors = np.vstack([journey.points, *(stop.decoded.vector[None] for stop in stops)])
    basis = plot.fit_basis(vectors, dims).facing(journey.points[-1] - journey.points[0])

    count = len(journey.points)
    points = [
        plot.Point(f"{words['way']}: {number}", group=words["way"], size=0.8, sentence="")
        for number in range(1, count + 1)
    ]
    lines = [(number, number + 1) for number in range(count - 1)]
    dashed = []
    for stop in stops:
        first, last = journey.numbers(stop)
        dashed.append(((first + last) // 2 - 1, len(points)))
        text = stop.decoded.text
        points.append(plot.Point(text, f"{journey.place(stop)}: {text}", words["said"], 1.2))
    order = [words["said"], words["way"]]
    return plot.figure(
        basis, vectors, points, lines=lines, dashed=dashed, groups=order, language=language, area=AREA
    )
