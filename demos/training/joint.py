"""What the encoder and the decoder learn together: to say a text's Russian, from its vector or from a sum.

The decoder's cross-entropy goes through the vector into the encoder: the vector learns to hold what the
decoder needs, in whatever language it was said. Beside plain examples every step has sums (see
`demos.training.sums`) and averages of like sentences, so that arithmetic in the learned space means what it
should, and translations into other languages, whose vector is drawn to that of the other side (as in
Reimers and Gurevych, 2020, arXiv:2004.09813).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor, nn

from demos.training.batches import UNCERTAIN, augment
from demos.training.curriculum import Curriculum, Step
from demos.training.model import PAD, SentenceDecoder
from demos.training.pair_model import PairModel, low_precision
from demos.training.states import Texts

NOISE = 0.1  # on sums, in units of a unit vector's coordinate
TEMPERATURE, CONTRAST, SAME = 0.05, 0.3, 0.98  # of the contrast between translations: see `alignment`


def text_loss(vectors: Tensor, targets: Tensor, decoder: SentenceDecoder) -> tuple[Tensor, int]:
    """Mean loss, a scalar in nats a token, and the number of tokens that are no padding.

    Args:
        vectors: (b, d).
        targets: token ids (b, t), each row ending in EOS and filled with PAD.
    """
    count = int((targets != PAD).sum())
    targets = targets.to(vectors.device)
    tokens = nn.functional.pad(targets[:, :-1], (1, 0), value=PAD)
    return decoder.loss(vectors, tokens, targets), count


def alignment(one: Tensor, other: Tensor) -> Tensor:
    """How far translations (p, d) lie from what they translate: what their cosines lack of 1, and a contrast.

    The contrast is the cross-entropy of finding each pair among the step's (InfoNCE: van den Oord et al.,
    2018, arXiv:1807.03748), from the first side alone: the second, mostly Russian, stands still. Steps
    hold sentences of like length, so the others of a step are hard ones.
    """
    still = other.detach()
    cosines = one @ still.T
    same = (still @ still.T) > SAME  # one Russian sentence may stand for several languages
    same.fill_diagonal_(False)
    scores = (cosines / TEMPERATURE).masked_fill(same, float("-inf"))
    contrast = nn.functional.cross_entropy(scores, torch.arange(len(one), device=one.device))
    return 1 - cosines.diagonal().mean() + CONTRAST * contrast


class Joint:
    """The objective of `demos.training.train` where the decoder learns, alone or with its encoder.

    Args:
        texts: those of the curriculum's steps.
        workers: processes that make steps.
        distractors, uncertain: shares of the examples, as in `augment`.
    """

    def __init__(
        self,
        model: PairModel,
        texts: Texts,
        curriculum: Curriculum,
        workers: int = 0,
        distractors: float = 0.0,
        uncertain: float = UNCERTAIN,
    ) -> None:
        self.model, self.texts, self.curriculum, self.workers = model, texts, curriculum, workers
        self.distractors, self.uncertain = distractors, uncertain
        self.noise = torch.Generator(model.mean.device)

    def steps(self, done: int) -> Iterable[Step]:
        """The steps of the curriculum, drawn anew where some are done already."""
        self.curriculum.drawing += done
        self.noise.manual_seed(self.curriculum.drawing)
        return self.curriculum.loader(self.workers)

    def loss(self, step: Step) -> tuple[Tensor, int, dict[str, Tensor]]:
        """A step's loss, a scalar in nats a token; how many targets it has; the part of its examples
        ("train") and that of its sums ("sums").

        The examples' vectors are moved as arithmetic will move them, the sums' shaken a little. What
        translations lack of a cosine of 1 is added; the second of a pair stands still for the first.
        """
        vectors = self.model.encode(self.texts, step.texts.numpy())
        device = vectors.device
        own = augment(vectors[step.place.to(device)], self.noise, self.distractors, self.uncertain)
        sums = step.weights.to(device) @ vectors
        sums = torch.where(step.unit.to(device)[:, None], nn.functional.normalize(sums, dim=-1), sums)
        noise = torch.randn(sums.shape, generator=self.noise, device=device) * (NOISE * sums.shape[1] ** -0.5)
        plain, count = text_loss(own, step.targets, self.model.decoder)
        summed, more = text_loss(sums + noise, step.aims, self.model.decoder)
        loss = (plain * count + summed * more) / (count + more)
        if len(step.same) and vectors.requires_grad:
            one, other = vectors[step.same.to(device)].unbind(1)
            loss = loss + alignment(one, other)
        return loss, len(step.targets) + len(step.aims), {"train": plain.detach(), "sums": summed.detach()}

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Mean loss, in nats a token, over the examples that are held out, as they are."""
        model, curriculum = self.model, self.curriculum
        rows = curriculum.validation[np.argsort(curriculum.corpus.lengths[curriculum.validation])]
        total = tokens = 0.0
        for part in np.array_split(rows, max(1, len(rows) // 256)):
            with low_precision(model.mean.device, backwards=False):
                vectors = model.encode(self.texts, curriculum.corpus.text[part])
                loss, count = text_loss(vectors, torch.from_numpy(curriculum.targets(part)), model.decoder)
            total, tokens = total + float(loss) * count, tokens + count
        return {"validation": total / tokens}
