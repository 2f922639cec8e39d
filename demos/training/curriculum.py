"""What training learns from, step by step: plain examples, sums, averages, translations."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sentencepiece
import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from demos.training.batches import Corpus, like_sentences, padded
from demos.training.data import Example, load_examples
from demos.training.mixtures import GROUPS, Groups, Sums, load_sums
from demos.training.model import EOS
from demos.training.sums import origins

VALIDATION = 1000  # distinct source texts that training never sees
GROUPED = 65_536  # sentences that groups are made of
OWN_PAIRS = 160  # of a draw's examples that are translations, whose Russian is encoded too
DRAW = 4096  # target tokens of examples that one draw of sums goes with


class Step(NamedTuple):
    """One step: n texts, each once, and what their vectors should decode to."""

    texts: Tensor  # (n,), rows of texts
    place: Tensor  # (b,), which of the n each example starts from
    targets: Tensor  # (b, t), token ids
    weights: Tensor  # (m, n), how much each sum has of each text
    unit: Tensor  # bool (m,), which sums are averages
    aims: Tensor  # (m, t), token ids
    same: Tensor  # (p, 2), which of the n are translations of each other: text, the one that it should lie at


def read_corpus(
    examples: list[Example], index: dict[str, int], spm: sentencepiece.SentencePieceProcessor
) -> tuple[Corpus, np.ndarray]:
    """Examples whose sources are in the index, and the rows of their targets there, int (n,), −1 for none."""
    targets = [[*ids, EOS] for ids in spm.encode([example.target for example in examples])]
    corpus = Corpus(
        text=np.array([index[example.source] for example in examples], dtype=np.int32),
        ids=np.array([token for target in targets for token in target], dtype=np.uint16),
        offsets=np.concatenate([[0], np.cumsum([len(target) for target in targets])]),
        weight=np.array([example.weight for example in examples], dtype=np.float32),
    )
    return corpus, np.array([index.get(example.target, -1) for example in examples])


class Curriculum(IterableDataset[Step]):
    """Steps of a run without end.

    Args:
        texts: all texts of the run.
        batch_tokens: of the targets of a step's examples, padding included.
        encode: rows of texts → their unit vectors (n, d), as the untrained encoder sees them.
        translations: how many pairs go with one draw of sums.
        averages: how many averages are in one.
        shortest: words of the sentences that averages are made of, at least.

    Attributes:
        drawing: the seed of what is drawn; `seed` alone says what is held out.
    """

    def __init__(
        self,
        run: Path,
        texts: list[str],
        batch_tokens: int,
        seed: int,
        encode: Callable[[np.ndarray], np.ndarray],
        translations: int,
        averages: int = GROUPS,
        shortest: int = 3,
    ) -> None:
        self.batch_tokens, self.drawing, self.translations = batch_tokens, seed, translations
        spm = sentencepiece.SentencePieceProcessor(model_file=str(run / "spm.model"))
        index = {text: row for row, text in enumerate(texts)}
        examples = [e for e in load_examples(run / "examples.jsonl") if e.source in index]
        self.corpus, self.meant = read_corpus(examples, index, spm)
        held = np.random.default_rng(seed).permutation(np.unique(self.corpus.text))[:VALIDATION]
        validating = np.isin(self.corpus.text, held)
        self.validation, self.training = np.flatnonzero(validating), np.flatnonzero(~validating)
        used = origins(json.loads((run / "recipe.json").read_text(encoding="utf-8")), examples)
        like = [index[e.source] for e in examples if e.source == e.target and e.origin in used]
        like = [row for row in dict.fromkeys(like) if shortest <= len(texts[row].split()) <= 12]
        groups = make_groups(run, np.setdiff1d(like, held), seed, encode)
        self.sums: Sums = load_sums(run, texts, groups, set(held.tolist()), spm)
        self.sums.averages = averages

    def targets(self, rows: np.ndarray) -> np.ndarray:
        """Token ids of examples' targets, (b, t), filled with padding."""
        ids, offsets = self.corpus.ids, self.corpus.offsets
        return padded([ids[offsets[row] : offsets[row + 1]] for row in rows])

    def step(self, rows: np.ndarray, generator: np.random.Generator) -> Step:
        """Examples, by their rows (b,) in the corpus, with sums and translations beside them."""
        draws = max(1, self.batch_tokens // DRAW)
        mixture = self.sums.draw(generator, draws)
        pairs = self.sums.translations
        pairs = pairs[generator.integers(len(pairs), size=self.translations * draws)] if len(pairs) else pairs
        own = np.stack([self.corpus.text[rows], self.meant[rows]], axis=1)
        own = np.unique(own[(own[:, 1] >= 0) & (own[:, 0] != own[:, 1])], axis=0)
        own = generator.permutation(own)[: OWN_PAIRS * draws]
        pairs = np.concatenate([pairs, own]) if self.translations else pairs[:0]
        asked = self.corpus.text[rows], mixture.rows, pairs.ravel()
        texts, place = np.unique(np.concatenate(asked), return_inverse=True)
        place, summed, same = np.split(place, np.cumsum([len(part) for part in asked])[:2])
        weights = torch.zeros(len(mixture.targets), len(texts))
        weights.index_add_(1, torch.from_numpy(summed), mixture.weights)
        return Step(
            texts=torch.from_numpy(texts),
            place=torch.from_numpy(place),
            targets=torch.from_numpy(self.targets(rows)),
            weights=weights,
            unit=mixture.unit,
            aims=torch.from_numpy(padded(mixture.targets)),
            same=torch.from_numpy(same.reshape(-1, 2)),
        )

    def __iter__(self) -> Iterator[Step]:
        worker = get_worker_info()
        generator = np.random.default_rng([self.drawing, worker.id if worker else 0])
        while True:
            for rows in self.corpus.drawn(self.training, self.batch_tokens, generator):
                yield self.step(rows, generator)

    def loader(self, workers: int) -> DataLoader[Step]:
        """The steps, made by so many processes; 0 makes them where they are used."""
        return DataLoader(self, batch_size=None, num_workers=workers)


def make_groups(run: Path, rows: np.ndarray, seed: int, encode: Callable[[np.ndarray], np.ndarray]) -> Groups:
    """Sets of like sentences among some of the texts; made once a run, kept in ``groups.npz``."""
    path = run / "groups.npz"
    if not path.exists():
        generator = np.random.default_rng(seed)
        rows = generator.permutation(rows)[:GROUPED]
        members, hubs = like_sentences(encode(rows), generator)
        np.savez(path, members=np.where(members >= 0, rows[members], -1), hubs=rows[hubs])
    stored = np.load(path)
    return Groups(stored["members"], stored["hubs"])
