"""Many sentences → the one average sentence of the article, and the few main opinions.

The article adds up the vectors of all sentences, normalises the sum and decodes it. One vector for
praise and complaints alike says little, so here the sentences are also grouped, and the centre of
every group is decoded the same way. Beside each decoded sentence stands the real sentence that is
nearest to the same centre (the medoid): what the decoder has to be better than. See `demos.wordings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from demos.answers import unit
from demos.axes import built_in_axes, direction
from demos.codec import Codec
from demos.codec.errors import BadSetting, TextTooLong
from demos.reviews import Count, Review, Sentences, sentences_of
from demos.wordings import Spoken, speak

if TYPE_CHECKING:  # imported where they are needed: they take longer than the page without them
    from sklearn.cluster import KMeans

MOST_OPINIONS = 12
MOST_CHOICES = 10
LARGEST_TRIM = 0.8
MOOD_AXIS = "negative_positive"
_CHUNK = 128  # sentences encoded between two reports of progress
_COMPONENTS = 10  # of the vectors, in which sentences are grouped
_MOOD_FACTOR = 3.0  # how much wider the axis of praise and complaint is made
_FITTED, _SCORED = 3000, 1000  # sentences that the groups, and their number, are chosen on
_AS_GOOD = 0.02  # silhouettes closer than this are taken for equal
_LEAST_MEMBERS = 6  # sentences an opinion should have on average, where the number is chosen


@dataclass(frozen=True, eq=False)
class Encoded:
    """Sentences with their vectors (n, dim), rows of length 1, and the axis of mood (dim,), length 1."""

    sentences: Sentences
    vectors: np.ndarray
    mood: np.ndarray
    pair: str

    @cached_property
    def together(self) -> Grounds:
        """What the sentences are grouped by when only their topic counts."""
        return Grounds.of(self.vectors)

    @cached_property
    def apart(self) -> Grounds:
        """The same with a wider axis of mood, so that praise and complaints of one thing do not share a
        group and cancel out in its centre."""
        along = self.vectors @ self.mood
        return Grounds.of(self.vectors + (_MOOD_FACTOR - 1) * np.outer(along, self.mood))


@dataclass(frozen=True, eq=False)
class Grounds:
    """What sentences are grouped by: (n, at most 10) principal components of their vectors, as unit rows.

    Distances between whole vectors are nearly all alike; the first components are the topics that many
    sentences share. `distinct` rows differ; `suggested` is how many groups there seem to be.
    """

    rows: np.ndarray
    distinct: int
    suggested: int

    @classmethod
    def of(cls, vectors: np.ndarray) -> Grounds:
        from sklearn.decomposition import PCA

        count = min(_COMPONENTS, len(vectors) - 1, vectors.shape[1])
        if count < 1 or np.allclose(vectors, vectors[0]):
            return cls(np.zeros((len(vectors), 1), dtype=np.float32), 1, 1)
        pca = PCA(count, svd_solver="full" if len(vectors) < 500 else "covariance_eigh")
        rows = unit(pca.fit_transform(vectors.astype(np.float64)))
        return cls(rows, len(np.unique(rows.round(5), axis=0)), suggested(rows))


@dataclass(frozen=True)
class Settings:
    """How to sum up.

    Attributes:
        opinions: how many; None chooses.
        trim: the share of its sentences that every opinion leaves out, the farthest first, 0 to 0.8.
        count: whether every sentence or every review says the same; see `Sentences.weights`.
        apart: whether praise and complaints of one thing are kept apart when sentences are grouped.
        choices: how many wordings are compared by fidelity, see
            `demos.wordings.speak`; 1 takes the pair's first for the centre itself (the article).
    """

    opinions: int | None = None
    trim: float = 0.0
    count: Count = "sentence"
    apart: bool = True
    choices: int = 4

    def __post_init__(self) -> None:
        if self.opinions is not None and not 1 <= self.opinions <= MOST_OPINIONS:
            raise BadSetting("opinions", self.opinions, f"a whole number from 1 to {MOST_OPINIONS}")
        if not 0 <= self.trim <= LARGEST_TRIM:
            raise BadSetting("trim", self.trim, f"a number from 0 to {LARGEST_TRIM}")
        if not 1 <= self.choices <= MOST_CHOICES:
            raise BadSetting("choices", self.choices, f"a whole number from 1 to {MOST_CHOICES}")


@dataclass(frozen=True, eq=False)
class Opinion:
    """A group of sentences in words.

    Attributes:
        share: of the weight of all sentences, 0 to 1.
        members: the numbers of its sentences, the most typical first; `kept` of them made the centre.
        agreement: the length of their mean vector: 1 where all say the same, 0 where nothing is common.
    """

    spoken: Spoken
    share: float
    members: tuple[int, ...]
    kept: int
    agreement: float


@dataclass(frozen=True, eq=False)
class Summary:
    """The average sentence and the opinions, the greatest share first.

    `labels` (n,) is the number of each sentence's opinion; `kept` (n,) is False for what was trimmed.
    `agreement` is the length of the mean of what was kept.
    """

    average: Spoken
    opinions: tuple[Opinion, ...]
    labels: np.ndarray
    kept: np.ndarray
    agreement: float

    @property
    def quick(self) -> bool:
        """Whether a careful search may find better sentences."""
        return any(spoken.decoded.quick for spoken in (self.average, *(one.spoken for one in self.opinions)))


def encode_into(codec: Codec, texts: Sequence[str], vectors: np.ndarray) -> Iterator[int]:
    """Fill `vectors` (n, dim) chunk by chunk, texts of like length together → how many are done, from 0 on.

    Raises what `Codec.encode` raises.
    """
    yield 0
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    for start in range(0, len(order), _CHUNK):
        chunk = order[start : start + _CHUNK]
        try:
            vectors[chunk] = codec.encode([texts[i] for i in chunk])
        except TextTooLong as error:  # counted among all texts
            raise TextTooLong(
                chunk[error.details["index"]], error.details["tokens"], codec.max_tokens
            ) from None
        yield start + len(chunk)


def encoded_with(codec: Codec, sentences: Sentences, vectors: np.ndarray) -> Encoded:
    """Sentences with vectors (n, dim) that this codec gave them."""
    axis = next(axis for axis in built_in_axes() if axis.name == MOOD_AXIS)
    return Encoded(sentences, vectors, unit(direction(codec, axis).delta), codec.name)


def summarise_reviews(codec: Codec, reviews: Sequence[Review], settings: Settings | None = None) -> Summary:
    """All steps at once: reviews → sentences → vectors → opinions in words. CodecError says what is wrong."""
    sentences = sentences_of(reviews)
    vectors = np.empty((len(sentences.texts), codec.dim), dtype=np.float32)
    for _ in encode_into(codec, sentences.texts, vectors):
        continue
    return summarise(codec, encoded_with(codec, sentences, vectors), settings or Settings())


def summarise(codec: Codec, encoded: Encoded, settings: Settings, quick: bool = False) -> Summary:
    """Group the sentences and decode the average and the centre of every group, in one batch.

    With `quick` they are decoded as the pair does where an answer is wanted at once.
    """
    vectors, weights = encoded.vectors, encoded.sentences.weights(settings.count)
    labels = group(encoded, settings)
    groups = [np.flatnonzero(labels == number) for number in range(labels.max() + 1)]
    members = [_by_typicality(vectors, weights, group) for group in groups]
    kept_of = [group[: max(1, len(group) - int(settings.trim * len(group)))] for group in members]
    kept = np.zeros(len(vectors), dtype=bool)
    kept[np.concatenate(kept_of)] = True

    all_kept = np.flatnonzero(kept)
    means = [_mean(vectors, weights, rows) for rows in (all_kept, *kept_of)]
    sources = [all_kept, *kept_of]
    spoken = speak(codec, encoded.sentences.texts, vectors, means, sources, settings.choices, quick)
    opinions = tuple(
        Opinion(
            words, float(weights[rows].sum()), tuple(map(int, rows)), len(left), float(np.linalg.norm(mean))
        )
        for words, rows, left, mean in zip(spoken[1:], members, kept_of, means[1:], strict=True)
    )
    return Summary(spoken[0], opinions, labels, kept, float(np.linalg.norm(means[0])))


def group(encoded: Encoded, settings: Settings) -> np.ndarray:
    """(n,) the number of each sentence's opinion, 0 for the one of the greatest weight; always the same."""
    grounds = encoded.apart if settings.apart else encoded.together
    rows, wanted = grounds.rows, min(settings.opinions or grounds.suggested, grounds.distinct)
    if wanted == 1:
        return np.zeros(len(rows), dtype=np.int64)
    weights = encoded.sentences.weights(settings.count)
    sample = _sample(len(rows), _FITTED)
    found = _k_means(wanted).fit(rows[sample], sample_weight=weights[sample] / weights[sample].mean())
    labels = found.predict(rows)
    shares = np.bincount(labels, weights=weights, minlength=wanted)
    present = [number for number in np.argsort(-shares, kind="stable") if np.any(labels == number)]
    places = np.zeros(wanted, dtype=np.int64)
    places[present] = np.arange(len(present))
    return np.asarray(places[labels])


