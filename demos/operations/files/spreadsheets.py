"""The sheets of an .xlsx file → rows of cells."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Collection, Mapping
from typing import Any

from demos.operations.files.columns import named_rows, table_score
from demos.operations.files.records import (
    KINDS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED,
    Found,
    Guess,
    TableError,
)


def read_spreadsheet(data: bytes, suffix: str, sheet: str | None) -> Found:
    """The cells of the sheet that is likeliest the reviews, unless one is chosen.

    Raises:
        TableError: "broken", "kind", "huge" or "empty".
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise TableError("broken", "the spreadsheet is cut off", line=1, problem="zip") from None
    if "xl/workbook.xml" not in names:
        raise TableError(
            "kind", f"{suffix} files are not read", suffix=suffix or "zip", known=", ".join(KINDS)
        )
    if unpacked > MOST_UNPACKED:
        limit = MOST_UNPACKED // 2**20
        raise TableError("huge", f"{unpacked} bytes", megabytes=unpacked // 2**20, limit=limit)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = {page.title: _cells(page) for page in book.worksheets}
        shown = {page.title: page.sheet_state == "visible" for page in book.worksheets}
    except Exception as error:  # whatever openpyxl meets in a file that is not what it says
        raise TableError("broken", f"the spreadsheet: {error}", line=1, problem=str(error)[:80]) from None
    if not any(cell for rows in sheets.values() for row in rows for cell in row):
        raise TableError("empty", "the spreadsheet is empty")
    return likeliest(sheets, sheet, plain=True, hidden=[title for title in sheets if not shown[title]])


def likeliest(
    sheets: Mapping[str, list[list[str]]], sheet: str | None, *, plain: bool, hidden: Collection[str] = ()
) -> Found:
    """The sheet that is likeliest the reviews, a hidden one last, unless one is chosen."""
    likely = {title: (title not in hidden, _likely(rows)) for title, rows in sheets.items()}
    chosen = sheet if sheet is not None and sheet in sheets else max(likely, key=lambda title: likely[title])
    guesses = [Guess("sheet", chosen, tuple(sheets))] if len(sheets) > 1 else []
    return Found(sheets[chosen], guesses=guesses, plain=plain)


def _likely(rows: list[list[str]]) -> float:
    """How likely rows are the reviews: a sheet of instructions has long texts as well, but no header."""
    names, below, _ = named_rows(rows, None)
    return table_score(names or [""] * max(map(len, below), default=0), below) - 3 * (names is None)


def _cells(page: Any) -> list[list[str]]:
    page.reset_dimensions()  # some programs write wrong ones
    rows = itertools.islice(page.iter_rows(values_only=True), MOST_ROWS + 2)
    return [[_cell(value) for value in row[: MOST_COLUMNS + 1]] for row in rows]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(round(value, 10))
    return str(value).removesuffix(" 00:00:00")
