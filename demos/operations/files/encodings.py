"""Bytes → text, whatever their encoding; of those older than Unicode the one in which it surprises least."""

from __future__ import annotations

import codecs
import re
from functools import cache

from demos.operations.files.records import Guess, Note, TableError

ENCODINGS = (
    *("utf-8", "utf-16", "cp1251", "koi8-r", "cp866", "mac-cyrillic", "cp1252", "cp1250", "cp1254"),
    *("cp1253", "cp1255", "cp1256", "mac-roman", "cp850", "gb18030", "big5", "shift_jis", "euc-kr"),
)
_HALVES = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")  # of a sign in CESU-8
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")


def decode_bytes(data: bytes, encoding: str | None = None) -> tuple[str, Guess, list[Note]]:
    """Bytes → text, its encoding, and notes on what could not be read.

    A file that has UTF-8 in it is UTF-8: lines of another encoding are read in that, other bytes become �.
    A choice of encoding is followed, with � as well; that of UTF-8 likewise line by line.

    Raises:
        TableError: "empty", "binary" or "bad_choice".
    """
    notes: list[Note] = []
    if encoding is not None and encoding != "utf-8":
        try:
            text, found = data.decode(encoding, "replace").removeprefix("\ufeff"), encoding
        except (LookupError, ValueError):
            message = f"there is no encoding {encoding!r}"
            raise TableError("bad_choice", message, choice=str(encoding)[:40]) from None
    else:
        text, found = _decode(data, notes, encoding)
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


def _decode(data: bytes, notes: list[Note], encoding: str | None) -> tuple[str, str]:
    if encoding is None and data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return data.decode("utf-32", "replace"), "utf-32"
    if encoding is None and data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace"), "utf-16"
    wide = _wide(data) if encoding is None else ""
    if wide:
        return data.decode(wide, "replace"), wide
    whole = _HALVES.sub(_joined, data).removeprefix(codecs.BOM_UTF8)
    try:
        return whole.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    text = _decode_lines(whole, notes)
    if text is not None or encoding is not None:
        return whole.decode("utf-8", "replace") if text is None else text, "utf-8"
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


def _decode_lines(data: bytes, notes: list[Note]) -> str | None:
    """Text of which some lines are UTF-8, the others of one older encoding; None if none is UTF-8.

    Which of the two a line is does not depend on how many others are the same.
    """
    lines = data.splitlines(keepends=True)
    texts = [line.decode("utf-8", "replace") for line in lines]
    broken = [line for line, text in zip(lines, texts, strict=True) if "\ufffd" in text]
    name = legacy_encoding(b"".join([line for line in broken if not _is_mostly_utf8(line)] or broken))
    high = [place for place, line in enumerate(lines) if not line.isascii()]
    others = [place for place in high if not _is_utf8(lines[place], texts[place], name)]
    if len(others) == len(high):
        return None
    others = [place for place in others if _is_older(lines[place], name)]
    if others:
        notes.append(Note("mixed_lines", {"count": len(others), "encoding": name}))
    for place in others:
        texts[place] = lines[place].decode(name, "replace")
    return "".join(texts)


def _is_utf8(line: bytes, text: str, name: str) -> bool:
    """Whether a line is likelier UTF-8, as which it reads `text`, than of an older encoding.

    Many signs leave no doubt. A few bytes of a short line can be UTF-8 by chance, as those of «Пё» in cp1251
    or of «так» in cp866 are: then the reading that surprises less counts.
    """
    good, bad = _good(text), text.count("\ufffd")
    if good + bad > _FEW or not good:
        return good > bad
    older = line.decode(name, "replace")
    own = _script_of(name)
    most = (_surprise(older, own) if own else _UNREAD * _good(older)) - _MARGIN * (not bad)
    scripts = dict.fromkeys(script for _, script, _ in _READINGS)
    return any(_surprise(text, script) < most for script in scripts)


def _is_mostly_utf8(line: bytes) -> bool:
    text = line.decode("utf-8", "replace")
    return 2 * _good(text) >= text.count("\ufffd")


def _is_older(line: bytes, name: str) -> bool:
    """Whether a line that is no UTF-8 is one of an older encoding, not one with a stray byte: it has letters
    beside each other, in more than the bytes that mark the order of bytes, and they are none that surprise
    as much as signs that cannot be read."""
    rest = line.replace(b"\xff", b"").replace(b"\xfe", b"").decode(name, "replace")
    high = len(re.findall(r"[^\x00-\x7f]", rest))
    own = _script_of(name)
    return high > 0 and bool(_LETTERS.search(rest)) and (not own or _surprise(rest, own) < _UNREAD * high)


def _script_of(name: str) -> str:
    return next((script for known, script, _ in _READINGS if known == name), "")


# --- older than Unicode --------------------------------------------------------------------------------

# The small letters beyond ASCII of some scripts, those that are met most often first.
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюіцщэфёїєъґўјљњћџђ"
_WESTERN = "éäüöàèßçêáíóñåøæâîôûúãëïœùõòìýÿšž"
_CENTRAL = "íáéěřščžýůúąłęóśżćöüäőňťďńźűțșăîâşţđôľĺŕ"
_TURKISH = "ıüşçğöâîû"
_GREEK = "αοιετσνηυρπκμλςίόάωέήγδχθφύβώξζψϊΐ"
_HEBREW = "יוהלאתרמבשנכחדםקפטןעגצסזךףץ"
_ARABIC = "اليمنرتبوعدسفهكقحجأةشصطخىإءئذضزآغثؤظ"
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
    ("cp1256", _ARABIC, 6),
)
_SAMPLE = 8000  # bytes
_READABLE = 4.6  # what a sign of a text that people can read surprises at most, on average
_FEW = 12  # signs beyond ASCII that can be UTF-8 by chance
_UNREAD = 10  # what a sign surprises that no text should have
_MARGIN = 5  # by how much a whole UTF-8 line has to surprise less
_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]{2}")
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


@cache
def _costs(script: str) -> dict[str, float]:
    """How much the letters of a script surprise: in most languages less and less by their rank."""
    return {letter: 2 + place / 7 for place, letter in enumerate(script)}
