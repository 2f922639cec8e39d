"""Which of the encodings older than Unicode a text is in: the one in which it surprises least."""

from __future__ import annotations

import re
from functools import lru_cache

# The small letters beyond ASCII of some scripts, those that are met most often first.
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюіцщэфёїєъґўјљњћџђ"
_WESTERN = "éäüöàèßçêáíóñåøæâîôûúãëïœùõòìýÿšž"
_CENTRAL = "íáéěřščžýůúąłęóśżćöüäőňťďńźűțșăîâşţđôľĺŕ"
_TURKISH = "ıüşçğöâîû"
_GREEK = "αοιετσνηυρπκμλςίόάωέήγδχθφύβώξζψϊΐ"
_HEBREW = "יוהלאתרמבשנכחדםקפטןעגצסזךףץ"
# Each encoding with its letters, and how much likelier the text has to be in it than in cp1251: many programs
# still write cp1251 and cp1252, hardly one the others.
_READINGS = (
    ("cp1251", _CYRILLIC, 0),
    ("koi8-r", _CYRILLIC, 4),
    ("cp866", _CYRILLIC, 4),
    ("mac-cyrillic", _CYRILLIC, 8),
    ("cp1252", _WESTERN, 2),
    ("mac-roman", _WESTERN, 6),
    ("cp850", _WESTERN, 6),
    ("cp1250", _CENTRAL, 5),
    ("cp1253", _GREEK, 6),
    ("cp1254", _TURKISH, 5),
    ("cp1255", _HEBREW, 6),
)
_SAMPLE = 8000  # bytes
_READABLE = 4.6  # what a sign of a text that people can read surprises at most, on average
_WORD = re.compile(r"[^\W\d_]+")
_BEFORE_WORDS = "«„“‘¿¡€"
_AFTER_WORDS = "»”’…–—°²™"


def legacy_encoding(data: bytes) -> str:
    """The encoding in which bytes are likeliest a text.

    What surprises in all encodings that are known here, as the signs of East Asia do, is asked of
    charset-normalizer.
    """
    lines = [line for line in data[:200_000].split(b"\n") if any(byte > 127 for byte in line)]
    sample = b"\n".join(lines)[:_SAMPLE]
    old_mac = b"\r" in data and b"\n" not in data  # how old Macs end lines
    surprises = {
        name: _surprise(sample.decode(name, "replace"), script) + (0 if old_mac and "mac" in name else prior)
        for name, script, prior in _READINGS
    }
    best = min(surprises, key=lambda name: surprises[name])
    if surprises[best] < _READABLE * sum(byte > 127 for byte in sample) + 10:
        return best
    from charset_normalizer import from_bytes

    match = from_bytes(sample, enable_fallback=False).best()
    return match.encoding.replace("_", "-") if match else best


def _surprise(text: str, script: str) -> float:
    """How much the signs of a text beyond ASCII surprise: about -log of their probability.

    Letters surprise by their rareness, by capitals within a word, and by the other letters of their word:
    Cyrillic ones beside Latin ones, but é or ü where there is none.
    """
    costs, latin = _costs(script), script[0] in _WESTERN + _CENTRAL + _TURKISH
    shouted = text.isupper()
    total = 2.5 if shouted else 0.0
    for match in _WORD.finditer(text):
        word = match[0]
        high = [letter for letter in word if letter > "\x7f"]
        if not high:
            continue
        total += sum(costs.get(letter.lower(), 10) for letter in high)
        plain = len(word) - len(high)
        total += (6 if len(word) > 1 else 1) * (plain == 0) if latin else 5 * min(len(high), plain)
        if word != word.lower() and not shouted:
            total += 1.5 if word[1:] == word[1:].lower() else 3 if word.isupper() else 7
    return total + sum(_surprise_of_sign(match) for match in re.finditer(r"[^\x00-\x7f]", text))


def _surprise_of_sign(match: re.Match[str]) -> float:
    """How much a sign that is no letter surprises: quotes and dashes do on the wrong side of a word."""
    sign, text = match[0], match.string
    if sign.isalpha():
        return 0
    before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
    if sign in _BEFORE_WORDS:
        return 5 if after.strip() and not before.isalnum() else 9
    if sign in _AFTER_WORDS:
        return 5 if not after.isalpha() or (sign == "’" and before.isalpha()) else 9
    return 5 if sign in "\xa0№·₽§" and not (before.isalpha() and after.isalpha() and sign != "\xa0") else 10


@lru_cache(maxsize=8)
def _costs(script: str) -> dict[str, float]:
    """How much the letters of a script surprise: in most languages less and less by their rank."""
    return {letter: 2 + place / 7 for place, letter in enumerate(script)}
