"""Uploaded files → tables of text: txt, csv, tsv, json and jsonl, whatever their encoding."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from demos.codec import CodecError

KINDS = (".txt", ".csv", ".tsv", ".json", ".jsonl")
MOST_BYTES = 20 * 2**20
MOST_ROWS = 100_000
_DELIMITERS = ",;\t|"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_TEXT_NAMES = "review reviews text comment feedback body content message sentence opinion отзыв отзывы текст"
_TEXT_NAMES += " комментарий комментарии сообщение мнение"
_OTHER_NAMES = (
    "id name date rating score stars title weight votes likes helpful author user product вес имя дата"
)
_OTHER_NAMES += (
    " оценка рейтинг автор товар голоса лайки полезно pros cons плюсы минусы достоинства недостатки №"
)
_NAMES = frozenset((_TEXT_NAMES + " " + _OTHER_NAMES).split())


class TableError(CodecError):
    """A file that cannot be read as a table; `reason` says why.

    Reasons: "kind" (suffix, known), "huge" (megabytes, limit), "empty", "binary", "broken" (line,
    problem), "no_list", "many_rows" (count, limit), "no_text".
    """

    code: ClassVar[str] = "table"

    def __init__(self, reason: str, message: str, **details: object) -> None:
        super().__init__(message, reason=reason, **details)


@dataclass(frozen=True)
class Table:
    """Rows of cells, all as text and as long as `columns`; `encoding` and `delimiter` are what was found.

    The delimiter is empty where a line is a row.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    encoding: str = "utf-8"
    delimiter: str = ""

    def column(self, name: str) -> list[str]:
        """The cells of a column; KeyError if there is none of this name."""
        if name not in self.columns:
            raise KeyError(name)
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    @property
    def text_columns(self) -> list[str]:
        """Columns that have words in them, the likeliest to be the reviews first."""
        sizes: dict[str, tuple[bool, float]] = {}
        for name in self.columns:
            cells = [cell for cell in self.column(name)[:1000] if any(map(str.isalpha, cell))]
            if cells:
                named = bool(_words(name) & set(_TEXT_NAMES.split()))
                sizes[name] = (named, sum(map(len, cells)) / len(self.rows[:1000]))
        return sorted(sizes, key=lambda name: sizes[name], reverse=True)

    @property
    def number_columns(self) -> list[str]:
        """Columns of numbers that are not negative, blanks aside: what can weigh the rows."""
        return [name for name in self.columns if _all_weights(self.column(name))]


def weight_of(cell: str) -> float | None:
    """The cell as a finite number, not negative; None if it is none. "1,5" is 1.5."""
    if not re.fullmatch(r"\s*\+?\d{1,15}([.,]\d{1,15})?\s*", cell, re.ASCII):
        return None
    return float(cell.replace(",", "."))


