"""JSON of any shape."""

from __future__ import annotations

import json

import pytest

from demos.operations.files.columns import is_missing
from demos.operations.files.tables import TableError
from tests.reading import notes, read

TWO = [{"text": "Вкусно", "stars": 5}, {"text": "Дорого", "stars": 2}]
LINES = "\n".join(json.dumps(item, ensure_ascii=False) for item in TWO)


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.ndjson", "a.txt", "A.JSON", "a.csv", "a"])
@pytest.mark.parametrize(
    "content",
    [
        LINES,
        json.dumps(TWO),
        json.dumps(TWO, indent=1),
        "\n".join(json.dumps(item, indent=2) for item in TWO),
        ",\n".join(json.dumps(item) for item in TWO),
        '{"text":{"0":"Вкусно","1":"Дорого"},"stars":{"0":5,"1":2}}',
        '{"0":{"text":"Вкусно","stars":5},"1":{"text":"Дорого","stars":2}}',
        '{"columns":["text","stars"],"index":[0,1],"data":[["Вкусно",5],["Дорого",2]]}',
        json.dumps(
            {"schema": {"fields": [{"name": "index"}, {"name": "text"}, {"name": "stars"}]}, "data": TWO}
        ),
        json.dumps({"meta": {"shop": "x"}, "result": {"reviews": TWO}}),
        json.dumps({"tags": ["a", "b", "c"], "reviews": TWO}),
        json.dumps({"text": ["Вкусно", "Дорого"], "stars": [5, 2]}),
        '[["text","stars"],["Вкусно",5],["Дорого",2]]',
        json.dumps({"r1": TWO[0], "r2": TWO[1]}),
    ],
)
def test_shapes_of_json(content: str, name: str) -> None:
    table = read(content, name)
    assert table.column("text") == ["Вкусно", "Дорого"]
    assert table.number_columns == ["stars"]


def test_json_of_texts_alone_and_of_nothing() -> None:
    assert read('["Вкусно", "Дорого"]', "a.json").column("text") == ["Вкусно", "Дорого"]
    table = read('[{"text":"Вкусный кофе"},{"text":NaN},{"text":null},{"text":true}]', "a.json")
    assert table.missing("text") == 3
    assert [cell for cell in table.column("text") if not is_missing(cell)] == ["Вкусный кофе"]


def test_the_other_list_of_a_json_can_be_taken() -> None:
    content = json.dumps({"pros": [{"text": "Вкусно"}], "cons": [{"text": "Дорого"}, {"text": "Долго"}]})
    table = read(content, "a.json")
    assert (table.guess("sheet"), table.column("text")) == ("cons", ["Дорого", "Долго"])
    assert read(content, "a.json", sheet="pros").column("text") == ["Вкусно"]


def test_json_lines_with_nested_objects() -> None:
    lines = '{"review": {"body": "Вкусно", "n": 1}}\n\n{"review": {"body": "Дорого"}, "ok": null}\n'
    table = read(lines, "a.jsonl")
    assert table.column("review.body") == ["Вкусно", "Дорого"]
    assert table.column("review.n") == ["1", ""]


def test_a_bad_line_of_json_costs_itself_alone() -> None:
    table = read(f'{LINES}\n{{"text": "Ой\n{LINES}', "a.jsonl")
    assert table.column("text") == ["Вкусно", "Дорого"] * 2
    assert notes(table) == {"bad_items": {"count": 1, "line": 3}}


def test_half_a_surrogate_pair_can_be_written_again() -> None:
    table = read(r'["да \ud83d нет"]', "a.json")
    assert table.rows[0][0].encode().decode() == "да � нет"


def test_a_line_of_text_in_brackets_is_no_json() -> None:
    assert read("[1] Вкусно\n[2] Дорого", "a.txt").column("text") == ["[1] Вкусно", "[2] Дорого"]


