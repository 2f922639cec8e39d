"""A T5 checkpoint folder whose decoder turns one encoder state, a vector, into text.

The folder is what ``transformers`` writes: config.json, the weights, spiece.model. T5's encoder is
never used: its weights may be absent from the file. The files are read here without transformers,
whose import costs more than the bundled decoder; `reference` is where it loads them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple, Protocol

import torch
from sentencepiece import SentencePieceProcessor
from torch import Tensor

from demos.codec.errors import ModelFilesError

WEIGHTS = ("model.safetensors", "pytorch_model.bin")
TABLE, OTHER_TABLE = "shared.weight", "decoder.embed_tokens.weight"  # the embeddings, by two names
# Stored by some checkpoints, used by none: cross-attention has no relative positions.
UNUSED = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"


@dataclass(frozen=True, slots=True)
class Beam:
    """One decoded sequence: its token ids without start, end and padding, and its score.

    Many are remembered: as an array the ids take a tenth of what a list of numbers does.

    The score is transformers' ``sequences_scores``: the sum of the log-probabilities, after
    the repetition penalty, divided by the number of tokens generated (the end included).
    """

    ids: Sequence[int]
    score: float


class BeamSearch(NamedTuple):
    """What the beams of a vector depend on; the names are those of transformers' generate."""

    num_beams: int
    repetition_penalty: float
    max_length: int


class Decoder(Protocol):
    """What makes token ids of vectors."""

    def generate(self, vectors: Tensor, search: BeamSearch) -> list[list[Beam]]:
        """Vectors (n, dim) → for each of them all beams of a search, best first."""


@dataclass(frozen=True)
class Checkpoint:
    """A T5 decoder as it lies in its folder; see ``transformers``' T5Config for the meaning of the sizes.

    Attributes:
        tied: whether the head is the table of embeddings.
        scaled: whether the last states are multiplied by dim ** -0.5 before the head.
        weights: tensors by their names in T5ForConditionalGeneration, in the dtype of the file:
            shared.weight, decoder.* and, unless tied, lm_head.weight.
    """

    dim: int
    heads: int
    head_dim: int
    layers: int
    eps: float
    buckets: int
    farthest: int
    activation: str
    gated: bool
    start: int
    end: int
    tied: bool
    scaled: bool
    weights: dict[str, Tensor]


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read a T5 checkpoint folder.

    Raises:
        ModelFilesError: a file is missing or unreadable, or the decoder's weights are not those, in
            name and shape, that the config asks for.
    """
    path = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        dim, heads, head_dim, wide = (config[name] for name in ("d_model", "num_heads", "d_kv", "d_ff"))
        layers = config.get("num_decoder_layers") or config["num_layers"]
        vocab_size = config["vocab_size"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFilesError(f"{path} is not a readable T5 config: {error!r}", path) from error
    buckets = config.get("relative_attention_num_buckets", 32)
    gated, _, act = config.get("feed_forward_proj", "relu").rpartition("-")
    scaled = config.get("scale_decoder_outputs", config.get("tie_word_embeddings") is not False)

    stored = read_weights(folder)
    weights = {name: t for name, t in stored.items() if not name.startswith("encoder.") and name != UNUSED}
    table = weights.pop(OTHER_TABLE, None)
    if table is not None:
        weights.setdefault(TABLE, table)
    shapes: dict[str, tuple[int, ...]] = {
        TABLE: (vocab_size, dim),
        "decoder.final_layer_norm.weight": (dim,),
        "decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight": (buckets, heads),
    }
    for i in range(layers):
        for j, attention in enumerate(("SelfAttention", "EncDecAttention")):
            for m in "qkvo":
                inner = heads * head_dim
                name = f"decoder.block.{i}.layer.{j}.{attention}.{m}.weight"
                shapes[name] = (dim, inner) if m == "o" else (inner, dim)
        for j in range(3):
            shapes[f"decoder.block.{i}.layer.{j}.layer_norm.weight"] = (dim,)
        for m in ("wi_0", "wi_1") if gated else ("wi",):
            shapes[f"decoder.block.{i}.layer.2.DenseReluDense.{m}.weight"] = (wide, dim)
        shapes[f"decoder.block.{i}.layer.2.DenseReluDense.wo.weight"] = (dim, wide)
    if not scaled or "lm_head.weight" in weights:
        shapes["lm_head.weight"] = (vocab_size, dim)

    missing, strange = sorted(shapes.keys() - weights), sorted(weights.keys() - shapes)
    if missing or strange:
        wrong = [f"{name} is missing" for name in missing] + [f"{name} is unexpected" for name in strange]
        raise ModelFilesError(f"{folder}: {'; '.join(wrong[:4])}", folder)
    for name, shape in shapes.items():
        if weights[name].shape != shape:
            message = f"{folder}: {name} is {tuple(weights[name].shape)}, the config says {shape}"
            raise ModelFilesError(message, folder)
    if not scaled and torch.equal(weights["lm_head.weight"], weights[TABLE]):
        message = f"{folder}: lm_head.weight was overwritten: it equals shared.weight, though not tied"
        raise ModelFilesError(message, folder)
    return Checkpoint(
        dim=dim,
        heads=heads,
        head_dim=head_dim,
        layers=layers,
        eps=config.get("layer_norm_epsilon", 1e-6),
        buckets=buckets,
        farthest=config.get("relative_attention_max_distance", 128),
        activation="gelu_new" if gated and act == "gelu" else act,
        gated=bool(gated),
        start=config.get("decoder_start_token_id") or config.get("pad_token_id") or 0,
        end=config.get("eos_token_id", 1),
        tied="lm_head.weight" not in weights,
        scaled=scaled,
        weights=weights,
    )


def read_weights(folder: Path) -> dict[str, Tensor]:
    """The tensors of model.safetensors, or else of pytorch_model.bin, mapped from the file.

    Raises:
        ModelFilesError: there is neither, or it is damaged.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = next((path for name in WEIGHTS if (path := folder / name).exists()), None)
    if path is None:
        raise ModelFilesError(f"{folder} has neither {' nor '.join(WEIGHTS)}", folder)
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        weights: dict[str, Tensor] = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except (OSError, SafetensorError, RuntimeError, ValueError, EOFError, UnpicklingError) as error:
        raise ModelFilesError(f"{path} is damaged: {error}", path) from error
    return weights


def load_table(folder: Path) -> Tensor:
    """The embeddings of a folder's decoder, mapped anew: only the rows that are used come into memory.

    Raises as `read_weights`.
    """
    stored = read_weights(folder)
    return stored[TABLE if TABLE in stored else OTHER_TABLE]


def load_tokenizer(folder: Path) -> SentencePieceProcessor:
    """The SentencePiece tokenizer of a checkpoint folder.

    Raises:
        ModelFilesError: it is missing or unreadable.
    """
    path = folder / "spiece.model"
    try:
        return SentencePieceProcessor(model_file=str(path))
    except (OSError, RuntimeError) as error:
        raise ModelFilesError(f"{path} is not a readable SentencePiece model: {error}", path) from error
