"""Calls from many threads share batches, take turns, and never wait for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from demos.codec import Busy
from demos.codec.batcher import Batcher, give_way


class Worker:
    """Multiplies numbers by the settings, remembers its batches, and waits while `gate` is shut."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.batches: list[tuple[list[int], int]] = []

    def __call__(self, items: list[int], factor: int) -> list[int]:
        self.batches.append((items, factor))
        self.entered.set()
        assert self.gate.wait(20)
        if -1 in items:
            raise ArithmeticError("minus one")
        return [item * factor for item in items]


def wait_for(batcher: Batcher[int, int, int], waiting: int) -> None:
    """Until so many requests are with the batcher."""
    tick = threading.Event()
    for _ in range(2000):
        if len(batcher._pending) == waiting:
            return
        tick.wait(0.01)
    pytest.fail(f"{len(batcher._pending)} requests wait, not {waiting}")


def test_results_keep_their_order_over_several_batches() -> None:
    worker = Worker()
    assert Batcher(worker, size=lambda _: 4)(range(10), 3) == [3 * n for n in range(10)]
    assert [len(items) for items, _ in worker.batches] == [4, 4, 2]


def test_the_size_of_a_batch_may_depend_on_the_settings() -> None:
    worker = Worker()
    batcher = Batcher(worker, size=lambda setting: setting)
    batcher(range(5), 2)
    batcher(range(5), 5)
    assert [len(items) for items, _ in worker.batches] == [2, 2, 1, 5]


def test_calls_that_wait_share_a_batch_with_those_of_the_same_settings() -> None:
    worker = Worker()
    batcher = Batcher(worker, size=lambda _: 100)
    worker.gate.clear()
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher, [0], 1)
        assert worker.entered.wait(20)
        same = [pool.submit(batcher, [n, n + 100], 2) for n in range(5)]
        other = pool.submit(batcher, [7], 5)
        wait_for(batcher, 7)
        worker.gate.set()
        assert first.result(20) == [0]
        assert [call.result(20) for call in same] == [[2 * n, 2 * n + 200] for n in range(5)]
        assert other.result(20) == [35]
    assert sorted(len(items) for items, _ in worker.batches) == [1, 1, 10]


def test_a_long_call_leaves_room_for_short_ones() -> None:
    worker = Worker()
    batcher = Batcher(worker, size=lambda _: 10)
    worker.gate.clear()
    with ThreadPoolExecutor(3) as pool:
        long = pool.submit(batcher, range(100), 1)
        assert worker.entered.wait(20)
        short = [pool.submit(batcher, [1000], 1), pool.submit(batcher, [2000], 1)]
        wait_for(batcher, 3)
        worker.gate.set()
        assert long.result(20) == list(range(100))
        assert [call.result(20) for call in short] == [[1000], [2000]]
    places = [i for i, (items, _) in enumerate(worker.batches) if 1000 in items or 2000 in items]
    assert places == [1]


def test_beside_short_calls_the_batches_of_a_long_one_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker()
    batcher = Batcher(worker, size=lambda _: 12)
    worker.gate.clear()
    with ThreadPoolExecutor(3) as pool:
        long = pool.submit(batcher, range(40), 1)
        assert worker.entered.wait(20)
        short = [pool.submit(batcher, [1000 + n], n) for n in (2, 3)]
        wait_for(batcher, 3)
        worker.gate.set()
        assert long.result(20) == list(range(40))
        assert [call.result(20) for call in short] == [[2004], [3009]]
    sizes = [len(items) for items, settings in worker.batches if settings == 1]
    assert sizes == [12, *[3] * 9, 1]
    assert [settings for _, settings in worker.batches[:4]] == [1, 2, 1, 3], "they take turns"
    monkeypatch.setattr("demos.codec.batcher.CALM", 0.0)
    worker.batches.clear()
    assert batcher(range(24), 1) == list(range(24))
    assert [len(items) for items, _ in worker.batches] == [12, 12]


