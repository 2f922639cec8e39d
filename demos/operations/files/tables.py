"""Files as people have them → tables of text: lines, csv, json, spreadsheets, HTML, chats, in any encoding.

What a file is gets decided by what stands in it; its suffix only breaks ties. Where that is a guess, the
table says what else it could be (`Table.guesses`), and `read_table` takes the other choice.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from demos.operations.files import records
from demos.operations.files.cells import clean_cell
from demos.operations.files.chats import read_chat
from demos.operations.files.columns import (
    is_missing,
    is_total,
    named_rows,
    not_weighing,
    text_score,
    weight_of,
    weights_of,
)
from demos.operations.files.delimited import DELIMITERS, delimiter_of, read_csv
from demos.operations.files.encodings import ENCODINGS, decode_bytes
from demos.operations.files.html_tables import read_markup
from demos.operations.files.json_lists import read_json
from demos.operations.files.records import KINDS, OTHER_KINDS, PLAIN_KINDS, Found, Guess, Note, TableError
from demos.operations.files.spreadsheets import read_spreadsheet
from demos.operations.text import clean, without_marks

__all__ = [
    "DELIMITERS",
    "ENCODINGS",
    "Guess",
    "Note",
    "Table",
    "TableError",
    "is_missing",
    "read_file",
    "read_table",
    "table_of_text",
    "weight_of",
]

MOST_BYTES = 20 * 2**20
_FOREIGN_FILES = (
    *(b"\x89PNG", b"%PDF", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"ID3"),
    b"{\\rtf",
    b"MIME-Version:",  # of an e-mail, or of a page with its pictures
)


@dataclass(frozen=True)
class Table:
    """Rows of cells, all as cleaned text and as long as `columns`, whose names are distinct.

    `plain` says that a program wrote the numbers, so that a point divides decimals.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    guesses: tuple[Guess, ...] = field(default=(), compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)
    plain: bool = field(default=False, compare=False)

    def guess(self, name: str) -> str:
        """What was taken for `name`; "" where it did not matter."""
        return next((guess.value for guess in self.guesses if guess.name == name), "")

    @property
    def encoding(self) -> str:
        """The encoding that was found, "" for a spreadsheet."""
        return self.guess("encoding")

    @property
    def delimiter(self) -> str:
        """What divides the cells, "" where a line is a row."""
        return self.guess("delimiter")

    @cached_property
    def nbytes(self) -> int:
        """About how many bytes of memory it holds: its cells, and a pointer to each."""
        return sum(sys.getsizeof(row) + sum(map(sys.getsizeof, row)) for row in self.rows)

    def column(self, name: str) -> list[str]:
        """The cells of a column; TableError "no_column" if there is none of this name."""
        if name not in self.columns:
            raise TableError("no_column", f"no column {name!r}", column=name[:40])
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def missing(self, name: str) -> int:
        """How many cells of a column hold what programs write for nothing ("NaN", "NULL", "true")."""
        return sum(is_missing(cell) and bool(cell.strip()) for cell in self.column(name))

    @cached_property
    def text_columns(self) -> list[str]:
        """Columns that have words in them, the likeliest to be the reviews first."""
        scores = {name: text_score(name, self.column(name)) for name in self.columns}
        worded = {name: score for name, score in scores.items() if score is not None}
        return sorted(worded, key=lambda name: worded[name], reverse=True)

    @cached_property
    def number_columns(self) -> list[str]:
        """Columns of numbers, of which a few cells may be something else: what can weigh the rows."""
        return [name for name in self.columns if self._weights[name] is not None]

    def weights(self, name: str) -> list[float | None] | None:
        """The cells of a column as weights: None for a blank, negative or other cell, 0 or more else.

        None for a column that holds hardly any numbers. TableError "no_column" for one that is not there.
        """
        return self._weights[name] if name in self._weights else weights_of(self.column(name), self.plain)

    @cached_property
    def _weights(self) -> dict[str, list[float | None] | None]:
        return {name: weights_of(self.column(name), self.plain) for name in self.columns}

    def not_weights(self, name: str) -> list[str]:
        """The filled cells of a column of numbers that cannot be a weight: negative numbers, words."""
        return not_weighing(self.column(name))


def read_file(
    path: str | Path,
    name: str = "",
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    sheet: str | None = None,
) -> Table:
    """`read_table` of a file on the disk, whose size is looked at first; OSError if it cannot be read."""
    path = Path(path)
    _check_size(path.stat().st_size)
    choices: dict[str, Any] = {"encoding": encoding, "delimiter": delimiter, "header": header, "sheet": sheet}
    return read_table(path.read_bytes(), name or path.name, **choices)


