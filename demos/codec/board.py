"""A search over tensors of fixed shape at fixed addresses, as a captured step needs them.

What lies ahead in the cache is masked like any slot that is not an ancestor, the step's number is a
tensor, and sentences whose search is over stay to the end. The numbers are those of the plain step.
Per step one copy goes to the device, the beams that go on, and one comes back, the best continuations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from demos.codec.search import DROPPED, Following, Search, continuations

if TYPE_CHECKING:
    from demos.codec.t5 import FastDecoder

Key = tuple[int, int, int, float]  # of a board: n, k, capacity, repetition penalty


class Board:
    """The state of a search at fixed addresses: n sentences, k beams, `capacity` steps; see `Search`.

    Attributes:
        following: (n, k, 3) float64, how the beams go on: score, parent and token. Read by a step.
        found: (n, 3, 2·k or 1) float64, as `continuations` gives them. Written by a step.
        t: (1,), the step's number.
    """

    def __init__(self, decoder: FastDecoder, key: Key) -> None:
        n, k, self.capacity, self.penalty = key
        device, layers = decoder.embeddings.device, len(decoder.layers)
        self.start = decoder.start
        self.search = Search(
            start=decoder.start,
            end=decoder.end,
            owner=list(range(n)),
            tokens=torch.empty(n, k, self.capacity, dtype=torch.long, device=device),
            scores=torch.empty(n, k, device=device),
            cross_attention=torch.empty(layers, n * k, decoder.dim, device=device),
            cache=torch.empty(layers, 2, n, decoder.heads, self.capacity, k, decoder.width, device=device),
            attention_mask=torch.empty(n, k, self.capacity, k, device=device),
            finished=[],
        )
        self.following = torch.empty(n, k, 3, dtype=torch.float64, device=device)
        self.found = torch.empty(n, 3, 2 * k if k > 1 else 1, dtype=torch.float64, device=device)
        self.t = torch.empty(1, dtype=torch.long, device=device)
        self.steps = torch.arange(self.capacity, device=device)
        self.sentence = torch.arange(n, device=device).unsqueeze(1)
        itself = torch.full((k, k), -torch.inf, device=device).fill_diagonal_(0)
        self.itself = itself.expand(n, k, k).unsqueeze(2).contiguous()  # (n, k, 1, k)
        self.graph: torch.cuda.CUDAGraph | None = None
        self.clear()

    @property
    def bytes(self) -> int:
        """What it holds, but for the few numbers that hardly count."""
        return (
            self.search.cache.nbytes + self.search.attention_mask.nbytes + self.search.cross_attention.nbytes
        )

    def clear(self) -> None:
        """Nothing said, nothing seen. What is masked counts 0 times, so it has to be finite."""
        search = self.search
        search.tokens.fill_(self.start)
        search.attention_mask.fill_(-torch.inf)
        for part in (search.cache, search.cross_attention, search.scores, self.following, self.t):
            part.zero_()

    def begin(self, cross_attention: Tensor) -> Following:
        """Take up to n sentences, whose cross-attention is (layers, their number, d); returns their beams.

        They have said nothing but the start token, and only the first beam of each is alive.
        """
        self.clear()
        search, (n, k) = self.search, self.search.scores.shape
        count = cross_attention.shape[1]
        search.cross_attention[:, : count * k] = cross_attention.repeat_interleave(k, dim=1)
        search.finished, search.over = [[] for _ in range(n)], set(range(count, n))
        return [[(DROPPED if beam else 0.0, beam, search.start) for beam in range(k)] for _ in range(n)]

    def take_over(self, other: Board) -> None:
        """Go on where a board of less capacity has come to its end."""
        self.clear()
        search, old = self.search, other.search
        search.tokens[:, :, : other.capacity] = old.tokens
        search.attention_mask[:, :, : other.capacity] = old.attention_mask
        search.cache[..., : other.capacity, :, :] = old.cache
        for part, was in (
            (search.cross_attention, old.cross_attention),
            (search.scores, old.scores),
            (self.t, other.t),
        ):
            part.copy_(was)
        search.finished, search.over = old.finished, old.over

    def step(self, decoder: FastDecoder) -> None:
        """`following` → `found`: no shape, address or choice depends on what the tensors hold."""
        search, t = self.search, self.t
        parent = self.following[..., 1].long()
        search.scores.copy_(self.following[..., 0])
        search.tokens.copy_(search.tokens[self.sentence, parent])
        search.tokens.index_copy_(2, t, self.following[..., 2:].long())
        search.attention_mask.copy_(search.attention_mask[self.sentence, parent])
        search.attention_mask.index_copy_(2, t, self.itself)

        near = decoder.position_bias[:, (t - self.steps).clamp_min(0)]  # (h, capacity)
        bias = search.attention_mask.unsqueeze(1) + near.view(
            -1, 1, self.capacity, 1
        )  # (n, h, k, capacity, k)

        def store(cache: Tensor, made: Tensor) -> None:
            cache.index_copy_(3, t, made.unsqueeze(3))

        tokens = search.tokens.index_select(2, t).squeeze(2)
        logits = decoder.logits(tokens, search.cross_attention, search.cache, bias.flatten(-2), store)
        # The tokens ahead are start tokens, which every beam has said anyway.
        greedy = search.tokens.shape[1] == 1
        log_probs = decoder.log_probs(logits, search.tokens.flatten(0, 1), self.penalty, greedy)
        self.found.copy_(continuations(log_probs, search.scores))
        t.add_(1)

    def run(self, decoder: FastDecoder, following: Following) -> list[list[list[float]]]:
        """Extend the beams; what they may say next, as `Search.choose` takes it."""
        self.following.copy_(torch.tensor(following, dtype=torch.float64), non_blocking=True)
        if self.graph is None:
            self.step(decoder)
        else:
            self.graph.replay()
        found: list[list[list[float]]] = self.found.tolist()
        return found
