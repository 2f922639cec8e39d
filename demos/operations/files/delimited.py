"""Text whose cells are divided by commas, semicolons, tabs or bars → rows of cells."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html.entities import name2codepoint
from typing import Any

from demos.operations.files import records
from demos.operations.files.columns import SAMPLE, Kind, is_header, kind_of
from demos.operations.files.records import Found, Note

DELIMITERS = (",", ";", "\t", "|")
_LONGEST_QUOTE = 100  # lines of one quoted cell
_HEAD = 1_000_000  # characters that decide on the delimiter
_LONGEST_BROKEN = 100_000  # characters of a broken record whose quotes are still looked at
_MOST_TITLES = 10  # lines above a table that are narrower than it
_ENTITY = re.compile(r"&(?:([A-Za-z]{2,8})|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")
_MASK = "\x1e"  # a sign that no text here has
_LINE = re.compile(r"\r\n|\n|\r")
# Below the header in Markdown and psql; around a table of MySQL too.
_RULE = re.compile(r"\s*[|+]?\s*:?-{2,}:?\s*(?:[|+]\s*:?-{2,}:?\s*)*[|+]?\s*")
_ALL_QUOTED = re.compile(r'"[^"\n]*"(?: "[^"\n]*")+')  # how R writes a header, with spaces


@dataclass(frozen=True)
class _Dialect:
    """How a file divides and quotes its cells.

    Attributes:
        spaced: whether a space after the delimiter belongs to it, so that a quote may follow.
        escaped: whether a backslash takes the meaning from the sign after it, as MySQL writes.
    """

    delimiter: str
    spaced: bool = False
    escaped: bool = False

    @property
    def options(self) -> dict[str, Any]:
        escape = "\\" if self.escaped else None
        return {"delimiter": self.delimiter, "skipinitialspace": self.spaced, "escapechar": escape}

    def split(self, line: str) -> list[str] | None:
        """The cells of one record, None if its quotes are not closed or stand where they may not."""
        if '"' not in line and not self.escaped:
            return line.split(self.delimiter)
        try:
            return next(csv.reader([line], strict=True, **self.options), [])
        except csv.Error:
            return None

    def unwrapped(self, row: list[str]) -> list[str]:
        """The cells of a row that a spreadsheet has taken for one cell, and quoted as such."""
        if len(row) == 1 and f'{self.delimiter}"' in row[0]:
            return self.split(row[0]) or row
        return row


def delimiter_of(text: str, suffix: str) -> str:
    """What divides the cells of a text, "" for one column.

    A delimiter gives most rows below the title the same number of cells. In a .txt, whose lines are mostly
    sentences, it has to be a tab, or divide every line below a header. One with a space after it stands
    between words, unless a header or a column of numbers says otherwise.
    """
    head = _head(text)
    first, _, rest = head.partition("\n")
    second = rest.partition("\n")[0]
    if ("|" in first and _RULE.fullmatch(second)) or (
        "+" in first and _RULE.fullmatch(first) and "|" in second
    ):
        return "|"
    best, score = "", 0.0
    signs = (*DELIMITERS, " ") if _ALL_QUOTED.fullmatch(first) else DELIMITERS
    for delimiter in sorted(signs, key=lambda sign: sign != "\t" or suffix != ".tsv"):
        spaced = _is_spaced(head, delimiter)
        dialect = _Dialect(delimiter, spaced)
        rows = [row for row in _rows(head, dialect, []) if any(map(str.strip, row))]
        if max(map(len, rows), default=1) == 1 and (whole := _wrapped(rows, dialect)) and _named(whole):
            return delimiter
        widths = Counter(map(len, rows))
        if not rows or max(widths) == 1:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        top = next((place for place, row in enumerate(rows[:_MOST_TITLES]) if len(row) >= width), 0)
        rows = rows[top:]
        evenness = count / len(rows)
        named = len(rows[0]) == width and is_header(rows[0], rows[1:])
        if spaced and not named and all(kind == "text" for kind in _kinds(rows, width)):
            continue
        if evenness > 0.8 - 0.3 * named and _worth(delimiter, suffix, evenness, named):
            value = evenness + 0.2 * named + 0.1 * (len(rows[0]) == width) + 0.05 * (delimiter == "\t")
            best, score = (delimiter, value) if value > score else (best, score)
    return best


def _wrapped(rows: list[list[str]], dialect: _Dialect) -> list[list[str]]:
    """The cells of rows that have each been quoted as a whole, none if they are not."""
    split = [dialect.split(row[0]) or [] for row in rows if len(row) == 1]
    even = len({len(row) for row in split}) == 1
    return split if len(split) == sum(map(bool, rows)) > 1 and even and len(split[0]) > 1 else []


def _named(rows: Sequence[Sequence[str]]) -> bool:
    return is_header(rows[0], rows[1:])


def _head(text: str) -> str:
    return "\n".join(itertools.islice(_lines(text[:_HEAD]), SAMPLE))


def _is_spaced(head: str, delimiter: str) -> bool:
    """Whether a space follows nearly every delimiter."""
    sign = re.escape(delimiter)
    after = re.findall(f"{sign}(?=([^{sign}\n]))", head)
    return delimiter != " " and bool(after) and after.count(" ") >= 0.9 * len(after)


def _kinds(rows: Sequence[Sequence[str]], width: int) -> list[Kind]:
    return [kind_of([row[place] for row in rows if place < len(row)]) for place in range(width)]


def _worth(delimiter: str, suffix: str, evenness: float, named: bool) -> bool:
    if delimiter == " ":
        return evenness >= 0.95
    if suffix not in records.PLAIN_KINDS:
        return True
    return evenness >= 0.9 if delimiter == "\t" else evenness == 1 and named


def read_csv(text: str, delimiter: str) -> Found:
    """Text with a delimiter → rows; a row that breaks the rules of quotes is read as it stands."""
    if delimiter == "|":
        text = _without_frame(text)
    spaced = _is_spaced(_head(text), delimiter)
    rows, bad = _read(text, _Dialect(delimiter, spaced))
    if "\\" in text and (faults := len(bad) + _uneven(rows)):
        # \N is nothing, not a letter
        other, worse = _read(text.replace("\\N", "\\\\N"), _Dialect(delimiter, spaced, escaped=True))
        if len(worse) + _uneven(other) < faults:
            rows, bad = other, worse
    rows = _wrapped(rows, _Dialect(delimiter, spaced)) or rows
    notes = [Note("bad_rows", {"count": len(bad), "row": bad[0]})] if bad else []
    width = _width(rows)
    filled = [row for row in rows if row]
    if filled and len(filled[0]) == width - 1:
        if any(cell[:1] == " " for row in filled for cell in row[1:]):
            width -= 1  # a text in every row has a comma too many
        elif all(len(row) == width and row[0] == str(number) for number, row in enumerate(filled[1:10], 1)):
            filled[0].insert(0, "")  # R leaves the numbers of the rows without a name
    longer = [number for number, row in enumerate(rows, 1) if len(row) > width]
    if longer and width > 1:
        even = [row for row in rows if len(row) == width][:SAMPLE]
        place = max(range(width), key=lambda column: sum(len(row[column]) for row in even))
        rows = [_fit(row, width, place, delimiter) if len(row) > width else row for row in rows]
        notes.append(Note("uneven_rows", {"count": len(longer), "row": longer[0]}))
    return Found(rows, notes=notes, plain=delimiter == ",")


def _read(text: str, dialect: _Dialect) -> tuple[list[list[str]], list[int]]:
    bad: list[int] = []
    return _rows(text, dialect, bad), bad


def _width(rows: Sequence[Sequence[str]]) -> int:
    """How many cells most rows have."""
    widths = Counter(len(row) for row in rows[:SAMPLE] if row)
    return widths.most_common(1)[0][0] if widths else 1


def _uneven(rows: Sequence[Sequence[str]]) -> int:
    width = _width(rows)
    return sum(len(row) not in (0, width) for row in rows)


def _without_frame(text: str) -> str:
    """A table of Markdown, psql or MySQL without the bars at the ends of its lines and its rules."""
    lines = list(_lines(text))
    ruled = [
        place for place, line in enumerate(lines) if _RULE.fullmatch(line) and ("+" in line or place == 1)
    ]
    lines = [line for place, line in enumerate(lines) if place not in set(ruled)]
    while ruled and lines and re.fullmatch(r"\s*(?:\(\d+ \w+\))?\s*", lines[-1]):  # "(2 rows)"
        del lines[-1]
    framed = all(line.strip()[:1] == line.strip()[-1:] == "|" for line in lines if line.strip())
    return "\n".join(line.strip()[1:-1] if framed else line for line in lines)


def _fit(record: list[str], width: int, place: int, delimiter: str) -> list[str]:
    """A record with at most `width` cells: what begins with a space goes on with the text before it, and
    what is still too much belongs to the column of the longest texts."""
    if not any(cell.strip() for cell in record[width:]):  # nothing more, but for delimiters at the end
        return record[:width]
    extra = len(record) - width
    cells = record[:1]
    for cell in record[1:]:
        if extra and cell[:1] == " ":
            cells[-1] += delimiter + cell
            extra -= 1
        else:
            cells.append(cell)
    end = place + extra + 1
    return [*cells[:place], delimiter.join(cells[place:end]), *cells[end:]]


def _rows(text: str, dialect: _Dialect, bad: list[int]) -> list[list[str]]:
    """The records of a csv, an empty one for a blank line; the numbers of those that break its rules are
    put into `bad`. The semicolon of an entity of HTML (&mdash;) divides no cells."""
    if dialect.delimiter == ";" and "&" in text and (masked := _ENTITY.sub(_masked, text)) != text:
        return [[cell.replace(_MASK, ";") for cell in row] for row in _rows(masked, dialect, bad)]
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, **dialect.options)
        rows = [dialect.unwrapped(row) if any(map(str.strip, row)) else [] for row in reader]
        if not any("\n" in cell or "\r" in cell for row in rows for cell in row):
            return rows
    except csv.Error:
        pass
    lines = list(_lines(text))
    alone = [dialect.split(line) for line in lines]
    width = _width([row for row in alone if row])
    rows, place, filled = [], 0, 0
    while place < len(lines) and filled <= records.MOST_ROWS:
        row, used = alone[place], 1
        if row is None:
            row, used = _quoted(lines, place, dialect, width)
        if row is None:
            bad.append(len(rows) + 1)
            row, used = _as_it_stands(lines[place], dialect.delimiter), 1
        blank = not any(map(str.strip, row))
        rows.append([] if blank else dialect.unwrapped(row))
        filled += not blank
        place += used
    return rows


def _masked(entity: re.Match[str]) -> str:
    known = entity[1] is None or entity[1] in name2codepoint
    return entity[0][:-1] + _MASK if known else entity[0]


def _quoted(lines: list[str], place: int, dialect: _Dialect, width: int) -> tuple[list[str] | None, int]:
    """A record with line breaks within quotes, and how many lines it has."""
    joined = lines[place]
    for count in range(2, min(_LONGEST_QUOTE, len(lines) - place) + 1):
        joined += "\n" + lines[place + count - 1]
        if '"' in lines[place + count - 1]:
            row = dialect.split(joined)
            if row is not None and (not width or len(row) == width):
                return row, count
            if row is None and dialect.split(joined + '"') is None:  # more is wrong than an open quote
                break
    return None, 1


def _as_it_stands(line: str, delimiter: str) -> list[str]:
    """The cells of a broken record: a quote is closed where a delimiter and no space, or the end, follows."""
    if len(line) > _LONGEST_BROKEN:
        return line.split(delimiter)
    sign = re.escape(delimiter)
    cells, place = [], 0
    while place <= len(line):
        match = re.compile(rf'\s*"(.*?)"\s*(?={sign}(?! )|$)|([^{sign}]*)').match(line, place)
        assert match is not None  # the second way fits everything
        cells.append((match[1] if match[1] is not None else match[2]).replace('""', '"'))
        place = match.end() + 1
    return cells


def _lines(text: str) -> Iterator[str]:
    return iter(_LINE.split(text))