class Stepper:
    """Does a batch in three steps, each of which gives way and is remembered; a step may wait for a gate."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int]] = []  # the settings, the number of items
        self.entered, self.gate = threading.Event(), threading.Event()

    def __call__(self, items: list[int], factor: int) -> list[int]:
        for _ in range(3):
            give_way()
            self.steps.append((factor, len(items)))
            self.entered.set()
            assert self.gate.wait(20)
        if -1 in items:
            raise ArithmeticError("minus one")
        return [item * factor for item in items]


def test_quick_calls_go_first_in_the_midst_of_a_long_batch() -> None:
    stepper = Stepper()
    batcher = Batcher(stepper, size=lambda _: 8)
    with ThreadPoolExecutor(5) as pool:
        long = pool.submit(batcher, range(8), 1)
        assert stepper.entered.wait(20)
        quick = [pool.submit(batcher, [n], 2) for n in (10, 20)]
        wrong = pool.submit(batcher, [-1], 4)
        slow = pool.submit(batcher, range(3), 3)
        wait_for(batcher, 5)
        stepper.gate.set()
        assert [call.result(20) for call in quick] == [[20], [40]]
        with pytest.raises(ArithmeticError):
            wrong.result(20)
        assert long.result(20) == list(range(8))
        assert slow.result(20) == [0, 3, 6]
    whole_batch, two_quick, another = [(1, 8)], [(2, 2)] * 3, [(4, 1)] * 3
    assert stepper.steps[:9] == [*whole_batch, *two_quick, *whole_batch, *another, *whole_batch]
    assert {settings for settings, _ in stepper.steps[9:]} == {3}, "what is not quick waits for its turn"


def test_long_work_leaves_the_processor_to_the_quick_work_of_another_batcher(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("demos.codec.batcher.YIELDS", 20.0)
    stepper, worker = Stepper(), Worker()
    long_one, quick_one = Batcher(stepper, size=lambda _: 8), Batcher(worker, size=lambda _: 8)
    worker.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        long = pool.submit(long_one, range(8), 1)
        assert stepper.entered.wait(20)
        quick = pool.submit(quick_one, [1], 1)
        assert worker.entered.wait(20)
        stepper.gate.set()
        time.sleep(0.2)
        assert len(stepper.steps) == 1
        worker.gate.set()
        assert quick.result(20) == [1]
        assert long.result(20) == list(range(8))


def test_outside_a_batch_nobody_gives_way() -> None:
    give_way()


def test_calls_of_one_after_another_keep_their_batches_whole() -> None:
    worker = Worker()
    batcher = Batcher(worker, size=lambda _: 12)
    for _ in range(2):
        batcher([1], 1)
        batcher(range(24), 1)
    assert [len(items) for items, _ in worker.batches] == [1, 12, 12] * 2


def test_an_error_reaches_its_callers_and_the_worker_lives_on() -> None:
    batcher = Batcher(Worker(), size=lambda _: 4)
    with pytest.raises(ArithmeticError, match="minus one"):
        batcher([1, -1], 1)
    assert batcher([1, 2], 1) == [1, 2]


def test_one_too_many_is_busy() -> None:
    worker = Worker()
    batcher = Batcher(worker, size=lambda _: 1, waiting=2)
    worker.gate.clear()
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(batcher, [n], 1) for n in range(2)]
        wait_for(batcher, 2)
        with pytest.raises(Busy, match="2 requests"):
            batcher([3], 1)
        worker.gate.set()
        assert sorted(call.result(20)[0] for call in calls) == [0, 1]


def test_patience_ends() -> None:
    worker = Worker()
    batcher = Batcher(worker, size=lambda _: 1, patience=0.05)
    worker.gate.clear()
    with pytest.raises(Busy):
        batcher([1], 1)
    worker.gate.set()
    batcher = Batcher(worker, size=lambda _: 1)
    assert batcher([5], 1) == [5]


def test_patience_lasts_while_a_request_gets_on() -> None:
    def slow(items: list[int], settings: int) -> list[int]:
        time.sleep(0.4)
        return items

    batcher = Batcher(slow, size=lambda _: 1, patience=1.5)
    assert batcher(range(5), 1) == list(range(5))


def test_a_request_that_gave_up_does_not_come_back() -> None:
    worker = Worker()
    batcher = Batcher(worker, size=lambda _: 1, patience=0.05)
    worker.gate.clear()
    for _ in range(3):
        with pytest.raises(Busy):
            batcher([1], 1)
    assert not batcher._pending
