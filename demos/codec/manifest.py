"""The checksums of a model folder: ``manifest.json``, written by the export, checked at every load."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from demos.codec.errors import ModelFilesError

NAME = "manifest.json"
PARTS = ("encoder", "decoder")  # the subfolders whose files are listed


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_manifest(folder: Path) -> Path:
    """List the size in bytes and SHA-256 of every file in the folder's parts; returns the manifest's path."""
    files = {}
    for part in PARTS:
        for path in sorted((folder / part).rglob("*")):
            if path.is_file():
                name = path.relative_to(folder).as_posix()
                files[name] = {"bytes": path.stat().st_size, "sha256": sha256(path)}
    manifest = folder / NAME
    manifest.write_text(json.dumps({"files": files}, indent=1) + "\n", encoding="utf-8")
    return manifest


def check_manifest(folder: Path, part: str) -> set[str]:
    """Check every listed file of one part; returns their names, relative to the part.

    Raises:
        ModelFilesError: no manifest, a manifest that cannot be read, no file listed for the
            part, or a file that is missing or differs from the manifest.
    """
    manifest = folder / NAME
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        listed = {name: (entry["bytes"], entry["sha256"]) for name, entry in files.items()}
    except FileNotFoundError:
        raise ModelFilesError(f"{manifest} is missing", manifest) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelFilesError(f"{manifest} cannot be read: {error}", manifest) from error

    names = {name.removeprefix(f"{part}/") for name in listed if name.startswith(f"{part}/")}
    if not names:
        raise ModelFilesError(f"{manifest} lists no file of the {part}", manifest)
    for name in names:
        path = folder / part / name
        size, digest = listed[f"{part}/{name}"]
        if not path.is_file():
            raise ModelFilesError(f"{path} is missing", path)
        if path.stat().st_size != size or sha256(path) != digest:
            raise ModelFilesError(f"{path} is damaged: it differs from its checksum in {NAME}", path)
    return names
