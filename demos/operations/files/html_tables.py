"""Tables that programs write as HTML or as XML, Excel's of 2003 or their own, and Telegram's chats → rows of
cells.

HTML is divided into tags by an expression that goes through the text once: on a file of broken tags, which
anybody may upload, the html.parser of Python 3.11 works for hours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from html import unescape
from xml.parsers import expat

from demos.operations.files.records import MOST_COLUMNS, Found, TableError
from demos.operations.files.spreadsheets import likeliest

_HEAD = 5000  # characters in which a workbook has begun
_MOST_TABLES = 100
_DEEPEST = 20  # levels of XML
_MOST_CELLS = 5_000_000  # cells that are merged over many columns and rows stand for many more
_WORKBOOK = re.compile(r"<(?:\w+:)?Workbook[\s>]")
_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_DOCUMENT = re.compile(r"<(?:\?xml|!doctype|html)\b", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype )?html\b", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_UNSEEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*+)(?P<more>(?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+'|[\"'])*+)>",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\b(col|row)span\s*+=\s*+[\"']?(\d{1,4})", re.IGNORECASE)
_CLASS = re.compile(r"\bclass=\"([^\"]{1,100})\"")
_TITLE = re.compile(r"\btitle=\"([^\"]{1,100})\"")
_NEW_LINE = ("br", "p", "div", "li")


def read_markup(text: str, sheet: str | None) -> Found | None:
    """The table of a document that is likeliest the reviews, unless one is chosen; None of another text.

    Raises:
        TableError: "no_table", "declares", "broken", "many_columns" or "many_cells".
    """
    begins = text.lstrip()
    if not begins.startswith("<"):
        return None
    workbook = bool(_WORKBOOK.search(begins[:_HEAD]))
    if workbook:
        tables = _Workbook(begins).tables
    elif _TABLE.search(begins):
        tables = _tables_of_html(begins)
    elif begins.startswith("<?xml") and not _PAGE.search(begins[:_HEAD]):
        tables = _Elements(begins).tables
    elif _DOCUMENT.match(begins):
        if said := _messages(begins):
            return Found(said, ["date", "author", "text"])
        tables = {}
    else:
        return None
    if not any(tables.values()):
        raise TableError("no_table", "HTML or XML without a table")
    return likeliest(tables, sheet, plain=workbook)


class _Rows:
    """The rows of a table, whose cells come one by one; a blank row stands for several."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self._row: list[str] | None = None
        self._cell: list[str] | None = None  # the parts of its text
        self._number = 0  # of the row
        self._next = 0  # the column after the last cell
        self._covered: dict[int, int] = {}  # columns → the number of the first row below a tall cell
        self._cells = 0

    def begin_row(self) -> None:
        self.end_row()
        self._row, self._number, self._next = [], self._number + 1, 0

    def begin_cell(self, place: int | None = None, across: int = 1, down: int = 1) -> None:
        """A cell in the next free column, or in one that is named, that may be as large as several."""
        self.end_cell()
        if self._row is None:
            self.begin_row()
        assert self._row is not None
        while place is None and self._covered.get(self._next, 0) > self._number:
            self._next += 1
        place = self._next if place is None else place
        if place >= MOST_COLUMNS:
            raise TableError("many_columns", f"{place + 1} columns", count=place + 1, limit=MOST_COLUMNS)
        self._row += [""] * (place - len(self._row))
        self._cell, self._next = [], place + max(across, 1)
        if down > 1:
            columns = range(place, min(self._next, MOST_COLUMNS))
            self._covered |= dict.fromkeys(columns, self._number + down)

    def write(self, text: str) -> None:
        if self._cell is not None:
            self._cell.append(text)

    def end_cell(self) -> None:
        if self._cell is not None and self._row is not None:
            self._row.append("".join(self._cell).strip())
        self._cell = None

    def end_row(self) -> None:
        self.end_cell()
        if self._row is None:
            return
        self._cells += len(self._row)
        if self._cells > _MOST_CELLS:
            raise TableError("many_cells", f"more than {_MOST_CELLS} cells", limit=_MOST_CELLS)
        if any(self._row):
            self.rows.append(self._row)
        elif self.rows and self.rows[-1]:
            self.rows.append([])
        self._row = None


def _tables_of_html(text: str) -> dict[str, list[list[str]]]:
    """The tables by their numbers; one within another's cell is a table of its own."""
    tables: list[_Rows] = []
    opened: list[_Rows] = []
    for tag, ends, more, data in _pieces(_UNSEEN.sub("", text)):
        if tag == "table" and not ends and len(tables) < _MOST_TABLES:
            tables.append(_Rows())
            opened.append(tables[-1])
        if not opened:
            continue
        table = opened[-1]
        if tag == "table" and ends:
            opened.pop().end_row()
        elif tag == "tr":
            table.end_row()
            if not ends:
                table.begin_row()
        elif tag in ("td", "th"):
            table.end_cell()
            if not ends:
                spans = {name.lower(): int(count) for name, count in _SPAN.findall(more)}
                table.begin_cell(None, spans.get("col", 1), spans.get("row", 1))
        elif tag in _NEW_LINE and not ends:
            table.write("\n")
        if opened and data:
            opened[-1].write(_plain(data))
    for table in opened:
        table.end_row()
    return {str(number): table.rows for number, table in enumerate(tables, 1) if table.rows}


