"""Visitors' files on the disk: what they send, for an hour, and what is made for them, all within a quota.

Gradio keeps all of them in one folder, GRADIO_TEMP_DIR. An upload that was broken off leaves its part there.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
import threading
import time
from pathlib import Path

QUOTA = 150_000_000  # bytes of all files together
KEPT = 3600.0  # seconds after which an upload is removed
PASSING = 300.0  # and what is no whole upload: a download, which is fetched at once, or a part that was left
EVERY = 60.0  # seconds between two looks for old files
_OWN = "sentence-space-"
_UPLOADED = re.compile("[0-9a-f]{64}")  # the folder of a whole upload, as Gradio names it
_lock = threading.Lock()


def folder() -> Path:
    """Where Gradio keeps visitors' files."""
    path = Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir(), "gradio")).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def own_folder() -> Path:
    """Give this process a folder of its own, which goes with it, and watch it; before Gradio is imported.

    A process that was killed leaves its folder: it is removed when nothing in it is newer than `KEPT`.
    """
    root = folder()
    for left in root.glob(f"{_OWN}*"):
        if all(time.time() - one.lstat().st_mtime > KEPT for one in (left, *left.rglob("*"))):
            shutil.rmtree(left, ignore_errors=True)
    own = Path(tempfile.mkdtemp(prefix=_OWN, dir=root))
    os.environ["GRADIO_TEMP_DIR"] = str(own)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    threading.Thread(target=_watch, name="disk", daemon=True).start()
    return own


def make_room(room: int = 0) -> bool:
    """Remove the files whose time is over, then those whose time is over next until `room` more bytes are
    within the quota.

    Returns:
        Whether there is room for so many bytes.
    """
    with _lock:
        now, found, folders = time.time(), [], []
        for path in folder().rglob("*"):
            try:
                about = path.lstat()
            except FileNotFoundError:  # its maker removed it meanwhile
                continue
            if path.is_dir():
                folders.append((path, about.st_mtime))
            else:
                kept = KEPT if _UPLOADED.fullmatch(path.parent.name) else PASSING
                found.append((about.st_mtime + kept, about.st_size, path))
        total = sum(size for _, size, _ in found)
        for over, size, path in sorted(found):
            if now <= over and total + room <= QUOTA:
                break
            path.unlink(missing_ok=True)
            total -= size
        for path, changed in reversed(folders):  # what is in a folder comes after it
            if now - changed > EVERY:  # a newer one may be waiting for its file
                try:
                    path.rmdir()
                except OSError:
                    continue
        return total + room <= QUOTA


def new_folder(room: int) -> Path:
    """A new folder for a file of at most so many bytes, which Gradio may serve."""
    make_room(room)
    return Path(tempfile.mkdtemp(dir=folder()))


def _watch() -> None:
    while True:
        time.sleep(EVERY)
        make_room()
