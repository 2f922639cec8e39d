"""What counts as other words, and that paraphrases keep what the source says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from demos.codec import Candidate, Decoding
from demos.operations.paraphrase import is_paraphrase, reworded


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

    def candidates(self, vectors: np.ndarray, n: int) -> list[list[Candidate]]:
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
