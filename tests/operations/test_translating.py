"""Lines in any language → Russian: what says nothing, and long lines in pieces."""

from __future__ import annotations

from itertools import chain

import pytest

from demos.codec import Codec, SaysNothing, TextTooLong
from demos.operations.pieces import join_pieces, pieces_of
from demos.operations.sentences import language_of_text
from demos.operations.translating import translate

LONG = "I came home late in the evening, but my brother was still awake, and we talked until two at night."


def test_what_says_nothing_is_said_and_holds_nobody_up(codec: Codec) -> None:
    found = next(translate(codec, ["...", "Good morning!", "ᚠᚢᚦ"]))
    assert [type(one.error) for one in found] == [SaysNothing, type(None), SaysNothing]
    assert found[2].error is not None
    assert found[2].error.details["index"] == 2
    assert found[1].answer is not None
    assert found[0].answer is None


FOREIGN = ("Нормаланбайды", "Саламатсызбы", "Рахмат", "Здраво", "Довиждане", "Не знам", "Лека нощ",
           "Кафето е студено", "Салом", "Калайсыз")  # fmt: skip
RUSSIAN = ("Привет", "Спасибо", "Где вокзал?", "Кот", "Анна", "Иванов", "Угу", "Мама")


def test_a_short_cyrillic_line_of_another_language_is_not_paraphrased(codec: Codec) -> None:
    for one in chain.from_iterable(translate(codec, FOREIGN)):
        assert one.language != "ru"
        assert one.answer is not None
        (own,) = codec.decode(codec.encode([one.source]))
        assert (one.answer.text, one.answer.alternatives) == (own, ())


def test_a_short_russian_line_is_paraphrased(codec: Codec) -> None:
    assert language_of_text("Мама") == ""  # the answer tells that it is Russian
    for one in chain.from_iterable(translate(codec, RUSSIAN)):
        assert one.language == "ru"
        assert one.answer is not None
        assert one.answer.alternatives


def test_a_long_line_has_one_vector_unless_pieces_are_wanted(codec: Codec) -> None:
    ((whole,), (pieces,)) = next(translate(codec, [LONG])), next(translate(codec, [LONG], pieces=True))
    assert whole.pieces == ()
    assert [piece.source for piece in pieces.pieces] == pieces_of(LONG)
    assert whole.answer is not None
    assert pieces.answer is not None
    assert pieces.answer.text == join_pieces([piece.text for piece in pieces.pieces], pieces_of(LONG))
    assert pieces.answer.fidelity == pytest.approx(
        float(codec.encode([pieces.answer.text])[0] @ codec.encode([LONG])[0]), abs=1e-4
    )


def test_a_line_too_long_for_the_encoder_is_answered_in_pieces(codec: Codec) -> None:
    line = " ".join([LONG] * 40)
    assert isinstance(next(translate(codec, [line]))[0].error, TextTooLong)
    (found,) = next(translate(codec, [line, "Hi."][:1], pieces=True))
    assert found.error is None
    assert len(found.pieces) > 40


def test_a_line_with_a_piece_that_cannot_be_encoded_is_answered_as_a_whole(codec: Codec) -> None:
    runes = f"{LONG} {'ᚠᚢᚦ ' * 14}"
    (found,) = next(translate(codec, [runes], pieces=True))
    assert found.pieces == ()
    assert found.answer is not None
    lasting, after = next(translate(codec, [f"{LONG} {'x7q' * 1000}", "Good morning!"], pieces=True))
    assert isinstance(lasting.error, TextTooLong)
    assert after.answer is not None
