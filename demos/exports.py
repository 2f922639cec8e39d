"""Tables as files to download: CSV that a spreadsheet opens safely, and JSON."""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

Row = Mapping[str, object]


def csv_text(rows: Sequence[Row]) -> str:
    """Rows → CSV with a header; the columns are the keys of all rows in the order of appearance.

    A cell that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
    injection"); numbers stay numbers.
    """
    columns = list(dict.fromkeys(key for row in rows for key in row))
    lines: list[list[object]] = [[_safe(column) for column in columns]]
    lines += [[_safe(row.get(column, "")) for column in columns] for row in rows]
    with io.StringIO(newline="") as file:
        csv.writer(file).writerows(lines)
        return file.getvalue()


def json_text(rows: Sequence[Row]) -> str:
    """Rows → an indented JSON list, its letters as they are."""
    return json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=2)


def save_csv(rows: Sequence[Row], name: str) -> str:
    """Writes `name`.csv (UTF-8 with a byte order mark, for Excel) to a new folder → its path."""
    path = _new_folder() / f"{name}.csv"
    path.write_bytes(csv_text(rows).encode("utf-8-sig"))
    return str(path)


def save_json(rows: Sequence[Row], name: str) -> str:
    """Writes `name`.json to a new folder → its path."""
    return save_text(json_text(rows), f"{name}.json")


def save_text(text: str, name: str) -> str:
    """Writes a text file `name` to a new folder → its path."""
    path = _new_folder() / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def _new_folder() -> Path:
    """A folder where Gradio keeps what it serves, and from where it deletes what is old."""
    root = Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir(), "gradio")).resolve()
    root.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=root))


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return "'" + cell
    return cell
