"""The pipeline of training, run once for all tests that look at what it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from demos.codec import Decoding, Pair, pairs
from demos.codec.encoder import TextEncoder
from demos.codec.load import build_codec
from demos.training import curriculum, export, mixtures, prepare, space, states, train, vectors
from demos.training.pair_model import PairModel, open_model
from tests.training.tiny import (
    SUMS,
    WIDTH,
    Trained,
    call,
    make_encoder,
    make_placed_encoder,
    placed_encoder,
    write_data,
)


@pytest.fixture(scope="session")
def encoder() -> TextEncoder:
    return make_encoder()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Every command of the pipeline, in order, training in two goes."""
    root = tmp_path_factory.mktemp("trained")
    data, run, out = root / "data", root / "run", root / "model"
    recipe = write_data(data)
    (out / "encoder").mkdir(parents=True)
    (out / "encoder" / "weights").write_text("stand-in")
    pair = Pair(
        name="tiny",
        title="Tiny",
        encoder="random",
        decoder="trained in a test",
        dim=WIDTH,
        languages=("ru", "en"),
        size=0,
        licence="MIT",
        decoding=Decoding(num_beams=2, repetition_penalty=1.0, max_length=24),
        load_encoder=lambda: placed_encoder(out / "encoder" / "space.safetensors"),
        decoder_folder=lambda: out / "decoder",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "load_encoder", lambda name: make_encoder())
        patch.setitem(pairs.PAIRS, "tiny", pair)
        patch.setattr(space, "HELD_OUT", 2)
        patch.setattr(curriculum, "VALIDATION", 3)
        call(prepare.main, "--recipe", recipe, "--data", data, "--run", run)
        call(vectors.main, "--run", run)
        call(space.main, "--run", run, "--out", out / "encoder")
        call(vectors.main, "--run", run, "--sums")
        patch.setattr(pairs, "load_encoder", lambda name: pair.load_encoder())
        train_more = (
            *("--run", run, "--new", "--frozen", "--upper", 1, "--layers", 1, "--d-ff", 64),
            *("--batch-tokens", 512, "--warmup", 2, "--rate", 1e-2, "--translations", 0, "--device", "cpu"),
        )
        call(train.main, *train_more, "--steps", 20)
        first = torch.load(run / "checkpoint.pt", weights_only=True)
        call(train.main, *train_more, "--steps", 160)
        call(export.main, "--run", run, "--out", out, "--pair", "tiny")
    codec = build_codec(pair, "cpu")
    return Trained(data, run, out, pair, codec, first["seconds"], first["step"])


@pytest.fixture(scope="session")
def joint_run(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
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
