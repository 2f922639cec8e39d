"""A BERT encoder (Devlin et al., 2019, arXiv:1810.04805) from a GGUF file, its word table kept in 4 bits.

GGUF (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md) stores Q4_0 weights in blocks of
32: one fp16 scale d and 16 bytes of nibbles, low nibbles first; a weight is d · (nibble − 8).
The matrices of the layers are expanded once at load. The 250k-row table of word embeddings would
be 384 MB as float32, so its blocks stay as they are in the file and only the rows that a text
uses are expanded. The model is written out here, with the names of transformers' BertModel, because
importing that one takes longer, and more memory, than all of the bundled pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCK = 32  # weights in a Q4_0 block
BLOCK_BYTES = 18  # an fp16 scale and 32 nibbles

# GGUF name of a tensor → its name in transformers' BertModel; {} is the layer.
NAMES = {
    "position_embd.weight": "embeddings.position_embeddings.weight",
    "token_types.weight": "embeddings.token_type_embeddings.weight",
    "token_embd_norm": "embeddings.LayerNorm",
}
LAYER_NAMES = {
    "blk.{}.attn_q": "encoder.layer.{}.attention.self.query",
    "blk.{}.attn_k": "encoder.layer.{}.attention.self.key",
    "blk.{}.attn_v": "encoder.layer.{}.attention.self.value",
    "blk.{}.attn_output": "encoder.layer.{}.attention.output.dense",
    "blk.{}.attn_output_norm": "encoder.layer.{}.attention.output.LayerNorm",
    "blk.{}.ffn_up": "encoder.layer.{}.intermediate.dense",
    "blk.{}.ffn_down": "encoder.layer.{}.output.dense",
    "blk.{}.layer_output_norm": "encoder.layer.{}.output.LayerNorm",
}


class Q4Embedding(nn.Module):
    """An embedding table of Q4_0 blocks; rows are expanded when they are looked up.

    Args:
        blocks: uint8 (rows, width / 32 · 18), the table as GGUF stores it.
    """

    blocks: Tensor

    def __init__(self, blocks: Tensor) -> None:
        super().__init__()
        self.register_buffer("blocks", blocks, persistent=False)
        self.num_embeddings = blocks.shape[0]
        self.embedding_dim = blocks.shape[1] // BLOCK_BYTES * BLOCK

    def forward(self, ids: Tensor) -> Tensor:
        unique, inverse = torch.unique(ids, return_inverse=True)
        raw: Tensor = self.blocks[unique].unflatten(1, (-1, BLOCK_BYTES))  # (u, blocks, 18)
        scale = raw[..., :2].contiguous().view(torch.float16).float()  # (u, blocks, 1)
        nibbles = raw[..., 2:]
        values = torch.cat((nibbles & 15, nibbles >> 4), dim=-1)  # (u, blocks, 32)
        rows = ((values.float() - 8.0) * scale).flatten(1)  # (u, width)
        return rows[inverse]


@dataclass(frozen=True)
class Config:
    """Sizes of a BERT, by their names in transformers' BertConfig."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float


@dataclass(frozen=True)
class Output:
    """The states (texts, tokens, hidden_size) after the last layer."""

    last_hidden_state: Tensor


