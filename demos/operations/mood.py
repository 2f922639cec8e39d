"""Praise or complaint: the mood of a sentence, by its words and by its vector.

The vector alone does not tell «Цены высокие» from «Цены низкие», and words alone know only what is
listed here, so both count: clear words of a Russian sentence decide, the rest is up to the axis of mood,
and what neither tells goes with the sentences that are most like it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from demos.operations.text import word_set

_CLEAR = 0.06  # how far along the axis of mood a sentence must lie for its vector to tell
_WORD = 0.3  # how much one word counts, in lengths along that axis
_LIKE = 5  # sentences that an unclear one is compared with
_ROWS = 64  # sentences that are compared at once: of ten thousand that takes 5 MB
_NOT = word_set("не ни без никаких нет никакой никакого")
_CLAUSE = re.compile(r"[,;:.!?—–]|\b(?:но|а|зато)\b")
_WEAKLY = re.compile(r"\b(?:не|еле|едва|мало)\s$")


def _beginnings(*lines: str) -> tuple[str, ...]:
    return tuple(sorted(word_set(*lines)))


# Beginnings of words that praise or blame by themselves.
_GOOD = _beginnings(
    "отличн отлично хорош прекрасн замечательн великолепн превосходн чудесн восхит шикарн супер класс",
    "вкусн вежлив внимательн приветлив доброжелательн любезн добр мил заботлив уютн красив удобн приятн",
    "чист свеж ароматн нежн сочн ярк чётк четк качествен надёжн надежн понрав нрав рад довол советую",
    "рекоменд спасибо любим идеальн лучш люблю обожа огонь объеден порадов удовольств потрясающ выгодн",
    "недорог дешев дёшев шустр плавн тих спокойн мягк бесшумн прочн тепл помог улыб интересн весел",
    "увлекательн комфортн молодц вкусно аккуратн профессионал бережн безупречн пунктуальн шедевр годится",
    "годен восторг просторн светл невысок вкусней",
)
_BAD = _beginnings(
    "плох ужас отврат кошмар груб хам нагруб нахам невкусн горьк холодн грязн шумн дорог завыш кусаются",
    "переплат медлен ждал ждать ждём ожидани очеред опозда тормоз завис виснет глюч греется слаб тускл",
    "мутн размыт сломал лома хрип шип треск трещ разряж садит кончает невозможно мешает обман зря жаль",
    "увы сожален разочаров скучн неудобн больно болит болят жёстк жестк тесн вон вонь пахл нельзя хуж",
    "бесполезн худш дешёвк отстой перезагруж орёт орет кричат приходится раздраж неприятн брак испорч",
    "нерв еле устали гадост поддел драк рвёт порва натир давит сдавлив пресн подгор пересол черств чёрств",
    "опозор халтур опаздыв грубост холод душно",
)
# Words that praise one thing and blame another: their beginnings, what they are said of, and the mood then.
_OF = tuple(
    (re.compile(rf"\b(?:{word})"), re.compile(rf"\b(?:{thing})"), mood)
    for word, thing, mood in (
        ("высок|больш|космическ|бешен|огромн|кус", "цен[аыу]|стоимост|счёт|счет", -1),
        ("низк|небольш|маленьк|скромн|разумн|доступн", "цен[аыу]|стоимост", 1),
        ("громк|громч", "музык|шум|сосед|крик|слишком|орёт|орет", -1),
        ("громк|громч", "звук|динамик|звон", 1),
        ("быстр", "разряж|садит|кончает|лома|порти|надоед|изнаш|остыв", -1),
        ("быстр", "достав|привез|принес|работ|обслуж|помог|телефон|ответ|пришл|приех|приш", 1),
        ("долг", "ждал|ждать|готов|нес|шёл|шел|шла|достав|обслуж|ответ|очеред|делал|искал|вез", -1),
        ("долг", "держ|служ|хват|заряд", 1),
        ("хват|держ", "батаре|аккум|заряд|дн[яе]", 1),
    )
)


def moods(texts: Sequence[str], vectors: np.ndarray, axis: np.ndarray, middle: float = 0.0) -> np.ndarray:
    """(n,) how much each sentence praises (above 0) or blames (below 0).

    Args:
        vectors: the sentences' own, unit rows (n, dim).
        axis, middle: the direction of praise (dim,), of length 1, and where on it neither is meant.
    """
    by_vector = np.asarray(vectors @ axis, dtype=np.float64) - middle
    by_words = np.array([mood_of_words(text) for text in texts], dtype=np.float64)
    found = by_vector + _WORD * np.clip(by_words, -2, 2)
    unclear = np.flatnonzero((by_words == 0) & (np.abs(by_vector) < _CLEAR))
    clear = np.setdiff1d(np.arange(len(texts)), unclear)
    if len(clear) == 0:
        return found
    others, theirs, most = vectors[clear].T, found[clear], min(_LIKE, len(clear))
    for start in range(0, len(unclear), _ROWS):
        rows = unclear[start : start + _ROWS]
        cosines = vectors[rows] @ others
        like = np.argpartition(cosines, -most, axis=1)[:, -most:]
        found[rows] += (np.take_along_axis(cosines, like, 1).clip(0) * theirs[like]).mean(1)
    return found


def mood_of_words(text: str) -> int:
    """How many words of a Russian sentence praise, less how many blame; a negated word does the contrary."""
    return sum(moods_of_clauses(text))


def moods_of_clauses(text: str) -> list[int]:
    """The same, clause by clause: «Вкусно, но дорого» praises in one and blames in the other."""
    found = []
    for clause in _CLAUSE.split(text.casefold()):
        mood_of_clause = 0
        for word, thing, mood in _OF:
            if (match := word.search(clause)) and thing.search(clause):
                mood_of_clause += -2 * mood if _WEAKLY.search(clause[: match.start()]) else 2 * mood
        words = re.findall(r"[^\W\d_]+", clause)
        for place, said in enumerate(words):
            negated = -1 if _NOT & set(words[max(0, place - 2) : place]) else 1
            if said.startswith(_BAD):
                mood_of_clause -= negated
            elif said.startswith(_GOOD):
                mood_of_clause += negated
        found.append(mood_of_clause)
    return found
