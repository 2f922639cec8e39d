"""Training from end to end on a dozen sentences: it learns, it stops, it goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
import torch

from demos.training import prepare, train, vectors
from demos.training.batches import Batch, load_corpus
from demos.training.curve import draw, read_log
from demos.training.data import load_examples, sha256
from demos.training.export import export, load_checkpoint
from demos.training.model import Shape
from demos.training.progress import COLUMNS, save
from demos.training.train import Trainer, batches, embedding_start
from tests.training.tiny import ENGLISH, HELD_OUT, RUSSIAN, Trained, call, make_encoder

SHAPE = Shape(vocab_size=40, d_model=64, num_heads=1, num_layers=1, d_ff=32)


def make_batch(seed: int = 0) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    targets = torch.randint(2, 40, (8, 5), generator=generator)
    tokens = torch.cat([torch.zeros(8, 1, dtype=torch.long), targets[:, :-1]], dim=1)
    return Batch(torch.nn.functional.normalize(torch.randn(8, 64, generator=generator)), tokens, targets)


def make_trainer() -> Trainer:
    torch.manual_seed(1)
    return Trainer(SHAPE, rate=5e-3, warmup=2, device="cpu")


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
    assert 1.0 <= trained.first_seconds < checkpoint["seconds"]
    assert checkpoint["seconds"] >= 8.0
    assert 0 < trained.first_step < checkpoint["step"]
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
        json.dumps(recipe | {"continues": before, "train": {"layers": 1, "d_ff": 64, "rate": 1e-3}}),
        encoding="utf-8",
    )
    run, moved = tmp_path / "run", trained.out / "encoder" / "space.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demos.codec.pairs.load_encoder", lambda name: make_encoder())
        patch.setattr(train, "VALIDATION", 3)
        call(prepare.main, "--recipe", path, "--data", trained.data, "--run", run, "--vocabulary", first)
        call(vectors.main, "--run", run)
        start = ("--run", run, "--space", moved, "--start", trained.out / "decoder")
        call(train.main, *start, "--device", "cpu", "--hours", 0.3 / 3600)
    assert (run / "spm.model").read_bytes() == first.read_bytes()
    assert load_checkpoint(run)[1]["rate"] == 1e-3
    assert read_log(run / "loss.csv")[0]["train"] < 0.7 * read_log(trained.run / "loss.csv")[0]["train"]
    export(run, tmp_path / "model", "compact", None, [trained.run])
    card = (tmp_path / "model" / "README.md").read_text(encoding="utf-8")
    trained_hours = round(load_checkpoint(run)[1]["seconds"] / 3600, 3)
    assert f"`{first_recipe}`, 1.25 hours on an abacus, 4,321 steps, 98,765 examples seen" in card
    assert f"| {len(RUSSIAN)} + {len(RUSSIAN)} |" in card
    assert card.index("--hours 1.25\n") < card.index(f"--hours {trained_hours}\n")


def test_a_trainer_learns_a_batch_by_heart() -> None:
    trainer, batch = make_trainer(), make_batch()
    noise = torch.Generator().manual_seed(0)
    first = trainer.update(batch, noise, 0.0)
    for _ in range(60):
        last = trainer.update(batch, noise, 0.0)
    assert last < 0.5 * first
    assert (trainer.step, trainer.examples) == (61, 61 * 8)


def test_the_rate_rises_and_falls_to_nothing() -> None:
    trainer, batch = make_trainer(), make_batch()
    rates = []
    for progress in (0.0, 0.0, 0.5, 1.0):
        trainer.update(batch, torch.Generator().manual_seed(0), progress)
        rates.append(trainer.current_rate)
    assert rates == pytest.approx([2.5e-3, 5e-3, 2.5e-3, 0.0])


def test_a_restored_trainer_takes_the_same_steps(tmp_path: Path) -> None:
    one = make_trainer()
    for seed in range(3):
        one.update(make_batch(seed), torch.Generator().manual_seed(seed), 0.1)
    save(one.state(), tmp_path / "checkpoint.pt")
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]
    torch.manual_seed(99)
    other = Trainer(SHAPE, rate=5e-3, warmup=2, device="cpu")
    other.restore(torch.load(tmp_path / "checkpoint.pt", weights_only=True))
    assert (other.step, other.examples) == (3, 24)
    losses = [t.update(make_batch(9), torch.Generator().manual_seed(9), 0.2) for t in (one, other)]
    assert losses[0] == losses[1]
    for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_validation_is_the_mean_over_tokens_whatever_the_order(trained: Trained) -> None:
    corpus = load_corpus(trained.run, trained.out / "encoder" / "space.safetensors")
    trainer = Trainer(Shape(315, d_model=64, num_heads=1, num_layers=1, d_ff=32), 1e-3, 1, "cpu")
    rows = np.arange(len(corpus.text))
    forward, backward = trainer.validate(corpus, rows), trainer.validate(corpus, rows[::-1])
    assert forward == pytest.approx(backward, abs=1e-2)
    with torch.no_grad():
        whole = float(trainer.loss(corpus.batch(rows)))
    assert forward == pytest.approx(whole, abs=2e-2)


def test_the_corpus_holds_the_examples_that_are_encoded(trained: Trained) -> None:
    corpus = load_corpus(trained.run, trained.out / "encoder" / "space.safetensors")
    examples = load_examples(trained.run / "examples.jsonl")
    spm = sentencepiece.SentencePieceProcessor(model_file=str(trained.run / "spm.model"))
    assert len(corpus.text) == len(examples)
    vectors = trained.codec.encode([example.source for example in examples[:5]])
    for i, example in enumerate(examples[:5]):
        ids = corpus.ids[corpus.offsets[i] : corpus.offsets[i + 1]].tolist()
        assert ids[-1] == 1
        assert spm.decode(ids[:-1]) == example.target
        assert corpus.vectors[corpus.text[i]].astype(np.float32) @ vectors[i] > 0.999


def test_batches_never_end() -> None:
    class Endless:
        def epoch(self, rows: np.ndarray, tokens: int, generator: np.random.Generator) -> list[int]:
            return [tokens]

    corpus: Any = Endless()
    endless: Any = batches(corpus, np.arange(1), 7, 0)
    assert [next(endless) for _ in range(3)] == [7, 7, 7]


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
