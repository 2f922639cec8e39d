"""Opinions by the values of a column, on sums that can be done in the head."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from demos.operations.comparing import MOST_VALUES, comparable, compare
from demos.operations.opinions import Settings
from demos.operations.reviews import Review, Sentences, collect_sentences


def reviews(**columns: list[str]) -> Sentences:
    """Four reviews with other columns: «Вкусно.» and «Дорого.» twice each, the third of them with both."""
    texts = ["Вкусно.", "Дорого.", "Вкусно. Дорого.", "Шумно."]
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return collect_sentences([Review(text, 1.0, row) for text, row in zip(texts, rows, strict=True)])


def summary(labels: list[int]) -> Any:
    return SimpleNamespace(labels=np.array(labels), opinions=range(max(labels) + 1))


def test_columns_with_a_few_values_that_come_again_may_be_compared_by() -> None:
    assert comparable(
        reviews(stars=["5", "2", "2", ""], id=["1", "2", "3", "4"], shop=["A", "A", "A", "A"])
    ) == ["stars"]
    many = [Review("Вкусно.", 1.0, {"n": str(n // 2)}) for n in range(2 * MOST_VALUES + 2)]
    assert comparable(collect_sentences(many)) == []
    assert comparable(collect_sentences(many[:-2])) == ["n"]
    assert comparable(collect_sentences([Review("Вкусно.")])) == []


@pytest.mark.parametrize(
    ("count", "two_stars"), [("sentence", [1 / 3, 2 / 3, 0]), ("review", [1 / 4, 3 / 4, 0])]
)
def test_each_value_has_the_shares_of_its_own_sentences(count: Any, two_stars: list[float]) -> None:
    sentences = reviews(stars=["10", "2", "2", "10"])
    encoded: Any = SimpleNamespace(sentences=sentences)
    found = compare(summary([0, 1, -1]), encoded, Settings(count=count), "stars")
    assert found.values == ("2", "10"), "numbers stand in their order"
    assert found.sentences == (3, 2)
    assert found.shares == pytest.approx(np.array([two_stars, [1 / 2, 0, 1 / 2]]))


def test_cells_that_say_nothing_are_no_value_and_words_come_by_frequency() -> None:
    sentences = reviews(city=["Омск", "Тула", "Тула", "NULL"])
    encoded: Any = SimpleNamespace(sentences=sentences)
    found = compare(summary([0, 1, -1]), encoded, Settings(), "city")
    assert (found.values, found.sentences) == (("Тула", "Омск"), (3, 1))
