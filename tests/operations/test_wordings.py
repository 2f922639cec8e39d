"""Means of like sentences in words, with the bundled pair and with one that counts degrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from demos.codec import Candidate, Codec, Decoding
from demos.operations.answers import Decoded
from demos.operations.wordings import LEAN, NEARNESS, UNUSUAL, Spoken, choose, is_contrary, said_again, speak

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
    mean = codec.encode(TEXTS).mean(axis=0)
    assert spoken.decoded.text == spoken.first == codec.decode(mean)[0]
    assert spoken.decoded.alternatives == ()


class Compass:
    """A stand-in codec: texts are degrees; a vector decodes to its own, and to 5 more, 10 more …"""

    dim, decoding = 2, Decoding()
    reads_length = True
    asked: list[np.ndarray]  # the lengths of the vectors, call by call

    def __init__(self) -> None:
        self.asked = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        angles = np.radians([float(text) for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    def fluency(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros(len(texts))

    def candidates(self, vectors: np.ndarray, n: int, settings: Decoding) -> list[list[Candidate]]:
        self.asked.append(np.linalg.norm(vectors, axis=1))
        angles = np.degrees(np.arctan2(vectors[:, 1], vectors[:, 0])).astype(int)
        return [
            [self.candidate(vector, str(angle + 5 * i)) for i in range(n)]
            for vector, angle in zip(vectors, angles, strict=True)
        ]

    score = 0.0  # of all that is decoded

    def candidate(self, vector: np.ndarray, text: str) -> Candidate:
        (own,) = self.encode([text])
        return Candidate(text, self.score, float(own @ vector), own)


def test_wordings_come_in_turn_from_the_mean_and_from_nearer_to_the_medoid() -> None:
    texts, compass = ["0", "30", "61", "63"], Compass()
    vectors = compass.encode(texts)
    in_turn = ["38", "35", "43", "40"]
    for choices in range(1, 5):
        (spoken,) = speak(compass, texts, vectors, [vectors.mean(axis=0)], [np.arange(4)], choices)  # type: ignore[arg-type]
        assert (spoken.typical, spoken.first) == ("30", "38")
        assert spoken.decoded.text == min(in_turn[:choices], key=lambda one: abs(float(one) - 38.93))
        wordings = [one.text for one in (spoken.decoded, *spoken.decoded.alternatives)]
        assert sorted(wordings) == sorted(in_turn[:choices])


@pytest.mark.parametrize(
    ("score", "reads_length", "sure"), [(-1.0, True, True), (-1.1, True, False), (-9.0, False, True)]
)
def test_the_decoder_is_sure_of_what_is_likely_and_near(score: float, reads_length: bool, sure: bool) -> None:
    compass = Compass()
    compass.score, compass.reads_length = score, reads_length
    vectors = compass.encode(["10", "16"])
    (spoken,) = speak(compass, ["10", "16"], vectors, [vectors.mean(0)], [np.arange(2)], 1)  # type: ignore[arg-type]
    assert spoken.decoded.fidelity == pytest.approx(1, abs=0.01)
    assert spoken.sure == sure
    assert replace(spoken, typical=spoken.decoded.text).sure, "a real sentence is sure"


@pytest.mark.parametrize("choices", [2, 4, 9])
def test_wordings_are_compared_by_what_they_are_near_to(codec: Codec, choices: int) -> None:
    spoken = said(codec, choices)
    wordings = [spoken.decoded, *spoken.decoded.alternatives]
    assert len({one.text for one in wordings}) == len(wordings) <= choices
    assert spoken.first in [one.text for one in wordings]
    cosines = codec.encode([one.text for one in wordings]) @ spoken.centre
    assert [one.fidelity for one in wordings] == pytest.approx(cosines.tolist(), abs=1e-5)
    assert [one.text for one in choose(wordings, spoken.typical)] == [one.text for one in wordings]


def test_a_mean_is_decoded_at_the_length_of_its_agreement_or_as_in_the_article() -> None:
    compass = Compass()
    texts = ["0", "80"]
    vectors = compass.encode(texts)
    for length in ("agreement", "article"):
        speak(compass, texts, vectors, [vectors.mean(axis=0)], [np.arange(2)], 2, length=length)  # type: ignore[arg-type]
    mean = float(np.cos(np.radians(40)))
    leaning = float(np.linalg.norm((1 - LEAN) * vectors.mean(axis=0) + LEAN * vectors[0]))
    assert np.concatenate(compass.asked).tolist() == pytest.approx([mean, leaning, 1, 1], abs=1e-5)
    compass.asked, compass.reads_length = [], False
    speak(compass, texts, vectors, [vectors.mean(axis=0)], [np.arange(2)], 2)  # type: ignore[arg-type]
    assert compass.asked[0].tolist() == pytest.approx([1, 1], abs=1e-5)


def wording(text: str, fidelity: float, score: float) -> Decoded:
    return Decoded(text, fidelity, score=score)


def test_a_wording_counts_by_likelihood_and_fidelity_together() -> None:
    plain = wording("Кофе вкусный.", 0.7, -0.4)
    nearer = wording("Очень вкусный кофе.", 0.7 + 0.3 / NEARNESS, -0.6)
    salad = wording("Кофе столик вкусно еле.", 0.7 + 0.3 / NEARNESS, -0.9)
    assert choose([salad, plain, nearer]) == [nearer, plain, salad]


def test_what_is_likelier_by_itself_counts_more() -> None:
    salad = replace(wording("В зале уютно и светлый.", 0.7, -0.4), fluency=-2.9)
    plain = replace(wording("В зале чисто и уютно.", 0.7, -0.5), fluency=-2.3)
    assert choose([salad, plain]) == [plain, salad]
    assert choose([replace(salad, fluency=-2.3), plain])[0].text == salad.text


def test_an_unusual_wording_comes_after_a_plain_one_however_near_it_is() -> None:
    odd = replace(wording("Музыка слишком громкая, слушать слышно.", 0.95, -0.1), fluency=UNUSUAL - 0.1)
    plain = replace(wording("Музыка слишком громкая.", 0.7, -0.9), fluency=UNUSUAL)
    assert choose([odd, plain]) == [plain, odd]
    assert choose([odd, replace(odd, fidelity=0.9)])[0] == odd


def test_a_contrary_wording_comes_last_and_is_told() -> None:
    wrong = wording("Батарея отличная.", 0.9, -0.2)
    right = wording("Батарея плохая.", 0.7, -0.3)
    assert choose([wrong, right], "Батарея ужасная, садится к обеду.") == [right, wrong]
    assert choose([wrong, right], "Батарея хорошая.") == [wrong, right]
    assert choose([wrong, right]) == [wrong, right]
    denied = wording("Телефон не работает быстро.", 0.9, -0.2)
    said = wording("Телефон быстрый.", 0.7, -0.3)
    assert choose([denied, said], "Телефон работает очень быстро.") == [said, denied]
    assert is_contrary(denied.text, "Телефон работает очень быстро.")
    mixed = "Официант вежливый, официант опоздал."
    assert is_contrary(mixed, "Персонал грубый, официант нам нахамил.")
    assert not is_contrary(mixed, "Официант милый, но заказ ждали час.")


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("Завтрак вкусный.", 0),
        ("Завтраки завтраки и завтраки вкусные.", 2),
        ("Персонал вежливый и вежливый.", 1),
        ("Кофе и кофе.", 0),  # shorter words have no stem of their own
    ],
)
def test_a_word_that_is_said_again_costs_a_wording(text: str, again: int) -> None:
    assert said_again(text) == again


def test_what_says_a_word_twice_gives_way_to_what_does_not() -> None:
    once, twice = wording("Завтрак вкусный.", 0.7, -0.4), wording("Завтрак вкусный, вкусный.", 0.7, -0.2)
    assert choose([twice, once]) == [once, twice]


def test_equal_sentences_are_the_same_however_they_are_typed() -> None:
    spoken = Spoken(np.ones(2), Decoded("Кофе вкусный!", 0.9), "", "кофе вкусный", 0.9, 1.0)
    assert spoken.same
    assert not replace(spoken, typical="Кофе вкусный?").same


def test_each_mean_is_worded_by_its_own_sentences(codec: Codec) -> None:
    texts = [*TEXTS, "Кофе холодный.", "Чай остыл.", "Напитки холодные."]
    vectors = codec.encode(texts)
    rows = [np.arange(4), np.arange(4, 7)]
    both = speak(codec, texts, vectors, [vectors[part].mean(axis=0) for part in rows], rows, 4)
    assert [spoken.typical in texts[:4] for spoken in both] == [True, False]
    assert both[0].decoded.text == said(codec, 4).decoded.text


def test_a_sentence_that_is_stuck_at_a_sign_comes_after_those_that_are_not() -> None:
    stuck = Decoded("Спасибо продавцу......", 0.9, score=-0.1, fluency=-2.0)
    plain = Decoded("Товар хороший...", 0.6, score=-0.9, fluency=-2.0)
    assert choose([stuck, plain]) == [plain, stuck]
    assert choose([stuck]) == [stuck]


def test_the_decoder_is_never_sure_of_what_is_stuck() -> None:
    class Says(Compass):
        text = ""

        def candidates(self, vectors: np.ndarray, n: int, settings: Decoding) -> list[list[Candidate]]:
            unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
            return [[Candidate(self.text, 0.0, 1.0, row)] for row in unit]

    def sure(text: str) -> bool:
        codec = cast("Codec", says := Says())
        says.text = text
        vectors = codec.encode(["10", "20"])
        (spoken,) = speak(codec, ["10", "20"], vectors, [vectors.mean(0)], [np.arange(2)], 1)
        return spoken.sure

    assert sure("Звук хороший...")
    assert not sure("Звук хороший......")
