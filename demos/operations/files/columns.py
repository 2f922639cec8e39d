"""What stands in the cells of a table: numbers, dates, words, addresses, nothing; and what its columns are:
which rows name them, and which one has the texts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from string import ascii_uppercase
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
_BEST = 10  # of a rating
_STARS = re.compile("((?:[★⭐🌟]\ufe0f?)+)[☆✩]*")
_RATING = re.compile(
    r"(\d+(?:[.,]\d+)?)\s?(?:(?:/|из|out of|of|von|sur|de)\s?(?:5|10|100))?"
    r"\s?(?:stars?|points?|зв[её]зд[аы]?|балл(?:а|ов)?|sterne?|punkte?|étoiles?)?",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s?(k|к|тыс\.?|m|млн\.?)", re.IGNORECASE)  # of likes
# "5 - Excellent", "1 (never)", as surveys write the answer beside its number.
_LABELLED = re.compile(r"(\d{1,2})\s?[-–—:=(]\s?[^\W\d_]+(?: [^\W\d_]+){0,3}\)?")
_KEYCAP = re.compile("(?<=[0-9])\ufe0f?\u20e3")
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
    text = _KEYCAP.sub("", _bare(cell))
    if text.isascii() and text.isdecimal() and len(text) < 16:
        return float(text)
    if len(text) > _LONGEST_NUMBER:
        return None
    if stars := _STARS.fullmatch(text):
        return float(len(stars[1].replace("\ufe0f", "")))
    if (parts := _RATING.fullmatch(text)) and parts[1] != text:
        return parse_number(parts[1])
    if parts := _THOUSANDS.fullmatch(text):
        return round((parse_number(parts[1]) or 0) * (1e3 if parts[2][0] in "kKкКтТ" else 1e6), 6)
    if mark == "thousands" and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", text):
        return parse_number(text.replace(".", ""))
    return parse_number(text, mark)


def weight_of(cell: str) -> float | None:
    """The cell as a finite number, not negative; None if it is none. "1,5" is 1.5."""
    number = number_of(cell)
    return None if number is None or number < 0 else abs(number)


def weights_of(cells: Sequence[str], plain: bool = False) -> list[float | None] | None:
    """Cells → weights, if at least nine in ten of the filled ones are numbers, or numbers with an answer.

    "1,234" is a thousand and more where all commas of the column stand before three digits, but none
    after a nought, no cell has a decimal fraction, and the numbers are no ratings ("4,567" and "5"); "1.234"
    is where a whole number stands beside it.

    Args:
        plain: a program wrote the numbers, so that a point divides decimals always.
    """
    cells = [_without_label(cell) for cell in cells]
    filled = [cell.strip() for cell in cells if not is_missing(cell)]
    some = filled[:: 1 + len(filled) // 200]
    if 2 * sum(number_of(cell) is not None for cell in some) < len(some):
        return None
    marked = [_bare(cell) for cell in filled if "," in cell or "." in cell]
    grouped = [re.fullmatch(r"[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\.\d{3})+)", cell) for cell in marked]
    points = any("." in cell for cell in marked)
    whole = len(marked) < len(filled) or any(len(cell) > 7 for cell in marked)
    thousands = bool(marked) and all(grouped) and (not points or (whole and not plain))
    thousands = thousands and not ((len(marked) < len(filled) or not plain) and _are_ratings(filled))
    numbers = [
        None if is_missing(cell) else number_of(cell, "thousands" if thousands else "decimal")
        for cell in cells
    ]
    if not filled or sum(number is not None for number in numbers) < 0.9 * len(filled):
        return None
    if all(number is None or number < 0 for number in numbers):
        return None
    return [None if number is None or number < 0 else abs(number) for number in numbers]


def _are_ratings(cells: Sequence[str]) -> bool:
    """Whether cells are numbers up to 10, and no sums of money, whose fractions have no three digits."""
    numbers = [number_of(cell) for cell in cells if _bare(cell) == cell]
    return len(numbers) == len(cells) and all(number is None or number <= _BEST for number in numbers)


def not_weighing(cells: Sequence[str]) -> list[str]:
    """The cells that keep a column from weighing, at least half of whose filled cells are numbers: negative
    ones and words; none for a column of another kind."""
    filled = [cell for cell in cells if not is_missing(cell)]
    numbers = sum(number_of(_without_label(cell)) is not None for cell in filled)
    bad = [cell for cell in filled if weight_of(_without_label(cell)) is None]
    return bad if 2 * numbers >= len(filled) else []


def _without_label(cell: str) -> str:
    """The number of an answer that stands beside it; in a column of texts it may be that of a list."""
    labelled = _LABELLED.fullmatch(cell.strip()) if cell[:1].isdigit() else None
    return labelled[1] if labelled else cell


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


# --- columns -------------------------------------------------------------------------------------------

SAMPLE = 300  # rows that decide
_MOST_ABOVE = 10  # rows of titles above a table
_TEXT = re.compile(
    r"reviews?|texts?|comments?|feedbacks?|body|content|messages?|sentences?|opinions?|impressions?|отзыв\w{0,3}"
    r"|текст\w{0,2}|(?:комментари|сообщени|мнени|впечатлени|пожелани|предложени|замечани)\w{1,2}|suggestions?"
    r"|bewertung(?:en)?|meinung(?:en)?|kommentare?|rezension(?:en)?|freitext|avis|commentaires?|comentarios?"
    r"|reseñas?|opini[oó]n(?:es)?"
)
# What stands beside the texts, among it what others than their writers say: titles, answers, descriptions.
_OTHER = word_set(
    "entities id ids name names date time rating ratings score stars title titles weight votes likes",
    "timestamp helpful author username nickname from email mail e url link links permalink reply replies",
    "response responses answer answers developer seller display html summary description question version",
    "language",
    "status category type source subject headline tag tags sku brand country city region branch address",
    "phone age gender image photo photos video start completion key path pros cons index № n no nr row",
    "respondent collector вес имя имена дата время оценка оцените рейтинг балл баллы автор голоса лайки",
    "полезно плюсы минусы достоинства недостатки ответ ответы вопрос описание название наименование",
    "заголовок тема ссылка почта почты адрес город филиал фио фамилия телефон телефона возраст пол должность",
    "категория тип статус источник страна регион бренд артикул код язык отметка времени идентификатор начала",
    "выполнения продавца datum zeit zeitstempel note auteur autor adresse stadt ort filiale ville nom prénom",
    "vorname nachname sterne titel antwort titre réponse horodateur",
)
# What texts are about or by; alone, it names another column.
_ABOUT = word_set(
    "product user customer client guest buyer order shop store company device app товар товара товаре клиент",
    "клиента клиентов покупатель покупателя покупателей гость гостя гостей пользователь пользователя",
    "пользователей заказ заказа заказе заказу магазин магазина магазине компания компании продукт продукта",
    "produkt kunde kunden produit",
)
_TOTALS = word_set("итого всего total totals gesamt summe insgesamt somme suma grandtotal общийитог")
_ASKING = word_set(
    "опишите расскажите напишите поделитесь укажите describe tell share please beschreiben bitte décrivez о",
    "об от на в к с по и для наш наша наше нашем нашего ваш ваша ваше ваши вашего вам вас нас мы вы of about",
    "on the a an and in for your our you us ihr ihre ihren unser unsere über zu von der die das und votre",
    "vos notre nos sur de du des la le les",
)
_NUMBERED = re.compile(r"(?:вопрос|question|frage)\s*№?\s*\d+\W+", re.IGNORECASE)  # of a survey
_TAG = re.compile(r"<[^<>]*>|&lt;.{1,200}?&gt;")  # of HTML


def words_of(name: str) -> set[str]:
    """The words of a column's name; "textOriginal" has two."""
    divided = re.sub(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])", " ", name)
    return set(re.split(r"[\W_]+", divided.casefold())) - {""} | ({"№"} if "№" in name else set())


