"""What a sentence must not lose on the way: its numbers, its names in Latin letters, its negation.

A vector holds them badly, and a fluent answer hides that they changed. Here texts alone are compared,
by rules that would rather miss a change than report one that is none: a number may become a word («12»,
«двенадцать», «дюжина»), a name may be transliterated, a negation may hide in a word («не хочу» and
"refuse"). What is reported is that two texts differ, not which of them is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Literal, Protocol, TypeVar

from demos.operations.numerals import Number, number_words, numbers_of
from demos.operations.sentences import language_of_text
from demos.operations.text import clean, word_set

DifferenceKind = Literal["digits", "names", "negation"]
MARGIN = 0.1  # fidelity that `prefer` gives up for an answer that keeps what the source says
_NAMED = ("en", "fr", "es")  # languages where a capital within a sentence means a name
_SHARED = 0.6  # share of the consonants that a name and its transliteration have in common


@dataclass(frozen=True)
class Difference:
    """Something that stands in one of two texts only.

    Attributes:
        kind: "digits" (numbers), "names" (in Latin letters) or "negation".
        source, answer: what the source has and what the answer has in its place; "" for nothing.
    """

    kind: DifferenceKind
    source: str
    answer: str


class ScoredText(Protocol):
    """A possible answer: `demos.codec.Candidate`, `demos.operations.answers.Decoded`."""

    @property
    def text(self) -> str: ...
    @property
    def fidelity(self) -> float: ...


AnyScoredText = TypeVar("AnyScoredText", bound=ScoredText)


def differences(source: str, answer: str, language: str | None = None) -> list[Difference]:
    """What a Russian answer lacks of a source, has changed or added; [] where nothing is found.

    Numbers and names of a source are looked for in every language, negations of Russian, Ukrainian,
    English, German, French and Spanish ones.

    Args:
        language: the source's code where it is known, "" where it cannot be told; None finds it out.
    """
    source, answer = clean(source), clean(answer)
    language = language_of_text(source) if language is None else language
    rules = (_digits, _names, _negation)
    return [difference for rule in rules for difference in rule(source, answer, language)]


def prefer(
    source: str, candidates: Sequence[AnyScoredText], language: str | None = None
) -> list[AnyScoredText]:
    """The candidates, those first that differ from the source in nothing, in the order they come in.

    Only those count that are at most `MARGIN` less faithful than the first: a true number does not
    make up for another sentence.
    """
    if not candidates:
        return []
    language = language_of_text(source) if language is None else language
    least = candidates[0].fidelity - MARGIN
    good = [one.fidelity >= least and not differences(source, one.text, language) for one in candidates]
    return [
        one for wanted in (True, False) for one, kept in zip(candidates, good, strict=True) if kept is wanted
    ]


def changed_numbers(source: str, answer: str, language: str) -> list[tuple[Number | None, Number | None]]:
    """The numbers of a source that a Russian answer lacks, in order, each with that which it has instead.

    A number that the answer alone has comes with None, where the source's own number words are known.
    """
    wanted, found = numbers_of(source), numbers_of(answer)
    said, known = number_words(answer, "ru"), number_words(source, language)
    if language == "ru":
        wanted = sorted([*wanted, *(one for one in known if one.certain)], key=lambda one: one.place)
    lacking = [one for one in wanted if not one.is_among([*found, *said], answer)]
    extra = [one for one in found if not one.is_among([*wanted, *known], source)]
    if lacking:
        extra += [one for one in said if one.certain and not one.is_among([*wanted, *known], source)]
    pairs = list(zip_longest(lacking, extra))
    return pairs if language in ("ru", "en") else pairs[: len(lacking)]


def _digits(source: str, answer: str, language: str) -> list[Difference]:
    return [
        Difference("digits", was.text if was else "", became.text if became else "")
        for was, became in changed_numbers(source, answer, language)
    ]


# --- names -------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
_SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s+|[\"«“„(—–-]\s*)[^\W_]*$")
# Names that are no names in Russian, or others: their letters tell nothing.
_TRANSLATED = word_set(
    "god lord bible christmas easter christ jesus monday tuesday wednesday thursday friday saturday sunday",
    "january february march april may june july august september october november december english",
    "china chinese hungary hungarian us usa uk eu un united states kingdom america american earth moon sun",
    "mr mrs ms miss dr sir mom mum dad father mother uncle aunt internet ok tv ii iii iv i i'm i'll i've",
    "dutch deutsch dios lunes navidad noël dieu madame monsieur señor señora état états unis estados unidos",
    "germany deutschland allemagne alemania german netherlands holland street i'd austria",
)
_RUSSIAN_TITLES = word_set(
    "вы вас вам вами ваш ваша ваше ваши вашего вашей вашу ваших вашим вашими я бог бога богу богом боже",
    "господь господи рождество рождества рождеством рождеству пасха пасху земля земли землю земле сша",
    "интернет интернета интернете китай китая китае китаю германия германии германию",
)


def _names(source: str, answer: str, language: str) -> list[Difference]:
    """Names in Latin letters that became others.

    Among other letters (in Russian, Ukrainian, Japanese …) whatever is written in Latin ones must stand in
    the answer, or be transliterated there. In a text of Latin letters a name is a capitalised word within
    a sentence, and it is missed only where a name of the answer has no likeness to any word of the source.
    """
    latin = _LATIN.findall(source)
    others = [word for word in _WORD.findall(source) if not _LATIN.match(word)]
    answered = _WORD.findall(answer)
    if others and len(others) >= len(latin):
        lost = [word for word in latin if len(word) > 1 and not _stands_in(word, answered, True)]
        return [Difference("names", word, "") for word in dict.fromkeys(lost)]
    if others or language not in _NAMED:
        return []
    lost = [word for word in _capitalised(source, _TRANSLATED) if not _stands_in(word, answered)]
    new = [
        word
        for word in _capitalised(answer, _RUSSIAN_TITLES)
        if not any(_alike(other, word) for other in latin if len(other) > 2)
    ]
    return [Difference("names", one, other) for one, other in zip(lost, new, strict=False)]


def _capitalised(text: str, left_out: frozenset[str]) -> list[str]:
    """The words within the sentences of a text that begin with a capital."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        inside = not _SENTENCE_START.search(text[: match.start()])
        if inside and word[0].isupper() and len(word) > 1 and word.casefold() not in left_out:
            found.append(word.removesuffix("'s").removesuffix("’s"))
    return found


