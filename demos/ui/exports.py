"""Files to download: tables as CSV that a spreadsheet opens safely, as .xlsx and as JSON; maps as pages."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence

from demos.operations.files.cells import FORMULA_SIGNS
from demos.operations.files.tables import MOST_BYTES
from demos.plots.figures import Figure, figure_html
from demos.ui.disk import new_folder

Row = Mapping[str, object]

_NO_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
)  # what a spreadsheet cannot hold
_LONGEST_CELL = 32_767  # characters, of Excel
_ROOM = MOST_BYTES  # what is downloaded is hardly larger than what may be uploaded


def columns_of(rows: Sequence[Row]) -> list[str]:
    """The keys of all rows in the order of appearance."""
    return list(dict.fromkeys(key for row in rows for key in row))


def csv_text(rows: Sequence[Row], language: str = "en") -> str:
    """Rows → CSV with a header, whose columns are `columns_of` the rows.

    A spreadsheet takes for columns and numbers what its own country writes: in Russian, semicolons and
    decimal commas. A cell that it would run as a formula gets an apostrophe in front (OWASP, "CSV
    injection"), which `read_table` takes off again; numbers stay numbers.
    """
    columns = columns_of(rows)
    russian = language == "ru"
    lines: list[list[object]] = [[_safe(column) for column in columns]]
    lines += [[_csv_cell(row.get(column, ""), russian) for column in columns] for row in rows]
    with io.StringIO(newline="") as file:
        csv.writer(file, delimiter=";" if russian else ",").writerows(lines)
        return file.getvalue()


def json_text(rows: Sequence[Row]) -> str:
    """Rows → an indented JSON list, its letters as they are."""
    return json.dumps([dict(row) for row in rows], ensure_ascii=False, indent=2)


def save_csv(rows: Sequence[Row], name: str, language: str = "en") -> str:
    """Writes `name`.csv (UTF-8 with a byte order mark, for Excel) to a new folder → its path."""
    path = new_folder(_ROOM) / f"{name}.csv"
    path.write_bytes(csv_text(rows, language).encode("utf-8-sig", "replace"))
    return str(path)


def save_xlsx(rows: Sequence[Row], name: str) -> str:
    """Writes `name`.xlsx to a new folder → its path. Texts stay texts there, formulas too."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    page = book.create_sheet(name[:31])
    page.freeze_panes = "A2"
    columns = columns_of(rows)
    for row in [dict(zip(columns, columns, strict=True)), *rows]:
        cells = []
        for column in columns:
            value = row.get(column, "")
            if not isinstance(value, int | float):
                value = _NO_XML.sub("", str(value))[:_LONGEST_CELL]
            cell = WriteOnlyCell(page, value=value)
            if isinstance(value, str):
                cell.data_type = "s"
            cells.append(cell)
        page.append(cells)
    path = new_folder(_ROOM) / f"{name}.xlsx"
    book.save(path)
    return str(path)


def save_json(rows: Sequence[Row], name: str) -> str:
    """Writes `name`.json to a new folder → its path."""
    return save_text(json_text(rows), f"{name}.json")


def save_rows(rows: Sequence[Row], name: str, kind: str, language: str = "en") -> str:
    """Writes a file of a kind, "csv", "xlsx" or "json", to a new folder → its path."""
    if kind == "csv":
        return save_csv(rows, name, language)
    return save_xlsx(rows, name) if kind == "xlsx" else save_json(rows, name)


def save_map(drawn: Figure, name: str, language: str = "en") -> str:
    """Writes `name`.html, a page that draws itself without a network, to a new folder → its path."""
    return save_text(figure_html(drawn, language=language), f"{name}.html")


def save_text(text: str, name: str) -> str:
    """Writes a text file `name` to a new folder → its path."""
    path = new_folder(_ROOM) / name
    path.write_text(text, encoding="utf-8", errors="replace")
    return str(path)


def _csv_cell(cell: object, russian: bool) -> object:
    if russian and isinstance(cell, float):
        whole, _, digits = f"{cell:.10f}".rstrip("0").partition(".")  # Excel knows no 1e-06
        digits += "0" * (len(digits) == 3)  # or it might be taken for thousands
        return f"{whole},{digits}" if digits else whole
    return _safe(cell)


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_SIGNS):
        return "'" + cell
    return cell
