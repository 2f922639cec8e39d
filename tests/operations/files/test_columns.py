"""What stands in cells, which rows name the columns, and which column has the texts."""

from __future__ import annotations

import json

import pytest

from demos.operations.files.columns import is_date, is_missing, is_odd, weight_of
from tests.reading import notes, read, spreadsheet

ROWS: list[list[object]] = [["A1", "Чайник", 5, "Рад ему"], ["A2", "Чайник", 1, "Сломался"]]


@pytest.mark.parametrize(
    ("cells", "weights"),
    [
        (["1,234", "950"], [1234, 950]),
        (["1,5", "2"], [1.5, 2]),
        (["1.234", "950"], [1234, 950]),
        (["1.234", "12.345", "1.000.000"], [1234, 12345, 1_000_000]),
        (["4.567", "3.125"], [4.567, 3.125]),
        (["4,567", "5"], [4.567, 5]),
        (["4,567", "10", "н/д"], [4.567, 10, None]),
        (["4,567", "12,250", "5"], [4567, 12250, 5]),
        (["4.567", "5"], [4.567, 5]),
        (["$4,567", "$5"], [4567, 5]),
        (["4,567", "3,125"], [4.567, 3.125]),
        (["1.2K", "950", "3k", "2M"], [1200, 950, 3000, 2_000_000]),
        (["1,5 тыс.", "12", "2 млн"], [1500, 12, 2_000_000]),
        (["5️⃣", "1️⃣"], [5, 1]),
        (["5 - Отлично", "1 – Очень плохо", "3"], [5, 1, 3]),
        (["5 (very good)", "1 (bad)"], [5, 1]),
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
    ("cells", "cause"),
    [
        (["5", "не знаю", "3", "4", "не знаю", "5"], ["не знаю", "не знаю"]),
        (["−1", "−2"], ["−1", "−2"]),
        (["5", "нет", "−1", ""], ["нет", "−1"]),
        (["5", "Да", "Нет"], []),
        (["2026-09-01", "2026-09-02"], []),
    ],
)
def test_what_keeps_a_column_of_numbers_from_weighing(cells: list[str], cause: list[str]) -> None:
    rows = [f"Хорошо, {place};{cell}" for place, cell in enumerate(cells)]
    table = read("Отзыв;Оценка\n" + "\n".join(rows))
    assert (table.number_columns, table.not_weights("Оценка")) == ([], cause)


def test_a_number_before_a_text_may_be_that_of_a_list() -> None:
    table = read("1 - Вкусный кофе\n2 - Дорого\n3 - Приду ещё\n")
    assert table.text_columns == ["column 1"]


def test_a_comma_of_a_program_is_no_decimal_comma() -> None:
    assert read('text,n\nХорошо,"4,567"\nПлохо,"3,125"\n').weights("n") == [4567, 3125]


@pytest.mark.parametrize("last", ["Итого;15", "ИТОГО:;15", "Total;15", "Summe;15"])
def test_a_row_of_totals_is_no_opinion(last: str) -> None:
    table = read(f"Отзыв;Голоса\nХорошо;12\nПлохо;3\n{last}\n")
    assert table.rows == (("Хорошо", "12"), ("Плохо", "3"))
    assert notes(table) == {"total": {}}


@pytest.mark.parametrize("last", ["Итого хорошо;15", "Итого;", "Всего;нет"])
def test_a_last_row_that_only_begins_like_totals_stays(last: str) -> None:
    table = read(f"Отзыв;Голоса\nХорошо;12\nПлохо;3\n{last}\n")
    assert (len(table.rows), notes(table)) == (3, {})


def test_the_letters_and_numbers_around_a_sheet_are_no_cells() -> None:
    rows = [["", "A", "B"], ["1", "Отзыв", "Балл"], ["2", "Хорошо", "5"], ["3", "Плохо", "1"]]
    cells = "".join(f"<tr><th>{a}</th><td>{b}</td><td>{c}</td></tr>" for a, b, c in rows)
    table = read(f"<html><table>{cells}</table></html>", "a.html")
    assert (table.columns, table.rows) == (("Отзыв", "Балл"), (("Хорошо", "5"), ("Плохо", "1")))


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


def test_the_questions_of_a_survey_name_its_columns() -> None:
    rows = ['"2026/09/01","Очень вкусный кофе","5"', '"2026/09/02","Долго ждали","2"']
    questions = ["Отметка времени", "Что вам понравилось в нашем кафе?", "Оцените нас (от 1 до 5)"]
    table = read(",".join(f'"{question}"' for question in questions) + "\n" + "\n".join(rows))
    assert list(table.columns) == questions
    assert table.text_columns == [questions[1]]
    assert table.number_columns == [questions[2]]


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("5;Очень вкусно!\n2;Долго ждали.\n4;Уютно.", ("column 1", "column 2")),
        (",text\n0,Вкусно и быстро\n1,Долго и дорого\n", ("column 1", "text")),
        ("text,text\nВкусно,Дорого\nДа,Нет\n", ("text", "text (2)")),
        ("Почему?\nБыло вкусно\nДолго несли\n", ("Почему?",)),
        ("Вкусно\nДолго несли заказ\n", ("column 1",)),
        ("Datum;Bewertung;Sterne\n1.9.2026;Gut;4,5\n2.9.2026;Teuer;2\n", ("Datum", "Bewertung", "Sterne")),
        ("Horodateur,Avis\n2026-09-01 10:00,Bon\n2026-09-02 11:00,Trop cher\n", ("Horodateur", "Avis")),
        ("Отчёт за сентябрь;;\n;;\nДата;Отзыв;Балл\n1.9;Мило;5\n2.9;Дорого;2\n", ("Дата", "Отзыв", "Балл")),
    ],
)  # fmt: skip
def test_headers(content: str, columns: tuple[str, ...]) -> None:
    assert read(content).columns == columns


