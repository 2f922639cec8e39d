"""The page's own examples, answered before anybody asks: a visitor and a talk then wait for none of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import groupby
from typing import Any

import gradio as gr

from demos.codec import Codec, CodecError
from demos.operations.axes import built_in_axes, direction
from demos.operations.bundled import Example, examples
from demos.page import PROGRAMME
from demos.translate import map_of

CALM = 2.0  # seconds after a visitor's last answer before more is answered in advance


def warm_up(codec: Codec, asked: Callable[[], bool]) -> None:
    """Answer all examples, resting after each for half as long as it took, and while a visitor is being
    answered: visitors come first.

    Args:
        asked: whether any visitor is.
    """
    with suppress(CodecError):  # who asks will be told
        prepare(codec)
    for job in jobs(codec):
        _wait_for_calm(asked)
        began = time.monotonic()
        with suppress(CodecError):
            job()
        time.sleep((time.monotonic() - began) / 2)


def prepare(codec: Codec) -> None:
    """Load the libraries that are slow to load, and encode the axes: every tab needs one or the other."""
    import scipy.cluster.hierarchy  # noqa: F401
    import sklearn.decomposition  # noqa: F401

    for axis in built_in_axes():
        direction(codec, axis)


def is_asked(page: gr.Blocks) -> bool:
    """Whether any visitor of a page is being answered."""
    return any(page._queue.active_jobs)


def _wait_for_calm(asked: Callable[[], bool]) -> None:
    calm_from = 0.0
    while (busy := asked()) or time.monotonic() < calm_from:
        if busy:
            calm_from = time.monotonic() + CALM
        time.sleep(CALM / 20)


def jobs(codec: Codec) -> Iterator[partial[None]]:
    """What answers one example each; the codec remembers them.

    First the one that the page opens with; then the programme's, in its order, since a talk may begin as soon
    as the app is open; then the first of every tab, which it opens with.
    """
    known = list(examples())
    firsts = [next(group) for _, group in groupby(known, key=lambda one: one.tab)]
    steps = [_pressed(step, known) for step in PROGRAMME]
    return (partial(_answer, codec, one) for one in dict.fromkeys([known[0], *steps, *firsts, *known]))


def _pressed(step: dict[str, Any], known: list[Example]) -> Example:
    """The example that a step of the programme presses: its button has its name, or is of its place."""
    tab, press = step["tab"], step["press"]
    shown = [one for one in known if one.tab == tab]
    if "place" in press:
        return shown[int(press["place"])]
    return next(one for one in shown if press["selector"].endswith(f"-{one.name}"))


def _answer(codec: Codec, example: Example) -> None:
    found = example.answer(codec)
    if example.tab == "translate":
        map_of(codec, found)  # the first figure loads what figures need
