"""T5's decoder for ONE encoder state, a sentence vector; fast, and the same as ``transformers``.

The model is the decoder of T5 (Raffel et al., 2020, arXiv:1910.10683) with its relative position
biases and RMS norms (Zhang and Sennrich, 2019, arXiv:1910.07467); the search is the beam search of
transformers 5's ``generate`` with the repetition penalty of CTRL (Keskar et al., 2019,
arXiv:1909.05858). What makes it fast:

- Attention over one state gives that state whatever the query, since the softmax of one number
  is 1. So a layer's cross-attention is the constant W_o W_v e, computed once a sentence, and its
  q and k matrices are never used.
- Beams of a sentence share one cache of keys and values, which is never reordered: each beam
  attends to the cache of all of them under a mask that shows it its own ancestors alone.
- q, k and v are one matrix, and so are the two halves of a gated feed-forward. All matrices may
  be stored in 8 or 16 bits: `linear`.
- Sentences whose search is over leave the batch.

Shapes: n sentences, k beams, r = n·k rows, d the width of the model, h heads of c numbers,
v tokens in the vocabulary, t the step, which counts from 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional as F

from demos.codec.decoder import Beam, Checkpoint
from demos.codec.errors import ModelFilesError
from demos.codec.linear import Linear, Precision, make_linear

BLOCK = 16  # steps by which the cache grows
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_new": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
}


MATRICES = ("qkv", "out", "inner", "outer")


@dataclass
class Layer:
    """A block's matrices, and the scales (d,) of the norms before `qkv` and `inner`."""

    first: Tensor
    qkv: Linear  # d → 3·h·c
    out: Linear  # h·c → d
    second: Tensor
    inner: Linear  # d → the feed-forward's width, or twice that where it is gated
    outer: Linear  # the feed-forward's width → d


@dataclass
class Search:
    """The beams of a batch of sentences: n sentences still searched, k beams each.

    Attributes:
        owner: which sentence of the whole batch each of the n is.
        tokens: (n, k, longest) of what the beams have said, the start token first.
        scores: (n, k), the sum of the log-probabilities, float32.
        constants: (layers, n·k, d), what each layer's cross-attention adds.
        cache: (layers, 2, n, h, room, k, c), keys and values; slot j holds what beam j computed at a step.
        hidden: (n, k, room, k), −inf where a beam may not look: slots that are not its ancestors.
        finished: for each of the n, its finished beams, best first, at most k.
        over: which of the n need no more steps and wait to be dropped.
    """

    owner: list[int]
    tokens: Tensor
    scores: Tensor
    constants: Tensor
    cache: Tensor
    hidden: Tensor
    finished: list[list[Beam]]
    over: set[int] = field(default_factory=set)

    def grow(self) -> None:
        """Make room for `BLOCK` more steps in the cache."""
        n, k, *_ = self.tokens.shape
        before, after = self.cache.shape[:4], self.cache.shape[5:]
        self.cache = torch.cat((self.cache, self.cache.new_empty(*before, BLOCK, *after)), dim=4)
        self.hidden = torch.cat((self.hidden, self.hidden.new_full((n, k, BLOCK, k), -torch.inf)), dim=2)

    def keep(self, chosen: list[int]) -> None:
        """Drop all sentences but the chosen ones."""
        k = self.scores.shape[1]
        rows = torch.tensor(chosen, device=self.scores.device)
        beams = (rows.unsqueeze(1) * k + torch.arange(k, device=rows.device)).flatten()
        self.owner = [self.owner[i] for i in chosen]
        self.finished = [self.finished[i] for i in chosen]
        self.tokens, self.scores, self.hidden = self.tokens[rows], self.scores[rows], self.hidden[rows]
        self.constants, self.cache = self.constants[:, beams], self.cache[:, :, rows]
        self.over = set()


