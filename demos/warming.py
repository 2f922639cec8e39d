"""The page's own examples, answered before anybody asks: a visitor and a talk then wait for none of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import groupby, zip_longest

from demos.codec import Codec, CodecError
from demos.operations.bundled import Example, examples
from demos.translate import map_of

Job = Callable[[], object]


def warm_up(codec: Codec) -> None:
    """Answer all examples, resting after each for as long as it took: visitors come first."""
    for job in jobs(codec):
        began = time.monotonic()
        with suppress(CodecError):  # who asks will be told
            job()
        time.sleep(time.monotonic() - began)


def jobs(codec: Codec) -> Iterator[Job]:
    """What answers one example each, the first of every tab before the others; the codec remembers them."""
    tabs = [list(group) for _, group in groupby(examples(), key=lambda one: one.tab)]
    return (partial(_answer, codec, one) for turn in zip_longest(*tabs) for one in turn if one is not None)


def _answer(codec: Codec, example: Example) -> None:
    found = example.answer(codec)
    if example.tab == "translate":
        map_of(codec, found)  # the first figure loads what figures need
