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
- Sentences whose search is over leave the batch, and beams that do not go on are not computed: at the
  first step all of a sentence's are one.
- On a GPU a step of few sentences is one CUDA graph: `graphs`.

Shapes: n sentences, k beams, r = n·k rows, d the width of the model, h heads of c numbers,
v tokens in the vocabulary, t the step, which counts from 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from demos.codec.batcher import give_way
from demos.codec.decoder import Beam, BeamSearch, Checkpoint
from demos.codec.errors import ModelFilesError
from demos.codec.graphs import Graphs
from demos.codec.linear import Linear, Precision, make_linear
from demos.codec.search import DROPPED, Search, continuations

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_new": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
}

FARTHEST = 512  # tokens that a sentence has at most, and so a token lies behind another
MATRICES = ("qkv", "out", "inner", "outer")


@dataclass
class T5Layer:
    """A block's matrices, and the scales (d,) of the norms before `qkv` and `inner`."""

    first: Tensor
    qkv: Linear  # d → 3·h·c
    out: Linear  # h·c → d
    second: Tensor
    inner: Linear  # d → the feed-forward's width, or twice that where it is gated
    outer: Linear  # the feed-forward's width → d


class FastDecoder:
    """The decoder of a T5 checkpoint for sentence vectors; see the module.

    Args:
        checkpoint: as `decoder.load_checkpoint` gives it.
        precision: of the matrices.
        rows: the most beams searched at once; longer batches are done in parts.
        on_cpu: whether it stays on the CPU, and so may have the CPU's own kernels.
        head: the head of another decoder of the same table of embeddings and precision, to share it; None
            makes one.

    Raises:
        ModelFilesError: the checkpoint's activation is none of T5's.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        precision: Precision = "float32",
        rows: int = 384,
        on_cpu: bool = True,
        head: Linear | None = None,
    ) -> None:
        if checkpoint.activation not in ACTIVATIONS:
            raise ModelFilesError(f"unknown activation {checkpoint.activation!r}")
        self.act, self.gated = ACTIVATIONS[checkpoint.activation], checkpoint.gated
        self.precision, self.rows = precision, rows
        self.dim, self.heads, self.width = checkpoint.dim, checkpoint.heads, checkpoint.head_dim
        self.start, self.end = checkpoint.start, checkpoint.end
        self.graphs: Graphs | None = None

        def weight(name: str) -> Tensor:
            return checkpoint.weights[f"{name}.weight"].float()

        self.embeddings = checkpoint.weights["shared.weight"]  # (v, d), as stored: each token needs one row
        name = "shared" if checkpoint.tied else "lm_head"
        self.head: Linear = head or make_linear(weight(name), precision, on_cpu)
        root = self.dim**0.5
        self.least = torch.tensor(root * checkpoint.eps**0.5)  # what a row's length counts at least
        self.last = weight("decoder.final_layer_norm") * (1 if checkpoint.scaled else root)
        self.position_bias = _bias_by_distance(checkpoint)

        outputs = []
        self.layers = []
        for i in range(checkpoint.layers):
            own, cross, forward = (f"decoder.block.{i}.layer.{j}" for j in range(3))
            made = {
                name: make_linear(one, precision, on_cpu) for name, one in matrices(checkpoint, i).items()
            }
            layer = T5Layer(
                first=weight(f"{own}.layer_norm") * root,
                second=weight(f"{forward}.layer_norm") * root,
                **made,
            )
            self.layers.append(layer)
            out, value = (weight(f"{cross}.EncDecAttention.{m}").double() for m in "ov")
            outputs.append((out @ value).float())
        # Read once a sentence and not once a step, so fewer bits would gain nothing.
        self.cross = torch.cat(outputs)  # (layers · d, d)

    def to(self, device: torch.device) -> FastDecoder:
        """Move to the device; returns itself. On a GPU small batches get new `Graphs`."""
        for part in (self, *self.layers):
            for name, value in vars(part).items():
                if isinstance(value, Tensor):
                    setattr(part, name, value.to(device))
        for matrix in (self.head, *(getattr(layer, name) for layer in self.layers for name in MATRICES)):
            matrix.to(device)
        self.graphs = Graphs() if device.type == "cuda" else None
        return self

    @torch.inference_mode()
    def generate(self, vectors: Tensor, search: BeamSearch) -> list[list[Beam]]:
        """For each vector (n, d) its beams, as ``transformers`` would give them; see `Decoder`."""
        found: list[list[Beam]] = []
        part = max(1, self.rows // search.num_beams)
        for states in vectors.to(self.embeddings.device, torch.float32).split(part):
            found += self._search(states, *search)
        return found

    @torch.inference_mode()
    def log_likelihoods(self, vectors: Tensor, ids: Sequence[Sequence[int]]) -> list[float]:
        """For each vector (n, d) the mean log-probability of some tokens and of the end after them."""
        found: list[float] = []
        vectors = vectors.to(self.embeddings.device, torch.float32)
        for start in range(0, len(ids), self.rows):
            part = [[*one, self.end] for one in ids[start : start + self.rows]]
            lengths = torch.tensor([len(one) for one in part], device=vectors.device)
            longest = int(lengths.max())
            search = self._begin(vectors[start : start + len(part)], 1, longest + 1)
            for row, one in zip(search.tokens, part, strict=True):
                row[0, 1 : len(one) + 1] = torch.tensor(one)
            total = torch.zeros(len(part), device=vectors.device)
            for t in range(longest):
                give_way()
                logs = torch.log_softmax(self._step(search, t), dim=-1)
                said = logs.gather(1, search.tokens[:, :, t + 1]).flatten()
                total += torch.where(t < lengths, said, 0.0)
            found += (total / lengths).tolist()
        return found

    def _search(self, states: Tensor, k: int, penalty: float, longest: int) -> list[list[Beam]]:
        if self.graphs is not None:
            done = self.graphs.search(self, states, k, penalty, longest)
            if done is not None:
                return done
        results: list[list[Beam]] = [[]] * len(states)
        search = self._begin(states, k, longest)
        for t in range(longest - 1):
            give_way()
            live = search.live()
            said = search.tokens[:, :, : t + 1].flatten(0, 1)
            said = said if live is None else said[live]
            log_probs = self.log_probs(self._step(search, t, live), said, penalty, k == 1)
            found = continuations(log_probs, search.scores, live).tolist()
            search.follow(search.choose(found, t, last=t == longest - 2), t + 1)
            n = len(search.owner)
            if len(search.over) >= n / 4:  # a copy of the cache, so not at each step
                for i in search.over:
                    results[search.owner[i]] = search.finished[i]
                going = [i for i in range(n) if i not in search.over]
                if not going:
                    break
                search.keep(going)
        return results

    def _begin(self, states: Tensor, k: int, longest: int) -> Search:
        """Beams of nothing but the start token; only the first of each sentence is alive."""
        n, layers = len(states), len(self.layers)
        scores = states.new_full((n, k), DROPPED)
        scores[:, 0] = 0
        return Search(
            start=self.start,
            end=self.end,
            owner=list(range(n)),
            tokens=torch.full((n, k, longest), self.start, device=states.device),
            scores=scores,
            cross_attention=self.cross_attention(states).repeat_interleave(k, dim=1),
            cache=states.new_empty(layers, 2, n, self.heads, 0, k, self.width),
            attention_mask=states.new_empty(n, k, 0, k),
            finished=[[] for _ in range(n)],
        )

    def _step(self, search: Search, t: int, live: Tensor | None = None) -> Tensor:
        """Logits (n·k, v), or those of the live rows, after the token that each beam said at step t."""
        n, k, _ = search.tokens.shape
        if t == search.attention_mask.shape[2]:
            search.grow()
        search.attention_mask[:, :, t] = torch.full(
            (k, k), -torch.inf, device=search.attention_mask.device
        ).fill_diagonal_(0)
        seen = search.attention_mask[:, :, : t + 1].reshape(n, 1, k, (t + 1) * k)
        near = self.position_bias[:, : t + 1].flip(1).repeat_interleave(k, dim=1)  # (h, (t + 1)·k)
        bias = seen + near.unsqueeze(1)  # (n, h, k, (t + 1)·k)

        def store(cache: Tensor, made: Tensor) -> None:
            cache[..., t, :, :] = made

        past = search.cache[..., : t + 1, :, :]
        return self.logits(search.tokens[:, :, t], search.cross_attention, past, bias, store, live)

    def cross_attention(self, states: Tensor) -> Tensor:
        """What each layer's cross-attention adds (layers, n, d), of the encoder's states (n, d)."""
        found = F.linear(states, self.cross)
        return found.view(len(states), len(self.layers), self.dim).transpose(0, 1)

    def logits(
        self,
        tokens: Tensor,
        cross_attention: Tensor,
        cache: Tensor,
        bias: Tensor,
        store: Callable[[Tensor, Tensor], None],
        live: Tensor | None = None,
    ) -> Tensor:
        """Logits (n·k, v) after the tokens (n, k); a part of a step that is always the same kernels.

        Args:
            cross_attention: (layers, n·k, d), what that of each layer adds.
            cache: (layers, 2, n, h, capacity, k, c).
            bias: (n, h, k, capacity·k), added to the attention's scores.
            store: puts the step's keys and values (2, n, h, k, c) into a layer's cache.
            live: the rows to compute, as `Search.live` gives them; the attention alone is that of all rows,
                for its sums would depend on their number.
        """
        n, k = tokens.shape
        x = self.embeddings[tokens.flatten() if live is None else tokens.flatten()[live]].float()  # (n·k, d)
        for layer, past, added in zip(self.layers, cache, cross_attention, strict=True):
            made = layer.qkv(self._norm(x, layer.first))
            if live is not None:
                made = made.new_zeros(n * k, made.shape[1]).index_copy_(0, live, made)
                added = added[live]
            qkv = made.view(n, k, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            store(past, qkv[1:])
            keys, values = past.flatten(-3, -2)  # (n, h, capacity·k, c)
            mixed = F.scaled_dot_product_attention(qkv[0], keys, values, attn_mask=bias, scale=1.0)
            mixed = mixed.transpose(1, 2).reshape(n * k, -1)
            x = layer.out(mixed if live is None else mixed[live]).add_(x).add_(added)
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

    def log_probs(self, logits: Tensor, said: Tensor, penalty: float, greedy: bool) -> Tensor:
        """Log-probabilities (r, v) of r beams that have said (r, t) tokens; these are lowered by the penalty.

        As in transformers, the penalty meets the log-probabilities in a beam search, and the
        logits, which may be positive, where there is one beam.
        """
        if not greedy:
            logits = torch.log_softmax(logits, dim=-1)
        if penalty != 1:
            values = logits.gather(1, said)
            logits.scatter_(1, said, torch.where(values < 0, values * penalty, values / penalty))
        return torch.log_softmax(logits, dim=-1) if greedy else logits


def matrices(checkpoint: Checkpoint, number: int) -> dict[str, Tensor]:
    """The matrices (out, in) of a block by their names in `T5Layer`, float32; those that meet the same rows
    are one: (3·h·c, d), (d, h·c), (f, d) or, of a gated feed-forward, (2·f, d), and (d, f).
    """
    own, _, forward = (f"decoder.block.{number}.layer.{j}" for j in range(3))
    inner = ("wi_0", "wi_1") if checkpoint.gated else ("wi",)
    names = {
        "qkv": [f"{own}.SelfAttention.{m}" for m in "qkv"],
        "out": [f"{own}.SelfAttention.o"],
        "inner": [f"{forward}.DenseReluDense.{m}" for m in inner],
        "outer": [f"{forward}.DenseReluDense.wo"],
    }
    stored = checkpoint.weights
    return {
        name: torch.cat([stored[f"{part}.weight"].float() for part in parts]) for name, parts in names.items()
    }


def _bias_by_distance(checkpoint: Checkpoint) -> Tensor:
    """What T5 adds to the scores of a token that lies 0, 1, 2 … behind: float32 (h, FARTHEST).

    The first half of the buckets hold a distance each, the others grow with its logarithm up to
    the farthest, and all that is farther shares the last.
    """
    distance = torch.arange(FARTHEST)
    half = checkpoint.buckets // 2
    steps = torch.log(distance.clamp_min(1).float() / half) / math.log(checkpoint.farthest / half)
    far = half + (steps * (checkpoint.buckets - half)).long()
    bucket = torch.where(distance < half, distance, far.clamp_max(checkpoint.buckets - 1))
    table = checkpoint.weights["decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
    return table.float()[bucket].T.contiguous()