def test_a_file_without_a_header_loses_no_row() -> None:
    table = read("5;Очень вкусно!\n2;Долго ждали.\n4;Уютно.")
    assert table.column("column 2")[0] == "Очень вкусно!"
    assert table.guess("header") == "no"


# --- the column of texts -----------------------------------------------------------------------------

GOOGLE_PLAY = (
    "Package Name,App Version Code,Reviewer Language,Device,Review Submit Date and Time,"
    "Review Submit Millis Since Epoch,Star Rating,Review Title,Review Text,Developer Reply Text,Review Link\n"
    "com.cafe,12,ru,starlte,2026-09-01T10:00:00Z,1788256800000,5,Очень хорошее приложение,Вкусно,"
    "Большое спасибо за ваш отзыв! Ждём вас снова.,https://play.google.com/console/reviews/1\n"
    "com.cafe,12,ru,beyond1,2026-09-02T10:00:00Z,1788343200000,2,Так себе,Дорого,,"
    "https://play.google.com/console/reviews/2\n"
)
YOUTUBE = {
    "items": [
        {
            "kind": "youtube#commentThread",
            "etag": "nZ0dmWE2Sg8-8gnzYhIGx5rP1MQ",
            "id": "UgzDE8rqMcv2ykTKmOd4AaABAg",
            "snippet": {
                "topLevelComment": {
                    "id": "UgzDE8rqMcv2ykTKmOd4AaABAg",
                    "snippet": {
                        "textDisplay": f"{text}<br>",
                        "textOriginal": text,
                        "authorDisplayName": "@Анна Ивановна Петрова",
                        "authorProfileImageUrl": "https://yt3.ggpht.com/abc",
                        "likeCount": 3,
                        "publishedAt": "2026-09-01T10:00:00Z",
                    },
                },
            },
        }
        for text in ("Вкусно", "Дорого")
    ]
}
WILDBERRIES = {
    "data": {
        "countUnanswered": 0,
        "feedbacks": [
            {
                "id": "YX52RZEBhH9mrcYdEJuD",
                "text": text,
                "pros": "",
                "cons": "",
                "productValuation": 5,
                "createdDate": "2026-09-01T10:00:00Z",
                "answer": {"text": "Здравствуйте! Спасибо за ваш подробный отзыв.", "state": "wbRu"},
                "userName": "Анна",
                "productDetails": {"productName": "Кофе в зёрнах, арабика, килограмм", "brandName": "Кафе"},
                "bables": ["вкус", "запах"],
            }
            for text in ("Вкусно", "Дорого")
        ],
    }
}
REDDIT = {
    "kind": "Listing",
    "data": {
        "children": [
            {
                "kind": "t1",
                "data": {
                    "author": "cafe_lover",
                    "body": text,
                    "body_html": f'&lt;div class="md"&gt;&lt;p&gt;{text}&lt;/p&gt;\n&lt;/div&gt;',
                    "permalink": "/r/coffee/comments/abc123/a_very_long_title_of_it/def456/",
                    "score": 5,
                },
            }
            for text in ("Вкусно", "Дорого")
        ],
    },
}


