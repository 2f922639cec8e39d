"""The bookkeeping of a beam search: what the beams have said, which go on, which sentences are over.

Shapes as in `t5`: n sentences, k beams, h heads of c numbers, v tokens in the vocabulary, t the step.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import torch
from torch import Tensor

from demos.codec.decoder import Beam

BLOCK = 16  # steps by which the cache grows
DROPPED = -1e9  # the score of a beam that is none
ALWAYS = 3  # beams of a sentence that are computed even where they are none: with fewer rows than that some
# kernels add in another order
Following = list[list[tuple[float, int, int]]]  # for each sentence its k next beams: score, parent, token


@dataclass
class Search:
    """The beams of a batch of sentences: n sentences still searched, k beams each.

    Attributes:
        start, end: the tokens that begin and end a sentence.
        owner: which sentence of the whole batch each of the n is.
        tokens: (n, k, longest) of what the beams have said, the start token first.
        scores: (n, k), the sum of the log-probabilities, float32.
        cross_attention: (layers, n·k, d), what each layer's cross-attention adds.
        cache: (layers, 2, n, h, capacity, k, c), keys and values; slot j is what beam j computed at a step.
        attention_mask: (n, k, capacity, k), −inf where a beam may not look: slots that are not its ancestors.
        finished: for each of the n, its finished beams, best first, at most k.
        over: which of the n need no more steps and wait to be dropped.
    """

    start: int
    end: int
    owner: list[int]
    tokens: Tensor
    scores: Tensor
    cross_attention: Tensor
    cache: Tensor
    attention_mask: Tensor
    finished: list[list[Beam]]
    over: set[int] = field(default_factory=set)

    def grow(self) -> None:
        """Make room for `BLOCK` more steps in the cache."""
        n, k, *_ = self.tokens.shape
        before, after = self.cache.shape[:4], self.cache.shape[5:]
        self.cache = torch.cat((self.cache, self.cache.new_empty(*before, BLOCK, *after)), dim=4)
        self.attention_mask = torch.cat(
            (self.attention_mask, self.attention_mask.new_full((n, k, BLOCK, k), -torch.inf)), dim=2
        )

    def keep(self, chosen: list[int]) -> None:
        """Drop all sentences but the chosen ones."""
        k = self.scores.shape[1]
        rows = torch.tensor(chosen, device=self.scores.device)
        beams = (rows.unsqueeze(1) * k + torch.arange(k, device=rows.device)).flatten()
        self.owner = [self.owner[i] for i in chosen]
        self.finished = [self.finished[i] for i in chosen]
        self.tokens, self.scores, self.attention_mask = (
            self.tokens[rows],
            self.scores[rows],
            self.attention_mask[rows],
        )
        self.cross_attention, self.cache = self.cross_attention[:, beams], self.cache[:, :, rows]
        self.over = set()

    def live(self) -> Tensor | None:
        """The rows, of n·k, that a step has to compute, in their order; None for all."""
        n, k = self.scores.shape
        alive = self.scores > DROPPED / 2
        alive[:, :ALWAYS] = True
        rows = alive.flatten().nonzero().flatten()
        return None if len(rows) == n * k else rows

    def choose(self, found: list[list[list[float]]], t: int, last: bool) -> Following:
        """The tokens by which the beams go on; notes the sentences whose search is over.

        Of a sentence's 2·k best continuations, those among the first k that end are finished
        beams, and the first k that do not end go on. The search is over when k beams are
        finished and the best that goes on is no better than the worst of them.

        Args:
            found: (n, 3, 2·k or 1), as `continuations` gives them.
            last: whether this is the last step, at which every sentence ends.
        """
        k = self.scores.shape[1]
        nowhere, following = [(DROPPED, 0, self.end)] * k, []
        tokens: Tensor | None = None  # on the CPU, fetched once a step and only if a beam ends
        for i, candidates in enumerate(found):
            if i in self.over:
                following.append(nowhere)
                continue
            going: list[tuple[float, int, int]] = []
            finished = self.finished[i]
            for place, (score, parent, token) in enumerate(zip(*candidates, strict=True)):
                if last or token == self.end:
                    if place < k:
                        tokens = self.tokens.cpu() if tokens is None else tokens
                        said = [*tokens[i, int(parent), 1 : t + 1].tolist(), int(token)]
                        text = array("I", [one for one in said if one not in (self.start, self.end)])
                        finished.append(Beam(text, score / (t + 1)))
                elif len(going) < k:
                    going.append((score, int(parent), int(token)))
            finished.sort(key=lambda beam: -beam.score)
            del finished[k:]
            if not going or (len(finished) == k and going[0][0] / (t + 1) <= finished[-1].score):
                self.over.add(i)
            following.append(going or nowhere)
        return following

    def follow(self, following: Following, t: int) -> None:
        """Extend the beams by the chosen tokens, those of step t."""
        beams = torch.tensor(following, dtype=torch.float64, device=self.scores.device)  # (n, k, 3)
        sentence = torch.arange(len(beams), device=beams.device).unsqueeze(1)
        parent = beams[..., 1].long()
        self.scores = beams[..., 0].float()
        self.tokens = self.tokens[sentence, parent]
        self.tokens[:, :, t] = beams[..., 2].long()
        self.attention_mask = self.attention_mask[sentence, parent]


def continuations(log_probs: Tensor, scores: Tensor, live: Tensor | None = None) -> Tensor:
    """Each sentence's 2·k best continuations (1 where k is 1), best first: score, parent beam and token.

    Args:
        log_probs: (n·k, v), or those of the live rows.
        scores: (n, k).
        live: as `Search.live` gives them.

    Returns:
        (n, 3, 2·k or 1); float64 holds all three exactly, and one copy brings them to the CPU.
    """
    n, k = scores.shape
    width = 2 * k if k > 1 else 1
    best, ids = log_probs.topk(width, dim=-1)  # of each beam
    if live is not None:
        best = best.new_full((n * k, width), DROPPED).index_copy_(0, live, best)
        ids = ids.new_zeros(n * k, width).index_copy_(0, live, ids)
    total, order = (best.view(n, k, width) + scores.unsqueeze(-1)).view(n, -1).topk(width)  # of each sentence
    tokens = ids.view(n, -1).gather(1, order)
    return torch.stack((total.double(), (order // width).double(), tokens.double()), dim=1)
