"""Text as people type and copy it → the text that they mean, before it is encoded, compared or counted."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Nothing = Literal["", "blank", "signs", "unknown"]

# What breaks a line for Python, not for people: \v, \f, \x1c to \x1e, \x85, U+2028 and U+2029.
_SOFT_BREAKS = re.compile("[\x0b\x0c\x1c-\x1f\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")
# Soft hyphens, zero-width spaces, byte order marks, marks of direction: nobody sees them.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
# Joiners have a meaning in emoji and in the scripts of India and Iran, none beside these letters.
_JOINERS = re.compile(r"(?<![^\sa-zA-Z\u00c0-\u024f\u0370-\u052f])[\u200c\u200d]+")
_VOWELS = "аеёиоуыэюяєіїѣѵўәөүұӣӯАЕЁИОУЫЭЮЯЄІЇѢѴЎӘӨҮҰӢӮ"
_STRESS = re.compile(f"(?<=[{_VOWELS}])[\u0300\u0301]")
_UNUSUAL = re.compile("[^\t\n -~А-Яа-яЁё«»—–…№“”„]")
_WORD = re.compile("[0-9A-Za-zА-Яа-яЁё]")
# Scripts that people write today, by the first word of their letters' Unicode names.
_SCRIPT_NAMES = """
LATIN CYRILLIC GREEK COPTIC ARMENIAN HEBREW ARABIC SYRIAC THAANA DEVANAGARI BENGALI GURMUKHI GUJARATI
ORIYA TAMIL TELUGU KANNADA MALAYALAM SINHALA THAI LAO TIBETAN MYANMAR GEORGIAN ETHIOPIC CHEROKEE KHMER
MONGOLIAN HIRAGANA KATAKANA KATAKANA-HIRAGANA BOPOMOFO HANGUL CJK YI TIFINAGH NKO JAVANESE BALINESE
SUNDANESE FULLWIDTH HALFWIDTH MODIFIER FEMININE MASCULINE MICRO IDEOGRAPHIC OL CANADIAN LISU VAI ADLAM
MEETEI CHAKMA CHAM NEW TAI LIMBU LEPCHA BUGINESE KELVIN ANGSTROM OHM
"""
_SCRIPTS = frozenset(_SCRIPT_NAMES.split())


def clean(text: str) -> str:
    """The text in the form that everything here compares, counts, splits and encodes.

    Composed letters (NFC), no stress marks on Cyrillic vowels, nothing invisible, plain spaces, lines
    divided by "\\n" alone; halves of surrogate pairs are �. Tabs stay, for they divide cells.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _UNUSUAL.search(text):
        return text
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text)
    text = _SPACES.sub(" ", _SOFT_BREAKS.sub(" ", text))
    text = _UNSEEN.sub("", _CONTROLS.sub("", text))
    return unicodedata.normalize("NFC", _STRESS.sub("", _JOINERS.sub("", text)))


def says_nothing(text: str) -> Nothing:
    """Why a text has nothing to say, "" if it says something: it is blank, signs ("...") or unknown letters.

    Unknown are the letters that nobody writes today, which no encoder of ours has seen (runes), and
    characters that Unicode has not assigned or leaves to private use. Letters and numbers say something;
    pictures alone do not (★, 👍): what decodes from them is mostly thanks, whatever they show.
    """
    text = clean(text)
    if not _UNUSUAL.search(text) and _WORD.search(text):
        return ""
    signs = [sign for sign in text if not sign.isspace()]
    if not signs:
        return "blank"
    kinds = [unicodedata.category(sign) for sign in signs]
    letters = [sign for sign, kind in zip(signs, kinds, strict=True) if kind[0] == "L"]
    lost = sum(kind in ("Cn", "Co", "Cs") for kind in kinds) + sum(not _alive(sign) for sign in letters)
    lost += signs.count("\ufffd")
    said = sum(kind[0] in "LN" for kind in kinds) - sum(not _alive(sign) for sign in letters)
    if lost and lost >= said:
        return "unknown"
    return "" if said else "signs"


def _alive(letter: str) -> bool:
    name = unicodedata.name(letter, "")
    return name.partition(" ")[0] in _SCRIPTS or name.startswith(("MATHEMATICAL", "SCRIPT", "DOUBLE-STRUCK"))
