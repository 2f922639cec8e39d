"""A Hugging Face hub on this machine, which serves folders as repositories, and the cache that it fills."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from demos.codec.hub import Repo

NEWER = "f" * 40  # the commit of a main branch that has moved on
PIECE = 1 << 16  # bytes sent at once


class FakeHub(ThreadingHTTPServer):
    """A hub that has some repositories, each at its pinned commit.

    Attributes:
        repos: the folder of each.
        asked: the requests so far, "GET config.json".
        speed: bytes a second; None is as fast as it goes.
        forgotten: repositories whose pinned commit the hub no longer knows; their main branch has `NEWER`.
        breaks: after so many bytes of an answer the connection is cut; None never.
        begun: the bytes from which files were asked for by those who did not want the whole.
        goes_on: whether it sends a file from a byte in its midst.
    """

    daemon_threads = True

    def __init__(self, repos: Mapping[Repo, Path]) -> None:
        self.repos = dict(repos)
        self.asked: list[str] = []
        self.speed: int | None = None
        self.breaks: int | None = None
        self.begun: list[int] = []
        self.goes_on = True
        self.forgotten: set[Repo] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: FakeHub

    def log_message(self, format: str, *args: object) -> None:
        """Keeps the test's output quiet."""

    def answer(self, body: bool) -> None:
        path, commit = self.find()
        self.server.asked.append(f"{self.command} {self.path.rpartition('/')[2]}")
        found = path is not None and path.is_file()
        whole = data = path.read_bytes() if path is not None and found else b""
        size, start = len(data), int(self.headers.get("Range", "bytes=0-")[len("bytes=") : -1])
        status = 200 if found or self.path == "/" else 404
        if start:
            self.server.begun.append(start)
            status, data = (206, data[start:]) if start < size and self.server.goes_on else (416, b"")
        self.send_response(status)
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{size - 1}/{size}" if data else f"bytes */{size}"
            )
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Repo-Commit", commit)
        large = path is not None and path.suffix in (".safetensors", ".bin")
        etag = hashlib.sha256(whole).hexdigest() if large else f"{path.name if path else ''}-{size}"
        self.send_header("ETag", f'"{etag}"')
        if not found and self.path != "/":
            lost = any(f"/{repo.name}/resolve/{repo.pinned}/" in self.path for repo in self.server.forgotten)
            self.send_header("X-Error-Code", "RevisionNotFound" if lost else "EntryNotFound")
        self.end_headers()
        if body:
            self.send(data)

    def find(self) -> tuple[Path | None, str]:
        """The file that is asked for, and its repository's commit."""
        for repo, folder in self.server.repos.items():
            forgotten = repo in self.server.forgotten
            revision, commit = ("main", NEWER) if forgotten else (repo.pinned, repo.pinned)
            prefix = f"/{repo.name}/resolve/{revision}/"
            if self.path.startswith(prefix):
                return folder / self.path.removeprefix(prefix), commit
        return None, ""

    def send(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            if self.server.breaks is not None and start >= self.server.breaks:
                self.close_connection = True
                return
            self.wfile.write(data[start : start + PIECE])
            if self.server.speed is not None:
                time.sleep(PIECE / self.server.speed)

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)


@contextmanager
def serve(repos: Mapping[Repo, Path]) -> Iterator[FakeHub]:
    """A hub that answers until the block ends."""
    server = FakeHub(repos)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def fill_cache(cache: Path, repo: Repo, folder: Path) -> Path:
    """The folder's files in the hub cache's layout: blobs, snapshots/<commit> of links, refs."""
    place = cache / f"models--{repo.name.replace('/', '--')}"
    snapshot = place / "snapshots" / repo.pinned
    for path in (place / "blobs", place / "refs", snapshot):
        path.mkdir(parents=True, exist_ok=True)
    (place / "refs" / "main").write_text(repo.pinned)
    for path in folder.iterdir():
        if path.is_file():
            blob = place / "blobs" / f"{path.name}-blob"
            shutil.copy(path, blob)
            (snapshot / path.name).symlink_to(os.path.relpath(blob, snapshot))
    return snapshot
