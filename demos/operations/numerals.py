"""The numbers of a text, in digits and in Russian and English words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from demos.operations.text import word_set

_LARGE = {"тысяч": 10**3, "миллион": 10**6, "миллиард": 10**9}
_LARGE_ENGLISH = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
# Beginnings of words after digits that multiply them, in several languages.
_TIMES = {
    "тыс": 10**3, "тис": 10**3, "thousand": 10**3, "tausend": 10**3, "mil": 10**3, "mille": 10**3, "k": 10**3,
    "万": 10**4, "萬": 10**4,
    "млн": 10**6, "миллион": 10**6, "мільйон": 10**6, "million": 10**6, "millon": 10**6, "millón": 10**6,
    "milh": 10**6, "millio": 10**6, "mio": 10**6,
    "млрд": 10**9, "миллиард": 10**9, "мільярд": 10**9, "milliard": 10**9, "billion": 10**9, "mrd": 10**9,
}  # fmt: skip
_DIGITS = re.compile(r"\d{1,3}(?:[ '’]\d{3})+(?!\d)|\d+(?:[.,:/]\d+)*")
_THOUSANDS = re.compile(r"(?<=\d)[,.](?=\d{3}(?!\d))")  # a sign that groups digits
_SIGNS = re.compile("[.,:/]")  # within a number
_AFTER = re.compile(r"\s?([^\W\d_]+)")
_DECADE = re.compile(r"(?:['’]?s|-?х|-?er|-?aj|-?ті|-?те|-?тых)\b")
_ROMAN = re.compile(r"\b(?=[IVX]{2,}\b|[VX]\b)(X{0,3})(IX|IV|V?I{0,3})\b")
_RUSSIAN_MONTHS = "январ феврал март апрел ма июн июл август сентябр октябр ноябр декабр"
_ENGLISH_MONTHS = "january february march april may june july august september october november december"
_MONTH_END = re.compile(r"(?:[ьяеюй]|ем|ём|а|у|ом|ы)?")
# Words that are often counted, in their forms after 1, 2 and 5. A word that has an accusative of its own has
# none after 1: «1 минута», but «через 1 минуту».
_COUNTED = {
    form: forms
    for forms in (
        ("год", "года", "лет"), ("месяц", "месяца", "месяцев"), ("день", "дня", "дней"),
        ("час", "часа", "часов"),
        ("", "недели", "недель"), ("", "минуты", "минут"), ("", "секунды", "секунд"), ("раз", "раза", "раз"),
        ("человек", "человека", "человек"), ("метр", "метра", "метров"), ("процент", "процента", "процентов"),
        ("километр", "километра", "километров"), ("килограмм", "килограмма", "килограммов"),
        ("рубль", "рубля", "рублей"), ("доллар", "доллара", "долларов"), ("градус", "градуса", "градусов"),
        ("этаж", "этажа", "этажей"), ("", "страницы", "страниц"), ("", "книги", "книг"),
        ("", "миллиона", "миллионов"), ("", "тысячи", "тысяч"),
    )
    for form in forms
    if form
}  # fmt: skip
# Words before a number that put what is counted into the genitive: «2 года», but «до 2 лет».
_GENITIVE = re.compile(
    r"\b(?:до|после|около|от|из|без|более|менее|больше|меньше|течение|свыше|со?|для|старше|младше)\s$",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"p\.? ?m\b|вечер|дня\b|ноч|час|:\d\d|\buhr\b|abend|soir|tarde|noche|годин", re.IGNORECASE
)


@dataclass(frozen=True)
class Number:
    """A number as a text has it.

    Attributes:
        text: how it is written there.
        place: where it begins.
        readings: what it may be: "1.000" is 1 and 1000, "5 million" is 5 and 5000000.
        parts: the numbers that it is made of, where it has a sign in it: of "12:30" 12 and 30.
        certain: of words, whether it can be nothing but a number, from 3 to 99.
    """

    text: str
    place: int
    readings: frozenset[int]
    parts: tuple[int, ...] = ()
    certain: bool = True

    def is_among(self, others: Iterable[Number], text: str) -> bool:
        """Whether one of the numbers of a text says the same; 1 goes without saying."""
        values = _values(others, text)
        if self.readings & values or self.readings <= {0, 1}:
            return True
        return bool(self.parts) and all(part in values or part in (0, 1) for part in self.parts)

    @property
    def value(self) -> int:
        """The number as it is written: of "5 million" 5, of "12:30" 1230."""
        digits = "".join(filter(str.isdigit, self.text))
        return int(digits) if digits else min(self.readings)


def numbers_of(text: str) -> list[Number]:
    """The numbers in digits, of any script."""
    found = []
    for match in _DIGITS.finditer(text):
        written = match.group()
        parts = tuple(int(part) for part in re.split(r"[.,:/]", re.sub(r"[ '’]", "", written)))
        whole = int("".join(filter(str.isdigit, written)))
        readings = {whole}
        after = _AFTER.match(text, match.end())
        if after:
            word = after.group(1).casefold()
            readings |= {parts[0] * times for start, times in _TIMES.items() if word.startswith(start)}
            readings |= {round(float(f"{parts[0]}.{parts[1]}") * times) for start, times in _TIMES.items()
                         if len(parts) == 2 and word.startswith(start)}  # fmt: skip
        if whole > 1000 and _DECADE.match(text, match.end()):
            readings.add(whole % 100)
        found.append(Number(written, match.start(), frozenset(readings), parts if len(parts) > 1 else ()))
    return found


def number_words(text: str, language: str) -> list[Number]:
    """The numbers in words, of a Russian or an English text; [] for other languages.

    Months are numbers here, and so are Roman ones in a Russian text.
    """
    if language not in ("ru", "en"):
        return []
    found = list(_composed(text, _RUSSIAN if language == "ru" else _ENGLISH))
    months = _RUSSIAN_MONTHS if language == "ru" else _ENGLISH_MONTHS
    for match in re.finditer(r"[^\W\d_]+", text.casefold()):
        if month := _month(match.group(), months):
            found.append(Number(match.group(), match.start(), frozenset({month}), (), False))
        if language == "ru":
            for stem, value in _COMPOUNDS.items():
                if match.group().startswith(stem) and match.group() not in _RUSSIAN:
                    found.append(Number(match.group(), match.start(), frozenset({value}), (), False))
    for match in _ROMAN.finditer(text):
        tens, ones = match.groups()
        value = 10 * len(tens) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX").index(ones)
        found.append(Number(match.group(), match.start(), frozenset({value}), (), False))
    return found


def with_number(text: str, number: Number, other: Number) -> str | None:
    """A Russian text with another number in the place of one of its own, in digits.

    A word that is often counted takes the form that belongs to the number: «2 года», «5 лет». None where
    another word would need another form, and where one of the numbers alone has a sign within: «7», «5:30».
    """
    end = number.place + len(number.text)
    if text[number.place : end].casefold().replace("ё", "е") != number.text:
        return None  # its words are written in some way of their own
    after, rest = _AFTER.match(text, end), text[end:]
    if after and _form_after(number) != _form_after(other) and not _keeps_form(after.group(1), number, other):
        forms = _COUNTED.get(after.group(1), ("", "", ""))
        if _GENITIVE.search(text[: number.place]):
            forms = ("", forms[2], forms[2])
        word = forms[_form_after(other)]
        if not word:
            return None
        rest = text[end : after.start(1)] + word + text[after.end(1) :]
    own, given = (_SIGNS.findall(_plain(one)) for one in (number, other))
    if [sign in ".," or sign for sign in own] != [sign in ".," or sign for sign in given]:
        return None
    signs = iter(own)
    written = _SIGNS.sub(lambda _: next(signs), _plain(other))
    digits = "".join(str(int(sign)) if sign.isdigit() else sign for sign in written)
    return text[: number.place] + digits + rest


def _plain(number: Number) -> str:
    """A number as it is written, its thousands apart from each other as in Russian: "12,000" is «12 000»."""
    return _THOUSANDS.sub(" ", number.text) if number.value >= 1000 else number.text


def _month(word: str, months: str) -> int:
    """The number of a month from its name in any form, in small letters; 0 for another word."""
    for number, stem in enumerate(months.split(), 1):
        if word.startswith(stem) and _MONTH_END.fullmatch(word, len(stem)):
            return number
    return 0


def _form_after(number: Number) -> int:
    """Which form of a Russian noun a number has after it: 0 «год», 1 «года» or 2 «лет»."""
    ones, tens = number.value % 10, number.value % 100
    if (number.parts and not _THOUSANDS.search(number.text)) or (2 <= ones <= 4 and not 12 <= tens <= 14):
        return 1
    return 0 if ones == 1 and tens != 11 else 2


def _keeps_form(word: str, number: Number, other: Number) -> bool:
    """Whether a word has one form after two numbers: a month after days, «год» after the number of a year."""
    month = _month(word.casefold(), _RUSSIAN_MONTHS) > 0
    years = all(1000 <= one.value < 2200 for one in (number, other))
    return month or (years and bool(re.fullmatch(r"г|год[ауе]?|годом", word.casefold())))


def _values(numbers: Iterable[Number], text: str) -> set[int]:
    """All that the numbers of a text may be, halves and the hours of the afternoon among it."""
    values = {value for one in numbers for value in (*one.readings, *one.parts)}
    lower = text.casefold()
    if re.search(r"\bпол|четверт|\bhalf|\bquarter", lower):
        values |= {2, 4, 5, 15, 25, 30, 45, 50} | {value - 1 for value in values}
    if "полтор" in lower:
        values |= {15, 90, 150, 1500}
    for word, value in (("сутк", 24), ("недел", 7), ("столет", 100), ("век", 100)):
        if word in lower:
            values.add(value)
    if _CLOCK.search(text):
        values |= {value + 12 for value in values if 0 < value <= 12}
        values |= {value - 12 for value in values if 12 < value <= 24}
    return values


def _composed(text: str, table: dict[str, int]) -> Iterator[Number]:
    """Numbers of one or more words that follow each other: «две тысячи двадцать пять» is one, 2025."""
    words = [
        (match.group(), match.start())
        for match in re.finditer(r"[^\W\d_]+", text.casefold().replace("ё", "е"))
    ]
    run: list[tuple[str, int]] = []
    for word, place in [*words, ("", 0)]:
        if word == "and" and run:
            continue
        if word in table and (not run or _goes_on([table[one] for one, _ in run], table[word])):
            run.append((word, place))
            continue
        if run:
            value = _sum([table[one] for one, _ in run])
            sure = 3 <= value < 100 and not any(one in _AMBIGUOUS for one, _ in run)
            yield Number(" ".join(one for one, _ in run), run[0][1], frozenset({value}), (), sure)
        run = [(word, place)] if word in table else []


def _goes_on(before: Sequence[int], value: int) -> bool:
    """Whether a number word belongs to the same number as the ones before it."""
    last = before[-1]
    if value >= 1000:
        return value not in before and last < 1000
    if last >= 1000:
        return value < 1000
    if last >= 100:
        return value < 100 or value == 100 > last
    return (20 <= last < 100 and value < 10) or (value == 100 and last < 100)


def _sum(values: Sequence[int]) -> int:
    total, current = 0, 0
    for value in values:
        if value >= 1000:
            total, current = total + max(current, 1) * value, 0
        elif value == 100 and 0 < current < 100:
            current *= 100
        else:
            current += value
    return total + current


def _adjective(stem: str) -> list[str]:
    ends = "ый ой ий ая яя ое ее ого его ому ему ым им ом ем ую юю ые ие ых их ыми ими"
    return [stem + end for end in ends.split()]


def _russian() -> dict[str, int]:
    """Russian number words in all their forms → values: cardinal, ordinal, collective."""
    table: dict[str, int] = {}

    def add(value: int, forms: str | Iterable[str]) -> None:
        for form in forms.split() if isinstance(forms, str) else forms:
            table.setdefault(form, value)

    add(0, "ноль нуль нуля нулю нулем ноля")
    add(1, "один одна одно одного одной одному одним одном одну одни")
    add(
        2,
        "два две двух двум двумя двое двоих двоим двоими оба обе обоих обеих обоим пара пары пару вдвоем",
    )
    add(3, "три трех трем тремя трое троих троим троими втроем трижды")
    add(4, "четыре четырех четырем четырьмя четверо четверых четверым вчетвером четырежды")
    stems = "пят шест сем восем девят десят одиннадцат двенадцат тринадцат четырнадцат пятнадцат шестнадцат"
    for value, stem in enumerate([*stems.split(), "семнадцат", "восемнадцат", "девятнадцат"], 5):
        add(value, f"{stem}ь {stem}и {stem}ью")
    add(8, "восьми восьмью восьмеро восьмерых")
    for value, word in {5: "пятер", 6: "шестер", 7: "семер", 9: "девятер", 10: "десятер"}.items():
        add(value, f"{word}о {word}ых {word}ым в{word}ом")
    add(20, "двадцать двадцати двадцатью")
    add(30, "тридцать тридцати тридцатью")
    add(40, "сорок сорока")
    for value, (stem, inner) in enumerate(
        (("пять", "пяти"), ("шесть", "шести"), ("семь", "семи"), ("восемь", "восьми")), 5
    ):
        add(10 * value, f"{stem}десят {inner}десяти {stem}юдесятью")
        add(100 * value, f"{stem}сот {inner}сот {inner}стам {inner}стах")
    add(90, "девяносто девяноста")
    add(100, "сто ста сотня сотни сотню сотен")
    add(200, "двести двухсот двумстам двумястами двухстах")
    add(300, "триста трехсот тремстам тремястами трехстах")
    add(400, "четыреста четырехсот четыремстам четырехстах")
    add(900, "девятьсот девятисот девятистам девятистах")
    add(10, "десяток десятка десятки десятков")
    add(12, "дюжина дюжины дюжину дюжиной")
    ordinals = (
        "перв втор _ четверт пят шест седьм восьм девят десят одиннадцат двенадцат тринадцат четырнадцат"
    )
    for value, stem in enumerate(
        [*ordinals.split(), "пятнадцат", "шестнадцат", "семнадцат", "восемнадцат"], 1
    ):
        add(value, _adjective(stem))
    add(3, "третий третья третье третьего третьему третьим третьем третьей третью третьи третьих третьими")
    tens = {19: "девятнадцат", 20: "двадцат", 30: "тридцат", 40: "сороков", 50: "пятидесят", 60: "шестидесят"}
    more = {70: "семидесят", 80: "восьмидесят", 90: "девяност", 100: "сот", 200: "двухсот", 1000: "тысячн"}
    for value, stem in (tens | more | {2000: "двухтысячн"}).items():
        add(value, _adjective(stem))
    ends = ["", *["а", "и", "у", "ей", "ам", "ами", "ах", "ы", "ов", "ом", "е", "ью"]]
    for stem, value in _LARGE.items():
        add(value, [stem + end for end in ends])
    return table


def _english() -> dict[str, int]:
    ones = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    table = {
        word: value
        for value, word in enumerate([*ones.split(), "sixteen", "seventeen", "eighteen", "nineteen"])
    }
    ordinals = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    table |= {word: value for value, word in enumerate(ordinals.split(), 1)}
    table |= {f"{word}th": value for word, value in table.items() if value > 12}
    tens = "twenty thirty forty fifty sixty seventy eighty ninety"
    for value, word in enumerate(tens.split(), 2):
        table |= {word: 10 * value, word[:-1] + "ieth": 10 * value, f"{word[:-1]}ies": 10 * value}
    table |= {"hundred": 100, "hundreds": 100, "dozen": 12}
    table |= {"once": 1, "twice": 2, "both": 2, "couple": 2, "pair": 2}
    return table | _LARGE_ENGLISH | {f"{word}s": value for word, value in _LARGE_ENGLISH.items()}


_RUSSIAN, _ENGLISH = _russian(), _english()
# Forms that are also other words, or stand for "many" or "some": nobody misses them.
_AMBIGUOUS = word_set("семью сорок сорока сто ста сотня сотни сотню сотен пары пару пара десяток десятки")
# How numbers begin adjectives: «двухлетний», «пятиэтажный».
_COMPOUNDS = {
    "двух": 2, "трех": 3, "трёх": 3, "четырех": 4, "четырёх": 4,
    "пяти": 5, "шести": 6, "семи": 7, "восьми": 8,
    "девяти": 9, "десяти": 10, "двенадцати": 12, "пятнадцати": 15, "двадцати": 20, "тридцати": 30,
    "сорока": 40, "пятидесяти": 50, "двой": 2, "двоюр": 2, "вдво": 2, "трой": 3, "втро": 3, "сто": 100,
    "стол": 100, "двен": 12,
}  # fmt: skip
