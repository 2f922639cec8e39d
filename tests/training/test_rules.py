"""The rules of the probes, and the probes' items against them."""

import pytest

from demos.operations.axes import BUILT_IN
from demos.training.items import read_items
from demos.training.rules import (
    did_not_eat,
    emotion,
    formality,
    keeps,
    keeps_numbers,
    normal_words,
    replaced,
    restyled,
    says_ty,
    says_vy,
    six_days,
    spelt_numbers,
)


@pytest.mark.parametrize(
    ("text", "ty", "vy"),
    [
        ("Ты уже обедал?", True, False),
        ("Куда идёшь?", True, False),
        ("Не беспокойся.", True, False),
        ("Вы уже обедали?", False, True),
        ("Подождите меня.", False, True),
        ("Вы знаешь?", True, True),
        ("Это лишь дождь.", False, False),
        ("Он учится в университете.", False, False),
        ("Тыква растёт на грядке.", False, False),
    ],
)
def test_address_is_told_by_word_forms(text: str, ty: bool, vy: bool) -> None:
    assert (says_ty(text), says_vy(text)) == (ty, vy)


def test_emotion_counts_marks_and_words() -> None:
    assert emotion("Мне понравился концерт.") == 0
    assert emotion("Ого, какой потрясающий концерт!!") == 5


def test_formality_is_formal_less_informal() -> None:
    assert formality("Просим вас соблюдать тишину.") == 2
    assert formality("Ну, давай!") == -2
    assert formality("Идёт снег.") == 0


def test_restyled_wants_the_direction_of_the_sign() -> None:
    assert restyled("ty_vy", 1.0, "Ты дома?", "Вы дома?")
    assert not restyled("ty_vy", 1.0, "Ты дома?", "Вы думаешь дома?")
    assert restyled("ty_vy", -1.0, "Вы дома?", "Ты дома?")
    assert restyled("reserved_emotive", 1.5, "Хороший день.", "Прекрасный день!")
    assert not restyled("reserved_emotive", 1.5, "Хороший день.", "Хороший день.")
    assert restyled("informal_formal", -1.0, "Просим вас уйти.", "Уходи.")
    with pytest.raises(ValueError, match="no rule"):
        restyled("negative_positive", 1.0, "Плохо.", "Хорошо.")


def test_replaced_wants_gone_come_and_kept() -> None:
    assert replaced("Утром я пью кофе.", "чай|чая", "кофе", "утр пью")
    assert not replaced("Утром я пью чай и кофе.", "чай|чая", "кофе", "утр")
    assert not replaced("Утром я пью воду.", "чай|чая", "кофе", "утр")
    assert not replaced("Вечером я пью кофе.", "чай|чая", "кофе", "утр")


def test_every_replacement_can_be_won_and_is_not_won_by_the_sentence_itself() -> None:
    items = read_items("replacements")
    assert len(items) >= 66
    for item in items:
        assert item["old"] in item["sentence"], item
        ideal = item["sentence"].replace(item["old"], item["new"])
        rule = item["gone"], item["come"], item["kept"]
        assert replaced(ideal, *rule), item
        assert not replaced(item["sentence"], *rule), item


def test_every_analogy_asks_for_a_word_that_is_none_of_its_inputs() -> None:
    items = read_items("analogies")
    assert len(items) >= 72
    assert {item["kind"] for item in items} == {"capitals", "gender", "number", "opposites"}
    questions = [(item["word"], item["minus"], item["plus"]) for item in items]
    assert len(set(questions)) == len(items)
    for item, question in zip(items, questions, strict=True):
        assert not set(item["expected"].split("|")) & set(question), item
        assert len(set(question)) == 3, item


def test_no_style_item_is_won_by_the_sentence_itself_and_each_keeps_its_subject() -> None:
    items = read_items("styles")
    assert len(items) >= 60
    for item in items:
        sentence, strength = item["sentence"], float(item["strength"])
        assert item["axis"] in BUILT_IN
        assert not restyled(item["axis"], strength, sentence, sentence), item
        assert keeps(sentence, item["kept"]), item


def test_formal_items_have_something_formal_to_lose() -> None:
    items = [i for i in read_items("styles") if i["axis"] == "informal_formal" and float(i["strength"]) < 0]
    assert items
    for item in items:
        assert formality(item["sentence"]) > 0, item


def test_polite_and_familiar_items_are_recognised_as_such() -> None:
    items = [item for item in read_items("styles") if item["axis"] == "ty_vy"]
    for polite, said_so in ((True, says_ty), (False, says_vy)):
        to_change = [item for item in items if (float(item["strength"]) > 0) == polite]
        assert to_change
        for item in to_change:
            assert said_so(item["sentence"]), item


def test_averages_are_thirty_sets_of_five_to_eight_different_sentences() -> None:
    items = read_items("averages")
    sets = {item["set"]: [i["sentence"] for i in items if i["set"] == item["set"]] for item in items}
    assert len(sets) == 30
    assert all(5 <= len(sentences) <= 8 for sentences in sets.values())
    forms = {tuple(normal_words(item["sentence"])) for item in items}
    assert len(forms) == len(items)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Она родилась в тысяча девятьсот восемьдесят втором году.", [1982]),
        ("В доме двадцать два этажа и три двери.", [3, 22]),
        ("Я вернусь в шесть тридцать.", [6, 30]),
        ("Долг — два миллиона триста тысяч пять.", [2_300_005]),
        ("Прошли сутки.", []),
    ],
)
def test_numbers_in_words_are_read_in_any_case(text: str, numbers: list[int]) -> None:
    assert sorted(spelt_numbers(text).elements()) == numbers


@pytest.mark.parametrize(
    ("source", "answer", "kept"),
    [
        ("4 декабря 2000 года", "4 декабря 2000 года", True),
        ("4 декабря 2000 года", "4 декабря 2001 года", False),
        ("I am 18.", "Мне восемнадцать лет.", True),
        ("I am 18.", "Мне много лет.", False),
        ("I am old.", "Мне 18 лет.", False),
        ("1,000 people", "1 000 человек", True),
        ("私は１８歳です。", "Мне 18 лет.", True),
        ("6 и 6", "6", False),
    ],
)
def test_an_answer_keeps_the_numbers_of_its_source(source: str, answer: str, kept: bool) -> None:
    assert keeps_numbers(source, answer) == kept


@pytest.mark.parametrize(
    ("answer", "hungry", "six"),
    [
        ("Господа, я не ел шесть дней!", True, True),
        ("Боже, я ничего не ела уже 6 дней!", True, True),
        ("Папа, я не мог ничего есть пять дней.", False, False),
        ("Я шестой день ем.", False, True),
        ("Шестьдесят дней он не был дома и ел.", False, False),
    ],
)
def test_the_articles_line_is_read_by_its_words(answer: str, hungry: bool, six: bool) -> None:
    assert (did_not_eat(answer), six_days(answer)) == (hungry, six)


def test_every_address_of_the_articles_line_has_a_rule() -> None:
    items = read_items("article")
    assert len(items) == 12
    assert all(item["sentence"] and item["address"] for item in items)
