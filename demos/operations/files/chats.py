"""Chats as messengers export and copy them → messages with their date and author."""

from __future__ import annotations

import re
from collections.abc import Iterable

from demos.operations.files.columns import SAMPLE
from demos.operations.files.records import Found, Note
from demos.operations.text import clean

_DAY = r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}"
_DATE = rf"(?P<date>{_DAY},? (?:(?:à|um|at|às) )?\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?: ?[ap]\.? ?m\.?)?)"
# WhatsApp, Viber and Zoom have the text in the line of its author, Telegram below it.
_STARTS = (
    re.compile(rf"\[? ?{_DATE} ?\]?(?: [-–]|:)? (?P<author>[^:\n]{{1,60}}?) ?: (?P<text>.*)", re.IGNORECASE),
    re.compile(
        r"(?P<date>\d{1,2}:\d{2}:\d{2})\t *(?:(?:From|От) +)?(?P<author>[^:\n]{1,60}?) ?:\s?(?P<text>.*)"
    ),
    re.compile(rf"(?P<author>[^\n]{{1,60}}), \[{_DATE}\]:?(?P<text>)", re.IGNORECASE),
)
_NOBODY = re.compile(rf"\[? ?{_DATE}", re.IGNORECASE)  # a line of the messenger itself
# What stands in the place of a picture, of a message that was taken back, of a note on encryption.
_OMITTED = re.compile(
    r"<[^<>]{3,60}>|null|.{0,40} (?:omitted|отсутству[ею]т|опущен[оаы]?|weggelassen|absente?|omitid[oa])"
    r"|.{0,80}\((?:file attached|файл добавлен|datei angehängt|fichier joint|archivo adjunto)\)"
    r"|(?:this message was|you) deleted(?: this message)?|(?:это|данное) сообщение удалено"
    r"|вы удалили (?:это|данное) сообщение|diese nachricht wurde gelöscht|du hast diese nachricht gelöscht"
    r"|ce message a été supprimé|vous avez supprimé ce message"
    r"|se eliminó este mensaje|eliminaste este mensaje"
    r"|.{0,60}(?:end-to-end encrypted|сквозным шифрованием|ende-zu-ende-verschlüsselt|de bout en bout"
    r"|de extremo a extremo).*",
    re.IGNORECASE | re.DOTALL,
)


def read_chat(text: str) -> Found | None:
    """A chat ("01.09.2026, 14:23 - Anna: …"), None if the text is none."""
    lines = clean(text).split("\n")
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    counts = {start: sum(map(bool, map(start.match, sample))) for start in _STARTS}
    start = max(_STARTS, key=lambda one: counts[one])
    if counts[start] < 2 or counts[start] < len(sample) / (4 if start is _STARTS[-1] else 2):
        return None
    rows = _messages(lines, start)
    said = [row[2].strip().removesuffix(".") for row in rows]
    kept = [row for row, text in zip(rows, said, strict=True) if text and not _OMITTED.fullmatch(text)]
    omitted = len(rows) - len(kept)
    notes = [Note("omitted", {"count": omitted})] if omitted else []
    return Found(kept, ["date", "author", "text"], notes=notes)


def _messages(lines: Iterable[str], start: re.Pattern[str]) -> list[list[str]]:
    rows: list[list[str]] = []
    for line in lines:
        if match := start.fullmatch(line.rstrip()):
            rows.append([match["date"], match["author"].strip(), match["text"]])
        elif rows and not _NOBODY.match(line):
            rows[-1][2] = f"{rows[-1][2]}\n{line}".lstrip("\n")
    return rows