class FastDecoder:
    """The decoder of a T5 checkpoint for sentence vectors; see the module.

    Args:
        checkpoint: as `decoder.load_checkpoint` gives it.
        precision: of the matrices.
        rows: the most beams searched at once; longer batches are done in parts.
        on_cpu: whether it stays on the CPU, and so may have the CPU's own kernels.

    Raises:
        ModelFilesError: the checkpoint's activation is none of T5's.
    """

    def __init__(
        self, checkpoint: Checkpoint, precision: Precision = "float32", rows: int = 384, on_cpu: bool = True
    ) -> None:
        if checkpoint.activation not in ACTIVATIONS:
            raise ModelFilesError(f"unknown activation {checkpoint.activation!r}")
        self.act, self.gated = ACTIVATIONS[checkpoint.activation], checkpoint.gated
        self.precision, self.rows = precision, rows
        self.dim, self.heads, self.width = checkpoint.dim, checkpoint.heads, checkpoint.head_dim
        self.start, self.end = checkpoint.start, checkpoint.end

        def weight(name: str) -> Tensor:
            return checkpoint.weights[f"{name}.weight"].float()

        def joined(stem: str, names: Sequence[str]) -> Tensor:
            return torch.cat([weight(f"{stem}.{name}") for name in names])

        self.embeddings = weight("shared")
        head = self.embeddings if checkpoint.tied else weight("lm_head")
        self.head = make_linear(head, precision, on_cpu)
        root = self.dim**0.5
        self.least = torch.tensor(root * checkpoint.eps**0.5)  # what a row's length counts at least
        self.last = weight("decoder.final_layer_norm") * (1 if checkpoint.scaled else root)
        self.position_bias = _bias_by_distance(checkpoint)

        constants = []
        self.layers = []
        for i in range(checkpoint.layers):
            own, cross, forward = (f"decoder.block.{i}.layer.{j}" for j in range(3))
            inner = joined(f"{forward}.DenseReluDense", ("wi_0", "wi_1") if self.gated else ("wi",))
            layer = Layer(
                first=weight(f"{own}.layer_norm") * root,
                qkv=make_linear(joined(f"{own}.SelfAttention", "qkv"), precision, on_cpu),
                out=make_linear(weight(f"{own}.SelfAttention.o"), precision, on_cpu),
                second=weight(f"{forward}.layer_norm") * root,
                inner=make_linear(inner, precision, on_cpu),
                outer=make_linear(weight(f"{forward}.DenseReluDense.wo"), precision, on_cpu),
            )
            self.layers.append(layer)
            out, value = (weight(f"{cross}.EncDecAttention.{m}").double() for m in "ov")
            constants.append((out @ value).float())
        # Read once a sentence and not once a step, so fewer bits would gain nothing.
        self.constants = torch.cat(constants)  # (layers · d, d)

    def to(self, device: torch.device) -> FastDecoder:
        """Move to the device; returns itself."""
        for part in (self, *self.layers):
            for name, value in vars(part).items():
                if isinstance(value, Tensor):
                    setattr(part, name, value.to(device))
        for matrix in (self.head, *(getattr(layer, name) for layer in self.layers for name in MATRICES)):
            matrix.to(device)
        return self

    @torch.inference_mode()
    def generate(
        self,
        vectors: Tensor,
        *,
        num_beams: int,
        repetition_penalty: float,
        max_length: int,
        num_return_sequences: int = 1,
    ) -> list[list[Beam]]:
        """For each vector (n, d) its best beams, as ``transformers`` would give them; see `Decoder`."""
        if not 1 <= num_return_sequences <= num_beams:
            raise ValueError("num_return_sequences must be from 1 to num_beams")
        found: list[list[Beam]] = []
        part = max(1, self.rows // num_beams)
        for states in vectors.to(self.embeddings.device, torch.float32).split(part):
            found += self._search(states, num_beams, repetition_penalty, max_length)
        return [beams[:num_return_sequences] for beams in found]

    def _search(self, states: Tensor, k: int, penalty: float, longest: int) -> list[list[Beam]]:
        results: list[list[Beam]] = [[]] * len(states)
        search = self._begin(states, k, longest)
        for t in range(longest - 1):
            log_probs = self._log_probs(self._step(search, t), search.tokens[:, :, : t + 1], penalty)
            self._choose(search, log_probs, t, last=t == longest - 2)
            n = len(search.owner)
            if len(search.over) >= n / 4:  # a copy of the cache, so not at each step
                for i in search.over:
                    results[search.owner[i]] = search.finished[i]
                live = [i for i in range(n) if i not in search.over]
                if not live:
                    break
                search.keep(live)
        return results

    def _begin(self, states: Tensor, k: int, longest: int) -> Search:
        """Beams of nothing but the start token; only the first of each sentence is alive."""
        n, layers = len(states), len(self.layers)
        scores = states.new_full((n, k), -1e9)
        scores[:, 0] = 0
        constants = F.linear(states, self.constants).view(n, layers, self.dim)
        return Search(
            owner=list(range(n)),
            tokens=torch.full((n, k, longest), self.start, device=states.device),
            scores=scores,
            constants=constants.transpose(0, 1).repeat_interleave(k, dim=1),
            cache=states.new_empty(layers, 2, n, self.heads, 0, k, self.width),
            hidden=states.new_empty(n, k, 0, k),
            finished=[[] for _ in range(n)],
        )

    def _step(self, search: Search, t: int) -> Tensor:
        """Logits (n·k, v) after the token that each beam said at step t."""
        n, k, _ = search.tokens.shape
        if t == search.hidden.shape[2]:
            search.grow()
        search.hidden[:, :, t] = torch.full((k, k), -torch.inf, device=search.hidden.device).fill_diagonal_(0)
        seen = search.hidden[:, :, : t + 1].reshape(n, 1, k, (t + 1) * k)
        near = self.position_bias[:, : t + 1].flip(1).repeat_interleave(k, dim=1)  # (h, (t + 1)·k)
        bias = seen + near.unsqueeze(1)  # (n, h, k, (t + 1)·k)

        new = search.cache[..., t, :, :]  # (layers, 2, n, h, k, c)
        past = search.cache[..., : t + 1, :, :].flatten(-3, -2)  # (layers, 2, n, h, (t + 1)·k, c)
        x = self.embeddings[search.tokens[:, :, t].flatten()]  # (n·k, d)
        for layer, place, (keys, values), constant in zip(
            self.layers, new, past, search.constants, strict=True
        ):
            qkv = layer.qkv(self._norm(x, layer.first)).view(n, k, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            place.copy_(qkv[1:])
            mixed = F.scaled_dot_product_attention(qkv[0], keys, values, attn_mask=bias, scale=1.0)
            x = layer.out(mixed.transpose(1, 2).reshape(n * k, -1)).add_(x).add_(constant)
            inner = layer.inner(self._norm(x, layer.second))
            if self.gated:
                gate, inner = inner.chunk(2, dim=-1)
                inner = self.act(gate).mul_(inner)
            else:
                inner = self.act(inner)
            x = layer.outer(inner).add_(x)
        return self.head(self._norm(x, self.last))

    def _norm(self, x: Tensor, scale: Tensor) -> Tensor:
        """T5's RMS norm in few calls; the scale has a factor √d in it."""
        return (x / torch.hypot(torch.linalg.vector_norm(x, dim=-1, keepdim=True), self.least)).mul_(scale)

    def _log_probs(self, logits: Tensor, said: Tensor, penalty: float) -> Tensor:
        """Log-probabilities (n·k, v), those of tokens already said lowered by the penalty.

        As in transformers, the penalty meets the log-probabilities in a beam search, and the
        logits, which may be positive, where there is one beam.
        """
        rows = said.flatten(0, 1)
        if said.shape[1] > 1:
            logits = torch.log_softmax(logits, dim=-1)
        if penalty != 1:
            values = logits.gather(1, rows)
            logits.scatter_(1, rows, torch.where(values < 0, values * penalty, values / penalty))
        return logits if said.shape[1] > 1 else torch.log_softmax(logits, dim=-1)

    def _choose(self, search: Search, log_probs: Tensor, t: int, last: bool) -> None:
        """Extend the beams by one token each, and note the sentences whose search is over.

        Of a sentence's 2·k best continuations, those among the first k that end are finished
        beams, and the first k that do not end go on. The search is over when k beams are
        finished and the best that goes on is no better than the worst of them.
        """
        n, k = search.scores.shape
        width = 2 * k if k > 1 else 1
        best, ids = log_probs.view(n, k, -1).topk(width, dim=-1)  # of each beam
        total, order = (best + search.scores.unsqueeze(-1)).view(n, -1).topk(width)  # of each sentence
        words = ids.view(n, -1).gather(1, order).tolist()
        parents = (order // width).tolist()

        nowhere, following = [(-1e9, 0, self.end)] * k, []
        for i, candidates in enumerate(zip(total.tolist(), parents, words, strict=True)):
            if i in search.over:
                following.append(nowhere)
                continue
            going: list[tuple[float, int, int]] = []
            finished = search.finished[i]
            for place, (score, parent, word) in enumerate(zip(*candidates, strict=True)):
                if last or word == self.end:
                    if place < k:
                        said = [*search.tokens[i, parent, 1 : t + 1].tolist(), word]
                        text = [token for token in said if token not in (self.start, self.end)]
                        finished.append(Beam(text, score / (t + 1)))
                elif len(going) < k:
                    going.append((score, parent, word))
            finished.sort(key=lambda beam: -beam.score)
            del finished[k:]
            if not going or (len(finished) == k and going[0][0] / (t + 1) <= finished[-1].score):
                search.over.add(i)
            following.append(going or nowhere)

        table = torch.tensor(following, dtype=torch.float64, device=search.scores.device)  # (n, k, 3)
        sentence = torch.arange(n, device=table.device).unsqueeze(1)
        parent_of = table[..., 1].long()
        search.scores = table[..., 0].float()
        search.tokens = search.tokens[sentence, parent_of]
        search.tokens[:, :, t + 1] = table[..., 2].long()
        search.hidden = search.hidden[sentence, parent_of]


def _bias_by_distance(checkpoint: Checkpoint, longest: int = 512) -> Tensor:
    """What T5 adds to the scores of a token that lies 0, 1, 2 … behind: float32 (h, longest).

    The first half of the buckets hold a distance each, the others grow with its logarithm up to
    the farthest, and all that is farther shares the last.
    """
    distance = torch.arange(longest)
    half = checkpoint.buckets // 2
    steps = torch.log(distance.clamp_min(1).float() / half) / math.log(checkpoint.farthest / half)
    far = half + (steps * (checkpoint.buckets - half)).long()
    bucket = torch.where(distance < half, distance, far.clamp_max(checkpoint.buckets - 1))
    table = checkpoint.weights["decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
    return table.float()[bucket].T.contiguous()
