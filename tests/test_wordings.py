"""Means of like sentences in words, with the bundled pair and with one that counts degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from demos.codec import Candidate, Codec, Decoding
from demos.wordings import Spoken, speak

TEXTS = (
    "Зимой тут холодно.",
    "Зимой здесь очень холодно.",
    "Мороз сильный.",
    "Зимы суровые.",
)


def said(codec: Codec, choices: int) -> Spoken:
    vectors = codec.encode(TEXTS)
    (spoken,) = speak(codec, TEXTS, vectors, [vectors.mean(axis=0)], [np.arange(4)], choices)
    return spoken


def test_one_choice_is_the_first_beam_of_the_decoder(codec: Codec) -> None:
    spoken = said(codec, 1)
    assert spoken.decoded.text == spoken.first == codec.decode(spoken.centre)[0]
    assert spoken.decoded.alternatives == ()


class Compass:
    """A stand-in codec: texts are degrees; a vector decodes to its own, and to 5 more, 10 more …"""

    dim, decoding = 2, Decoding()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        angles = np.radians([float(text) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    def decode(
        self, vectors: np.ndarray, num_return_sequences: int | None = None, quick: bool = False
    ) -> list[str] | list[list[Candidate]]:
        angles = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])).astype(int)
        if num_return_sequences is None:
            return [str(angle) for angle in angles]
        return [[Candidate(str(angle + 5 * i), 0.0) for i in range(num_return_sequences)] for angle in angles]


def test_wordings_come_in_turn_from_the_mean_and_from_nearer_to_the_medoid() -> None:
    texts, compass = ["0", "30", "61", "63"], Compass()
    vectors = compass.encode(texts)
    in_turn = ["38", "36", "43", "41"]
    for choices in range(1, 5):
        (spoken,) = speak(compass, texts, vectors, [vectors.mean(axis=0)], [np.arange(4)], choices)  # type: ignore[arg-type]
        assert (spoken.typical, spoken.first, spoken.decoded.text) == ("30", "38", "38")
        wordings = [one.text for one in (spoken.decoded, *spoken.decoded.alternatives)]
        assert sorted(wordings) == sorted(in_turn[:choices])


@pytest.mark.parametrize("choices", [2, 4, 9])
def test_the_wording_nearest_to_the_mean_is_taken(codec: Codec, choices: int) -> None:
    spoken = said(codec, choices)
    wordings = [spoken.decoded, *spoken.decoded.alternatives]
    assert len({one.text for one in wordings}) == len(wordings) <= choices
    assert spoken.first in [one.text for one in wordings]
    cosines = codec.encode([one.text for one in wordings]) @ spoken.centre
    assert [one.fidelity for one in wordings] == pytest.approx(cosines.tolist(), abs=1e-5)
    assert spoken.decoded.fidelity == max(one.fidelity for one in wordings)


def test_each_mean_is_worded_by_its_own_sentences(codec: Codec) -> None:
    texts = [*TEXTS, "Кофе холодный.", "Чай остыл.", "Напитки холодные."]
    vectors = codec.encode(texts)
    rows = [np.arange(4), np.arange(4, 7)]
    both = speak(codec, texts, vectors, [vectors[part].mean(axis=0) for part in rows], rows, 4)
    assert [spoken.typical in texts[:4] for spoken in both] == [True, False]
    assert both[0].decoded.text == said(codec, 4).decoded.text
