"""The picture of a sum: its terms as arrows head to tail, and what the sum says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from demos.operations.sums import Sum, formula_parts
from demos.operations.text import with_mark
from demos.plots import figures as plot

AREA = (600.0, 200.0)  # what is left for it under the answer on a laptop's screen, in pixels


def sum_figure(found: Sum, words: Mapping[str, str], *, dims: int = 2, language: str = "en") -> plot.Figure:
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
    points.append(plot.Point("0", group=words["origin"], size=0.6, sentence=""))
    points += [plot.Point("", size=0) for _ in range(count - 1)]
    whole = " ".join(with_mark(lead, language) + text for lead, text in formula_parts(found.terms))
    points.append(plot.Point(whole, group=words["sum"], size=1.3, sentence=""))
    vectors = [found.vectors, chain]
    lines = [(count + i, count + i + 1) for i in range(count)]
    dashed: list[tuple[int, int]] = []
    if count > 1:
        signs = [f"{t.coefficient:+.4g}" if t.coefficient else "" for t in found.terms]
        points += [plot.Point("", with_mark(sign, language), size=0) for sign in signs]
        vectors.append(middles)
    end = 2 * count
    if not np.allclose(found.total, found.target):
        dashed.append((end, len(points)))
        end = len(points)
        points.append(plot.Point(whole, group=words["scaled"], size=1.1, sentence=""))
        vectors.append(found.target[None])
    if found.decoded.vector.any():
        dashed.append((end, len(points)))
        points.append(plot.Point(found.decoded.text, found.decoded.text, words["answer"], 1.4))
        vectors.append(found.decoded.vector[None])
    order = [words[key] for key in ("terms", "answer", "sum", "scaled", "origin")]
    return plot.figure(
        basis,
        np.vstack(vectors),
        points,
        lines=lines,
        dashed=dashed,
        groups=order,
        language=language,
        area=AREA,
    )
