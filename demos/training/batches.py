"""Examples with their vectors and token ids, and the batches that training reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sentencepiece
import torch
from safetensors.numpy import load_file
from torch import Tensor

from demos.training.data import load_examples
from demos.training.space import apply_space
from demos.training.vectors import distinct_texts, load_vectors

PAD, EOS = 0, 1
AVERAGED = 0.15  # share of the examples that start from an average of like sentences
MOVED, FARTHEST = 0.6, 0.8  # share of the words that get a difference of others, times at most this
AMONG = 32_768  # vectors that neighbours are looked for among
LARGEST, FEW, SPREADS = 24, 5, (8, 24, 96)  # of sets of like sentences: see `like_sentences`
NEAREST, PER_HUB = 64, 4  # how many answers to a set are looked at, how many sets have one answer


class Batch(NamedTuple):
    """vectors (b, d) float32; tokens and targets (b, t) int64, tokens shifted right by one."""

    vectors: Tensor
    tokens: Tensor
    targets: Tensor


@dataclass
class Corpus:
    """Encoded examples. Row i of `vectors` belongs to ``ids[offsets[i]:offsets[i + 1]]``."""

    vectors: np.ndarray  # float16 (texts, d), distinct source texts, in the pair's space
    text: np.ndarray  # int32 (n,), which text an example starts from
    ids: np.ndarray  # uint16 (all tokens of all targets, each ending in EOS)
    offsets: np.ndarray  # int64 (n + 1,)
    weight: np.ndarray  # float32 (n,)
    means: np.ndarray | None = None  # float16 (texts, d), see `neighbourhoods`
    words: np.ndarray | None = None  # which texts are single words: their rows

    @property
    def lengths(self) -> np.ndarray:
        return np.diff(self.offsets)

    def batch(self, rows: np.ndarray, generator: np.random.Generator | None = None) -> Batch:
        """The examples `rows` as one padded batch; with a generator, some of them from `sums`."""
        targets = padded([self.ids[self.offsets[row] : self.offsets[row + 1]] for row in rows])
        vectors = self.vectors[self.text[rows]].astype(np.float32)
        if generator is not None:
            self.sums(self.text[rows], vectors, generator)
        return Batch(torch.from_numpy(vectors), *shifted(targets))

    def epoch(self, rows: np.ndarray, batch_tokens: int, generator: np.random.Generator) -> Iterator[Batch]:
        """One pass over `rows` in batches, see `drawn`."""
        for part in self.drawn(rows, batch_tokens, generator):
            yield self.batch(part, generator)

    def drawn(
        self, rows: np.ndarray, batch_tokens: int, generator: np.random.Generator
    ) -> Iterator[np.ndarray]:
        """The rows of one pass's batches: each row as often as its weight says, like lengths together.

        A batch has at most `batch_tokens` target tokens, padding included.
        """
        times = np.floor(self.weight[rows] + generator.random(len(rows))).astype(int)
        drawn = generator.permutation(np.repeat(rows, times))
        lengths = self.lengths[drawn]
        drawn = drawn[np.argsort(lengths + generator.random(len(drawn)), kind="stable")]
        lengths = self.lengths[drawn]
        cuts, start = [0], 0
        for i, length in enumerate(lengths):
            if (i + 1 - start) * length > batch_tokens:
                cuts.append(i)
                start = i
        parts = np.split(drawn, cuts[1:])
        for number in generator.permutation(len(parts)):
            if len(parts[number]):
                yield parts[number]

    def sums(self, texts: np.ndarray, vectors: np.ndarray, generator: np.random.Generator) -> None:
        """Put sums in the place of some of the texts' own vectors (b, d).

        A share of them become averages of like sentences; of the words, some get the difference of
        two other words on top, as in word algebra, which leaves of a word's vector little but its
        direction.
        """
        if self.means is not None:
            averaged = generator.random(len(texts)) < AVERAGED
            vectors[averaged] = self.means[texts[averaged]]
        if self.words is not None and len(self.words):
            moved = np.flatnonzero(np.isin(texts, self.words) & (generator.random(len(texts)) < MOVED))
            one, other = self.vectors[generator.choice(self.words, (2, len(moved)))].astype(np.float32)
            vectors[moved] += FARTHEST * generator.random((len(moved), 1), dtype=np.float32) * (one - other)


def padded(targets: list[np.ndarray]) -> np.ndarray:
    """Token ids of targets as one array (b, t) int64, short rows filled with padding."""
    filled = np.full((len(targets), max(map(len, targets))), PAD, dtype=np.int64)
    for i, target in enumerate(targets):
        filled[i, : len(target)] = target
    return filled


def shifted(targets: np.ndarray) -> tuple[Tensor, Tensor]:
    """What the decoder reads and what it should say, both (b, t): the targets shifted right, and they."""
    tokens = np.concatenate([np.full((len(targets), 1), PAD), targets[:, :-1]], axis=1)
    return torch.from_numpy(tokens), torch.from_numpy(targets)


def load_corpus(run: Path, space: Path) -> Corpus:
    """The run's examples whose vectors are encoded, moved into the space of `space`."""
    texts = distinct_texts(run)
    pooled, mask = load_vectors(run, texts)
    moved = load_file(space)
    vectors = np.empty_like(pooled)
    for start in range(0, len(pooled), 65536):
        part = slice(start, start + 65536)
        vectors[part] = apply_space(pooled[part], moved["mean"], moved["matrix"])
    encoded = [text for text, covered in zip(texts, mask, strict=True) if covered]
    index = {text: row for row, text in enumerate(encoded)}
    examples = [e for e in load_examples(run / "examples.jsonl") if e.source in index]
    spm = sentencepiece.SentencePieceProcessor(model_file=str(run / "spm.model"))
    targets = [[*ids, EOS] for ids in spm.encode([example.target for example in examples])]
    russian = np.array(sorted({index[e.source] for e in examples if e.source == e.target}), dtype=np.int64)
    means = vectors.copy()
    means[russian] = neighbourhoods(vectors[russian], np.random.default_rng(len(russian)))
    return Corpus(
        means=means,
        words=np.unique([index[example.source] for example in examples if example.origin == "words"]),
        vectors=vectors,
        text=np.array([index[example.source] for example in examples], dtype=np.int32),
        ids=np.array([token for target in targets for token in target], dtype=np.uint16),
        offsets=np.concatenate([[0], np.cumsum([len(target) for target in targets])]),
        weight=np.array([example.weight for example in examples], dtype=np.float32),
    )


