"""app.py from the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app import options

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