def _messages(text: str) -> list[list[str]]:
    """The messages of a chat that Telegram has exported as a page: date, author, text."""
    found: list[tuple[str, list[str], list[str]]] = []  # the date, the parts of the author and of the text
    date, part = "", ""
    author: list[str] = []
    for tag, ends, more, data in _pieces(_UNSEEN.sub("", text)):
        if tag == "div":
            named = _CLASS.search(more) if not ends else None
            part = named[1] if named else ""
            dated = _TITLE.search(more) if part == "pull_right date details" else None
            date = dated[1] if dated else date
            author = [] if part == "from_name" else author
            found += [(date, author, [])] if part == "text" else []
        if part == "from_name":
            author.append(_plain(data))
        elif part == "text":
            found[-1][2].append(("\n" if tag == "br" else "") + _plain(data))
    return [["".join(cell).strip() for cell in row] for row in found if "".join(row[2]).strip()]


def _pieces(text: str) -> Iterator[tuple[str, bool, str, str]]:
    """Each tag with its name, whether it ends something, its attributes, and the text up to the next tag."""
    tags = _TAG.finditer(text)
    before = next(tags, None)
    for tag in tags:
        assert before is not None
        yield before["name"].lower(), bool(before["end"]), before["more"], text[before.end() : tag.start()]
        before = tag
    if before is not None:
        yield before["name"].lower(), bool(before["end"]), before["more"], text[before.end() :]


def _plain(data: str) -> str:
    """Text of HTML as it is shown: its line breaks are spaces."""
    with suppress(ValueError):  # of a sign whose number has thousands of digits
        data = unescape(data)
    return _SPACES.sub(" ", data)


class _Xml:
    """Reads XML. A document that declares a type is refused, as tables never do: it may define entities that
    unfold to gigabytes."""

    def __init__(self, text: str) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._write
        try:
            parser.Parse(text, True)
        except expat.ExpatError as error:
            problem = expat.ErrorString(error.code)
            raise TableError("broken", f"XML: {error}", line=error.lineno, problem=problem) from None

    def _refuse(self, *declared: object) -> None:
        raise TableError("declares", "XML that declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def _end(self, name: str) -> None:
        raise NotImplementedError

    def _write(self, text: str) -> None:
        raise NotImplementedError


class _Workbook(_Xml):
    """The sheets of Excel's XML of 2003, by their names."""

    def __init__(self, text: str) -> None:
        self.tables: dict[str, list[list[str]]] = {}
        self._rows = _Rows()
        super().__init__(text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        values = {_local(key): value for key, value in attributes.items()}
        match _local(name):
            case "Worksheet":
                self._rows = _Rows()
                self.tables[values.get("Name", "")] = self._rows.rows
            case "Row":
                if "Index" in values:  # rows with nothing in them have been left out
                    self._rows.begin_row()
                self._rows.begin_row()
            case "Cell":
                place = _number(values.get("Index", "")) - 1
                across = 1 + _number(values.get("MergeAcross", ""))
                self._rows.begin_cell(place if place >= 0 else None, across)
            case "Comment":
                self._rows.end_cell()  # what follows is no text of the cell

    def _end(self, name: str) -> None:
        match _local(name):
            case "Row":
                self._rows.end_row()
            case "Data":
                self._rows.end_cell()

    def _write(self, text: str) -> None:
        self._rows.write(text.removesuffix("T00:00:00.000"))


@dataclass
class _Element:
    """An element of XML that is not over: its cells are its attributes and the texts of what is in it."""

    path: str
    cells: dict[str, str]
    text: list[str] = field(default_factory=list)
    has_parts: bool = False


class _Elements(_Xml):
    """Elements with attributes, or with texts in elements of their own, as rows: a table for each path."""

    def __init__(self, text: str) -> None:
        self._found: dict[str, list[dict[str, str]]] = {}
        self._open = [_Element("", {})]
        super().__init__(text)

    @property
    def tables(self) -> dict[str, list[list[str]]]:
        """By their paths, the names of the columns first; one element of a path alone is no table."""
        tables = {}
        for path, rows in self._found.items():
            if len(rows) == 1:
                continue
            names = list(dict.fromkeys(name for row in rows for name in row))[: MOST_COLUMNS + 1]
            tables[path] = [names, *([row.get(name, "") for name in names] for row in rows)]
        return tables

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        within = self._open[-1]
        within.has_parts = True
        path = f"{within.path}.{_local(name)}".strip(".")
        if len(self._open) > _DEEPEST or (path not in self._found and len(self._found) > _MOST_TABLES):
            path = within.path
        self._open.append(_Element(path, {_local(key): value for key, value in attributes.items()}))

    def _end(self, name: str) -> None:
        one, text = self._open.pop(), ""
        if not one.has_parts and (text := "".join(one.text).strip()):
            cells, key = self._open[-1].cells, _local(name)
            cells[key] = f"{cells[key]}, {text}" if key in cells else text
        elif one.cells:
            self._found.setdefault(one.path, []).append(one.cells)

    def _write(self, text: str) -> None:
        self._open[-1].text.append(text)


def _local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def _number(text: str) -> int:
    """A number of columns as written, 0 for what is none."""
    return int(text) if re.fullmatch("[0-9]{1,7}", text) else 0
