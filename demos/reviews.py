"""Reviews → sentences, each with its weight; and the reviews that come with the demo."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from demos.codec import CodecError
from demos.sentences import sentences_of as language_sentences
from demos.tables import Table, weight_of

REVIEW_FILES = Path(__file__).parent.parent / "assets" / "reviews"
MOST_SENTENCES = 10_000
MOST_CHARACTERS = 400  # of one sentence; under the encoders' 512 tokens in any script
_NOT_RUSSIAN = re.compile(r"[^\W\d_а-яё]", re.IGNORECASE)
_FOREIGN_CYRILLIC = re.compile("[іїєґўқңөүұәһљњћђџјѓќ]", re.IGNORECASE)

Count = Literal["sentence", "review"]


class ReviewsError(CodecError):
    """Reviews that cannot be used; `reason` is "no_sentences" or "no_weight"."""

    code: ClassVar[str] = "reviews"

    def __init__(self, reason: str, message: str, **details: object) -> None:
        super().__init__(message, reason=reason, **details)


@dataclass(frozen=True)
class Review:
    """One review; a weight of 2 counts as much as the same review twice, 0 leaves it out."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True)
class Example:
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

    Attributes:
        texts: (n,) in order of their first appearance.
        reviews: how many reviews had a sentence and a weight.
        sentence_of, review_of: (m,) the place in `texts` and the number of the review, for every
            sentence as it stands in the reviews, repeated ones too.
        review_weights: (reviews,) all above 0.
        wordless: pieces left out because they have no letter (":)", "10/10").
        weightless: reviews left out because their weight is 0.
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


@lru_cache(maxsize=1)
def examples() -> tuple[Example, ...]:
    """The bundled reviews, in the order of the buttons."""
    entries = json.loads((REVIEW_FILES / "index.json").read_text(encoding="utf-8"))
    return tuple(
        Example(
            name=entry["name"],
            source=entry["source"],
            recorded=entry.get("recorded", ""),
            text=(REVIEW_FILES / f"{entry['name']}.txt").read_text(encoding="utf-8").strip(),
        )
        for entry in entries
    )


def pasted(text: str) -> list[Review]:
    """One review a line; a number after a tab, as a spreadsheet copies it, is its weight."""
    reviews = []
    for line in text.splitlines():
        words, tab, last = line.rstrip().rpartition("\t")
        weight = weight_of(last) if tab else None
        if line.strip():
            reviews.append(Review(line.strip()) if weight is None else Review(words.strip(), weight))
    return reviews


def from_table(table: Table, text_column: str, weight_column: str | None = None) -> list[Review]:
    """A table's rows as reviews; a blank weight is 0. KeyError for a column that is not there.

    Raises:
        ReviewsError: "no_weight" where the weight column holds something else than numbers.
    """
    texts = table.column(text_column)
    if weight_column is None:
        return [Review(text) for text in texts if text.strip()]
    reviews = []
    for row, (text, cell) in enumerate(zip(texts, table.column(weight_column), strict=True), 1):
        weight = weight_of(cell) if cell.strip() else 0.0
        if weight is None:
            message = f"row {row} of {weight_column!r} is {cell!r}, not a weight"
            raise ReviewsError("no_weight", message, row=row, column=weight_column, cell=cell[:40])
        if text.strip():
            reviews.append(Review(text, weight))
    return reviews


def split_sentences(text: str) -> list[str]:
    """The sentences of one review: razdel for Russian, `demos.sentences` for other languages.

    Reviews are short and there may be thousands, so what is written in Russian letters alone is taken
    for Russian without asking. A sentence of over `MOST_CHARACTERS` is broken at a space, so that the
    encoder can take it.
    """
    lines = (" ".join(line.split()) for line in text.splitlines())
    return [piece for line in lines if line for sentence in _split_line(line) for piece in _pieces(sentence)]


def _split_line(line: str) -> list[str]:
    foreign = _FOREIGN_CYRILLIC.search(line) or len(_NOT_RUSSIAN.findall(line)) * 2 > sum(
        map(str.isalpha, line)
    )
    if foreign:
        return language_sentences(line)
    import razdel

    return [sentence.text for sentence in razdel.sentenize(line)]


def _pieces(sentence: str) -> Iterable[str]:
    while len(sentence) > MOST_CHARACTERS:
        end = sentence.rfind(" ", MOST_CHARACTERS // 2, MOST_CHARACTERS)
        end = end if end > 0 else MOST_CHARACTERS
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    yield sentence


def sentences_of(reviews: Sequence[Review]) -> Sentences:
    """Split all reviews; of more than `MOST_SENTENCES` take an even sample, the same every time.

    Raises:
        ReviewsError: "no_sentences" where no review has a word or a weight.
    """
    heavy = [review for review in reviews if review.weight > 0]
    found: list[tuple[str, int]] = []
    wordless = 0
    for number, review in enumerate(heavy):
        for sentence in split_sentences(review.text):
            if any(map(str.isalpha, sentence)):
                found.append((sentence, number))
            else:
                wordless += 1
    if not found:
        raise ReviewsError("no_sentences", "there is no sentence in the reviews")
    used = found
    if len(found) > MOST_SENTENCES:
        used = [found[i * len(found) // MOST_SENTENCES] for i in range(MOST_SENTENCES)]
    texts = {text: None for text, _ in used}
    place = {text: i for i, text in enumerate(texts)}
    numbers = {number: i for i, number in enumerate(dict.fromkeys(number for _, number in used))}
    return Sentences(
        texts=tuple(texts),
        reviews=len(numbers),
        sentence_of=np.array([place[text] for text, _ in used]),
        review_of=np.array([numbers[number] for _, number in used]),
        review_weights=np.array([heavy[number].weight for number in numbers]),
        wordless=wordless,
        weightless=len(reviews) - len(heavy),
        found=len(found),
    )
