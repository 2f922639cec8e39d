"""Texts drawn to where their Russian lies, by an encoder whose decoder stays as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from demos.training import distillation, prepare, train
from demos.training.curve import read_log
from demos.training.export import export
from demos.training.pair_model import open_model
from demos.training.states import load_tokens
from tests.training.tiny import Trained, call, make_placed_encoder


@pytest.fixture(scope="module")
def run(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the dozen sentences and their English, in two goes."""
    run = tmp_path_factory.mktemp("distilled") / "run"
    recipe, words = trained.data / "recipe.json", trained.run / "spm.model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demos.codec.pairs.load_encoder", lambda name: make_placed_encoder())
        patch.setattr(distillation, "VALIDATION", 2)
        call(prepare.main, "--recipe", recipe, "--data", trained.data, "--run", run, "--vocabulary", words)
        noted = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
        noted["train"] = {"distil": True, "upper": 2, "batch_tokens": 256, "warmup": 2}
        (run / "recipe.json").write_text(json.dumps(noted), encoding="utf-8")
        options = ("--run", run, "--start", trained.out)
        for steps in (4, 40):
            call(train.main, *options, "--encoder-rate", 0.003, "--steps", steps)
    return run


def test_lower_layers_in_16_bits_give_about_the_same_states(run: Path) -> None:
    exact, halved = (load_tokens(run, make_placed_encoder()) for _ in range(2))
    halved.to_bfloat16()
    rows = np.array([4, 1, 9])
    (one, mask), (other, same) = exact.batch(rows), halved.batch(rows)
    assert torch.equal(mask, same)
    assert other.dtype == torch.bfloat16
    torch.testing.assert_close(other.float(), one, atol=0.1, rtol=0.05)


def test_texts_come_nearer_to_their_russian(run: Path, trained: Trained) -> None:
    log = read_log(run / "loss.csv")
    losses = [row["train"] for row in log if row["step"] > 4]  # of the second go, several steps each
    assert log[-1]["step"] == 40
    assert losses[-1] < 0.9 * losses[0]
    checkpoint = torch.load(run / "checkpoint.pt", weights_only=True)
    before = open_model(make_placed_encoder(), trained.out, 2).state_dict()
    moved = [name for name, tensor in checkpoint["encoder"].items() if not torch.equal(tensor, before[name])]
    assert any(name.startswith("upper.") for name in moved)
    assert all(torch.equal(t, before[f"decoder.{name}"]) for name, t in checkpoint["model"].items())


def test_what_is_held_out_is_no_example_in_any_language(
    run: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distillation, "VALIDATION", 2)
    model, tokens = open_model(make_placed_encoder(), trained.out, 2), load_tokens(run, make_placed_encoder())
    pairs = distillation.Distillation(model, tokens, run, 256, seed=2047)
    assert len(pairs.validation) == 2
    assert not np.intersect1d(pairs.russian[pairs.training], pairs.russian[pairs.validation]).size


def test_only_the_encoder_is_exported(run: Path, trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.out, tmp_path / "pair")
    decoder = (tmp_path / "pair" / "decoder" / "model.safetensors").read_bytes()
    export(run, tmp_path / "pair", "compact")
    assert (tmp_path / "pair" / "decoder" / "model.safetensors").read_bytes() == decoder
    assert (tmp_path / "pair" / "encoder" / "upper.safetensors").exists()
