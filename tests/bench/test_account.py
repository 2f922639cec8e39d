"""The account of a request adds up, and leaves out what came before it was warm."""

from __future__ import annotations

import httpx
import pytest

from demos.bench import account

STEPS = {"queue_wait": 2.0, "total": 30.0, "preprocess": 1.0, "fn_call": 24.0, "postprocess": 2.0}


def test_the_parts_of_a_request_are_the_whole() -> None:
    whole, *parts = account.rows_of(40.0, STEPS | {"streaming_diff": 0.5})
    assert (whole["ms"], whole["%"]) == (40, 100)
    assert sum(float(row["ms"]) for row in parts) == pytest.approx(40)
    assert sum(float(row["%"]) for row in parts) == pytest.approx(100)
    assert all(float(row["ms"]) > 0 for row in parts)


def test_what_is_asked_to_warm_up_is_not_counted() -> None:
    told: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("clear"):
            told.clear()
            return httpx.Response(200)
        traces = [{f"{name}_ms": ms * share for name, ms in STEPS.items()} for share in told]
        return httpx.Response(200, json=[trace | {"streaming_diff_ms": 0.0} for trace in traces])

    with httpx.Client(base_url="http://app/", transport=httpx.MockTransport(answer)) as web:
        rows = account.asked(web, told.append, [100.0] * account.WARM + [1.0, 3.0])
    found = {str(row["part"]): row["ms"] for row in rows}
    assert found["Gradio's queue"] == pytest.approx(2 * STEPS["queue_wait"])
    assert found["the function, with its thread"] == pytest.approx(2 * STEPS["fn_call"])


def test_no_coefficient_is_asked_twice() -> None:
    assert len(set(account.shares(900))) == 900
