"""Decoded sentences and their fidelity."""

from __future__ import annotations

import numpy as np
import pytest

from demos.answers import decode_with_fidelity, fidelities, read_back, unit
from demos.codec import Codec, TextTooLong


def test_unit_rows() -> None:
    rows = unit(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32))
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0.0, 0.0]]


def test_fidelity_does_not_depend_on_the_length(codec: Codec) -> None:
    (vector,) = codec.encode(["Добрый день!"])
    assert fidelities(codec, np.stack([vector, 3 * vector]), ["Добрый день!"] * 2) == [
        pytest.approx(1, abs=1e-5),
        pytest.approx(1, abs=1e-5),
    ]


def test_an_empty_text_has_no_fidelity(codec: Codec) -> None:
    vectors = codec.encode(["Добрый день!", "Где вокзал?"])
    assert fidelities(codec, vectors, ["  ", "Где вокзал?"]) == [0.0, pytest.approx(1, abs=1e-5)]


@pytest.mark.parametrize("alternatives", [2, 6])
def test_alternatives_leave_the_answer_alone(codec: Codec, alternatives: int) -> None:
    vectors = codec.encode(["Good morning!", "Where is the station?"])
    plain = decode_with_fidelity(codec, vectors)
    more = decode_with_fidelity(codec, vectors, alternatives)
    assert [one.text for one in more] == [one.text for one in plain]
    assert all(1 <= len(one.alternatives) <= alternatives for one in more)
    assert all(one.text not in {other.text for other in one.alternatives} for one in more)


def test_what_never_ends_is_read_as_far_as_it_goes(codec: Codec) -> None:
    runaway = "Добрый день! " + "очень " * (2 * codec.max_tokens)
    with pytest.raises(TextTooLong):
        codec.encode([runaway])
    back = read_back(codec, ["Где вокзал?", runaway, "", "\u200b", "Добрый день!"])
    assert np.linalg.norm(back, axis=1).round(3).tolist() == [1, 1, 0, 0, 1]
    assert back[0] @ codec.encode(["Где вокзал?"])[0] > 0.999
    (vector,) = codec.encode(["Добрый день!"])
    values = fidelities(codec, np.stack([vector] * 2), [runaway, "Добрый день!"])
    assert -1 <= values[0] < values[1] <= 1


def test_a_runaway_decoder_does_not_stop_an_answer(codec: Codec, monkeypatch: pytest.MonkeyPatch) -> None:
    endless = "да " * (2 * codec.max_tokens)
    monkeypatch.setattr(codec, "decode", lambda vectors, **_: [endless] * len(vectors))
    (answer,) = decode_with_fidelity(codec, codec.encode(["Добрый день!"]))
    assert answer.text == endless
    assert -1 <= answer.fidelity <= 1


def test_a_quick_answer_says_so_until_the_careful_one_is_known(codec: Codec) -> None:
    vectors = codec.encode(["Самолёт приземлился раньше времени.", "На крыше сидит большая ворона."])
    quick = decode_with_fidelity(codec, vectors, 6, quick=True)
    assert [one.quick for one in quick] == [True, True]
    assert [one.text for one in quick] == codec.decode(vectors, quick=True)
    assert all(len(one.alternatives) < codec.quick.num_beams for one in quick)
    careful = decode_with_fidelity(codec, vectors)
    assert [one.quick for one in careful] == [False, False]
    assert np.mean([one.fidelity for one in careful]) >= np.mean([one.fidelity for one in quick])
    assert decode_with_fidelity(codec, vectors, quick=True) == careful
    assert decode_with_fidelity(codec, vectors[:1] * 1.01, quick=True)[0].quick