def neighbours(vectors: np.ndarray, generator: np.random.Generator, count: int = 8) -> np.ndarray:
    """The rows of each unit vector's `count` nearest, itself first: int64 (n, count).

    They are looked for among `AMONG` vectors at a time.
    """
    order = generator.permutation(len(vectors))
    found = np.empty((len(vectors), min(count, len(vectors))), dtype=np.int64)
    parts = np.array_split(order, -(-len(order) // AMONG))
    for part in parts:
        near = torch.from_numpy(vectors[part].astype(np.float32))
        for first in range(0, len(part), 1024):
            rows = near[first : first + 1024]
            found[part[first : first + 1024]] = part[
                (rows @ near.T).topk(found.shape[1], dim=1).indices.numpy()
            ]
    return found


def like_sentences(vectors: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Sets of like sentences, one around each unit vector, and the sentence that is nearest to their mean.

    A set has 3 to `LARGEST` of the vector's nearest 8, 24 or 96. From `FEW` members on the nearest is
    sought among the others: what lies nearer to a mean than any member is what an average should say.
    Some sentences are near to everything: each answers `PER_HUB` sets at most, lest the decoder learn it.

    Returns:
        int64 (n, LARGEST), rows of `vectors`, −1 after the last, and int64 (n,).
    """
    members = np.full((len(vectors), LARGEST), -1, dtype=np.int64)
    hubs = np.empty(len(vectors), dtype=np.int64)
    order = generator.permutation(len(vectors))
    for part in np.array_split(order, -(-len(order) // AMONG)):
        near = torch.from_numpy(vectors[part].astype(np.float32))
        used = np.zeros(len(part), dtype=np.int64)
        for first in range(0, len(part), 1024):
            rows = near[first : first + 1024]
            found = (rows @ near.T).topk(min(max(SPREADS), len(part)), dim=1).indices.numpy()
            chosen = np.full((len(rows), LARGEST), -1, dtype=np.int64)
            for i, nearest in enumerate(found):
                spread = nearest[: generator.choice(SPREADS)]
                count = min(int(3 * (LARGEST / 3) ** generator.random()), len(spread))
                chosen[i, :count] = generator.choice(spread, count, replace=False)
            means = (near[chosen] * torch.from_numpy(chosen >= 0).unsqueeze(-1)).sum(1)
            scores = means @ near.T
            many = (chosen >= 0).sum(1) >= FEW
            for row in np.flatnonzero(many):
                scores[row, chosen[row][chosen[row] >= 0]] = -torch.inf
            for i, answers in enumerate(scores.topk(min(NEAREST, len(part))).indices.numpy()):
                free = answers[used[answers] < PER_HUB]
                answer = free[0] if len(free) else answers[0]
                used[answer] += 1
                hubs[part[first + i]] = part[answer]
            members[part[first : first + 1024]] = np.where(chosen >= 0, part[chosen], -1)
    return members, hubs


def neighbourhoods(vectors: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """The normalised mean of each unit vector and two to seven of its neighbours, (n, d) as given.

    The average of like sentences should decode to one of them, and no sentence's own vector looks
    like an average.
    """
    found = neighbours(vectors, generator)
    means = np.empty_like(vectors)
    for first in range(0, len(vectors), 1024):
        rows = found[first : first + 1024]
        near = torch.from_numpy(vectors[rows].astype(np.float32))
        used = torch.from_numpy(generator.integers(3, 9, (len(rows), 1)))
        kept = (torch.arange(rows.shape[1]) < used).float()
        mean = torch.nn.functional.normalize((near * kept.unsqueeze(-1)).sum(1), dim=1)
        means[first : first + 1024] = mean.numpy()
    return means


def disturb(vectors: Tensor, generator: torch.Generator, crowd: float = 0.0) -> Tensor:
    """Move unit vectors (b, d) the way that arithmetic will move them.

    Noise of up to 0.15 of a coordinate's scale for all; for a fifth, a quarter at most of the
    way to another sentence of the batch (an average is never one sentence); for three tenths, a
    length of 0.7 to 1.4 (a sum of vectors is seldom of length one). A share `crowd` gets sums of four
    other sentences on top, or differences of two and two, up to nine tenths of a unit long: what an
    average of many or a strong style adds to a sentence, which should be said all the same.
    """
    b, d = vectors.shape
    device = vectors.device

    def uniform() -> Tensor:
        return torch.rand(b, 1, generator=generator, device=device)

    def another() -> Tensor:
        return vectors[torch.randperm(b, generator=generator, device=device)]

    share = 0.25 * uniform() * (uniform() < 0.2)
    mixed = (1 - share) * vectors + share * another()
    if crowd:
        sign = torch.where(uniform() < 0.5, 1.0, -1.0)
        others = (another() + another() + sign * (another() + another())) / 2  # about a unit long
        mixed = mixed + 0.9 * uniform() * (uniform() < crowd) * others
    mixed = torch.nn.functional.normalize(mixed, dim=-1)
    noise = torch.randn(b, d, generator=generator, device=device) * (0.15 * uniform() * d**-0.5)
    length = 1 + (0.7 * uniform() - 0.3) * (uniform() < 0.3)
    disturbed: Tensor = (mixed + noise) * length
    return disturbed
