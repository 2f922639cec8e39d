"""The clock, the log and the checkpoints of a training run."""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

COLUMNS = ("seconds", "step", "examples", "rate", "train", "validation")
EVERY = 300.0  # seconds between two lines of the log, at most


class Runner(Protocol):
    """What is trained: it knows its place in the budget."""

    seconds: float
    step: int
    examples: int
    current_rate: float

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds."""


@dataclass(frozen=True)
class Budget:
    """How long to train: hours, or a number of steps where that is given."""

    hours: float = 0.0
    steps: int | None = None


class Progress:
    """Counts the seconds and steps of a run from where they stood, and writes what it reaches.

    Args:
        run: the folder for ``loss.csv`` and ``checkpoint.pt``.
        budget: how long to train, earlier sessions of the run counted in.
    """

    def __init__(self, run: Path, budget: Budget, trainer: Runner) -> None:
        self.run, self.trainer, self.budget = run, trainer, budget
        self._begun = time.monotonic() - trainer.seconds
        self._shown = self.share, trainer.seconds
        self._log = run / "loss.csv"
        if not self._log.exists():
            self._log.write_text(",".join(COLUMNS) + "\n")

    @property
    def share(self) -> float:
        """How much of the budget is used, 0 to 1."""
        used = self.trainer.seconds / 3600 if self.budget.steps is None else self.trainer.step
        return used / (self.budget.steps or self.budget.hours)

    @property
    def finished(self) -> bool:
        """Whether the budget is used up."""
        return self.share >= 1

    def due(self) -> bool:
        """Read the clock; whether it is time for `note`, as every few minutes and at the end."""
        self.trainer.seconds = time.monotonic() - self._begun
        share, seconds = self._shown
        return self.finished or self.trainer.seconds - seconds >= EVERY or self.share - share >= 1 / 12

    def note(self, figures: dict[str, float]) -> None:
        """Add a line with "train" and "validation" to the log, print all figures, and save the trainer's
        state."""
        trainer = self.trainer
        losses = [f"{figures[name]:.4f}" for name in COLUMNS[4:]]
        rate = f"{trainer.current_rate:.2e}"
        row = (round(trainer.seconds), trainer.step, trainer.examples, rate, *losses)
        with self._log.open("a", newline="") as out:
            csv.writer(out).writerow(row)
        said = [f"{name} {value}" for name, value in zip(COLUMNS, row, strict=True)]
        said += [f"{name} {value:.4f}" for name, value in figures.items() if name not in COLUMNS]
        print(f"{' '.join(said)}, {1 - self.share:.0%} left", flush=True)
        save(trainer.state(), self.run / "checkpoint.pt")
        self._shown = self.share, trainer.seconds


def save(state: dict[str, Any], path: Path) -> None:
    """Write a checkpoint; an interrupted write leaves the one before."""
    partial = path.with_suffix(".part")
    torch.save(state, partial)
    partial.replace(path)
