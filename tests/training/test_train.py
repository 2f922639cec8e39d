"""Training from end to end on a dozen sentences: it learns, it stops, it goes on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch
from safetensors.torch import load_file

from demos.codec.adapter import load_adapted
from demos.codec.decoder import load_checkpoint
from demos.codec.encoder import AffineMap, TextEncoder
from demos.codec.manifest import check_manifest, sha256
from demos.training import curriculum, mixtures, prepare, train, vectors
from demos.training.curve import draw, read_log
from demos.training.data import load_examples
from demos.training.export import export, load_trained
from demos.training.model import SentenceDecoder, Shape
from demos.training.pair_model import PairModel, open_model
from demos.training.progress import COLUMNS
from demos.training.states import load_placed, load_states
from demos.training.train import Trainer
from demos.training.vectors import all_texts
from tests.training.tiny import (
    ENGLISH,
    HELD_OUT,
    RUSSIAN,
    WIDTH,
    Trained,
    call,
    make_placed_encoder,
)


def test_prepare_writes_examples_vocabulary_and_sources(trained: Trained) -> None:
    examples = load_examples(trained.run / "examples.jsonl")
    sources = {example.source for example in examples}
    assert {*RUSSIAN, *ENGLISH} <= sources
    assert not {text for row in HELD_OUT for text in row[1:]} & sources
    assert sum(example.origin == "words" for example in examples) == 5
    spm = sentencepiece.SentencePieceProcessor(model_file=str(trained.run / "spm.model"))
    assert len(spm) == 315
    assert (spm.pad_id(), spm.eos_id(), spm.unk_id(), spm.bos_id()) == (0, 1, 2, -1)
    assert spm.decode(spm.encode(RUSSIAN[0])) == RUSSIAN[0]
    described = json.loads((trained.run / "sources.json").read_text(encoding="utf-8"))
    assert [source["examples"] for source in described] == [len(RUSSIAN), len(ENGLISH)]
    for source in described:
        assert source["sha256"] == sha256(trained.data / source["path"])
        assert source["licence"] == "ours"


def test_the_loss_falls(trained: Trained) -> None:
    rows = read_log(trained.run / "loss.csv")
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) >= 4
    assert rows[-1]["train"] < 0.9 * rows[0]["train"]
    assert np.isfinite([row["validation"] for row in rows]).all()


def test_the_second_command_goes_on_where_the_first_stopped(trained: Trained) -> None:
    rows = read_log(trained.run / "loss.csv")
    checkpoint = torch.load(trained.run / "checkpoint.pt", weights_only=True)
    assert 0 < trained.first_seconds < checkpoint["seconds"]
    assert (trained.first_step, checkpoint["step"]) == (20, 160)
    for column in ("seconds", "step", "examples"):
        values = [row[column] for row in rows]
        assert values == sorted(values), column
    assert trained.first_step in [row["step"] for row in rows]
    assert rows[-1]["step"] == checkpoint["step"]
    assert rows[-1]["examples"] == checkpoint["examples"]


def test_a_run_may_go_on_from_another_runs_decoder(trained: Trained, tmp_path: Path) -> None:
    """With its vocabulary, from its loss and not from that of random weights; the card says so."""
    first = trained.run / "spm.model"
    recipe = json.loads((trained.run / "recipe.json").read_text(encoding="utf-8"))
    first_recipe = tmp_path / "first.json"
    first_recipe.write_text(json.dumps(recipe | {"machine": "an abacus"}), encoding="utf-8")
    before = {"recipe": str(first_recipe), "hours": 1.25, "steps": 4321, "examples": 98765, "validation": 2.5}
    path = tmp_path / "recipe.json"
    path.write_text(
        json.dumps(
            recipe | {"continues": before, "train": {"frozen": True, "rate": 1e-3, "batch_tokens": 512}}
        ),
        encoding="utf-8",
    )
    run = tmp_path / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demos.codec.pairs.load_encoder", lambda name: trained.pair.load_encoder())
        patch.setattr(curriculum, "VALIDATION", 3)
        call(prepare.main, "--recipe", path, "--data", trained.data, "--run", run, "--vocabulary", first)
        call(vectors.main, "--run", run, "--sums")
        start = ("--run", run, "--start", trained.out, "--upper", 1, "--device", "cpu")
        call(train.main, *start, "--steps", 12)
    assert (run / "spm.model").read_bytes() == first.read_bytes()
    assert read_log(run / "loss.csv")[0]["train"] < 0.7 * read_log(trained.run / "loss.csv")[0]["train"]
    export(run, tmp_path / "model", "compact", trained.out)
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    hours = round(load_trained(run)[1]["seconds"] / 3600, 3)
    assert "| an abacus | 1.25 | 4,321 | 98,765 | 2.500 |" in card
    assert card.index("first.json --data ../data --hours 1.25\n") < card.index(f"--hours {hours:g}\n")


def test_the_rate_rises_and_falls_to_nothing() -> None:
    model = PairModel(make_placed_encoder(), 1, SentenceDecoder(Shape(40, WIDTH, 64, 32, 1, 1)))
    trainer = Trainer(model, rate=5e-3, encoder_rate=1e-3, warmup=2)
    rates = []
    for progress in (0.0, 0.0, 0.5, 1.0):
        trainer.update(progress)
        rates.append(trainer.current_rate)
    assert max(rates) == rates[1]
    assert [rate / rates[1] for rate in rates] == pytest.approx([0.5, 1.0, 0.5, 0.0])


def test_the_curve_is_drawn(trained: Trained, tmp_path: Path) -> None:
    draw(read_log(trained.run / "loss.csv"), tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_a_log_without_figures_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "loss.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no figures yet"):
        read_log(tmp_path / "loss.csv")


# Together with the encoder, or alone, from where another pair stands -----------------------------------


def exported(run: Path, out: Path) -> TextEncoder:
    """The encoder with what training made of its layers and its space."""
    export(run, out, "compact")
    encoder = make_placed_encoder()
    upper = {
        name: tensor.float() for name, tensor in load_file(out / "encoder" / "upper.safetensors").items()
    }
    assert {name.split(".")[2] for name in upper} == {"1", "2"}
    encoder.model.load_state_dict(encoder.model.state_dict() | upper)
    encoder.space = AffineMap(**load_file(out / "encoder" / "space.safetensors"))
    return encoder


def test_training_goes_on_and_learns(joint_run: Path) -> None:
    log = read_log(joint_run / "loss.csv")
    assert log[0]["step"] < 5 < 60 == log[-1]["step"]
    assert log[-1]["validation"] < log[0]["validation"]
    assert [row["step"] for row in log] == sorted({row["step"] for row in log})
    checkpoint = torch.load(joint_run / "checkpoint.pt", weights_only=True)
    assert checkpoint["step"] == log[-1]["step"]
    assert checkpoint["examples"] == log[-1]["examples"]


def test_the_encoder_is_trained_too(joint_run: Path, tmp_path: Path) -> None:
    before, after = make_placed_encoder().encode(RUSSIAN), exported(joint_run, tmp_path).encode(RUSSIAN)
    assert (before * after).sum(1).max() < 0.999


def test_the_exported_encoder_gives_the_vectors_that_training_saw(
    joint_run: Path, tmp_path: Path, model: PairModel
) -> None:
    checkpoint = torch.load(joint_run / "checkpoint.pt", weights_only=True)
    decoder = {f"decoder.{name}": tensor for name, tensor in checkpoint["model"].items()}
    model.load_state_dict(checkpoint["encoder"] | decoder)
    written = load_states(joint_run)
    with torch.no_grad():
        seen = model.encode(written, np.arange(len(written.texts))).numpy()
    found = exported(joint_run, tmp_path).encode(written.texts)
    assert (found * seen).sum(1).min() > 0.999


def test_a_run_can_do_without_written_states(joint_run: Path, trained: Trained, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "sums.jsonl", "recipe.json", "spm.model"):
        (tmp_path / name).write_bytes((joint_run / name).read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demos.codec.pairs.load_encoder", lambda name: make_placed_encoder())
        patch.setattr(mixtures, "STYLES", 3)
        patch.setattr(curriculum, "VALIDATION", 3)
        grown = ("--layers", 2, "--d-ff", 96, "--upper", 1, "--workers", 1, "--device", "cpu")
        options = ("--run", tmp_path, "--start", trained.out, "--batch-tokens", 256, "--warmup", 2, *grown)
        call(train.main, *options, "--steps", 3)
    checkpoint = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert (checkpoint["below"], checkpoint["shape"]["num_layers"], checkpoint["shape"]["d_ff"]) == (2, 2, 96)
    assert checkpoint["step"] >= 1
    log = read_log(tmp_path / "loss.csv")
    assert log[-1]["validation"] < 10


def test_the_decoder_can_learn_alone(joint_run: Path, trained: Trained, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "sums.jsonl", "recipe.json", "spm.model"):
        (tmp_path / name).write_bytes((joint_run / name).read_bytes())
    encoder = make_placed_encoder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demos.codec.pairs.load_encoder", lambda name: make_placed_encoder())
        patch.setattr(mixtures, "STYLES", 3)
        patch.setattr(curriculum, "VALIDATION", 3)
        call(vectors.main, "--run", tmp_path, "--sums")
        options = ("--run", tmp_path, "--start", trained.out, "--batch-tokens", 256, "--warmup", 2)
        call(train.main, *options, "--frozen", "--distractors", 0.5, "--upper", 2, "--steps", 3)
    placed = load_placed(tmp_path, encoder)
    assert placed.texts == all_texts(tmp_path)
    expected = encoder.encode(placed.texts)
    assert (placed.vectors.astype(np.float32) * expected).sum(1).min() > 0.999
    checkpoint = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert checkpoint["step"] >= 1
    before = open_model(make_placed_encoder(), trained.out, 2)
    for name, tensor in before.upper.state_dict().items():
        assert torch.equal(checkpoint["encoder"][f"upper.{name}"], tensor)
    assert not torch.equal(checkpoint["model"]["embed.weight"], before.decoder.embed.weight)


def test_an_adapter_can_learn_beside_the_decoder(joint_run: Path, trained: Trained, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "recipe.json", "spm.model", "sources.json"):
        (tmp_path / name).write_bytes((joint_run / name).read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demos.codec.pairs.load_encoder", lambda name: make_placed_encoder())
        patch.setattr(curriculum, "VALIDATION", 3)
        call(vectors.main, "--run", tmp_path, "--sums")
        options = ("--run", tmp_path, "--start", trained.out, "--batch-tokens", 256, "--warmup", 2)
        shares = ("--uncertain", 0.9, "--normalised", 0, "--translations", 0)
        call(train.main, *options, *shares, "--frozen", "--adapter", 2, "--upper", 2, "--steps", 3)
    checkpoint = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    before = open_model(make_placed_encoder(), trained.out, 2).decoder.state_dict()
    assert all(torch.equal(checkpoint["model"][name], tensor) for name, tensor in before.items())
    assert checkpoint["model"]["layers.0.qkv.lora_B"].abs().max() > 0

    pair = tmp_path / "pair"
    shutil.copytree(trained.out, pair)
    export(tmp_path, pair, start=pair)
    for path in sorted((trained.out / "decoder").iterdir()):
        assert (pair / "decoder" / path.name).read_bytes() == path.read_bytes()
    assert check_manifest(pair, "decoder") >= {"adapter.safetensors", "model.safetensors"}
    adapted = load_adapted(pair / "decoder", load_checkpoint(pair / "decoder"))
    assert adapted is not None


@pytest.mark.parametrize("there", [True, False])
def test_muon_is_left_out_where_bfloat16_is_slow(
    model: PairModel, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    monkeypatch.setattr(train, "knows_bfloat16", lambda device: there)
    optimisers = Trainer(model, 1e-3, 1e-4, 1).optimisers
    names = ["Muon", "AdamW"] if there else ["AdamW"]
    assert [type(optimiser).__name__ for optimiser in optimisers] == names
    moved = [id(p) for one in optimisers for group in one.param_groups for p in group["params"]]
    assert sorted(moved) == sorted(id(p) for p in model.parameters())
