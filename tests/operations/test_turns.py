"""Work that takes much memory waits for its turn, and no turn is kept for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from demos.codec import Busy
from demos.operations import turns
from demos.operations.turns import Turns


def test_they_begin_in_the_order_in_which_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LOOK", 60.0)
    order = Turns(at_once=2, waiting=2)
    a, b, c, d = (order.turn() for _ in range(4))
    assert [list(one.__enter__().waiting()) for one in (a, b)] == [[], []]
    third, fourth = c.__enter__().waiting(), d.__enter__().waiting()
    assert (next(third), next(fourth)) == (1, 2)
    with pytest.raises(Busy), order.turn():
        pass
    with ThreadPoolExecutor(2) as pool:
        later = pool.submit(list, third)
        last = pool.submit(list, fourth)
        b.__exit__(None, None, None)
        assert later.result(30) == []
        a.__exit__(None, None, None)
        assert last.result(30) in ([], [1]), "it may have been told in between"


def test_a_turn_without_a_sign_of_life_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LOOK", 0.0)
    now = 0.0
    monkeypatch.setattr(turns, "monotonic", lambda: now)
    order = Turns(at_once=1, waiting=1)
    with order.turn() as first, order.turn() as second:
        waiting = second.waiting()
        assert next(waiting) == 1
        now = turns.LOST - 1
        first.alive()
        assert next(waiting) == 1
        now = 2 * turns.LOST - 2
        assert next(waiting) == 1
        now = 2 * turns.LOST
        assert list(waiting) == []
    with order.turn() as another:
        assert list(another.waiting()) == []


def test_a_turn_ends_with_an_error_too() -> None:
    order = Turns(at_once=1, waiting=0)
    with pytest.raises(ZeroDivisionError), order.turn():
        1 / 0  # noqa: B018
    with order.turn() as turn:
        assert list(turn.waiting()) == []
