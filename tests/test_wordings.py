"""Means of like sentences in words, with the bundled pair."""

from __future__ import annotations

import numpy as np
import pytest

from demos.answers import unit
from demos.codec import Codec
from demos.wordings import LEAN, Spoken, speak

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


def test_wordings_come_in_turn_from_the_mean_and_from_nearer_to_the_medoid(codec: Codec) -> None:
    spoken, medoid = said(codec, 2), codec.encode(TEXTS)
    medoid = medoid[np.argmax(medoid @ spoken.centre)]
    leaning = codec.decode(unit((1 - LEAN) * spoken.centre + LEAN * medoid))[0]
    assert leaning != spoken.first
    wordings = [spoken.decoded, *spoken.decoded.alternatives]
    assert {one.text for one in wordings} == {spoken.first, leaning}


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
