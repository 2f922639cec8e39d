"""The Style tab's functions: the arithmetic, the filmstrip, the map and what the screen says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from demos import axes
from demos.axes import Axis, AxisError, built_in_axes, direction
from demos.codec import Codec, EmptyInput
from demos.i18n import Language, error_text
from demos.restyle import (
    FRAMES,
    examples,
    filmstrip_figure,
    filmstrip_rows,
    make_filmstrip,
    mark_changes,
    restyle,
    signed,
)
from demos.style_screen import Screen
from demos.style_view import answer_html, axis_ends, axis_title, filmstrip_html, quality_html

SENTENCE = "Ты не мог бы закрыть окно?"
WORDS = {"from": "A", "to": "B", "path": "path", "decoded": "decoded", "now": "now"}


def cosine_to(codec: Codec, target: np.ndarray, text: str) -> float:
    return axes.cosine(target, codec.encode([text])[0])


def test_restyle_adds_the_deltas_without_normalising(codec: Codec) -> None:
    strengths = {"ty_vy": 2.0, "informal_formal": -0.5}
    found = restyle(codec, SENTENCE, strengths)
    used = {axis.name: direction(codec, axis).delta for axis in built_in_axes()}
    expected = codec.encode([SENTENCE])[0] + 2 * used["ty_vy"] - 0.5 * used["informal_formal"]
    np.testing.assert_allclose(found.target, expected, atol=1e-5)
    assert abs(np.linalg.norm(found.target) - 1) > 1e-3
    assert found.decoded.text == codec.decode(expected)[0]


def test_restyle_without_strengths_is_the_sentence_itself(codec: Codec) -> None:
    found = restyle(codec, SENTENCE, {})
    np.testing.assert_array_equal(found.target, codec.encode([SENTENCE])[0])
    assert restyle(codec, SENTENCE, {"ty_vy": 0.0}).decoded == found.decoded


def test_fidelity_is_the_cosine_of_the_target_and_what_was_decoded(codec: Codec) -> None:
    found = restyle(codec, SENTENCE, {"negative_positive": 1.5}, alternatives=3)
    assert found.decoded.fidelity == pytest.approx(
        cosine_to(codec, found.target, found.decoded.text), abs=1e-4
    )
    assert 1 <= len(found.decoded.alternatives) <= 3
    for other in found.decoded.alternatives:
        assert other.text != found.decoded.text
        assert other.fidelity == pytest.approx(cosine_to(codec, found.target, other.text), abs=1e-4)


def test_a_strong_axis_changes_what_is_decoded(codec: Codec) -> None:
    start = restyle(codec, "Еда здесь ужасная.", {})
    moved = restyle(codec, "Еда здесь ужасная.", {"negative_positive": 4.0})
    assert moved.decoded.text != start.decoded.text


def test_restyle_refuses_what_cannot_be(codec: Codec) -> None:
    with pytest.raises(AxisError):
        restyle(codec, SENTENCE, {"baroque": 1.0})
    with pytest.raises(AxisError):
        restyle(codec, SENTENCE, {"ty_vy": float("inf")})
    with pytest.raises(EmptyInput):
        restyle(codec, " ", {"ty_vy": 1.0})


def test_filmstrip_has_seven_even_strengths_and_answers_as_single_calls_do(codec: Codec) -> None:
    others = {"negative_positive": 1.0}
    strip = make_filmstrip(codec, SENTENCE, "reserved_emotive", others, built_in_axes(), 3)
    assert [frame.strength for frame in strip.frames] == [-3, -2, -1, 0, 1, 2, 3]
    for frame in strip.frames:
        alone = restyle(codec, SENTENCE, others | {"reserved_emotive": frame.strength})
        np.testing.assert_allclose(strip.target(frame.strength), alone.target, atol=1e-5)
        assert frame.decoded.text == alone.decoded.text
        assert frame.decoded.fidelity == pytest.approx(alone.decoded.fidelity, abs=1e-4)


def test_a_quick_filmstrip_stands_until_the_careful_one_is_known(codec: Codec) -> None:
    make = partial(make_filmstrip, codec, "Поезд опять опаздывает.", "informal_formal", {}, built_in_axes())
    quick = make(quick=True)
    assert quick.quick
    assert make(quick=True) is quick
    careful = make()
    assert not careful.quick
    assert make(quick=True) is careful


def test_careful_filmstrips_are_as_faithful_as_quick_ones(codec: Codec) -> None:
    faithful: dict[bool, list[float]] = {True: [], False: []}
    for sentence in ("Автобус опять не пришёл.", "Этот суп слишком солёный.", "Ты не мог бы мне помочь?"):
        for axis in ("informal_formal", "reserved_emotive"):
            for quick, fidelities in faithful.items():  # the quick one first: it never replaces a careful one
                strip = make_filmstrip(codec, sentence, axis, {}, built_in_axes(), quick=quick)
                fidelities += [frame.decoded.fidelity for frame in strip.frames]
    assert np.mean(faithful[True]) <= np.mean(faithful[False])


def test_filmstrip_runs_to_the_reach_and_ignores_its_own_slider(codec: Codec) -> None:
    axis = built_in_axes()[1]
    one = make_filmstrip(codec, SENTENCE, axis.name, {axis.name: 2.0}, built_in_axes())
    other = make_filmstrip(codec, SENTENCE, axis.name, {}, built_in_axes())
    assert filmstrip_rows(one) == filmstrip_rows(other)
    assert one.frames[-1].strength == direction(codec, axis).reach == -one.frames[0].strength


def test_filmstrip_marks_against_the_middle(codec: Codec) -> None:
    strip = make_filmstrip(codec, SENTENCE, "negative_positive", {}, built_in_axes())
    middle = strip.frames[FRAMES // 2]
    assert middle.strength == 0
    assert not any(new for _, new in middle.pieces)
    for frame in strip.frames:
        assert "".join(text for text, _ in frame.pieces) == frame.decoded.text


@pytest.mark.parametrize(
    ("text", "reference", "new"),
    [
        ("Вы дома?", "Ты дома?", ["Вы"]),
        ("Мне очень, очень нравится фильм!", "Мне нравится фильм.", ["очень, очень", "!"]),
        ("ФИЛЬМ хороший.", "Фильм хороший.", []),
        ("", "Фильм.", []),
        ("Совсем другое дело", "", ["Совсем другое дело"]),
        ("Кто-то пришёл", "Кто пришёл", ["Кто-то"]),
    ],
)
def test_changed_words_are_marked(text: str, reference: str, new: Any) -> None:
    pieces = mark_changes(text, reference)
    assert [piece for piece, changed in pieces if changed] == new
    assert "".join(piece for piece, _ in pieces) == text


def test_strengths_are_written_with_a_true_minus() -> None:
    assert [signed(value) for value in (1.5, -2.0, 0.0, -0.0, 18.0)] == ["+1.5", "−2", "0", "0", "+18"]


def test_map_stays_while_the_slider_moves(codec: Codec) -> None:
    strip = make_filmstrip(codec, SENTENCE, "informal_formal", {}, built_in_axes())
    low = filmstrip_figure(codec, strip, -0.4, WORDS)
    high = filmstrip_figure(codec, strip, 0.7, WORDS)
    assert low.layout.xaxis.range == high.layout.xaxis.range
    by_name = {trace.name: trace for trace in high.data if trace.name}
    assert set(by_name) == set(WORDS.values())
    assert len(by_name["A"].x) == 3
    assert len(by_name["path"].x) == FRAMES
    assert list(by_name["path"].x) == sorted(by_name["path"].x), "from A on the left to B on the right"
    assert low.data[-1].x != high.data[-1].x, "the slider's own mark moves"


def test_map_in_three_dimensions(codec: Codec) -> None:
    strip = make_filmstrip(codec, SENTENCE, "ty_vy", {}, built_in_axes())
    drawn = filmstrip_figure(codec, strip, 1.0, WORDS, dims=3)
    assert {trace.type for trace in drawn.data} >= {"scatter3d"}


def test_the_screen_escapes_whatever_was_written(codec: Codec) -> None:
    own = axes.own_axis("<i>{{x}}</i>", "Ты здесь.\nТы там.", "Вы здесь.\nВы там.")
    known = (*built_in_axes(), own)
    html = answer_html(restyle(codec, "<b>Кто здесь?</b>", {own.name: 1.0}, known), known, "<pair>")
    strip = filmstrip_html(make_filmstrip(codec, "<b>Кто</b>", own.name, {}, known), 0.0)
    table = quality_html([direction(codec, axis) for axis in known])
    for text in (html, strip, table):
        assert "<i>" not in text
        assert "<b>" not in text
        assert "{" not in text
    assert "&lt;pair&gt;" in html
    assert "&lt;i&gt;" in html
    assert "&lt;i&gt;" in table


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_articles_recorded_answers_are_named_as_recorded(codec: Codec, language: Language) -> None:
    recorded = [example for example in examples() if example.recorded]
    assert len(recorded) == 4
    for example in recorded:
        found = restyle(codec, example.sentence, {example.axis: example.strength})
        html = answer_html(found, built_in_axes(), "pair", language)
        assert html.count(example.recorded) == 1 + (found.decoded.text == example.recorded) * 2
        assert ("Recorded from the article" if language == "en" else "Запись из статьи") in html
    assert "style-recorded" not in answer_html(
        restyle(codec, SENTENCE, {}), built_in_axes(), "pair", language
    )


def test_filmstrip_frames_the_strength_nearest_to_the_slider(codec: Codec) -> None:
    strip = make_filmstrip(codec, SENTENCE, "negative_positive", {}, built_in_axes(), 3)
    html = filmstrip_html(strip, 1.8, "ru")
    assert html.count("aria-current") == 1
    assert html.split('aria-current="true">')[1].startswith('<span class="strip-strength">+2<')
    assert "отрицательно" in html
    assert "положительно" in html


def test_quality_table_names_whose_pairs_they_are(codec: Codec) -> None:
    html = quality_html([direction(codec, axis) for axis in built_in_axes()])
    assert "3 pairs, the article&#x27;s" in html
    assert "48 pairs, written for this demo" in html
    assert html.count("<tr>") == 2 + len(built_in_axes())


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_axis_has_a_title_and_two_ends(language: Language) -> None:
    for axis in built_in_axes():
        assert axis_title(axis, language)
        assert all(axis_ends(axis, language))
    own = Axis("моя", "A", "B", ("а",), ("б",), "pasted")
    assert axis_title(own, language) == "моя"
    assert axis_ends(own, language) == ("A", "B")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_reason_of_an_axis_error_is_told(language: Language) -> None:
    cases: Sequence[tuple[Any, ...]] = [
        ("", "а", "б"),
        ("x" * 50, "а", "б"),
        ("ty_vy", "а", "б"),
        ("моя", "", "б"),
        ("моя", "а", "б\n" * 300),
        ("моя", "а", "а"),
    ]
    told = set()
    for case in cases:
        with pytest.raises(AxisError) as caught:
            axes.own_axis(*case)
        told.add(error_text(caught.value, language))
    for strengths in ({"nobody": 1.0}, {"ty_vy": 99.0}):
        with pytest.raises(AxisError) as caught:
            axes.check_strengths(built_in_axes(), strengths)
        told.add(error_text(caught.value, language))
    assert len(told) == len(cases) + 2
    assert not any(str(caught.value) in text for text in told)


def test_examples_fit_their_axes() -> None:
    names = {axis.name for axis in built_in_axes()}
    for example in examples():
        assert example.axis in names
        assert abs(example.strength) <= axes.LARGEST_STRENGTH


def test_files_to_download_hold_the_filmstrip(codec: Codec) -> None:
    screen = Screen(codec, "en", built_in_axes(), SENTENCE, "ty_vy", {"ty_vy": 3.0}, 2, 0)
    with open(screen.json(), encoding="utf-8") as file:
        rows = json.load(file)
    assert [row["strength"] for row in rows] == [frame.strength for frame in screen.strip().frames]
    with open(screen.csv(), encoding="utf-8-sig") as file:
        assert len(file.read().splitlines()) >= 1 + FRAMES
    with open(screen.page(), encoding="utf-8") as file:
        assert "Plotly.newPlot" in file.read()
