"""A visitor's runs: which is the latest, and what a run may still show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from demos import latest as module
from demos.latest import Latest


def visitor(name: str) -> gr.Request:
    return cast(gr.Request, SimpleNamespace(session_hash=name))


ONE, OTHER = visitor("one"), visitor("other")


def test_a_new_run_ends_the_earlier_ones_of_the_same_visitor() -> None:
    latest = Latest()
    assert not latest.has_begun(ONE)
    first, foreign = latest.begin(ONE), latest.begin(OTHER)
    assert not latest.is_over(ONE, first)
    second = latest.begin(ONE)
    assert latest.is_over(ONE, first)
    assert not latest.is_over(ONE, second)
    assert not latest.is_over(OTHER, foreign)


def test_a_run_is_pending_until_it_ends() -> None:
    latest = Latest()
    assert latest.pending(ONE) is None
    old, new = latest.begin(ONE), latest.begin(ONE)
    latest.end(ONE, old)
    assert latest.pending(ONE) == new
    latest.end(ONE, new)
    assert latest.pending(ONE) is None
    assert latest.is_over(ONE, new)
    assert latest.has_begun(ONE)


def test_the_longest_idle_visitors_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_VISITORS", 2)
    latest = Latest()
    for name in ("a", "b", "a", "c"):
        latest.begin(visitor(name))
    assert [latest.has_begun(visitor(name)) for name in "abc"] == [True, False, True]


def test_a_run_shows_nothing_more_once_it_is_over() -> None:
    latest = Latest()
    run = latest.begin(ONE)
    shown: list[Any] = []
    for part in latest.only(ONE, run, iter([("answer", 1), ("picture", 2), ("more", 3)])):
        shown.append(part)
        latest.begin(ONE)
    assert shown == [("answer", 1), (gr.skip(), gr.skip())]


def test_a_run_remembers_what_it_was_asked() -> None:
    latest = Latest()
    assert latest.asked(None) is None
    number = latest.begin(None, ("Кошка спит.", 2.0))
    latest.end(None, number)
    assert latest.asked(None) == ("Кошка спит.", 2.0)
    latest.begin(None)
    assert latest.asked(None) is None
