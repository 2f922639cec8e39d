"""The words of the interface."""

from __future__ import annotations

import json
import re
import string

import gradio as gr
import pytest

from demos.codec import BadVector, CodecError, EmptyInput, TextTooLong
from demos.ui.i18n import TEXT, TEXTS, error_text, language_name, language_of, number, say, seconds_text


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


@pytest.mark.parametrize(
    ("count", "english", "russian"),
    [
        (1, "1 answer in 0.3 s", "1 ответ за 0,3 с"),
        (3, "3 answers in 0.3 s", "3 ответа за 0,3 с"),
        (5, "5 answers in 0.3 s", "5 ответов за 0,3 с"),
        (11, "11 answers in 0.3 s", "11 ответов за 0,3 с"),
        (112, "112 answers in 0.3 s", "112 ответов за 0,3 с"),
        (121, "121 answers in 0.3 s", "121 ответ за 0,3 с"),
    ],
)
def test_words_go_with_counts_and_numbers_have_the_marks_of_the_language(
    count: int, english: str, russian: str
) -> None:
    assert say("translate_done", total=count, seconds="0.3") == english
    assert say("translate_done", "ru", total=count, seconds="0.3") == russian


def test_numbers() -> None:
    assert (number(0.854), number(0.854, "ru"), number("2.5", "ru")) == ("0.85", "0,85", "2,5")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_counted_words_have_all_their_forms(language: str) -> None:
    for key, text in TEXTS[language].items():
        for _, _, forms, _ in string.Formatter().parse(text):
            if forms and "|" in forms:
                assert len(forms.split("|")) == {"en": 2, "ru": 3}[language], key


def test_the_code_says_every_text() -> None:
    root = TEXT.parents[1]
    files = [root / "app.py", *root.glob("demos/**/*.py"), *root.glob("assets/*.js")]
    code = "\n".join(file.read_text(encoding="utf-8") for file in files)
    made = re.findall(r"""f["']([a-z]+_[a-z_]*\{.*?)["')\]]""", code)
    made += [f"{name}{{" for name in re.findall(r"""["']([a-z]+_[a-z_]*_)["'] \+""", code)]
    patterns = [re.compile(name.split("{")[0] + ".+") for name in made]
    said = set(re.findall(r"""["']([a-z_0-9]+)["']""", code))
    unsaid = {key for key in TEXTS["en"].keys() - said if not any(one.fullmatch(key) for one in patterns)}
    assert not unsaid


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("no_such_key")


def test_language_names() -> None:
    assert language_name("tr", "ru") == "турецкий"
    assert language_name("xx") == "xx"
    assert language_name("") == TEXTS["en"]["common_unknown_language"]


def test_nothing_is_said_to_take_no_time() -> None:
    assert [seconds_text(seconds) for seconds in (12.34, 0.1, 0.04)] == ["12.3", "0.1", "0.04"]
