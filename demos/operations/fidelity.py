"""What a fidelity means to somebody who has never seen one: three ranges.

The thresholds are the bundled pair's and belong to its encoder: `demos.training.calibrate` says how many of
the answers in each range are right. Half of those of 0.85 and above are, one in five of those from 0.75,
none below.
"""

from __future__ import annotations

from typing import Literal

Grade = Literal["close", "near", "far"]
CLOSE, NEAR = 0.85, 0.75


def grade(fidelity: float) -> Grade:
    """The range of a fidelity (-1 to 1)."""
    if fidelity >= CLOSE:
        return "close"
    return "near" if fidelity >= NEAR else "far"
