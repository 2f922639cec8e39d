"""py3langid's automaton in a fifth of the memory."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

PIECE = 32  # numbers of the table that are kept, or shared, together


class Transitions:
    """A table's numbers by their place, as the table gives them, what it repeats kept once.

    A row of the automaton's table says for each byte of a text which state follows. Most states follow
    for most bytes where the first one does, so of the table's pieces only one in six is unlike all others.
    """

    def __init__(self, table: array[int]) -> None:
        content = memoryview(table).cast("B")
        size = PIECE * table.itemsize
        numbers: dict[bytes, int] = {}  # of the distinct pieces
        self._number_of = array("I")  # of each piece of the table
        for start in range(0, len(content), size):
            self._number_of.append(numbers.setdefault(bytes(content[start : start + size]), len(numbers)))
        self._distinct: Sequence[int] = memoryview(b"".join(numbers)).cast(table.typecode)  # type: ignore[arg-type,assignment]

    def __getitem__(self, place: int) -> int:
        return self._distinct[self._number_of[place // PIECE] * PIECE + place % PIECE]