def _stands_in(name: str, words: Sequence[str], strictly: bool = False) -> bool:
    return any(_alike(name, word, strictly) for word in words)


# Letters and groups of letters → the class of their sound; the longest group goes first.
_LATIN_SOUNDS = {
    "shch": "s", "sch": "s", "tch": "s", "ch": "s", "sh": "s", "zh": "s", "kh": "k", "ph": "p", "th": "t",
    "ts": "s", "tz": "s", "ck": "k", "qu": "kp", "gh": "k", "x": "ks", "q": "k", "c": "k", "g": "k", "k": "k",
    "j": "s", "s": "s", "z": "s", "ç": "s", "č": "s", "š": "s", "ž": "s", "ś": "s", "ć": "s", "b": "p",
    "p": "p", "f": "p", "v": "p", "w": "p", "d": "t", "t": "t", "m": "m", "n": "n", "ñ": "n", "l": "l",
    "ł": "l", "r": "r",
}  # fmt: skip
_RUSSIAN_SOUNDS = {
    "дж": "s", "кс": "ks", "тс": "s", "б": "p", "п": "p", "в": "p", "ф": "p", "г": "k", "к": "k", "х": "k",
    "д": "t", "т": "t", "ж": "s", "з": "s", "с": "s", "ц": "s", "ч": "s", "ш": "s", "щ": "s", "м": "m",
    "н": "n", "л": "l", "р": "r",
}  # fmt: skip


