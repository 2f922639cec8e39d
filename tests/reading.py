"""What the tests of files share: bytes → a table, or the reason why there is none."""

from __future__ import annotations

import io

import pytest
from openpyxl import Workbook

from demos.operations.files.tables import Table, TableError, read_table


def read(content: str | bytes, name: str = "a.csv", **choices: object) -> Table:
    return read_table(content if isinstance(content, bytes) else content.encode(), name, **choices)  # type: ignore[arg-type]


def reason(content: str | bytes, name: str = "a.csv") -> str:
    with pytest.raises(TableError) as caught:
        read(content, name)
    return str(caught.value.details["reason"])


def notes(table: Table) -> dict[str, dict[str, object]]:
    return {note.kind: dict(note.details) for note in table.notes}


def spreadsheet(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(row)
    with io.BytesIO() as file:
        book.save(file)
        return file.getvalue()
