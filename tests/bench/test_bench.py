"""The bench runs and prints what it measures; the figures depend on the machine."""

from __future__ import annotations

import os
import time
from itertools import count
from pathlib import Path

import pytest

from demos.bench import __main__ as bench
from demos.bench import gpu as bench_gpu
from demos.codec.linear import kernels
from demos.codec.pairs import PAIRS, compact_decoder_folder

pytestmark = pytest.mark.slow


def test_the_encoders_are_measured_side_by_side() -> None:
    rows = bench.bench_encoder(quick=True)
    engines = ["transformers", *(one for one in ("float32", "bfloat16") if one in kernels())]
    found = [(row["engine"].removesuffix(" (default)"), row["sentences"]) for row in rows]
    assert found == [(engine, count) for count in (1, 16) for engine in engines]
    assert sum(row["engine"].endswith(" (default)") for row in rows) == 2
    assert all(row["ms"] > 0 for row in rows)
    assert rows[0]["times faster"] == 1


def test_the_decoders_are_measured_in_every_precision(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "TOKENS", 4)
    monkeypatch.setattr(bench, "CASES", ((1, 1), (2, 3)))
    rows = bench.bench_decoder("compact", PAIRS["compact"], compact_decoder_folder(), quick=True)
    engines = {row["engine"] for row in rows}
    assert {engine.removesuffix(" (default)") for engine in engines} == {"transformers", *kernels()}
    assert sum(engine.endswith(" (default)") for engine in engines) == 1
    alone = next(row for row in rows if row["engine"].startswith("float32") and row["sentences"] == 1)
    assert alone["GB/s"] > 0
    bench.show("Decoder", rows)
    printed = capsys.readouterr().out
    assert "| decoder | engine | sentences | beams | ms | times faster | GB/s | % of memory |" in printed
    assert printed.count("| compact |") == len(rows)


def test_a_fresh_process_answers_and_says_how_much_memory_it_took() -> None:
    (row,) = bench.bench_start()
    assert row["seconds"] > 0
    assert 100 < row["peak MB"] < 5000


def test_the_app_is_measured_when_it_has_come_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "CALM", 0.01)
    used = iter([0.0, 5.0, 5.0, 6.0, 6.0, 6.0])  # two readings a turn: at work, at work, at rest
    monkeypatch.setattr(bench, "processor_seconds", lambda pid: next(used))
    bench.wait_until_calm(0)
    assert not list(used)
    always = count()
    monkeypatch.setattr(bench, "processor_seconds", lambda pid: next(always))
    monkeypatch.setattr(bench, "PATIENCE", 0.1)
    with pytest.raises(RuntimeError, match="still at work"):
        bench.wait_until_calm(0)


def test_a_process_is_asked_how_long_it_has_worked() -> None:
    told = Path("/proc/self/stat").exists()  # by Linux alone
    before = time.process_time() if told else 0.0
    found = bench.processor_seconds(os.getpid())
    assert before - 0.1 < found < (time.process_time() if told else 0.0) + 0.1


def test_graphs_are_compared_with_plain_steps(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_gpu, "VECTORS", 4)
    monkeypatch.setattr(bench_gpu, "TOKENS", 4)
    monkeypatch.setattr(bench_gpu, "PRECISIONS", ("float32", "bfloat16"))
    monkeypatch.setattr("sys.argv", ["bench_gpu", "--device", "cpu", "--small"])
    bench_gpu.main()
    printed = capsys.readouterr().out
    assert "CPU, steps uncaptured" in printed
    for name in ("compact", "ruT5"):
        assert f"| {name} | float32 | 1 | 4 | 4 | 0 | 0 |" in printed
        assert f"| {name} | float32 | 3 | 4 | 4 | 0 | 0 |" in printed
    assert "transformers, float32" in printed
