"""Texts drawn to where their Russian lies, by an encoder whose decoder stays as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from demos.codec.gguf_bert import Bert, run_layers
from demos.training import align, prepare
from demos.training.curve import read_log
from demos.training.data import load_examples
from demos.training.export import export
from demos.training.train import open_model
from tests.training.tiny import Trained, call, make_placed_encoder


@pytest.fixture(scope="module")
def run(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the dozen sentences and their English, in two goes."""
    run = tmp_path_factory.mktemp("align") / "run"
    recipe, words = trained.data / "recipe.json", trained.run / "spm.model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demos.codec.pairs.load_encoder", lambda name: make_placed_encoder())
        patch.setattr(align, "VALIDATION", 2)
        call(prepare.main, "--recipe", recipe, "--data", trained.data, "--run", run, "--vocabulary", words)
        noted = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
        noted.pop("train", None)  # the options below are enough
        (run / "recipe.json").write_text(json.dumps(noted), encoding="utf-8")
        options = ("--run", run, "--start", trained.out, "--upper", 2, "--batch-tokens", 256, "--warmup", 2)
        for steps in (4, 40):
            call(align.main, *options, "--encoder-rate", 0.003, "--steps", steps)
    return run


def test_padded_layers_compute_what_those_of_the_codec_do() -> None:
    bert = make_placed_encoder().model
    assert isinstance(bert, Bert)
    here = torch.tensor([[True, True, True], [True, False, False]])
    states = torch.randn(2, 3, bert.config.hidden_size)
    layers, heads = bert.encoder["layer"], bert.config.num_attention_heads
    plain = run_layers(layers, states[here], here, heads)
    assert torch.allclose(align.run(layers, states, here, heads)[here], plain, atol=1e-5)


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


def test_what_is_held_out_is_no_example_in_any_language(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(align, "VALIDATION", 2)
    examples = load_examples(run / "examples.jsonl")
    texts = list(dict.fromkeys(text for one in examples for text in (one.source, one.target)))
    pairs = align.Pairs(run, texts, 256, seed=2047)
    assert len(pairs.validation) == 2
    assert not np.intersect1d(pairs.russian[pairs.training], pairs.russian[pairs.validation]).size


def test_only_the_encoder_is_exported(run: Path, trained: Trained, tmp_path: Path) -> None:
    shutil.copytree(trained.out, tmp_path / "pair")
    decoder = (tmp_path / "pair" / "decoder" / "model.safetensors").read_bytes()
    export(run, tmp_path / "pair", "compact")
    assert (tmp_path / "pair" / "decoder" / "model.safetensors").read_bytes() == decoder
    assert (tmp_path / "pair" / "encoder" / "upper.safetensors").exists()
