"""The approximation of a sentence's vector: a bag of words tells like sentences from unlike ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from demos.codec.manifest import check_manifest, write_manifest
from demos.codec.pairs import load_compact_encoder
from demos.training import bag
from tests.training.tiny import Trained, call, make_encoder


def test_the_regression_finds_a_linear_map() -> None:
    random = np.random.default_rng(0)
    words, matrix, offset = random.normal(size=(500, 8)), random.normal(size=(8, 8)), random.normal(size=8)
    found, shift = bag.fit_bag_of_words(words, words @ matrix + offset, ridge=1e-6)
    assert np.allclose(found, matrix, atol=1e-3)
    assert np.allclose(shift, offset, atol=1e-3)


def test_the_bundled_approximation_is_nearer_to_its_own_sentence() -> None:
    encoder = load_compact_encoder()
    texts = [
        "Кошка спит на диване.",
        "Поезд опять опаздывает.",
        "Сколько стоит этот билет?",
        "Мне очень понравился ваш суп.",
        "В горах ещё лежит снег.",
    ]
    cosines = encoder.approximate(encoder.token_ids(texts)) @ encoder.encode(texts).T
    assert (cosines.argmax(1) == np.arange(len(texts))).all()
    assert cosines.diagonal().mean() > 0.4


def test_the_bundled_encoder_counts_every_token_of_a_text() -> None:
    encoder = load_compact_encoder()
    king, said, nothing = encoder.token_ids(["король", "король сказал", ""])
    words = encoder.mean_embeddings([king, said, king[:4] + king[-1:]])
    table = encoder.model.get_input_embeddings()  # type: ignore[operator]
    assert king[:4] == said[:4] == nothing[:4]
    for row, mean in zip((king, said), words, strict=False):
        assert np.allclose(mean, table(torch.tensor(row[4:-1])).mean(0), atol=1e-6)
    assert not words[2].any()
    assert not encoder.mean_embeddings([king[:4] + king[-1:]]).any()
    assert np.isfinite(encoder.approximate([king, nothing])).all()


def test_the_words_of_a_text_are_its_own_alone() -> None:
    encoder = make_encoder()
    one, two, none = encoder.token_ids(["aab", "b", ""])
    words = encoder.mean_embeddings([one, two, none])
    table = encoder.model.get_input_embeddings().weight  # type: ignore[operator]
    a, b = table[ord("a") + 3], table[ord("b") + 3]
    assert np.allclose(words[0], (2 * a + b) / 3, atol=1e-6)
    assert np.allclose(words[1], b, atol=1e-6)
    assert not words[2].any()


def test_the_command_writes_what_the_encoder_loads(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bag, "HELD_OUT", 2)
    monkeypatch.setattr(bag, "load_encoder", lambda name: make_encoder())
    out = tmp_path / "encoder"
    out.mkdir()
    (out / "weights").write_text("stand-in")
    write_manifest(tmp_path)
    call(bag.main, "--run", trained.run, "--out", out)
    assert check_manifest(tmp_path, "encoder") == {"weights", "bag.safetensors"}
    stored = load_file(out / "bag.safetensors")
    assert stored["matrix"].shape == (64, 64)
    assert stored["offset"].shape == (64,)
    assert "mean cosine of 2 others" in capsys.readouterr().out
