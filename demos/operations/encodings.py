"""Bytes → text, whatever their encoding; and what is said of a file whose reading involves guesses."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from demos.codec import CodecError
from demos.operations.legacy import legacy_encoding

ENCODINGS = (
    *("utf-8", "utf-16", "cp1251", "koi8-r", "cp866", "mac-cyrillic", "cp1252", "cp1250", "cp1254"),
    *("cp1253", "cp1255", "cp1256", "mac-roman", "cp850", "gb18030", "big5", "shift_jis", "euc-kr"),
)
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")  # of a sign in CESU-8
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


class TableError(CodecError):
    """A file that cannot be read as a table; `reason` says why.

    Reasons: "kind" (suffix, known), "huge" (megabytes, limit), "empty", "binary", "old_excel",
    "broken" (line, problem), "no_list", "many_rows" (count, limit), "many_columns" (count, limit),
    "many_cells" (limit), "no_table", "declares", "no_text", "no_column" (column), "bad_choice" (choice).
    """

    code: ClassVar[str] = "table"

    def __init__(self, reason: str, message: str, **details: object) -> None:
        super().__init__(message, reason=reason, **details)


@dataclass(frozen=True)
class Guess:
    """Something about a file that may be otherwise.

    Attributes:
        name: the argument of `read_table` that takes another choice: "encoding", "delimiter", "header"
            or "sheet".
        value: what was taken; a header is "yes" or "no".
        choices: what it can be, `value` among them.
    """

    name: str
    value: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """Something that a person should know of what was read.

    Kinds: "bad_bytes" (count), "mixed_lines" (count, encoding), "controls" (count), "bad_rows" (count, row),
    "uneven_rows" (count, row), "bad_items" (count, line), "preamble" (count), "omitted" (count).
    """

    kind: str
    details: Mapping[str, object] = field(default_factory=dict)


def decode_bytes(data: bytes, encoding: str | None = None) -> tuple[str, Guess, list[Note]]:
    """Bytes → text, its encoding, and notes on what could not be read.

    A text that is UTF-8 but for some bytes stays UTF-8: lines of another encoding are read in that, other
    bytes become �. A choice of encoding is followed, with � as well.

    Raises:
        TableError: "empty", "binary" or "bad_choice".
    """
    notes: list[Note] = []
    if encoding is not None:
        try:
            text, found = data.decode(encoding, "replace").removeprefix("\ufeff"), encoding
        except (LookupError, ValueError):
            message = f"there is no encoding {encoding!r}"
            raise TableError("bad_choice", message, choice=str(encoding)[:40]) from None
    else:
        text, found = _decode(data, notes)
    text = text.rstrip("\x1a\x00 \t\r\n") if len(text) < 2 or text[-1] in "\x1a\x00" else text
    controls = len(_CONTROL.findall(text))
    if controls > max(1, len(text) // 50) or (encoding is None and text.count("\x00") > 1):
        raise TableError("binary", "the file has control characters, so it is no text")
    if controls:
        text = _CONTROL.sub("", text)
        notes.append(Note("controls", {"count": controls}))
    bad = text.count("\ufffd")
    if bad:
        notes.insert(0, Note("bad_bytes", {"count": bad}))
    if not text.strip():
        raise TableError("empty", "the file is empty")
    return text, Guess("encoding", found, tuple(dict.fromkeys((found, *ENCODINGS)))), notes


def _decode(data: bytes, notes: list[Note]) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return data.decode("utf-32", "replace"), "utf-32"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "utf-16"
    wide = _wide(data)
    if wide:
        return data.decode(wide, "replace"), wide
    whole = _HALVES.sub(_joined, data)
    try:
        return whole.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        pass
    text = whole.decode("utf-8-sig", "replace")
    if _good(text) > text.count("\ufffd"):
        return _decode_lines(whole, notes), "utf-8"
    name = _declared(data) or legacy_encoding(data)
    return data.decode(name, "replace"), name


def _declared(data: bytes) -> str:
    """Which of the encodings older than Unicode HTML or XML names, "" where it names none of them."""
    said = _CHARSET.search(data[:5000]) if data.lstrip().startswith(b"<") else None
    try:
        name = codecs.lookup(said[1].decode()).name if said else ""
    except LookupError:
        return ""
    name = "cp1252" if name == "iso8859-1" else name  # as browsers read it
    return name if name in ENCODINGS and not name.startswith("utf") else ""


def _good(text: str) -> int:
    """How many signs beyond ASCII were read."""
    return len(re.findall(r"[^\x00-\x7f\ufffd]", text))


def _joined(halves: re.Match[bytes]) -> bytes:
    """The UTF-8 of an emoji that some programs (Java, MySQL) write as two signs."""
    text = halves[0].decode("utf-8", "surrogatepass")
    return text.encode("utf-16", "surrogatepass").decode("utf-16").encode()


def _wide(data: bytes) -> str:
    """The kind of UTF-16 that bytes without a mark are, "" if they are none: every second byte is 0 or 4."""
    sample = data[:2000]
    for name, high in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
        if len(high) >= 2 and sum(byte in (0, 4) for byte in high) > 0.7 * len(high):
            return name
    return ""


def _decode_lines(data: bytes, notes: list[Note]) -> str:
    """UTF-8 with some broken signs, and some lines of another encoding, which have no UTF-8 in them."""
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    texts = [line.decode("utf-8", "replace") for line in lines]
    others = [place for place, text in enumerate(texts) if text.count("\ufffd") > 2 * _good(text)]
    if others:
        name = legacy_encoding(b"\n".join(lines[place] for place in others))
        notes.append(Note("mixed_lines", {"count": len(others), "encoding": name}))
        for place in others:
            texts[place] = lines[place].decode(name, "replace")
    return "\n".join(texts)
