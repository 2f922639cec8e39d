"""What all readers of files share: what they give back, and what is too much."""

from __future__ import annotations

from dataclasses import dataclass, field

from demos.operations.encodings import Guess, Note

KINDS = (".txt", ".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm")
# What may hold a table too, but nobody is told to save one as: Excel's own .xls is not read.
MARKUP_KINDS = (".xls", ".html", ".htm", ".xml")
MOST_UNPACKED = 300 * 2**20  # bytes of a spreadsheet, which is a zip file
MOST_ROWS = 100_000
MOST_COLUMNS = 500


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
