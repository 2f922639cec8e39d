"""What the soak's numbers are held to."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from demos.bench.__main__ import running_app, show, wait_until_calm
from demos.bench.soak import Refused, answered, bench_slider, called, patience, verdict
from demos.codec import Busy
from demos.ui.i18n import error_text
from demos.ui.markup import error_line

Rows = list[dict[str, Any]]


def sliders(one: float = 1.9, three: float = 2.9, still: int = 3) -> Rows:
    return [
        {"slider": "one", "times": one, "at work": 1, "still at work": 1},
        {"slider": "three", "times": three, "at work": 3, "still at work": still},
    ]


def minutes(*memory: float, disk: Sequence[float] = ()) -> Rows:
    rows = zip(memory, disk or [150.0] * len(memory), strict=True)
    return [{"memory MB": one, "disk MB": other} for one, other in rows]


FLAT = (1090.0,) * 8
RISING_THEN_FLAT = (700.0, 800.0, 900.0, 950.0, 955.0, 950.0, 960.0, 955.0, 980.0)


@pytest.mark.parametrize(
    ("slider_rows", "minute_rows", "broken"),
    [
        (sliders(), minutes(*RISING_THEN_FLAT), []),
        (sliders(), minutes(*FLAT, 1100), []),
        (sliders(), minutes(*FLAT, 1101), ["memory 1101 MB, at most 1100"]),
        (sliders(), minutes(*FLAT, disk=[0, 50, 100, 150, 190, 194, 197, 200]), []),
        (sliders(), minutes(*FLAT, disk=[*[200] * 7, 201]), ["disk 201 MB, at most 200"]),
        (
            sliders(),
            minutes(*range(800, 1070, 30)),
            ["memory grows by 60 MB after 5 minutes, at most 33"],
        ),
        (
            sliders(),
            minutes(*FLAT, 1090, disk=range(40, 139, 11)),
            ["disk grows by 22 MB after 5 minutes, at most 20"],
        ),
        (
            sliders(),
            minutes(*[900] * 6),
            [
                "memory after 5 minutes: 7 minutes or more would tell",
                "disk after 5 minutes: 7 minutes or more would tell",
            ],
        ),
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
    bars = verdict(slider_rows, minute_rows, 0)
    assert [bar for bar, held in bars.items() if not held] == broken
    assert len(bars) == 7


def test_one_error_breaks_a_bar() -> None:
    bars = verdict(sliders(), minutes(*FLAT), 1)
    assert [bar for bar, held in bars.items() if not held] == ["1 errors, at most 0"]


@pytest.mark.parametrize(
    ("error", "raised"), [(Busy(9), Refused), (ValueError("no"), RuntimeError), (KeyError(1), RuntimeError)]
)
def test_only_that_the_app_is_busy_is_no_error(error: Exception, raised: type[Exception]) -> None:
    answer = ["<p>an answer</p>", None, {"interactive": False}]
    assert answered(answer) == answer
    assert called("event: complete\ndata: []") == "event: complete\ndata: []"
    message = error_line(error_text(error, "en"))
    for shown in (message, {"value": message}):
        with pytest.raises(raised):
            answered([*answer, shown])
    with pytest.raises(raised):
        called(f"event: error\ndata: {error}")


@pytest.mark.slow
def test_heavy_work_of_others_does_not_keep_a_slider_waiting() -> None:
    """On an otherwise idle machine."""
    with running_app() as (url, pid, _):
        wait_until_calm(pid)
        sliders = bench_slider(url, random.Random(0))
    show("A slider beside heavy work", sliders)
    assert [bar for bar, held in patience(sliders).items() if not held] == []
