"""The language of a text, and its sentences."""

from __future__ import annotations

import json
import re
from array import array
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from demos.codec import russian_words
from demos.operations.text import clean, lines_of, word_set

# Other names that py3langid has for the languages of demos.codec.languages.
_SAME = {"wuu": "zh", "yue": "zh", "nn": "no", "hbo": "he", "grc": "el", "uzs": "uz", "zxx": ""}
_CYRILLIC = re.compile("[\u0400-\u052f]")
_OTHER_LETTER = re.compile(r"[^\W\d_\u0400-\u052f]")
_NOT_RUSSIAN = re.compile("(?![а-яё])[\u0400-\u052f]")
_YIDDISH = re.compile(r"[\u05f0-\u05f2]|\u05d0[\u05b7\u05b8]|\u05e4\u05bf")
_READ = 1000  # characters that decide on a language; more add nothing
# Letters of Russian that a language's own alphabet lacks: a word with one of them is not of it.
_LACKS = {
    "uk": "ыэёъ",
    "be": "ищъ",
    "bg": "ыэё",
    "mk": "йщъыьэюяё",
    "sr": "йщъыьэюяё",
    "tg": "цщыь",
    "uz": "щы",
}
# Everyday words, mostly without those letters, that tell languages of the same letters apart. Of the other
# languages' words hardly one is Russian too.
WORD_FILE = Path(__file__).resolve().parents[2] / "assets" / "everyday_words.json"
_WORDS = {
    language: word_set(words) for language, words in json.loads(WORD_FILE.read_text(encoding="utf-8")).items()
}
_FOREIGN_WORDS = frozenset().union(*_WORDS.values()) - _WORDS["ru"]
BLOCK = 32  # numbers of the table that are kept, or shared, together
_TELLS, _SPEAKS_RUSSIAN = 8.0, 2.0  # how much likelier one such word, or Russian as such, makes a language


class Transitions:
    """The table of py3langid's automaton in a fifth of the memory: its numbers by their place, and of equal
    blocks one is kept.

    A row of the table says for each byte of a text which state follows. Most states follow for most bytes
    where the first one does, so only one block in six is unlike all others.
    """

    def __init__(self, table: array[int]) -> None:
        content = memoryview(table).cast("B")
        size = BLOCK * table.itemsize
        numbers: dict[bytes, int] = {}  # of the distinct blocks
        self._number_of = array("I")  # of each block of the table
        for start in range(0, len(content), size):
            self._number_of.append(numbers.setdefault(bytes(content[start : start + size]), len(numbers)))
        self._distinct: Sequence[int] = memoryview(b"".join(numbers)).cast(table.typecode)  # type: ignore[arg-type,assignment]

    def __getitem__(self, place: int) -> int:
        return self._distinct[self._number_of[place // BLOCK] * BLOCK + place % BLOCK]


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.tk_nextmove = Transitions(identifier.tk_nextmove)
    identifier.tk_output = array("i", identifier.tk_output)  # a list takes ten times the memory
    identifier._rowbase = array("i", identifier._rowbase)
    return identifier


def language_of_text(text: str) -> str:
    """The code of the text's language, "" where it cannot be told.

    py3langid decides, for texts in Cyrillic with the letters and everyday words of each language, and the
    lexicon of Russian words, as further evidence: of a word that several languages have, nobody can tell
    whose it is.
    """
    text = clean(text)[:_READ]
    if _YIDDISH.search(text):
        return "yi"  # which py3langid does not know
    ranks = _identifier().rank(text)
    if _CYRILLIC.search(text) and not _OTHER_LETTER.search(text):
        ranks = _of_cyrillic(text.lower(), {language: float(share) for language, share in ranks})
    (best, share), (_, second) = ranks[:2]
    if share >= 0.5 or (best != "ru" and share >= 0.12 and share >= 2 * second):
        return _SAME.get(best, str(best))
    return ""


def _of_cyrillic(text: str, shares: dict[str, float]) -> list[tuple[str, float]]:
    """The shares of languages in Cyrillic, the likeliest first: their letters and words are weighed."""
    foreign = _NOT_RUSSIAN.search(text)
    words = re.findall(r"\w+", text)
    found = {}
    for language in ("ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tt", "ba", "tg", "uz"):
        share = shares.get(language, 0.0) * _TELLS ** sum(word in _WORDS.get(language, ()) for word in words)
        if language == "ru":
            share *= 1e-3 if foreign else _SPEAKS_RUSSIAN * _known(words)
        found[language] = share * (1e-3 if set(_LACKS.get(language, "")) & set(text) else 1.0)
    total = sum(found.values()) or 1.0
    return sorted(((language, share / total) for language, share in found.items()), key=lambda one: -one[1])


def _known(words: list[str]) -> float:
    """How much likelier Russian is by what the lexicon knows of the words; one rare word tells nothing."""
    unknown = russian_words().unknown(" ".join(words))
    if not unknown:
        return 1.0 if _FOREIGN_WORDS.intersection(words) else _TELLS
    return 1 / _TELLS if unknown > max(1.0, len(words) / 2) else 1.0


def may_be_russian(text: str) -> bool:
    """Whether a text has letters of Russian alone, and no everyday word of another language alone."""
    text = clean(text).lower()
    if not _CYRILLIC.search(text) or _NOT_RUSSIAN.search(text) or _OTHER_LETTER.search(text):
        return False
    return not _FOREIGN_WORDS.intersection(re.findall(r"\w+", text))


def sentences_of(text: str) -> list[str]:
    """The sentences of a text: razdel splits Russian ones, sentencex the others; a line break splits too."""
    import razdel
    import sentencex

    found: list[str] = []
    for line in lines_of(text):
        language = language_of_text(line)
        if language == "ru":
            found += [part.text for part in razdel.sentenize(line)]
        else:
            found += sentencex.segment(language or "en", line)
    return [sentence.strip() for sentence in found if sentence.strip()]
