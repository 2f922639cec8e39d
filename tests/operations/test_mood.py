"""Praise and complaint, by words and by vectors."""

from __future__ import annotations

import numpy as np
import pytest

from demos.operations.mood import moods

AXIS = np.array([0.0, 1.0])


@pytest.mark.parametrize(
    ("praise", "blame"),
    [
        ("Цены низкие.", "Цены высокие."),
        ("Батарея долго держит заряд.", "Батарею долго ждали из доставки."),
        ("Доставили быстро.", "Быстро разряжается."),
        ("Ни разу не завис.", "Постоянно зависает."),
        ("Звук громкий.", "Музыка слишком громкая."),
        ("Заряда хватает на день.", "Заряда не хватает на день."),
        ("Еда вкусная.", "Еда невкусная."),
        ("Никаких очередей.", "Сплошные очереди."),
    ],
)
def test_words_decide_where_the_vector_does_not_tell(praise: str, blame: str) -> None:
    up, down = moods([praise, blame], np.tile([1.0, 0.0], (2, 1)), AXIS)
    assert up > 0 > down


def test_the_vector_decides_where_the_words_say_nothing() -> None:
    vectors = np.array([[0.9, 0.4], [0.9, -0.4]])
    up, down = moods(["The soup is tasty.", "The soup is cold."], vectors, AXIS)
    assert up > 0 > down
    assert moods(["The soup is tasty."], vectors[:1], AXIS, middle=0.5)[0] < 0


def test_what_neither_tells_goes_with_what_it_is_like() -> None:
    vectors = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    texts = ["Официанта ждали двадцать минут.", "Заказ готовят час.", "Вид отличный."]
    assert moods(texts, vectors, np.array([0.0, 1.0, 0.0]))[1] < 0
