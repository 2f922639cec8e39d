"""Rules that score Russian sentences by their words: no model and no taste in them.

The lists below are words; a star stands for any ending.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache
from typing import Any

from demos.training.items import normal_form


def _pattern(words: str) -> re.Pattern[str]:
    """A pattern of any of the words, in their normal form: lower case, ё as е."""
    parts = (re.escape(word).replace(r"\*", r"\w*") for word in words.lower().replace("ё", "е").split())
    return re.compile(rf"\b(?:{'|'.join(parts)})\b")


TY = _pattern("""
ты тебя тебе тобой тобою твой твоя твоё твои твоего твоей твоему твоим твоих твоими твою твоём
подожди жди позвони закрой открой скажи расскажи дай возьми приди приходи помоги смотри посмотри
слушай иди сядь садись будь забудь прости извини подумай спроси ответь напиши останься поговори
""")
TY_VERB = re.compile(r"\w\w(?:ешь|ишь|ешься|ишься|йся)\b")
NOT_TY = _pattern("лишь тишь брешь плешь")
VY = _pattern("вы вас вам вами ваш ваша ваше ваши вашего вашей вашему вашим ваших вашими вашу вашем")
VY_VERB = re.compile(r"\w(?:ете|ите|етесь|итесь|йте|йтесь|ьте|ьтесь)\b")
# Nouns in the prepositional case end like verbs of вы.
NOT_VY = _pattern("""
свете лете рассвете цвете кабинете университете факультете интернете буфете билете ответе совете планете
ракете газете комитете туалете предмете банкете жилете пакете магните аппетите граните монете диете сюжете
портрете секрете котлете карете анкете браслете бюджете авторитете ките
""")
EMOTIVE = _pattern("""
ах ох ух ого вау ура боже господи обожа* ужас* кошмар* потряса* восхит* восторг* великолеп* чудес*
прекрас* замечат* невероят* безум* очень так такой такая такое такие какой какая какое какие супер*
классн* блин чёрт* наконец просто самый самая самое самые удивит* счаст* рад рада рады жутк* дико страшно
""")
FORMAL = _pattern("""
вы вас вам вами ваш* пожалуйста прошу просим просьб* благодар* уваж* извинения приносим данн* явля* необходим*
следует предостав* осуществ* сообщ* уведом* разрешите позвольте воспрещ* запрещ* искренн* признат*
незамедлит* надлежит обяза* выража* посторонн* настоящим извините простите заседани* коллег* предлож*
""")
INFORMAL = _pattern("""
ты тебя тебе тобой твой твоя твоё твои твоего твоей твою привет пока ну эй давай блин ребят* хватит ладно
щас классн* супер* спасибо парн* чувак* днюх* тут извини прости скажи дай уходи иди
""")


def normal_words(text: str) -> list[str]:
    """Words in lower case, ё as е."""
    return normal_form(text).split()


def begins(word: str, stems: str) -> bool:
    """Does the word begin with one of the stems, "a|b"?"""
    return word.startswith(tuple(stems.split("|")))


def has(text: str, stems: str) -> bool:
    """Has the text a word that begins with one of the stems?"""
    return any(begins(word, stems) for word in normal_words(text))


def keeps(text: str, groups: str) -> bool:
    """Has the text a word for every group, "a|b c|d"?"""
    return all(has(text, stems) for stems in groups.split())


def says_ty(text: str) -> bool:
    """Does a word address one person familiarly: a pronoun, a verb's ending, a common imperative?"""
    form = normal_form(text)
    return bool(TY.search(form) or TY_VERB.search(NOT_TY.sub("", form)))


def says_vy(text: str) -> bool:
    """Does a word address someone politely, or several people: a pronoun or a verb's ending?"""
    form = normal_form(text)
    return bool(VY.search(form) or VY_VERB.search(NOT_VY.sub("", form)))


def emotion(text: str) -> int:
    """Exclamation marks and emotive words."""
    return text.count("!") + len(EMOTIVE.findall(normal_form(text)))


def formality(text: str) -> int:
    """Formal words less informal ones."""
    form = normal_form(text)
    return len(FORMAL.findall(form)) - len(INFORMAL.findall(form))


