"""Principal components of vectors, by numpy: importing scikit-learn's takes 55 MB and a second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_FEW = 500  # rows up to which their own singular values are quicker than those of their covariance


@dataclass(frozen=True, eq=False)
class Components:
    """The principal components of some vectors.

    Attributes:
        mean: (d,) of the vectors.
        axes: (k, d) the directions in which they differ most, of length 1, the first one most. Of each the
            largest coordinate is positive, so equal vectors have equal components.
        shares: (k,) of the variance, 0 to 1; zeros where there is none.
    """

    mean: np.ndarray
    axes: np.ndarray
    shares: np.ndarray

    def place(self, vectors: np.ndarray) -> np.ndarray:
        """Vectors (n, d) → their coordinates on the axes, (n, k)."""
        return np.asarray(vectors @ self.axes.T - self.mean @ self.axes.T)


def principal_components(vectors: np.ndarray, count: int) -> Components:
    """The first components of vectors (n, d), float64, n ≥ 2; `count` is at most n and d."""
    mean = vectors.mean(axis=0)
    if len(vectors) < _FEW:
        _, singular, axes = np.linalg.svd(vectors - mean, full_matrices=False)
        variances = singular**2
    else:
        found, directions = np.linalg.eigh(vectors.T @ vectors - len(vectors) * np.outer(mean, mean))
        variances, axes = found[::-1].clip(min=0), directions.T[::-1]
    axes = axes[:count]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return Components(
        mean,
        np.ascontiguousarray(axes * np.where(largest < 0, -1.0, 1.0)),
        variances[:count] / max(variances.sum(), np.finfo(np.float64).tiny),
    )
