"""Many sentences → the one average sentence of the article, and the few main opinions.

The article adds up the vectors of all sentences, normalises the sum and decodes it. One vector for
praise and complaints alike says little, so here the sentences are also grouped by what is said of what
(`demos.operations.grouping`), and the centre of every group is decoded too. Beside each decoded sentence
stands the real sentence that is nearest to the same centre (the medoid): what the decoder has to be
better than. See `demos.operations.wordings`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, get_args

import numpy as np

from demos.codec import BadSetting, Codec, unit
from demos.operations.axes import built_in_axes, direction
from demos.operations.files.columns import is_missing
from demos.operations.grouping import Grounds, group
from demos.operations.mood import moods
from demos.operations.reviews import Count, Review, Sentences, collect_sentences
from demos.operations.text import one_line, parse_number
from demos.operations.turns import Turns
from demos.operations.wordings import MeanLength, Spoken, speak

MOST_OPINIONS = 12
MOST_CHOICES = 10
LARGEST_TRIM = 0.8
MOST_VALUES = 8  # of a column that opinions are compared by
MOOD_AXIS = "negative_positive"
AGREES = 0.65  # the agreement below which sentences cannot be said in one
LARGE = 2000  # sentences; sets of more take turns
_TURNS = Turns(at_once=2, waiting=6)
_CHUNK = 64  # sentences encoded between two reports of progress
_CENTRES = 3  # decoded between two parts of a summary
_LONG_NUMBER = 1e8  # what is as long as this is a telephone, a barcode or another code
# A leading nought or plus is of codes and telephones; of "1,234" nobody knows how much it is.
_NO_NUMBER = re.compile(r"[-−]?0\d.*|\+.*|.*%|.*[eE].*|[1-9]\d{0,2}(?:,\d{3})+", re.ASCII)

Step = TypeVar("Step")


@dataclass(frozen=True, eq=False)
class Encoded:
    """Sentences with their vectors (n, dim), rows of length 1, and the axis of mood.

    The axis is a direction (dim,) of length 1; `middle` is where on it neither praise nor blame is meant.
    """

    sentences: Sentences
    vectors: np.ndarray
    mood: np.ndarray
    pair: str
    middle: float = 0.0

    @cached_property
    def together(self) -> Grounds:
        """What the sentences are grouped by when only their topic counts."""
        return Grounds(self.vectors, np.ones(len(self.vectors), dtype=np.int64), self.mood)

    @cached_property
    def apart(self) -> Grounds:
        """The same with praise and complaints apart, which never share a group."""
        found = moods(self.sentences.texts, self.vectors, self.mood, self.middle)
        return Grounds(self.vectors, np.where(found >= 0, 1, -1), self.mood)


@dataclass(frozen=True)
class Settings:
    """How to sum up.

    Attributes:
        opinions: how many; None chooses.
        trim: the share of its sentences that every opinion leaves out, the farthest first, 0 to 0.8.
        count: whether every sentence or every review says the same; see `Sentences.weights`.
        apart: whether praise and complaints of one thing are kept apart when sentences are grouped.
        choices: how many wordings are compared, see `demos.operations.wordings.speak`; 1 takes the pair's
            first for the centre itself.
        length: how long the vector of a centre is that is decoded: "agreement", the length of the mean
            itself, or "article", 1.
    """

    opinions: int | None = None
    trim: float = 0.0
    count: Count = "sentence"
    apart: bool = True
    choices: int = 8
    length: MeanLength = "agreement"

    def __post_init__(self) -> None:
        if self.opinions is not None and not 1 <= self.opinions <= MOST_OPINIONS:
            raise BadSetting("opinions", self.opinions, f"a whole number from 1 to {MOST_OPINIONS}")
        if not 0 <= self.trim <= LARGEST_TRIM:
            raise BadSetting("trim", self.trim, f"a number from 0 to {LARGEST_TRIM}")
        if not 1 <= self.choices <= MOST_CHOICES:
            raise BadSetting("choices", self.choices, f"a whole number from 1 to {MOST_CHOICES}")
        if self.length not in get_args(MeanLength):
            raise BadSetting("length", self.length, " or ".join(get_args(MeanLength)))


@dataclass(frozen=True, eq=False)
class Opinion:
    """A group of sentences in words.

    Attributes:
        share: of the weight of all sentences, 0 to 1.
        members: the numbers of its sentences, the most typical first; `kept` of them made the centre.
        agreement: the length of their mean vector, which is the mean cosine of its sentences with it: 1
            where all say the same, 0 where nothing is common.
    """

    spoken: Spoken
    share: float
    members: tuple[int, ...]
    kept: int
    agreement: float

    @property
    def agrees(self) -> bool:
        """Whether its sentences agree enough to be said in one; where they do not, the most typical real
        one speaks for them better than the decoded one."""
        return self.agreement >= AGREES

    @property
    def decoded_speaks(self) -> bool:
        """Whether the decoded sentence may stand for the group: that agrees, the decoder is sure of what it
        said, which is not contrary to the group, and there is more than one sentence, which can speak for
        itself."""
        return self.agrees and self.spoken.sure and not self.spoken.contrary and len(self.members) > 1

    @property
    def said(self) -> str:
        """The sentence that stands for the group: the decoded one, or else the most typical real one."""
        return self.spoken.decoded.text if self.decoded_speaks else self.spoken.typical


@dataclass(frozen=True)
class Rest:
    """Sentences that are like no opinion: their numbers, and their share of the weight of all sentences."""

    members: tuple[int, ...]
    share: float


@dataclass(frozen=True, eq=False)
class Summary:
    """The average sentence and the opinions, the greatest share first.

    `labels` (n,) is the number of each sentence's opinion, -1 for those of the `rest`; `kept` (n,) is False
    for what was trimmed.
    `agreement` is the length of the mean of what was kept.
    """

    average: Spoken
    opinions: tuple[Opinion, ...]
    rest: Rest
    labels: np.ndarray
    kept: np.ndarray
    agreement: float

    @property
    def percents(self) -> list[int]:
        """The shares of the opinions, and of the rest last, as whole percents that add up to 100."""
        return whole_percents([*(one.share for one in self.opinions), self.rest.share])

    @property
    def quick(self) -> bool:
        """Whether a careful search may find better sentences."""
        return any(spoken.decoded.quick for spoken in (self.average, *(one.spoken for one in self.opinions)))


def whole_percents(shares: Sequence[float]) -> list[int]:
    """Shares (0 to 1) as whole percents with the same sum, by the largest remainders."""
    exact = [100 * share for share in shares]
    whole = [int(one) for one in exact]
    missing = round(sum(exact)) - sum(whole)
    for place in sorted(range(len(exact)), key=lambda place: whole[place] - exact[place])[:missing]:
        whole[place] += 1
    return whole


def encode_sentences(
    codec: Codec, sentences: Sentences, report: Callable[[int, int], Step]
) -> Generator[Step, None, Encoded]:
    """Encode sentences chunk by chunk, texts of like length together.

    Those that the encoder cannot take are left out and counted (`Sentences.unreadable`): one of them must
    not keep the others from being summed up. Large sets take turns: each needs much memory.

    Args:
        report: makes of the number of sentences that are done, and of the number of large sets that have to
            be done before these, what is given on the way, from 0 on.

    Returns:
        The sentences that are left, with their vectors.

    Raises:
        EmptyInput, SaysNothing, TextTooLong: no sentence can be encoded; what is wrong with the first.
        Busy: too many calls wait, or too many large sets.
    """
    if len(sentences.texts) <= LARGE:
        return (yield from _encode(codec, sentences, lambda count: report(count, 0)))
    with _TURNS.turn() as turn:
        for before in turn.waiting():
            yield report(0, before)

        def at_work(count: int) -> Step:
            turn.alive()
            return report(count, 0)

        return (yield from _encode(codec, sentences, at_work))


def _encode(
    codec: Codec, sentences: Sentences, report: Callable[[int], Step]
) -> Generator[Step, None, Encoded]:
    texts, left_out = sentences.texts, list[int]()
    vectors = np.empty((len(texts), codec.dim), dtype=np.float32)
    yield report(0)
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for start in range(0, len(order), _CHUNK):
        chunk = order[start : start + _CHUNK]
        found, errors = codec.encode_each([texts[number] for number in chunk])
        vectors[[number for place, number in enumerate(chunk) if place not in errors]] = found
        left_out += [chunk[place] for place in errors]
        yield report(start + len(chunk))
    if len(left_out) == len(texts):
        _, errors = codec.encode_each(texts[:1])
        raise errors[0]
    if left_out:
        sentences, vectors = sentences.without(left_out), np.delete(vectors, left_out, axis=0)
    return encoded_with(codec, sentences, vectors)


def encoded_with(codec: Codec, sentences: Sentences, vectors: np.ndarray) -> Encoded:
    """Sentences with vectors (n, dim) that this codec gave them."""
    axis = next(axis for axis in built_in_axes() if axis.name == MOOD_AXIS)
    found = direction(codec, axis)
    along = unit(found.delta)
    middle = float((found.from_vectors.mean(0) + found.to_vectors.mean(0)) @ along) / 2
    return Encoded(sentences, vectors, along, codec.name, middle)


def encoded_reviews(codec: Codec, reviews: Sequence[Review]) -> Encoded:
    """Reviews → sentences → vectors, at once. Raises as `collect_sentences` and `encode_sentences` do."""
    steps = encode_sentences(codec, collect_sentences(reviews), report=lambda count, before: count)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            encoded: Encoded = end.value
            return encoded


def summarise_reviews(codec: Codec, reviews: Sequence[Review], settings: Settings | None = None) -> Summary:
    """All steps at once: reviews → sentences → vectors → opinions in words. CodecError says what is wrong."""
    return summarise(codec, encoded_reviews(codec, reviews), settings or Settings())


def summarise(codec: Codec, encoded: Encoded, settings: Settings, quick: bool = False) -> Summary:
    """Group the sentences and decode the average and the centre of every group, in one batch.

    With `quick` they are decoded as the pair does where an answer is wanted at once.
    """
    groups = _Groups.of(encoded, settings)
    return groups.summary(groups.spoken(codec, slice(None), quick))


def summarise_by_parts(
    codec: Codec, encoded: Encoded, settings: Settings, quick: bool = False
) -> Iterator[Summary]:
    """The same part by part: the average alone, decoded quickly, then as `quick` says, and this again after
    every few centres, so that whoever wants no more need not wait for all; at last everything."""
    groups = _Groups.of(encoded, settings)
    average = groups.summary(groups.spoken(codec, slice(1), quick=True))
    spoken: list[Spoken] = []
    for start in range(0, len(groups.means), _CENTRES):
        yield average
        spoken += groups.spoken(codec, slice(start, start + _CENTRES), quick)
        average = groups.summary(spoken[:1])
    yield groups.summary(spoken)


@dataclass(frozen=True, eq=False)
class _Groups:
    """Sentences in groups, before they are put into words.

    Attributes:
        labels, kept: as a `Summary` has them.
        members: the numbers of each group's sentences, the most typical first.
        sources: the numbers of the sentences that make the average, and of those that make each centre.
        means: their means (dim,), not normalised.
    """

    encoded: Encoded
    settings: Settings
    weights: np.ndarray
    labels: np.ndarray
    kept: np.ndarray
    members: list[np.ndarray]
    sources: list[np.ndarray]
    means: list[np.ndarray]

    @classmethod
    def of(cls, encoded: Encoded, settings: Settings) -> _Groups:
        vectors, weights = encoded.vectors, encoded.sentences.weights(settings.count)
        grounds = encoded.apart if settings.apart else encoded.together
        labels = group(grounds, weights, settings.opinions)
        groups = [np.flatnonzero(labels == number) for number in range(labels.max() + 1)]
        members = [_by_typicality(vectors, weights, group) for group in groups]
        kept_of = [group[: max(1, len(group) - int(settings.trim * len(group)))] for group in members]
        kept = labels < 0
        kept[np.concatenate(kept_of)] = True
        sources = [np.flatnonzero(kept), *kept_of]
        means = [_mean(vectors, weights, rows) for rows in sources]
        return cls(encoded, settings, weights, labels, kept, members, sources, means)

    def spoken(self, codec: Codec, part: slice, quick: bool) -> list[Spoken]:
        """The means of a part in words: 0 is the average."""
        texts, vectors = self.encoded.sentences.texts, self.encoded.vectors
        means, sources = self.means[part], self.sources[part]
        return speak(
            codec, texts, vectors, means, sources, self.settings.choices, quick, self.settings.length
        )

    def summary(self, spoken: Sequence[Spoken]) -> Summary:
        """With the average and so many opinions as are spoken, which may be none."""
        opinions = tuple(
            Opinion(
                words,
                float(self.weights[rows].sum()),
                tuple(map(int, rows)),
                len(typical),
                float(np.linalg.norm(mean)),
            )
            for words, rows, typical, mean in zip(
                spoken[1:], self.members, self.sources[1:], self.means[1:], strict=False
            )
        )
        rest = np.flatnonzero(self.labels < 0)
        left = Rest(tuple(map(int, rest)), float(self.weights[rest].sum()))
        agreement = float(np.linalg.norm(self.means[0]))
        return Summary(spoken[0], opinions, left, self.labels, self.kept, agreement)


def summary_rows(summary: Summary, encoded: Encoded, settings: Settings) -> list[dict[str, object]]:
    """The average and the opinions as rows to download, with the settings they were made with."""
    sizes = [(1.0, len(summary.kept), int(summary.kept.sum()), summary.agreement)]
    sizes += [(one.share, len(one.members), one.kept, one.agreement) for one in summary.opinions]
    said = [summary.average, *(one.spoken for one in summary.opinions)]
    return [
        {
            "opinion": number or "average",
            "share": round(share, 4),
            "sentences": sentences,
            "kept": kept,
            "decoded": spoken.decoded.text,
            "fidelity": round(spoken.decoded.fidelity, 4),
            "typical": spoken.typical,
            "typical_fidelity": round(spoken.typical_fidelity, 4),
            "likeness": round(spoken.likeness, 4),
            "agreement": round(agreement, 4),
            "first_choice": spoken.first,
            "other_wordings": " | ".join(other.text for other in spoken.decoded.alternatives),
            "pair": encoded.pair,
            "trim": settings.trim,
            "count": settings.count,
            "apart": settings.apart,
            "choices": settings.choices,
            "length": settings.length,
        }
        for number, (spoken, (share, sentences, kept, agreement)) in enumerate(zip(said, sizes, strict=True))
    ]


def sentence_rows(summary: Summary, encoded: Encoded, settings: Settings) -> list[dict[str, object]]:
    """Every sentence as often as it was said, with its weight, its opinion ("rest" for none), its cosine
    with the middle of that, and the other columns of its row in the file."""
    sentences = encoded.sentences
    names = dict.fromkeys(name for row in sentences.others for name in row)
    columns = {name: as_numbers([row.get(name, "") for row in sentences.others]) for name in names}
    weights = sentences.weights(settings.count) / np.bincount(sentences.sentence_of)
    rows: list[dict[str, object]] = []
    for row, review in zip(sentences.sentence_of, sentences.review_of, strict=True):
        number = int(summary.labels[row])
        middle = summary.opinions[number].spoken.centre if number >= 0 else None
        found: dict[str, object] = {
            "sentence": sentences.texts[row],
            "weight": round(float(weights[row]), 6),
            "opinion": "rest" if middle is None else number + 1,
            "cosine": "" if middle is None else round(float(encoded.vectors[row] @ middle), 4),
            "kept": bool(summary.kept[row]),
        }
        for name, cells in columns.items():
            found.setdefault(f"{name} (file)" if name in found else name, cells[review])
        rows.append(found)
    return rows


def as_numbers(cells: Sequence[str]) -> list[str | float]:
    """The cells of a column as numbers, if all that are filled are some; else as they stand.

    A spreadsheet changes the look of a number: codes, telephones and barcodes stay texts.
    """
    found: list[str | float] = []
    for cell in cells:
        number = None if _NO_NUMBER.fullmatch(cell.strip()) else parse_number(cell)
        if is_missing(cell):
            found.append(cell)
        elif number is None or abs(number) >= _LONG_NUMBER:
            return list(cells)
        else:
            found.append(int(number) if number.is_integer() else number)
    return found


def _mean(vectors: np.ndarray, weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The weighted mean (dim,) of some rows, as it comes: not normalised."""
    return np.asarray(np.average(vectors[rows], axis=0, weights=weights[rows]))


def _by_typicality(vectors: np.ndarray, weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows, the nearest to their common centre first."""
    centre = unit(_mean(vectors, weights, rows))
    return np.asarray(rows[np.argsort(-(vectors[rows] @ centre), kind="stable")])


# --- opinions beside another column of the file: what do those say who gave two stars, or came in May? ---


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