def restyled(axis: str, strength: float, source: str, answer: str) -> bool:
    """Has the answer moved along the axis the way the strength's sign says?

    Raises:
        ValueError: there is no rule for the axis.
    """
    if axis == "ty_vy":
        polite, familiar = says_vy(answer), says_ty(answer)
        return polite and not familiar if strength > 0 else familiar and not polite
    if axis == "reserved_emotive":
        change = emotion(answer) - emotion(source)
    elif axis == "informal_formal":
        change = formality(answer) - formality(source)
    else:
        raise ValueError(f"no rule for the axis {axis!r}")
    return change * strength > 0


def replaced(answer: str, gone: str, come: str, kept: str) -> bool:
    """Is the old phrase gone, the new one there, and the rest kept?"""
    return not has(answer, gone) and has(answer, come) and keeps(answer, kept)


# The numbers that one word names, in its dictionary form.
_BELOW_TWENTY = """
ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать
пятнадцать шестнадцать семнадцать восемнадцать девятнадцать
"""
_TENS = "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто"
_HUNDREDS = "сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот"
_ORDINALS = """
нулевой первый второй третий четвёртый пятый шестой седьмой восьмой девятый десятый одиннадцатый двенадцатый
тринадцатый четырнадцатый пятнадцатый шестнадцатый семнадцатый восемнадцатый девятнадцатый
"""
_ORDINAL_TENS = (
    "двадцатый тридцатый сороковой пятидесятый шестидесятый семидесятый восьмидесятый девяностый сотый"
)
NUMBER_WORDS: dict[str, int] = {
    **{word: number for number, word in enumerate(_BELOW_TWENTY.split())},
    **{word: 20 + 10 * number for number, word in enumerate(_TENS.split())},
    **{word: 100 + 100 * number for number, word in enumerate(_HUNDREDS.split())},
    **{word: number for number, word in enumerate(_ORDINALS.split())},
    **{word: 20 + 10 * number for number, word in enumerate(_ORDINAL_TENS.split())},
    "тысяча": 1000,
    "тысячный": 1000,
    "двухтысячный": 2000,
    "миллион": 10**6,
    "миллиард": 10**9,
}


@cache
def _analyzer() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer()


@cache
def _number_of_word(word: str) -> int | None:
    """The number that a Russian word names, in any of its forms; None if it names none."""
    forms = (parse.normal_form for parse in _analyzer().parse(word))
    return next((NUMBER_WORDS[form] for form in forms if form in NUMBER_WORDS), None)


def digit_numbers(text: str) -> Counter[int]:
    """The numbers that a text writes in digits of any script; «1 000» and "1,000" are one number."""
    joined = re.sub(r"(?<=\d)[ ,](?=\d{3}(?!\d))", "", unicodedata.normalize("NFKC", text))
    return Counter(int(number) for number in re.findall(r"\d+", joined))


def spelt_numbers(text: str) -> Counter[int]:
    """The numbers that a Russian text writes in words: «тысяча девятьсот восемьдесят втором» is 1982."""
    found: Counter[int] = Counter()
    total = group = 0
    size = 0  # that of the number's last word: units 1, tens 10, hundreds 100; 0 where no number is open

    def close() -> None:
        nonlocal total, group, size
        if size:
            found[total + group] += 1
        total = group = size = 0

    for word in re.findall(r"\w+", text.lower()):
        number = _number_of_word(word)
        if number is None:
            close()
        elif number >= 1000:
            total, group, size = total + max(1, group) * number, 0, number
        else:
            place = 1 if number < 20 else 10 if number < 100 else 100
            if place >= size:
                close()
            group, size = group + number, place
    close()
    return found


def keeps_numbers(source: str, answer: str) -> bool:
    """Has a Russian answer the numbers that the source writes in digits, in digits or words, and no others
    in digits?"""
    wanted, digits = digit_numbers(source), digit_numbers(answer)
    return not digits - wanted and not wanted - digits - spelt_numbers(answer)


DID_NOT_EAT = re.compile(r"\bне (?:\w+ ){0,2}?(?:ел|ела|ели|ем|едим|поел\w*|кушал\w*|питал\w*)\b")
SIX_DAYS = re.compile(r"\b(?:(?:6|шест[ьи]) (?:дн\w+|сут\w+)|шест(?:ой день|ые сутки))\b")


def did_not_eat(text: str) -> bool:
    """Does a Russian text say that someone did not eat?"""
    return bool(DID_NOT_EAT.search(normal_form(text)))


def six_days(text: str) -> bool:
    """Does a Russian text speak of six days?"""
    return bool(SIX_DAYS.search(normal_form(text)))
