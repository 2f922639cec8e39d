"""Where the milliseconds of a quick answer over HTTP go.

    python -m demos.bench.account [--requests 60]

One user asks the endpoint /algebra, then moves a slider of the Algebra tab, over connections that stay open.
Gradio tells by its own profiling (GRADIO_PROFILING) how long its steps took; what the function does is timed
in this process with the same questions, nothing else running. Each line is a mean.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any

import httpx
import numpy as np

from demos.bench.__main__ import Measurement, running_app, show, wait_until_calm
from demos.bench.soak import Visitor
from demos.codec import load_codec

TEXTS = ["Завтра мы поедем на дачу.", "зима", "лето"]
WARM = 5  # requests that are not counted
# Gradio's names of its steps, and ours; "total" is all of a call but the queue.
STEPS = {
    "preprocess": "Gradio: preprocessing",
    "fn_call": "the function, with its thread",
    "postprocess": "Gradio: postprocessing",
    "streaming_diff": "Gradio: differences between parts",
}


def shares(count: int) -> list[float]:
    """Coefficients that were not asked for before, so that no answer is remembered."""
    return [place * 61 % 997 / 997 for place in range(1, count + 1)]


def rows_of(wall: float, steps: dict[str, float]) -> list[Measurement]:
    """The account of a request: `wall` is what the client waited, `steps` Gradio's by its names, all in
    milliseconds. The rows but the first add up to it."""
    known = sum(steps[name] for name in STEPS)
    parts = {"HTTP, JSON and SSE, both sides": wall - steps["queue_wait"] - steps["total"]}
    parts["Gradio's queue"] = steps["queue_wait"]
    parts |= {said: steps[name] for name, said in STEPS.items()}
    parts["Gradio: the rest of a call"] = steps["total"] - known
    whole: Measurement = {"part": "the whole, for the client", "ms": wall, "%": 100.0}
    return [whole, *({"part": part, "ms": ms, "%": 100 * ms / wall} for part, ms in parts.items())]


def asked(web: httpx.Client, ask: Callable[[float], object], coefficients: list[float]) -> list[Measurement]:
    """The account of one question after another; `web` is a client of the app's API."""
    spent = []
    for place, coefficient in enumerate(coefficients):
        if place == WARM:
            web.post("profiling/clear").raise_for_status()
        start = time.perf_counter()
        ask(coefficient)
        spent.append(time.perf_counter() - start)
    told: list[dict[str, Any]] = web.get("profiling/traces").raise_for_status().json()
    names = ("queue_wait", "total", *STEPS)
    steps = {name: statistics.fmean(trace[f"{name}_ms"] for trace in told) for name in names}
    return rows_of(1e3 * statistics.fmean(spent[WARM:]), steps)


def bench_http(requests: int) -> dict[str, list[Measurement]]:
    """The accounts of an endpoint's answers and of a slider's moves."""
    with ExitStack() as stack:
        url, pid, _ = stack.enter_context(running_app({"GRADIO_PROFILING": "1"}))
        wait_until_calm(pid)
        web = stack.enter_context(closing(httpx.Client(base_url=f"{url}gradio_api/", timeout=60)))
        visitor = stack.enter_context(Visitor(url, "account").here())

        def endpoint(share: float) -> None:
            question = [TEXTS, [1, share, -share], "raw", 1, False, 0, "", True]
            event = web.post("call/algebra", json={"data": question, "session_hash": "calls"}).json()
            said = web.get(f"call/algebra/{event['event_id']}").text
            if "event: complete" not in said:
                raise RuntimeError(f"the app answered {said!r}")

        def slider(share: float) -> None:
            visitor["algebra-coefficient-1"] = share
            visitor.press("algebra-coefficient-1", "input")

        coefficients = shares(requests + WARM)
        return {
            "A call of /algebra": asked(web, endpoint, coefficients),
            "A move of Algebra's slider, with its map": asked(web, slider, coefficients),
        }


def bench_function(requests: int) -> list[Measurement]:
    """What the function of such a call does, in this process: mean milliseconds."""
    codec = load_codec("compact", "cpu")
    base, plus, minus = codec.encode(TEXTS)
    vectors = [base + share * (plus - minus) for share in shares(requests + WARM)]

    def mean(work: Callable[[np.ndarray], object]) -> float:
        spent = []
        for vector in vectors:
            start = time.perf_counter()
            work(vector)
            spent.append(time.perf_counter() - start)
        return 1e3 * statistics.fmean(spent[WARM:])

    decoded: list[str] = []
    decode = mean(lambda vector: decoded.extend(codec.decode(vector, codec.quick)))
    texts = iter(f"{text} {place}" for place, text in enumerate(decoded))
    encode = mean(lambda _: codec.encode([next(texts)]))
    found = {"decode the sum, quickly": decode, "encode one sentence": encode}
    return [{"of the function": name, "ms": ms} for name, ms in found.items()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=60, help="of each kind (60)")
    options = parser.parse_args()
    for title, rows in bench_http(options.requests).items():
        show(title, rows)
    show("What the function does, alone", bench_function(options.requests))


if __name__ == "__main__":
    main()
