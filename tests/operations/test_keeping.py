"""Answers with the source's numbers, where the vector agrees."""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from typing import cast

import numpy as np
import pytest

from demos.codec import Codec, CodecError, SaysNothing
from demos.operations.answers import Decoded
from demos.operations.keeping import keeping, with_numbers
from demos.operations.pieces import translate_by_pieces
from demos.operations.translating import translate
from demos.translate import results
from demos.ui.i18n import say


@pytest.mark.parametrize(
    ("source", "answer", "changed"),
    [
        ("It opened in 1843.", "Он открылся в 1834 году.", "Он открылся в 1843 году."),
        ("9 March 1934", "3 августа 1949 года", "9 августа 1934 года"),  # a month that is wrong stays
        ("It is 200 times stronger.", "Он в двадцать раз сильнее.", "Он в 200 раз сильнее."),
        ("I have 12 cats.", "У меня 13 кошек.", "У меня 12 кошек."),
        ("12,000 people", "Это 18 человек.", "Это 12 000 человек."),
        ("12.000 Menschen", "Это 18 000 человек.", "Это 12 000 человек."),
        ("٧٠٠ سنة", "Этому 800 лет.", "Этому 700 лет."),
        ("Платформа 2", "Платформа 5", "Платформа 2"),
        ("He is 2 years old.", "Ему 5 лет.", "Ему 2 года."),
        ("The bridge is 245 m long.", "Мост в длину 254 метра.", "Мост в длину 245 метров."),
        ("Children under 2", "Дети до 5 лет", "Дети до 2 лет"),
        ("At 5:30.", "В 7:30.", "В 5:30."),
        ("It costs 3.5 dollars.", "Это стоит 4,5 доллара.", "Это стоит 3,5 доллара."),
        ("On 8 May.", "3 мая.", "8 мая."),
        ("She is 21.", "Ей 20 лет.", "Ей 21 год."),
        ("We waited 40 minutes.", "Мы ждали 14 минут.", "Мы ждали 40 минут."),
    ],
)
def test_a_number_takes_the_place_of_another(source: str, answer: str, changed: str) -> None:
    assert with_numbers(source, answer, "") == changed


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ("Children under 21", "Дети до 5 лет"),
        ("I have 5 cars.", "У меня 3 машины."),  # which are no months of May
        ("At 5:30.", "В 7 часов."),
        ("In 1 minute.", "Через 5 минут."),  # минуту, or минута
        ("I have 12 cats.", "У меня 3 кошки."),
        ("We bought 21 tables.", "Мы купили 12 столов."),
        ("I have 12 cats.", "У меня кошки."),
        ("I have cats.", "У меня 3 кошки."),
        ("I have 12 cats.", "У меня 12 кошек."),
    ],
)
def test_none_is_set_where_it_does_not_fit(source: str, answer: str) -> None:
    assert with_numbers(source, answer, "en") is None


class Plane:
    """An encoder of known texts to angles, in degrees; the others say nothing."""

    def __init__(self, angles: dict[str, float]) -> None:
        self.angles = angles

    def vector(self, angle: float) -> np.ndarray:
        return np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))], np.float32)

    def wording(self, text: str) -> Decoded:
        vector = self.vector(self.angles[text])
        return Decoded(text, float(vector[0]), vector=vector)

    def encode_each(self, texts: Sequence[str]) -> tuple[np.ndarray, dict[int, CodecError]]:
        errors: dict[int, CodecError] = {
            index: SaysNothing(index, "signs", text)
            for index, text in enumerate(texts)
            if text not in self.angles
        }
        found = [self.vector(self.angles[text]) for text in texts if text in self.angles]
        return np.array(found, np.float32).reshape(-1, 2), errors


SOURCE, ASKED = "It opened in 1843.", np.array([1, 0], np.float32)


@pytest.mark.parametrize(("angle", "wins"), [(10, True), (20, False), (25, False), (None, False)])
def test_the_vector_judges_a_number_that_was_set(angle: float | None, wins: bool) -> None:
    wrong, changed, other = "Он открылся в 1834 году.", "Он открылся в 1843 году.", "Он открыт."
    angles = {wrong: 20.0, other: 22.0} | ({} if angle is None else {changed: angle})
    plane = Plane(angles)
    wordings = [plane.wording(wrong), plane.wording(other)]
    found = keeping(cast(Codec, plane), SOURCE, "en", ASKED, wordings)
    assert [one.text for one in found] == ([changed] if wins else []) + [wrong, other]
    assert [one.numbers_given for one in found] == ([True] if wins else []) + [False, False]
    if angle is not None and wins:
        assert found[0].fidelity == pytest.approx(np.cos(np.radians(angle)))
        assert found[0].vector == pytest.approx(plane.vector(angle))


def test_none_is_set_where_a_wording_keeps_the_number_or_there_is_none() -> None:
    plane = Plane(
        {"Он открылся в 1834 году.": 20.0, "Открыт в 1843 году.": 22.0, "Он открылся в 1843 году.": 0}
    )
    wrong, right = plane.wording("Он открылся в 1834 году."), plane.wording("Открыт в 1843 году.")
    assert keeping(cast(Codec, plane), SOURCE, "en", ASKED, [wrong, right]) == [right, wrong]
    assert keeping(cast(Codec, plane), SOURCE, "en", ASKED, []) == []


def test_a_russian_source_is_not_its_own_answer() -> None:
    wrong, right = "Он открылся в 1834 году.", "Он открылся в 1843 году."
    plane = Plane({wrong: 20.0, right: 0.0})
    wordings = [plane.wording(wrong)]
    for language in ("ru", ""):
        assert keeping(cast(Codec, plane), right, language, ASKED, wordings) == wordings


def test_a_piece_of_a_long_line_keeps_its_number_too(codec: Codec) -> None:
    line = "Our old university was founded in 1843, and since then many famous people have studied here."
    (piece, other), text = (found := translate_by_pieces(codec, line)).pieces, found.text
    assert "1843" in piece.text
    assert "1843" in text
    assert (piece.numbers_given, other.numbers_given) == (True, False)
    ((shown,),) = translate(codec, [line], pieces=True)
    told = unescape(results([shown], codec.title))
    assert told.count(say("translate_numbers_given")) == 1  # of that piece alone


def test_a_year_is_that_of_the_source(codec: Codec) -> None:
    source = "Our old university was founded in 1843."
    ((found,),) = translate(codec, [source])
    assert found.answer is not None
    assert found.differences == ()
    assert "1843" in found.answer.text
    assert found.answer.numbers_given
    assert say("translate_numbers_given") in unescape(results([found], codec.title))
    ((several,),) = translate(codec, [source], alternatives=3)
    assert several.answer is not None
    assert several.answer.numbers_given
    assert not any(one.numbers_given for one in several.answer.alternatives)
    (vector,) = codec.encode([source])
    (back,) = codec.encode([found.answer.text])
    assert found.answer.fidelity == pytest.approx(float(vector @ back), abs=1e-3)
