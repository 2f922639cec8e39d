"""What stands in a cell of a table: a number, a date, words, an address, or nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from demos.operations.text import parse_number, word_set

Kind = Literal["number", "date", "odd", "text"]

# What programs write for "nothing", without spaces; a person's «Нет» or "no" is an answer.
_MISSING = word_set(
    "nan -nan null none nil n/a n.a. na <na> nat undefined (null) (none) true false истина ложь wahr falsch",
    "vrai faux н/д k.a. keineangabe - -- — – \\n #n/a #н/д #nv #nd #null! #nul! #пусто! #value! #знач!",
    "#wert! #valeur! #¡valor! #ref! #ссылка! #bezug! #¡ref! #name? #имя? #nom? #¿nombre? #num! #число!",
    "#zahl! #nombre! #¡num! #div/0! #дел/0! #¡div/0! #spill! #calc!",
)
_LONGEST_NUMBER = 100  # characters
_STARS = re.compile("((?:[★⭐🌟]\ufe0f?)+)[☆✩]*")
_RATING = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?(?:(?:/|из|out of|of|von|sur|de)\s?(?:5|10|100))?"
    r"\s?(?:stars?|points?|зв[её]зд[аы]?|балл(?:а|ов)?|sterne?|punkte?|étoiles?)?",
    re.IGNORECASE,
)
_MONEY = r"(?:[$€£¥₽₴₸]|руб\.?|р\.|USD|EUR|RUB|GBP|CHF)"
_NUMBER_BEGINS = re.compile(rf"\s*(?:{_MONEY}?\s?\W{{0,2}}\d|[★⭐🌟])", re.IGNORECASE)
_PRICE = re.compile(rf"\A{_MONEY}?\s?(.*\d)\s?{_MONEY}?\Z", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}(?:[./-]\d{1,4})?(?!\d)|\d{1,2}:\d{2}(?!\d)", re.ASCII)
_MONTHS = word_set(
    "jan january januar janv janvier ene enero feb february februar fév févr février febrero mar march mär",
    "mrz märz mars marzo apr april avr avril abr abril may mai mayo jun june juni juin junio jul july juli",
    "juil juillet julio aug august août ago agosto sep sept september septembre septiembre oct october okt",
    "oktober octobre octubre nov november novembre noviembre dec december dez dezember déc décembre dic",
    "diciembre янв январь января фев февр февраль февраля мар март марта апр апрель апреля май мая июн июнь",
    "июня июл июль июля авг август августа сен сент сентябрь сентября окт октябрь октября ноя нояб ноябрь",
    "ноября дек декабрь декабря",
)
# Of "2 weeks ago", as maps and shops date reviews.
_AGO = word_set(
    "ago day days week weeks month months year years hour hours minute minutes vor tag tagen woche wochen",
    "monat monaten jahr jahren stunde stunden назад день дня дней неделю недели недель месяц месяца месяцев",
    "год года лет час часа часов минуту минуты минут",
)
_IN_DATES = word_set(
    "t z utc gmt am pm a p m at um uhr à в г г. st nd rd th de del мск mon tue wed thu fri sat sun mo di mi",
    "do fr sa so пн вт ср чт пт сб вс monday tuesday wednesday thursday friday saturday sunday montag",
    "dienstag mittwoch donnerstag freitag samstag sonntag",
)
_LETTERS = re.compile(r"[^\W\d_]+")
# What only programs read: addresses, JSON, codes.
_ODD = re.compile(
    r"\S+@\S+\.\w+|(?:https?://|www\.)\S+|[{[].*[}\]]|(?=\S*\d)(?=\S*[a-z])[a-z0-9_:-]{4,}|[a-z0-9_.:/-]{25,}",
    re.DOTALL | re.IGNORECASE,
)


def is_missing(cell: str) -> bool:
    """Whether a cell is blank, or what programs write for nothing: NaN, NULL, None, N/A, true, #Н/Д."""
    return not cell.strip() or (len(cell) < 20 and cell.replace(" ", "").casefold() in _MISSING)


