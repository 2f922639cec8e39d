"""Examples as token ids, the batches that training reads, and what is done to their vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.training.model import PAD

AMONG = 32_768  # vectors that neighbours are looked for among
LARGEST, FEW, SPREADS = 24, 5, (8, 24, 96)  # of sets of like sentences: see `like_sentences`
NEAREST, PER_HUB = 64, 4  # how many answers to a set are looked at, how many sets have one answer
UNCERTAIN, LEAST, OTHERS, UNASKED = 0.4, 0.25, 6, 0.03  # see `augment`


@dataclass
class Corpus:
    """Examples: the target of the i-th is ``ids[offsets[i]:offsets[i + 1]]``."""

    text: np.ndarray  # int32 (n,), which text an example starts from
    ids: np.ndarray  # uint16 (all tokens of all targets, each ending in EOS)
    offsets: np.ndarray  # int64 (n + 1,)
    weight: np.ndarray  # float32 (n,)

    @property
    def lengths(self) -> np.ndarray:
        """How many tokens each target has, int64 (n,)."""
        return np.diff(self.offsets)

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


def padded(targets: list[np.ndarray]) -> np.ndarray:
    """Token ids of targets as one array (b, t) int64, short rows filled with padding."""
    filled = np.full((len(targets), max(map(len, targets))), PAD, dtype=np.int64)
    for i, target in enumerate(targets):
        filled[i, : len(target)] = target
    return filled


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


def augment(
    vectors: Tensor, generator: torch.Generator, distractors: float = 0.0, uncertain: float = UNCERTAIN
) -> Tensor:
    """Move unit vectors (b, d) the way that arithmetic will move them; length is certainty.

    A vector's length tells the decoder how far its direction can be trusted. A share `uncertain` becomes
    ρ · unit(ρ e + √(1 − ρ²) ε), ρ from `LEAST` to 1, ε orthogonal to e: mostly a mixture of other
    sentences of the batch, as an average has them, the rest isotropic. So the cosine with the sentence
    that is meant equals the length, as for the mean of unit vectors it does on average. A share `UNASKED`
    becomes the zero vector: there the decoder is a language model.

    The others are certain, of length 1, with noise of up to 0.15 of a coordinate's scale; for a fifth of
    them, a quarter at most of the way to another sentence; for three tenths, a length of 1 to 1.4 (a sum
    of vectors is often longer than one). A share `distractors` gets sums of four other sentences on top, or
    differences of two and two, up to nine tenths of a unit long: what a strong style adds to a sentence,
    which should be said all the same.
    """
    b, d = vectors.shape
    device = vectors.device

    def uniform() -> Tensor:
        return torch.rand(b, 1, generator=generator, device=device)

    def another() -> Tensor:
        shuffled: Tensor = vectors[torch.randperm(b, generator=generator, device=device)].detach()
        return shuffled

    def isotropic() -> Tensor:
        scale: float = d**-0.5
        return torch.randn(b, d, generator=generator, device=device) * scale

    share = 0.25 * uniform() * (uniform() < 0.2)
    mixed = (1 - share) * vectors + share * another()
    if distractors:
        sign = torch.where(uniform() < 0.5, 1.0, -1.0)
        others = (another() + another() + sign * (another() + another())) / 2  # about a unit long
        mixed = mixed + 0.9 * uniform() * (uniform() < distractors) * others
    certain = torch.nn.functional.normalize(mixed, dim=-1) + 0.15 * uniform() * isotropic()
    certain = certain * (1 + 0.4 * uniform() * (uniform() < 0.3))

    still = vectors.detach()
    among = torch.stack([another() * uniform() for _ in range(OTHERS)]).sum(0)
    away = 0.8 * torch.nn.functional.normalize(among, dim=-1) + 0.6 * isotropic()
    away = torch.nn.functional.normalize(away - (away * still).sum(-1, keepdim=True) * still, dim=-1)
    certainty = LEAST + (1 - LEAST) * uniform()
    short = certainty * (certainty * vectors + (1 - certainty**2).sqrt() * away)

    draw = uniform()
    moved = torch.where(draw < uncertain, short, certain)
    augmented: Tensor = torch.where(draw > 1 - UNASKED, torch.zeros_like(moved), moved)
    return augmented
