"""Lines, words, numbers and keys of texts."""

from __future__ import annotations

import pytest

from demos.operations.text import (
    count_words,
    is_paragraph,
    lines_of,
    one_line,
    parse_number,
    same_text,
    without_marks,
)


def test_lines_are_divided_by_line_breaks_alone() -> None:
    assert lines_of("Кофе,\u2028ждали\t3\n\n  Да\t1 \r\n\xa0\n") == ["Кофе, ждали\t3", "Да\t1"]
    assert one_line(" а\n\u00a0б\t в ") == "а б в"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["- Вкусно", "", "- Дорого"], ["Вкусно", "", "Дорого"]),
        (["1. Вкусно", "2. Дорого", "3) 5 звёзд"], ["Вкусно", "Дорого", "5 звёзд"]),
        (["7) Вкусно", " 8) Дорого"], ["Вкусно", "Дорого"]),
        (["# Отзывы", "- Вкусно", "- Дорого"], ["# Отзывы", "Вкусно", "Дорого"]),
        (["Отзывы:", "1. Вкусно", "2. Дорого"], ["Отзывы:", "Вкусно", "Дорого"]),
    ],
)
def test_the_marks_of_a_list_are_no_words(lines: list[str], words: list[str]) -> None:
    assert without_marks(lines) == words


@pytest.mark.parametrize(
    "lines",
    [
        ["- Вкусно"],
        ["- Вкусно", "Дорого"],
        ["1. Вкусно", "- Дорого"],
        ["5. Вкусно", "1. Дорого"],
        ["-5 за сервис", "-3 за цену"],
        ["1.5 часа ждали", "2.5 часа ждали"],
    ],
)
def test_what_only_looks_like_the_marks_of_a_list_stays(lines: list[str]) -> None:
    assert without_marks(lines) == lines


@pytest.mark.parametrize(
    "texts",
    [
        ("Да", "да", "Да!", " да… ", "«Да».", "ДА!!!"),
        ("Всё хорошо", "все  хорошо.", "Все\u00a0хорошо"),
        ("Мой чай", "Мо\u0438\u0306 ча\u0438\u0306"),
        ("Кафе «Уют» — лучшее", 'Кафе "Уют" - лучшее!'),
        ("Don't", "Don’t."),
        ("...", "…"),
    ],
)
def test_one_text_typed_in_several_ways(texts: tuple[str, ...]) -> None:
    assert len({same_text(text) for text in texts}) == 1


@pytest.mark.parametrize(
    "texts", [("Да", "Да?"), ("Да :)", "Да :("), ("Да 👍", "Да 👎"), ("Да", "Дао"), ("!", "."), ("C", "C++")]
)
def test_texts_that_say_different_things(texts: tuple[str, str]) -> None:
    assert same_text(texts[0]) != same_text(texts[1])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0,5", 0.5),
        ("12,5", 12.5),
        ("0.5", 0.5),
        (",5", 0.5),
        ("\u22121", -1.0),
        ("–1,5", -1.5),
        ("- 2", -2.0),
        ("+3", 3.0),
        ("1 234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1\u00a0234\u00a0567", 1234567.0),
        ("1'234.50", 1234.5),
        ("1’234,50", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1,234,567", 1234567.0),
        ("1,234", 1.234),
        ("50 %", 50.0),
        ("０，５", 0.5),
        ("5", 5.0),
        ("1e-06", 1e-6),
        ("2,5E+03", 2500.0),
        (7, 7.0),
        (0.25, 0.25),
    ],
)
def test_numbers_as_people_write_them(text: object, number: float) -> None:
    assert parse_number(text) == pytest.approx(number)


@pytest.mark.parametrize(
    "text",
    ["", " ", "да", "1e9", "nan", "inf", "1,2,3", "1 2", "12 34", "5/5", "2026-09-01", "--1", "9" * 40, None,
     True, [], float("nan"), float("inf"), 10**400],
)  # fmt: skip
def test_what_is_no_number(text: object) -> None:
    assert parse_number(text) is None


def test_thousands_where_the_caller_knows_of_them() -> None:
    assert parse_number("1,234", comma="thousands") == 1234
    assert parse_number("1,2345", comma="thousands") == 1.2345


def test_words_are_counted_with_and_without_spaces() -> None:
    assert count_words("Кто-то не ел 6 дней.") == 5
    assert count_words("先生们,我六天没吃东西了!") == 6


def test_paragraphs() -> None:
    assert is_paragraph(" ".join(["слово"] * 125))
    assert is_paragraph("Мы пришли в кафе поздно вечером. Нас встретили и посадили у окна. " * 3)
    assert not is_paragraph("Мы пришли в кафе. Было вкусно.")
    assert not is_paragraph(" ".join(["слово"] * 30))
