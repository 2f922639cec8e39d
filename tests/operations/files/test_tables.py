"""Files of all kinds: what is read, what is refused, and limits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from demos.operations.files import records, tables
from demos.operations.files.tables import Table, TableError, read_file
from tests.reading import read, reason, spreadsheet

RUSSIAN = "Отличный кофе, приду ещё!"


def test_a_line_of_txt_is_a_row() -> None:
    table = read(f"{RUSSIAN}\r\n\r\n  Дорого; но вкусно\n", "a.txt")
    assert table == Table(("text",), ((RUSSIAN,), ("Дорого; но вкусно",)))
    assert (table.encoding, table.delimiter) == ("utf-8", "")


def test_a_wrong_guess_can_be_corrected() -> None:
    data = "Ђ ј њ".encode("cp1251")
    assert read(data, "a.txt", encoding="cp1251").column("text") == ["Ђ ј њ"]
    assert read("Да;нет\nОй;ай", "a.txt").delimiter == ""
    assert read("Да;нет\nОй;ай", "a.txt", delimiter=";").rows == (("Да", "нет"), ("Ой", "ай"))
    assert read("id,text\n1,Вкусно\n", header=False).rows == (("id", "text"), ("1", "Вкусно"))
    assert read("Да,нет\nОй,ай\n", header=True).columns == ("Да", "нет")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "отзыв;балл\nХорошо, да;5\n".encode() + "Плохо, нет;1\n".encode("cp1251")),
        ("a.csv", b"sep=;\r\ntext;n\r\nGood, yes;5\r\nBad, no;1\r\n"),
        ("a.csv", b"id,Start Date,What did you like?\n,,Open-Ended Response\n7,09/01/2026,Nice staff\n"
                  b"8,09/02/2026,Cold soup\n"),
        ("a.csv", "Отзывы,,Оценки,\nтекст,город,вкус,цена\nХорошо,Тула,5,4\nПлохо,Омск,1,2\n".encode()),
        ("a.csv", '"Отзыв,Оценка"\n"Хорошо,5"\n"Плохо,1"\n'.encode()),
        ("a.md", "| отзыв | балл |\n|---|---|\n| Хорошо | 5 |\n| Плохо | 1 |\n".encode()),
        ("a.json", '{"tags":["a","b"],"reviews":[{"text":"Вкусно"},{"text":"Дорого"}]}'.encode()),
        ("a.txt", "1. Хорошо\n2. Плохо\n".encode("utf-16")),
        ("a.xlsx", spreadsheet(Итог=[["Всего", 2]], Отзывы=[["Отзыв"], ["Хорошо, да"], ["Плохо"]])),
    ],
)  # fmt: skip
def test_a_choice_of_what_was_guessed_changes_nothing(name: str, content: bytes) -> None:
    """The page sends all that its drop-downs say when one of them is changed."""
    table = read(content, name)
    guessed: dict[str, Any] = {guess.name: guess.value for guess in table.guesses}
    if "header" in guessed:
        guessed["header"] = guessed["header"] == "yes"
    again = read(content, name, **guessed)
    assert (again, again.guesses, again.notes) == (table, table.guesses, table.notes)


@pytest.mark.parametrize(
    "choice", [{"encoding": "zip"}, {"encoding": "x\0"}, {"delimiter": "ab"}, {"delimiter": '"'}]
)
def test_a_choice_that_cannot_be_is_refused(choice: dict[str, str]) -> None:
    with pytest.raises(TableError) as caught:
        read("Да;нет\nОй;ай", **choice)
    assert caught.value.details["reason"] == "bad_choice"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.docx", b"PK\x03\x04", "broken"),
        ("a.xlsx", spreadsheet(a=[["да"]])[:-40], "broken"),
        ("a.xlsx", spreadsheet(a=[]), "empty"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        ("a.pdf", b"%PDF-1.7", "kind"),
        ("a.txt", b"%PDF-1.7", "binary"),
        ("letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "kind"),
        ("setup.exe", b"MZ\x90\x00\x03", "kind"),
        ("msf:12", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "binary"),
        ("image:7", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "binary"),
        ("image:8", b"RIFF\x1e\x02\x00\x00WEBPVP8 \x12\x02\x00\x00\x30\x0d\x00\x9d\x01\x2a", "binary"),
        ("document", b"{\\rtf1\\ansi\\deff0 {\\fonttbl}}", "binary"),
        ("document", b"PK\x03\x04", "broken"),
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n\t\n", "empty"),
        ("a.txt", b"\xef\xbb\xbf", "empty"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("a.txt", "да\x00нет\x00ой".encode(), "binary"),
        ("a.json", b'{"a": ', "broken"),
        ("a.json", b"[" * 100_000, "broken"),
        ("a.json", b'{"a": 1}', "no_list"),
        ("a.json", b"[]", "empty"),
        ("a.json", b"5", "no_list"),
        ("a.jsonl", b'{"text": "da"}\n{oops}\n', "broken"),
        ("a.csv", b"1;2\n3;4\n", "no_text"),
        ("a.csv", b"id,text\n", "empty"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(name: str, content: bytes, expected: str) -> None:
    assert reason(content, name) == expected


@pytest.mark.parametrize(
    "name", ["msf:1000000033", "chat", "document", "Отзывы от 01.09", "Отзывы г. Тула", "notes.md", "A.TXT"]
)
def test_names_as_phones_and_people_give_them(name: str) -> None:
    assert read(f"{RUSSIAN}\nДорого, но вкусно\n", name).column("text") == [RUSSIAN, "Дорого, но вкусно"]
    assert read("отзыв;балл\nВкусный кофе;5\nДорого;2\n", name).columns == ("отзыв", "балл")
    assert read(spreadsheet(a=[["отзыв"], ["Вкусный кофе"]]), name).column("отзыв") == ["Вкусный кофе"]


def test_the_line_of_a_broken_json_is_named() -> None:
    with pytest.raises(TableError) as caught:
        read('{"text": "да"}\n{oops}\n', "a.jsonl")
    assert caught.value.details["line"] == 2


def test_huge_files_and_long_tables_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_text("да\n" * 30, encoding="utf-8")
    assert len(read_file(path).rows) == 30
    monkeypatch.setattr(records, "MOST_ROWS", 29)
    assert reason(path.read_bytes(), "a.txt") == "many_rows"
    monkeypatch.setattr(tables, "MOST_BYTES", 100)
    with pytest.raises(TableError, match="bytes"):
        read_file(path)


def file_of(count: int, bad: bool) -> str:
    """A csv of so many rows, one of which may have wrong quotes."""
    rows = [
        f'{number},"Отзыв номер {number}, довольно длинный и подробный",5,2026-09-01'
        for number in range(count)
    ]
    if bad:
        rows[count // 2] = f'{count // 2},"Кофе "лучший" тут,5,2026-09-01'
    return "id,text,stars,date\n" + "\n".join(rows)


@pytest.mark.parametrize("bad", [False, True])
def test_ten_times_the_rows_take_about_ten_times_the_work(bad: bool) -> None:
    """Seconds depend on what else the machine does, a ratio hardly: the sizes take turns, and the least time
    of each counts. Work that grows with the square of the rows would take a hundred times as long."""
    least = dict.fromkeys((2_000, 20_000), float("inf"))
    for count in [*least] * 3:
        content = file_of(count, bad)
        started = time.process_time()
        table = read(content)
        assert (table.text_columns, table.number_columns) == (["text"], ["id", "stars"])
        least[count] = min(least[count], time.process_time() - started)
        assert len(table.rows) == count
    assert least[20_000] < 25 * least[2_000]


def test_the_named_text_column_comes_before_a_longer_one() -> None:
    table = Table(("link", "review"), (("a-very-long-address-of-a-page-about-it", "Вкусно"),))
    assert table.text_columns == ["review", "link"]


def test_an_unknown_column_is_an_error() -> None:
    table = Table(("text",), (("да",),))
    for cells in (table.column, table.weights):
        with pytest.raises(TableError, match="no column 'other'"):
            cells("other")


def test_a_table_says_how_much_memory_it_holds() -> None:
    texts = [f"Кофе номер {number} был неплох, но ждали мы его долго." for number in range(2000)]
    table = read("\n".join(texts), "reviews.txt")
    assert 2 < table.nbytes / sum(map(len, texts)) < 5  # Python has two bytes for a Cyrillic letter
