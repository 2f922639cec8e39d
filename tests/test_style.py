"""The Style tab without a browser."""

from __future__ import annotations

import json

from demos import style
from demos.codec import Codec, Codecs
from demos.operations.axes import built_in_axes, unpack
from demos.operations.restyling import FRAMES
from demos.style import StyleQuestion
from tests.tab import TabPage

SENTENCE = "Ты не мог бы закрыть окно?"


def test_the_first_example_stands_when_the_tab_is_opened(codecs: Codecs) -> None:
    page = TabPage(style, codecs)
    shown = page.press("opened")
    assert page["style-slider-ty_vy"] == 2
    assert "Вы" in shown["style-answer"]
    assert shown["style-strip"].count("<li") == FRAMES
    page.press("style-reset")
    assert page["style-slider-ty_vy"] == 0


def test_a_sentence_that_came_before_the_tab_was_open_stays(codecs: Codecs) -> None:
    page = TabPage(style, codecs)
    page["style-sentence"] = "Где вокзал?"
    shown = page.press("opened")
    assert "style-sentence" not in shown
    assert page["style-slider-ty_vy"] == 0
    assert "Где вокзал?" in shown["style-answer"]


def test_the_visitors_own_axes_have_sliders_and_can_be_removed(codecs: Codecs) -> None:
    page = TabPage(style, codecs)
    page.press("opened")
    assert "ss-error" in page.press("style-own-make")["style-own-said"]
    page["style-own-from"], page["style-own-to"] = "Я шёл.", "Я пойду."
    for place, name in enumerate(("время", "вид", "лицо"), 1):
        page["style-own-name"] = name
        shown = page.press("style-own-make")
        assert shown[f"style-slider-own-{place}"]["label"] == name
        assert page["style-axis"] == f"own-{place}"
        assert [axis.name for axis in unpack(page["style-own-axes"])][-1] == name
    page["style-own-name"] = "число"
    assert "ss-error" in page.press("style-own-make")["style-own-said"]

    page["style-slider-own-3"] = 0.3
    page.press("style-remove-own-1")
    assert [axis.name for axis in unpack(page["style-own-axes"])] == ["вид", "лицо"]
    assert [page[f"style-slider-own-{place}"] for place in (1, 2, 3)] == [0.0, 0.3, 0.0]
    assert page["style-axis"] == "own-2"
    page.press("style-remove-own-2")
    assert page["style-axis"] == "ty_vy"


def test_axes_of_a_link_that_cannot_be_made_are_left_out(codecs: Codecs) -> None:
    page = TabPage(style, codecs)
    page.press("opened")
    page["style-own-axes"], page["style-axis"] = '[["время", "Я шёл.", "Я шёл."]]', "own-1"
    assert "ss-error" in page.press("style-own-again")["style-own-said"]
    assert page["style-own-axes"] == ""
    page["style-own-axes"] = '[["время", "Я шёл.", "Я пойду."]]'
    assert page.press("style-own-again")["style-slider-own-1"]["label"] == "время"


def test_files_to_download_hold_the_filmstrip(codec: Codec) -> None:
    question = StyleQuestion(codec, "en", built_in_axes(), SENTENCE, "ty_vy", {"ty_vy": 3.0}, 2, 0)
    with open(question.file("json"), encoding="utf-8") as file:
        rows = json.load(file)
    assert [row["strength"] for row in rows] == [frame.strength for frame in question.strip().frames]
    with open(question.file("csv"), encoding="utf-8-sig") as file:
        assert len(file.read().splitlines()) >= 1 + FRAMES
    with open(question.file("html"), encoding="utf-8") as file:
        assert "Plotly.newPlot" in file.read()
