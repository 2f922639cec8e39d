"""Joint training: the hidden states under it, one step of it, and the encoder that comes out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from demos.codec.adapter import load_adapted
from demos.codec.decoder import load_checkpoint
from demos.codec.encoder import AffineMap, TextEncoder
from demos.codec.manifest import check_manifest
from demos.training import blend, curriculum, mixtures, prepare, states, train, vectors
from demos.training.curve import read_log
from demos.training.data import load_examples
from demos.training.export import export, write_encoder
from demos.training.model import SentenceDecoder, Shape
from demos.training.states import States, load_placed, load_states, load_tokens
from demos.training.sums import TrainingSum
from demos.training.train import PairModel, Trainer, open_model
from demos.training.vectors import all_texts
from tests.training.tiny import RUSSIAN, WIDTH, Trained, call, make_placed_encoder

SUMS = [
    TrainingSum("replacement", ["Кошка спит на диване.", "Кошка", "Собака", "Собака спит на диване."]),
    *(TrainingSum("number", [one, one + "ы"]) for one in ("диван", "суп")),
    *(TrainingSum("gender", [one, one + "ка"]) for one in ("сосед", "студент")),
    *(TrainingSum("opposite", ["не" + one, one]) for one in ("новый", "вкусный")),
    *(TrainingSum("capital", list(pair)) for pair in (("Франция", "Париж"), ("Италия", "Рим"))),
    *(TrainingSum("ty_vy", [f"Ты {verb}шь.", f"Вы {verb}те."]) for verb in ("идё", "ждё", "поё", "берё")),
    *(TrainingSum("translation", [text, "Le chat."]) for text in ("The cat.", "Die Katze.")),
]


@pytest.fixture(scope="module")
def run(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A joint run on the dozen sentences, in two goes."""
    run = tmp_path_factory.mktemp("joint") / "run"
    recipe, words = trained.data / "recipe.json", trained.run / "spm.model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("demos.codec.pairs.load_encoder", lambda name: make_placed_encoder())
        patch.setattr(states, "CHUNK", 16)
        patch.setattr(mixtures, "STYLES", 3)
        patch.setattr(curriculum, "VALIDATION", 3)
        call(prepare.main, "--recipe", recipe, "--data", trained.data, "--run", run, "--vocabulary", words)
        lines = (json.dumps(item, ensure_ascii=False) + "\n" for item in SUMS)
        (run / "sums.jsonl").write_text("".join(lines), encoding="utf-8")
        call(states.main, "--run", run, "--upper", 2)
        options = ("--run", run, "--start", trained.out, "--batch-tokens", 256, "--warmup", 2)
        call(train.main, *options, "--steps", 5)
        call(train.main, *options, "--steps", 60)
    return run


@pytest.fixture
def model(trained: Trained) -> PairModel:
    return open_model(make_placed_encoder(), trained.out, 2)


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


def test_the_states_are_those_of_the_lower_layers_in_any_order(run: Path) -> None:
    written = load_states(run)
    assert written.texts == all_texts(run)
    assert {"Собака спит на диване.", *RUSSIAN} < set(written.texts)
    rows = np.array([5, 0, 17])
    found, mask = written.batch(rows)
    encoder = make_placed_encoder(3)
    states.split_encoder(encoder.model, 2)
    for i, row in enumerate(rows):
        ids = torch.tensor(encoder.token_ids([written.texts[row]]))
        assert mask[i].sum() == ids.shape[1]
        expected = encoder.model(input_ids=ids).last_hidden_state[0]
        own = found[int(mask[:i].sum()) :][: ids.shape[1]]
        torch.testing.assert_close(own.float(), expected, atol=0.05, rtol=0.02)


