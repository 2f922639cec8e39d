"""What was used last is kept, and no more than there is room for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from demos.codec.memory import Memory


def test_what_was_kept_is_recalled() -> None:
    memory: Memory[str, int] = Memory(3)
    memory.keep({"a": 1, "b": 2})
    assert memory.recall(["b", "c", "b"]) == {"b": 2}
    memory.keep({"b": 5})
    assert memory.recall("ab") == {"a": 1, "b": 5}
    memory.clear()
    assert memory.recall("ab") == {}


def test_what_was_not_used_for_longest_goes_first() -> None:
    memory: Memory[str, int] = Memory(3)
    memory.keep(dict.fromkeys("abc", 0))
    memory.recall("a")
    memory.keep(dict.fromkeys("de", 0))
    assert memory.recall("abcde").keys() == set("ade")
    assert len(memory) == 3


def test_threads_may_keep_and_recall_at_once() -> None:
    memory: Memory[int, int] = Memory(50)

    def work(start: int) -> bool:
        for n in range(start, start + 2000):
            memory.keep({n: n, n + 1: n + 1})
            if any(key != value for key, value in memory.recall(range(n - 60, n)).items()):
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(0, 800, 100)))
    assert len(memory) == 50
