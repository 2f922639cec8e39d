"""What the columns of a table are: which rows name them, and which one has the texts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from demos.operations.cells import is_date, is_missing, is_odd, is_wording, kind_of, number_of
from demos.operations.text import word_set

SAMPLE = 300  # rows that decide
_MOST_ABOVE = 10  # rows of titles above a table
_TEXT = re.compile(
    r"reviews?|texts?|comments?|feedbacks?|body|content|messages?|sentences?|opinions?|impressions?|отзыв\w{0,3}"
    r"|текст\w{0,2}|комментари\w{1,2}|сообщени\w{1,2}|мнени\w{1,2}|впечатлени\w{1,2}|пожелани\w{1,2}|предложени\w{1,2}|замечани\w{1,2}|suggestions?|bewertung(?:en)?|meinung(?:en)?"
    r"|kommentare?|rezension(?:en)?|freitext|avis|commentaires?|comentarios?|reseñas?|opini[oó]n(?:es)?"
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
_ASKING = word_set(
    "опишите расскажите напишите поделитесь укажите describe tell share please beschreiben bitte décrivez о",
    "об от на в к с по и для наш наша наше нашем нашего ваш ваша ваше ваши вашего вам вас нас мы вы of about",
    "on the a an and in for your our you us ihr ihre ihren unser unsere über zu von der die das und votre",
    "vos notre nos sur de du des la le les",
)
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
    words, text = words_of(name), is_text_name(name)
    other = words & _OTHER or (words & _ABOUT and not text)
    return 3 * text - 4 * bool(other) + 2 * name.rstrip().endswith("?")


def table_score(names: Sequence[str], rows: Sequence[Sequence[str]]) -> float:
    """How likely a table is the one with people's texts, by its best column and its length."""
    columns = ([row[place] for row in rows] for place in range(len(names)))
    scores = (text_score(name, cells) for name, cells in zip(names, columns, strict=True))
    best = max((score for score in scores if score is not None), default=-100.0)
    return best + min(math.log2(1 + len(rows)), 7) / 2


def named_rows(rows: list[list[str]], header: bool | None) -> tuple[list[str] | None, list[list[str]], int]:
    """Rows as a file has them → the names of the columns if it has any, the rows below, all of one length,
    and how many rows of titles stood above.

    Args:
        header: whether there are names; None guesses.
    """
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
    if header is False or not rows or (header is None and not is_header(rows[0], rows[1:])):
        return None, rows, titles
    names, below = rows[0], rows[1:]
    if header is None and len(below) > 1 and _goes_on(below[0], below[1:]):
        names = [name or more for name, more in zip(names, below[0], strict=True)]
        below = below[1:]
    return names, below, titles


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