def _all_weights(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(weight_of(cell) is not None for cell in filled)


def read_table(path: str | Path) -> Table:
    """Read a file as its suffix says.

    Raises:
        TableError: what is wrong with the file.
        OSError: the file cannot be opened.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise TableError(
            "kind", f"{kind or path.name} files are not read", suffix=kind or "?", known=", ".join(KINDS)
        )
    size = path.stat().st_size
    if size > MOST_BYTES:
        limit = MOST_BYTES // 2**20
        raise TableError(
            "huge", f"{size} bytes, at most {limit} MB are read", megabytes=size // 2**20, limit=limit
        )
    text, encoding = decode_bytes(path.read_bytes())
    delimiter = ""
    if kind in (".csv", ".tsv"):
        columns, rows, delimiter = _parse_csv(text, kind)
    elif kind == ".txt":
        columns, rows = ("text",), [(line.strip(),) for line in text.splitlines()]
    else:
        columns, rows = _parse_json(text) if kind == ".json" else _parse_json_lines(text)
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise TableError("empty", "the file has no rows")
    if len(rows) > MOST_ROWS:
        raise TableError("many_rows", f"{len(rows)} rows", count=len(rows), limit=MOST_ROWS)
    table = Table(columns, tuple(rows), encoding, delimiter)
    if not table.text_columns:
        raise TableError("no_text", "no column has words in it")
    return table


def decode_bytes(data: bytes) -> tuple[str, str]:
    """Bytes → (text, name of its encoding): UTF-16 by its mark, UTF-8, cp1251, or cp1252 (Western Europe).

    In a Western text read as cp1251 Cyrillic letters stand inside Latin words; that tells the two apart.

    Raises:
        TableError: "empty" or "binary".
    """
    text, encoding = "", "utf-8"
    try:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            text, encoding = data.decode("utf-16"), "utf-16"
        else:
            text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text, encoding = data.decode("cp1251"), "cp1251"
            foreign = [word for word in re.findall(r"\w+", text) if re.search("[а-яёА-ЯЁ]", word)]
            mixed = sum(bool(re.search("[a-zA-Z]", word)) for word in foreign)
            if not foreign or mixed > len(foreign) / 2:
                text, encoding = data.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            raise TableError("binary", "the bytes are no text in a known encoding") from None
    if _CONTROL.search(text):
        raise TableError("binary", "the file has control characters, so it is no text")
    if not text.strip():
        raise TableError("empty", "the file is empty")
    return text, encoding


def _parse_csv(text: str, kind: str) -> tuple[tuple[str, ...], list[tuple[str, ...]], str]:
    """Text of a csv or tsv file → columns, rows, the delimiter that was found."""
    named = re.match(r"sep=(.)\r?\n", text)  # what Excel writes to name the delimiter
    if named:
        text = text[named.end() :]
    order = named.group(1) if named else ("\t" + _DELIMITERS if kind == ".tsv" else _DELIMITERS)
    best: tuple[float, str, list[list[str]]] = (0.0, "", [])
    for delimiter in order:
        records = _records(text, delimiter)
        widths = Counter(map(len, records))
        width, count = widths.most_common(1)[0] if widths else (1, 0)
        evenness = count / max(len(records), 1)
        if width > 1 and evenness > max(best[0], 0.8):
            best = (evenness, delimiter, records)
    _, delimiter, records = best
    if not delimiter:  # one column, its commas are commas
        records = [[cell] for cell in _one_column(text)]
    width = Counter(map(len, records)).most_common(1)[0][0] if records else 1
    rows = [_fit(record, width, delimiter) for record in records]
    if rows and _is_header(rows[0], rows[1:]):
        names = tuple(name.strip() or f"column {place}" for place, name in enumerate(rows[0], 1))
        return names, rows[1:], delimiter
    return tuple(f"column {place}" for place in range(1, width + 1)), rows, delimiter


def _records(text: str, delimiter: str) -> list[list[str]]:
    """The records of a csv, quotes as the format wants them, or as plain signs where that fails."""
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        try:
            reader = csv.reader(
                io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True
            )
            return [record for record in reader if any(cell.strip() for cell in record)]
        except csv.Error as error:
            problem, line = str(error), reader.line_num
    raise TableError("broken", f"line {line}: {problem}", line=line, problem=problem)


def _one_column(text: str) -> list[str]:
    records = _records(text, "\x1f")  # a sign that no text here has
    return [record[0] for record in records]


def _fit(record: list[str], width: int, delimiter: str) -> tuple[str, ...]:
    """A record with exactly `width` cells; what is too much belongs to the last one."""
    cells = [*record[: width - 1], delimiter.join(record[width - 1 :])] if len(record) > width else record
    return tuple(cells + [""] * (width - len(cells)))


def _words(name: str) -> set[str]:
    return set(re.split(r"[\W_]+", name.casefold()))


def _is_header(first: tuple[str, ...], rest: list[tuple[str, ...]]) -> bool:
    """Whether the first row names the columns: known names, or short names above longer texts or numbers."""
    cells = [cell.strip() for cell in first]
    names = [cell for cell in cells if cell]
    if not rest or not names or len(set(names)) < len(names):
        return False
    if any(len(name) > 40 or weight_of(name) is not None or name[-1] in ".!?…)" for name in names):
        return False
    if any(_words(name) & _NAMES for name in names) and all(len(name.split()) <= 4 for name in names):
        return True
    for place, cell in enumerate(cells):
        below = [row[place] for row in rest[:100]]
        if cell and (_all_weights(below) or len(cell) * 3 < sum(map(len, below)) / len(below)):
            return len(cells) > 1
    return False


def _parse_json(text: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    data = _load_json(text)
    if isinstance(data, dict):
        lists = {name: value for name, value in data.items() if isinstance(value, list) and value}
        sizes = {len(value) for value in lists.values()}
        flat = not any(isinstance(item, dict | list) for value in lists.values() for item in value)
        if flat and len(lists) > 1 and len(sizes) == 1:  # an object of columns
            return tuple(lists), [tuple(map(_cell, row)) for row in zip(*lists.values(), strict=True)]
        data = max(lists.values(), key=len, default=None)
    if not isinstance(data, list):
        raise TableError("no_list", "the file holds no list of reviews")
    return _from_items(data)


def _parse_json_lines(text: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    lines = enumerate(text.split("\n"), 1)
    return _from_items([_load_json(line, number) for number, line in lines if line.strip()])


def _load_json(text: str, line: int = 0) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = line or error.lineno
        raise TableError("broken", f"line {line}: {error.msg}", line=line, problem=error.msg) from None
    except (ValueError, RecursionError) as error:
        raise TableError("broken", f"line {line or 1}: {error}", line=line or 1, problem=str(error)) from None


def _from_items(items: list[Any]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """JSON strings, objects (one level of nesting is joined with a dot) and lists → columns and rows."""
    records: list[dict[str, str]] = []
    for item in items:
        if isinstance(item, dict):
            record: dict[str, str] = {}
            for name, value in item.items():
                inner = value.items() if isinstance(value, dict) else ()
                record |= {f"{name}.{key}": _cell(deep) for key, deep in inner} or {name: _cell(value)}
            records.append(record)
        elif isinstance(item, list):
            records.append({f"column {number}": _cell(cell) for number, cell in enumerate(item, 1)})
        else:
            records.append({"text": _cell(item)})
    columns = tuple(dict.fromkeys(name for record in records for name in record))
    return columns, [tuple(record.get(name, "") for name in columns) for record in records]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-16", "surrogatepass").decode(
        "utf-16", "replace"
    )  # half a surrogate pair is no letter
