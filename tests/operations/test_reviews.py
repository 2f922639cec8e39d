"""Reviews → sentences with weights; the reviews that come with the demo."""

from __future__ import annotations

import numpy as np
import pytest

from demos.operations import reviews
from demos.operations.files.tables import Table
from demos.operations.reviews import (
    Review,
    ReviewsError,
    collect_sentences,
    examples,
    from_table,
    pasted,
    split_sentences,
)


def test_the_bundled_sets_are_long_varied_and_say_who_wrote_them() -> None:
    found = {example.name: example for example in examples()}
    for name in ("cafe", "phone"):
        lines = found[name].text.splitlines()
        assert found[name].source == "demo"
        assert not found[name].recorded
        assert len(lines) == len(set(lines)) >= 60
        assert all(1 <= len(split_sentences(line)) <= 3 for line in lines)


def test_the_article_examples_carry_its_recorded_answers() -> None:
    found = {example.name: example for example in examples() if example.source == "article"}
    assert set(found) == {"juicer", "tablet_lenovo", "tablet_prestigio"}
    assert all(len(example.text.splitlines()) == 3 for example in found.values())
    assert found["juicer"].recorded == "Устройство очень хорошее, потому что выбрасывать яблоки неплохо."


def test_a_pasted_line_is_a_review_and_a_number_after_a_tab_its_weight() -> None:
    assert pasted("Вкусно\n\n  \nДорого\t2,5\nА\tБ\n") == [
        Review("Вкусно"),
        Review("Дорого", 2.5),
        Review("А\tБ"),
    ]


def test_pasted_weights_are_read_as_a_column() -> None:
    assert [review.weight for review in pasted("Хорошо\t1,234\nДорого\t950\nДа")] == [1234, 950, 1]
    assert [review.weight for review in pasted("Хорошо\t4,567\nДорого\t5")] == [4.567, 5]


@pytest.mark.parametrize("head", ["", "№\tОтзыв\n"])
def test_numbers_of_pasted_rows_are_no_weights_and_no_text(head: str) -> None:
    assert pasted(f"{head}1\tХорошо\n2\tДорого\n3\tДа") == [Review("Хорошо"), Review("Дорого"), Review("Да")]


@pytest.mark.parametrize("cells", [["-3", "−1"], ["5", "не знаю", "2"]])
def test_a_pasted_column_that_cannot_weigh_is_refused_with_its_cell(cells: list[str]) -> None:
    rows = [f"Хорошо, {place}\t{cell}" for place, cell in enumerate(cells)]
    with pytest.raises(ReviewsError) as caught:
        pasted("Отзыв\tВес\n" + "\n".join(rows))
    assert caught.value.details["reason"] == "no_weight"
    assert caught.value.details["cell"] in ("-3", "не знаю")


@pytest.mark.parametrize("weight", ["-1", "−1", "–2,5"])
def test_a_negative_weight_of_a_pasted_line_counts_nothing_and_is_no_text(weight: str) -> None:
    given = pasted(f"Вкусно\t2\nДорого\t{weight}")
    assert given == [Review("Вкусно", 2.0), Review("Дорого", 0.0)]
    found = collect_sentences(given)
    assert (found.texts, found.weightless) == (("Вкусно",), 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Вкусно! Но дорого... Т.е. не всем.", ["Вкусно!", "Но дорого...", "Т.е. не всем."]),
        ("Mr. Smith liked it. I did not.", ["Mr. Smith liked it.", "I did not."]),
        ("很好。我喜欢。", ["很好。", "我喜欢。"]),
        ("Дуже добре. Мені подобається!", ["Дуже добре.", "Мені подобається!"]),
        ("Плюсы: экран\nМинусы: цена", ["Плюсы: экран", "Минусы: цена"]),
        ("  ", []),
    ],
)
def test_sentences_in_several_languages(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


def test_an_endless_sentence_is_broken_at_spaces_and_loses_nothing() -> None:
    text = " ".join(["слово"] * 300)
    pieces = split_sentences(text)
    assert max(map(len, pieces)) <= reviews.LONGEST_SENTENCE
    assert " ".join(pieces) == text
    assert "".join(split_sentences("я" * 1000)) == "я" * 1000


def test_repeated_and_wordless_sentences() -> None:
    found = collect_sentences([Review("Супер! Супер!"), Review("Супер!"), Review("5/5"), Review("Нет", 0)])
    assert found.texts == ("Супер!",)
    assert found.sentence_of.tolist() == [0, 0, 0]
    assert (found.reviews, found.wordless, found.weightless) == (2, 1, 1)


def test_weights_by_sentence_and_by_review() -> None:
    found = collect_sentences([Review("Раз. Два. Три."), Review("Четыре.", 3)])
    np.testing.assert_allclose(found.weights("sentence"), [1 / 6, 1 / 6, 1 / 6, 3 / 6])
    np.testing.assert_allclose(found.weights("review"), [1 / 12, 1 / 12, 1 / 12, 3 / 4])


def test_a_weight_of_two_is_the_review_twice() -> None:
    once = collect_sentences([Review("Раз. Два."), Review("Три.", 2)])
    twice = collect_sentences([Review("Раз. Два."), Review("Три."), Review("Три.")])
    for count in ("sentence", "review"):
        np.testing.assert_allclose(once.weights(count), twice.weights(count))


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ([], "no_sentences"),
        ([Review("")], "no_sentences"),
        ([Review("))) 10/10"), Review("Хорошо", 0)], "no_sentences"),
        ([Review("Хорошо", 0)], "weightless"),
    ],
)
def test_no_sentence_is_an_error(texts: list[Review], reason: str) -> None:
    with pytest.raises(ReviewsError) as caught:
        collect_sentences(texts)
    assert caught.value.details["reason"] == reason


