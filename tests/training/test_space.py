"""The map of the encoder's space: it shrinks what a language adds and keeps what the meaning is."""

from __future__ import annotations

import numpy as np
import torch
from safetensors.torch import load_file

from demos.codec.encoder import AffineMap, TextEncoder
from demos.training.data import Example
from demos.training.space import apply_space, fit_space, top1, translation_rows
from tests.training.tiny import Trained


def translations(count: int = 400, width: int = 16) -> tuple[np.ndarray, np.ndarray]:
    """Russian rows, and foreign ones moved by an offset and by large noise in four directions."""
    generator = np.random.default_rng(5)
    russian = generator.normal(size=(count, width)) + 3
    noise = generator.normal(size=(count, width)) * 0.05
    noise[:, :4] += generator.normal(size=(count, 4)) * 3
    foreign = russian + noise + 2

    def unit(rows: np.ndarray) -> np.ndarray:
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    return unit(foreign), unit(russian)


def test_translations_come_nearer_in_the_space() -> None:
    foreign, russian = translations()
    mean, matrix = fit_space(foreign[100:], russian[100:])
    before = top1(foreign[:100], russian[:100])
    after = top1(apply_space(foreign[:100], mean, matrix), apply_space(russian[:100], mean, matrix))
    assert after > before + 0.1


def test_the_map_is_float32_and_centres_russian() -> None:
    foreign, russian = translations()
    mean, matrix = fit_space(foreign, russian)
    assert mean.dtype == matrix.dtype == np.float32
    assert matrix.shape == (16, 16)
    np.testing.assert_allclose(mean, russian.mean(0), atol=1e-6)


def test_applied_in_training_and_by_the_encoder_it_is_the_same(encoder: TextEncoder) -> None:
    generator = np.random.default_rng(0)
    mean = generator.normal(size=64).astype(np.float32) * 0.1
    matrix = generator.normal(size=(64, 64)).astype(np.float32)
    texts = ["Раз.", "Два слова."]
    pooled = encoder.pool(encoder.token_ids(texts))
    placed = TextEncoder(
        encoder.model,
        encoder._tokenize,
        prefix=encoder.prefix,
        pooling="mean",
        space=AffineMap(torch.from_numpy(mean), torch.from_numpy(matrix)),
    )
    rows = apply_space(pooled, mean, matrix)
    np.testing.assert_allclose(placed.encode(texts), rows, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_rows_of_pairs_need_both_sides() -> None:
    examples = [
        Example("eng", "yes", "да", 1.0, "x"),
        Example("ru", "да", "да", 1.0, "x"),
        Example("eng", "no", "нет", 1.0, "x"),
        Example("eng", "maybe", "да", 1.0, "x"),
    ]
    foreign, russian = translation_rows(examples, {"yes": 0, "да": 1, "no": 2, "maybe": 3})
    assert foreign.tolist() == [0, 3]
    assert russian.tolist() == [1, 1]


def test_the_command_writes_what_the_encoder_reads(trained: Trained) -> None:
    path = trained.out / "encoder" / "space.safetensors"
    space = AffineMap(**load_file(path))
    assert space(torch.ones(2, 64)).shape == (2, 64)
