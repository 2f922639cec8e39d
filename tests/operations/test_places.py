"""The map that answers: places, points, ways, groups, and what a browser may not ask."""

from __future__ import annotations

import math

import numpy as np
import pytest

from demos.codec import BadSetting, BadVector, Codec, unit
from demos.operations.journey import SHORTEST
from demos.operations.places import (
    Map,
    Plane,
    checked_marks,
    nearest,
    place_vector,
    say_average,
    say_mark,
    say_place,
    say_way,
)
from demos.plots.basis import fit_basis

TEXTS = ("Кошка спит.", "Собака лает.", "Поезд опоздал.", "Мама готовит ужин.")


@pytest.fixture(scope="module")
def drawn(codec: Codec) -> Map:
    vectors = codec.encode(TEXTS)
    return Map(fit_basis(vectors).plane, np.vstack([vectors, np.zeros_like(vectors[:1])]), (*TEXTS, ""))


def some_points(count: int = 6, dim: int = 24) -> tuple[Plane, np.ndarray, np.ndarray]:
    vectors = unit(np.random.default_rng(5).normal(size=(count, dim)))
    plane = fit_basis(vectors).plane
    return plane, plane.place(vectors), vectors


def test_the_plane_of_a_basis_draws_where_the_basis_does() -> None:
    vectors = unit(np.random.default_rng(1).normal(size=(7, 12)))
    basis = fit_basis(vectors)
    assert np.allclose(basis.plane.place(vectors), basis.project(vectors), atol=1e-6)


def test_a_place_on_a_point_is_that_points_own_vector() -> None:
    plane, points, vectors = some_points()
    for place, vector in zip(points, vectors, strict=True):
        assert np.allclose(place_vector(place, plane, points, vectors), vector, atol=1e-5)


def test_a_place_between_lies_there_but_for_its_length_and_near_a_point_is_like_it() -> None:
    plane, points, vectors = some_points()
    found = place_vector(points[0] * 0.98 + points[1] * 0.02, plane, points, vectors)
    assert found @ vectors[0] > 0.99
    assert np.linalg.norm(place_vector(points[:2].mean(0), plane, points, vectors)) == pytest.approx(1)


def test_an_uncertain_place_is_shorter_between_the_points_and_never_longer_than_they() -> None:
    plane, points, vectors = some_points()
    for place, length in ((points[0], 1.0), (points[0] * 0.5 + points[1] * 0.5, None), (points[0] * 9, 1.0)):
        stretched = place_vector(place, plane, points, vectors)
        found = place_vector(place, plane, points, vectors, uncertain=True)
        assert unit(found) @ unit(stretched) == pytest.approx(1)
        if length is None:
            assert SHORTEST <= np.linalg.norm(found) < 0.9
        else:
            assert np.linalg.norm(found) == pytest.approx(length, abs=1e-5)


def test_points_in_one_place_are_averaged_and_no_points_leave_the_plane() -> None:
    plane, points, vectors = some_points()
    base = plane.at(points[:1])[0]
    both = np.stack([vectors[0], 2 * base - vectors[0]])
    found = place_vector(points[0], plane, plane.place(both), both)
    assert unit(found) @ unit(base) == pytest.approx(1)
    none = place_vector(np.array([0.1, 0.2]), plane, points[:0], vectors[:0])
    assert np.allclose(plane.place(none[None]), [[0.1, 0.2]], atol=1e-5)


def test_a_click_on_a_point_says_its_sentence(codec: Codec, drawn: Map) -> None:
    place = drawn.plane.place(drawn.vectors[:1])[0].tolist()
    said = say_place(codec, drawn, place)
    assert said.decoded.text == codec.decode(drawn.vectors[:1])[0]
    assert said.lies is not None
    assert said.lies.shape == (2,)
    assert say_place(codec, drawn, place, quick=True).decoded.text


def test_a_mark_says_its_own_sentence_and_one_of_no_sentence_what_its_vector_says(
    codec: Codec, drawn: Map
) -> None:
    assert say_mark(codec, drawn, 1).decoded.text == TEXTS[1]
    nameless = Map(drawn.plane, drawn.vectors, ("", *drawn.texts[1:]))
    assert say_mark(codec, nameless, 0).decoded.text == codec.decode(drawn.vectors[:1])[0]
    with pytest.raises(BadVector):
        say_mark(codec, drawn, 4)


def test_neighbours_in_the_whole_space_are_sorted_and_no_repetitions(drawn: Map) -> None:
    doubled = Map(drawn.plane, np.vstack([drawn.vectors, drawn.vectors[:2]]), (*drawn.texts, *TEXTS[:2]))
    found = nearest(doubled, 0)
    assert sorted(doubled.texts[number] for number, _ in found) == sorted(TEXTS[1:])
    assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)


def test_the_way_has_its_ends_and_the_sentences_between(codec: Codec, drawn: Map) -> None:
    way = say_way(codec, drawn, 0, 2, 3)
    assert way.places.shape == (3, 2)
    assert len(way.said) == 3
    assert way.stops[0].decoded.text == TEXTS[0]
    assert way.stops[-1].decoded.text == TEXTS[2]
    with pytest.raises(BadVector):
        say_way(codec, drawn, 0, 4)


def test_the_average_of_a_group(codec: Codec, drawn: Map) -> None:
    assert say_average(codec, drawn, [1, 4]).decoded.text == codec.decode(drawn.vectors[1:2])[0]
    with pytest.raises(BadSetting):
        say_average(codec, drawn, [4])


@pytest.mark.parametrize(
    "place", [None, "ab", [1], [1, 2, 3], [True, 0], [math.nan, 0], [math.inf, 0], [0, 1e9], ["1", 2], {}]
)
def test_what_is_no_place(codec: Codec, drawn: Map, place: object) -> None:
    with pytest.raises(BadSetting, match="place"):
        say_place(codec, drawn, place)


@pytest.mark.parametrize("marks", [None, [5], [-1], [0.0], [True], "01", [0] * 6, [[0]]])
def test_what_are_no_marks(marks: object) -> None:
    with pytest.raises(BadSetting):
        checked_marks(marks, 5)


@pytest.mark.parametrize("between", [0, 16, 2.5, True, None, "5"])
def test_how_many_sentences_a_way_may_have(codec: Codec, drawn: Map, between: object) -> None:
    with pytest.raises(BadSetting, match="between"):
        say_way(codec, drawn, 0, 1, between)
