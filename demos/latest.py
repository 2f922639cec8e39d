"""Which of a visitor's runs is the latest, so that an older one stops instead of overwriting its answers.

Gradio's own `cancels` comes too late for that: it may end the run that has just begun. A run that has
given a quick answer stays pending, until `settle` gives the careful one.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import gradio as gr
from gradio.components import Component

MOST_VISITORS = 10_000
REST = 0.3  # seconds without a new quick answer, after which the hand is taken to rest
_ENDED = 0


class Latest:
    """Counts the runs of every visitor; safe under threads."""

    def __init__(self) -> None:
        self._runs: OrderedDict[str, int] = OrderedDict()
        self._asked: dict[str, Any] = {}
        self._numbers = itertools.count(_ENDED + 1)
        self._lock = threading.Lock()

    def begin(self, request: gr.Request | None, asked: Any = None) -> int:
        """A new run of this visitor → its number; all their earlier runs are over.

        Args:
            asked: what the run answers, for `asked` to tell.
        """
        with self._lock:
            number = next(self._numbers)
            self._runs.pop(_visitor(request), None)
            self._runs[_visitor(request)] = number
            self._asked[_visitor(request)] = asked
            while len(self._runs) > MOST_VISITORS:
                del self._asked[self._runs.popitem(last=False)[0]]
        return number

    def asked(self, request: gr.Request | None) -> Any:
        """What the visitor's latest run was begun with; the page's controls may not show it yet."""
        with self._lock:
            return self._asked.get(_visitor(request))

    def end(self, request: gr.Request | None, number: int) -> None:
        """This run, if it is still the latest, has said all it had to say."""
        with self._lock:
            if self._runs.get(_visitor(request)) == number:
                self._runs[_visitor(request)] = _ENDED

    def pending(self, request: gr.Request | None) -> int | None:
        """The visitor's latest run, unless it has ended."""
        with self._lock:
            return self._runs.get(_visitor(request)) or None

    def has_begun(self, request: gr.Request | None) -> bool:
        """Whether this visitor has begun a run at all."""
        with self._lock:
            return _visitor(request) in self._runs

    def is_over(self, request: gr.Request | None, number: int) -> bool:
        """Whether this visitor has begun another run since, or this one has ended or was stopped."""
        with self._lock:
            return self._runs.get(_visitor(request)) != number

    def only(
        self, request: gr.Request | None, number: int, parts: Iterable[tuple[Any, ...]]
    ) -> Iterator[tuple[Any, ...]]:
        """The updates that a run yields, until it is over.

        At least one is given: Gradio empties the outputs of a generator that gives none.
        """
        for part in parts:
            if self.is_over(request, number):
                yield (gr.skip(),) * len(part)
                return
            yield part


def _visitor(request: gr.Request | None) -> str:
    return str(request.session_hash) if request else ""


def settle(
    latest: Latest,
    shown: Sequence[gr.HTML],
    careful: Callable[..., Iterator[tuple[Any, ...]]],
    inputs: Sequence[Component],
    outputs: Sequence[Component],
) -> None:
    """Once a quick answer stands for a moment, the careful one takes its place.

    Args:
        latest: a quick answer begins a run here and leaves it pending; the careful one ends it.
        shown: where quick answers appear.
        careful: (request, *values of inputs) → updates of outputs, part by part.
    """

    def rest(request: gr.Request, *values: Any) -> Iterator[tuple[Any, ...]]:
        yield (gr.skip(),) * len(outputs)
        number = latest.pending(request)
        if number is None:
            return
        time.sleep(REST)
        if not latest.is_over(request, number):
            yield from latest.only(request, number, careful(request, *values))
            latest.end(request, number)

    gr.on(
        [place.change for place in shown],
        rest,
        list(inputs),
        list(outputs),
        trigger_mode="always_last",
        show_progress="hidden",
        api_visibility="private",
        concurrency_id="settle",
        concurrency_limit=16,
    )
