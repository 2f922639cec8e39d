"""The words of the interface."""

from __future__ import annotations

import json
import string

import gradio as gr
import pytest

from demos.codec import BadVector, CodecError, EmptyInput, TextTooLong
from demos.i18n import TEXT, TEXTS, error_text, language_name, language_of, say


class Asked(gr.Request):
    """A request of a browser with such wishes."""

    def __init__(self, wishes: str) -> None:
        self.wishes = wishes

    @property
    def headers(self) -> dict[str, str]:
        return {"accept-language": self.wishes}


@pytest.mark.parametrize("file", sorted(TEXT.glob("*.json")), ids=lambda file: file.stem)
def test_both_languages_have_the_same_keys_and_values(file) -> None:  # type: ignore[no-untyped-def]
    texts = json.loads(file.read_text(encoding="utf-8"))
    assert texts.keys() == {"en", "ru"}
    assert texts["en"].keys() == texts["ru"].keys()
    for key, english in texts["en"].items():
        names = [
            {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for text in (english, texts["ru"][key])
        ]
        assert names[0] == names[1], key
        assert english.strip(), key


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("en-US,en;q=0.9,ru;q=0.8", "en"),
        ("de", "en"),
        ("", "en"),
        ("RU", "ru"),
    ],
)
def test_language_of_a_browser(wishes: str, language: str) -> None:
    assert language_of(Asked(wishes)) == language


def test_language_without_a_request() -> None:
    assert language_of(None) == "en"


def test_errors_are_said_in_both_languages() -> None:
    error = TextTooLong(2, 900, 512)
    assert "Text 3" in error_text(error)
    assert "Текст 3" in error_text(error, "ru")
    assert error_text(EmptyInput(), "ru") == TEXTS["ru"]["error_empty_input"]
    assert "zero" in error_text(BadVector("zero", "…", index=0))
    assert "something new" in error_text(CodecError("something new"))


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("no_such_key")


def test_language_names() -> None:
    assert language_name("tr", "ru") == "турецкий"
    assert language_name("xx") == "xx"
    assert language_name("") == TEXTS["en"]["common_unknown_language"]
