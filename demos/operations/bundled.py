"""The bundled examples of all tabs, and what each of them asks: what its tab works out when it is pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Any, Literal, NamedTuple

from demos.codec import Codec
from demos.operations import journey, restyling, reviews, sums, translating
from demos.operations.axes import built_in_axes
from demos.operations.opinions import Summary, summarise_reviews


class Example(NamedTuple):
    """An example of a tab, what it is called there, and its answer.

    `answer` takes a codec and gives what the tab works out: on Translate list[Translation], on Average a
    Summary, on Algebra a Sum or a Journey, on Style (Styled, Filmstrip). CodecError says what is wrong.
    """

    tab: Literal["translate", "average", "algebra", "style"]
    name: str
    answer: Callable[[Codec], Any]


def examples() -> Iterator[Example]:
    """The examples of every tab, tab by tab, in the order of the buttons."""
    for text in translating.examples():
        yield Example("translate", text.name, partial(_translated, text))
    for several in reviews.examples():
        yield Example("average", several.name, partial(_summarised, several))
    for terms in sums.examples():
        yield Example("algebra", terms.name, partial(sums.combine, terms=terms.terms))
    for way in journey.examples():
        yield Example("algebra", way.name, partial(_travelled, way))
    for sentence in restyling.examples():
        yield Example("style", sentence.sentence, partial(_moved, sentence))


def _translated(example: translating.TranslateExample, codec: Codec) -> list[translating.Translation]:
    lines = translating.split_text(example.text, example.split)
    return list(chain.from_iterable(translating.translate(codec, lines, pieces=True)))


def _summarised(example: reviews.ReviewsExample, codec: Codec) -> Summary:
    return summarise_reviews(codec, reviews.pasted(example.text))


def _travelled(example: journey.JourneyExample, codec: Codec) -> journey.Journey:
    return journey.travel(codec, example.start, example.end, journey.USUAL_STEPS)


def _moved(example: restyling.StyleExample, codec: Codec) -> tuple[restyling.Styled, restyling.Filmstrip]:
    strengths, axes = {example.axis: example.strength}, built_in_axes()
    return (
        restyling.restyle(codec, example.sentence, strengths, axes),
        restyling.make_filmstrip(codec, example.sentence, example.axis, strengths, axes),
    )