@pytest.mark.parametrize(
    ("content", "column", "text"),
    [
        (
            "review_id,review_body,star_rating\nR3KRXK9SHJTJ6Q,Вкусно,5\nR1AB2CD3EF4GH5,Дорого,2\n",
            "review_body",
            "Вкусно",
        ),
        (GOOGLE_PLAY, "Review Text", "Вкусно"),
        (
            "Отзыв;Ответ магазина;Оценка\n"
            "Вкусно;Спасибо за ваш отзыв, ждём вас снова!;5\nДорого;Нам очень жаль;2\n",
            "Отзыв",
            "Вкусно",
        ),
        (json.dumps(WILDBERRIES), "text", "Вкусно"),
        (json.dumps(REDDIT), "data.body", "Вкусно"),
        (json.dumps(YOUTUBE), "snippet.topLevelComment.snippet.textOriginal", "Вкусно"),
        (
            "ФИО;Что понравилось?\nПетрова Анна Ивановна;Кофе\nСидоров Пётр Кузьмич;Чай\n",
            "Что понравилось?",
            "Кофе",
        ),
        (
            "Филиал;Ваши впечатления;Балл\n"
            "Москва, Большая Никитская;Вкусно;5\nМосква, Большая Никитская;Дорого;2\n",
            "Ваши впечатления",
            "Вкусно",
        ),
        (
            'Timestamp,What did you like?\n"Sep 1, 2026 10:00 AM",Coffee\n"Sep 2, 2026 11:30 PM",Tea\n',
            "What did you like?",
            "Coffee",
        ),
        (
            "Отметка времени;Что понравилось?\n1 сентября 2026 г., 10:00;Кофе\n2 сент. 2026 г., 11:30;Чай\n",
            "Что понравилось?",
            "Кофе",
        ),
        (
            "Zeit;Was hat Ihnen gefallen?\nDi, 1. September 2026, 10:00 Uhr;Kaffee\n2. Okt. 2026, 9:05;Tee\n",
            "Was hat Ihnen gefallen?",
            "Kaffee",
        ),
        (
            "Как часто вы у нас бываете?;Что улучшить?\nКаждый день по утрам;Цены\nКаждый день по утрам;Чай\n"
            "Каждый день по утрам;Шум\nКаждый день по утрам;Свет\n",
            "Что улучшить?",
            "Цены",
        ),
    ],
)  # fmt: skip
def test_the_column_of_texts(content: str, column: str, text: str) -> None:
    table = read(content, "a.json" if content[0] == "{" else "a.csv")
    assert table.text_columns[0] == column
    assert table.column(column)[0] == text


def test_the_spreadsheet_of_a_form() -> None:
    rows: list[list[object]] = [
        ["ID", "Start time", "Completion time", "Email", "Name", "Что вам понравилось?"],
        [1, "9/1/26 10:00:00", "9/1/26 10:01:00", "anna.petrova@long-name.example", "Анна Петрова", "Кофе"],
        [2, "9/1/26 11:00:00", "9/1/26 11:01:00", "boris.sidorov@long-name.example", "Борис", "Чай"],
    ]  # fmt: skip
    table = read(spreadsheet(Sheet1=rows), "a.xlsx")
    assert table.text_columns[0] == "Что вам понравилось?"


@pytest.mark.parametrize(
    "cell",
    [
        "Sep 1, 2026 10:00 AM", "1 сентября 2026 г. 10:00", "1. September 2026", "2026-09-01T10:00:00Z",
        "01.09.2026, 14:23", "Tue Sep 01 2026", "2 weeks ago", "неделю назад", "10:30",
    ],
)  # fmt: skip
def test_dates(cell: str) -> None:
    assert is_date(cell)


@pytest.mark.parametrize("cell", ["10/10 Отлично", "5-10 минут ждали кофе", "В мае вкусно", "May be", "Да"])
def test_what_begins_like_a_date_is_none(cell: str) -> None:
    assert not is_date(cell)


# --- the rows that name the columns ------------------------------------------------------------------

SURVEYMONKEY = (
    "Respondent ID,Collector ID,Start Date,Что вам понравилось?,Оцените нас\n"
    ",,,Open-Ended Response,Response\n"
    "118200000001,456,09/01/2026 10:00:00 AM,Кофе,5\n118200000002,456,09/01/2026 11:00:00 AM,Чай,4\n"
)
LONG = (
    "Расскажите, пожалуйста, подробно, " + "что вам понравилось или не понравилось, " * 10 + "в нашем кафе?"
)


