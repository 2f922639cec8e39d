"""JSON of any shape → rows: the list in it that is likeliest the reviews."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from demos.operations.files.columns import SAMPLE, is_name, is_text_name, named_rows, table_score
from demos.operations.files.records import MOST_COLUMNS, MOST_ROWS, Found, Guess, Note, TableError

_DEEPEST = 8  # levels at which lists are looked for
_MOST_LISTS = 100
_TRAILING_COMMA = re.compile(r",(\s*[\]}])")
# What Telegram says of a part of a text: at least this, at most that.
_PART = {"type", "text"}, {"type", "text", "href", "user_id", "document_id", "language"}
_BYTES = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]")  # of UTF-8, which Facebook writes as signs


def read_json(text: str, sheet: str | None) -> Found:
    """JSON of any shape, one value or many after each other (a line each, mostly) → rows.

    Args:
        sheet: the path of the list to take; None takes the likeliest.

    Raises:
        TableError: "broken", "empty", "no_list" or "many_columns".
    """
    values, bad = _values(text)
    data = values if len(values) > 1 or isinstance(values[0], str) else values[0]
    if isinstance(data, list) and _of_database(data):
        data = {str(item.get("name")): item["data"] for item in data if _is_table(item)}
    lists: dict[str, list[Any]] = {}
    scores: dict[str, float] = {}
    for path, items, within in itertools.islice(_lists([data]), _MOST_LISTS):
        name = path or ("list" if isinstance(data, list) else "table")
        if items and name not in lists:
            lists[name], scores[name] = items, _likely(path, items) - 3 * within
    if not lists:
        if isinstance(data, list):
            raise TableError("empty", "the list is empty")
        raise TableError("no_list", "the file holds no list of reviews")
    chosen = sheet if sheet in lists else max(scores, key=lambda name: scores[name])
    kept = [item for item in lists[chosen] if not _is_service(item)]
    found = _from_items(kept or lists[chosen])
    found.plain = True
    if len(lists) > 1:
        found.guesses.append(Guess("sheet", chosen, tuple(lists)))
    if bad:
        found.notes.append(Note("bad_items", {"count": len(bad), "line": bad[0]}))
    if 0 < len(kept) < len(lists[chosen]):
        found.notes.append(Note("omitted", {"count": len(lists[chosen]) - len(kept)}))
    return found


def _values(text: str) -> tuple[list[Any], list[int]]:
    """The values of a JSON text, and the numbers of the lines that are none, if they are the fewer ones."""
    try:
        return [json.loads(text)], []
    except json.JSONDecodeError as error:
        whole = error
    except (ValueError, RecursionError) as error:
        raise TableError("broken", f"line 1: {error}", line=1, problem=str(error)) from None
    try:
        return [json.loads(_TRAILING_COMMA.sub(r"\1", text))], []
    except (ValueError, RecursionError):
        pass
    values: list[Any] = []
    bad: list[int] = []
    decoder, place, line, counted = json.JSONDecoder(), 0, 1, 0
    start = re.compile(r"[\s,]*")
    while place < len(text):
        place = start.match(text, place).end()  # type: ignore[union-attr]
        if place == len(text):
            break
        try:
            value, place = decoder.raw_decode(text, place)
            values.append(value)
        except (ValueError, RecursionError):
            line, counted = line + text.count("\n", counted, place), place
            bad.append(line)
            end = text.find("\n", place)
            place = len(text) if end < 0 else end + 1
            if len(bad) > max(10, len(values)):
                break
    items = sum(isinstance(value, dict | list | str) for value in values)
    if not values or len(bad) >= len(values) or 2 * items < len(values):
        line = bad[0] if bad and items else whole.lineno
        raise TableError("broken", f"line {line}: {whole.msg}", line=line, problem=whole.msg)
    return values, bad


def _lists(
    nodes: Sequence[Any], path: str = "", depth: int = 0, within: int = 0
) -> Iterator[tuple[str, list[Any], int]]:
    """What can be a list of reviews among JSON values at one path and below it: its path, its items, and
    within how many lists it stands."""
    rows = [item for node in nodes if isinstance(node, list) for item in node]
    if rows:
        yield path, rows, within
        within += 1
    elif len(nodes) == 1 and isinstance(nodes[0], dict):
        table = _oriented(nodes[0])
        if table is not None:
            yield path, table, within
            rows, within = table, within + 1
        elif any(isinstance(value, str) and is_text_name(name) for name, value in nodes[0].items()):
            yield path, [nodes[0]], within + 1  # one review
    if depth == _DEEPEST:
        return
    objects = [node for node in rows or nodes if isinstance(node, dict)]
    inner: dict[str, list[Any]] = {}
    for one in objects:
        for name, value in one.items():
            if isinstance(value, dict | list):
                inner.setdefault(name, []).append(value)
    for name, nested in inner.items():
        yield from _lists(nested, f"{path}.{name}" if path else name, depth + 1, within)


def _oriented(data: dict[str, Any]) -> list[Any] | None:
    """The rows of an object that is a table in one of the ways that pandas and databases write them; None
    if it is none."""
    columns, rows = data.get("columns"), data.get("data")
    if isinstance(columns, list) and isinstance(rows, list) and all(isinstance(row, list) for row in rows):
        names = [".".join(map(str, name)) if isinstance(name, list) else str(name) for name in columns]
        return [dict(zip(names, row, strict=False)) for row in rows]
    values = list(data.values())
    if len(values) > 1 and all(isinstance(value, list) for value in values):
        flat = not any(isinstance(item, dict | list) for value in values for item in value)
        if flat and len({len(value) for value in values}) == 1:
            return [dict(zip(data, row, strict=True)) for row in zip(*values, strict=True)]
    if values and all(isinstance(value, dict) and value for value in values):
        return _crossed(data)
    if any(isinstance(value, str) for value in values) and all(
        isinstance(value, str | None) for value in values
    ):
        named = any(is_name(name) for name in data)
        if all(map(str.isdecimal, data)) or (len(values) > 1 and not named):  # a column, by its row names
            return values
    return None


def _crossed(data: dict[str, dict[str, Any]]) -> list[Any] | None:
    """The rows of objects in an object: its names are those of columns, or those of rows.

    The values of a column are all numbers or all texts; where that is so both ways, known names decide.
    """
    values = list(data.values())
    inner = list(dict.fromkeys(name for value in values for name in value))
    if sum(map(len, values)) < 0.6 * len(values) * len(inner):
        return None
    flat = not any(isinstance(item, dict | list) for value in values for item in value.values())
    down = all(_alike(value.values()) for value in values)
    across = all(_alike(value.get(name) for value in values) for name in inner)
    if down == across:
        down = any(map(is_name, data)) and not any(map(is_name, inner))
        down = down or (all(map(str.isdecimal, inner)) and not all(map(str.isdecimal, data)))
    if down and flat:
        return [{name: data[name].get(row) for name in data} for row in inner]
    return values if len(values) > 1 or all(map(str.isdecimal, data)) else None


def _alike(values: Iterable[Any]) -> bool:
    """Whether values that are there are of one kind."""
    kinds = {
        "number" if isinstance(one, int | float) else type(one).__name__ for one in values if one is not None
    }
    return len(kinds) < 2


def _likely(path: str, items: list[Any]) -> float:
    """How likely a list is the reviews: as a table, of which a list of texts names the column."""
    found = _from_items(items[:SAMPLE])
    names, rows = found.columns, found.rows
    if names is None:
        names, rows, _ = named_rows(rows, None)
        names = names or [""] * len(rows[0])
    if all(isinstance(item, str) for item in items[:SAMPLE]):
        names = [""]
    return table_score([f"{path}.{name}".strip(".") for name in names], rows)


def _is_service(item: Any) -> bool:
    """Whether an item is what Telegram itself says in a chat: who joined it, what was pinned."""
    return isinstance(item, dict) and item.get("type") == "service"


def _of_database(items: list[Any]) -> bool:
    """Whether the items are what phpMyAdmin exports: a word on the program and the database, then tables."""
    return (
        bool(items)
        and isinstance(items[0], dict)
        and items[0].get("type") == "header"
        and any(map(_is_table, items))
    )


def _is_table(item: Any) -> bool:
    return isinstance(item, dict) and item.get("type") == "table" and isinstance(item.get("data"), list)


def _from_items(items: list[Any]) -> Found:
    """JSON strings, objects (what is nested is joined with a dot) and lists → columns and rows."""
    if all(isinstance(item, list) for item in items):
        width = max(map(len, items), default=0)
        rows = [[_cell(value) for value in item] for item in items]
        return Found([row + [""] * (width - len(row)) for row in rows])
    records = []
    for item in items[: MOST_ROWS + 1]:
        if isinstance(item, dict):
            records.append(dict(_flat(item)))
        elif isinstance(item, list):
            records.append({f"column {number}": _cell(cell) for number, cell in enumerate(item, 1)})
        else:
            records.append({"text": _cell(item)})
    columns = list(dict.fromkeys(name for record in records for name in record))
    if len(columns) > MOST_COLUMNS:
        raise TableError("many_columns", f"{len(columns)} columns", count=len(columns), limit=MOST_COLUMNS)
    return Found([[record.get(name, "") for name in columns] for record in records], columns)


def _flat(item: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterable[tuple[str, str]]:
    for name, value in item.items():
        if isinstance(value, dict) and value and depth < 5:
            yield from _flat(value, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", _cell(value)


def _cell(value: Any) -> str:
    """A JSON value as text; the parts of a message with links in it (Telegram) are joined."""
    if isinstance(value, str):
        return _mended(value)
    if isinstance(value, list) and value:
        linked = any(isinstance(part, dict) for part in value)
        parts = [part["text"] if isinstance(part, dict) and _is_part(part) else part for part in value]
        if all(isinstance(part, str) for part in parts):
            return ("" if linked else ", ").join(map(_mended, parts))
    return json.dumps(value, ensure_ascii=False)


def _is_part(part: dict[str, Any]) -> bool:
    return _PART[0] <= part.keys() <= _PART[1]


def _mended(text: str) -> str:
    """A text whose signs are the bytes of UTF-8 as the text that they are."""
    if not _BYTES.search(text):
        return text
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
