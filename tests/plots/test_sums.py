"""The picture of a sum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from demos.codec import Codec
from demos.operations.answers import Decoded
from demos.operations.sums import Sum, Term, combine
from demos.plots.sums import sum_figure
from tests.dictionary import QUEEN

WORDS = {"terms": "terms", "origin": "zero", "sum": "sum", "scaled": "scaled", "answer": "answer"}


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_arrows_run_head_to_tail_from_zero_to_the_sum(words: Codec, count: int, dims: int) -> None:
    found = combine(words, QUEEN[:count])
    drawn = sum_figure(found, WORDS, dims=dims)
    arrows = next(trace for trace in drawn.data if "lines" in trace.mode)
    ends = np.array([arrows.x, arrows.y, arrows.z if dims == 3 else arrows.x], dtype=object)
    steps = [ends[:, 3 * i : 3 * i + 2].astype(float) for i in range(len(arrows.x) // 3)]
    assert len(steps) == count
    for before, after in pairwise(steps):
        np.testing.assert_allclose(before[:, 1], after[:, 0], atol=1e-4)
    total = next(trace for trace in drawn.data if trace.name == "sum")
    np.testing.assert_allclose([total.x[0], total.y[0]], steps[-1][:2, 1], atol=1e-4)
    zero = next(trace for trace in drawn.data if trace.name == "zero")
    np.testing.assert_allclose([zero.x[0], zero.y[0]], steps[0][:2, 0], atol=1e-4)


def test_the_picture_keeps_its_basis_while_a_coefficient_changes(words: Codec) -> None:
    places = []
    for coefficient in (-1, -0.8):
        terms = (QUEEN[0], Term("мужчина", coefficient), QUEEN[2])
        drawn = sum_figure(combine(words, terms), WORDS)
        dots = next(trace for trace in drawn.data if trace.name == "terms")
        places.append((dots.x, dots.y, drawn.layout.xaxis.range, drawn.layout.yaxis.range))
    assert places[0] == places[1]


def test_a_changed_length_has_its_own_point(words: Codec) -> None:
    drawn = sum_figure(combine(words, QUEEN, length="unit"), WORDS)
    assert set(WORDS.values()) == {trace.name for trace in drawn.data if trace.name}


def test_an_empty_answer_is_not_drawn(words: Codec) -> None:
    found = combine(words, QUEEN)
    silent = Sum(found.terms, found.vectors, found.total, found.target, Decoded("", 0.0))
    drawn = sum_figure(silent, WORDS)
    assert "answer" not in {trace.name for trace in drawn.data}


def test_a_picture_is_small(codec: Codec) -> None:
    drawn = sum_figure(combine(codec, QUEEN, alternatives=2), WORDS, language="ru")
    assert len(drawn.to_json().encode()) < 8_000, "a slider sends it at every step"
