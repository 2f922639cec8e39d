"""The live protocol: a quick answer while the hand moves, the careful one when it rests, and only the newest.

A tab gives its answer function, its inputs and its outputs, and says which events ask. Left to itself, Gradio
lets an older run write over newer answers, sends a run's last update again when the run has ended, loses what
waits behind a function that raised, and may lose all but the last of a run's updates where the browser is
busy (its client applies the difference between two updates to an object that the page has not read yet). A
tab that answers through `Live` is safe from all of it:

- Each question ends the earlier ones of the same page; what these still yield is dropped.
- A question begins only when what an earlier one has yielded is on its way to the page, so that messages
  arrive in the order of the questions.
- Every update of an answer holds what its run has shown before, but for values that a hand may have changed.
- Controls are filled in by a run of their own, which shows them once: the answer that follows neither repeats
  what a hand may have changed since nor takes it back.
- An exception, of whatever kind, becomes one sentence; what was shown before it stays.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.components import Component

from demos.codec import CodecError
from demos.ui.i18n import Language, error_text, language_of, say
from demos.ui.markup import error_line, status_line

REST = 0.3  # seconds without a new question, after which the hand is taken to rest
GRACE = 1.0  # seconds that a question waits for an earlier one's update to leave

Shown = dict[Block, Any]  # updates, by the component that they are of
Parts = Generator[Shown, None, bool | None]
Event = Any  # an event of a Gradio component: button.click
# The settings of an event that asks nothing: it changes what the page shows, at once.
PAGE_ONLY: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
# How many events that ask the model run at a time: of those that may take long twice as many as there may be
# large sets, at work and waiting; of those that want an answer or two as many as a batch of the decoder has.
LONG: dict[str, Any] = {"concurrency_id": "long", "concurrency_limit": 16}
SHORT: dict[str, Any] = {"concurrency_id": "short", "concurrency_limit": 16}
THREADS = 48  # for these and the answers that settle: each of them holds one, also while it waits


@dataclass
class Asked:
    """A question: what the page's controls say, by control.

    Attributes:
        values: of the inputs.
        language: of the visitor.
        quick: an answer is wanted at once; a careful one follows when the hand rests.
        todo: long work that was asked for and is not done; a later question takes it over. The answer
            function sets it to None when it shows the result.
        done: what long work has left for later questions, None before there is any.
    """

    values: dict[Component, Any]
    language: Language = "en"
    quick: bool = False
    todo: Any = None
    done: Any = None

    def __getitem__(self, control: Component) -> Any:
        return self.values[control]

    def fill(self, updates: Shown) -> None:
        """Take the new values of controls from their updates, as the page does."""
        for control, update in updates.items():
            if isinstance(control, Component) and control in self.values:
                if not _is_update(update):
                    self.values[control] = update
                elif "value" in update:
                    self.values[control] = update["value"]


class Visit:
    """The questions of one page to one tab, of which only the newest may show anything. Safe under threads.

    It lives in a `gr.State`, so that Gradio keeps one a page and forgets it with the page.
    """

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._newest = 0
        self._leaving = 0  # the question whose update has been yielded and is not on its way yet
        self._asked: Asked | None = None
        self._fills = self._filled = 0  # the number of runs that fill controls in, of the last that did
        self._kept: tuple[int, Asked, Parts] | None = None
        self._done: Any = None
        self.busy = False  # whether the page shows the button that stops long work

    def __deepcopy__(self, memo: dict[int, Any]) -> Visit:
        return Visit()

    @property
    def begun(self) -> bool:
        """Whether anything was asked, or is being filled in to be asked."""
        return self._newest > 0 or self._fills > 0

    def begin(self, asked: Asked | None) -> int:
        """Make this the newest question → its number; None ends the earlier ones and asks nothing.

        The question takes over what the one before it has not done.
        """
        with self._turn:
            self._newest += 1
            number = self._newest
            if asked is not None:
                if asked.todo is None and self._asked is not None:
                    asked.todo = self._asked.todo
                asked.done = self._done
            self._asked = asked
            self._turn.wait_for(lambda: not self._leaving, GRACE)
            self._leaving = 0
        return number

    def begin_fill(self) -> int:
        """The number of a run that begins to fill controls in, for `keep`."""
        with self._turn:
            self._fills += 1
            return self._fills

    def keep(self, fill: int, asked: Asked, parts: Parts) -> bool:
        """Begin a question whose controls are filled in, for `take`; False if a later fill overtook it."""
        with self._turn:
            if fill < self._filled:
                return False
            self._filled = fill
        number = self.begin(asked)
        with self._turn:
            self._kept = number, asked, parts
        return True

    def take(self) -> tuple[int, Asked, Parts] | None:
        """The kept question, for the run that answers it; once."""
        with self._turn:
            kept, self._kept = self._kept, None
            return kept

    def newest(self, number: int) -> Asked | None:
        """The question of this number, if none was asked since."""
        with self._turn:
            return self._asked if number == self._newest else None

    def repeats(self, asked: Asked) -> bool:
        """Whether the newest question was the same: a control that was filled in tells of it again."""
        with self._turn:
            before = self._asked.values if self._asked else {}
            return all(control in before and before[control] == asked[control] for control in asked.values)

    def leave(self, number: int, asked: Asked) -> bool:
        """Whether an update of this question may be yielded; `left` says that it is on its way."""
        with self._turn:
            if number != self._newest:
                return False
            self._leaving, self._asked = number, asked
            self._done, self.busy = asked.done, asked.todo is not None
            return True

    def left(self, number: int) -> None:
        with self._turn:
            if self._leaving == number:
                self._leaving = 0
                self._turn.notify_all()


def filled(updates: Shown) -> Callable[[Asked], Shown]:
    """What fills controls in with the same values whatever they say."""
    return lambda asked: updates


@dataclass(frozen=True)
class LongWork:
    """Work that takes long enough to be stopped.

    Attributes:
        question: what is to be done, from the controls' values; becomes `Asked.todo`.
        start, stop: the buttons; the one stands in the place of the other.
        idle: buttons that cannot be pressed while work is on: they need its whole result.
        status: where the page says how far it is; `stopped`: the key of what it says after Stop.
    """

    question: Callable[[Asked], Any]
    start: gr.Button
    stop: gr.Button
    status: gr.HTML
    stopped: str
    idle: Sequence[gr.Button] = ()

    def buttons(self, busy: bool) -> Shown:
        shown: Shown = {self.start: gr.update(visible=not busy), self.stop: gr.update(visible=busy)}
        return shown | {one: gr.update(interactive=not busy) for one in self.idle}


class Live:
    """A tab's answers, inside the Blocks that are being built.

    Args:
        answer: a question → updates of the outputs, part by part; returns whether the answer was a quick one,
            for which a careful one may be better. It may raise anything.
        inputs: what the answers depend on.
        outputs: what they change.
        failed: what is shown in place of an answer, from a line of HTML that says what went wrong.
        work: for a tab whose questions may take long.
    """

    def __init__(
        self,
        answer: Callable[[Asked], Parts],
        inputs: Collection[Component],
        outputs: Collection[Component],
        failed: Callable[[str], Shown],
        work: LongWork | None = None,
    ) -> None:
        self._answer, self._failed, self._work = answer, failed, work
        self._model = {"api_visibility": "private", **(LONG if work else SHORT)}
        self._visit = gr.State(Visit())
        # The number of the last quick answer: its change asks for the careful one.
        self._quick = gr.State(0)
        self._inputs = {*inputs, self._visit}
        self._outputs = [*outputs, self._quick, *(work.buttons(True) if work else ())]
        self._quick.change(
            self._rest,
            {self._visit, self._quick},
            self._outputs,
            trigger_mode="always_last",
            show_progress="hidden",
            api_visibility="private",
            concurrency_id="settle",
            concurrency_limit=16,
        )
        if work:
            work.stop.click(
                self._stop,
                {self._visit},
                [work.status, *work.buttons(False)],
                show_progress="hidden",
                api_visibility="private",
                concurrency_id="settle",
            )

    def follow(self, *events: Event) -> None:
        """Answer while the hand moves: one request at a time, then the one for where the hand is by now."""
        self._on(events, quick=True, trigger_mode="always_last")

    def now(
        self,
        *events: Event,
        fill: Callable[[Asked], Shown | None] | None = None,
        reads: Collection[Component] = (),
        fills: Collection[Block] = (),
        quick: bool = False,
        start: bool = False,
        visited: bool | None = None,
        waiting: Component | None = None,
    ) -> None:
        """Answer at once, whatever is on.

        Args:
            fill: updates of controls that come first, and that the answer is for; None if nothing is asked.
                It may raise anything; then nothing is asked either.
            reads: inputs of `fill`, beside those of the answer.
            fills: all that `fill` updates; what the answer updates is none of it.
            quick: answer quickly first.
            start: begin the long work anew.
            visited: answer only on a page that has asked here before (True) or has not (False).
            waiting: where the page shows that it waits.
        """
        progress = {"show_progress": "minimal" if waiting else "hidden", "show_progress_on": waiting}
        how: dict[str, Any] = {"quick": quick, "start": start, "visited": visited, **progress}
        if fill is None:
            self._on(events, trigger_mode="multiple", **how)
        else:
            self._fill(events, fill, {*self._inputs, *reads}, list(fills), **how)

    def _on(
        self,
        events: Collection[Event],
        *,
        quick: bool = False,
        start: bool = False,
        visited: bool | None = None,
        show_progress: Any = "hidden",
        **settings: Any,
    ) -> None:
        """Answer what the controls say."""

        def ask(values: dict[Component, Any], request: gr.Request) -> Iterator[Any]:
            visit: Visit = values.pop(self._visit)
            asked = Asked(values, language_of(request), quick)
            elsewhere = visited is not None and visited != visit.begun
            if elsewhere or (quick and visit.repeats(asked)):
                yield gr.skip()
                return
            parts = self._begun(asked, start)
            yield from self._show(visit, visit.begin(asked), asked, parts)

        gr.on(
            list(events),
            ask,
            self._inputs,
            self._outputs,
            show_progress=show_progress,
            **self._model,
            **settings,
        )

    def _fill(
        self,
        events: Collection[Event],
        fill: Callable[[Asked], Shown | None],
        inputs: Collection[Component],
        fills: Sequence[Block],
        *,
        quick: bool,
        start: bool,
        visited: bool | None,
        **settings: Any,
    ) -> None:
        """Fill controls in, then answer what they say."""

        def filled_in(values: dict[Component, Any], request: gr.Request) -> Any:
            visit: Visit = values.pop(self._visit)
            if visited is not None and visited != visit.begun:
                return gr.skip()
            number, asked = visit.begin_fill(), Asked(values, language_of(request), quick)
            updates: Shown | None = {}
            try:
                updates = fill(asked)
                if updates is None:
                    return gr.skip()
                asked.fill(updates)
                parts = self._begun(asked, start)
            except Exception as error:
                parts = self._failure(error, asked)
            kept = visit.keep(number, asked, parts)
            return updates if kept and updates else gr.skip()

        def answer(values: dict[Component, Any]) -> Iterator[Any]:
            visit: Visit = values[self._visit]
            kept = visit.take()
            if kept is None:
                yield gr.skip()
            else:
                yield from self._show(visit, *kept)

        event = gr.on(
            list(events),
            filled_in,
            inputs,
            fills,
            trigger_mode="multiple",
            show_progress="hidden",
            **self._model,
        )
        # While an earlier one is still on, Gradio would else drop it.
        event.then(answer, {self._visit}, self._outputs, trigger_mode="multiple", **settings, **self._model)

    def _begun(self, asked: Asked, start: bool) -> Parts:
        """The parts of the answer to a question; its long work begins anew if `start`."""
        try:
            if start and self._work:
                asked.todo = self._work.question(asked)
            return self._parts(asked)
        except Exception as error:
            return self._failure(error, asked)

    def _rest(self, values: dict[Component, Any]) -> Iterator[Any]:
        """The careful answer to the question that was answered quickly, once the hand rests."""
        visit, number = values[self._visit], values[self._quick]
        time.sleep(REST)
        asked = visit.newest(number)
        if asked is None:
            yield gr.skip()
        else:
            asked = replace(asked, quick=False)
            yield from self._show(visit, number, asked, self._parts(asked))

    def _stop(self, values: dict[Component, Any], request: gr.Request) -> Shown:
        """End what is on; what it has shown stays."""
        assert self._work is not None
        visit: Visit = values[self._visit]
        visit.begin(None)
        visit.busy = False
        stopped = status_line(say(self._work.stopped, language_of(request)))
        return {self._work.status: stopped, **self._work.buttons(False)}

    def _parts(self, asked: Asked) -> Parts:
        """What the answer function shows; of an exception what it says."""
        try:
            return (yield from self._answer(asked))
        except Exception as error:
            return (yield from self._failure(error, asked))

    def _failure(self, error: Exception, asked: Asked) -> Parts:
        if not isinstance(error, CodecError | gr.Error):
            logging.getLogger(__name__).exception("An answer failed", exc_info=error)
        asked.todo, asked.values = None, {}  # no later question repeats this one
        yield self._failed(error_line(error_text(error, asked.language)))
        return False

    def _show(self, visit: Visit, number: int, asked: Asked, parts: Parts) -> Iterator[Any]:
        """The updates of an answer for as long as its question is the newest."""
        total: Shown = {}
        ended = False
        try:
            while not ended:
                try:
                    shown = next(parts)
                except StopIteration as end:
                    shown, ended = ({self._quick: number} if end.value else {}), True
                    asked.todo = None
                if self._work and visit.busy != (asked.todo is not None):
                    shown = {**shown, **self._work.buttons(asked.todo is not None)}
                if not visit.leave(number, asked):
                    yield gr.skip()
                    return
                total = {**total, **shown}
                yield total or gr.skip()
                again = {one: _again(one, update) for one, update in total.items()}
                total = {one: update for one, update in again.items() if update is not None}
                if not ended:  # at the end Gradio sends the last update again
                    visit.left(number)
        finally:
            visit.left(number)
            parts.close()


def _again(component: Block, update: Any) -> Any:
    """What of an update may be sent again: an answer, but no value that was filled in and may be edited."""
    if isinstance(component, gr.HTML | gr.Plot):
        return update
    if not _is_update(update):
        return None
    return {name: value for name, value in update.items() if name != "value"} if "value" in update else update


def _is_update(update: Any) -> bool:
    return isinstance(update, dict) and update.get("__type__") == "update"
