"""A file that is missing or differs from the manifest is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demos.codec import ModelFilesError
from demos.codec.manifest import check_manifest, sha256, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("encoder/a.bin", "encoder/deep/b.bin", "decoder/c.bin", "README.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    write_manifest(tmp_path)
    return tmp_path


def test_the_checksum_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert sha256(tmp_path / "a").startswith("ba7816bf8f01cfea")


def test_the_parts_are_listed(folder: Path) -> None:
    assert check_manifest(folder, "encoder") == {"a.bin", "deep/b.bin"}
    assert check_manifest(folder, "decoder") == {"c.bin"}


def test_one_part_may_be_absent(folder: Path) -> None:
    (folder / "decoder" / "c.bin").unlink()
    assert check_manifest(folder, "encoder")
    with pytest.raises(ModelFilesError, match=r"c\.bin is missing"):
        check_manifest(folder, "decoder")


@pytest.mark.parametrize("content", [b"encoder/a.bim", b"encoder/a.bin!", b""])
def test_a_changed_file_is_damaged(folder: Path, content: bytes) -> None:
    (folder / "encoder" / "a.bin").write_bytes(content)
    with pytest.raises(ModelFilesError, match=r"a\.bin is damaged"):
        check_manifest(folder, "encoder")


def test_a_part_that_is_not_listed_is_an_error(folder: Path) -> None:
    with pytest.raises(ModelFilesError, match="lists no file of the painter"):
        check_manifest(folder, "painter")


@pytest.mark.parametrize("content", ["{", "[]", "{}", json.dumps({"files": {"encoder/a.bin": "short"}})])
def test_a_manifest_that_makes_no_sense_is_an_error(folder: Path, content: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(ModelFilesError, match="cannot be read"):
        check_manifest(folder, "encoder")
