"""What all readers of files share: what they give back and say of their guesses, and what is too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from demos.codec import CodecError

KINDS = (".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm")
# What may hold reviews too, but nobody is told to save one as: Excel's own .xls is not read.
OTHER_KINDS = (".xls", ".html", ".htm", ".xml", ".md", ".log", ".text")
PLAIN_KINDS = ("", ".txt", ".md", ".log", ".text")  # whose lines are sentences, unless a table stands there
MOST_UNPACKED = 300 * 2**20  # bytes of a spreadsheet, which is a zip file
MOST_ROWS = 100_000
MOST_COLUMNS = 500


class TableError(CodecError):
    """A file that cannot be read as a table; `reason` says why.

    Reasons: "kind" (suffix, known), "huge" (megabytes, limit), "empty", "binary", "old_excel",
    "broken" (line, problem), "no_list", "many_rows" (count, limit), "many_columns" (count, limit),
    "many_cells" (limit), "no_table", "declares", "no_text", "no_column" (column), "bad_choice" (choice).
    """

    code: ClassVar[str] = "table"

    def __init__(self, reason: str, message: str, **details: Any) -> None:
        super().__init__(message, reason=reason, **details)


@dataclass(frozen=True)
class Guess:
    """Something about a file that may be otherwise.

    Attributes:
        name: the argument of `read_table` that takes another choice: "encoding", "delimiter", "header"
            or "sheet".
        value: what was taken; a header is "yes" or "no".
        choices: what it can be, `value` among them.
    """

    name: str
    value: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """Something that a person should know of what was read.

    Kinds: "bad_bytes" (count), "mixed_lines" (count, encoding), "controls" (count), "bad_rows" (count, row),
    "uneven_rows" (count, row), "bad_items" (count, line), "preamble" (count), "omitted" (count), "total".
    """

    kind: str
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass
class Found:
    """What the reading of a file has found so far.

    Attributes:
        rows: the cells; a row with nothing in it may part a title from a table.
        columns: their names, None where it is still to be seen whether the first row has them.
        plain: whether a program wrote the numbers, so that a point divides decimals.
    """

    rows: list[list[str]]
    columns: list[str] | None = None
    guesses: list[Guess] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    plain: bool = False
