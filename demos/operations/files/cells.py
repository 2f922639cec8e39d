"""A cell of a table as a person reads it, whatever the program that wrote it has put around the words."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from html import unescape

from demos.operations.text import clean

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")  # what begins a formula for a spreadsheet
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#[0-9]{1,7}|#x[0-9a-f]{1,6});", re.IGNORECASE)
_MORE = r"(?:\s[^<>=]{1,40}=[^<>]{0,500})?\s?/?>"  # attributes of a tag, and its end
_BREAK = re.compile(rf"<(?:br|/p|/div|/li){_MORE}", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:p|div|li|ul|ol|b|i|u|s|em|strong|span|a|font|blockquote){_MORE}", re.IGNORECASE)
_MENTION = re.compile(r"\[(?:id|club|public)[0-9]{1,12}\|([^][|]{1,100})\]")  # of VK
_KEPT = re.compile(r'="((?:[^"]|"")*)"')
_PARTS = re.compile(r'\{"text": ?"')  # how YouTube's Takeout writes a comment: {"text":"…"},{"text":"…"}


def clean_cell(cell: str) -> str:
    """A cell cleaned: without the tags and entities of a website, the numbers of VK's mentions, the braces of
    Takeout, the formula that keeps the noughts before a code (="007"), and the apostrophe that keeps
    spreadsheets from running a text as a formula."""
    if cell[:2] == '="' and (kept := _KEPT.fullmatch(cell.strip())):
        cell = kept[1].replace('""', '"')
    text = _joined(cell) if _PARTS.match(cell) else cell
    if "&" in text and _ENTITY.search(text):
        text = unescape(text)
    text = clean(text).strip()
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    if "|" in text:
        text = _MENTION.sub(r"\1", text)
    if text[:1] == "'" and text[1:].lstrip(" ").startswith(FORMULA_SIGNS):
        text = text[1:]
    return text.strip()


def _joined(text: str) -> str:
    """The words of the parts of a text, itself where they are none."""
    with suppress(ValueError, RecursionError, KeyError, TypeError):
        parts = json.loads(f"[{text}]")
        return "".join(part["text"] for part in parts)
    return text
