"""The words of the interface, English and Russian.

Labels that never change are translated by the browser: `t("algebra_title")`. Gradio does so for the
string properties label, info, placeholder, description, title and value, nowhere else. Sentences made
on the server are translated here: `say("error_empty_input", language_of(request))`. In these, `{seconds!n}`
is a number with the language's decimal mark, and `{count:answer|answers}` the word that goes with a count:
two forms in English (1, 2), three in Russian (1, 2, 5).
"""

from __future__ import annotations

import html
import json
import re
import string
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from demos.codec import LANGUAGE_NAMES, PAIRS, CodecError
from demos.operations.text import with_mark

Language = Literal["en", "ru"]
TEXT = Path(__file__).resolve().parents[2] / "assets" / "text"


def _load() -> dict[str, dict[str, str]]:
    """All of assets/text/*.json in one table a language; a key in two files is an error."""
    texts: dict[str, dict[str, str]] = {"en": {}, "ru": {}}
    for file in sorted(TEXT.glob("*.json")):
        for language, entries in json.loads(file.read_text(encoding="utf-8")).items():
            twice = texts[language].keys() & entries.keys()
            if twice:
                raise ValueError(f"{file.name} repeats {sorted(twice)}")
            texts[language] |= entries
    return texts


TEXTS = _load()
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
t = gr.I18n(en=TEXTS["en"], ru=TEXTS["ru"])


def say(key: str, language: str = "en", **values: object) -> str:
    """The text of a key with its {values} filled in. KeyError for a key that is in no file."""
    known: Language = "ru" if language == "ru" else "en"
    return _FORMATTERS[known].vformat(TEXTS[known][key], (), values)


def number(value: float | str, language: str = "en") -> str:
    """A number, or one already rounded into text, as the language writes it: −0.85, in Russian −0,85."""
    return with_mark(value if isinstance(value, str) else f"{value:.2f}", language)


def seconds_text(seconds: float) -> str:
    """How long something took, with a point: in tenths, in hundredths where tenths would say 0.0."""
    return f"{seconds:.1f}" if seconds >= 0.1 else f"{seconds:.2f}"


class _Formatter(string.Formatter):
    """Texts of one language: numbers and the words that go with counts."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion == "n":
            return number(str(value), self.language)
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        forms = format_spec.split("|")
        if len(forms) == 1:
            return str(super().format_field(value, format_spec))
        return forms[min(_form(int(value), self.language), len(forms) - 1)]


def _form(count: int, language: Language) -> int:
    """Which form of a word goes with a count (Unicode's CLDR, plural rules of whole numbers)."""
    if language == "en":
        return 0 if count == 1 else 1
    if count % 100 in range(11, 15):
        return 2
    return {1: 0, 2: 1, 3: 1, 4: 1}.get(count % 10, 2)


_FORMATTERS: dict[Language, _Formatter] = {"en": _Formatter("en"), "ru": _Formatter("ru")}


def language_name(code: str, language: str = "en") -> str:
    """The name of a text's language for the visitor; its code where it has no name here."""
    if not code:
        return say("common_unknown_language", language)
    return LANGUAGE_NAMES.get(code, {}).get("ru" if language == "ru" else "en", code)


_PAIR_NAMES = {pair.title: name for name, pair in PAIRS.items()}


def pair_title(title: str, language: str = "en") -> str:
    """What the page calls the pair of this title; the title itself for a pair that is not in the list."""
    name = _PAIR_NAMES.get(title)
    return say(f"pairs_title_{name.replace('-', '_')}", language) if name else title


def language_of(request: gr.Request | None) -> Language:
    """The language that the page's address names (?lang=ru); without one Russian for a browser set to
    Russian, English for any other: as Gradio itself chooses.
    """
    headers = request.headers if request is not None else {}
    chosen = re.search(r"[?&]lang=(en|ru)\b", str(headers.get("referer", "")))
    if chosen:
        return "ru" if chosen[1] == "ru" else "en"
    wishes = headers.get("accept-language", "")
    return "ru" if str(wishes).strip().lower().startswith("ru") else "en"


def error_text(error: Exception, language: str = "en") -> str:
    """One sentence on what went wrong and what to do, for the visitor."""
    if isinstance(error, gr.Error):  # such as ZeroGPU's, with links in HTML, of which the page shows none
        if "quota" in f"{error.title} {error.message}".casefold():
            return say("error_quota", language)
        message = " ".join(html.unescape(_TAG.sub("", str(error.message).replace("<br", " <br"))).split())
        return say("error_other", language, message=message)
    if isinstance(error, FileNotFoundError):  # a visitor's file is kept for a while only
        return say("error_file_gone", language)
    if not isinstance(error, CodecError):
        return say("error_unexpected", language, kind=type(error).__name__)
    details: dict[str, Any] = dict(error.details)
    index = details.get("index")
    details["number"] = "" if index is None else index + 1
    key = f"error_{error.code}"
    reason = f"{key}_{details.get('reason')}"
    if reason in TEXTS["en"]:
        key = reason
    if key not in TEXTS["en"]:
        return say("error_other", language, message=str(error))
    return say(key, language, **details)
