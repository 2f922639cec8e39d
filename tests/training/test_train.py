"""Training from end to end on a dozen sentences: it learns, it stops, it goes on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
import torch

from demos.codec.manifest import sha256
from demos.training import curriculum, prepare, train, vectors
from demos.training.curve import draw, read_log
from demos.training.data import load_examples
from demos.training.export import export, load_checkpoint
from demos.training.model import SentenceDecoder, Shape
from demos.training.progress import COLUMNS
from demos.training.train import PairModel, Trainer, embedding_start
from tests.training.tiny import (
    ENGLISH,
    HELD_OUT,
    RUSSIAN,
    WIDTH,
    Trained,
    call,
    make_encoder,
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
    hours = round(load_checkpoint(run)[1]["seconds"] / 3600, 3)
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


def test_embeddings_start_from_the_encoders_own_rows() -> None:
    encoder = make_encoder()
    table = encoder.model.get_input_embeddings().weight  # type: ignore[operator]
    start = embedding_start(encoder, ["<pad>", "▁a", "b"])
    raw = torch.stack([table[[ord(c) + 3 for c in piece]].mean(0) for piece in ("<pad>", " a", "b")])
    centred = raw - raw.mean(0)
    torch.testing.assert_close(start, centred / centred.pow(2).mean().sqrt())
    assert float(start.pow(2).mean()) == pytest.approx(1.0, abs=1e-5)


def test_the_curve_is_drawn(trained: Trained, tmp_path: Path) -> None:
    draw(read_log(trained.run / "loss.csv"), tmp_path / "loss.png")
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")


def test_a_log_without_figures_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "loss.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no figures yet"):
        read_log(tmp_path / "loss.csv")