def suggested(rows: np.ndarray) -> int:
    """How many groups the rows (n, d) fall into, from 4 to 8, fewer where there are few rows.

    The fewest whose silhouette (Rousseeuw, 1987, "Silhouettes") is about as good as the best, on a sample.
    """
    from sklearn.metrics import silhouette_score

    rows = rows[_sample(len(rows), _SCORED)]
    most = min(8, len(rows) // _LEAST_MEMBERS, len(np.unique(rows.round(5), axis=0)) - 1)
    if most < 2:
        return 1
    scores = {}
    for number in range(min(4, most), most + 1):
        labels = _k_means(number).fit_predict(rows)
        scores[number] = float(silhouette_score(rows, labels))
    enough = max(scores.values()) - _AS_GOOD
    return min(number for number, score in scores.items() if score >= enough)


def _k_means(number: int) -> KMeans:
    from sklearn.cluster import KMeans

    return KMeans(number, n_init=5, random_state=0)


def _sample(count: int, most: int) -> np.ndarray:
    """Numbers of at most `most` rows, evenly spread."""
    return np.arange(count) if count <= most else np.arange(most) * count // most


def _mean(vectors: np.ndarray, weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The weighted mean (dim,) of some rows, as it comes: not normalised."""
    return np.asarray(np.average(vectors[rows], axis=0, weights=weights[rows]))


def _by_typicality(vectors: np.ndarray, weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The rows, the nearest to their common centre first."""
    centre = unit(_mean(vectors, weights, rows))
    return np.asarray(rows[np.argsort(-(vectors[rows] @ centre), kind="stable")])
