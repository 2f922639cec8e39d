"""Groups of sentences, on made-up vectors: topics are axes of 32 dimensions, the last axis is the mood."""

from __future__ import annotations

import time

import numpy as np
import pytest

from demos.codec import unit
from demos.operations.grouping import Grounds, group

MOOD = np.eye(32, dtype=np.float32)[31]


def blobs(sizes: list[int], noise: float = 0.1, mood: float = 0.0) -> Grounds:
    """Groups of unit vectors, each about an axis of its own; every second sentence is a complaint."""
    random = np.random.default_rng(7)
    rows = [np.eye(32)[i] + noise * random.normal(size=(size, 32)) / 5 for i, size in enumerate(sizes)]
    moods = np.ones(sum(sizes), dtype=np.int64)
    if mood:
        moods[1::2] = -1
    vectors = np.concatenate(rows) + mood * np.outer(moods, MOOD)
    return Grounds(unit(vectors), moods, MOOD)


def even(grounds: Grounds) -> np.ndarray:
    return np.full(len(grounds.vectors), 1 / len(grounds.vectors))


def test_groups_are_found_counted_and_ordered_by_weight() -> None:
    grounds = blobs([10, 40, 20, 15, 30])
    labels = group(grounds, even(grounds))
    assert np.bincount(labels).tolist() == [40, 30, 20, 15, 10]
    assert len(set(labels[10:50].tolist())) == 1
    np.testing.assert_array_equal(labels, group(blobs([10, 40, 20, 15, 30]), even(grounds)))


def test_a_heavy_sentence_moves_its_group_to_the_front() -> None:
    weights = np.array([1.0] * 30 + [9.0] * 10)
    labels = group(blobs([30, 10]), weights / weights.sum(), 2)
    assert labels.tolist() == [1] * 30 + [0] * 10


@pytest.mark.parametrize("wanted", [None, 1, 2, 3, 4])
def test_praise_and_complaints_never_share_a_group(wanted: int | None) -> None:
    grounds = blobs([20, 20], mood=0.2)
    labels = group(grounds, even(grounds), wanted)
    for number in range(labels.max() + 1):
        assert len(set(grounds.moods[labels == number].tolist())) == 1
    if wanted is None:
        assert labels.max() == 3


def test_more_groups_than_topics_are_parts_of_them_and_fewer_join_them() -> None:
    grounds = blobs([30, 30, 30], noise=0.6)
    for wanted in (2, 3, 5):
        assert group(grounds, even(grounds), wanted).max() == wanted - 1


def test_what_is_like_no_group_is_left_over() -> None:
    grounds = blobs([25, 20, 1])
    labels = group(grounds, even(grounds))
    assert labels.tolist() == [0] * 25 + [1] * 20 + [-1]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_few_sentences_are_grouped_too(count: int) -> None:
    grounds = blobs([count])
    assert set(group(grounds, even(grounds), 1).tolist()) == {0}


def test_identical_sentences_are_one_group() -> None:
    grounds = blobs([20], noise=0.0)
    assert group(grounds, even(grounds), 5).tolist() == [0] * 20


def test_ten_thousand_sentences_are_grouped_quickly() -> None:
    grounds = blobs([4000, 3000, 2000, 1000])
    started = time.monotonic()
    assert np.bincount(group(grounds, even(grounds))).tolist() == [4000, 3000, 2000, 1000]
    assert time.monotonic() - started < 60
