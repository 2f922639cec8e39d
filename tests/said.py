"""All that the demo says in Russian to its own examples; `python -m tests.said` prints it to be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from demos.codec import Codec, load_codec
from demos.operations import journey, restyling, reviews, sums
from demos.operations.answers import Decoded
from demos.operations.axes import built_in_axes
from demos.operations.opinions import summarise_reviews
from demos.operations.restyling import restyle
from demos.operations.translating import split_text, translate
from demos.translate import EXAMPLES
from demos.ui.markup import gloss_of

Answer = tuple[str, str, Decoded]  # the tab, what it was asked, what it says


class Said(NamedTuple):
    """A tab, what it was asked, what it says, and with which fidelity."""

    tab: str
    question: str
    text: str
    fidelity: float


def every_answer(codec: Codec) -> Iterator[Said]:
    """What stands in large letters or in a strip when an example is pressed, tab by tab."""
    for tab, question, decoded in chain(_translate(codec), _average(codec), _algebra(codec), _style(codec)):
        yield Said(tab, question, decoded.text, decoded.fidelity)


def _translate(codec: Codec) -> Iterator[Answer]:
    for example in EXAMPLES:
        lines = list(chain.from_iterable(split_text(text, example["split"]) for text in example["texts"]))
        for one in chain.from_iterable(translate(codec, lines, pieces=True)):
            if one.answer:
                yield "translate", f"{example['name']}: {one.source}", one.answer


def _average(codec: Codec) -> Iterator[Answer]:
    for example in reviews.examples():
        summary = summarise_reviews(codec, reviews.pasted(example.text))
        speaking = [opinion.spoken for opinion in summary.opinions if opinion.decoded_speaks]
        for words in (summary.average, *speaking):
            real = Decoded(words.typical, words.typical_fidelity)
            yield "average", f"{example.name}: {words.typical}", words.decoded if words.sure else real


def _algebra(codec: Codec) -> Iterator[Answer]:
    for example in sums.examples():
        found = sums.combine(codec, example.terms)
        yield "algebra", sums.formula(found.terms), found.decoded
    for way in journey.examples():
        for decoded in journey.travel(codec, way.start, way.end, journey.USUAL_STEPS).decoded:
            yield "journey", f"{way.start} → {way.end}", decoded


def _style(codec: Codec) -> Iterator[Answer]:
    axes = built_in_axes()
    for example in restyling.examples():
        strengths = {example.axis: example.strength}
        yield "style", f"{example.sentence} {strengths}", restyle(codec, example.sentence, strengths).decoded
        for frame in restyling.make_filmstrip(codec, example.sentence, example.axis, {}, axes).frames:
            yield "style", f"{example.sentence} {frame.strength:+.2g}", frame.decoded


if __name__ == "__main__":
    for said in every_answer(load_codec("compact")):
        print(
            f"{said.tab}\t{said.question}\t{said.text}\t{said.fidelity:.2f}\t{gloss_of(said.text)}",
            flush=True,
        )