def _sounds(word: str) -> str:
    """The consonants of a word as classes of sounds that are taken for one another between languages."""
    table = _LATIN_SOUNDS if _LATIN.match(word) else _RUSSIAN_SOUNDS
    word, found, last = word.casefold(), "", ""
    while word:
        size = next((size for size in (4, 3, 2, 1) if word[:size] in table), 0)
        sound = table[word[:size]] if size else ""
        found += sound if size != 1 or word[:1] != last else ""  # doubled letters are one sound
        last, word = word[:1], word[max(1, size) :]
    return found


def _alike(name: str, word: str, strictly: bool = False) -> bool:
    """Whether a word may be a name in Latin letters, as it stands or transliterated and inflected;
    strictly, if it also begins alike, as the names of languages' own do not («Japan», «Япония»)."""
    if name.casefold() == word.casefold() or word.casefold().startswith(name.casefold()):
        return True
    one, other = _sounds(name), _sounds(word)
    if len(one) < 2 or len(other) < 2:
        return one[:1] == other[:1] and len(word) > 1
    # "c", "g", "ch" and "j" are read in two ways: either class may stand for the other.
    soft = [(one, other), (one.replace("s", "k"), other.replace("s", "k"))]
    if any(b.startswith(a) or a.startswith(b) for a, b in soft):
        return True
    return any(
        (not strictly or a[0] == b[0]) and SequenceMatcher(None, a, b).ratio() > _SHARED for a, b in soft
    )


# --- negation ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Negation:
    """How a language says no.

    Attributes:
        strong: words that negate, and which a translation negates too.
        weak: words by which it may say what the other language negates; they prove nothing themselves.
        idle: phrases with a strong word that do not negate.
    """

    strong: re.Pattern[str]
    weak: re.Pattern[str]
    idle: re.Pattern[str]

    @classmethod
    def of(cls, strong: str, weak: str, idle: str = "(?!)") -> _Negation:
        return cls(*(re.compile(rf"\b(?:{part})", re.IGNORECASE) for part in (strong, weak, idle)))

    def found(self, text: str) -> str:
        """The first word that negates, "" for none."""
        match = self.strong.search(self.idle.sub(" ", text))
        return match.group().strip() if match else ""


