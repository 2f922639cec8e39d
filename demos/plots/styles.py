"""The picture of a filmstrip: a sentence's path along a style axis, among the sentences of the axis."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from demos.operations.restyling import Filmstrip, signed
from demos.operations.text import with_mark
from demos.plots import figures as plot


def filmstrip_figure(
    strip: Filmstrip,
    now: float,
    words: Mapping[str, str],
    *,
    dims: int = 2,
    language: str = "en",
) -> plot.Figure:
    """The path of the sentence along the axis, among the sentences that the axis is made of.

    The basis is that of the path and of what was decoded on it, so it stays while the slider moves.
    A dashed line leads from each step to the vector of what was decoded there.

    Args:
        words: what the legend calls the groups "from", "to", "path", "decoded" and "now".
    """
    axis = strip.direction
    targets = np.stack([strip.target(frame.strength) for frame in strip.frames])
    spoken = [frame for frame in strip.frames if frame.decoded.vector.any()]
    ends = np.stack([*targets, *(frame.decoded.vector for frame in spoken)])
    basis = plot.fit_basis(ends, dims).facing(axis.delta)

    points = [plot.Point(text, group=words["from"], size=0.6) for text in axis.axis.from_texts]
    points += [plot.Point(text, group=words["to"], size=0.6) for text in axis.axis.to_texts]
    first = len(points)
    for frame in strip.frames:
        label = with_mark(signed(frame.strength), language)
        points.append(plot.Point(f"{words['path']}: {label}", label, words["path"], sentence=""))
    lines = [(first + i, first + i + 1) for i in range(len(strip.frames) - 1)]
    second = len(points)
    points += [plot.Point(frame.decoded.text, group=words["decoded"], size=0.8) for frame in spoken]
    dashed = [(first + strip.frames.index(frame), second + i) for i, frame in enumerate(spoken)]
    points.append(
        plot.Point(
            f"{words['now']}: {with_mark(signed(now), language)}", group=words["now"], size=1.6, sentence=""
        )
    )
    vectors = np.vstack([axis.from_vectors, axis.to_vectors, ends, strip.target(now)[None]])
    return plot.figure(
        basis, vectors, points, lines=lines, dashed=dashed, language=language, area=(560.0, 360.0)
    )
