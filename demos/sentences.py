"""The language of a text, and its sentences."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from demos.transitions import Transitions

# Other names that py3langid has for the languages of demos.codec.languages.
_SAME = {"wuu": "zh", "yue": "zh", "nn": "no", "hbo": "he", "grc": "el", "uzs": "uz", "zxx": ""}
_RUSSIAN = re.compile(r"[а-яё]", re.IGNORECASE)
_NOT_RUSSIAN = re.compile(r"[^\W\d_а-яё]", re.IGNORECASE)
_YIDDISH = re.compile(r"[\u05f0-\u05f2]|\u05d0[\u05b7\u05b8]|\u05e4\u05bf")
_READ = 1000  # characters that decide on a language; more add nothing


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.tk_nextmove = Transitions(identifier.tk_nextmove)
    return identifier


def language_of_text(text: str) -> str:
    """The code of the text's language, "" where it cannot be told.

    Texts of a word or two in Cyrillic are taken for Russian unless another language is probable.
    """
    text = text[:_READ]
    if _YIDDISH.search(text):
        return "yi"  # which py3langid does not know
    (best, share), (_, second) = _identifier().rank(text)[:2]
    if (best == "ru" or share < 0.6) and _RUSSIAN.search(text) and not _NOT_RUSSIAN.search(text):
        return "ru"
    if share >= 0.5 or (share >= 0.12 and share >= 2 * second):
        return _SAME.get(best, str(best))
    return ""


def lines_of(text: str) -> list[str]:
    """The lines of a text that have something in them, spaces trimmed."""
    return [line.strip() for line in text.splitlines() if line.strip()]


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
