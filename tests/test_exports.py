"""Files to download."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from demos.exports import csv_text, json_text, save_csv, save_json

ROWS = [{"text": 'a "quoted", line\nbreak', "fidelity": 0.5}, {"text": "привет", "more": -1}]


def test_csv_comes_back_with_all_columns() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(ROWS), newline="")))
    assert rows[0] == {"text": 'a "quoted", line\nbreak', "fidelity": "0.5", "more": ""}
    assert rows[1] == {"text": "привет", "fidelity": "", "more": "-1"}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_text([{"text": cell}]), newline=""))
    assert row["text"] == "'" + cell


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    table = Path(save_csv(ROWS, "answers"))
    assert table.name == "answers.csv"
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    assert json.loads(Path(save_json(ROWS, "answers")).read_text(encoding="utf-8")) == ROWS
    assert json_text([]) == "[]"
