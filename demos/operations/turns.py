"""Work that takes much memory: a little of it at a time, in the order in which it came."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from demos.codec import Busy

LOOK = 1.0  # seconds after which one that waits is told again, so that whoever has left is noticed
LOST = 120.0  # seconds without a sign of life, after which a turn is over: nobody runs its work any more


class Turn:
    """One of those that wait or are at work; `alive` is to be called between the steps of the work."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.alive()

    def alive(self) -> None:
        self.seen = monotonic()

    def waiting(self) -> Iterator[int]:
        """How many have to end before its work may begin: whenever that changes and every `LOOK` seconds,
        until there is none."""
        told = -1
        while told := self._turns.before(self, told):
            yield told


class Turns:
    """Lets `at_once` be at work, and `waiting` more wait. Safe under threads, which a turn may change."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._at_once, self._waiting = at_once, waiting
        self._order: list[Turn] = []
        self._changed = threading.Condition()

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """A place in the order, until the end of the block.

        Raises:
            Busy: too many wait.
        """
        with self._changed:
            self._drop_lost()
            if len(self._order) >= self._at_once + self._waiting:
                raise Busy(len(self._order) - self._at_once)
            mine = Turn(self)
            self._order.append(mine)
        try:
            yield mine
        finally:
            with self._changed:
                if mine in self._order:
                    self._order.remove(mine)
                self._changed.notify_all()

    def before(self, turn: Turn, told: int) -> int:
        """How many have to end before this one's work may begin, as soon as that is not what was told, or
        after `LOOK` seconds."""
        with self._changed:
            turn.alive()
            self._changed.wait_for(lambda: self._before(turn) != told, LOOK)
            return self._before(turn)

    def _before(self, turn: Turn) -> int:
        self._drop_lost()
        return max(0, self._order.index(turn) + 1 - self._at_once) if turn in self._order else 0

    def _drop_lost(self) -> None:
        now = monotonic()
        self._order = [one for one in self._order if now - one.seen < LOST]
