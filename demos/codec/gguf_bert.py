"""Read a BERT encoder from a GGUF file and keep its word embeddings quantised in memory.

GGUF (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md) stores Q4_0 weights in blocks of
32: one fp16 scale d and 16 bytes of nibbles, low nibbles first; a weight is d · (nibble − 8).
The matrices of the layers are expanded once at load. The 250k-row table of word embeddings would
be 384 MB as float32, so its blocks stay as they are in the file and only the rows that a text
uses are expanded.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch
from torch import Tensor, nn
from transformers import BertConfig, BertModel

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
        raw = self.blocks[unique].view(len(unique), -1, BLOCK_BYTES)  # (u, blocks, 18)
        scale = raw[..., :2].contiguous().view(torch.float16).float()  # (u, blocks, 1)
        nibbles = raw[..., 2:]
        values = torch.cat((nibbles & 15, nibbles >> 4), dim=-1)  # (u, blocks, 32)
        rows = ((values.float() - 8.0) * scale).flatten(1)  # (u, width)
        return rows[inverse]


def load_bert(path: Path) -> BertModel:
    """The BERT encoder in a GGUF file, without a pooler, float32, in eval mode.

    The file is memory-mapped and its blocks of word embeddings are used in place.
    """
    reader = gguf.GGUFReader(path)
    tensors = {tensor.name: tensor for tensor in reader.tensors}

    def field(key: str) -> float:
        return float(reader.fields[f"bert.{key}"].contents())

    words = tensors.pop("token_embd.weight")
    config = BertConfig(
        vocab_size=words.data.shape[0],
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
    for name, tensor in tensors.items():
        stem, _, kind = name.rpartition(".")
        weights = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        target = names[name] if name in names else f"{names[stem]}.{kind}"
        state[target] = torch.from_numpy(np.array(weights, dtype=np.float32))

    with torch.device("meta"):
        model = BertModel(config, add_pooling_layer=False)
        model.embeddings.word_embeddings = nn.Module()  # type: ignore[assignment]  # replaced below
    model.load_state_dict(state, strict=True, assign=True)
    # A copy-on-write map: torch wants a writable array, and nothing here writes to it.
    table = np.memmap(path, mode="c", offset=words.data_offset, shape=words.data.shape)
    model.embeddings.word_embeddings = Q4Embedding(torch.from_numpy(table))  # type: ignore[assignment]
    positions = torch.arange(config.max_position_embeddings).unsqueeze(0)
    model.embeddings.register_buffer("position_ids", positions, persistent=False)
    model.embeddings.register_buffer("token_type_ids", torch.zeros_like(positions), persistent=False)
    model.eval().requires_grad_(False)
    return model
