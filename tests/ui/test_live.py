"""The live protocol without a browser: what a page may be shown, question by question."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, cast

import gradio as gr
import pytest

from demos.codec import EmptyInput
from demos.ui import live as module
from demos.ui.i18n import TEXTS
from demos.ui.live import Asked, Live, LongWork, Parts, Shown, Visit


@dataclass
class Tab:
    """A tab with one text, an example that fills it in, and long work."""

    answer: Callable[[Tab, Asked], Parts]
    page: gr.Blocks = field(default_factory=gr.Blocks)
    values: dict[Any, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with self.page:
            self.text, self.go, self.stop = gr.Textbox(), gr.Button(), gr.Button(visible=False)
            self.example, self.said, self.status = gr.Button(), gr.HTML(), gr.HTML()
            work = LongWork(
                lambda asked: asked[self.text], self.go, self.stop, self.status, "average_stopped"
            )
            self.live = Live(
                lambda asked: self.answer(self, asked),
                [self.text],
                [self.said, self.status],
                failed=lambda line: {self.status: line},
                work=work,
            )
            self.live.follow(self.text.change)
            self.live.now(self.go.click, start=True)
            self.opened = gr.Button()
            self.live.now(self.opened.click, visited=False)
            self.live.now(self.example.click, fill=module.filled({self.text: "example"}), fills=[self.text])
        self.visit = Visit()

    def ask(self, control: Any, event: str, **values: Any) -> Iterator[Any]:
        """The updates of an event, as Gradio would go through them: those of the run after it too."""
        ((number, function),) = (
            (number, one.fn)
            for number, one in self.page.fns.items()
            if (control._id, event) in one.targets and one.fn
        )
        then = [after.fn for after in self.page.fns.values() if after.trigger_after == number and after.fn]
        asked = {self.text: values.get("text", ""), self.live._visit: self.visit}
        if control is self.live._quick:
            return cast(Iterator[Any], function(asked | {control: values["number"]}))
        if not then:
            return cast(Iterator[Any], function(asked, None))
        first = function(dict(asked), None)
        return chain([first], then[0](asked))

    def press_stop(self) -> Shown:
        return self.live._stop({self.live._visit: self.visit}, None)  # type: ignore[arg-type]


def capitals(tab: Tab, asked: Asked) -> Parts:
    yield {tab.said: asked[tab.text].upper()}
    return asked.quick


def slowly(tab: Tab, asked: Asked) -> Parts:
    if asked.todo is not None:
        for step in range(3):
            yield {tab.status: f"{step} of 3"}
        asked.done, asked.todo = asked.todo, None
    yield {tab.said: asked.done}
    return False


def shown(parts: Iterator[Any]) -> list[Shown]:
    """What is new in each update."""
    known: Shown = {}
    new = []
    for part in parts:
        if part != gr.skip():
            new.append({key: value for key, value in part.items() if key not in known or known[key] != value})
            known |= part
    return [part for part in new if part]


READY = (gr.update(visible=True), gr.update(visible=False))  # the buttons that start and stop
BUSY = READY[::-1]


def buttons(tab: Tab, part: Shown) -> Any:
    return (part.get(tab.go), part.get(tab.stop))


def test_an_update_holds_what_was_shown_before_but_not_what_may_be_edited() -> None:
    """The browser may see nothing but the last update of a run."""

    def two(tab: Tab, asked: Asked) -> Parts:
        yield {tab.said: "answer"}
        yield {tab.status: "done"}
        return False

    tab = Tab(two)
    *_, last = tab.ask(tab.go, "click", text="a")
    assert last == {tab.said: "answer", tab.status: "done", tab.go: READY[0], tab.stop: READY[1]}
    tab = Tab(capitals)
    assert list(tab.ask(tab.example, "click", text="a")) == [
        {tab.text: "example"},
        {tab.said: "EXAMPLE"},
        {tab.said: "EXAMPLE"},
    ]

    def chosen(tab: Tab, asked: Asked) -> Parts:
        yield {tab.text: gr.update(value="filled in", lines=3)}
        yield {tab.said: gr.update(value="answer")}
        return False

    tab = Tab(chosen)
    first, *_, last = tab.ask(tab.go, "click", text="a")
    assert first[tab.text] == gr.update(value="filled in", lines=3)
    assert (last[tab.text], last[tab.said]) == (gr.update(lines=3), gr.update(value="answer"))


def test_a_quick_answer_is_followed_by_the_careful_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REST", 0.0)
    asked: list[bool] = []

    def noted(tab: Tab, question: Asked) -> Parts:
        asked.append(question.quick)
        yield {tab.said: question[tab.text]}
        return question.quick

    tab = Tab(noted)
    answer, rest = shown(tab.ask(tab.text, "change", text="a"))
    assert (answer[tab.said], asked) == ("a", [True])
    number = rest[tab.live._quick]
    assert shown(tab.ask(tab.live._quick, "change", number=number)) == [{tab.said: "a"}]
    assert asked == [True, False]
    list(tab.ask(tab.text, "change", text="b"))
    assert shown(tab.ask(tab.live._quick, "change", number=number)) == []


def test_a_newer_question_silences_an_older_one() -> None:
    tab = Tab(slowly)
    old = tab.ask(tab.go, "click", text="old")
    assert next(old)[tab.status] == "0 of 3"
    assert next(old)[tab.status] == "1 of 3"
    new = tab.ask(tab.go, "click", text="new")
    assert next(new)[tab.status] == "0 of 3"
    assert list(old) == [gr.skip()]
    assert shown(new)[-1][tab.said] == "new"


def test_a_question_waits_until_an_older_update_is_on_its_way() -> None:
    tab = Tab(slowly)
    old = tab.ask(tab.go, "click", text="old")
    next(old)
    left = threading.Event()

    def leave() -> None:
        left.set()
        next(old)

    threading.Timer(0.1, leave).start()
    next(tab.ask(tab.go, "click", text="new"))
    assert left.is_set()


def test_a_stopped_run_does_not_come_back() -> None:
    tab = Tab(slowly)
    run = tab.ask(tab.go, "click", text="a")
    assert buttons(tab, next(run)) == BUSY
    stopped = tab.press_stop()
    assert buttons(tab, stopped) == READY
    assert TEXTS["en"]["average_stopped"] in stopped[tab.status]
    assert list(run) == [gr.skip()]
    last = shown(tab.ask(tab.text, "change", text="b"))
    assert last == [{tab.said: None}], "what was stopped is not begun again"


def test_the_buttons_come_back_with_the_answer() -> None:
    tab = Tab(slowly)
    parts = shown(tab.ask(tab.go, "click", text="a"))
    none = (None, None)
    assert [buttons(tab, part) for part in parts] == [BUSY, none, none, READY]


def test_a_later_question_takes_over_what_is_not_done() -> None:
    tab = Tab(slowly)
    run = tab.ask(tab.go, "click", text="long")
    next(run)
    follow = shown(tab.ask(tab.text, "change", text="other"))
    assert list(run) == [gr.skip()]
    assert follow[-1][tab.said] == "long"
    assert buttons(tab, follow[-1]) == READY
    again = shown(tab.ask(tab.text, "change", text="another"))
    assert again == [{tab.said: "long"}], "what was done is kept"


@pytest.mark.parametrize("error", [EmptyInput(), RuntimeError("broken"), gr.Error("quota"), MemoryError()])
def test_any_exception_is_one_sentence_and_the_button_comes_back(error: Exception) -> None:
    def broken(tab: Tab, asked: Asked) -> Parts:
        yield {tab.said: "half"}
        raise error

    tab = Tab(broken)
    first, last = shown(tab.ask(tab.go, "click", text="a"))
    assert first[tab.said] == "half"
    assert tab.said not in last, "it stays"
    assert 'role="alert"' in last[tab.status]
    assert buttons(tab, last) == READY
    if isinstance(error, RuntimeError):
        assert "RuntimeError" in last[tab.status]
    if isinstance(error, gr.Error):
        assert "share of the GPU" in last[tab.status]


def test_what_fills_controls_in_comes_first_and_is_not_asked_twice() -> None:
    tab = Tab(capitals)
    filled, answer = shown(tab.ask(tab.example, "click", text="typed"))
    assert (filled[tab.text], answer[tab.said]) == ("example", "EXAMPLE")
    assert list(tab.ask(tab.text, "change", text="example")) == [gr.skip()], "the control tells of it again"
    assert shown(tab.ask(tab.text, "change", text="typed"))[0][tab.said] == "TYPED"


def test_a_tab_that_opens_leaves_alone_what_is_being_filled_in() -> None:
    tab = Tab(capitals)
    tab.visit.begin_fill()
    assert shown(tab.ask(tab.opened, "click", text="its own")) == []
    tab.visit = Visit()
    assert shown(tab.ask(tab.opened, "click", text="its own"))[0][tab.said] == "ITS OWN"


def test_of_two_fills_the_later_one_stays() -> None:
    """A run that fills controls in may be overtaken by one that was asked for later."""
    visit = Visit()
    slow, fast = visit.begin_fill(), visit.begin_fill()
    asked = Asked({})
    nothing = capitals(cast(Tab, None), asked)
    assert visit.keep(fast, asked, nothing)
    assert not visit.keep(slow, Asked({}), nothing)
    kept = visit.take()
    assert kept is not None
    assert kept[1] is asked
    assert visit.take() is None


def test_a_failed_question_may_be_asked_again() -> None:
    fails = [True]

    def sometimes(tab: Tab, asked: Asked) -> Parts:
        if fails.pop():
            raise EmptyInput()
        yield {tab.said: asked[tab.text]}
        return False

    tab = Tab(sometimes)
    assert 'role="alert"' in shown(tab.ask(tab.text, "change", text="a"))[0][tab.status]
    fails.append(False)
    assert shown(tab.ask(tab.text, "change", text="a")) == [{tab.said: "a"}]


def test_a_page_that_is_left_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    tab = Tab(slowly)
    run = tab.ask(tab.go, "click", text="a")
    next(run)
    run.close()  # type: ignore[attr-defined]
    monkeypatch.setattr(module, "GRACE", 60.0)
    assert next(tab.ask(tab.go, "click", text="b"))[tab.status] == "0 of 3"


def test_updates_are_read_as_the_page_reads_them() -> None:
    with gr.Blocks():
        one, other, box = gr.Slider(), gr.Radio(), gr.Row()
    asked = Asked({one: 1, other: "a"})
    asked.fill({one: gr.update(maximum=5), other: gr.update(value="b"), box: gr.update(visible=False)})
    assert asked.values == {one: 1, other: "b"}


def test_every_page_has_its_own_visit() -> None:
    visit = Visit()
    visit.begin(None)
    assert visit.begun
    assert not deepcopy(visit).begun
