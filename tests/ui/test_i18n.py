"""The words of the interface."""

from __future__ import annotations

import json
import re
import string
from collections import Counter

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


# As `spaces` raises it, which only a ZeroGPU Space has.
QUOTA = gr.Error(
    "You have exceeded your GPU quota (60s requested vs. 0s left). "
    "<a style='white-space: nowrap' href='https://huggingface.co/join'>Create a free account</a> to get more",
    title="ZeroGPU quota exceeded",
)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_visitor_whose_share_of_the_gpu_is_used_up_is_told_so(language: str) -> None:
    assert error_text(QUOTA, language) == TEXTS[language]["error_quota"]


def test_an_error_of_gradios_has_no_tags() -> None:
    said = error_text(
        gr.Error("The worker <b>died</b>,<br>see <a href='x'>a&nbsp;log</a>: 1 < 2 &amp; 3 > 2")
    )
    assert said == "That did not work: The worker died, see a log: 1 < 2 & 3 > 2"


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
    """A key is written in the code, or put together there from words that are in the code or in its data."""
    assets = TEXT.parent
    files = [*assets.parent.glob("demos/**/*.py"), *assets.glob("*.js")]
    data = [assets / "programme.json", *assets.glob("examples/*.json"), *assets.glob("reviews/*.json")]
    code, written = ("\n".join(file.read_text(encoding="utf-8") for file in some) for some in (files, data))
    words = {word.replace("-", "_") for word in re.findall(r"""["']([a-z_0-9-]+)["']""", code + written)}
    made = re.findall(r"""f["']([a-z_]*)\{[^{}"]*\}([a-z_]*)["']""", code)
    made += [(before, "") for before in re.findall(r"""["']([a-z]+_[a-z_]*_)["'] \+""", code)]

    def is_said(key: str) -> bool:
        between = [
            key[len(before) : len(key) - len(after)]
            for before, after in made
            if key.startswith(before) and key.endswith(after)
        ]
        if key.startswith("error_"):  # error_<code>_<reason>: see `error_text`
            parts = key.split("_")
            splits = [("_".join(parts[1:i]), "_".join(parts[i:])) for i in range(2, len(parts))]
            if any({kind, reason} <= words for kind, reason in splits):
                return True
        return key in words or not words.isdisjoint(between)

    assert not [key for key in TEXTS["en"] if not is_said(key)]
    assert not is_said("algebra_nobody_says_this")
    assert not is_said("error_nobody_says_this")


def test_no_text_is_there_twice() -> None:
    """Keys that the code puts together, such as those of the pairs and the errors, may say the same."""
    put_together = {"error_busy", "algebra_old", "pairs_title_compact", "pairs_choice_compact"}
    texts = [(english, TEXTS["ru"][key]) for key, english in TEXTS["en"].items() if key not in put_together]
    assert [text for text, count in Counter(texts).items() if count > 1] == []


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("no_such_key")


def test_language_names() -> None:
    assert language_name("tr", "ru") == "турецкий"
    assert language_name("xx") == "xx"
    assert language_name("") == TEXTS["en"]["common_unknown_language"]


def test_nothing_is_said_to_take_no_time() -> None:
    assert [seconds_text(seconds) for seconds in (12.34, 0.1, 0.04)] == ["12.3", "0.1", "0.04"]
