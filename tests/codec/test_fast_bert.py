"""BERT without padding gives what the module gives, and each text the same alone as among others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from demos.bench.standins import SMALL, write_labse
from demos.codec import Codec, linear
from demos.codec.encoder import TextEncoder
from demos.codec.gguf_bert import Bert
from demos.codec.hub import load_labse_folder
from demos.codec.linear import Precision, has_bfloat16
from demos.codec.load import load_models
from demos.codec.pairs import PAIRS, load_compact_encoder

TEXTS = [
    "Да.",
    "Сегодня очень холодно, оденься теплее.",
    "The train is late again.",
    "Ми живемо в маленькому місті біля моря.",
    "Где ближайшая аптека?",
    "今日はとても暑いです",
    "слово " * 90,
    "Где ближайшая библиотека?",
]
PRECISIONS: list[Precision] = ["float32", "bfloat16"] if has_bfloat16() else ["float32"]


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return load_compact_encoder().encode(TEXTS)


@pytest.fixture(scope="module", params=PRECISIONS)
def packed(request: pytest.FixtureRequest) -> TextEncoder:
    encoder = load_compact_encoder()
    encoder.pack(request.param)
    return encoder


def test_vectors_are_those_of_the_module(packed: TextEncoder, plain: np.ndarray) -> None:
    assert packed.packed is not None
    near = 1e-6 if packed.packed.precision == "float32" else 1e-3
    np.testing.assert_allclose(packed.encode(TEXTS), plain, atol=near)
    assert (packed.encode(TEXTS) * plain).sum(1).min() > 1 - 1e-4


def test_a_text_has_the_same_vector_alone_and_among_others(packed: TextEncoder) -> None:
    together = packed.encode(TEXTS * 3)
    np.testing.assert_array_equal(together[: len(TEXTS)], together[-len(TEXTS) :])
    for text, vector in zip(TEXTS, together, strict=False):
        np.testing.assert_array_equal(packed.encode([text])[0], vector)


def test_the_pooler_of_a_hub_model_is_read(tmp_path: Path) -> None:
    folder = write_labse(tmp_path, SMALL)
    ours, theirs = load_labse_folder(folder), load_labse_folder(folder)
    ours.pack()
    np.testing.assert_allclose(ours.encode(TEXTS[:5]), theirs.encode(TEXTS[:5]), atol=2e-6)


def test_there_are_never_two_copies_of_a_matrix() -> None:
    encoder = load_compact_encoder()
    model = encoder.model
    assert isinstance(model, Bert)
    encoder.pack()
    assert all(layer.weight is None for layer in model.modules() if isinstance(layer, nn.Linear))
    assert encoder.device == torch.device("cpu")


def test_the_bundled_codec_encodes_in_what_this_machine_has(codec: Codec) -> None:
    packed = codec._encoder.packed
    assert packed is not None
    assert packed.precision in PRECISIONS


@pytest.mark.parametrize("chosen", PRECISIONS)
def test_the_kernel_that_is_faster_is_taken(monkeypatch: pytest.MonkeyPatch, chosen: Precision) -> None:
    def times(
        made: dict[Precision, list[object]],
        weights: list[torch.Tensor],
        counts: tuple[int, ...],
        budget: float,
    ) -> dict[tuple[Precision, int], float]:
        assert sorted(tuple(one.shape) for one in weights) == [
            (384, 384),
            (384, 1536),
            (1152, 384),
            (1536, 384),
        ]
        return {(one, count): 1.0 if one == chosen else 2.0 for one in made for count in counts}

    monkeypatch.setattr(linear, "_least_times", times)
    assert load_compact_encoder().fastest_precision(PAIRS["compact"].encoder_precisions) == chosen


def test_a_precision_can_be_forced_on_the_encoder_too() -> None:
    for precision in PRECISIONS:
        packed = load_models(PAIRS["compact"], "cpu", precision)[0].packed
        assert packed is not None
        assert packed.precision == precision
