"""Which of a visitor's runs is the latest, so that an older one stops instead of overwriting its answers.

Gradio's own `cancels` comes too late for that: it may end the run that has just begun.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import gradio as gr

MOST_VISITORS = 10_000


class Latest:
    """Counts the runs of every visitor; safe under threads."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, request: gr.Request) -> int:
        """A new run of this visitor → its number; all their earlier runs are over."""
        visitor = str(request.session_hash)
        with self._lock:
            number = self._runs.pop(visitor, 0) + 1
            self._runs[visitor] = number
            while len(self._runs) > MOST_VISITORS:
                self._runs.popitem(last=False)
        return number

    def has_begun(self, request: gr.Request) -> bool:
        """Whether this visitor has begun a run at all."""
        with self._lock:
            return str(request.session_hash) in self._runs

    def is_over(self, request: gr.Request, number: int) -> bool:
        """Whether this visitor has begun another run since, or stopped this one."""
        with self._lock:
            return self._runs.get(str(request.session_hash)) != number
