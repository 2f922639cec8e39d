"""Sentences moved along axes, and filmstrips."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
import pytest

from demos.codec import Codec, EmptyInput, unit
from demos.operations import axes
from demos.operations.axes import AxisError, built_in_axes, direction
from demos.operations.restyling import (
    FRAMES,
    examples,
    filmstrip_rows,
    make_filmstrip,
    mark_changes,
    restyle,
    signed,
)

SENTENCE = "Ты не мог бы закрыть окно?"


def cosine_to(codec: Codec, target: np.ndarray, text: str) -> float:
    return float(codec.encode([text])[0] @ unit(target))


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


@pytest.mark.parametrize(
    ("sentence", "axis", "back", "forth"),
    [
        ("Ты не мог бы помочь мне с чемоданом?", 0, "Ты .* с .*чемоданом", "Вы .* с .*чемоданом"),
        (
            "Приходи завтра вечером, поговорим.",
            0,
            "Прид[её]шь завтра|Приходи завтра",
            "При(ходи|ди)те завтра",
        ),
        ("Еда здесь ужасная.", 1, "ужасная", "замечательная"),
        ("Мне не понравился этот отель.", 1, "не понравился", "^Мне понравился"),
        ("Эта книга длинная.", 3, "книга.* длинная", "такая длинная!"),
        ("Тут нельзя курить.", 2, "нельзя курить", "^Здесь нельзя курить"),
    ],
)
def test_both_ends_of_a_slider_read_as_russian(
    codec: Codec, sentence: str, axis: int, back: str, forth: str
) -> None:
    chosen = built_in_axes()[axis]
    reach = direction(codec, chosen).reach
    for strength, wanted in ((-reach, back), (reach, forth)):
        assert re.search(wanted, restyle(codec, sentence, {chosen.name: strength}).decoded.text)


def test_restyle_refuses_what_cannot_be(codec: Codec) -> None:
    with pytest.raises(AxisError):
        restyle(codec, SENTENCE, {"baroque": 1.0})
    with pytest.raises(AxisError):
        restyle(codec, SENTENCE, {"ty_vy": float("inf")})
    with pytest.raises(EmptyInput):
        restyle(codec, " ", {"ty_vy": 1.0})


def test_filmstrip_has_seven_even_strengths_and_answers_as_single_calls_do(codec: Codec) -> None:
    others = {"reserved_emotive": 0.5}
    strip = make_filmstrip(codec, SENTENCE, "negative_positive", others, built_in_axes())
    assert [frame.strength for frame in strip.frames] == [-2.7, -1.8, -0.9, 0, 0.9, 1.8, 2.7]
    for frame in strip.frames:
        alone = restyle(codec, SENTENCE, others | {"negative_positive": frame.strength})
        np.testing.assert_allclose(strip.target(frame.strength), alone.target, atol=1e-5)
        assert frame.decoded.text == alone.decoded.text
        assert frame.decoded.fidelity == pytest.approx(alone.decoded.fidelity, abs=1e-4)


def test_a_quick_filmstrip_stands_until_the_careful_one_is_known(codec: Codec) -> None:
    make = partial(make_filmstrip, codec, "Поезд опять опаздывает.", "informal_formal", {}, built_in_axes())
    quick = make(quick=True)
    assert quick.quick
    assert make(quick=True).frames == quick.frames
    careful = make()
    assert not careful.quick
    assert make(quick=True).frames == careful.frames


def test_careful_filmstrips_are_as_faithful_as_quick_ones(codec: Codec) -> None:
    faithful: dict[bool, list[float]] = {True: [], False: []}
    for axis in ("informal_formal", "reserved_emotive"):
        for quick, fidelities in faithful.items():  # the quick one first: it never replaces a careful one
            strip = make_filmstrip(codec, "Этот суп слишком солёный.", axis, {}, built_in_axes(), quick=quick)
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
    assert not any(new for _, new in middle.marked)
    for frame in strip.frames:
        assert "".join(text for text, _ in frame.marked) == frame.decoded.text


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


def test_examples_fit_their_axes() -> None:
    names = {axis.name for axis in built_in_axes()}
    for example in examples():
        assert example.axis in names
        assert abs(example.strength) <= axes.LARGEST_STRENGTH
