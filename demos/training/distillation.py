"""What the encoder learns alone: to put a text where its Russian already lies.

The pair that training begins with is the teacher: a text's vector is drawn to the vector that the teacher
gives its Russian (multilingual knowledge distillation: Reimers and Gurevych, 2020, arXiv:2004.09813).
Russian texts are examples as well and are held where they are. So the decoder, its adapter and the axes of
the space stay what they were, and only the map from other languages moves. There is no contrast between
the texts of a step, as in `demos.training.joint`: it drives them away from their Russian and from each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from torch import Tensor

from demos.training.curriculum import read_corpus
from demos.training.data import load_examples
from demos.training.pair_model import PairModel, low_precision
from demos.training.states import Texts

VALIDATION = 4000  # examples that training never sees


class Distillation:
    """The objective of `demos.training.train` where the decoder stays as it is.

    Args:
        model: as training begins; its decoder is frozen here, and a copy of it is the teacher.
        texts: all texts of the run, among them the two sides of its examples.
        batch_tokens: of the Russian of a step.
        seed: of what is held out, and of the order of the steps.

    Attributes:
        text, russian: which texts the examples start from and aim at, int (n,), −1 for none.
        training, validation: rows of examples.
    """

    def __init__(self, model: PairModel, texts: Texts, run: Path, batch_tokens: int, seed: int) -> None:
        model.decoder.requires_grad_(False)
        self.student, self.teacher = model, deepcopy(model).requires_grad_(False)
        self.texts, self.batch_tokens = texts, batch_tokens
        spm = sentencepiece.SentencePieceProcessor(model_file=str(run / "spm.model"))
        index = {text: row for row, text in enumerate(texts.texts)}
        examples = [e for e in load_examples(run / "examples.jsonl") if e.source in index]
        self.corpus, self.russian = read_corpus(examples, index, spm)
        self.text = self.corpus.text
        rows = np.random.default_rng(seed).permutation(np.flatnonzero(self.russian >= 0))
        # A Russian sentence of the validation is no training example in any language.
        held = np.unique(self.russian[rows[:VALIDATION]])
        seen = np.isin(self.russian[rows], held)
        self.training, self.validation = rows[~seen], rows[:VALIDATION]

    def steps(self, done: int) -> Iterator[np.ndarray]:
        """Rows of examples of like length, in any order, step by step without end."""
        generator = np.random.default_rng(done)
        while True:
            for rows in self.corpus.drawn(self.training, self.batch_tokens, generator):
                yield generator.permutation(rows)

    def loss(self, rows: np.ndarray) -> tuple[Tensor, int, dict[str, Tensor]]:
        """What the examples (n,) lack of a cosine of 1 with their Russian, as the teacher places it: the
        mean, a scalar; how many they are; and the same again as "train"."""
        russian, back = np.unique(self.russian[rows], return_inverse=True)
        with torch.no_grad():
            aims = self.teacher.encode(self.texts, russian)
        meant = aims[torch.from_numpy(back).to(aims.device)]
        loss = 1 - (self.student.encode(self.texts, self.text[rows]) * meant).sum(1).mean()
        return loss, len(rows), {"train": loss.detach()}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """The mean of what held-out texts lack of a cosine of 1: foreign ones, and "Russian" ones."""
        rows = self.validation
        with low_precision(self.student.mean.device, backwards=False):
            found = self.student.encode(self.texts, self.text[rows])
            aims = self.teacher.encode(self.texts, self.russian[rows])
        lacking = 1 - (found * aims).sum(1).cpu()
        own = torch.from_numpy(self.text[rows] == self.russian[rows])
        return {"validation": float(lacking[~own].mean()), "Russian": float(lacking[own].mean())}
