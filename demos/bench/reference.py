"""The article's way to decode: a T5 checkpoint loaded and run by ``transformers``.

The codec itself runs `t5.FastDecoder`, which is tested and measured against this.
"""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers.generation.configuration_utils import GenerationConfig
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.t5.configuration_t5 import T5Config
from transformers.models.t5.modeling_t5 import T5ForConditionalGeneration

from demos.codec.decoder import Beam, BeamSearch, read_weights
from demos.codec.errors import ModelFilesError


class TransformersDecoder:
    """The reference: ``transformers``' own generate, as in the article."""

    def __init__(self, model: T5ForConditionalGeneration) -> None:
        self.model = model

    @torch.inference_mode()
    def generate(self, vectors: Tensor, search: BeamSearch) -> list[list[Beam]]:
        """The beams of each vector (n, d); see `demos.codec.decoder.Decoder`."""
        states = vectors.to(self.model.device, self.model.dtype).unsqueeze(1)
        model: Any = self.model  # transformers' types take generate from another class
        out = model.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            **search._asdict(),
            num_return_sequences=search.num_beams,
            do_sample=False,
            return_dict_in_generate=True,
            output_scores=True,
        )
        end = self.model.config.eos_token_id
        special = {self.model.config.pad_token_id, end}
        beams = []
        for row, ids in enumerate(out.sequences[:, 1:].tolist()):
            if search.num_beams > 1:
                score = float(out.sequences_scores[row])
            else:
                length = ids.index(end) + 1 if end in ids else len(ids)
                steps = [out.scores[t][row].log_softmax(-1)[ids[t]] for t in range(length)]
                score = float(sum(steps)) / length
            beams.append(Beam(array("I", [token for token in ids if token not in special]), score))
        return [beams[i : i + search.num_beams] for i in range(0, len(beams), search.num_beams)]


def load_t5(folder: Path) -> T5ForConditionalGeneration:
    """The T5 in a checkpoint folder, float32, in eval mode, without the layers of its encoder.

    Raises:
        ModelFilesError: a file is missing or unreadable, or a decoder weight is not in it.
    """
    try:
        config = T5Config.from_pretrained(folder)
        weights = read_weights(folder)
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelFilesError(f"{folder} is not a readable T5 checkpoint: {error}", folder) from error

    with torch.device("meta"):
        model = T5ForConditionalGeneration(config)
        del model.encoder.block, model.encoder.final_layer_norm
    state = {name: tensor.float() for name, tensor in weights.items() if not name.startswith("encoder.")}
    del weights
    for alias in ("shared.weight", "decoder.embed_tokens.weight"):
        if alias in state:
            shared = state[alias]
            break
    else:
        raise ModelFilesError(f"{folder}: shared.weight is missing from the checkpoint", folder)
    state |= dict.fromkeys(
        ("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"), shared
    )
    # Some checkpoints carry a bias that T5 itself ignores.
    state.pop("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", None)
    if not config.scale_decoder_outputs and "lm_head.weight" not in state:
        raise ModelFilesError(
            f"{folder}: lm_head.weight is missing, and the config says that it is not tied", folder
        )
    head = state.setdefault("lm_head.weight", shared)
    try:
        model.load_state_dict(state, strict=True, assign=True)
    except RuntimeError as error:
        raise ModelFilesError(f"{folder}: {error}", folder) from error
    if model.lm_head.weight.data_ptr() != head.data_ptr():
        raise ModelFilesError(f"{folder}: the loader replaced lm_head.weight by another table", folder)
    # The aliases were assigned one by one: make them one table again, or each is copied on its own later.
    model.set_input_embeddings(model.shared)
    if head is shared:
        model.lm_head.weight = model.shared.weight
    generation = folder / "generation_config.json"
    if generation.exists():
        model.generation_config = GenerationConfig.from_pretrained(folder)
    model.eval().requires_grad_(False)
    return model
