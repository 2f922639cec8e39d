"""The encoder's upper layers, its space and the decoder as one model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from demos.training.model import SentenceDecoder, Shape
from demos.training.pair_model import PairModel, embedding_start
from demos.training.states import States, load_states
from tests.training.tiny import WIDTH, make_encoder, make_placed_encoder


def test_untrained_vectors_are_the_encoders_own(joint_run: Path, model: PairModel) -> None:
    written = load_states(joint_run)
    rows = np.arange(len(written.texts))[::-1].copy()
    with torch.no_grad():
        found = model.encode(written, rows).numpy()
    expected = make_placed_encoder().encode([written.texts[row] for row in rows])
    assert (found * expected).sum(1).min() > 0.999


def test_a_loss_reaches_the_encoder(joint_run: Path) -> None:
    encoder = make_placed_encoder()
    model = PairModel(encoder, 1, SentenceDecoder(Shape(315, WIDTH, 32, 64, 1, 2)))
    written: States = load_states(joint_run)
    vectors = model.encode(written, np.arange(4))
    model.decoder.loss(vectors, torch.zeros(4, 3).long(), torch.full((4, 3), 5)).backward()
    for parameter in (model.mean, model.matrix, *model.upper.parameters()):
        assert parameter.grad is not None
        assert parameter.grad.abs().max() > 0


def test_embeddings_start_from_the_encoders_own_rows() -> None:
    encoder = make_encoder()
    table = encoder.model.get_input_embeddings().weight  # type: ignore[operator]
    start = embedding_start(encoder, ["<pad>", "▁a", "b"])
    raw = torch.stack([table[[ord(c) + 3 for c in piece]].mean(0) for piece in ("<pad>", " a", "b")])
    centred = raw - raw.mean(0)
    torch.testing.assert_close(start, centred / centred.pow(2).mean().sqrt())
    assert float(start.pow(2).mean()) == pytest.approx(1.0, abs=1e-5)
