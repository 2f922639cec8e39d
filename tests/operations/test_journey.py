"""From one sentence to another, in steps on the sphere."""

from __future__ import annotations

import numpy as np
import pytest

from demos.codec import BadSetting, Codec, EmptyInput
from demos.operations.answers import Decoded
from demos.operations.journey import SHORTEST, chord, folded, slerp, travel


def test_the_points_lie_on_the_sphere_in_equal_steps_from_end_to_end() -> None:
    rng = np.random.default_rng(0)
    start, end = (row / np.linalg.norm(row) for row in rng.normal(size=(2, 24)))
    points = slerp(start, end, np.linspace(0, 1, 9))
    assert np.linalg.norm(points, axis=1) == pytest.approx(np.ones(9), abs=1e-6)
    np.testing.assert_allclose(points[[0, -1]], [start, end], atol=1e-6)
    steps = (points[1:] * points[:-1]).sum(axis=1)
    assert np.ptp(np.arccos(steps)) < 1e-3
    flat = np.linalg.matrix_rank(points, tol=1e-4)
    assert flat == 2, "the way leaves the plane of its ends"


def test_the_chord_is_the_straight_line_from_end_to_end() -> None:
    start, end = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.6, 0.8])
    points = slerp(start, end, np.linspace(0, 1, 5))
    on_the_line = points * chord(points)[:, None]
    away = np.cross(on_the_line - start, end - start)
    assert np.abs(away).max() < 1e-6
    assert chord(points) == pytest.approx([1, 0.7653669, 0.5**0.5, 0.7653669, 1])
    across = slerp(start, -start, np.linspace(0, 1, 5))
    assert chord(across)[2] == pytest.approx(SHORTEST)


@pytest.mark.parametrize("turn", [0.0, 1e-6, np.pi])
def test_equal_and_opposite_ends_have_a_way_too(turn: float) -> None:
    start, end = np.array([1.0, 0.0, 0.0]), np.array([np.cos(turn), np.sin(turn), 0.0])
    points = slerp(start, end, np.linspace(0, 1, 5))
    assert np.linalg.norm(points, axis=1) == pytest.approx(np.ones(5))
    np.testing.assert_allclose(points[[0, -1]], [start, end], atol=1e-6)


def test_neighbours_that_say_the_same_are_one_stop_and_changed_words_are_marked() -> None:
    said = [("Я дома.", 0.9), ("я дома", 0.95), ("Я в лесу.", 0.8), ("Я дома.", 0.7)]
    stops = folded([0.0, 0.25, 0.5, 1.0], [Decoded(text, fidelity) for text, fidelity in said])
    assert [(stop.first, stop.last) for stop in stops] == [(0.0, 0.25), (0.5, 0.5), (1.0, 1.0)]
    assert [stop.decoded.text for stop in stops] == ["я дома", "Я в лесу.", "Я дома."]
    assert [[part for part, new in stop.marked if new] for stop in stops] == [[], ["в лесу."], ["дома"]]
    assert all("".join(part for part, _ in stop.marked) == stop.decoded.text for stop in stops)


def test_each_point_is_decoded_as_long_as_the_straight_line_is_there(codec: Codec) -> None:
    found = travel(codec, "Кошка спит.", "The train is late.", steps=5)
    asked = found.points * chord(found.points)[:, None]
    assert [one.text for one in found.decoded] == codec.decode(asked)
    np.testing.assert_allclose(found.points[[0, -1]], codec.encode([found.start, found.end]), atol=1e-6)
    assert found.stops[0].first == 0.0
    assert found.stops[-1].last == 1.0
    assert 2 <= len(found.stops) <= 5


@pytest.mark.parametrize("steps", [2, 16, 0, True, 3.0, None])
def test_three_to_fifteen_steps(codec: Codec, steps: int) -> None:
    with pytest.raises(BadSetting, match="from 3 to 15"):
        travel(codec, "Да.", "Нет.", steps)


def test_an_empty_end_is_named(codec: Codec) -> None:
    with pytest.raises(EmptyInput, match="text 2"):
        travel(codec, "Да.", " ")
