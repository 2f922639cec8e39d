"""Text → unit vector: a BERT encoder, a pooling, and (optionally) an affine map into the pair's space.

One class serves every pair. LaBSE takes BERT's pooler output and nothing else, as in the
article; multilingual-e5-small (Wang et al., 2024, arXiv:2402.05672) averages the hidden states
of a prefixed text, and its vectors are then moved by an `AffineMap` so that unrelated sentences lie
near a right angle.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from demos.codec.fast_bert import FastBert, fastest_precision

if TYPE_CHECKING:
    from demos.codec.linear import Precision

Pooling = Literal["mean", "pooler"]


@dataclass(frozen=True)
class AffineMap:
    """An affine map of encoder vectors, ``y = (x - mean) @ matrix``; both are float32 tensors.

    mean has shape (d,), matrix (d, d). Rows are normalised again by the encoder afterwards.
    """

    mean: Tensor
    matrix: Tensor

    def __call__(self, vectors: Tensor) -> Tensor:
        """Vectors (n, d) → (n, d), in float64."""
        return (vectors.double() - self.mean.double()) @ self.matrix.double()


@dataclass(frozen=True)
class BagOfWords:
    """A linear approximation of a text's vector from its bag of words: the mean of its tokens' embeddings.

    ``y = x @ matrix + offset``; float tensors of shapes (d, d) and (d,). See `demos.training.bag`.
    """

    matrix: Tensor
    offset: Tensor

    def __call__(self, means: Tensor) -> Tensor:
        return means @ self.matrix.float() + self.offset.float()


class TextEncoder:
    """A BERT model with its tokenizer, pooling and space.

    Args:
        model: a ``transformers.BertModel`` (its ``config`` gives the width), in eval mode.
        tokenize: texts → lists of token ids, special tokens included, never cut.
        prefix: what the model expects before every text ("query: " for e5, "" for LaBSE).
        pooling: "mean" of the last hidden states over all tokens, or BERT's "pooler" output.
        space: a map of the pooled unit vectors; None leaves them as they are.
        bag_of_words: what `approximate` works with; None where the pair has none.
        max_tokens: the longest sequence the model has positions for.
        pad_id: the token id that fills short rows of a batch.
        silent: token ids that say nothing of a text: that of what the tokenizer does not know, spaces.
    """

    def __init__(
        self,
        model: nn.Module,
        tokenize: Callable[[list[str]], list[list[int]]],
        *,
        prefix: str = "",
        pooling: Pooling = "pooler",
        space: AffineMap | None = None,
        bag_of_words: BagOfWords | None = None,
        max_tokens: int = 512,
        pad_id: int = 0,
        silent: Collection[int] = (),
    ) -> None:
        self.model = model
        self.packed: FastBert | None = None
        self.prefix = prefix
        self.pooling = pooling
        self.space = space
        self.bag_of_words = bag_of_words
        self.max_tokens = max_tokens
        self.pad_id = pad_id
        self.silent = frozenset(silent)
        self.dim: int = model.config.hidden_size  # type: ignore[assignment,union-attr]
        self._tokenize = tokenize
        self._before: int | None = None  # how many special tokens, and tokens of the prefix, come first

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return next(self.model.parameters()).device

    def pack(self, precision: Precision = "float32") -> None:
        """Put the model's matrices in the order of this CPU's kernels; see `FastBert`. The model loses them.

        Args:
            precision: of the matrices, "float32" or "bfloat16".
        """
        if getattr(self.model.config, "hidden_act", "gelu") == "gelu":
            self.packed = FastBert(self.model, precision)

    def fastest_precision(self, allowed: Sequence[Precision]) -> Precision:
        """That of the allowed ones which is fastest on this CPU, measured; for an encoder not yet packed."""
        return fastest_precision(self.model, allowed)

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of each text with its prefix, special tokens included and never cut."""
        return self._tokenize([self.prefix + text for text in texts])

    def pool(self, rows: Sequence[list[int]], batch_tokens: int = 2048) -> np.ndarray:
        """Pooled unit vectors, before the space: float32 (n, dim).

        Rows of like length share a batch, so little is spent on padding; the order of the
        input is kept.
        """
        vectors = np.empty((len(rows), self.dim), dtype=np.float32)
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and (end + 1 - start) * len(rows[order[end]]) <= batch_tokens:
                end += 1
            batch = order[start:end]
            vectors[batch] = self._pool_batch([rows[i] for i in batch]).float().cpu().numpy()
            start = end
        return vectors

    @torch.inference_mode()
    def _pool_batch(self, rows: list[list[int]]) -> Tensor:
        if self.packed is not None:
            pooled = self.packed.pooled(rows, by_pooler=self.pooling == "pooler")
            return nn.functional.normalize(pooled.double(), dim=-1).float()
        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self.pad_id)
        mask = torch.zeros((len(rows), width), dtype=torch.long)
        for i, row in enumerate(rows):
            ids[i, : len(row)] = torch.tensor(row)
            mask[i, : len(row)] = 1
        ids, mask = ids.to(self.device), mask.to(self.device)
        out: Any = self.model(input_ids=ids, attention_mask=mask)
        if self.pooling == "pooler":
            pooled = out.pooler_output.float()
        else:
            weights = mask.unsqueeze(-1).float()
            pooled = (out.last_hidden_state.float() * weights).sum(1) / weights.sum(1)
        return nn.functional.normalize(pooled, dim=-1)

    @torch.inference_mode()
    def to_space(self, pooled: np.ndarray) -> np.ndarray:
        """Pooled vectors (n, dim), moved into the pair's space: float32 (n, dim), unit rows.

        The numbers are float64 until the end, so that rounding makes them the same whatever rows are beside.
        """
        if self.space is None:
            return pooled
        return nn.functional.normalize(self.space(torch.from_numpy(pooled)), dim=-1).float().numpy()

    def own_tokens(self, row: list[int]) -> list[int]:
        """A text's tokens without the special ones and those of the prefix."""
        if self._before is None:
            one, other = self.token_ids(["а", "b"])
            self._before = next(i for i in range(len(one)) if one[i] != other[i])
        return row[self._before : -1]

    def all_unknown(self, row: list[int]) -> bool:
        """Whether all of a text's tokens are unknown ones or spaces."""
        return self.silent.issuperset(self.own_tokens(row))

    @torch.inference_mode()
    def mean_embeddings(self, rows: Sequence[list[int]]) -> Tensor:
        """The mean of the embeddings of each text's own tokens: float32 (n, dim), zeros where it has none."""
        own = [self.own_tokens(row) for row in rows]
        owner = torch.repeat_interleave(torch.tensor([len(row) for row in own]))
        ids = torch.tensor([token for row in own for token in row], dtype=torch.long)
        embeddings = self.model.get_input_embeddings()(ids.to(self.device))  # type: ignore[operator]
        sums = torch.zeros(len(rows), self.dim).index_add_(0, owner, embeddings.float().cpu())
        return sums / torch.tensor([max(len(row), 1) for row in own]).unsqueeze(1)

    def approximate(self, rows: Sequence[list[int]]) -> np.ndarray:
        """What `bag_of_words` makes of the texts, for next to nothing: float32 (n, dim), unit rows."""
        assert self.bag_of_words is not None
        return nn.functional.normalize(self.bag_of_words(self.mean_embeddings(rows)), dim=-1).numpy()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Texts → float32 (n, dim), unit rows. The caller has checked the lengths."""
        return self.to_space(self.pool(self.token_ids(texts)))
