"""The words of the interface, English and Russian.

Labels that never change are translated by the browser: `t("algebra_title")`. Gradio does so for the
string properties label, info, placeholder, description, title and value, nowhere else. Sentences made
on the server are translated here: `say("error_empty_input", language_of(request))`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from demos.codec import CodecError
from demos.codec.languages import NAMES

Language = Literal["en", "ru"]
TEXT = Path(__file__).parent.parent / "assets" / "text"


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
t = gr.I18n(en=TEXTS["en"], ru=TEXTS["ru"])


def say(key: str, language: str = "en", **values: object) -> str:
    """The text of a key with its {values} filled in. KeyError for a key that is in no file."""
    return TEXTS["ru" if language == "ru" else "en"][key].format(**values)


def language_name(code: str, language: str = "en") -> str:
    """The name of a text's language for the visitor; its code where it has no name here."""
    if not code:
        return say("common_unknown_language", language)
    return NAMES.get(code, {}).get("ru" if language == "ru" else "en", code)


def language_of(request: gr.Request | None) -> Language:
    """Russian for a browser set to Russian, English for any other: as Gradio itself chooses."""
    wishes = request.headers.get("accept-language", "") if request is not None else ""
    return "ru" if str(wishes).strip().lower().startswith("ru") else "en"


def error_text(error: CodecError, language: str = "en") -> str:
    """One sentence on what went wrong and what to do, for the visitor."""
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
