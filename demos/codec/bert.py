"""A BERT checkpoint folder of the hub, with the pooler that makes LaBSE's vectors."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor
from transformers.models.bert.configuration_bert import BertConfig
from transformers.models.bert.modeling_bert import BertModel

from demos.codec.decoder import read_weights
from demos.codec.errors import ModelFilesError


def load_bert(folder: Path) -> BertModel:
    """The BERT of a checkpoint folder with its pooler, float32, in eval mode.

    transformers gives a model without a pooler a random one and a line in the log. Here it is an
    error, unless the folder has the same layer as sentence-transformers keeps it, in 2_Dense.

    Raises:
        ModelFilesError: a file or a weight is missing or has another shape.
    """
    try:
        config = BertConfig.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise ModelFilesError(f"{folder} is not a readable BERT checkpoint: {error}", folder) from error

    state = {}
    for name, tensor in read_weights(folder).items():
        # BertForPreTraining's names begin with "bert."; its heads, and old lists of positions, are not used.
        name = name.removeprefix("bert.").replace("LayerNorm.gamma", "LayerNorm.weight")
        name = name.replace("LayerNorm.beta", "LayerNorm.bias")
        if not name.startswith("cls.") and name not in (
            "embeddings.position_ids",
            "embeddings.token_type_ids",
        ):
            state[name] = tensor.float()
    if "pooler.dense.weight" not in state or "pooler.dense.bias" not in state:
        state |= _dense_as_pooler(folder)

    with torch.device("meta"):
        model = BertModel(config)
    try:
        model.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        raise ModelFilesError(f"{folder}: {error}", folder) from error
    positions = torch.arange(config.max_position_embeddings).unsqueeze(0)
    model.embeddings.register_buffer("position_ids", positions, persistent=False)
    model.embeddings.register_buffer("token_type_ids", torch.zeros_like(positions), persistent=False)
    model.eval().requires_grad_(False)
    return model


def _dense_as_pooler(folder: Path) -> dict[str, Tensor]:
    """The pooler's weights from a sentence-transformers folder: its Dense layer over the first token."""
    dense = folder / "2_Dense"
    try:
        settings = json.loads((dense / "config.json").read_text(encoding="utf-8"))
        weights = read_weights(dense)
        if not settings["activation_function"].endswith(".Tanh"):
            raise ValueError(f"its activation is {settings['activation_function']}, not Tanh")
        return {
            "pooler.dense.weight": weights["linear.weight"].float(),
            "pooler.dense.bias": weights["linear.bias"].float(),
        }
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        message = (
            f"{folder}: pooler.dense is missing from the checkpoint, and 2_Dense cannot replace it: {error}"
        )
        raise ModelFilesError(message, folder) from error