def test_states_that_were_interrupted_are_taken_up(run: Path, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "sums.jsonl", "states.bin", "lengths.npy"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
    note = json.loads((run / "states.json").read_text())
    note["texts"] = 16
    (tmp_path / "states.json").write_text(json.dumps(note))
    kept = np.memmap(tmp_path / "states.bin", np.float16, "r+")
    whole = np.array(kept)
    kept[int(np.load(run / "lengths.npy")[:16].sum()) * WIDTH :] = 0
    kept.flush()
    states.write_states(tmp_path, make_placed_encoder(), 2)
    # Other texts share a batch now, which moves the last bits.
    np.testing.assert_allclose(np.memmap(tmp_path / "states.bin", np.float16, "r"), whole, atol=0.05)
    early = slice(0, int(np.load(run / "lengths.npy")[:16].sum()) * WIDTH)
    np.testing.assert_array_equal(np.memmap(tmp_path / "states.bin", np.float16, "r")[early], whole[early])


def test_untrained_vectors_are_the_encoders_own(run: Path, model: PairModel) -> None:
    written = load_states(run)
    rows = np.arange(len(written.texts))[::-1].copy()
    with torch.no_grad():
        found = model.encode(written, rows).numpy()
    expected = make_placed_encoder().encode([written.texts[row] for row in rows])
    assert (found * expected).sum(1).min() > 0.999


def test_states_that_are_not_written_are_computed(run: Path, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "sums.jsonl"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
    encoder = make_placed_encoder()
    states.split_encoder(encoder.model, 2)
    written, tokens = load_states(run), load_tokens(tmp_path, encoder)
    assert tokens.texts == written.texts
    rows = np.array([7, 3, 3, 11])
    found, mask = tokens.batch(rows)
    expected, same = written.batch(rows)
    assert torch.equal(mask, same)
    torch.testing.assert_close(found, expected.float(), atol=0.05, rtol=0.02)
    assert np.array_equal(load_tokens(tmp_path, encoder).ids, tokens.ids)  # the second time from the file


def test_a_run_can_do_without_written_states(run: Path, trained: Trained, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "sums.jsonl", "recipe.json", "spm.model"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
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


def test_the_decoder_can_learn_alone(run: Path, trained: Trained, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "sums.jsonl", "recipe.json", "spm.model"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
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


def test_an_adapter_can_learn_beside_the_decoder(run: Path, trained: Trained, tmp_path: Path) -> None:
    for name in ("examples.jsonl", "recipe.json", "spm.model", "sources.json"):
        (tmp_path / name).write_bytes((run / name).read_bytes())
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


def test_a_step_draws_translations_together(run: Path, model: PairModel) -> None:
    written = load_states(run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixtures, "STYLES", 3)
        patch.setattr(curriculum, "VALIDATION", 3)
        steps = curriculum.Curriculum(
            run, written.texts, 256, 2029, lambda rows: np.eye(WIDTH)[: len(rows)], 16
        )
        step = next(iter(steps))
    names = [[written.texts[row] for row in pair] for pair in step.texts[step.same].tolist()]
    cats = "The cat.", "Die Katze.", "Le chat."
    written_down = {(one, other) for one in cats for other in cats}
    both_sides = {(e.source, e.target) for e in load_examples(run / "examples.jsonl") if e.source != e.target}
    assert {tuple(pair) for pair in names} <= both_sides | written_down
    assert both_sides.intersection(map(tuple, names))
    noise = torch.Generator().manual_seed(0)
    loss, plain, summed = train.losses(model, written, step, noise)
    lengths = (step.targets != 0).sum(), (step.aims != 0).sum()
    decoded = (plain * lengths[0] + summed * lengths[1]) / sum(lengths)
    vectors = model.encode(written, step.texts.numpy()).detach()
    apart = train.alignment(*vectors[step.same].unbind(1))
    torch.testing.assert_close(loss.detach(), decoded + apart)


def test_alignment_is_least_where_each_text_lies_at_its_translation() -> None:
    targets = torch.nn.functional.normalize(torch.randn(6, 16, generator=torch.Generator().manual_seed(1)))
    right, wrong = train.alignment(targets, targets), train.alignment(targets.roll(1, 0), targets)
    assert right < 0.01 < 1 < wrong
    twice = torch.cat([targets, targets])  # one Russian sentence of two languages is no distractor of itself
    assert train.alignment(twice, twice) < 0.01
    moved = targets.clone().requires_grad_()
    train.alignment(targets, moved).requires_grad_().backward()
    assert moved.grad is None or not moved.grad.any()


@pytest.mark.parametrize(("shortest", "least"), [(3, 3), (4, 4)])
def test_averages_are_of_sentences_that_are_long_enough(
    run: Path, tmp_path: Path, shortest: int, least: int
) -> None:
    written = load_states(run)
    for name in ("examples.jsonl", "recipe.json", "spm.model", "sums.jsonl"):
        shutil.copy(run / name, tmp_path)
    asked: list[int] = []

    def encode(rows: np.ndarray) -> np.ndarray:
        asked.extend(rows.tolist())
        return np.eye(WIDTH)[: len(rows)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curriculum, "VALIDATION", 3)
        curriculum.Curriculum(tmp_path, written.texts, 256, 2029, encode, 0, shortest=shortest)
    assert min(len(written.texts[row].split()) for row in asked) == least


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


def test_training_goes_on_and_learns(run: Path) -> None:
    log = read_log(run / "loss.csv")
    assert log[0]["step"] < 5 < 60 == log[-1]["step"]
    assert log[-1]["validation"] < log[0]["validation"]
    assert [row["step"] for row in log] == sorted({row["step"] for row in log})
    checkpoint = torch.load(run / "checkpoint.pt", weights_only=True)
    assert checkpoint["step"] == log[-1]["step"]
    assert checkpoint["examples"] == log[-1]["examples"]


def test_the_encoder_is_trained_too(run: Path, tmp_path: Path) -> None:
    before, after = make_placed_encoder().encode(RUSSIAN), exported(run, tmp_path).encode(RUSSIAN)
    assert (before * after).sum(1).max() < 0.999


def test_the_exported_encoder_gives_the_vectors_that_training_saw(
    run: Path, tmp_path: Path, model: PairModel
) -> None:
    checkpoint = torch.load(run / "checkpoint.pt", weights_only=True)
    decoder = {f"decoder.{name}": tensor for name, tensor in checkpoint["model"].items()}
    model.load_state_dict(checkpoint["encoder"] | decoder)
    written = load_states(run)
    with torch.no_grad():
        seen = model.encode(written, np.arange(len(written.texts))).numpy()
    found = exported(run, tmp_path).encode(written.texts)
    assert (found * seen).sum(1).min() > 0.999


def test_layers_that_only_an_earlier_run_trained_are_kept(tmp_path: Path) -> None:
    weights = [torch.full((2, 2), float(i)) for i in range(4)]
    space = {"mean": torch.zeros(2), "matrix": torch.eye(2)}
    first, then = tmp_path / "first", tmp_path / "then"
    write_encoder({f"upper.{i}.w": weight for i, weight in enumerate(weights[:3])} | space, 1, first)
    for folder in (then, first):  # the same folder may be written over
        write_encoder({"upper.0.w": weights[3]} | space, 3, folder, first)
        found = load_file(folder / "upper.safetensors")
        assert {name: tensor[0, 0].item() for name, tensor in found.items()} == {
            "encoder.layer.1.w": 0,
            "encoder.layer.2.w": 1,
            "encoder.layer.3.w": 3,
        }


def test_a_blend_lies_between_the_run_and_the_pair_it_began_with(run: Path, tmp_path: Path) -> None:
    begun, later = tmp_path / "begun", tmp_path / "run"
    export(run, begun, "compact")
    shutil.copytree(run, later)
    trained = torch.load(run / "checkpoint.pt", weights_only=True)
    moved = {part: {name: t + 1 for name, t in trained[part].items()} for part in ("model", "encoder")}
    torch.save(trained | moved, later / "checkpoint.pt")
    for share in (0.25, 0.75):  # the second time from what was trained, not from the first blend
        shares = ("--share", share, "--decoder-share", 1 - share) if share == 0.75 else ("--share", share)
        call(blend.main, "--run", later, "--start", begun, *shares)
        found = torch.load(later / "checkpoint.pt", weights_only=True)
        assert found["shares"] == {"encoder": share, "model": 0.25}
        for part in ("model", "encoder"):
            for name, tensor in trained[part].items():
                aim = tensor + found["shares"][part]
                torch.testing.assert_close(found[part][name], aim, rtol=0, atol=2e-2)
    export(later, tmp_path / "out", "compact")
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "is a mean: 0.75 of its encoder and 0.25 of its decoder" in card


def test_a_loss_reaches_the_encoder(run: Path) -> None:
    encoder = make_placed_encoder()
    model = PairModel(encoder, 1, SentenceDecoder(Shape(315, WIDTH, 32, 64, 1, 2)))
    written: States = load_states(run)
    vectors = model.encode(written, np.arange(4))
    model.decoder.loss(vectors, torch.zeros(4, 3).long(), torch.full((4, 3), 5)).backward()
    for parameter in (model.mean, model.matrix, *model.upper.parameters()):
        assert parameter.grad is not None
        assert parameter.grad.abs().max() > 0
