"""Text with delimiters: which one it is, quotes, broken rows."""

from __future__ import annotations

from typing import Any

import pytest

from demos.operations.files.tables import table_of_text
from tests.reading import notes, read


@pytest.mark.parametrize(
    ("name", "delimiter"),
    [
        ("a.csv", ","),
        ("a.csv", ";"),
        ("a.csv", "|"),
        ("a.tsv", "\t"),
        ("A.CSV", "\t"),
        ("a.txt", "\t"),
        ("a", ";"),
    ],
)
def test_delimiters_are_found(name: str, delimiter: str) -> None:
    rows = [("id", "отзыв", "оценка"), ("1", '"Вкусно, быстро; хорошо | да"', "5"), ("2", "Плохо", "2")]
    table = read("\n".join(delimiter.join(row) for row in rows), name)
    assert table.delimiter == delimiter
    assert table.columns == ("id", "отзыв", "оценка")
    assert table.column("отзыв") == ["Вкусно, быстро; хорошо | да", "Плохо"]
    assert table.text_columns == ["отзыв"]
    assert table.number_columns == ["id", "оценка"]


def test_one_column_with_commas_stays_one_column() -> None:
    lines = ["Вкусно", "Дорого, долго, шумно", "Чисто, уютно", "Персонал вежливый, цены, увы, нет"]
    table = read("\n".join(lines))
    assert table.delimiter == ""
    assert table.column("column 1") == lines


def test_quoted_cells_keep_line_breaks_and_quotes() -> None:
    table = read('text,votes\n"Первая\nвторая ""строка""",3\nДа,1\n')
    assert table.column("text") == ['Первая\nвторая "строка"', "Да"]


def test_unicode_text_of_excel() -> None:
    text = "№\tОтзыв\tОценка\r\n1\tОтличный кофе\t5\r\n2\tДорого\t2\r\n"
    table = read(text.encode("utf-16"), "a.txt")
    assert table.columns == ("№", "Отзыв", "Оценка")
    assert table.text_columns == ["Отзыв"]
    assert table.column("Оценка") == ["5", "2"]
    assert table_of_text(text) == table
    assert table_of_text("Вкусно\nДорого") is None


@pytest.mark.parametrize(
    ("content", "cells", "row"),
    [
        ('id,text\n1,"Кофе "лучший" тут"\n2,Дорого\n', ['Кофе "лучший" тут', "Дорого"], 2),
        ('id,text\n1,"Да, "и вот", нет"\n2,"Дорого, да"\n', ['Да, "и вот", нет', "Дорого, да"], 2),
        ('id,text\n1,"Начал и не закрыл\n2,"Да, вкусно"\n', ['"Начал и не закрыл', "Да, вкусно"], 2),
        ('text,votes\n"Да, хорошо",3\n"Плохо”,1\nДа,2\n', ["Да, хорошо", '"Плохо”', "Да"], 3),
        ('id;text\n1;Экран 5" и "чехол"\n2;"Да; вкусно"\n', ['Экран 5" и "чехол"', "Да; вкусно"], 0),
    ],
)
def test_a_row_with_wrong_quotes_alone_is_read_as_it_stands(content: str, cells: list[str], row: int) -> None:
    table = read(content)
    assert table.column("text") == cells
    assert notes(table).get("bad_rows", {}).get("row", 0) == row


def test_a_bad_quote_among_many_rows() -> None:
    rows = [f'"Отзыв, номер {number}",{number}' for number in range(300)]
    rows[150] = '"Плохо”,1'
    table = read("text,votes\n" + "\n".join(rows))
    assert len(table.rows) == 300
    assert table.column("text")[149:152] == ["Отзыв, номер 149", '"Плохо”', "Отзыв, номер 151"]
    assert notes(table) == {"bad_rows": {"count": 1, "row": 152}}


def test_a_row_with_a_comma_too_many_keeps_its_text() -> None:
    lines = [
        "id,text,stars",
        *(f"{i},отзыв номер {i},5" for i in range(9)),
        "9,вкусно, но дорого,3",
        "10,да,5,,",
    ]
    table = read("\n".join(lines))
    assert table.column("text")[-2:] == ["вкусно, но дорого", "да"]
    assert table.column("stars")[-2:] == ["3", "5"]
    assert notes(table)["uneven_rows"] == {"count": 2, "row": 11}


def test_excel_names_its_delimiter() -> None:
    table = read("sep=;\r\ntext;votes\r\nДа, хорошо;2\r\n")
    assert (table.columns, table.rows) == (("text", "votes"), (("Да, хорошо", "2"),))


OPINIONS = ["Вкусно, быстро", "Дорого, шумно", "Мило, уютно", "Чисто, светло", "Долго, скучно", "Тихо, тепло",
            "Сытно, дёшево", "Людно, душно", "Остро, сочно", "Свежо, ярко"]  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "txt"])
def test_a_comma_between_words_divides_nothing(suffix: str) -> None:
    table = read("\n".join(["text", *OPINIONS]), f"a.{suffix}")
    assert table.delimiter == ""
    assert table.column(table.columns[0])[-10:] == OPINIONS