@pytest.mark.parametrize(
    ("content", "columns", "texts"),
    [
        ('{"text": "Вкусно", "stars": 5}\n', ("text", "stars"), ["Вкусно"]),
        ('{"text": "Вкусно", "stars": 5, "tags": ["a", "b"]}\n', ("text", "stars", "tags"), ["Вкусно"]),
        ('"Вкусно"\n"Дорого"\n', ("text",), ["Вкусно", "Дорого"]),
        ('{"0":"Вкусно","1":"Дорого"}', ("text",), ["Вкусно", "Дорого"]),
        ('{"0":{"text":"Вкусно","stars":5}}', ("text", "stars"), ["Вкусно"]),
        (
            '{"text":{"a":"Вкусно","b":"Дорого"},"stars":{"a":5,"b":2}}',
            ("text", "stars"),
            ["Вкусно", "Дорого"],
        ),
        (
            '{"text":{"a":"Вкусно","b":"Дорого"},"author":{"a":"Аня","b":"Боб"}}',
            ("text", "author"),
            ["Вкусно", "Дорого"],
        ),
        (
            '{"-N1":{"text":"Вкусно","user":{"name":"Аня"}},"-N2":{"text":"Дорого","user":{"name":"Боб"}}}',
            ("text", "user.name"),
            ["Вкусно", "Дорого"],
        ),
        (
            '{"reviews":{"-N1":{"text":"Вкусно","user":{"name":"Аня"}}}}',
            ("text", "user.name"),
            ["Вкусно"],
        ),
        (
            '[{"page":1,"reviews":[{"text":"Вкусно"}]},{"page":2,"reviews":[{"text":"Дорого"}]}]',
            ("text",),
            ["Вкусно", "Дорого"],
        ),
        ('[{"text":"Вкусно"},{"text":"Дорого"},]', ("text",), ["Вкусно", "Дорого"]),
        (
            r'[{"text":"\u00d0\u0092\u00d0\u00ba\u00d1\u0083\u00d1\u0081\u00d0\u00bd\u00d0\u00be"}]',
            ("text",),
            ["Вкусно"],
        ),
        ('[{"text":"Très bon café «à côté»"}]', ("text",), ["Très bon café «à côté»"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_more_shapes_of_json(content: str, name: str, columns: tuple[str, ...], texts: list[str]) -> None:
    table = read(content, name)
    assert table.columns == columns
    assert table.column("text") == texts


def test_the_reviews_of_google_play_without_the_answers() -> None:
    def review(text: str) -> dict[str, object]:
        user = {"text": f"\t{text}", "lastModified": {"seconds": "1788256800"}, "starRating": 5}
        reply = {"text": "Большое спасибо за ваш подробный отзыв!", "lastModified": {"seconds": "1788256900"}}
        comments = [{"userComment": user}, {"developerComment": reply}]
        return {"reviewId": "gp:AOqpTOFxQ3", "authorName": "Анна Ивановна Петрова", "comments": comments}

    table = read(json.dumps({"reviews": [review("Вкусно"), review("Дорого")]}), "a.json")
    assert table.text_columns[0] == "userComment.text"
    assert [cell for cell in table.column("userComment.text") if cell] == ["Вкусно", "Дорого"]


def test_what_was_answered_to_reviews_is_not_taken_for_them() -> None:
    reply = {"count": 1, "items": [{"id": 3, "text": "Большое спасибо за отзыв"}]}
    items = [{"id": 1, "text": "Вкусно", "thread": reply}, {"id": 4, "text": "Дорого"}]
    content = {"response": {"count": 2, "items": items, "profiles": [{"id": 2, "first_name": "Анна"}]}}
    table = read(json.dumps(content), "a.json")
    assert (table.guess("sheet"), table.column("text")) == ("response.items", ["Вкусно", "Дорого"])


def test_a_null_is_counted_among_the_missing() -> None:
    table = read('[{"text":"Вкусно","stars":null},{"text":null,"stars":5},{"stars":2}]', "a.json")
    assert table.missing("text") == 1
    assert table.weights("stars") == [None, 5, 2]


def test_objects_with_too_many_names_are_refused_at_once() -> None:
    with pytest.raises(TableError, match="20000 columns"):
        read(json.dumps([{f"name {number}": "Вкусно"} for number in range(20000)]), "a.json")


def test_an_export_of_phpmyadmin_is_its_tables() -> None:
    table = read(
        json.dumps(
            [
                {"type": "header", "version": "5.2", "comment": "Export to JSON plugin for PHPMyAdmin"},
                {"type": "database", "name": "shop"},
                {"type": "table", "name": "users", "data": [{"id": "1", "name": "olga"}]},
                {"type": "table", "name": "reviews", "database": "shop", "data": TWO},
            ]
        ),
        "shop.json",
    )
    assert table.rows == (("Вкусно", "5"), ("Дорого", "2"))
    assert table.guess("sheet") == "reviews"
