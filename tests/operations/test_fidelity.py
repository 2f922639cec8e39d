"""The three ranges of fidelity."""

from __future__ import annotations

from demos.operations.fidelity import CLOSE, NEAR, grade


def test_ranges_begin_where_they_are_said_to() -> None:
    assert [grade(value) for value in (1.0, CLOSE, CLOSE - 0.01, NEAR, NEAR - 0.01, -1.0)] == [
        "close",
        "close",
        "near",
        "near",
        "far",
        "far",
    ]
    assert NEAR < CLOSE
