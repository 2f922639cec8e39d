"""What the encoder and the decoder learn together: one step of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from demos.training import curriculum, mixtures
from demos.training.data import load_examples
from demos.training.joint import Joint, alignment
from demos.training.pair_model import PairModel
from demos.training.states import load_states
from tests.training.tiny import WIDTH


def test_a_step_draws_translations_together(joint_run: Path, model: PairModel) -> None:
    written = load_states(joint_run)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixtures, "STYLES", 3)
        patch.setattr(curriculum, "VALIDATION", 3)
        steps = curriculum.Curriculum(
            joint_run, written.texts, 256, 2029, lambda rows: np.eye(WIDTH)[: len(rows)], 16
        )
        step = next(iter(steps))
    names = [[written.texts[row] for row in pair] for pair in step.texts[step.same].tolist()]
    cats = "The cat.", "Die Katze.", "Le chat."
    written_down = {(one, other) for one in cats for other in cats}
    examples = load_examples(joint_run / "examples.jsonl")
    both_sides = {(one.source, one.target) for one in examples if one.source != one.target}
    assert {tuple(pair) for pair in names} <= both_sides | written_down
    assert both_sides.intersection(map(tuple, names))
    loss, count, parts = Joint(model, written, steps).loss(step)
    assert count == len(step.targets) + len(step.aims)
    lengths = (step.targets != 0).sum(), (step.aims != 0).sum()
    decoded = (parts["train"] * lengths[0] + parts["sums"] * lengths[1]) / sum(lengths)
    vectors = model.encode(written, step.texts.numpy()).detach()
    apart = alignment(*vectors[step.same].unbind(1))
    torch.testing.assert_close(loss.detach(), decoded + apart)


def test_alignment_is_least_where_each_text_lies_at_its_translation() -> None:
    targets = torch.nn.functional.normalize(torch.randn(6, 16, generator=torch.Generator().manual_seed(1)))
    right, wrong = alignment(targets, targets), alignment(targets.roll(1, 0), targets)
    assert right < 0.01 < 1 < wrong
    twice = torch.cat([targets, targets])  # one Russian sentence of two languages is no distractor of itself
    assert alignment(twice, twice) < 0.01
    moved = targets.clone().requires_grad_()
    alignment(targets, moved).requires_grad_().backward()
    assert moved.grad is None or not moved.grad.any()
