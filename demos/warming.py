"""The page's own examples, answered before anybody asks: a visitor and a talk then wait for none of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import chain, zip_longest

from demos.codec import Codec, CodecError
from demos.operations import journey, restyling, reviews, sums
from demos.operations.axes import built_in_axes
from demos.operations.opinions import summarise_reviews
from demos.operations.translating import split_text, translate
from demos.translate import EXAMPLES, map_of

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
    tabs = (_translate(codec), _average(codec), _algebra(codec), _style(codec))
    return (job for turn in zip_longest(*tabs) for job in turn if job is not None)


def _translate(codec: Codec) -> Iterator[Job]:
    def answered(texts: list[str], by_sentences: bool) -> None:
        lines = list(chain.from_iterable(split_text(text, by_sentences) for text in texts))
        found = list(chain.from_iterable(translate(codec, lines, pieces=True)))
        map_of(codec, found)  # the first figure loads what figures need

    for example in EXAMPLES:
        yield partial(answered, example["texts"], example["split"])


def _average(codec: Codec) -> Iterator[Job]:
    for example in reviews.examples():
        yield partial(summarise_reviews, codec, reviews.pasted(example.text))


def _algebra(codec: Codec) -> Iterator[Job]:
    for example in sums.examples():
        yield partial(sums.combine, codec, example.terms)
    for way in journey.examples():
        yield partial(journey.travel, codec, way.start, way.end, journey.USUAL_STEPS)


def _style(codec: Codec) -> Iterator[Job]:
    def answered(example: restyling.StyleExample) -> None:
        strengths, axes = {example.axis: example.strength}, built_in_axes()
        restyling.restyle(codec, example.sentence, strengths, axes)
        restyling.make_filmstrip(codec, example.sentence, example.axis, strengths, axes)

    for example in restyling.examples():
        yield partial(answered, example)