def test_spaces_after_the_delimiter() -> None:
    table = read('id, text\n1, "Да, хорошо"\n2, Нет\n')
    assert (table.columns, table.rows) == (("id", "text"), (("1", "Да, хорошо"), ("2", "Нет")))


@pytest.mark.parametrize(
    "content",
    [
        '"text","stars"\n"1","Вкусно, быстро",5\n"2","Дорого",2\n',
        '"text" "stars"\n"1" "Вкусно, быстро" 5\n"2" "Дорого" 2\n',
    ],
)
def test_names_of_rows_as_r_writes_them(content: str) -> None:
    table = read(content)
    assert table.columns == ("column 1", "text", "stars")
    assert table.column("text") == ["Вкусно, быстро", "Дорого"]
    assert table.number_columns == ["column 1", "stars"]


def test_rows_that_were_saved_as_one_cell() -> None:
    table = read('id,text,stars\n"1,""Вкусно, да"",5"\n"2,""Дорого"",2"\n3,Мило,4\n')
    assert table.columns == ("id", "text", "stars")
    assert table.column("text") == ["Вкусно, да", "Дорого", "Мило"]


def test_a_comma_too_many_in_every_row() -> None:
    table = read("id,text\n1,Вкусно, но дорого\n2,Мило, чисто\n3,Чисто, тихо\n")
    assert table.column("text") == ["Вкусно, но дорого", "Мило, чисто", "Чисто, тихо"]


def test_backslashes_as_my_sql_writes_them() -> None:
    content = 'id,text\n1,"Кофе \\"лучший\\" тут"\n2,Да\\, хорошо\n3,\\N\n4,"Да, ""очень"""\n'
    table = read(content)
    assert table.column("text") == ['Кофе "лучший" тут', "Да, хорошо", "\\N", 'Да, "очень"']
    assert (table.missing("text"), notes(table)) == (1, {})
    assert read("id\ttext\n1\tВкусно\n2\t\\N\n").missing("text") == 1


def test_a_backslash_without_a_meaning_stays() -> None:
    assert read("id,text\n1,C:\\Новая\n2,Да\n").column("text") == ["C:\\Новая", "Да"]


@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_a_table_of_markdown(name: str) -> None:
    table = read("| text | stars |\n|:---|---:|\n| Вкусно, быстро | 5 |\n| Дорого | 2 |\n", name)
    assert (table.columns, table.rows) == (("text", "stars"), (("Вкусно, быстро", "5"), ("Дорого", "2")))


def test_a_cell_of_several_lines_that_was_copied() -> None:
    table = table_of_text('Отзыв\tБалл\r\n"Первая\nвторая ""да"""\t5\r\nДорого\t2\r\n')
    assert table is not None
    assert table.column("Отзыв") == ['Первая\nвторая "да"', "Дорого"]
    assert table.column("Балл") == ["5", "2"]


@pytest.mark.parametrize(
    "content",
    [
        " id |   отзыв   | балл \n----+-----------+------\n  1 | Вкусно    |    5\n"
        "  2 | Дорого    |    2\n(2 rows)\n\n",
        "+----+--------+------+\n| id | отзыв  | балл |\n+----+--------+------+\n|  1 | Вкусно |    5 |\n"
        "|  2 | Дорого |    2 |\n+----+--------+------+\n",
    ],
)
def test_tables_as_databases_draw_them(content: str) -> None:
    table = read(content, "a.txt")
    assert (table.columns, table.column("отзыв")) == (("id", "отзыв", "балл"), ["Вкусно", "Дорого"])
    assert len(table.rows) == 2


@pytest.mark.parametrize("delimiter", [None, ","])
def test_rows_that_are_quoted_as_a_whole(delimiter: str | None) -> None:
    content = '"Отзыв,Оценка"\n"Хорошо,5"\n"Плохо,1"\n'
    table = read(content, delimiter=delimiter)
    assert (table.columns, table.number_columns) == (("Отзыв", "Оценка"), ["Оценка"])
    assert read('"Вкусно, быстро"\n"Дорого, долго"\n').delimiter == ""


@pytest.mark.parametrize(
    "choices", [{}, {"delimiter": ";", "header": True}, {"delimiter": ";", "header": False}]
)
def test_the_line_that_names_the_delimiter_is_no_row(choices: dict[str, Any]) -> None:
    table = read("sep=;\r\nОтзыв;Оценка\r\nХорошо;5\r\nПлохо;1\r\n", **choices)
    assert table.rows[-2:] == (("Хорошо", "5"), ("Плохо", "1"))
    assert (len(table.rows), notes(table)) == (3 if choices.get("header") is False else 2, {})


def test_the_semicolons_of_entities_divide_no_cells() -> None:
    table = read("text;n\nКофе&nbsp;&mdash; супер;5\nПлохо &lt;3;1\nQ&AB;2\n")
    assert table.rows == (("Кофе — супер", "5"), ("Плохо <3", "1"), ("Q&AB", "2"))