@pytest.mark.parametrize(
    ("content", "columns", "first"),
    [
        (
            SURVEYMONKEY,
            ("Respondent ID", "Collector ID", "Start Date", "Что вам понравилось?", "Оцените нас"),
            ("118200000001", "456", "09/01/2026 10:00:00 AM", "Кофе", "5"),
        ),
        (
            f'Отметка времени,"{LONG}"\n2026/09/01,Кофе\n2026/09/02,Чай\n',
            ("Отметка времени", LONG),
            ("2026/09/01", "Кофе"),
        ),
        (f'"{LONG}"\nКофе\nЧай\n', (LONG,), ("Кофе",)),
        ("Отзыв о нашем кафе\nКофе вкусный\nЧай остыл\n", ("Отзыв о нашем кафе",), ("Кофе вкусный",)),
        (
            "Опишите ваши впечатления\nКофе вкусный\nЧай остыл\n",
            ("Опишите ваши впечатления",),
            ("Кофе вкусный",),
        ),
        (
            "Город;Впечатления\nМосква;Кофе вкусный\nПермь;Чай остыл\n",
            ("Город", "Впечатления"),
            ("Москва", "Кофе вкусный"),
        ),
        (
            "E-Mail-Adresse;Ihre Meinung\nanna@example.com;Guter Kaffee\nbob@example.com;Zu teuer\n",
            ("E-Mail-Adresse", "Ihre Meinung"),
            ("anna@example.com", "Guter Kaffee"),
        ),
        (
            "Период:;01.09–30.09;;\nФилиал:;Москва;;\n;;;\nДата;Отзыв;Балл;Автор\n1.9;Мило;5;Аня\n2.9;Дорого;2;Боб\n",
            ("Дата", "Отзыв", "Балл", "Автор"),
            ("1.9", "Мило", "5", "Аня"),
        ),
        (
            "Отчёт;;;\nПериод;сентябрь;;\n;;;\nДата;Отзыв;Балл;Автор\n1.9;Мило;5;Аня\n2.9;Дорого;;\n3.9;Тихо;;\n",
            ("Дата", "Отзыв", "Балл", "Автор"),
            ("1.9", "Мило", "5", "Аня"),
        ),
        (
            '"Отзывы о кафе, сентябрь"\nДата,Отзыв\n1.9,Мило\n2.9,"Дорого, шумно"\n',
            ("Дата", "Отзыв"),
            ("1.9", "Мило"),
        ),
        (",0\n0,Вкусно\n1,Дорого\n", ("column 1", "0"), ("0", "Вкусно")),
        (
            "Отчёт за сентябрь\n\nДата;Отзыв;Балл\n1.9;Мило;5\n2.9;Дорого;2\n",
            ("Дата", "Отзыв", "Балл"),
            ("1.9", "Мило", "5"),
        ),
        (
            'Q1,Q2\nWhat?,How many?\n"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\nThe coffee,3\n',
            ("What?", "How many?"),
            ("The coffee", "3"),
        ),
    ],
)  # fmt: skip
def test_names_and_what_stands_around_them(
    content: str, columns: tuple[str, ...], first: tuple[str, ...]
) -> None:
    table = read(content)
    assert (table.columns, table.rows[0]) == (columns, first)


def test_a_first_row_with_one_cell_is_no_title() -> None:
    assert read("Вкусно;\nДорого;5\nМило;4\n").column("column 1") == ["Вкусно", "Дорого", "Мило"]


def test_titles_above_a_sheet() -> None:
    rows: list[list[object]] = [
        ["Период:", "01.09–30.09"], ["Филиал:", "Москва"], [],
        ["Дата", "Отзыв", "Балл", "Автор"], ["1.9", "Мило", 5, "Аня"], ["2.9", "Дорого", 2, "Боб"],
    ]  # fmt: skip
    table = read(spreadsheet(Лист1=rows), "a.xlsx")
    assert table.columns == ("Дата", "Отзыв", "Балл", "Автор")
    assert notes(table) == {"preamble": {"count": 2}}


@pytest.mark.parametrize(
    "content",
    [
        "Впечатления отличные\nКофе вкусный\nЧай остыл\n",
        "Магазин хороший\nКофе вкусный\nЧай остыл\n",
        "Магазин хороший;Город большой\nКофе вкусный;Чай остыл\nДорого;Мило\n",
        "Вам понравилось?\nА нам понравилось?\nИ мне?\n",
    ],
)
def test_a_row_of_texts_names_no_columns(content: str) -> None:
    table = read(content)
    assert (table.guess("header"), len(table.rows)) == ("no", 3)


@pytest.mark.parametrize(
    "content",
    [
        spreadsheet(
            Отчёт=[["Товар", None, "Отзыв", None], ["Артикул", "Название", "Оценка", "Текст"], *ROWS]
        ),
        "товар,товар,отзыв,отзыв\nартикул,название,оценка,текст\nA1,Чайник,5,Рад ему\nA2,Чайник,1,Сломался\n",
    ],
    ids=["merged in Excel", "of pandas"],
)
def test_names_of_groups_stand_above_those_of_columns(content: str | bytes) -> None:
    table = read(content, "a.xlsx" if isinstance(content, bytes) else "a.csv")
    assert [name.lower() for name in table.columns] == ["артикул", "название", "оценка", "текст"]
    assert table.column(table.text_columns[0]) == ["Рад ему", "Сломался"]
    assert table.weights(table.number_columns[0]) == [5, 1]


def test_a_row_below_names_that_come_again_is_a_row() -> None:
    table = read("Отзыв,Отзыв\nВкусно,Дорого\nБыстро,Хорошо\n")
    assert table.rows == (("Вкусно", "Дорого"), ("Быстро", "Хорошо"))
