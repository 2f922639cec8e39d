"""Reviews → sentences, each with its weight; and the reviews that come with the demo."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from demos.codec import CodecError, says_nothing
from demos.operations.files.columns import number_of, weights_of
from demos.operations.files.tables import Table, is_missing, table_of_text, weight_of
from demos.operations.sentences import sentences_of
from demos.operations.text import clean, lines_of, one_line, same_text, without_marks

REVIEW_FILES = Path(__file__).resolve().parents[2] / "assets" / "reviews"
MOST_SENTENCES = 10_000
LONGEST_SENTENCE = 400  # of one sentence; under the encoders' 512 tokens in any script
# A cell of several lines, or with quotes in it, as a spreadsheet copies it.
_COPIED_CELL = re.compile(r'(?<![^\t\n])"((?:[^"]|"")*)"(?![^\t\n])')
_NOT_RUSSIAN = re.compile(r"[^\W\d_а-яё]", re.IGNORECASE)
_FOREIGN_CYRILLIC = re.compile("[іїєґўқңөүұәһљњћђџјѓќ]", re.IGNORECASE)

Count = Literal["sentence", "review"]


class ReviewsError(CodecError):
    """Reviews that cannot be used; `reason` says why.

    Reasons: "no_sentences", "weightless", "no_weight" (row, column, cell), "too_much" (count, limit) of a
    pasted text.
    """

    code: ClassVar[str] = "reviews"

    def __init__(self, reason: str, message: str, **details: Any) -> None:
        super().__init__(message, reason=reason, **details)


@dataclass(frozen=True)
class Review:
    """One review; a weight of 2 counts as much as the same review twice, 0 leaves it out.

    `others` are the other cells of its row by the names of their columns, where it comes from a table.
    """

    text: str
    weight: float = 1.0
    others: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class ReviewsExample:
    """Reviews that come with the demo.

    Attributes:
        name: the name of its file.
        source: "article" (the sentences that the article prints) or "demo" (written for this demo).
        recorded: what the article's models gave for all reviews of the product, "" if nothing is recorded.
        text: one review a line.
    """

    name: str
    source: Literal["article", "demo"]
    recorded: str
    text: str


@dataclass(frozen=True, eq=False)
class Sentences:
    """The distinct sentences of some reviews.

    Sentences that differ only in how they are typed (`demos.operations.text.same_text`) are one.

    Attributes:
        texts: (n,) in order of their first appearance, as they are written there.
        reviews: how many reviews had a sentence and a weight.
        sentence_of, review_of: (m,) the place in `texts` and the number of the review, for every
            sentence as it stands in the reviews, repeated ones too.
        review_weights: (reviews,) all above 0.
        others: (reviews,) the other cells of their rows, empty where there are none.
        wordless: pieces left out because they have no letter (":)", "10/10").
        weightless: reviews left out because they have no weight above 0.
        unreadable: sentences left out because the encoder cannot take them.
        found: sentences there were; more than m where only a part is used (`MOST_SENTENCES`).
    """

    texts: tuple[str, ...]
    reviews: int
    sentence_of: np.ndarray
    review_of: np.ndarray
    review_weights: np.ndarray
    wordless: int
    weightless: int
    found: int
    others: tuple[Mapping[str, str], ...] = ()
    unreadable: int = 0

    def without(self, numbers: Sequence[int]) -> Sentences:
        """The same without the texts of these numbers, which are counted as `unreadable`; others must be
        left."""
        there = ~np.isin(self.sentence_of, numbers)
        kept, sentence_of = np.unique(self.sentence_of[there], return_inverse=True)
        reviews, review_of = np.unique(self.review_of[there], return_inverse=True)
        lost = int(np.count_nonzero(~there))
        return replace(
            self,
            texts=tuple(self.texts[number] for number in kept),
            reviews=len(reviews),
            sentence_of=sentence_of,
            review_of=review_of,
            review_weights=self.review_weights[reviews],
            others=tuple(self.others[review] for review in reviews) if self.others else (),
            found=self.found - lost,
            unreadable=self.unreadable + lost,
        )

    def weights(self, count: Count = "sentence") -> np.ndarray:
        """(n,) how much each text counts; they add up to 1.

        Args:
            count: "sentence": every sentence says as much as its review weighs, so a long review
                says more (the article's way); "review": the sentences of a review share its weight.
        """
        said = self.review_weights[self.review_of]
        if count == "review":
            said = said / np.bincount(self.review_of, minlength=self.reviews)[self.review_of]
        totals = np.bincount(self.sentence_of, weights=said, minlength=len(self.texts))
        return np.asarray(totals / totals.sum(), dtype=np.float64)


@cache
def examples() -> tuple[ReviewsExample, ...]:
    """The bundled reviews, in the order of the buttons."""
    entries = json.loads((REVIEW_FILES / "index.json").read_text(encoding="utf-8"))
    return tuple(
        ReviewsExample(
            name=entry["name"],
            source=entry["source"],
            recorded=entry.get("recorded", ""),
            text=(REVIEW_FILES / f"{entry['name']}.txt").read_text(encoding="utf-8").strip(),
        )
        for entry in entries
    )


def pasted(text: str) -> list[Review]:
    """One review a line, without the marks of a list; a number after a tab, as a spreadsheet copies it, is
    its weight; a negative one is 0.

    Several columns that are copied with their header, or more than two, or numbered rows, are a table: its
    likeliest column of texts is taken, and of two columns the other weighs.

    Raises:
        ReviewsError: "no_weight" where the other column has numbers, but too many other cells to weigh.
    """
    table = table_of_text(text)
    if table is not None:
        counted = _counts(table.column(table.columns[0]))
        if counted or table.guess("header") == "yes" or len(table.columns) > 2:
            column = table.text_columns[0]
            others = [name for name in table.columns if name != column] if not counted else []
            weight = others[0] if len(others) == 1 and _has_numbers(table, others[0]) else None
            return from_table(table, column, weight)
    lines = without_marks(lines_of(_COPIED_CELL.sub(_on_one_line, clean(text))))
    pairs = [line.rpartition("\t") for line in lines]
    ends = [last for _, tab, last in pairs if tab and number_of(last) is not None]
    weights = iter(weights_of(ends) or [None] * len(ends))
    return [
        Review(words.strip(), next(weights) or 0.0) if tab and number_of(last) is not None else Review(line)
        for line, (words, tab, last) in zip(lines, pairs, strict=True)
    ]


def _counts(cells: Sequence[str]) -> bool:
    """Whether cells number the rows: 1, 2, 3 …"""
    return len(cells) > 1 and [cell.rstrip(".") for cell in cells] == [str(n + 1) for n in range(len(cells))]


def _has_numbers(table: Table, name: str) -> bool:
    return name in table.number_columns or bool(table.not_weights(name))


def _on_one_line(cell: re.Match[str]) -> str:
    """A copied cell without its quotes; a line in quotes that a person typed stays as it is."""
    written = cell[1].replace('""', '"')
    return " ".join(written.split()) if "\n" in written or written != cell[1] else cell[0]


def from_table(table: Table, text_column: str, weight_column: str | None = None) -> list[Review]:
    """A table's rows as reviews, with the other columns.

    Cells that say nothing (blank, NaN, NULL, true) are left out. A blank weight, a negative one and one
    that is no number are 0: `Table.not_weights` has them.

    Raises:
        TableError: "no_column" where a column is not there.
        ReviewsError: "no_weight" where the weight column holds hardly any numbers.
    """
    texts = table.column(text_column)
    weights: Sequence[float | None] = [1.0] * len(texts)
    if weight_column is not None:
        found = table.weights(weight_column)
        if found is None:
            row, cell = next(
                (place, cell)
                for place, cell in enumerate(table.column(weight_column), 1)
                if weight_of(cell) is None
            )
            message = f"row {row} of {weight_column!r} is {cell!r}, not a weight"
            raise ReviewsError("no_weight", message, row=row, column=weight_column, cell=cell[:40])
        weights = found
    place = table.columns.index(text_column)
    names = [name for name in table.columns if name != text_column]
    return [
        Review(text, weight or 0.0, dict(zip(names, row[:place] + row[place + 1 :], strict=True)))
        for text, weight, row in zip(texts, weights, table.rows, strict=True)
        if not is_missing(text)
    ]


def split_sentences(text: str) -> list[str]:
    """The sentences of one review: razdel for Russian, `demos.operations.sentences` for other languages.

    Reviews are short and there may be thousands, so what is written in Russian letters alone is taken
    for Russian without asking. A sentence of over `LONGEST_SENTENCE` is broken at a space, so that the
    encoder can take it.
    """
    lines = (one_line(line) for line in clean(text).split("\n"))
    return [piece for line in lines if line for sentence in _split_line(line) for piece in _pieces(sentence)]


def _split_line(line: str) -> list[str]:
    foreign = _FOREIGN_CYRILLIC.search(line) or len(_NOT_RUSSIAN.findall(line)) * 2 > sum(
        map(str.isalpha, line)
    )
    if foreign:
        return sentences_of(line)
    import razdel

    return [sentence.text for sentence in razdel.sentenize(line)]


def _pieces(sentence: str) -> Iterable[str]:
    while len(sentence) > LONGEST_SENTENCE:
        end = sentence.rfind(" ", LONGEST_SENTENCE // 2, LONGEST_SENTENCE)
        end = end if end > 0 else LONGEST_SENTENCE
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    yield sentence


def collect_sentences(reviews: Sequence[Review]) -> Sentences:
    """Split all reviews; of more than `MOST_SENTENCES` take an even sample, the same every time.

    Raises:
        ReviewsError: "weightless" where every review has a weight of 0, "no_sentences" where no other one
            has a word.
    """
    heavy = [review for review in reviews if review.weight > 0]
    if reviews and not heavy:
        raise ReviewsError("weightless", "all reviews that have a text have a weight of 0")
    found: list[tuple[str, int]] = []
    wordless = 0
    for number, review in enumerate(heavy):
        for sentence in split_sentences(review.text):
            if any(map(str.isalpha, sentence)) and not says_nothing(sentence):
                found.append((sentence, number))
            else:
                wordless += 1
    if not found:
        which = "" if len(heavy) == len(reviews) else " whose weight is not 0"
        raise ReviewsError("no_sentences", f"there is no sentence in the reviews{which}")
    used = found
    if len(found) > MOST_SENTENCES:
        used = [found[i * len(found) // MOST_SENTENCES] for i in range(MOST_SENTENCES)]
    keys = [same_text(text) for text, _ in used]
    texts = dict(zip(reversed(keys), (text for text, _ in reversed(used)), strict=True))
    place = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    numbers = {number: i for i, number in enumerate(dict.fromkeys(number for _, number in used))}
    return Sentences(
        texts=tuple(texts[key] for key in place),
        reviews=len(numbers),
        sentence_of=np.array([place[key] for key in keys]),
        review_of=np.array([numbers[number] for _, number in used]),
        review_weights=np.array([heavy[number].weight for number in numbers]),
        wordless=wordless,
        weightless=len(reviews) - len(heavy),
        found=len(found),
        others=tuple(heavy[number].others for number in numbers),
    )