_NEGATIONS = {
    "ru": _Negation.of(
        r"(?:не|ни|нет|нельзя|нету|никогда|нигде|никуда|никто|никого|никому|никем|ничто|ничего|ничему|ничем"
        r"|никак|никакой|никакая|никакого|никакие|никаких)\b",
        r"не|ни|бе[зс]|мало|едва|вряд|отсутств|против|кроме|запре|отказ|перестал|прекрат|лишь|только|хватит"
        r"|иначе|плох|против|вместо|прежде|раньше|до\b|скуча|лишен|лишён|трудно|сложно"
        r"|далеко|дорог|довольно|кончил|равнодуш",
        r"не только|чуть не|едва ли не|не раз\b|не правда ли|как бы ни"
        r"|(?:кто|что|где|куда|сколько) бы \w* ?ни"
        r"|пока (?:\w+ ){0,3}не|если (?:\w+ ){0,2}не|чем не|не за что|ничего\b(?=[.!]?$)|как ни в ч[её]м",
    ),
    "uk": _Negation.of(
        r"(?:не|ні|немає|нема|ніколи|ніде|нікуди|ніхто|нікого|нікому|ніщо|нічого|нічому|нічим|ніяк|ніякий"
        r"|ніяка|ніякого|ніяких|жоден|жодн\w+)\b",
        r"не|ні|бе[зс]|мало|ледв|навряд|відсутн|проти|крім|заборон|відмов|переста|лише|тільки|досить|інакше"
        r"|погано|замість|перш|до\b|сум|важко|далеко|жод|брак",
        r"не (?:тільки|лише)|мало не|не раз\b|пока не|поки (?:\w+ ){0,3}не|доки (?:\w+ ){0,3}не"
        r"|якщо (?:\w+ ){0,2}не|нема за що",
    ),
    "en": _Negation.of(
        r"(?:not|\w+n['’]t|cannot|never|nobody|nothing|nowhere|none|no)\b",
        r"not|\w+n['’]t|cannot|no|never|without|hardly|barely|scarcely|rarely|seldom|neither|nor\b|few|little"
        r"|un\w{2,}|dis\w{3,}|im[mp]\w+|in[cdsv]\w+|ir[r]\w+|mis\w+|\w+less\b|wrong|bad|ill\b|sick|fail|refus"
        r"|lack|forg[eo]t|hate|avoid|stop|prevent|only|else|too\b|before|miss|out of|away|against|free\b"
        r"|den[iy]"
        r"|ignor|any|ever|hard\b|difficult|instead|rather|far\b|lost|los[et]|short of|need|keep|least"
        r"|give up|gave up|absen",
        r"not only|why don['’]t (?:we|you)|if not|can(?:no|['’])t help"
        r"|no (?:doubt|matter|wonder|problem|more than)"
        r"|not until|couldn['’]t (?:agree )?(?:more|be \w+er)|no\. ?\d|nothing but|can['’]t wait|no sooner",
    ),
    "de": _Negation.of(
        r"(?:nicht|kein|keine|keinen|keinem|keiner|keines|nie|niemals|niemand\w*|nichts|nirgend\w*|nein)\b",
        r"nicht|kein|nie|nichts|nirgend|nein|ohne|un\w{2,}|kaum|wenig|weder|verboten|sonst|bevor|bis\b|hass"
        r"|fehl|vermiss|falsch|\w+los\b|schlecht|nur\b|zu\b|statt|weg\b|verpass|vergess|schwer|miss|krank|außer"
        r"|gegen|irr|weit\b|ab\b|aus\b|weiger|lehn|kriegsfuß",
        r"nicht nur|nichts als|warum \w+ (?:wir|du|ihr) nicht|nicht umhin|nichts für ungut",
    ),
    "fr": _Negation.of(
        r"(?:ne\b|n['’]|pas\b|aucune?\b)",
        r"ne\b|n['’]|pas\b|aucun|sans|rien|personne|non|plus\b|gu[eè]re|jamais|ni\b|in\w+|im\w+|ir\w+|d[ée]\w+"
        r"|peu\b|avant|manqu|faux|mal\b|trop|seul|rat[ée]|oubli|refus|contre|sinon|malade|difficile|loin"
        r"|mauvais|ignor|cloche",
        r"ne (?:\w+ ){1,4}que\b|n['’](?:\w+ ){1,4}qu|pas (?:seulement|que)\b|n['’]est-ce pas"
        r"|un pas|pas à pas|avant que (?:\w+ )?ne",
    ),
    "es": _Negation.of(
        r"(?:no|nunca|jamás|nadie|nada|ningún|ninguna|ninguno|tampoco)\b",
        r"no|nunca|jam|nad[ai]|ning|tampoco|sin\b|ni\b|in\w+|im\w+|ir\w+|des\w+|poco|apenas|falt|odi|sino|mal|solo"
        r"|sólo|antes|hasta|demasiado|olvid|neg|enferm|perd|difícil|lejos|contra|dej",
        r"no (?:solo|sólo|solamente)|por qué no|no (?:más|\w+ más) que|nada más que|a no ser|de nada",
    ),
}  # fmt: skip


def _negation(source: str, answer: str, language: str) -> list[Difference]:
    """A negation that one of the texts alone has; none is missed in questions, where it may mean nothing."""
    rules, russian = _NEGATIONS.get(language), _NEGATIONS["ru"]
    if rules is None or "?" in source or "?" in answer:
        return []
    asked, said = rules.found(source), russian.found(answer)
    if asked and not russian.weak.search(answer):
        return [Difference("negation", asked, "")]
    if said and not rules.weak.search(source):
        return [Difference("negation", "", said)]
    return []
