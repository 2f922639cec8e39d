"""How often answers of some fidelity are right."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from demos.codec import Candidate
from demos.training.calibrate import Answered, answered, read_pairs, shares


def test_right_answers_are_counted_by_their_fidelity() -> None:
    answers = [Answered("", "", 0.95, 80.0), Answered("", "", 0.91, 10.0), Answered("", "", 0.5, 70.0)]
    assert shares(answers, (-1.0, 0.9, 1.01)) == [(-1.0, 0.9, 1, 1), (0.9, 1.01, 2, 1)]


class Parrot:
    """A stand-in codec that answers everything with a greeting."""

    def encode(self, texts: list[str]) -> np.ndarray:
        return np.ones((len(texts), 1))

    def candidates(self, vectors: np.ndarray) -> list[list[Candidate]]:
        return [[Candidate("Привет!", 0.0, 0.8, np.ones(1))] for _ in vectors]


def test_an_answer_is_compared_with_the_translation() -> None:
    right, wrong = answered(Parrot(), [("Hi!", "Привет!"), ("Bye!", "Пока!")])  # type: ignore[arg-type]
    assert (right.answer, right.fidelity, round(right.chrf)) == ("Привет!", 0.8, 100)
    assert wrong.chrf < 30


def test_the_sample_is_even(tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"eng\tone {i}\tодин {i}\n" for i in range(10)), encoding="utf-8")
    assert read_pairs(path, 2) == [("one 0", "один 0"), ("one 5", "один 5")]
    assert len(read_pairs(path, 99)) == 10