class Bert(nn.Module):
    """BERT without a pooler, of one token type; weights have the names of transformers' BertModel."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        width, inner = config.hidden_size, config.intermediate_size

        def norm() -> nn.Module:
            return nn.LayerNorm(width, eps=config.layer_norm_eps)

        def square() -> nn.Module:
            return nn.Linear(width, width)

        def layer() -> nn.Module:
            own = nn.ModuleDict({"query": square(), "key": square(), "value": square()})
            after = nn.ModuleDict({"dense": square(), "LayerNorm": norm()})
            wide = nn.ModuleDict({"dense": nn.Linear(width, inner)})
            narrow = nn.ModuleDict({"dense": nn.Linear(inner, width), "LayerNorm": norm()})
            attention = nn.ModuleDict({"self": own, "output": after})
            return nn.ModuleDict({"attention": attention, "intermediate": wide, "output": narrow})

        def embedding(rows: int) -> nn.Module:
            # Not nn.Embedding(rows, width): its first random numbers on the meta device import torch's
            # compiler, 1.5 s and 100 MB.
            empty: nn.Module = nn.Embedding.from_pretrained(torch.empty(rows, width))
            return empty

        self.embeddings = nn.ModuleDict(
            {
                "position_embeddings": embedding(config.max_position_embeddings),
                "token_type_embeddings": embedding(config.type_vocab_size),
                "LayerNorm": norm(),
            }
        )
        layers = nn.ModuleList(layer() for _ in range(config.num_hidden_layers))
        self.encoder = nn.ModuleDict({"layer": layers})

    def get_input_embeddings(self) -> nn.Module:
        """The table of word embeddings, as transformers' models name it."""
        return self.embeddings["word_embeddings"]

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> Output:
        """Token ids (texts, tokens) and a mask, 0 for padding, of the same shape."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        return Output(pad_states(self.rows(input_ids, attention_mask), attention_mask))

    def rows(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """The last states (r, width) of the r tokens that are not padding; arguments as of `forward`."""
        parts: Any = self.embeddings
        place = attention_mask.flatten().nonzero().squeeze(1)  # (r,)
        x = parts["word_embeddings"](input_ids.flatten()[place])
        position = parts["position_embeddings"].weight[place % input_ids.shape[1]]
        norm = parts["LayerNorm"]
        x = norm((x + parts["token_type_embeddings"].weight[0] + position).to(norm.weight.dtype))
        return run_layers(self.encoder["layer"], x, attention_mask, self.config.num_attention_heads)


def pad_states(x: Tensor, attention_mask: Tensor, place: Tensor | None = None) -> Tensor:
    """States (r, width) of the tokens that are not padding → (texts, tokens, width), with zeros for padding.

    `place` (r,) says where the mask (texts, tokens) is not 0, for a caller that knows it.
    """
    if len(x) < attention_mask.numel():
        place = attention_mask.flatten().nonzero().squeeze(1) if place is None else place
        x = x.new_zeros(attention_mask.numel(), x.shape[1]).index_copy(0, place, x)
    return x.view(*attention_mask.shape, -1)


def run_layers(layers: Any, x: Tensor, attention_mask: Tensor, heads: int) -> Tensor:
    """Some of a `Bert`'s layers, one after another: (r, width) → (r, width).

    `attention_mask` (texts, tokens) is 0 for padding; the r tokens are the others. Padding goes through
    attention alone: all the rest is done for the r tokens.
    """
    texts, tokens = attention_mask.shape
    full = len(x) == attention_mask.numel()
    mask = None if full else attention_mask.bool().view(texts, 1, 1, tokens)
    place = attention_mask.flatten().nonzero().squeeze(1)

    def split(y: Tensor) -> Tensor:
        return pad_states(y, attention_mask, place).view(texts, tokens, heads, -1).transpose(1, 2)

    for layer in layers:
        attention = layer["attention"]
        q, k, v = (split(attention["self"][name](x)) for name in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        mixed = mixed.transpose(1, 2).reshape(texts * tokens, -1)
        mixed = mixed if full else mixed[place]
        x = attention["output"]["LayerNorm"](attention["output"]["dense"](mixed) + x)
        inner = F.gelu(layer["intermediate"]["dense"](x))
        x = layer["output"]["LayerNorm"](layer["output"]["dense"](inner) + x)
    return x


def load_gguf(path: Path, upper: dict[str, Tensor] | None = None) -> Bert:
    """The BERT encoder in a GGUF file, without a pooler, float32, in eval mode.

    The file is memory-mapped and its blocks of word embeddings are used in place. Weights of `upper`
    stand in the place of the file's, under the names of transformers' BertModel; KeyError for others.
    """
    reader = gguf.GGUFReader(path)
    tensors = {tensor.name: tensor for tensor in reader.tensors}

    def field(key: str) -> float:
        return float(reader.fields[f"bert.{key}"].contents())

    table = tensors.pop("token_embd.weight")
    config = Config(
        vocab_size=table.data.shape[0],
        hidden_size=int(field("embedding_length")),
        num_hidden_layers=int(field("block_count")),
        num_attention_heads=int(field("attention.head_count")),
        intermediate_size=int(field("feed_forward_length")),
        max_position_embeddings=int(field("context_length")),
        type_vocab_size=tensors["token_types.weight"].data.shape[0],
        layer_norm_eps=field("attention.layer_norm_epsilon"),
    )
    names = dict(NAMES)
    for layer in range(config.num_hidden_layers):
        names |= {ours.format(layer): bert.format(layer) for ours, bert in LAYER_NAMES.items()}

    state = {}
    others = dict(upper or {})
    for name, tensor in tensors.items():
        stem, _, kind = name.rpartition(".")
        target = names[name] if name in names else f"{names[stem]}.{kind}"
        if target in others:
            state[target] = others.pop(target).float()
            continue
        weights = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        state[target] = torch.from_numpy(np.require(weights, np.float32, "W"))
    if others:
        raise KeyError(f"{path} has no {', '.join(others)}")

    with torch.device("meta"):
        model = Bert(config)
    model.load_state_dict(state, strict=True, assign=True)
    # A copy-on-write map: torch wants a writable array, and nothing here writes to it.
    blocks = np.memmap(path, mode="c", offset=table.data_offset, shape=table.data.shape)
    model.embeddings["word_embeddings"] = Q4Embedding(torch.from_numpy(blocks))
    model.eval().requires_grad_(False)
    return model
