"""The mean of a run's weights and of those of the pair that it began with."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from demos.training import blend
from demos.training.export import export
from tests.training.tiny import call


def test_a_blend_lies_between_the_run_and_the_pair_it_began_with(joint_run: Path, tmp_path: Path) -> None:
    begun, later = tmp_path / "begun", tmp_path / "run"
    export(joint_run, begun, "compact")
    shutil.copytree(joint_run, later)
    trained = torch.load(joint_run / "checkpoint.pt", weights_only=True)
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
