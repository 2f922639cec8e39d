"""Spreadsheets."""

from __future__ import annotations

import datetime
import io

from openpyxl import Workbook

from tests.reading import notes, read, spreadsheet


def test_a_spreadsheet_whatever_its_suffix_says() -> None:
    rows: list[list[object]] = [
        ["Дата", "Отзыв", "Балл"],
        ["01.09", "Вкусный кофе", 5],
        ["02.09", "Дорого", 2.5],
    ]
    data = spreadsheet(Пусто=[], Отзывы=rows, Ещё=[["да"]])
    for name in ("a.xlsx", "a.XLSX", "a.csv", "a"):
        table = read(data, name)
        assert table.columns == ("Дата", "Отзыв", "Балл")
        assert table.text_columns == ["Отзыв"]
        assert table.column("Балл") == ["5", "2.5"]
        assert table.guess("sheet") == "Отзывы"
    assert read(data, "a.xlsx", sheet="Ещё").rows == (("да",),)


def test_a_spreadsheet_with_a_title_dates_and_blanks() -> None:
    rows: list[list[object]] = [
        ["Отчёт"], [], ["Когда", "Отзыв", None, "Сколько"],
        [datetime.datetime(2026, 9, 1), "Вкусно", None, 1.0], [datetime.datetime(2026, 9, 2), True, None, 2],
    ]  # fmt: skip
    table = read(spreadsheet(Лист1=rows), "a.xlsx")
    assert table.columns == ("Когда", "Отзыв", "Сколько")
    assert table.column("Когда") == ["2026-09-01", "2026-09-02"]
    assert table.missing("Отзыв") == 1
    assert notes(table) == {"preamble": {"count": 1}}


def test_the_sheet_with_words_comes_first() -> None:
    numbers: list[list[object]] = [["Месяц", "Всего", "Балл"]]
    numbers += [[place, 10 * place, 4.5] for place in range(1, 9)]
    reviews: list[list[object]] = [["Отзыв", "Балл"], ["Вкусно", 5], ["Дорого", 2]]
    data = spreadsheet(Сводка=numbers, Отзывы=reviews)
    assert read(data, "a.xlsx").guess("sheet") == "Отзывы"


def test_a_sheet_that_explains_the_others_comes_after_them() -> None:
    asked: list[object] = ["Вопрос 1. Оцените нас", "Вопрос 2. Почему?"]
    reviews: list[list[object]] = [asked, [10, "Всё нравится"], [2, "Долго жду ответа"]]
    about: list[list[object]] = [["Выгрузка сформирована 01.09.2026 пользователем Ивановым, записей: 2"]]
    table = read(spreadsheet(NPS=reviews, Справка=about), "a.xlsx")
    assert (table.guess("sheet"), table.text_columns) == ("NPS", [asked[1]])


def test_a_hidden_sheet_comes_last() -> None:
    book = Workbook()
    book.active.append(["Вкусно"])
    hidden = book.create_sheet("Справочник")
    hidden.sheet_state = "hidden"
    for number in range(20):
        hidden.append([f"Текст отзыва, очень длинный и подробный, номер {number}"])
    with io.BytesIO() as file:
        book.save(file)
        table = read(file.getvalue(), "a.xlsx")
    assert (table.guess("sheet"), table.rows) == ("Sheet", (("Вкусно",),))


def test_an_old_spreadsheet_that_is_text_is_read() -> None:
    assert read("text\tstars\nВкусно\t5\n", "a.xls").columns == ("text", "stars")
