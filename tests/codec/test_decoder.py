"""A checkpoint folder that is not what its config says is an error that names what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from demos.codec import ModelFilesError
from demos.codec.decoder import load_checkpoint, load_tokenizer
from demos.codec.pairs import compact_decoder_folder
from tests.codec.test_t5 import write_checkpoint


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path, "gated-gelu", tied=True)


def change(folder: Path, *, drop: str = "", add: dict[str, torch.Tensor] | None = None) -> None:
    weights = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if name != drop}
    save_file(kept | (add or {}), folder / "model.safetensors", metadata={"format": "pt"})


def test_the_encoder_may_be_absent(folder: Path) -> None:
    whole = load_checkpoint(folder)
    weights = load_file(folder / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if not name.startswith("encoder.")}
    assert len(kept) < len(weights)
    save_file(kept, folder / "model.safetensors")
    assert load_checkpoint(folder).weights.keys() == whole.weights.keys()


@pytest.mark.parametrize(
    "name",
    [
        "decoder.block.2.layer.2.DenseReluDense.wi_1.weight",
        "decoder.final_layer_norm.weight",
        "shared.weight",
    ],
)
def test_a_missing_weight_is_named(folder: Path, name: str) -> None:
    change(folder, drop=name)
    with pytest.raises(ModelFilesError, match=f"{name} is missing"):
        load_checkpoint(folder)


def test_a_strange_weight_is_named(folder: Path) -> None:
    change(folder, add={"decoder.block.3.layer.0.layer_norm.weight": torch.ones(48)})
    with pytest.raises(ModelFilesError, match=r"block\.3\.layer\.0\.layer_norm\.weight is unexpected"):
        load_checkpoint(folder)


def test_a_weight_of_another_shape_is_named(folder: Path) -> None:
    change(folder, add={"shared.weight": torch.ones(320, 47)})
    with pytest.raises(ModelFilesError, match=r"shared\.weight is \(320, 47\), the config says \(320, 48\)"):
        load_checkpoint(folder)


def test_a_head_of_its_own_is_kept(tmp_path: Path) -> None:
    checkpoint = load_checkpoint(write_checkpoint(tmp_path, "gated-gelu", tied=False))
    assert not checkpoint.tied
    assert not torch.equal(checkpoint.weights["lm_head.weight"], checkpoint.weights["shared.weight"])


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"d_model": 48})])
def test_a_config_that_makes_no_sense_is_an_error(folder: Path, content: str) -> None:
    (folder / "config.json").write_text(content)
    with pytest.raises(ModelFilesError, match="not a readable T5 config"):
        load_checkpoint(folder)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelFilesError):
        load_checkpoint(tmp_path)
    with pytest.raises(ModelFilesError, match=r"spiece\.model"):
        load_tokenizer(tmp_path)


def test_the_bundled_checkpoint_and_its_vocabulary_fit() -> None:
    folder = compact_decoder_folder()
    checkpoint, tokenizer = load_checkpoint(folder), load_tokenizer(folder)
    assert len(checkpoint.weights["shared.weight"]) == len(tokenizer)
    assert (checkpoint.start, checkpoint.end) == (tokenizer.pad_id(), tokenizer.eos_id()) == (0, 1)
    assert tokenizer.unk_id() == 2