def _bare(cell: str) -> str:
    """A cell without the currency of a price."""
    text = cell.strip()
    return text if text.isdecimal() or len(text) > _LONGEST_NUMBER else _PRICE.sub(r"\1", text)


def number_of(cell: str, mark: Literal["decimal", "thousands"] = "decimal") -> float | None:
    """The number that a cell is: "1,5", "4/5", "★★★★☆", "1 234,50 ₽"; None if it is none.

    Args:
        mark: what a comma or a point alone before three digits is.
    """
    if not _NUMBER_BEGINS.match(cell):
        return None
    text = _bare(cell)
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return float(text)
    if len(text) > _LONGEST_NUMBER:
        return None
    if stars := _STARS.fullmatch(text):
        return float(len(stars[1].replace("\ufe0f", "")))
    if (parts := _RATING.fullmatch(text)) and parts[1] != text:
        return parse_number(parts[1])
    if mark == "thousands" and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
        return parse_number(text.replace(".", ""))
    return parse_number(text, mark)


def weight_of(cell: str) -> float | None:
    """The cell as a finite number, not negative; None if it is none. "1,5" is 1.5."""
    number = number_of(cell)
    return None if number is None or number < 0 else abs(number)


def weights_of(cells: Sequence[str], plain: bool = False) -> list[float | None] | None:
    """Cells → weights, if at least nine in ten of the filled ones are numbers.

    "1,234" is a thousand and more where all commas of the column stand before three digits, but none
    after a nought, and no cell has a decimal fraction; "1.234" is where a whole number stands beside it.

    Args:
        plain: a program wrote the numbers, so that a point divides decimals always.
    """
    filled = [cell.strip() for cell in cells if not is_missing(cell)]
    some = filled[:: 1 + len(filled) // 200]
    if 2 * sum(number_of(cell) is not None for cell in some) < len(some):
        return None
    marked = [_bare(cell) for cell in filled if "," in cell or "." in cell]
    grouped = [re.fullmatch(r"[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3})+)", cell) for cell in marked]
    points = any("." in cell for cell in marked)
    whole = len(marked) < len(filled) or any(len(cell) > 7 for cell in marked)
    thousands = bool(marked) and all(grouped) and (not points or (whole and not plain))
    numbers = [
        None if is_missing(cell) else number_of(cell, "thousands" if thousands else "decimal")
        for cell in cells
    ]
    if not filled or sum(number is not None for number in numbers) < 0.9 * len(filled):
        return None
    if all(number is None or number < 0 for number in numbers):
        return None
    return [None if number is None or number < 0 else abs(number) for number in numbers]


def is_date(cell: str) -> bool:
    """Whether a cell is a date or a time: "2026-09-01", "1 сент. 2026 г. 10:00", "2 weeks ago"."""
    if len(cell) > 60:
        return False
    words = set(_LETTERS.findall(cell.casefold()))
    if words - _MONTHS - _AGO - _IN_DATES:
        return False
    figures = any(map(str.isdigit, cell))
    return bool(
        _DAY.match(cell.strip()) or (words & (_MONTHS | _AGO) and figures) or words & {"ago", "назад"}
    )


def is_odd(cell: str) -> bool:
    """Whether a cell is what only programs read: an address, JSON, a code."""
    text = cell.strip()
    return bool(_ODD.fullmatch(text if len(text) < 500 else text[:250] + text[-250:]))


def is_wording(cell: str) -> bool:
    """Whether a cell has words in it, and is no date and no number."""
    return any(map(str.isalpha, cell)) and not is_date(cell) and number_of(cell) is None


def kind_of(cells: Sequence[str]) -> Kind:
    """What nine in ten of a column's filled cells are."""
    filled = [cell for cell in cells if not is_missing(cell)]
    enough = 0.9 * len(filled)
    if not filled:
        return "text"
    if sum(number_of(cell) is not None for cell in filled) >= enough:
        return "number"
    if sum(map(is_date, filled)) >= enough:
        return "date"
    return "odd" if sum(map(is_odd, filled)) >= enough else "text"
