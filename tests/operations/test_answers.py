"""Decoded sentences, their fidelity and its three ranges."""

from __future__ import annotations

import numpy as np
import pytest

from demos.codec import Candidate, Codec
from demos.operations.answers import CLOSE, NEAR, answer, by_fidelity, grade


def test_the_vector_is_the_answers_own_and_the_fidelity_its_cosine(codec: Codec) -> None:
    (vector,) = codec.encode(["Добрый день!"])
    for length in (1.0, 1.5):
        (found,) = answer(codec, length * vector, alternatives=3)
        for one in (found, *found.alternatives):
            (own,) = codec.encode([one.text])
            assert one.vector == pytest.approx(own, abs=1e-6)
            assert one.fidelity == pytest.approx(float(own @ vector), abs=1e-5)


@pytest.mark.parametrize("alternatives", [2, 6])
def test_alternatives_leave_the_answer_alone(codec: Codec, alternatives: int) -> None:
    vectors = codec.encode(["Good morning!", "Where is the station?"])
    plain = answer(codec, vectors)
    more = answer(codec, vectors, alternatives)
    assert [one.text for one in more] == [one.text for one in plain]
    assert all(1 <= len(one.alternatives) <= alternatives for one in more)
    assert all(one.text not in {other.text for other in one.alternatives} for one in more)


@pytest.mark.parametrize("text", ["да " * 2000, "  "])
def test_what_has_no_vector_has_no_fidelity(codec: Codec, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    nothing = Candidate(text, -1.0, -1.0, np.zeros(codec.dim, np.float32))
    monkeypatch.setattr(codec, "candidates", lambda vectors, n, settings: [[nothing]] * len(vectors))
    (found,) = answer(codec, codec.encode(["Добрый день!"]))
    assert (found.text, found.fidelity) == (text, 0.0)
    assert not found.vector.any()


def test_candidates_in_order_of_fidelity() -> None:
    some = [("b", 0.2), ("a", 0.9), (" ", 1.0), ("b", 0.2), ("c", 0.5)]
    found = by_fidelity(Candidate(text, 0.0, cosine, np.ones(2, np.float32)) for text, cosine in some)
    assert [one.text for one in found] == ["a", "c", "b"]


def test_a_quick_answer_says_so_until_the_careful_one_is_known(codec: Codec) -> None:
    vectors = codec.encode(["Самолёт приземлился раньше времени.", "На крыше сидит большая ворона."])
    quick = answer(codec, vectors, 6, quick=True)
    assert [one.quick for one in quick] == [True, True]
    assert [one.text for one in quick] == codec.decode(vectors, codec.quick)
    assert all(len(one.alternatives) < codec.quick.num_beams for one in quick)
    careful = answer(codec, vectors)
    assert [one.quick for one in careful] == [False, False]
    assert np.mean([one.fidelity for one in careful]) >= np.mean([one.fidelity for one in quick])
    assert answer(codec, vectors, quick=True) == careful
    assert answer(codec, vectors[:1] * 1.01, quick=True)[0].quick


def test_ranges_begin_where_they_are_said_to() -> None:
    assert [grade(value) for value in (1.0, CLOSE, CLOSE - 0.01, NEAR, NEAR - 0.01, -1.0)] == [
        "close",
        "close",
        "near",
        "near",
        "far",
        "far",
    ]
    assert NEAR < CLOSE
