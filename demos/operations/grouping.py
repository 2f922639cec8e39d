"""Sentences of a few hundred reviews → groups of those that say the same of the same thing.

Praise and complaint are told apart first (`demos.operations.mood`); within each, the sentences whose
topics are most alike are joined step by step (average linkage). What is like no group is left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from demos.codec import unit

ALIKE = 0.25  # the mean cosine of two groups' topics above which they are one
COVERED = 0.5  # share of all that is said which the groups should hold, where their number is chosen
MOST_SUGGESTED = 10
LOOSE = 0.55  # a sentence whose cosine with its group's middle is smaller leaves it …
LOOSE_SHARE = 0.75  # … unless it is this share of the group's own agreement
JOINS = 0.65  # a sentence of no group goes to the nearest where its cosine with that one's middle is larger
LEAST_MEMBERS, LEAST_SHARE = 3, 0.02  # of a group
_COMPONENTS = 20  # of the vectors, in which topics are compared: those that many sentences share
_JOINED = 2000  # sentences that are joined; what is said beyond them goes to the group it is nearest to
_AS_GOOD = 0.05  # shares of all that is said that differ by less are taken for equal
_HEIGHTS = 60  # of a tree, that are tried where the number of groups is given
# Distances up to which topics are joined where too few sentences are held.
_FURTHER = (0.8, 0.85, 0.9, 0.95, 3.0)


@dataclass(frozen=True, eq=False)
class Grounds:
    """What sentences are grouped by.

    Attributes:
        vectors: (n, dim) their own, rows of length 1.
        moods: (n,) 1 for praise, -1 for complaints, which are never joined; all 1 where only topics count.
        axis: (dim,) the direction of mood, of length 1, which is no topic.
    """

    vectors: np.ndarray
    moods: np.ndarray
    axis: np.ndarray

    @cached_property
    def topics(self) -> np.ndarray:
        """(n, at most 20) the first principal components of the vectors without their mood, unit rows.

        Of many sentences a part, evenly spread, gives the components: as many as are joined in a tree.
        Ten thousand would take 50 MB for a moment.
        """
        from sklearn.decomposition import PCA

        part = self.vectors[_spread(len(self.vectors), _JOINED)].astype(np.float64)
        rows = part - np.outer(part @ self.axis, self.axis)
        count = min(_COMPONENTS, len(rows) - 1, rows.shape[1])
        if count < 1 or np.allclose(rows, rows[0], atol=1e-6):
            return np.ones((len(rows), 1), dtype=np.float32)
        pca = PCA(count, svd_solver="full" if len(rows) < 500 else "covariance_eigh")
        pca.fit(rows)
        components = pca.components_.T - np.outer(self.axis, self.axis @ pca.components_.T)  # (dim, count)
        return unit(self.vectors @ components.astype(np.float32) - pca.mean_ @ components)

    @cached_property
    def trees(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each mood the numbers (m,) of its sentences and the tree (m - 1, 4) that joins them."""
        from scipy.cluster.hierarchy import linkage
        from scipy.spatial.distance import pdist

        found = []
        for mood in np.unique(self.moods):
            rows = np.flatnonzero(self.moods == mood)
            if len(self.moods) > _JOINED:
                rows = rows[_spread(len(rows), max(1, _JOINED * len(rows) // len(self.moods)))]
            tree = np.zeros((0, 4))
            if len(rows) > 1:
                tree = linkage(pdist(self.topics[rows].astype(np.float64), "sqeuclidean") / 2, "average")
            found.append((rows, tree))
        return found

    def joined(self, distance: float) -> list[np.ndarray]:
        """The groups of sentences whose topics' mean distance (1 - cosine) is smaller: their numbers (m,)."""
        from scipy.cluster.hierarchy import fcluster

        groups = []
        for rows, tree in self.trees:
            labels = fcluster(tree, distance, "distance") if len(tree) else np.ones(len(rows), dtype=int)
            groups += [rows[labels == label] for label in np.unique(labels)]
        return groups


def _spread(count: int, most: int) -> np.ndarray:
    """At most so many of the numbers from 0 to `count` - 1, evenly spread."""
    return np.arange(count) if count <= most else np.arange(most) * count // most


def group(grounds: Grounds, weights: np.ndarray, wanted: int | None = None) -> np.ndarray:
    """(n,) the number of each sentence's group, 0 for the heaviest; -1 for what belongs to none.

    Args:
        weights: (n,) how much each sentence counts; they add up to 1.
        wanted: how many groups; there are fewer where the sentences do not fall into so many. None
            takes those that are there, at most `MOST_SUGGESTED`.
    """
    groups = _suggested(grounds, weights) if wanted is None else _wanted(grounds, weights, wanted)
    labels = _settled(grounds, weights, groups)
    shares = np.array([weights[labels == number].sum() for number in range(len(groups))])
    places = np.full(len(groups) + 1, -1, dtype=np.int64)  # the last place is that of -1
    present = [number for number in np.argsort(-shares, kind="stable") if np.any(labels == number)]
    places[present] = np.arange(len(present))
    return np.asarray(places[labels])


def _suggested(grounds: Grounds, weights: np.ndarray) -> list[np.ndarray]:
    """The heaviest groups; topics are joined further where these hold little of what is said."""
    least = LEAST_MEMBERS if len(weights) >= 4 * LEAST_MEMBERS else 1
    groups: list[np.ndarray] = []
    for distance in (1 - ALIKE, *_FURTHER):
        groups = _heavy(grounds.joined(distance), weights, least)[:MOST_SUGGESTED]
        if sum(weights[rows].sum() for rows in groups) >= COVERED * _joined_weight(grounds, weights):
            break
    return groups or grounds.joined(_FURTHER[-1])


def _wanted(grounds: Grounds, weights: np.ndarray, wanted: int) -> list[np.ndarray]:
    """As many groups as wanted, or as there are, that hold most; of such nearly alike those that are joined
    up to the distance nearest to the usual one."""
    least = max(1, min(LEAST_MEMBERS, len(weights) // (2 * wanted)))
    heights = np.unique(np.concatenate([tree[:, 2] for _, tree in grounds.trees]).round(6))
    if len(heights) > _HEIGHTS:
        heights = heights[np.linspace(0, len(heights) - 1, _HEIGHTS).astype(int)]
    distances = [1 - ALIKE, *(heights + 1e-6)]
    tried = [_heavy(grounds.joined(distance), weights, least)[:wanted] for distance in distances]
    most = max(map(len, tried))
    full = [place for place, groups in enumerate(tried) if len(groups) == most]
    held = {place: sum(float(weights[rows].sum()) for rows in tried[place]) for place in full}
    enough = [place for place in full if held[place] >= max(held.values()) - _AS_GOOD]
    best = tried[min(enough, key=lambda place: abs(distances[place] - (1 - ALIKE)))]
    return best or grounds.joined(_FURTHER[-1])[:wanted]


def _heavy(groups: Sequence[np.ndarray], weights: np.ndarray, least: int) -> list[np.ndarray]:
    """The groups that are large enough to be an opinion, the heaviest first."""
    share = LEAST_SHARE if least > 1 else 0.0
    large = [rows for rows in groups if len(rows) >= least and weights[rows].sum() >= share]
    return sorted(large, key=lambda rows: -weights[rows].sum())


def _joined_weight(grounds: Grounds, weights: np.ndarray) -> float:
    return float(sum(weights[rows].sum() for rows, _ in grounds.trees))


def _settled(grounds: Grounds, weights: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
    """(n,) the group of each sentence: its own where it is near enough to its middle, else the nearest of
    its mood, -1 where that is too far as well."""
    means = np.stack([np.average(grounds.vectors[rows], axis=0, weights=weights[rows]) for rows in groups])
    agreement = np.linalg.norm(means, axis=1)
    cosines = grounds.vectors @ unit(means).T
    moods = np.array([grounds.moods[rows[0]] for rows in groups])
    near = np.where(grounds.moods[:, None] == moods[None, :], cosines, -2.0)
    labels = np.where(near.max(1) >= JOINS, near.argmax(1), -1)
    for number, rows in enumerate(groups):
        own = near[rows, number] >= min(LOOSE, LOOSE_SHARE * agreement[number])
        labels[rows[own]] = number
    return labels
