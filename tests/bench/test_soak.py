"""What the soak's numbers are held to."""

from __future__ import annotations

import random
from typing import Any

import pytest

from demos.bench.__main__ import running_app, show, wait_until_calm
from demos.bench.soak import bench_slider, patience, verdict

Rows = list[dict[str, Any]]


def sliders(one: float = 1.9, three: float = 2.9, still: int = 3) -> Rows:
    return [
        {"slider": "one", "times": one, "at work": 1, "still at work": 1},
        {"slider": "three", "times": three, "at work": 3, "still at work": still},
    ]


def minutes(*memory: float, disk: float = 150.0) -> Rows:
    return [{"memory MB": one, "disk MB": disk} for one in memory]


RISING_THEN_FLAT = (700.0, 800.0, 900.0, 950.0, 955.0, 950.0, 960.0, 955.0)


@pytest.mark.parametrize(
    ("slider_rows", "minute_rows", "broken"),
    [
        (sliders(), minutes(*RISING_THEN_FLAT), []),
        (sliders(), minutes(1090, 1095, 1100, 1100), []),
        (sliders(), minutes(1090, 1101, 1090, 1090), ["memory 1101 MB, at most 1100"]),
        (sliders(), minutes(900, 900, 900, 900, disk=201), ["disk 201 MB, at most 200"]),
        (
            sliders(),
            minutes(*range(800, 1040, 30)),
            ["memory grows by 6.4% in the second half, at most 3%"],
        ),
        (sliders(), minutes(900, 900, 900), ["memory in the second half: four minutes or more would tell"]),
        (
            sliders(one=2.0, three=3.0),
            minutes(*RISING_THEN_FLAT),
            [
                "slider beside one: 2.0 times its own, under 2",
                "slider beside three: 3.0 times its own, under 3",
            ],
        ),
        (
            sliders(still=2),
            minutes(*RISING_THEN_FLAT),
            ["slider beside three: 2.9 times its own, under 3; but the work was over"],
        ),
    ],
)
def test_the_verdict(slider_rows: Rows, minute_rows: Rows, broken: list[str]) -> None:
    bars = verdict(slider_rows, minute_rows)
    assert [bar for bar, held in bars.items() if not held] == broken
    assert len(bars) == 5


@pytest.mark.slow
def test_heavy_work_of_others_does_not_keep_a_slider_waiting() -> None:
    """On an otherwise idle machine."""
    with running_app() as (url, pid, _):
        wait_until_calm(pid)
        sliders = bench_slider(url, random.Random(0))
    show("A slider beside heavy work", sliders)
    assert [bar for bar, held in patience(sliders).items() if not held] == []
