"""The app in a process of its own, as a test wants it started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STARTS_WITHIN = 280  # seconds, on a busy machine
# app.py that answers no example before anybody asks: that takes most of a minute of a core. The arguments
# of the command line may follow.
UNASKED = "import runpy, demos.warming; demos.warming.warm_up = lambda codec: None; "
COLD_APP = ("-c", UNASKED + "runpy.run_path('app.py', run_name='__main__')")


@dataclass(frozen=True)
class Served:
    """A running app: its address, process, and what it has printed."""

    url: str
    pid: int
    log: Path


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serve_app(
    folder: Path, environment: Mapping[str, str], command: Sequence[str] = ("app.py",), port: int = 0
) -> Iterator[Served]:
    """Start the app and wait until it is open; it ends with the block.

    Args:
        folder: for its log and its temporary files.
        environment: beside this process's own.
        command: for Python.
        port: 0 takes a free one.
    """
    port = port or free_port()
    log = folder / "log.txt"
    own = {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(folder / "files")}
    with log.open("w", encoding="utf-8") as output:
        app = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, **own, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}/"
    try:
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                urllib.request.urlopen(url, timeout=20).close()
                break
            except OSError:
                if app.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the app did not start:\n{log.read_text(encoding='utf-8')}")
                time.sleep(0.3)
        yield Served(url, app.pid, log)
    finally:
        app.terminate()
        app.wait(timeout=30)
