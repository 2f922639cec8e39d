"""Uploaded files: formats, encodings, delimiters, headers, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from demos import tables
from demos.tables import Table, TableError, read_table, weight_of

RUSSIAN = "Отличный кофе, приду ещё!"


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def reason(path: Path) -> str:
    with pytest.raises(TableError) as caught:
        read_table(path)
    return str(caught.value.details["reason"])


def test_a_line_of_txt_is_a_row(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.txt", f"{RUSSIAN}\r\n\r\n  Дорого; но вкусно\n"))
    assert table == Table(("text",), ((RUSSIAN,), ("Дорого; но вкусно",)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_encodings_of_russian(tmp_path: Path, encoding: str) -> None:
    table = read_table(written(tmp_path, "a.txt", RUSSIAN.encode(encoding)))
    assert table.rows == ((RUSSIAN,),)
    assert table.encoding == {"utf-8-sig": "utf-8"}.get(encoding, encoding)


def test_western_bytes_are_not_taken_for_cyrillic(tmp_path: Path) -> None:
    text = "Schönes Café, für später größer"
    table = read_table(written(tmp_path, "a.txt", text.encode("cp1252")))
    assert (table.rows[0][0], table.encoding) == (text, "cp1252")


@pytest.mark.parametrize(
    ("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "|"), ("a.tsv", "\t"), ("a.csv", "\t")]
)
def test_delimiters_are_found(tmp_path: Path, name: str, delimiter: str) -> None:
    rows = [("id", "отзыв", "оценка"), ("1", '"Вкусно, быстро; хорошо | да"', "5"), ("2", "Плохо", "2")]
    table = read_table(written(tmp_path, name, "\n".join(delimiter.join(row) for row in rows)))
    assert table.delimiter == delimiter
    assert table.columns == ("id", "отзыв", "оценка")
    assert table.column("отзыв") == ["Вкусно, быстро; хорошо | да", "Плохо"]
    assert table.text_columns == ["отзыв"]
    assert table.number_columns == ["id", "оценка"]


def test_one_column_with_commas_stays_one_column(tmp_path: Path) -> None:
    lines = ["Вкусно", "Дорого, долго, шумно", "Чисто, уютно", "Персонал вежливый, цены, увы, нет"]
    table = read_table(written(tmp_path, "a.csv", "\n".join(lines)))
    assert table.delimiter == ""
    assert table.column("column 1") == lines


def test_quoted_cells_keep_line_breaks_and_quotes(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", 'text,votes\n"Первая\nвторая ""строка""",3\nДа,1\n'))
    assert table.column("text") == ['Первая\nвторая "строка"', "Да"]


def test_an_unclosed_quote_does_not_swallow_the_file(tmp_path: Path) -> None:
    table = read_table(
        written(tmp_path, "a.csv", 'text,votes\n"Супер" телефон,3\n"Начал и не закрыл,1\nДа,2\n')
    )
    assert len(table.rows) == 3
    assert table.column("votes") == ["3", "1", "2"]


def test_a_row_with_a_comma_too_many_keeps_its_text(tmp_path: Path) -> None:
    lines = ["id,text", *(f"{i},отзыв номер {i}" for i in range(9)), "9,вкусно, но дорого"]
    table = read_table(written(tmp_path, "a.csv", "\n".join(lines)))
    assert table.column("text")[-1] == "вкусно, но дорого"


def test_a_file_without_a_header_loses_no_row(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", "5;Очень вкусно!\n2;Долго ждали.\n4;Уютно."))
    assert table.columns == ("column 1", "column 2")
    assert table.column("column 2")[0] == "Очень вкусно!"


def test_the_unnamed_index_of_pandas(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", ",text\n0,Вкусно и быстро\n1,Долго и дорого\n"))
    assert table.columns == ("column 1", "text")
    assert len(table.rows) == 2


def test_excel_names_its_delimiter(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.csv", "sep=;\r\ntext;votes\r\nДа, хорошо;2\r\n"))
    assert (table.columns, table.rows) == (("text", "votes"), (("Да, хорошо", "2"),))


@pytest.mark.parametrize(
    "data",
    [
        ["Вкусно", "Дорого"],
        [{"text": "Вкусно"}, {"text": "Дорого", "stars": 2}],
        {"shop": "x", "reviews": [{"text": "Вкусно"}, {"text": "Дорого"}]},
        {"text": ["Вкусно", "Дорого"], "stars": [5, 2]},
    ],
)
def test_shapes_of_json(tmp_path: Path, data: object) -> None:
    table = read_table(written(tmp_path, "a.json", json.dumps(data)))
    assert table.column("text") == ["Вкусно", "Дорого"]


def test_json_lines_with_nested_objects(tmp_path: Path) -> None:
    lines = '{"review": {"body": "Вкусно", "n": 1}}\n\n{"review": {"body": "Дорого"}, "ok": null}\n'
    table = read_table(written(tmp_path, "a.jsonl", lines))
    assert table.column("review.body") == ["Вкусно", "Дорого"]
    assert table.column("review.n") == ["1", ""]


def test_half_a_surrogate_pair_can_be_written_again(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a.json", r'["да \ud83d нет"]'))
    assert table.rows[0][0].encode().decode() == "да � нет"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.docx", b"PK\x03\x04", "kind"),
        ("a", b"text", "kind"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "empty"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("a.txt", "да\x00нет".encode(), "binary"),
        ("a.csv", "text,votes\n".encode("utf-16-le"), "binary"),
        ("a.json", b'{"a": ', "broken"),
        ("a.json", b"[" * 100_000, "broken"),
        ("a.json", b'{"a": 1}', "no_list"),
        ("a.json", b"[]", "empty"),
        ("a.jsonl", b'{"text": "da"}\n{oops}\n', "broken"),
        ("a.csv", b"1;2\n3;4\n", "no_text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(
    tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    assert reason(written(tmp_path, name, content)) == expected


def test_the_line_of_a_broken_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read_table(written(tmp_path, "a.jsonl", '{"text": "да"}\n{oops}\n'))
    assert caught.value.details["line"] == 2


def test_huge_files_and_long_tables_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, "a.txt", "да\n" * 30)
    monkeypatch.setattr(tables, "MOST_ROWS", 29)
    assert reason(path) == "many_rows"
    monkeypatch.setattr(tables, "MOST_BYTES", 100)
    assert reason(path) == "huge"


def test_the_named_text_column_comes_before_a_longer_one() -> None:
    table = Table(("link", "review"), (("a-very-long-address-of-a-page-about-it", "Вкусно"),))
    assert table.text_columns == ["review", "link"]


def test_an_unknown_column_is_an_error() -> None:
    with pytest.raises(KeyError):
        Table(("text",), (("да",),)).column("other")


@pytest.mark.parametrize(
    ("cell", "weight"),
    [
        ("3", 3.0),
        (" 1,5 ", 1.5),
        ("0", 0.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("да", None),
    ],
)
def test_weights(cell: str, weight: float | None) -> None:
    assert weight_of(cell) == weight