def test_too_many_sentences_are_sampled_evenly_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "MOST_SENTENCES", 10)
    found = collect_sentences([Review(f"Отзыв номер {number}.") for number in range(100)])
    assert found.texts == tuple(f"Отзыв номер {number}." for number in range(0, 100, 10))
    assert (found.found, found.reviews, len(found.weights())) == (100, 10, 10)


@pytest.mark.parametrize(
    "text",
    [
        "№\tОтзыв\tОценка\r\n1\tОтличный кофе\t5\r\n2\tДорого\t2\r\n",
        "Отзыв\tАвтор\nОтличный кофе\tАня\nДорого\tБоб",
    ],
)
def test_pasted_columns_are_a_table(text: str) -> None:
    assert [review.text for review in pasted(text)] == ["Отличный кофе", "Дорого"]
    assert {review.weight for review in pasted(text)} == {1.0}


def test_pasted_columns_with_weights() -> None:
    assert pasted("Отзыв\tВес\nВкусно\t3\nДорого\t0,5") == [Review("Вкусно", 3.0), Review("Дорого", 0.5)]
    assert pasted("Кофе,\u2028ждали\t3\nДа\t1") == [Review("Кофе, ждали", 3.0), Review("Да", 1.0)]


def test_a_pasted_cell_of_several_lines_is_one_review() -> None:
    assert pasted('"Первая\nвторая ""да"""\t5\nДорого\t2') == [
        Review('Первая вторая "да"', 5.0),
        Review("Дорого", 2.0),
    ]
    assert pasted('"Первая\nвторая"\n"Дорого"\nДа "нет') == [
        Review("Первая вторая"),
        Review('"Дорого"'),
        Review('Да "нет'),
    ]
    table = 'Отзыв\tБалл\r\n"Первая\nвторая"\t5\r\nДорого\t2\r\n'
    assert pasted(table) == [Review("Первая\nвторая", 5.0), Review("Дорого", 2.0)]


def test_one_text_typed_in_several_ways_is_one_sentence() -> None:
    found = collect_sentences(
        [Review("Да"), Review("да!"), Review("Мой чаи\u0306."), Review("Мой чай"), Review("ДА")]
    )
    assert found.texts == ("Да", "Мой чай.")
    assert found.sentence_of.tolist() == [0, 0, 1, 1, 0]
    np.testing.assert_allclose(found.weights(), [3 / 5, 2 / 5])


def test_letters_of_no_language_are_left_out_and_counted() -> None:
    found = collect_sentences([Review("ᚠᚢᚦ"), Review("Вкусно"), Review("????????")])
    assert (found.texts, found.wordless) == (("Вкусно",), 2)


def test_columns_of_a_table_become_reviews() -> None:
    table = Table(
        ("text", "votes"), (("Вкусно", "2"), ("Дорого", ""), ("", "7"), ("NULL", "1"), ("Нет", "1"))
    )
    assert from_table(table, "text") == [Review("Вкусно"), Review("Дорого"), Review("Нет")]
    assert from_table(table, "text", "votes") == [Review("Вкусно", 2.0), Review("Дорого", 0.0), Review("Нет")]


def test_reviews_carry_the_other_columns_of_their_rows() -> None:
    table = Table(("date", "text", "stars"), (("01.09", "Вкусно. Быстро.", "5"), ("02.09", "Дорого", "2")))
    reviews = from_table(table, "text")
    assert dict(reviews[1].others) == {"date": "02.09", "stars": "2"}
    found = collect_sentences(reviews)
    assert [dict(found.others[review])["stars"] for review in found.review_of] == ["5", "5", "2"]


def test_a_weight_that_is_no_number_is_named() -> None:
    table = Table(("text", "votes"), (("Вкусно", "2"), ("Дорого", "много")))
    with pytest.raises(ReviewsError) as caught:
        from_table(table, "text", "votes")
    assert (caught.value.details["reason"], caught.value.details["row"]) == ("no_weight", 2)


def test_a_negative_weight_among_many_leaves_its_review_out() -> None:
    table = Table(("text", "votes"), (("Вкусно", "2"), ("Дорого", "\u22121"), ("Чисто", "1")))
    assert [review.weight for review in from_table(table, "text", "votes")] == [2.0, 0.0, 1.0]
