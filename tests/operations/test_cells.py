"""Numbers, dates and cells that say nothing."""

from __future__ import annotations

import pytest

from demos.operations.cells import is_missing, is_odd, weight_of
from tests.reading import read, spreadsheet


@pytest.mark.parametrize(
    ("cells", "weights"),
    [
        (["1,234", "950"], [1234, 950]),
        (["1,5", "2"], [1.5, 2]),
        (["1.234", "950"], [1234, 950]),
        (["1.234", "12.345", "1.000.000"], [1234, 12345, 1_000_000]),
        (["4.567", "3.125"], [4.567, 3.125]),
        (["5/5", "4/5"], [5, 4]),
        (["10 из 10", "7 из 10"], [10, 7]),
        (["★★★★★", "★★☆☆☆", "⭐️⭐️⭐️"], [5, 2, 3]),
        (["1 234,50 ₽", "90 ₽", "90 руб."], [1234.5, 90, 90]),
        (["5.0 out of 5 stars", "1 star"], [5, 1]),
        (["5 звёзд", "1 звезда", "3 балла"], [5, 1, 3]),
        (["$1,234", "$950"], [1234, 950]),
        (["$1,234.50", "$90"], [1234.5, 90]),
        (["0,125", "0,250"], [0.125, 0.25]),
        (["1\u202f234", "2\u00a0000,5"], [1234, 2000.5]),
        (["1'234", "2’000"], [1234, 2000]),
        (["1.234,5", "2"], [1234.5, 2]),
        (["5 %", "7%"], [5, 7]),
        (["3", "", "NaN"], [3, None, None]),
        (["3", "\u22121"], [3, None]),
        ([*["3"] * 19, "много"], [*[3] * 19, None]),
    ],
)
def test_numbers_of_a_column(cells: list[str], weights: list[float | None]) -> None:
    table = read("t;n\n" + "\n".join(f"Хорошо, {place};{cell}" for place, cell in enumerate(cells)))
    assert table.number_columns == ["n"]
    assert table.weights("n") == pytest.approx(weights)


def test_what_cannot_be_a_weight_is_told() -> None:
    table = read("t;n\nХорошо;3\nПлохо;−1\nДа;2\n")
    assert table.not_weights("n") == ["−1"]
    assert read("t;n\nХорошо;да\nПлохо;нет\n").weights("n") is None


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


@pytest.mark.parametrize(
    "cell", ["nan", "NaN", "NULL", "None", "N/A", "#N/A", "#Н/Д", "true", "ЛОЖЬ", "-", " ", "<NA>"]
)
def test_cells_that_say_nothing(cell: str) -> None:
    assert is_missing(cell)
    table = read(f"id;text\n1;Вкусный кофе\n2;{cell}\n3;Нет\n")
    assert table.missing("text") == bool(cell.strip())


@pytest.mark.parametrize("cell", ["Нет", "нет", "no", "Ничего", "5", "ok"])
def test_what_people_say_is_not_missing(cell: str) -> None:
    assert not is_missing(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "#WERT!",
        "#BEZUG!",
        "#NOM?",
        "#VALEUR!",
        "k. A.",
        "keine Angabe",
        "n.a.",
        "-nan",
        "\\N",
        "#ЧИСЛО!",
        "n. a.",
    ],
)
def test_what_programs_write_in_other_languages(cell: str) -> None:
    table = read(f"id;text\n1;Вкусный кофе\n2;{cell}\n3;Нет\n")
    assert table.missing("text") == 1


@pytest.mark.parametrize(
    "cell", ["R3KRXK9SHJTJ6Q", "A-101", "anna@example.com", "https://a.example/1", '{"a": 1}']
)
def test_what_only_programs_read(cell: str) -> None:
    assert is_odd(cell)


@pytest.mark.parametrize(
    "cell",
    ["Вкусно", "咖啡非常好喝服务也很周到下次还会再来价格有点贵但是值得推荐给大家", "Всё на 5", "10/10"],
)
def test_what_people_write_is_not_for_programs(cell: str) -> None:
    assert not is_odd(cell)


def test_numbers_that_a_program_wrote_have_decimal_points() -> None:
    rows: list[list[object]] = [["text", "n"], ["Вкусно", 1.234], ["Дорого", 950]]
    assert read(spreadsheet(a=rows), "a.xlsx").weights("n") == [1.234, 950]
    assert read('[{"text":"Вкусно","n":1.234},{"text":"Дорого","n":950}]', "a.json").weights("n") == [
        1.234,
        950,
    ]
    assert read("text,n\nВкусно,1.234\nДорого,950\n").weights("n") == [1.234, 950]
