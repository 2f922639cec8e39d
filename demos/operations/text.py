"""What there is in a text as people type it: lines, words, numbers, and the key that equal texts share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from demos.codec import clean as clean  # all that works with texts takes it from here


def word_set(*lines: str) -> frozenset[str]:
    """The words of some lines of code."""
    return frozenset(" ".join(lines).split())


def with_mark(figures: str, language: str) -> str:
    """Figures with a true minus sign and the decimal mark of "en" or "ru": −0.85, in Russian −0,85."""
    figures = figures.replace("-", "−")
    return figures.replace(".", ",") if language == "ru" else figures


_QUOTES = re.compile("[«»“”„‟″〝〞]")
_APOSTROPHES = re.compile("[‘’‚‛ʼ′`´]")
_DASHES = re.compile("[‐‑‒–—―−]")
_MINUS = re.compile("[−‒–—﹣-]")
_LIST_MARK = re.compile(r"(?:[-–—•*·▪●]|([0-9]{1,5})[.)])\s+(?=\S)")
_HEADING = re.compile(r"#{1,6} .*|[^\W\d_].*:")
_MARKS = " .,;:!…。！、，\"'"
_GROUPED = r"\d{1,3}(?:[ ']\d{3})+|\d+"
_NUMBER = re.compile(
    rf"[+-]?(?:(?:{_GROUPED})(?:[.,]\d+)?|[.,]\d+|\d{{1,3}}(?:,\d{{3}})+\.\d+|\d{{1,3}}(?:\.\d{{3}})+,\d+"
    r"|\d{1,3}(?:,\d{3}){2,}|\d{1,3}(?:\.\d{3}){2,})",
    re.ASCII,
)
MOST_DIGITS = 30  # of a number; what is longer is a code
_PARAGRAPH_WORDS = 60
_SENTENCE_END = re.compile(r"[.!?…]+[\"»”')]*\s+(?=[\"«“(]*[^\W\d_a-zа-яё])|[。！？]")
_NO_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def lines_of(text: str) -> list[str]:
    """The lines of a text that have something in them, cleaned, spaces trimmed."""
    return [line.strip() for line in clean(text).split("\n") if line.strip()]


def without_marks(lines: Sequence[str]) -> list[str]:
    """Lines without the marks of a list, where all that are filled have them: "- ", "• ", "1. ", "2) ".

    Headings, which begin with "#" or end with a colon, need none.
    """
    filled = [line.strip() for line in lines if line.strip() and not _HEADING.fullmatch(line.strip())]
    marks = [_LIST_MARK.match(line) for line in filled]
    numbers = [int(mark[1]) for mark in marks if mark and mark[1]]
    counted = bool(numbers) and numbers == list(range(numbers[0], numbers[0] + len(filled)))
    if len(filled) < 2 or not all(marks) or not (counted or not numbers):
        return list(lines)
    return [_LIST_MARK.sub("", line.strip()) for line in lines]


def one_line(text: str) -> str:
    """The text cleaned, on one line, with single spaces."""
    return " ".join(clean(text).split())


def same_text(text: str) -> str:
    """A key that is equal for texts which differ only in how they are typed: «Да», «да», «Да!».

    Case, ё, full stops and exclamation marks, the shape of quotes and dashes do not count; question
    marks, smileys and emoji do. A text of such marks alone is its own key.
    """
    key = _QUOTES.sub('"', one_line(text).casefold().replace("ё", "е").replace("...", "…"))
    key = _DASHES.sub("-", _APOSTROPHES.sub("'", key))
    return key.strip(_MARKS) or key


def parse_number(text: object, comma: Literal["decimal", "thousands"] = "decimal") -> float | None:
    """A number as people write it: "0,5", "−1", "1 234,5", "1'234.50", "1.234,5", "12 %"; None if it is none.

    Args:
        comma: what a comma alone before three digits is: of "1,234" a reader of Russian makes 1.234.
    """
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float):
        number = float(text) if abs(text) < 1e300 else float("inf")
        return number if abs(number) < 1e300 else None
    if not isinstance(text, str) or len(text) > 3 * MOST_DIGITS:
        return None
    found = one_line(unicodedata.normalize("NFKC", text) if not text.isascii() else text)
    found = re.sub(r"\s*%$", "", _APOSTROPHES.sub("'", found))
    if found[:1] and _MINUS.match(found[0]):
        found = "-" + found[1:].lstrip()
    if re.fullmatch(r"[+-]?\d(?:[.,]\d{1,20})?[eE][+-]\d\d", found):  # as programs write 0.000001
        number = float(found.replace(",", "."))
        return number if abs(number) < 1e15 else None
    if not _NUMBER.fullmatch(found) or sum(map(str.isdigit, found)) > MOST_DIGITS:
        return None
    found = found.replace(" ", "").replace("'", "")
    if "," in found and "." in found:
        thousands = "," if found.rindex(".") > found.rindex(",") else "."
        found = found.replace(thousands, "")
    elif found.count(",") > 1 or (comma == "thousands" and re.fullmatch(r"[+-]?\d{1,3},\d{3}", found)):
        found = found.replace(",", "")
    elif found.count(".") > 1:
        found = found.replace(".", "")
    return float(found.replace(",", "."))


def count_words(text: str) -> int:
    """The words of a text; where words have no spaces between them, two characters count as one."""
    together = len(_NO_SPACES.findall(text))
    return len(re.findall(r"\w+(?:[-'’.]\w+)*", _NO_SPACES.sub(" ", text))) + (together + 1) // 2


def is_paragraph(line: str) -> bool:
    """Whether a line is several sentences or more words than a sentence has: one vector loses most of it."""
    words = count_words(line)
    return words > _PARAGRAPH_WORDS or (words > 25 and len(_SENTENCE_END.findall(line.strip())) >= 2)
