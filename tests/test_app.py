"""app.py from the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest

from app import main, options
from demos.operations.files.tables import MOST_BYTES

ROOT = Path(__file__).parent.parent


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "app.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_options_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTENCE_SPACE_PORT", "7999")
    monkeypatch.setenv("SENTENCE_SPACE_SHARE", "true")
    monkeypatch.setenv("SENTENCE_SPACE_PAIR", "labse")
    told = options([])
    assert (told.port, told.share, told.pair, told.mcp) == (7999, True, "labse", False)
    assert told.root_path is None
    assert options(["--root-path", "/demo"]).root_path == "/demo"
    assert options(["--port", "8000", "--pair", "compact"]).port == 8000


def test_help_names_every_option() -> None:
    told = run("--help")
    assert told.returncode == 0
    for name in ("--pair", "--host", "--port", "--root-path", "--share", "--device", "--mcp"):
        assert name in told.stdout


def test_an_unknown_pair_ends_in_one_sentence() -> None:
    ended = run("--pair", "nothing")
    assert ended.returncode == 1
    assert "Sentence Space cannot start: unknown pair 'nothing'" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_gradio_makes_no_statistics_of_the_answers() -> None:
    queue = gr.Blocks()._queue
    queue.events_recorded = 1000
    told = {"function": "algebra", "status": "success", "process_time": 0.05}
    assert queue.compute_analytics_summary([told]) == {"functions": {}}  # type: ignore[no-untyped-call]
    assert queue.ANALYTICS_MAX_EVENTS == 1


@pytest.mark.parametrize("borrows", [False, True])
def test_examples_are_answered_once_the_page_is_open_unless_the_gpu_is_a_visitors(
    monkeypatch: pytest.MonkeyPatch, borrows: bool
) -> None:
    done: list[str] = []
    page = SimpleNamespace(
        launch=lambda **_: done.append("opens"),
        block_thread=lambda: done.append("goes on"),
        _queue=SimpleNamespace(active_jobs=[None, ["a visitor's"]]),
    )
    codecs = SimpleNamespace(get=lambda: None)
    monkeypatch.setattr("sys.argv", ["app.py"])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("demos.ui.disk.own_folder", lambda: None)
    monkeypatch.setattr("demos.hosting.spare_memory", lambda: None)
    monkeypatch.setattr("demos.hosting.open_codecs", lambda *_: codecs)
    monkeypatch.setattr("demos.hosting.on_zero_gpu", lambda: borrows)
    monkeypatch.setattr("demos.page.build_page", lambda _: page)
    monkeypatch.setattr("demos.api.check_tools", lambda _: None)
    monkeypatch.setattr("demos.warming.warm_up", lambda _, asked: done.append(f"answers {asked()}"))
    main()
    assert done == (["opens", "goes on"] if borrows else ["opens", "answers True", "goes on"])


def test_the_page_is_opened_as_the_command_line_says(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[str, object] = {}
    page = SimpleNamespace(launch=told.update, block_thread=lambda: None)

    def opened(*asked: object) -> SimpleNamespace:
        told["pair, device"] = asked
        return SimpleNamespace(get=lambda: None)

    line = "--host 0.0.0.0 --port 8001 --root-path /demo --share --mcp --pair labse --device cuda"
    monkeypatch.setattr("sys.argv", ["app.py", *line.split()])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("demos.ui.disk.own_folder", lambda: None)
    monkeypatch.setattr("demos.hosting.spare_memory", lambda: None)
    monkeypatch.setattr("demos.hosting.open_codecs", opened)
    monkeypatch.setattr("demos.page.build_page", lambda _: page)
    monkeypatch.setattr("demos.api.check_tools", lambda _: None)
    monkeypatch.setattr("demos.warming.warm_up", lambda *_: None)
    main()
    wanted = {
        "pair, device": ("labse", "cuda"),
        "server_name": "0.0.0.0",
        "server_port": 8001,
        "root_path": "/demo",
        "share": True,
        "mcp_server": True,
        "max_file_size": MOST_BYTES,
    }
    assert {name: told[name] for name in wanted} == wanted


def test_the_warm_page_does_without_what_takes_much_memory() -> None:
    """transformers and torch's compiler take more than 100 MB each, and nothing of it is needed."""
    script = """
import sys
from demos.page import build_page
from demos.hosting import open_codecs
from demos.warming import jobs
codecs = open_codecs("compact", "cpu")
build_page(codecs)
next(jobs(codecs.get()))()
print([name for name in ("transformers", "torch._dynamo") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
