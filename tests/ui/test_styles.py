"""A sentence in another style on the screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from demos.codec import Codec
from demos.operations import axes
from demos.operations.axes import Axis, AxisError, built_in_axes, direction
from demos.operations.files.tables import Table
from demos.operations.restyling import examples, make_filmstrip, restyle
from demos.ui.i18n import Language, error_text
from demos.ui.styles import axis_ends, axis_title, filmstrip_html, quality_html, styled_html

SENTENCE = "Ты не мог бы закрыть окно?"


def test_the_screen_escapes_whatever_was_written(codec: Codec) -> None:
    own = axes.own_axis("<i>{{x}}</i>", "Ты здесь.\nТы там.", "Вы здесь.\nВы там.")
    known = (*built_in_axes(), own)
    html = styled_html(restyle(codec, "<b>Кто здесь?</b>", {own.name: 1.0}, known), known, "<pair>")
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
        html = styled_html(found, built_in_axes(), "pair", language)
        assert html.count(example.recorded) == 2 + (found.decoded.text == example.recorded) * 3
        assert ("Recorded from the article" if language == "en" else "Запись из статьи") in html
        assert "ss-elsewhere" not in html
        elsewhere = restyle(codec, example.sentence, {})
        assert "ss-elsewhere" in styled_html(elsewhere, built_in_axes(), "C", language)
    assert "style-recorded" not in styled_html(
        restyle(codec, SENTENCE, {}), built_in_axes(), "pair", language
    )


def test_filmstrip_frames_the_strength_nearest_to_the_slider(codec: Codec) -> None:
    strip = make_filmstrip(codec, SENTENCE, "negative_positive", {}, built_in_axes())
    html = filmstrip_html(strip, 1.7, "ru")
    assert html.count("aria-current") == 1
    assert html.split('aria-current="true">')[1].startswith('<span class="strip-strength">+1,8<')
    assert "отрицательно" in html
    assert "положительно" in html


def test_quality_table_names_whose_pairs_they_are(codec: Codec) -> None:
    html = quality_html([direction(codec, axis) for axis in built_in_axes()])
    assert "3 pairs, from the article" in html
    assert "48 pairs, written for this demo" in html
    assert html.count("<tr>") == 2 + len(built_in_axes())
    russian = quality_html([direction(codec, axis) for axis in built_in_axes()], "ru")
    point, comma = (
        re.findall(rf"<td>[+−]?\d{mark}\d\d</td>", one) for mark, one in ((r"\.", html), (",", russian))
    )
    assert len(point) == len(comma) == len(built_in_axes()) ** 2  # a length and the cosines with the others


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
    for packed in ("[", axes.pack([Axis(str(n), "а", "б", ("а",), ("б",), "pasted") for n in range(4)])):
        with pytest.raises(AxisError) as caught:
            axes.unpack(packed)
        told.add(error_text(caught.value, language))
    with pytest.raises(AxisError) as caught:
        axes.lists_of(Table(("text",), (("Ты здесь.",),)))
    told.add(error_text(caught.value, language))
    assert len(told) == len(cases) + 5
    assert not any(str(caught.value) in text for text in told)


def test_a_gloss_says_whose_it_is(codec: Codec) -> None:
    example = examples()[0]
    found = restyle(codec, example.sentence, {"ty_vy": 2.0})
    found = replace(found, decoded=replace(found.decoded, text="королева"))
    html = styled_html(found, built_in_axes(), "pair")
    assert "English: queen" in html
    assert f'data-say="{example.sentence}"' in html
    assert f"Your sentence in English, before any slider moves it, roughly: {example.gloss}" in html
