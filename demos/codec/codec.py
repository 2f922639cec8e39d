"""The codec: text → vector → text, for one pair of an encoder and a decoder."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import numpy as np
import torch
from cachetools import LRUCache

from demos.codec.adapter import CERTAIN, ByLength
from demos.codec.batcher import Batcher
from demos.codec.decoder import Beam, BeamSearch, Decoder
from demos.codec.errors import BadSetting, BadVector, CodecError, EmptyInput, SaysNothing, TextTooLong
from demos.codec.pairs import MOST_BEAMS, Decoding, check_whole
from demos.codec.text import clean, says_nothing

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

    from demos.codec.encoder import TextEncoder
    from demos.codec.lexicon import Lexicon
    from demos.codec.pairs import Pair

# Bytes that are kept of texts' vectors, of vectors' beams and of texts' fluencies.
CACHED_VECTORS, CACHED_BEAMS, CACHED_FLUENCIES = 24 << 20, 16 << 20, 2 << 20
LONGEST = 50_000  # characters of a text whose tokens are counted: far more than any encoder takes
ROUNDING = 1e-3  # a vector is of length one if it is that near to it
Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Borrow = Callable[[Literal["encode", "decode"], Callable[..., Any]], Callable[..., Any]]
# In a batch of the encoder, texts; in one of the decoder, beams. A CPU gains nothing by larger ones,
# which would only hold up the others who wait.
TEXTS_AT_ONCE, BEAMS_AT_ONCE = {"cpu": 32, "cuda": 256}, {"cpu": 48, "cuda": 1024}


@dataclass(frozen=True)
class Candidate:
    """One decoding of a vector.

    Attributes:
        text: the sentence.
        score: the mean log-probability of its tokens.
        fidelity: the cosine of the decoded vector with the sentence's own, -1 to 1. A sentence that the
            encoder cannot take (it is empty, or too long) counts as opposite: -1.
        vector: the sentence's own unit vector, float32 (dim,); zeros where the encoder cannot take it.
    """

    text: str
    score: float
    fidelity: float
    vector: np.ndarray = field(repr=False, compare=False)


class Wording(NamedTuple):
    """A beam as text, with its score."""

    text: str
    score: float


class Codec:
    """Encodes texts to unit vectors and decodes vectors to Russian sentences.

    Safe to use from several threads, whose calls are gathered into batches: one worker encodes,
    one decodes. The same input gives the same output. See `demos.codec.load_codec`.

    Args:
        borrow: makes the two functions that need the models' device into ones that borrow it call by
            call: ("encode", rows → vectors) and ("decode", vectors, search → beams), whose arguments and
            results can be pickled. They are called in the caller's own thread then and nothing is
            gathered. Tokens, checks and caches stay outside. ZeroGPU's `spaces.GPU` is such a one.

    Attributes:
        name, title, dim, languages: as in the pair.
        max_tokens: the longest text the encoder takes, in its tokens, special ones included.
        decoding, quick: the pair's own settings, and those of its quick answers.
        reads_length: whether a vector shorter than 1 is decoded as one of an uncertain direction.
    """

    def __init__(
        self,
        pair: Pair,
        encoder: TextEncoder,
        decoder: Decoder,
        tokenizer: SentencePieceProcessor,
        lexicon: Lexicon | None = None,
        borrow: Borrow | None = None,
    ) -> None:
        self.pair = pair
        self.name, self.title, self.dim = pair.name, pair.title, encoder.dim
        self.languages, self.decoding = pair.languages, pair.decoding
        self.quick = pair.quick or pair.decoding
        self.max_tokens = encoder.max_tokens
        self.reads_length = isinstance(decoder, ByLength)
        self._encoder, self._decoder, self._tokenizer = encoder, decoder, tokenizer
        self._lexicon = lexicon
        self._blank = encoder.token_ids([""])[0]  # tokens of a text that says nothing
        self._vector_cache: LRUCache[str, np.ndarray] = LRUCache(CACHED_VECTORS, lambda row: row.nbytes + 300)
        self._beam_cache: LRUCache[tuple[bytes, BeamSearch], list[Beam]] = LRUCache(
            CACHED_BEAMS, lambda beams: 4 * self.dim + 400 + sum(180 + 4 * len(beam.ids) for beam in beams)
        )
        self._fluency_cache: LRUCache[str, float] = LRUCache(CACHED_FLUENCIES, lambda _: 300)
        self._lock = threading.Lock()  # of the caches
        self._pool: Callable[[list[list[int]]], np.ndarray] = self._run_encoder
        self._generate: Callable[[np.ndarray, BeamSearch], list[list[Beam]]] = self._run_decoder
        self._encodings: Callable[[list[list[int]], bool], Sequence[np.ndarray]] = self._encode_batch
        self._decodings: Callable[[list[np.ndarray], BeamSearch], Sequence[list[Beam]]] = self._decode_batch
        self._score: Callable[[list[list[int]]], list[float]] = self._run_fluency
        self._fluencies: Callable[[list[list[int]], None], Sequence[float]] = self._score_batch
        if borrow is not None:
            self._pool = borrow("encode", self._run_encoder)
            self._generate = borrow("decode", self._run_decoder)
            self._score = borrow("decode", self._run_fluency)
        else:
            texts, beams = (size.get(self.device, 32) for size in (TEXTS_AT_ONCE, BEAMS_AT_ONCE))
            self._encodings = Batcher(self._encode_batch, lambda _: texts)
            self._decodings = Batcher(self._decode_batch, lambda search: max(1, beams // search[0]))
            self._fluencies = Batcher(self._score_batch, lambda _: beams)

    @property
    def device(self) -> str:
        """Where the models are: "cpu", "cuda" …"""
        return self._encoder.device.type

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Texts → their vectors, float32 (n, dim), rows of length 1. How a text is typed does not count: each
        is encoded as `clean` gives it.

        Raises:
            EmptyInput: no texts, or one that has nothing in it.
            SaysNothing: a text has only signs, or letters that the encoder does not know.
            TextTooLong: a text has more than `max_tokens` tokens; nothing is ever cut.
            Busy: too many calls wait.
            TypeError: not a sequence of strings.
        """
        texts, tokens, errors = self._read(texts)
        if not texts:
            raise EmptyInput()
        if errors:
            raise errors[min(errors)]
        return self._vectors(texts, tokens)

    def encode_each(self, texts: Sequence[str], first: int = 0) -> tuple[np.ndarray, dict[int, CodecError]]:
        """Texts → the vectors of those that can be encoded, float32 (m, dim), and the errors of the others.

        The vectors are in the order of the texts, an error is under its text's index; so m and the number
        of errors add up to the number of texts, which may be 0.

        Args:
            first: the index of the first text, where these are a part of more.

        Raises:
            Busy: too many calls wait.
            TypeError: not a sequence of strings.
        """
        texts, tokens, errors = self._read(texts, first)
        good = [text for index, text in enumerate(texts, first) if index not in errors]
        return self._vectors(good, tokens), errors

    def candidates(
        self, vectors: np.ndarray | torch.Tensor, n: int = 1, settings: Decoding | None = None
    ) -> list[list[Candidate]]:
        """Vectors (m, dim) or (dim,) → for each the n best sentences, best first.

        The vectors are taken as they are: their length is the strength of what they say.

        Args:
            n: how many candidates of each vector to return; the search has at least as many beams.
            settings: how to decode: the pair's `decoding` (None), its `quick`, or others.

        Raises:
            BadVector: not an (m, dim) array of finite numbers, or a vector of zeros.
            BadSetting: a setting out of range.
            Busy: too many calls wait.
        """
        rows = self.checked(vectors)
        ranked, back = self._ranked(rows, n, self.decoding if settings is None else settings)
        new = list(dict.fromkeys(one.text for row in ranked for one in row if one.text not in back))
        found, errors = self.encode_each(new)
        back |= zip((text for i, text in enumerate(new) if i not in errors), found, strict=True)
        nothing = np.zeros(self.dim, dtype=np.float32)

        def candidate(direction: np.ndarray, one: Wording) -> Candidate:
            vector = back.get(one.text)
            if vector is None:
                return Candidate(one.text, one.score, -1.0, nothing)
            return Candidate(one.text, one.score, min(1.0, max(-1.0, float(vector @ direction))), vector)

        return [
            [candidate(direction, one) for one in row]
            for direction, row in zip(unit(rows), ranked, strict=True)
        ]

    def decode(self, vectors: np.ndarray | torch.Tensor, settings: Decoding | None = None) -> list[str]:
        """Vectors (n, dim) or (dim,) → a sentence each: the texts of `candidates` with n = 1, without the
        cost of reading back what need not be read. Raises as `candidates`.
        """
        ranked, _ = self._ranked(self.checked(vectors), 1, self.decoding if settings is None else settings)
        return [row[0].text for row in ranked]

    def fluency(self, texts: Sequence[str]) -> np.ndarray:
        """How likely Russian sentences (n,) are by themselves: the mean log-probability of their tokens,
        given no vector. Zeros for a pair that does not read lengths: its decoder cannot tell.
        """
        if not self.reads_length or not texts:
            return np.zeros(len(texts), dtype=np.float32)
        known = self._cached(self._fluency_cache, texts)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            tokens = {text: self._tokenizer.encode(text) for text in new}
            new.sort(key=lambda text: len(tokens[text]))  # a batch has the room of its longest
            scores = self._fluencies([tokens[text] for text in new], None)
            found = dict(zip(new, scores, strict=True))
            self._cache(self._fluency_cache, found)
            known |= found
        return np.array([known[text] for text in texts], dtype=np.float32)

    def remembers(self, vectors: np.ndarray | torch.Tensor) -> bool:
        """Whether `decode` with the pair's own settings has met all these vectors and answers at once."""
        keys = _keys(self.checked(vectors), _search(self.decoding))
        return len(self._cached(self._beam_cache, keys)) == len(set(keys))

    def _read(
        self, texts: Sequence[str], first: int = 0
    ) -> tuple[list[str], dict[str, list[int]], dict[int, CodecError]]:
        """The texts cleaned, the tokens of those whose vectors are not kept, and what is wrong
        with a text, by its index, which counts from `first`."""
        if isinstance(texts, str) or not isinstance(texts, Iterable):
            raise TypeError("encode takes a sequence of texts; wrap a single one in a list")
        texts = list(texts)
        for index, text in enumerate(texts):
            if not isinstance(text, str):
                raise TypeError(f"text {index + 1} is of type {type(text).__name__}, expected a string")
        texts = [clean(text) for text in texts]
        known = self._cached(self._vector_cache, texts)
        new = [text for text in dict.fromkeys(texts) if text not in known and text.strip()]
        rows = self._encoder.token_ids([text[:LONGEST] for text in new]) if new else []
        tokens = dict(zip(new, rows, strict=True))
        errors: dict[int, CodecError] = {}
        for index, text in enumerate(texts, first):
            if text in known:
                continue
            row = tokens.get(text, self._blank)
            if row == self._blank:
                errors[index] = EmptyInput(index)
            elif len(row) > self.max_tokens or len(text) > LONGEST:
                errors[index] = TextTooLong(index, len(row), self.max_tokens)
            elif reason := says_nothing(text) or ("unknown" if self._encoder.all_unknown(row) else ""):
                errors[index] = SaysNothing(index, reason, text.strip())
        return texts, tokens, errors

    def _vectors(self, texts: list[str], tokens: dict[str, list[int]]) -> np.ndarray:
        """The vectors (n, dim) of texts that have no error; `tokens` as `_read` gives them."""
        known = self._cached(self._vector_cache, texts)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            rows = [tokens.get(text) or self._encoder.token_ids([text])[0] for text in new]
            known |= zip(new, self._encodings(rows, False), strict=True)
            # Copies: a view would keep its whole batch.
            self._cache(self._vector_cache, {text: known[text].copy() for text in new})
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        return np.stack([known[text] for text in texts])

    def _cached(self, cache: LRUCache[Key, Value], keys: Iterable[Key]) -> dict[Key, Value]:
        """The cached values of those keys that have one. All callers share them: nobody may change them."""
        with self._lock:
            return {key: cache[key] for key in keys if key in cache}

    def _cache(self, cache: LRUCache[Key, Value], values: Mapping[Key, Value]) -> None:
        with self._lock:
            cache.update(values)

    def _run_encoder(self, rows: list[list[int]]) -> np.ndarray:
        return self._encoder.pool(rows)

    def _run_decoder(self, vectors: np.ndarray, search: BeamSearch) -> list[list[Beam]]:
        return self._decoder.generate(torch.from_numpy(vectors), search)

    def _run_fluency(self, rows: list[list[int]]) -> list[float]:
        assert isinstance(self._decoder, ByLength)
        return self._decoder.fluency(rows)

    def _score_batch(self, rows: list[list[int]], _: None) -> list[float]:
        return self._score(rows)

    def _encode_batch(self, rows: list[list[int]], by_words: bool) -> list[np.ndarray]:
        encoder = self._encoder
        return list(encoder.approximate(rows) if by_words else encoder.to_space(self._pool(rows)))

    def _decode_batch(self, rows: list[np.ndarray], search: BeamSearch) -> list[list[Beam]]:
        return self._generate(np.stack(rows), search)

    def _beams(self, rows: np.ndarray, search: BeamSearch) -> list[list[Beam]]:
        """The beams of each vector (n, dim), searched for where they are not remembered."""
        keys = _keys(rows, search)
        known = self._cached(self._beam_cache, keys)
        new = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
        if new:
            found = dict(zip(new, self._decodings(list(new.values()), search), strict=True))
            self._cache(self._beam_cache, found)
            known |= found
        return [known[key] for key in keys]

    def _ranked(
        self, vectors: np.ndarray, n: int, settings: Decoding
    ) -> tuple[list[list[Wording]], dict[str, np.ndarray]]:
        """The n best wordings of each vector (m, dim), and the vectors of the texts that were read back."""
        check_whole("n", n, 1, MOST_BEAMS)
        if not isinstance(settings, Decoding):
            raise BadSetting("settings", settings, "a Decoding")
        weights = np.full(len(vectors), settings.rerank)
        lengths = np.linalg.norm(vectors, axis=1)
        sums = np.abs(lengths - 1) > ROUNDING
        search = _search(settings, n)
        found = [[self._wording(beam) for beam in row] for row in self._beams(vectors, search)]
        if settings.rerank_words is not None:
            words = np.array([" " not in row[0].text for row in found])
            weights[words & sums] = settings.rerank_words
        twice = np.flatnonzero(sums & (lengths >= CERTAIN))
        if settings.second_length is not None and self.reads_length and len(twice):
            again = unit(vectors[twice]) * np.float32(settings.second_length)
            for place, row in zip(twice, self._beams(again, search), strict=True):
                found[place] = _merged(found[place], map(self._wording, row))
        if settings.rerank_short is not None and self.reads_length:
            weights[lengths < CERTAIN] = settings.rerank_short
        back: dict[str, np.ndarray] = {}
        if weights.any():
            found, back = self._reranked(vectors, found, weights, settings)
        return [row[:n] for row in found], back

    def _reranked(
        self, vectors: np.ndarray, found: list[list[Wording]], weights: np.ndarray, settings: Decoding
    ) -> tuple[list[list[Wording]], dict[str, np.ndarray]]:
        """The wordings of each vector (n, dim) by score + its weight (n,) · cosine, best first; and the
        vectors of the texts whose cosines were computed.

        Each word that the pair's lexicon does not have takes off `settings.unknown_word`. A text that the
        encoder cannot take counts as opposite to the vector. With a shortlist the decoder's own first and
        those that are best by the cosines of their bags of words come first, in this order.
        """
        directions = unit(vectors)
        texts = list(dict.fromkeys(one.text for row in found for one in row))
        price = dict.fromkeys(texts, 0.0)
        if self._lexicon is not None:
            price = {text: settings.unknown_word * self._lexicon.unknown(text) for text in texts}

        def by_worth(
            direction: np.ndarray, weight: float, row: list[Wording], read: dict[str, np.ndarray]
        ) -> list[Wording]:
            cosines = [read[one.text] @ direction if one.text in read else -1.0 for one in row]
            worth = np.array([one.score - price[one.text] for one in row]) + weight * np.array(cosines)
            return [row[i] for i in np.argsort(-worth, kind="stable")]

        cut = max(map(len, found))
        if 0 < settings.shortlist < cut and self._encoder.bag_of_words is not None:
            cut = settings.shortlist
            near = self._approximations(texts)
            found = [
                row[:1] + by_worth(direction, weight, row[1:], near)
                for direction, weight, row in zip(directions, weights, found, strict=True)
            ]
        first = list(dict.fromkeys(one.text for row in found for one in row[:cut]))
        encoded, errors = self.encode_each(first)
        back = dict(zip((text for i, text in enumerate(first) if i not in errors), encoded, strict=True))
        ranked = [
            by_worth(direction, weight, row[:cut], back) + row[cut:]
            for direction, weight, row in zip(directions, weights, found, strict=True)
        ]
        return ranked, back

    def _approximations(self, texts: list[str]) -> dict[str, np.ndarray]:
        """What their bags of words say of the vectors of those texts that the encoder can take."""
        rows = self._encoder.token_ids(texts)
        usable = {
            text: row
            for text, row in zip(texts, rows, strict=True)
            if text.strip() and len(row) <= self.max_tokens and row != self._blank
        }
        return dict(zip(usable, self._encodings(list(usable.values()), True), strict=True)) if usable else {}

    def _wording(self, beam: Beam) -> Wording:
        """A beam as text. An unknown token says nothing, as in transformers; a model's vocabulary may be
        rounded up beyond its tokens."""
        unknown, known = self._tokenizer.unk_id(), len(self._tokenizer)
        ids = [token for token in beam.ids if token != unknown and token < known]
        return Wording(str(self._tokenizer.decode(ids)), beam.score)

    def checked(self, vectors: Sequence[Sequence[float]] | np.ndarray | torch.Tensor) -> np.ndarray:
        """The vectors as a new float32 array (n, dim).

        Raises:
            BadVector: they are no vectors of this pair, or one of them (`index`) is not finite or zero.
        """
        try:
            given = torch.as_tensor(vectors).detach()
            if given.dtype == torch.bool or given.is_complex():
                raise TypeError(f"its elements are {given.dtype}")
            rows = given.to("cpu", torch.float32, copy=True).numpy()
        except (TypeError, ValueError, RuntimeError, OverflowError) as error:
            raise BadVector("shape", f"not an array of numbers: {error}") from error
        rows = rows[None] if rows.ndim == 1 else rows
        if rows.ndim != 2 or len(rows) == 0:
            raise BadVector("shape", f"expected vectors of shape (n, {self.dim}), got {rows.shape}")
        if rows.shape[1] != self.dim:
            message = f"expected {self.dim} numbers in a vector, got {rows.shape[1]}"
            raise BadVector("width", message, expected=self.dim, got=rows.shape[1])
        with np.errstate(over="ignore"):
            norms = np.linalg.norm(rows, axis=1)  # not finite either where the squares are too large
        if not np.isfinite(norms).all():
            index = int(np.argmin(np.isfinite(norms)))
            message, subject = "has a number that is not finite", f"vector {index + 1}"
            raise BadVector("not_finite", message, subject, index=index)
        if (norms < 1e-6).any():
            index = int(np.argmax(norms < 1e-6))
            message, subject = "is zero: it points nowhere", f"vector {index + 1}"
            raise BadVector("zero", message, subject, index=index)
        return rows


def _search(settings: Decoding, n: int = 1) -> BeamSearch:
    """The search for at least n beams."""
    return BeamSearch(max(settings.num_beams, n), float(settings.repetition_penalty), settings.max_length)


def _merged(one: Iterable[Wording], other: Iterable[Wording]) -> list[Wording]:
    """The wordings of two searches by their scores, the best first, each text once."""
    best: dict[str, Wording] = {}
    for wording in sorted((*one, *other), key=lambda one: -one.score):
        best.setdefault(wording.text, wording)
    return list(best.values())


def _keys(rows: np.ndarray, search: BeamSearch) -> list[tuple[bytes, BeamSearch]]:
    """What the beams of each vector (n, dim) are remembered by."""
    return [(row.tobytes(), search) for row in rows]


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows (n, dim) or one vector (dim,) scaled to length 1, float32; zeros stay zeros."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
