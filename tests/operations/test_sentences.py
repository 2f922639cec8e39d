"""Languages and sentences of texts, and py3langid's table of transitions, kept small."""

from __future__ import annotations

import re
from array import array

import pytest

from demos.operations.axes import STYLE_FILES, read_axis
from demos.operations.sentences import (
    BLOCK,
    Transitions,
    _identifier,
    language_of_text,
    may_be_russian,
    sentences_of,
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("король", "ru"),
        ("Господа, я не ел 6 дней!", "ru"),
        ("Привет!", "ru"),
        ("Очень вкусно", "ru"),
        ("До свидания", "ru"),
        ("Кот", "ru"),
        ("Иванов", "ru"),
        ("Где вокзал?", "ru"),
        ("Девочка спит.", "ru"),
        ("Рад тебе помочь.", "ru"),
        ("Тома дома нет.", "ru"),
        ("Говорите ли вы по-английски?", "ru"),
        ("Мест много.", "ru"),
        ("Мо\u0438\u0306 чаи\u0306 осты\u0301л, как всегда.", "ru"),
        ("Панове, я не їв 6 днів!", "uk"),
        ("Дуже дякую", "uk"),
        ("Добрий день", "uk"),
        ("Добре, дякую", "uk"),
        ("Доброго ранку", "uk"),
        ("Де вокзал?", "uk"),
        ("Много благодаря", "bg"),
        ("Искам кафе", "bg"),
        ("Дзе вакзал?", "be"),
        ("Добър ден", "bg"),
        ("Хвала лепо", "sr"),
        ("Прывітанне", "be"),
        ("Баярлалаа", "mn"),
        ("Мин сине яратам", "tt"),
        ("Gentlemen, I have not eaten for 6 days!", "en"),
        ("אלוהים, לא אכלתי 6 ימים", "he"),
        ("רבותי, איך האָב נישט געגעסן 6 טעג!", "yi"),
        ("先生们,我六天没吃东西了!", "zh"),
        ("12345", ""),
        ("Нормаланбайды", ""),  # Kazakh and Kyrgyz alike
    ],
)
def test_language_of_text(text: str, language: str) -> None:
    assert language_of_text(text) == language


@pytest.mark.parametrize(
    "text",
    ["Благодаря", "Нормаланбайды", "Дуже дякую", "Добре", "Моля", "Не знам", "Рахмат", "Здраво",
     "Саламатсызбы",
     "Лека нощ", "Кафето е студено", "Салом", "Калайсыз",
     "Добро утро", "Волим те", "Те сакам", "Довиждане", "Добры дзень", "Добрий вечір", "Тас суретші",
     "Доброго ранку", "Смачного", "Кава холодна", "Де вокзал", "Чекаю на тебе", "Как се казваш?",
     "Искам кафе", "Честит рожден ден", "Приятен ден", "Молим", "Видимо се"],
)  # fmt: skip
def test_a_short_line_is_not_taken_for_russian_without_reason(text: str) -> None:
    assert language_of_text(text) != "ru"


def test_no_bundled_russian_sentence_is_taken_for_another_language() -> None:
    axes = [read_axis(path) for path in STYLE_FILES.glob("*.tsv")]
    texts = [text for axis in axes for text in (*axis.from_texts, *axis.to_texts)]
    assert len(texts) > 100
    assert not [text for text in texts if re.search("[а-я]", text) and language_of_text(text) != "ru"]


@pytest.mark.parametrize(
    ("text", "may"),
    [("Неглупой", True), ("Калайсыз", True), ("Здраво", False), ("Салом", False), ("Дуже", False),
     ("Їжак", False), ("iPhone мой", False), ("12345", False), ("", False)],
)  # fmt: skip
def test_what_may_be_russian(text: str, may: bool) -> None:
    assert may_be_russian(text) is may


def test_russian_abbreviations_end_no_sentence() -> None:
    assert sentences_of("В 2000 г. всё было иначе. А теперь?") == ["В 2000 г. всё было иначе.", "А теперь?"]


def test_lines_are_split_each_by_its_language() -> None:
    text = "Dr. Smith went home. He slept.\n\nОн спал. Она нет."
    assert sentences_of(text) == ["Dr. Smith went home.", "He slept.", "Он спал.", "Она нет."]


def test_a_line_is_not_broken_by_signs_that_nobody_sees() -> None:
    assert sentences_of("Мы пили кофе,\u2028ждали\x0bсуп.\nОн осты\u0301л.") == [
        "Мы пили кофе, ждали суп.",
        "Он остыл.",
    ]


def test_every_number_is_the_tables() -> None:
    table = array("I", [*range(BLOCK), *range(BLOCK), *range(7, BLOCK), *range(7), *range(BLOCK), 1, 2, 3])
    kept = Transitions(table)
    assert [kept[place] for place in range(len(table))] == table.tolist()
    with pytest.raises(IndexError):
        kept[len(table)]


def test_the_identifier_says_what_py3langid_says() -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    small = _identifier()
    assert isinstance(small.tk_nextmove, Transitions)
    assert isinstance(small.tk_output, array)
    assert isinstance(small._rowbase, array)
    texts = [
        "Панове, я не їв 6 днів!",
        "先生们,我六天没吃东西了!",
        "Guten Tag",
        "",
        "הנה",
        "Ça va ? 12",
        "\x00\ud800",
    ]
    for text in texts:
        assert small.rank(text) == whole.rank(text)
