"""What a run learns from, step by step."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from demos.training import curriculum
from demos.training.states import load_states
from tests.training.tiny import WIDTH


@pytest.mark.parametrize(("shortest", "least"), [(3, 3), (4, 4)])
def test_averages_are_of_sentences_that_are_long_enough(
    joint_run: Path, tmp_path: Path, shortest: int, least: int
) -> None:
    written = load_states(joint_run)
    for name in ("examples.jsonl", "recipe.json", "spm.model", "sums.jsonl"):
        shutil.copy(joint_run / name, tmp_path)
    asked: list[int] = []

    def encode(rows: np.ndarray) -> np.ndarray:
        asked.extend(rows.tolist())
        return np.eye(WIDTH)[: len(rows)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(curriculum, "VALIDATION", 3)
        curriculum.Curriculum(tmp_path, written.texts, 256, 2029, encode, 0, shortest=shortest)
    assert min(len(written.texts[row].split()) for row in asked) == least
