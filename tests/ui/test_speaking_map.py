"""The questions of the browser to a map, the answers, and which maps are kept."""

from __future__ import annotations

import json
import re

import gradio as gr
import numpy as np
import pytest

from demos.codec import Codec
from demos.plots import figures as plot
from demos.plots.figures import Figure
from demos.ui import i18n, speaking_map
from demos.ui.speaking_map import ASSETS, MAPS, WORDS, Maps, speak, speaking

TEXTS = ("Кошка спит.", "Собака лает.", "Поезд опоздал.", "Мама готовит ужин.")


@pytest.fixture
def drawn(codec: Codec) -> Figure:
    vectors = codec.encode(TEXTS)
    figure = plot.figure(plot.fit_basis(vectors), vectors, [plot.Point(text) for text in TEXTS])
    return speaking(figure, codec, "test")


def token(figure: Figure) -> str:
    return str(json.loads(figure.to_json())["layout"]["meta"]["map"])


def test_a_mark_tells_its_text_and_its_neighbours(drawn: Figure) -> None:
    found = speak({"map": token(drawn), "mark": 0})
    assert found["text"] == TEXTS[0]
    assert {one["text"] for one in found["near"]} == set(TEXTS[1:])
    assert json.dumps(found)


def test_a_place_a_way_and_a_group_are_said(drawn: Figure) -> None:
    said = speak({"map": token(drawn), "place": [0.1, 0.05], "quick": True})
    assert said["text"]
    assert len(said["lies"]) == 2
    way = speak({"map": token(drawn), "way": [0, 2], "between": 3})
    assert len(way["beads"]) == 3
    assert [way["stops"][0]["text"], way["stops"][-1]["text"]] == [TEXTS[0], TEXTS[2]]
    assert speak({"map": token(drawn), "marks": [0, 1]})["count"] == 2


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"mark": 99},
        {"mark": "0"},
        {"marks": []},
        {"marks": {"a": 1}},
        {"place": [1e309, 0]},
        {"place": "x"},
        {"way": [0]},
        {"way": [0, None]},
        {"way": [0, 1], "between": 10**9},
    ],
)
def test_what_is_no_question_gets_a_message(drawn: Figure, question: dict[str, object]) -> None:
    for language in ("en", "ru"):
        answer = speak({"map": token(drawn), "language": language, **question})
        assert list(answer) == ["error"]
        assert len(answer["error"]) > 10


def test_a_share_of_the_gpu_that_is_used_up_is_told_in_the_pages_language(
    drawn: Figure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise gr.Error("You have exceeded your GPU quota")

    monkeypatch.setattr(speaking_map, "_answer", refuse)
    question = {"map": token(drawn), "language": "ru", "mark": 0}
    assert speak(question) == {"error": i18n.TEXTS["ru"]["error_quota"]}


@pytest.mark.parametrize("asked", [None, [], "x", {}, {"map": "unknown", "mark": 0}, {"map": ["x"]}])
def test_an_unknown_map_gets_a_message(asked: object) -> None:
    assert "no longer kept" in speak(asked)["error"]


def test_the_words_are_those_of_the_script() -> None:
    script = (ASSETS / "map.js").read_text(encoding="utf-8")
    quoted = re.findall(r'"(\w+)"', script)
    assert set(WORDS) <= set(quoted)
    ours = {key for key in i18n.TEXTS["en"] if key.startswith("map_")}
    assert ours == {f"map_{word}" for word in WORDS} | {"map_gone", "map_failed"}


def test_one_plot_of_one_page_keeps_its_newest_maps(drawn: Figure, codec: Codec) -> None:
    assert drawn.map
    maps = Maps()
    tokens = [maps.keep(drawn.map, codec, ("page", "plot")) for _ in range(3)]
    other = maps.keep(drawn.map, codec, ("another page", "plot"))
    assert [maps.get(one) is not None for one in (*tokens, other)] == [False, True, True, True]


def test_the_maps_of_all_visitors_have_a_bound(
    drawn: Figure, codec: Codec, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert drawn.map
    monkeypatch.setattr(speaking_map, "MOST_NUMBERS", 2 * drawn.map.vectors.size)
    maps = Maps()
    tokens = [maps.keep(drawn.map, codec, (str(number), "plot")) for number in range(4)]
    assert [maps.get(one) is not None for one in tokens] == [False, False, True, True]


def test_the_maps_of_a_page_are_forgotten_with_it(drawn: Figure, codec: Codec) -> None:
    assert drawn.map
    maps = Maps()
    tokens = [maps.keep(drawn.map, codec, place) for place in (("a", "x"), ("a", "y"), ("b", "x"))]
    assert maps.nbytes("a") == 2 * maps.nbytes("b") == 2 * drawn.map.vectors.nbytes
    maps.forget_others({"b"})
    assert [maps.get(one) is not None for one in tokens] == [False, False, True]


def test_a_picture_of_three_dimensions_is_not_asked(codec: Codec) -> None:
    vectors = codec.encode(TEXTS)
    figure = plot.figure(plot.fit_basis(vectors, 3), vectors, [plot.Point(text) for text in TEXTS])
    before = len(MAPS._kept)
    assert speaking(figure, codec, "test").layout.meta is None
    assert len(MAPS._kept) == before


def test_marks_that_are_not_drawn_cannot_be_asked() -> None:
    vectors = np.eye(3, dtype=np.float32)
    points = [plot.Point("а"), plot.Point("", "label", size=0), plot.Point("б", asked=False)]
    figure = plot.figure(plot.fit_basis(vectors), vectors, points)
    (trace,) = (one for one in figure.data if "customdata" in one)
    assert list(trace["customdata"]) == [0, -1, -1]
