"""The codec: text → vector → text, for one pair of an encoder and a decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np
import torch

from demos.codec.batcher import Batcher
from demos.codec.errors import BadSetting, BadVector, EmptyInput, TextTooLong
from demos.codec.memory import Memory

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

    from demos.codec.decoder import Beam, Decoder
    from demos.codec.encoder import TextEncoder
    from demos.codec.lexicon import Lexicon
    from demos.codec.pairs import Pair

CACHED_VECTORS = 16_384  # texts whose vectors are kept: 24 MB at 384 dimensions
CACHED_BEAMS = 1_024  # vectors whose beams are kept: 14 MB
MOST_BEAMS = 16
ROUNDING = 1e-3  # a vector is of length one if it is that near to it
Settings = tuple[int, float, int]  # of the beam search: beams, repetition penalty, longest
# In a batch of the encoder, texts; in one of the decoder, beams. A CPU gains nothing by larger ones,
# which would only hold up the others who wait.
TEXTS_AT_ONCE, BEAMS_AT_ONCE = {"cpu": 32, "cuda": 256}, {"cpu": 48, "cuda": 1024}


@dataclass(frozen=True)
class Candidate:
    """One decoding of a vector; the score is the mean log-probability of its tokens."""

    text: str
    score: float


class Codec:
    """Encodes texts to unit vectors and decodes vectors to Russian sentences.

    Safe to use from several threads, whose calls are gathered into batches: one worker encodes,
    one decodes. The same input gives the same output. See `demos.codec.load_codec`.

    Attributes:
        name, title, dim, languages: as in the pair.
        max_tokens: the longest text the encoder takes, in its tokens, special ones included.
        decoding, quick: the pair's defaults for `decode`, and those of its quick answers.
    """

    def __init__(
        self,
        pair: Pair,
        encoder: TextEncoder,
        decoder: Decoder,
        pieces: SentencePieceProcessor,
        lexicon: Lexicon | None = None,
    ) -> None:
        self.pair = pair
        self.name, self.title, self.dim = pair.name, pair.title, encoder.dim
        self.languages, self.decoding = pair.languages, pair.decoding
        self.quick = pair.quick or pair.decoding
        self.max_tokens = encoder.max_tokens
        self._encoder, self._decoder, self._pieces = encoder, decoder, pieces
        self._lexicon = lexicon
        self._blank = encoder.token_ids([""])[0]  # tokens of a text that says nothing
        self._cache: Memory[str, np.ndarray] = Memory(CACHED_VECTORS)
        self._said: Memory[tuple[bytes, Settings], list[Beam]] = Memory(CACHED_BEAMS)
        texts, beams = (size.get(encoder.device.type, 32) for size in (TEXTS_AT_ONCE, BEAMS_AT_ONCE))
        self._encodings = Batcher(self._encode_batch, lambda _: texts)
        self._decodings = Batcher(self._decode_batch, lambda settings: max(1, beams // settings[0]))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Texts → their vectors, float32 (n, dim), rows of length 1.

        Raises:
            EmptyInput: no texts, or one that has nothing in it.
            TextTooLong: a text has more than `max_tokens` tokens; nothing is ever cut.
            Busy: too many calls wait.
        """
        if isinstance(texts, str):
            raise TypeError("encode takes a sequence of texts; wrap a single one in a list")
        texts = [_valid_unicode(text) for text in texts]
        if not texts:
            raise EmptyInput()
        for index, text in enumerate(texts):
            if not text.strip():
                raise EmptyInput(index)

        known = self._cache.recall(texts)
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            rows = self._encoder.token_ids(new)
            for text, row in zip(new, rows, strict=True):
                if len(row) > self.max_tokens:
                    raise TextTooLong(texts.index(text), len(row), self.max_tokens)
                if row == self._blank:
                    raise EmptyInput(texts.index(text))
            vectors = self._encodings(rows, False)
            known |= zip(new, vectors, strict=True)
            self._cache.keep({text: known[text].copy() for text in new})  # not a view of the whole batch
        return np.stack([known[text] for text in texts])

    @overload
    def decode(
        self,
        vectors: np.ndarray | torch.Tensor,
        *,
        quick: bool = False,
        num_beams: int | None = None,
        repetition_penalty: float | None = None,
        max_length: int | None = None,
        rerank: float | None = None,
        shortlist: int | None = None,
        num_return_sequences: None = None,
    ) -> list[str]: ...

    @overload
    def decode(
        self,
        vectors: np.ndarray | torch.Tensor,
        *,
        quick: bool = False,
        num_beams: int | None = None,
        repetition_penalty: float | None = None,
        max_length: int | None = None,
        rerank: float | None = None,
        shortlist: int | None = None,
        num_return_sequences: int,
    ) -> list[list[Candidate]]: ...

    def decode(
        self,
        vectors: np.ndarray | torch.Tensor,
        *,
        quick: bool = False,
        num_beams: int | None = None,
        repetition_penalty: float | None = None,
        max_length: int | None = None,
        rerank: float | None = None,
        shortlist: int | None = None,
        num_return_sequences: int | None = None,
    ) -> list[str] | list[list[Candidate]]:
        """Vectors (n, dim) or (dim,) → a sentence each, or the best candidates of each.

        The vectors are taken as they are: their length is the strength of what they say.

        Args:
            quick: where a setting is None it is that of the pair's `quick` and not of its `decoding`.
            num_beams, repetition_penalty, max_length: as in transformers' generate.
            rerank: the weight of the round trip in the order of the beams, beside their score: the
                cosine of the vector with the vector of the decoded text. Words that the pair's lexicon
                does not have take off its `unknown_word` each. 0 leaves the decoder's own order. None
                is the pair's `rerank`, and its `rerank_words` for sums of words.
            shortlist: how many of a vector's beams are read back for that, where the encoder can guess
                at texts' vectors: the first and those that promise most, which are returned first. 0 is
                all of them.
            num_return_sequences: how many candidates of each vector to return, best first;
                the beams are at least as many. None returns sentences alone.

        Raises:
            BadVector: not a (n, dim) array of finite numbers, or a vector of zeros.
            BadSetting: a setting out of range.
            Busy: too many calls wait.
        """
        rows = self._checked(vectors)
        wanted = 1 if num_return_sequences is None else num_return_sequences
        usual = self.quick if quick else self.decoding
        beams = usual.num_beams if num_beams is None else num_beams
        penalty = usual.repetition_penalty if repetition_penalty is None else repetition_penalty
        length = usual.max_length if max_length is None else max_length
        weight = usual.rerank if rerank is None else rerank
        few = usual.shortlist if shortlist is None else shortlist
        _check_whole("num_return_sequences", wanted, 1, MOST_BEAMS)
        _check_whole("num_beams", beams, 1, MOST_BEAMS)
        _check_whole("max_length", length, 2, 512)
        if not 1.0 <= penalty <= 10.0:
            raise BadSetting("repetition_penalty", penalty, "a number from 1 to 10")
        if not 0.0 <= weight <= 1000.0:
            raise BadSetting("rerank", weight, "a number from 0 to 1000")
        _check_whole("shortlist", few, 0, MOST_BEAMS)

        settings: Settings = (max(beams, wanted), float(penalty), length)
        candidates = [[self._candidate(beam) for beam in row] for row in self._beams(rows, settings)]
        weights = np.full(len(rows), weight)
        if rerank is None and usual.rerank_words is not None:
            sums = np.abs(np.linalg.norm(rows.numpy(), axis=1) - 1) > ROUNDING
            words = np.array([" " not in row[0].text for row in candidates])
            weights[sums & words] = usual.rerank_words
        if weights.any():
            candidates = self._reranked(rows.numpy(), candidates, weights, few, usual.unknown_word)
        candidates = [row[:wanted] for row in candidates]
        if num_return_sequences is None:
            return [row[0].text for row in candidates]
        return candidates

    def remembers(self, vectors: np.ndarray | torch.Tensor) -> bool:
        """Whether `decode` with the pair's own settings has met all these vectors and answers at once."""
        usual = self.decoding
        settings = (usual.num_beams, float(usual.repetition_penalty), usual.max_length)
        keys = _keys(self._checked(vectors), settings)
        return len(self._said.recall(keys)) == len(set(keys))

    def _encode_batch(self, rows: list[list[int]], only_guess: bool) -> list[np.ndarray]:
        encoder = self._encoder
        return list(encoder.guess(rows) if only_guess else encoder.place(encoder.pool(rows)))

    def _beams(self, rows: torch.Tensor, settings: Settings) -> list[list[Beam]]:
        """The beams of each vector (n, dim), searched for where they are not remembered."""
        keys = _keys(rows, settings)
        known = self._said.recall(keys)
        new = {key: row for key, row in zip(keys, rows, strict=True) if key not in known}
        if new:
            found = dict(zip(new, self._decodings(list(new.values()), settings), strict=True))
            self._said.keep(found)
            known |= found
        return [known[key] for key in keys]

    def _decode_batch(self, rows: list[torch.Tensor], settings: Settings) -> list[list[Beam]]:
        beams, penalty, length = settings
        return self._decoder.generate(
            torch.stack(rows),
            num_beams=beams,
            repetition_penalty=penalty,
            max_length=length,
            num_return_sequences=beams,
        )

    def _reranked(
        self,
        vectors: np.ndarray,
        candidates: list[list[Candidate]],
        weights: np.ndarray,
        shortlist: int = 0,
        unknown_word: float = 0.0,
    ) -> list[list[Candidate]]:
        """The candidates of each vector (n, dim) by score + its weight (n,) · cosine, best first.

        Each word that the pair's lexicon does not have takes off `unknown_word`.

        A text that the encoder cannot take counts as opposite to the vector. With a shortlist the
        decoder's own first and those that are best when the cosines are guessed come first, in this order.
        """
        units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        texts = list(dict.fromkeys(candidate.text for row in candidates for candidate in row))
        price = dict.fromkeys(texts, 0.0)
        if self._lexicon is not None:
            price = {text: unknown_word * self._lexicon.unknown(text) for text in texts}
        tokens = self._encoder.token_ids(texts)
        usable = {
            text: row
            for text, row in zip(texts, tokens, strict=True)
            if text.strip() and len(row) <= self.max_tokens and row != self._blank
        }

        def by_worth(
            unit: np.ndarray, weight: float, row: list[Candidate], read: dict[str, np.ndarray]
        ) -> list[Candidate]:
            cosines = [read[one.text] @ unit if one.text in read else -1.0 for one in row]
            worth = np.array([one.score - price[one.text] for one in row]) + weight * np.array(cosines)
            return [row[i] for i in np.argsort(-worth, kind="stable")]

        cut = max(map(len, candidates))
        if 0 < shortlist < cut and usable and self._encoder.bag is not None:
            cut = shortlist
            guessed = dict(zip(usable, self._encodings(list(usable.values()), True), strict=True))
            candidates = [
                row[:1] + by_worth(unit, weight, row[1:], guessed)
                for unit, weight, row in zip(units, weights, candidates, strict=True)
            ]
        first = dict.fromkeys(one.text for row in candidates for one in row[:cut] if one.text in usable)
        encoded = dict(zip(first, self.encode(list(first)), strict=True)) if first else {}
        return [
            by_worth(unit, weight, row[:cut], encoded) + row[cut:]
            for unit, weight, row in zip(units, weights, candidates, strict=True)
        ]

    def _candidate(self, beam: Beam) -> Candidate:
        """A beam as text. An unknown token says nothing, as in transformers; a model's vocabulary may be
        rounded up beyond its pieces."""
        unknown, known = self._pieces.unk_id(), len(self._pieces)
        ids = [token for token in beam.ids if token != unknown and token < known]
        return Candidate(str(self._pieces.decode(ids)), beam.score)

    def _checked(self, vectors: np.ndarray | torch.Tensor) -> torch.Tensor:
        """The vectors as a new float32 tensor (n, dim) on the CPU."""
        try:
            rows = torch.as_tensor(vectors).detach().to("cpu", torch.float32, copy=True)
        except (TypeError, ValueError, RuntimeError) as error:
            raise BadVector("shape", f"not an array of numbers: {error}") from error
        rows = rows.unsqueeze(0) if rows.ndim == 1 else rows
        if rows.ndim != 2 or len(rows) == 0:
            raise BadVector("shape", f"expected vectors of shape (n, {self.dim}), got {tuple(rows.shape)}")
        if rows.shape[1] != self.dim:
            message = f"expected {self.dim} numbers in a vector, got {rows.shape[1]}"
            raise BadVector("width", message, expected=self.dim, got=rows.shape[1])
        if not bool(torch.isfinite(rows).all()):
            index = int((~torch.isfinite(rows)).any(dim=1).nonzero()[0])
            raise BadVector("not_finite", f"vector {index + 1} has a number that is not finite", index=index)
        norms = rows.norm(dim=1)
        if bool((norms < 1e-6).any()):
            index = int((norms < 1e-6).nonzero()[0])
            raise BadVector("zero", f"vector {index + 1} is zero: it points nowhere", index=index)
        return rows


def _keys(rows: torch.Tensor, settings: Settings) -> list[tuple[bytes, Settings]]:
    """What the beams of each vector (n, dim) are remembered by."""
    return [(row.numpy().tobytes(), settings) for row in rows]


def _check_whole(name: str, value: int, least: int, most: int) -> None:
    if not isinstance(value, int) or not least <= value <= most:
        raise BadSetting(name, value, f"a whole number from {least} to {most}")


def _valid_unicode(text: str) -> str:
    """The text with lone halves of surrogate pairs, which no tokenizer takes, replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