def read_table(
    data: bytes,
    name: str,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    header: bool | None = None,
    sheet: str | None = None,
) -> Table:
    """The bytes of a file called `name` → a table.

    Args:
        encoding: one of `ENCODINGS`; None guesses.
        delimiter: one of `DELIMITERS`, or "" where every line is a row; None guesses.
        header: whether the first row names the columns; None guesses.
        sheet: of a spreadsheet, or the list to take of JSON that has several; None takes the likeliest.

    Raises:
        TableError: what is wrong with the file.
    """
    suffix = _suffix_of(name)
    _check_size(len(data))
    if delimiter is not None and (len(delimiter) > 1 or delimiter in ('"', "\r", "\n", "\0")):
        message = f"{delimiter!r} cannot divide cells"
        raise TableError("bad_choice", message, choice=delimiter[:40])
    if data.startswith(b"PK\x03\x04"):
        found = read_spreadsheet(data, suffix, sheet)
    elif suffix and suffix not in (*KINDS, *OTHER_KINDS):
        raise TableError("kind", f"{suffix} files are not read", suffix=suffix, known=", ".join(KINDS))
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError("old_excel", "an .xls file, or a spreadsheet with a password")
    elif data.startswith(_FOREIGN_FILES):
        raise TableError("binary", "the bytes are those of another kind of file")
    else:
        text, guess, notes = decode_bytes(data, encoding)
        found = _read_text(text, suffix, delimiter, sheet)
        found.guesses.insert(0, guess)
        found.notes[:0] = notes
    return _table_of(found, header)


def table_of_text(text: str) -> Table | None:
    """A table that was copied out of a spreadsheet: cells divided by tabs; None if the text is none."""
    if "\t" not in text:
        return None
    found = read_csv(clean(text), "\t")
    widths = Counter(len(row) for row in found.rows if row)
    width, count = widths.most_common(1)[0] if widths else (0, 0)
    if widths.total() < 2 or width < 2 or count < 0.9 * widths.total():
        return None
    try:
        return _table_of(found, None)
    except TableError:
        return None


def _suffix_of(name: str) -> str:
    """The suffix of a file's name in small letters, "" where it has none: phones give files names without
    one ("msf:1000000033"), and people write dates and words after a full stop ("Отзывы от 01.09")."""
    suffix = Path(name).suffix.lower()
    return suffix if re.fullmatch(r"\.(?=.*[a-z])[a-z0-9]{1,10}", suffix) else ""


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        limit = MOST_BYTES // 2**20
        megabytes = -(-size // 2**20)
        raise TableError(
            "huge", f"{size} bytes, at most {limit} MB are read", megabytes=megabytes, limit=limit
        )


def _read_text(text: str, suffix: str, delimiter: str | None, sheet: str | None) -> Found:
    if delimiter is None and (suffix in (".json", ".jsonl", ".ndjson") or text.lstrip()[:1] in ("{", "[")):
        try:
            return read_json(text, sheet)
        except TableError:
            if suffix in (".json", ".jsonl", ".ndjson"):
                raise
    if delimiter is None and (table := read_markup(text, sheet)):
        return table
    if delimiter is None and (chat := read_chat(text)):
        return chat
    named = re.match(r"sep=(.)\r?\n", text)  # what Excel writes to name the delimiter
    text = text[named.end() :] if named else text
    if delimiter is None:
        delimiter = named.group(1) if named else delimiter_of(text, suffix)
    if delimiter:
        found = read_csv(text, delimiter)
    elif suffix in PLAIN_KINDS:
        found = Found([[line] for line in without_marks(clean(text).split("\n"))], ["text"])
    else:
        found = read_csv(text, "\x1f")  # a sign that no text here has
    found.guesses.append(Guess("delimiter", delimiter, ("", *dict.fromkeys((*DELIMITERS, delimiter or ",")))))
    return found


def _table_of(found: Found, header: bool | None) -> Table:
    """Cells of one length, names for the columns, and everything that was guessed on the way."""
    rows = [[clean_cell(cell) for cell in row] for row in found.rows]
    count = sum(map(any, rows))
    if count > records.MOST_ROWS:
        raise TableError("many_rows", f"{count} rows", count=count, limit=records.MOST_ROWS)
    if not count:
        raise TableError("empty", "the file has no rows")
    width = max(map(len, rows))
    if width > records.MOST_COLUMNS:
        raise TableError("many_columns", f"{width} columns", count=width, limit=records.MOST_COLUMNS)
    names = found.columns
    if names is None:
        names, rows, titles = named_rows(rows, header)
        found.notes += [Note("preamble", {"count": titles})] if titles else []
        found.guesses.append(Guess("header", "no" if names is None else "yes", ("yes", "no")))
    rows = [row for row in rows if any(row)]
    if len(rows) > 2 and is_total(rows[-1]):
        del rows[-1]
        found.notes.append(Note("total", {}))
    if not rows:
        raise TableError("empty", "the file has no rows")
    names = names or [""] * len(rows[0])
    kept = [place for place, name in enumerate(names) if name.strip() or any(row[place] for row in rows)]
    columns = _distinct([names[place].strip() or f"column {place + 1}" for place in kept])
    table = Table(
        tuple(columns),
        tuple(tuple(row[place] for place in kept) for row in rows),
        tuple(found.guesses),
        tuple(found.notes),
        found.plain,
    )
    if not table.text_columns:
        raise TableError("no_text", "no column has words in it")
    return table


def _distinct(names: Sequence[str]) -> list[str]:
    """Names with a number after every one that was there before."""
    found: dict[str, None] = {}
    for name in names:
        count = itertools.count(2)
        new = name
        while new in found:
            new = f"{name} ({next(count)})"
        found[new] = None
    return list(found)
