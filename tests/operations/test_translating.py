"""Lines in any language → Russian: what says nothing, long lines in pieces, and paraphrases."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pytest

from demos.codec import Candidate, Codec, Decoding, SaysNothing, TextTooLong
from demos.operations.pieces import join_pieces, pieces_of
from demos.operations.sentences import language_of_text
from demos.operations.translating import is_paraphrase, reworded, translate

LONG = "I came home late in the evening, but my brother was still awake, and we talked until two at night."


def test_what_says_nothing_is_said_and_holds_nobody_up(codec: Codec) -> None:
    found = [one for batch in translate(codec, ["...", "Good morning!", "ᚠᚢᚦ"]) for one in batch]
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
    lines = [f"{LONG} {'x7q' * 1000}", "Good morning!"]
    (lasting,), (after,) = translate(codec, lines, pieces=True)
    assert isinstance(lasting.error, TextTooLong)
    assert after.answer is not None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("4 декабря 2001 года", "4 декабря 2000 года"),
        ("Киев — столица Украине.", "Киев — столица Украины."),
        ("киев столица украины", "Киев — столица Украины."),
        ("Я люблю кофе.", "Я не люблю кофе."),
        ("Он купил телефон.", "Он купил iPhone."),
        ("…", "Привет!"),
    ],
)
def test_what_is_no_paraphrase(text: str, source: str) -> None:
    assert not is_paraphrase(text, source)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Украинская столица — Киев.", "Киев — столица Украины."),
        ("Я остался дома.", "Я был дома."),
        ("Не люблю кофе.", "Кофе я не люблю."),
        ("Мне двенадцать.", "Мне 12 лет."),
    ],
)
def test_what_is_one(text: str, source: str) -> None:
    assert is_paraphrase(text, source)


class Parrot:
    """A stand-in codec that has the same candidates for every vector."""

    decoding = Decoding(num_beams=12)

    def __init__(self, *said: tuple[str, float]) -> None:
        self.said = [Candidate(text, 0.0, fidelity, np.ones(1)) for text, fidelity in said]

    def candidates(self, vectors: np.ndarray, n: int, settings: Decoding) -> list[list[Candidate]]:
        return [self.said[:n] for _ in vectors]


def said(codec: Parrot, source: str, count: int = 5) -> tuple[str, Sequence[str]]:
    ((own, others),) = reworded(codec, np.ones((1, 1)), [source], count)  # type: ignore[arg-type]
    return own.text, [one.text for one in others]


def test_the_own_answer_keeps_the_digits_where_a_beam_does() -> None:
    codec = Parrot(("Мне 30 лет.", 0.9), ("Мне 20 лет.", 0.89), ("Двадцать лет мне.", 0.8))
    assert said(codec, "Мне 20 лет.") == ("Мне 20 лет.", ["Двадцать лет мне."])


def test_paraphrases_are_the_most_faithful_first() -> None:
    codec = Parrot(("Дождь идёт.", 0.7), ("Идёт дождь.", 1.0), ("На улице дождь.", 0.8), ("Дождливо.", 0.75))
    assert said(codec, "Идёт дождь.", 2) == ("Дождь идёт.", ["На улице дождь.", "Дождливо."])
