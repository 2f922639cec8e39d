"""BERT's layers (Devlin et al., 2019, arXiv:1810.04805) on a CPU: no padding, and 16 bits where that is fast.

The tokens of all texts lie in one row after another, sorted by the length of their texts, and texts of
equal length attend together. So nothing is spent on padding, and no number of a text depends on the
texts beside it: its vector is the same alone and in a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from demos.codec.batcher import give_way
from demos.codec.linear import Affine, Precision, fastest

# The last layers' queries, keys and values are of float32 matrices always: of a bfloat16 encoder's error
# those of the very last are most. With three layers' exact, a coordinate is off by 7.4e-4 at most.
EXACT = 3
ROWS = (12, 96)  # tokens of a short sentence, and of eight: with them its kernels are timed


def _parts(number: int) -> dict[str, tuple[str, ...]]:
    """The modules of a layer that make the matrices of its `BertLayer`."""
    at = f"encoder.layer.{number}"
    own = f"{at}.attention.self"
    return {
        "qkv": (f"{own}.query", f"{own}.key", f"{own}.value"),
        "out": (f"{at}.attention.output.dense",),
        "inner": (f"{at}.intermediate.dense",),
        "outer": (f"{at}.output.dense",),
    }


def fastest_precision(model: nn.Module, allowed: Sequence[Precision]) -> Precision:
    """That of the allowed ones whose kernels multiply a layer of a BERT fastest on this CPU; see `fastest`.
    The BERT is not a `FastBert` yet."""
    modules: list[list[Any]] = [[model.get_submodule(one) for one in names] for names in _parts(0).values()]
    weights = [torch.cat([one.weight.detach() for one in several]) for several in modules]

    def make(weight: Tensor, precision: Precision) -> Affine:
        return Affine(weight, torch.zeros(len(weight)), getattr(torch, precision))

    return fastest(allowed, weights, budget=0.05, counts=ROWS, make=make)


@dataclass
class BertLayer:
    """A block's matrices, and the norms after `out` and `outer`."""

    qkv: Affine  # d → 3·d
    out: Affine  # d → d
    first: tuple[Tensor, Tensor]  # scale and offset (d,)
    inner: Affine  # d → the feed-forward's width
    outer: Affine  # the feed-forward's width → d
    second: tuple[Tensor, Tensor]


class FastBert:
    """The layers of a BERT for rows of token ids; made of the module, whose matrices it takes away.

    Args:
        model: a `gguf_bert.Bert` or a transformers BertModel, float32, on the CPU; its activation is GELU.
        precision: of the matrices: "float32", or "bfloat16" but for those of `EXACT`. What is between the
            matrices is float32.
    """

    def __init__(self, model: nn.Module, precision: Precision = "float32") -> None:
        config: Any = model.config
        self.eps: float = config.layer_norm_eps
        self.heads: int = config.num_attention_heads
        self.precision = precision

        def norm(name: str) -> tuple[Tensor, Tensor]:
            part: Any = model.get_submodule(name)
            return part.weight.detach(), part.bias.detach()

        def taken(dtype: torch.dtype, *names: str) -> Affine:
            """One matrix of those of the names, which lose theirs: there are never two copies of a model."""
            parts: list[Any] = [model.get_submodule(name) for name in names]
            made = Affine(torch.cat([p.weight for p in parts]), torch.cat([p.bias for p in parts]), dtype)
            for part in parts:
                part.weight = None
            return made

        embeddings: Any = model.get_submodule("embeddings")
        self.word_embeddings: nn.Module = embeddings.get_submodule("word_embeddings")
        self.positions = embeddings.get_submodule("position_embeddings").weight.detach()
        self.type = embeddings.get_submodule("token_type_embeddings").weight[0].detach()
        self.norm = norm("embeddings.LayerNorm")
        self.layers = []
        dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
        for number in range(config.num_hidden_layers):
            at = f"encoder.layer.{number}"
            names = _parts(number)
            exact = number >= config.num_hidden_layers - EXACT
            layer = BertLayer(
                qkv=taken(torch.float32 if exact else dtype, *names["qkv"]),
                out=taken(dtype, *names["out"]),
                first=norm(f"{at}.attention.output.LayerNorm"),
                inner=taken(dtype, *names["inner"]),
                outer=taken(dtype, *names["outer"]),
                second=norm(f"{at}.output.LayerNorm"),
            )
            self.layers.append(layer)
        self.pooler: Any = getattr(model, "pooler", None)

    @torch.inference_mode()
    def pooled(self, rows: Sequence[list[int]], by_pooler: bool) -> Tensor:
        """Rows of token ids → float32 (n, d): the pooler's output, or the mean of each text's last states."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        lengths = [(length, len(list(same))) for length, same in groupby(len(rows[i]) for i in order)]
        states = self._states([token for i in order for token in rows[i]], lengths)
        found, at = [], 0
        for length, count in lengths:
            texts = states[at : at + length * count].view(count, length, -1)
            # Sums of float64, rounded: the same whatever is beside them.
            found.append(texts[:, 0] if by_pooler else texts.double().mean(1).float())
            at += length * count
        pooled = torch.cat(found)
        if by_pooler:
            dense = self.pooler.dense
            pooled = torch.tanh(F.linear(pooled.double(), dense.weight.double(), dense.bias.double())).float()
        back = torch.empty_like(pooled)
        back[torch.tensor(order)] = pooled
        return back

    def _states(self, tokens: list[int], lengths: list[tuple[int, int]]) -> Tensor:
        """The last states (r, d) of r tokens, of texts of these lengths: (length, how many texts)."""
        positions = torch.cat([torch.arange(length).repeat(count) for length, count in lengths])
        x = self.word_embeddings(torch.tensor(tokens)) + self.type + self.positions[positions]
        x = self._normed(x, self.norm)
        for layer in self.layers:
            give_way()
            x = self._normed(
                layer.out(self._attention(layer.qkv(x).float(), lengths)).float().add_(x), layer.first
            )
            x = self._normed(layer.outer(layer.inner(x, "gelu")).float().add_(x), layer.second)
        return x

    def _attention(self, qkv: Tensor, lengths: list[tuple[int, int]]) -> Tensor:
        """Queries, keys and values (r, 3·d) → what each token takes from those of its text (r, d)."""
        mixed, at = [], 0
        for length, count in lengths:
            part = qkv[at : at + length * count].view(count, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
            taken = F.scaled_dot_product_attention(
                part[0], part[1], part[2]
            )  # (count, heads, length, d / heads)
            mixed.append(taken.transpose(1, 2).reshape(length * count, -1))
            at += length * count
        return torch.cat(mixed)

    def _normed(self, x: Tensor, norm: tuple[Tensor, Tensor]) -> Tensor:
        return F.layer_norm(x, (x.shape[1],), *norm, self.eps)
