"""Opinions set beside another column of the file: what do those say who gave two stars, or came in May?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from demos.operations.cells import is_missing
from demos.operations.opinions import Encoded, Settings, Summary
from demos.operations.reviews import Sentences
from demos.operations.text import one_line, parse_number

MOST_VALUES = 8  # of a column that opinions are compared by


@dataclass(frozen=True, eq=False)
class Comparison:
    """How much of what is said under each value of a column belongs to each opinion.

    Attributes:
        values: (v,) numbers in their order, other values the most frequent first.
        sentences: (v,) how many sentences the reviews with each value have.
        shares: (v, opinions + 1) of the weight of each value's sentences, 0 to 1; the last are of the rest.
    """

    column: str
    values: tuple[str, ...]
    sentences: tuple[int, ...]
    shares: np.ndarray


def comparable(sentences: Sentences) -> list[str]:
    """The columns of the reviews' file that have two to `MOST_VALUES` values, one of them more than once."""
    names = dict.fromkeys(name for row in sentences.others for name in row)
    counted = {name: Counter(filter(None, _cells(sentences, name))) for name in names}
    return [
        name
        for name, counts in counted.items()
        if 2 <= len(counts) <= MOST_VALUES and max(counts.values()) > 1
    ]


def compare(summary: Summary, encoded: Encoded, settings: Settings, column: str) -> Comparison:
    """The opinions by the values of a column, which is one of the `comparable` ones."""
    sentences = encoded.sentences
    cells = _cells(sentences, column)
    values = _in_order(Counter(filter(None, cells)))
    weights = sentences.review_weights[sentences.review_of]
    if settings.count == "review":
        weights = weights / np.bincount(sentences.review_of)[sentences.review_of]
    labels = summary.labels[sentences.sentence_of]
    shares = np.zeros((len(values), len(summary.opinions) + 1))
    counts = np.zeros(len(values), dtype=int)
    for weight, label, review in zip(weights, labels, sentences.review_of, strict=True):
        if cells[review]:
            value = values.index(cells[review])
            shares[value, label] += weight  # the label -1 of the rest is the last column
            counts[value] += 1
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    return Comparison(column, tuple(values), tuple(map(int, counts)), shares)


def _cells(sentences: Sentences, column: str) -> list[str]:
    """(reviews,) the cells of a column, "" where they say nothing."""
    cells = [one_line(row.get(column, "")) for row in sentences.others]
    return ["" if is_missing(cell) else cell for cell in cells]


def _in_order(counts: Counter[str]) -> list[str]:
    numbers = {value: parse_number(value) for value in counts}
    if None not in numbers.values():
        return sorted(counts, key=lambda value: numbers[value] or 0.0)
    return [value for value, _ in counts.most_common()]
