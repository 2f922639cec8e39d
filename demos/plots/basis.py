"""The principal components of some vectors, kept while the inputs of a picture stay."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from demos.operations.places import Plane

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

EYE = (1.2, 1.2, 0.75)  # where a 3-D picture is first seen from


@dataclass(frozen=True)
class Basis:
    """Principal components of some vectors; `low` and `high` (dims,) bound them in this basis."""

    pca: PCA
    dims: int
    low: np.ndarray
    high: np.ndarray

    def project(self, vectors: np.ndarray) -> np.ndarray:
        """(n, d) or (d,) → (n, dims); a component that the vectors do not have is zero."""
        found = self.pca.transform(np.atleast_2d(np.asarray(vectors, dtype=np.float64)))
        return np.pad(found, ((0, 0), (0, self.dims - found.shape[1])))

    def facing(self, way: np.ndarray) -> Basis:
        """The same basis, its first component turned so that the direction `way` (d,) points right."""
        if float(self.pca.components_[0] @ way) >= 0:
            return self
        turned = copy(self.pca)
        turned.components_ = self.pca.components_.copy()
        turned.components_[0] *= -1
        low, high = self.low.copy(), self.high.copy()
        low[0], high[0] = -self.high[0], -self.low[0]
        return Basis(turned, self.dims, low, high)

    @property
    def plane(self) -> Plane:
        """The plane of the first two components, which a line has but one of."""
        axes = np.zeros((2, len(self.pca.mean_)))
        axes[: len(self.pca.components_)] = self.pca.components_[:2]
        return Plane(self.pca.mean_, axes)

    @property
    def explained(self) -> list[float]:
        """The share of the fitted vectors' variance on each axis, 0…1."""
        shares = np.nan_to_num(self.pca.explained_variance_ratio_)
        return [float(share) for share in np.pad(shares, (0, self.dims - len(shares)))]


def fit_basis(vectors: np.ndarray, dims: int = 2, extent: np.ndarray | None = None) -> Basis:
    """The first `dims` (2 or 3) principal components of `vectors` (n, d), n ≥ 1.

    `extent` (m, d): vectors that the axes must have room for, where these are not enough.
    The sign of each component is fixed, so equal vectors give equal pictures.

    Raises:
        ValueError: another number of dimensions.
    """
    from sklearn.decomposition import PCA  # here, since it takes as long to import as the page's library

    if dims not in (2, 3):
        raise ValueError(f"a plot has 2 or 3 dimensions, not {dims}")
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float64))
    distinct = len(np.unique(rows, axis=0))
    if distinct == 1:  # no variance to speak of: any direction will do
        rows = np.vstack([rows, rows[:1] + np.eye(1, rows.shape[1])])
    count = min(dims, *rows.shape, max(distinct - 1, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        pca = PCA(count, svd_solver="full" if rows.shape[0] < 500 else "covariance_eigh").fit(rows)
    if distinct == 1:
        pca.explained_variance_ratio_ = np.zeros(count)
    basis = Basis(pca, dims, np.zeros(dims), np.zeros(dims))
    placed = basis.project(rows if extent is None else np.vstack([rows, np.atleast_2d(extent)]))
    return Basis(pca, dims, placed.min(0), placed.max(0))


def window_of(basis: Basis, placed: np.ndarray) -> np.ndarray:
    """(dims, 2): the ranges of the axes, the basis' own bounds with a margin.

    A point that falls outside moves that bound in steps of half the widest range, so that
    nothing is hidden and yet the picture stands still while a slider moves a little. In three
    dimensions the ranges are equally wide, for one scale.
    """
    span = basis.high - basis.low
    widest = max(float(span.max()), 1e-3)
    pad = np.maximum(0.15 * widest, (0.35 * widest - span) / 2)
    low, high = basis.low - pad, basis.high + pad
    if len(placed):
        step, room = widest / 2, widest / 20
        low = low - step * np.ceil(np.maximum(low + room - placed.min(0), 0) / step)
        high = high + step * np.ceil(np.maximum(placed.max(0) + room - high, 0) / step)
    if basis.dims == 3:
        spare = ((high - low).max() - (high - low)) / 2
        low, high = low - spare, high + spare
    return np.stack([low, high], axis=1)


def seen(placed: np.ndarray) -> np.ndarray:
    """(n, 3) → (n, 2): right and up as they are first seen from `EYE`, without perspective."""
    away = np.array(EYE) / np.linalg.norm(EYE)
    right = np.cross([0.0, 0.0, 1.0], away)
    right /= np.linalg.norm(right)
    flat: np.ndarray = (placed - placed.mean(0)) @ np.stack([right, np.cross(away, right)], axis=1)
    return flat
