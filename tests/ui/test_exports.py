"""Files to download."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from demos.operations.files.tables import read_table
from demos.ui.exports import csv_text, json_text, save_csv, save_json, save_xlsx

ROWS = [{"text": 'a "quoted", line\nbreak', "fidelity": 0.5}, {"text": "привет", "more": -1}]


def test_csv_comes_back_with_all_columns() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(ROWS), newline="")))
    assert rows[0] == {"text": 'a "quoted", line\nbreak', "fidelity": "0.5", "more": ""}
    assert rows[1] == {"text": "привет", "fidelity": "", "more": "-1"}


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "\r=1"])
def test_no_cell_is_a_formula_nor_is_the_name_of_a_column(cell: str) -> None:
    (row,) = csv.DictReader(io.StringIO(csv_text([{"text": cell, cell: 1}]), newline=""))
    assert row == {"text": "'" + cell, "'" + cell: "1"}


SENTENCES = [
    {"sentence": 'Кофе; чай, «да»\nи "суп"', "weight": 0.25, "date": "2026-09-01", "votes": 3},
    {"sentence": "=1+1, а не 3", "weight": 1.5, "date": "2026-09-02", "votes": -1},
    {"sentence": "- дорого", "weight": 0.000001, "date": "", "votes": 12},
]


def test_a_russian_spreadsheet_finds_columns_and_numbers() -> None:
    lines = csv_text(SENTENCES, "ru").split("\r\n")
    assert lines[0] == "sentence;weight;date;votes"
    assert lines[2] == "'=1+1, а не 3;1,5;2026-09-02;-1"
    assert csv_text(SENTENCES).split("\r\n")[2] == '"\'=1+1, а не 3",1.5,2026-09-02,-1'


@pytest.mark.parametrize("numbers", [[1.234, 2.0], [1.234, 950.0], [1.234, 4.567], [1.234], [2.0, 0.125]])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_three_decimals_are_no_thousands(language: str, numbers: list[float]) -> None:
    rows = [{"text": f"Отзыв номер {place}", "n": number} for place, number in enumerate(numbers)]
    assert read_table(csv_text(rows, language).encode(), "a.csv").weights("n") == numbers


@pytest.mark.parametrize("kind", ["en.csv", "ru.csv", "xlsx", "json"])
def test_what_was_downloaded_can_be_uploaded(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    if kind == "xlsx":
        path = Path(save_xlsx(SENTENCES, "sentences"))
    elif kind == "json":
        path = Path(save_json(SENTENCES, "sentences"))
    else:
        path = Path(save_csv(SENTENCES, "sentences", kind[:2]))
    table = read_table(path.read_bytes(), path.name)
    assert table.columns == ("sentence", "weight", "date", "votes")
    assert table.column("sentence") == [row["sentence"] for row in SENTENCES]
    assert table.weights("weight") == pytest.approx([row["weight"] for row in SENTENCES])
    assert table.column("date") == [row["date"] for row in SENTENCES]
    assert table.text_columns[0] == "sentence"


def test_a_spreadsheet_has_texts_numbers_and_no_formula(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openpyxl import load_workbook

    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    rows = [*SENTENCES, {"sentence": "да\x00\ud83d", "weight": 1, "kept": True}]
    page = load_workbook(save_xlsx(rows, "sentences")).active
    assert page["A3"].value == "=1+1, а не 3"
    assert page["A3"].data_type == "s"
    assert page["B3"].value == 1.5
    assert page["B3"].data_type == "n"
    assert page["E5"].value is True


def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    table = Path(save_csv(ROWS, "answers"))
    assert table.name == "answers.csv"
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    assert json.loads(Path(save_json(ROWS, "answers")).read_text(encoding="utf-8")) == ROWS
    assert json_text([]) == "[]"
