"""A step of the search as one CUDA graph, for small batches on a GPU.

A step is some hundreds of small kernels, and for a few sentences a GPU waits for each to be launched. A
graph (NVIDIA's CUDA graphs, as in ``torch.cuda.CUDAGraph``) launches them all at once, but only with the
shapes and addresses that it was captured with: those of a `Board`.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import TYPE_CHECKING, Any

import torch
from cachetools import LRUCache
from torch import Tensor

from demos.codec.board import Board, Key

if TYPE_CHECKING:
    from demos.codec.decoder import Beam
    from demos.codec.t5 import FastDecoder

CAPACITY = 32  # steps that the first board of a search has a capacity of; each further one has twice as many
ROWS = 64  # n·k up to which a batch counts as small
BOARDS, MEMORY = 32, 1 << 30  # how many boards are kept, and how many bytes of them

_log = logging.getLogger(__name__)
_capturing = threading.Lock()  # CUDA allows one capture at a time in a process


class Graphs:
    """Boards of one decoder, each with its graph, captured at its first use; safe under threads.

    Args:
        capture: whether steps are captured; without, as on a CPU, they are run as they are.
        rows, kept, memory: what `ROWS`, `BOARDS` and `MEMORY` say.
    """

    def __init__(
        self, capture: bool = True, rows: int = ROWS, kept: int = BOARDS, memory: int = MEMORY
    ) -> None:
        self.capture, self.rows = capture, rows

        def weight(board: Board) -> int:
            """Its bytes, but so many that no more than `kept` boards fit, and not too many for it alone."""
            return min(max(board.bytes, memory // kept), memory)

        self.boards: LRUCache[Key, Board] = LRUCache(memory, weight)
        self.failed = False
        self._lock, self._pid = threading.Lock(), os.getpid()
        self._place: tuple[torch.cuda.Stream, Any] | None = None  # where steps are captured

    def search(
        self, decoder: FastDecoder, states: Tensor, k: int, penalty: float, longest: int
    ) -> list[list[Beam]] | None:
        """As `FastDecoder.generate`, for states (n, d); None where the plain steps are to do it.

        They do large batches, all that comes after a failure, and what a forked process is asked
        for (ZeroGPU forks for each call, and a graph captured there would be lost with the process).
        """
        n = 1 << (len(states) - 1).bit_length()  # of few sizes, for few graphs
        if self.failed or n * k > self.rows or self._pid != os.getpid():
            return None
        with self._lock:
            try:
                return self._search(decoder, states, (n, k, CAPACITY, penalty), longest)
            except RuntimeError:
                self.failed = True
                self.boards.clear()
                _log.warning("CUDA graphs are not to be had: decoding goes on without them", exc_info=True)
                return None

    def _search(self, decoder: FastDecoder, states: Tensor, key: Key, longest: int) -> list[list[Beam]]:
        n, k, _, penalty = key
        board = self._board(decoder, key)
        following = board.begin(decoder.cross_attention(states))
        for t in range(longest - 1):
            if t == board.capacity:
                old, board = board, self._board(decoder, (n, k, 2 * board.capacity, penalty))
                board.take_over(old)
            found = board.run(decoder, following)
            following = board.search.choose(found, t, last=t == longest - 2)
            if len(board.search.over) == n:
                break
        return board.search.finished[: len(states)]

    def _board(self, decoder: FastDecoder, key: Key) -> Board:
        """The board of the key, made now if it was not yet; those unused for longest make way."""
        board = self.boards.get(key)
        if board is None:
            board = Board(decoder, key)
            if self.capture:
                self._capture(decoder, board)
            self.boards[key] = board
        return board

    def _capture(self, decoder: FastDecoder, board: Board) -> None:
        """Capture a step of the board; all graphs share a pool of memory, since no two run at once."""
        if self._place is None:
            self._place = torch.cuda.Stream(board.t.device), torch.cuda.graph_pool_handle()
        stream, pool = self._place
        graph = torch.cuda.CUDAGraph()
        stream.wait_stream(torch.cuda.current_stream(board.t.device))
        with _capturing, torch.cuda.stream(stream):
            board.step(decoder)  # kernels are loaded and workspaces allocated at a first run
            graph.capture_begin(pool, capture_error_mode="thread_local")  # others may use the GPU
            try:
                board.step(decoder)
            finally:
                graph.capture_end()
        torch.cuda.current_stream(board.t.device).wait_stream(stream)
        board.graph = graph
