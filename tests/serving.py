"""The app in a process of its own, as a test wants it started."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from demos.codec import Pair

ROOT = Path(__file__).parent.parent
LOG = "log.txt"  # what the app prints, in its folder
STARTS_WITHIN = 280  # seconds, on a busy machine
# How many beams a search has where a test asks what is done with an answer, and not how good it is: a search
# of all the pair's beams takes three times as long. More than those of its quick answers.
NARROW = 5
# app.py that answers no example before anybody asks, which takes most of a minute of a core, and searches
# narrowly. The arguments of the command line may follow.
UNASKED = """
import runpy, demos.warming
from demos.codec import PAIRS
from tests.serving import narrowed
demos.warming.warm_up = lambda codec, asked: None
PAIRS["compact"] = narrowed(PAIRS["compact"])
"""
COLD_APP = ("-c", UNASKED + "runpy.run_path('app.py', run_name='__main__')")


@dataclass(frozen=True)
class Served:
    """A running app: its address, process, and what it has printed."""

    url: str
    pid: int
    log: Path


def narrowed(pair: Pair) -> Pair:
    """A pair that searches with `NARROW` beams."""
    return replace(pair, decoding=replace(pair.decoding, num_beams=NARROW))


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
    served, app = _start(folder, environment, command, port or free_port())
    try:
        yield served
    finally:
        app.terminate()
        app.wait(timeout=30)


@contextmanager
def share_app(folder: Path, environment: Mapping[str, str], command: Sequence[str]) -> Iterator[Served]:
    """The app that all workers of a run use: the first to need it starts it, the last to leave it ends it.

    Args:
        folder: the same for all workers; for the app's log and files, and the list of who uses it.
        environment, command: as in `serve_app`.
    """
    lock, book, own = FileLock(folder / "app.lock"), folder / "app.json", os.getpid()
    with lock:
        noted = json.loads(book.read_text()) if book.exists() else {"users": []}
        if not noted["users"]:
            served, _ = _start(folder, environment, command, free_port())
            noted = {"url": served.url, "pid": served.pid, "users": []}
        book.write_text(json.dumps(noted | {"users": [*noted["users"], own]}))
    try:
        yield Served(noted["url"], noted["pid"], folder / LOG)
    finally:
        with lock:
            noted = json.loads(book.read_text())
            noted["users"].remove(own)
            book.write_text(json.dumps(noted))
            if not noted["users"]:
                os.kill(noted["pid"], signal.SIGTERM)


def _start(
    folder: Path, environment: Mapping[str, str], command: Sequence[str], port: int
) -> tuple[Served, subprocess.Popen[bytes]]:
    """Start the app and wait until it is open; the test fails if it does not open."""
    log = folder / LOG
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
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            urllib.request.urlopen(url, timeout=20).close()
            return Served(url, app.pid, log), app
        except OSError:
            if app.poll() is not None or time.monotonic() > deadline:
                app.kill()
                pytest.fail(f"the app did not start:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.3)
