"""Visitors' files are kept for an hour at most, and within a quota."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demos.ui import disk
from demos.ui.exports import save_json


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of visitors' files, for a thousand bytes of them."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    monkeypatch.setattr(disk, "QUOTA", 1000)
    return tmp_path


def put(folder: Path, name: str, size: int, age: float) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_what_is_old_is_removed_with_its_folder(kept: Path) -> None:
    """An upload stays for an hour; what is downloaded and the part of a broken upload pass sooner."""
    old, young = (
        put(kept, "a" * 64 + "/old", 1, disk.KEPT + 9),
        put(kept, "b" * 64 + "/young", 1, disk.KEPT - 9),
    )
    sent, made = (
        put(kept, "tmp1/map.html", 1, disk.PASSING + 9),
        put(kept, "tmp2/map.html", 1, disk.PASSING - 9),
    )
    left, coming = put(kept, "tmp3", 1, disk.PASSING + 9), put(kept, "tmp4", 1, disk.PASSING - 9)
    for folder in (old.parent, young.parent, sent.parent, made.parent):
        os.utime(folder, (time.time() - disk.KEPT,) * 2)
    assert disk.make_room()
    assert {path for path in kept.rglob("*") if path.is_file()} == {young, made, coming}
    assert set(kept.iterdir()) == {young.parent, made.parent, coming}
    assert not left.exists()


def test_the_oldest_make_room(kept: Path) -> None:
    files = [put(kept, f"{age}/file", 300, age) for age in (30, 20, 10)]
    assert disk.make_room(100)
    assert all(file.exists() for file in files)
    assert disk.make_room(101)
    assert [file.exists() for file in files] == [False, True, True]
    assert not disk.make_room(1001)
    assert not any(file.exists() for file in files)


def test_downloads_count_too_and_stay_within_the_quota(kept: Path) -> None:
    for _ in range(9):
        path = Path(save_json([{"text": "я" * 150}], "answers"))
        assert path.exists()
    assert 0 < sum(file.stat().st_size for file in kept.rglob("*.json")) <= 1000


def test_a_process_takes_its_folder_with_it_and_what_a_killed_one_left(tmp_path: Path) -> None:
    left, used = tmp_path / "sentence-space-left", tmp_path / "sentence-space-used"
    for folder in (left, used):
        put(folder, "file", 1, disk.KEPT + 9)
        os.utime(folder, (time.time() - 2 * disk.KEPT,) * 2)
    put(used, "new", 1, 0)
    script = """
from demos.ui.disk import folder, own_folder
own = own_folder()
(own / "file").write_text("x")
assert folder() == own
print(own)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "GRADIO_TEMP_DIR": str(tmp_path)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()).parent == tmp_path
    assert list(tmp_path.iterdir()) == [used]
