"""Requests of many threads, gathered into batches for one worker.

While the worker is busy with a batch, new requests wait; the next batch takes all that wait and
agree in their settings. So a visitor alone never waits for others to come, and twenty at once
cost little more than one. Long requests and short ones take turns, and as long as short ones come, the
batches of long ones are small. And the quick ones, which are small beside a batch, need not wait for its
end: what does long work calls `give_way` between its steps. So a moving slider waits for little beside
somebody's long list.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from demos.codec.errors import Busy

Item = TypeVar("Item")
Result = TypeVar("Result")
Settings = TypeVar("Settings", bound=Hashable)

FRACTION = 4  # a request is short up to this part of a batch; batches of long ones beside it are so large
CALM = 5.0  # seconds without a short request beside a long one, after which batches are whole again
YIELDS = 0.05  # seconds that a step of long work waits for the quick work of other batchers, at most

_own = threading.local()  # `way`: what the long batch that this thread is at does to give way
_quick: set[object] = set()  # the quick batches that are at work


def give_way() -> None:
    """Between the steps of long work: what is quick goes first. Does nothing outside a long batch."""
    way: Callable[[], None] | None = getattr(_own, "way", None)
    if way is not None:
        way()


@dataclass(eq=False)
class Request(Generic[Item, Result, Settings]):
    """Items of one caller and the results that are there so far."""

    items: Sequence[Item]
    settings: Settings
    results: list[Result] = field(default_factory=list)
    done: Future[list[Result]] = field(default_factory=Future)


Share = tuple[Request[Item, Result, Settings], int, int]  # a request, its first item to do, how many


class Batcher(Generic[Item, Result, Settings]):
    """Calls `run(items, settings)` for items of one or more callers; call it like a function.

    Args:
        run: items and their settings → a result for each item. Never called twice at once.
        size: settings → the most items in a batch.
        waiting: the most requests that may wait; one more is `Busy`.
        patience: seconds without a new result after which a request gives up and is `Busy` too.
    """

    def __init__(
        self,
        run: Callable[[list[Item], Settings], Sequence[Result]],
        size: Callable[[Settings], int],
        waiting: int = 128,
        patience: float = 120.0,
    ) -> None:
        self._run, self._size, self._waiting, self._patience = run, size, waiting, patience
        self._start()

    def _start(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._pending: deque[Request[Item, Result, Settings]] = deque()
        self._worker = ThreadPoolExecutor(1)
        self._crowded = -CALM  # when a short request last came beside others
        self._short_turn = True

    def __call__(self, items: Sequence[Item], settings: Settings) -> list[Result]:
        """Results of the items, in their order; raises what `run` raises, or `Busy`."""
        if self._pid != os.getpid():  # a forked process has no worker (ZeroGPU forks)
            _quick.clear()
            self._start()
        request: Request[Item, Result, Settings] = Request(items, settings)
        with self._lock:
            if len(self._pending) >= self._waiting:
                raise Busy(len(self._pending))
            if self._pending and self._is_short(request):
                self._crowded = time.monotonic()
            self._pending.append(request)
        self._worker.submit(self._round)
        there = -1
        while there < len(request.results):  # a long one goes on as long as it gets anywhere
            there = len(request.results)
            try:
                return request.done.result(self._patience)
            except FutureTimeout:
                pass
        with self._lock:
            waiting = len(self._pending)
            if request in self._pending:
                self._pending.remove(request)
        raise Busy(waiting)

    def _round(self) -> None:
        """Do one batch; another round follows if anything is left."""
        with self._lock:
            if not self._pending:
                return
            settings, shares = self._next()
        self._do(settings, shares)
        with self._lock:
            if self._pending:
                self._worker.submit(self._round)

    def _do(self, settings: Settings, shares: list[Share[Item, Result, Settings]]) -> None:
        """A batch. One with a quick request in it is done in one go, another gives way to such ones."""
        parts = [(r, r.items[at : at + n]) for r, at, n in shares]
        batch = [item for _, items in parts for item in items]
        quick, before, me = any(self._is_quick(r) for r, _, _ in shares), getattr(_own, "way", None), object()
        _own.way = None if quick else self._give_way
        if quick:
            _quick.add(me)
        try:
            results = list(self._run(batch, settings))
        except Exception as error:
            with self._lock:
                for request, _ in parts:
                    self._finish(request, error)
        else:
            with self._lock:
                for request, items in parts:
                    request.results += results[: len(items)]
                    del results[: len(items)]
                    if len(request.results) == len(request.items):
                        self._finish(request)
                    elif request in self._pending:  # to the back: it shares the worker in turns
                        self._pending.remove(request)
                        self._pending.append(request)
        finally:
            _own.way = before
            _quick.discard(me)

    def _give_way(self) -> None:
        """Do the quick requests that wait here, and leave the processor to those of other batchers."""
        with self._lock:
            waiting = [request for request in self._pending if self._is_quick(request)]
            if waiting:
                settings = waiting[0].settings
                same = [request for request in waiting if request.settings == settings]
                shares = self._shares(same, self._size(settings))
        if waiting:
            self._do(settings, shares)
        end = time.monotonic() + YIELDS
        while _quick and time.monotonic() < end:
            time.sleep(0.001)

    def _is_quick(self, request: Request[Item, Result, Settings]) -> bool:
        return len(request.items) <= self._size(request.settings) // FRACTION

    def _is_short(self, request: Request[Item, Result, Settings]) -> bool:
        return len(request.items) - len(request.results) <= max(1, self._size(request.settings) // FRACTION)

    def _next(self) -> tuple[Settings, list[Share[Item, Result, Settings]]]:
        """The settings and the shares of the next batch: short requests and long ones in turns."""
        short = [request for request in self._pending if self._is_short(request)]
        long = [request for request in self._pending if request not in short]
        self._short_turn = bool(short) and (self._short_turn or not long)
        waiting = short if self._short_turn else long
        settings = waiting[0].settings
        capacity = self._size(settings)
        if not self._short_turn and time.monotonic() - self._crowded < CALM:
            capacity = max(1, capacity // FRACTION)
        self._short_turn = not self._short_turn
        return settings, self._shares([one for one in waiting if one.settings == settings], capacity)

    def _shares(
        self, chosen: list[Request[Item, Result, Settings]], capacity: int
    ) -> list[Share[Item, Result, Settings]]:
        """Short requests whole, the rest in equal parts."""
        shares = []
        left = sorted(chosen, key=lambda request: len(request.items) - len(request.results))
        for place, request in enumerate(left):
            at = len(request.results)
            count = min(len(request.items) - at, capacity // (len(left) - place) or min(capacity, 1))
            if count:
                shares.append((request, at, count))
                capacity -= count
        return shares

    def _finish(self, request: Request[Item, Result, Settings], error: Exception | None = None) -> None:
        if request in self._pending:
            self._pending.remove(request)
        if error is not None:
            request.done.set_exception(error)
        else:
            request.done.set_result(request.results)