def is_text_name(name: str) -> bool:
    """Whether one of a name's words is one for texts: "Review Text", "отзывы"."""
    return any(_TEXT.fullmatch(word) for word in words_of(name))


def is_name(name: str) -> bool:
    """Whether a text is what people and programs call columns, or a question."""
    return _known(name) > 0.6 or name.rstrip().endswith("?")


def text_score(name: str, cells: Sequence[str]) -> float | None:
    """How likely a column is the one with people's texts; None if most of its cells have no words.

    Its name, the length of its texts, and how few of them are the same or for programs: each has a weight.
    """
    sample = cells[:: 1 + len(cells) // SAMPLE]
    filled = [cell for cell in sample if not is_missing(cell)]
    worded = [cell for cell in filled if is_wording(cell)]
    if not worded or 2 * len(worded) < len(filled):
        return None
    plain = [cell for cell in worded if not is_odd(cell)]
    length = math.log2(1 + sum(len(_TAG.sub("", cell)) for cell in plain) / len(worded))
    spaces = sum(" " in cell for cell in plain) / len(worded)
    same = 1 - len(set(worded)) / len(worded)
    odd = 1 - len(plain) / len(worded)
    rare = 1 - len(filled) / len(sample)
    return _name_score(name) + length + spaces - 5 * same - 5 * odd - rare


def _name_score(name: str) -> float:
    name = _NUMBERED.sub("", name) or name
    words, text = words_of(name), is_text_name(name)
    other = words & _OTHER or (words & _ABOUT and not text)
    return 3 * text - 4 * bool(other) + 2 * name.rstrip().endswith("?")


def table_score(names: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    """How likely a table is the one with people's texts, by its best column and its length."""
    columns = ([row[place] for row in rows] for place in range(len(names)))
    scores = (text_score(name, cells) for name, cells in zip(names, columns, strict=True))
    best = max((score for score in scores if score is not None), default=-100.0)
    return best + min(math.log2(1 + len(rows)), 7) / 2


def is_total(row: Sequence[str]) -> bool:
    """Whether the last row of a table adds the others up: «Итого: | | 15»."""
    said = [cell for cell in row if cell and number_of(cell) is None]
    figures = any(number_of(cell) is not None for cell in row)
    return figures and len(said) == 1 and said[0].replace(" ", "").rstrip(":").casefold() in _TOTALS


def named_rows(rows: list[list[str]], header: bool | None) -> tuple[list[str] | None, list[list[str]], int]:
    """Rows as a file has them → the names of the columns if it has any, the rows below, all of one length,
    and how many rows of titles stood above.

    Args:
        header: whether there are names; None guesses.
    """
    rows = _without_frame(rows)
    above = _rows_above(rows)
    if above and not is_header(rows[above], rows[above + 1 :]):
        above = 0
    titles = sum(map(any, rows[:above]))
    rows = [row for row in rows[above:] if any(row)]
    width = max(map(len, rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    for place, row in enumerate(rows[:4]):
        if any(cell.startswith('{"ImportId"') for cell in row) and place:  # Qualtrics: codes, questions, this
            return (rows[place - 1] if header is not False else None), rows[place + 1 :], titles
    guessed = bool(rows) and (is_header(rows[0], rows[1:]) or _is_short(rows))
    if not rows or not (guessed if header is None else header):
        return None, rows, titles
    names, below = rows[0], rows[1:]
    if guessed and _is_above(names, below):
        return below[0], below[1:], titles
    if guessed and len(below) > 1 and _goes_on(below[0], below[1:]):
        names = [name or more for name, more in zip(names, below[0], strict=True)]
        below = below[1:]
    return names, below, titles


def _without_frame(rows: list[list[str]]) -> list[list[str]]:
    """Rows without the letters of the columns and the numbers of the rows, which spreadsheets show around a
    sheet and Google's write into a page of it."""
    letters = rows[0][1:] if rows else []
    framed = letters and not rows[0][0] and letters[:26] == list(ascii_uppercase)[: len(letters)]
    if framed and all(row[:1] == [str(number)] for number, row in enumerate(rows[1:10], 1)):
        return [row[1:] for row in rows[1:]]
    return rows


def _rows_above(rows: Sequence[Sequence[str]]) -> int:
    """How many rows stand above a table: titles, pairs like "Period: | September", blank rows below them."""
    filled = [sum(map(bool, row)) for row in rows[:SAMPLE]]
    width = max(filled, default=0)
    if width < 2:
        return 0
    above = 0
    for place, row in enumerate(rows[:_MOST_ABOVE]):
        first = row[0] if row else ""
        title = filled[place] == 1 and first
        pair = filled[place] < width and first.endswith(":")
        gap = not filled[place] and max(filled[:place], default=0) < width
        if title or pair or gap:
            above = place + 1
        elif filled[place] == width or not first:
            break
    return above


def _is_short(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a word each stands above several columns of phrases, as «Было; Стало» does above pairs."""
    first, below = rows[0], rows[1:]
    if (
        len(first) < 2
        or len(below) < 2
        or any(len(words_of(name)) != 1 or not name[-1:].isalnum() for name in first)
    ):
        return False
    return all(" " in cell or is_missing(cell) for row in below[:SAMPLE] for cell in row)


def _is_above(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether the names are those of groups of columns, above the columns' own: some have none (they are
    merged in a spreadsheet) or come again (as pandas writes them), and the next row has one for each."""
    if len(set(names) - {""}) == len(names) or len(below) < 2:
        return False
    own = below[0]
    return all(own) and len(set(own)) == len(own) and is_header(own, below[1:])


def _goes_on(row: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether a row below the names says more of them, as SurveyMonkey's second one does: "Response" or an
    option of a question, with nothing under what has no options."""
    columns = [[other[place] for other in rest[:SAMPLE]] for place in range(len(row))]
    if row[0] or not all(columns[0]) or not any(row):
        return False
    if any(number_of(cell) is not None or is_date(cell) for cell in row if cell):
        return False
    return any(
        cell and (_known(cell) > 0.3 or kind_of(column) != "text")
        for cell, column in zip(row, columns, strict=True)
    )


def is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns.

    Known names speak for it, questions, columns of another kind below (numbers, dates, addresses), long
    texts below short names; a number, a date or a cell that comes again below speaks against it.
    """
    cells = [cell.strip() for cell in first]
    if not rest:
        names = [cell for cell in cells if cell]
        return len(names) > 1 and all(_known(name) > 0.6 for name in names)
    if not any(cells):
        return False
    if not cells[0] and all(row[:1] == [str(number)] for number, row in enumerate(rest[:9])):
        return True  # how pandas numbers rows
    if any(number_of(cell) is not None or is_date(cell) for cell in cells):
        return False
    score = 0.0
    for place, cell in enumerate(cells):
        below = [row[place].strip() for row in rest[:SAMPLE] if place < len(row) and row[place].strip()]
        if cell and cell in below and len(below) < 100:
            return False
        kind = kind_of(below)
        if len(cells) > 1 and (cell or place == 0):  # the names of rows have none
            score += 2 * (kind in ("number", "date") or (kind == "odd" and not is_odd(cell)))
        if not cell:
            continue
        asks = cell.endswith("?") and sum(other.endswith("?") for other in below) * 10 <= len(below)
        score += 2 * (asks and len(below) > 1) + 2 * (_known(cell) > 0.6)
        if len(cells) > 1 and len(cell) <= 40 and cell[-1] not in ".!?…)" and below:
            score += 1.5 * (len(cell) * 3 < sum(map(len, below)) / len(below))
    return score >= 1.5


def _known(name: str) -> float:
    """Which share of a name's words are those of names, if any of them is one and it is no sentence."""
    words = words_of(name)
    named = [word for word in words if word in _OTHER | _ABOUT or _TEXT.fullmatch(word)]
    if not named or name[-1] in ".!?…" or len(name.split()) > 8:
        return 0
    return (len(named) + len((words & _ASKING) - set(named))) / len(words)
