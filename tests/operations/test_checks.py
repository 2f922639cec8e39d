"""Numbers, names and negations that a translation keeps or loses."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from demos.operations.checks import MARGIN, differences, prefer
from demos.operations.numerals import number_words, numbers_of


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("I have 12 cats.", "У меня двенадцать кошек."),
        ("I have 12 cats.", "У меня дюжина кошек."),
        ("She is 25 years old.", "Ей двадцать пять лет."),
        ("He was born on December 4, 2000.", "Он родился 4 декабря 2000 года."),
        ("He was born on 4/12/2000.", "Он родился четвёртого декабря двухтысячного года."),
        ("This happened in 1995.", "Это случилось в тысяча девятьсот девяносто пятом году."),
        ("I get up at 5:30.", "Я встаю в половине шестого."),
        ("The train leaves at 5 p.m.", "Поезд уходит в 17 часов."),
        ("It was popular in the 1990s.", "Это было популярно в девяностых."),
        ("It is from the 20th century.", "Это из XX века."),
        ("Wait 1 hour.", "Подожди час."),
        ("It costs 5 million dollars.", "Это стоит пять миллионов долларов."),
        ("Er wohnt im 3. Stock.", "Он живёт на третьем этаже."),
        ("Das kostet 1.000 Euro.", "Это стоит 1 000 евро."),
        ("У місті живе 200 тисяч людей.", "В городе живёт двести тысяч человек."),
        ("Ему 20 лет.", "Он двадцатилетний."),
        ("Нас было трое.", "Нас было 3."),
    ],
)
def test_a_number_may_become_a_word(source: str, answer: str) -> None:
    assert differences(source, answer) == []


@pytest.mark.parametrize(
    ("source", "answer", "was", "became"),
    [
        ("4 декабря 2000 года", "4 декабря 2001 года", "2000", "2001"),
        ("Ему двадцать лет.", "Ему тридцать лет.", "двадцать", "тридцать"),
        ("Ему 20 лет.", "Ему двадцать пять лет.", "20", "двадцать пять"),
        ("I have 12 cats.", "У меня кошки.", "12", ""),
        ("I have 12 cats.", "У меня 13 кошек.", "12", "13"),
        ("I have twelve cats.", "У меня 13 кошек.", "", "13"),
        ("У нас 14 комнат.", "У нас 40 комнат.", "14", "40"),
        ("Es ist 7 Uhr.", "Сейчас восемь часов.", "7", "восемь"),
        ("Я народився 1987 року.", "Я родился в 1986 году.", "1987", "1986"),
    ],
)
def test_a_changed_number_is_reported(source: str, answer: str, was: str, became: str) -> None:
    (found,) = differences(source, answer)
    assert (found.kind, found.source, found.answer) == ("digits", was, became)


def test_number_words_that_follow_each_other_are_one_number() -> None:
    def values(text: str) -> list[set[int]]:
        return [set(one.readings) for one in number_words(text, "ru")]

    assert values("две тысячи двадцать пять") == [{2025}]
    assert values("сто тысяч двести одиннадцать") == [{100_211}]
    assert values("два или три") == [{2}, {3}]
    assert values("два три") == [{2}, {3}]
    assert values("пятисот") == [{500}]
    assert [set(one.readings) for one in number_words("twenty-five hundred", "en")] == [{2500}]


def test_a_sign_within_a_number_is_read_both_ways() -> None:
    (time,) = numbers_of("12:30")
    assert (set(time.readings), time.parts) == ({1230}, (12, 30))
    (arabic,) = numbers_of("٤٢")
    assert arabic.readings == {42}


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("Я купил iPhone.", "Я купил айфон."),
        ("Он учит Python.", "Он изучает Python."),
        ("Yesterday I met John in Boston.", "Вчера я встретил Джона в Бостоне."),
        ("Я живу в Києві.", "Я живу в Киеве."),
        ("We flew to Germany.", "Мы летали в Германию."),
        ("Das ist ein Haus von Peter.", "Это дом Петера."),
        ("I celebrate Christmas.", "Я праздную Рождество."),
    ],
)
def test_a_name_may_be_transliterated(source: str, answer: str) -> None:
    assert differences(source, answer) == []


@pytest.mark.parametrize(
    ("source", "answer", "was", "became"),
    [
        ("Я купил Samsung.", "Я купил телефон.", "Samsung", ""),
        ("Він вивчає Python.", "Он изучает Java.", "Python", ""),
        ("Yesterday I met Bob in the park.", "Вчера я встретил Андрея в парке.", "Bob", "Андрея"),
    ],
)
def test_a_lost_name_is_reported(source: str, answer: str, was: str, became: str) -> None:
    assert [(one.kind, one.source, one.answer) for one in differences(source, answer)] == [
        ("names", was, became)
    ]


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("I don't know.", "Я не знаю."),
        ("It is not bad.", "Это неплохо."),
        ("He refused to go.", "Он не захотел идти."),
        ("Not only he came.", "Пришёл он."),
        ("Why don't you sit down?", "Присядь?"),
        ("Ich habe keine Zeit.", "У меня нет времени."),
        ("Я ніколи там не був.", "Я никогда там не был."),
        ("Je ne mange que du pain.", "Я ем один хлеб."),
        ("Nunca lo vi.", "Я никогда его не видел."),
        ("Через неделю небо прояснилось.", "Через несколько дней небо стало ясным."),
        ("Bilmiyorum.", "Я не знаю."),
    ],
)
def test_a_negation_may_hide_in_a_word(source: str, answer: str) -> None:
    assert differences(source, answer) == []


@pytest.mark.parametrize(
    ("source", "answer", "was", "became"),
    [
        ("I don't smoke.", "Я курю.", "don't", ""),
        ("I smoke.", "Я не курю.", "", "не"),
        ("Я не курю.", "Я курю.", "не", ""),
        ("Das ist nicht wahr.", "Это правда.", "nicht", ""),
        ("Мені не холодно.", "Мне холодно.", "не", ""),
        ("Je ne fume pas.", "Я курю.", "ne", ""),
        ("Yo no fumo.", "Я курю.", "no", ""),
    ],
)
def test_a_lost_or_added_negation_is_reported(source: str, answer: str, was: str, became: str) -> None:
    assert [(one.kind, one.source, one.answer) for one in differences(source, answer)] == [
        ("negation", was, became)
    ]


@dataclass(frozen=True)
class Wording:
    text: str
    fidelity: float


def test_what_keeps_the_digits_goes_first_where_it_is_nearly_as_faithful() -> None:
    wrong, right, worse = Wording("Мне 30 лет.", 0.9), Wording("Мне 20 лет.", 0.85), Wording("20!", 0.5)
    assert prefer("Мне 20 лет.", [wrong, worse, right]) == [right, wrong, worse]
    far = Wording("Мне 20 лет.", 0.9 - MARGIN - 0.01)
    assert prefer("Мне 20 лет.", [wrong, far]) == [wrong, far]
    assert prefer("Мне 20 лет.", []) == []


def test_the_order_stays_where_nothing_differs() -> None:
    wordings = [Wording("Я не курю.", 0.8), Wording("Не курю.", 0.9), Wording("Не курю я.", 0.85)]
    assert prefer("I don't smoke.", wordings) == wordings
