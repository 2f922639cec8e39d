"""All that the demo says in Russian to its own examples; `python -m tests.said` prints it to be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from demos.codec import Codec, load_codec
from demos.operations.answers import Decoded
from demos.operations.bundled import Example, examples
from demos.operations.journey import Journey
from demos.operations.opinions import Summary
from demos.operations.restyling import Filmstrip, Styled
from demos.operations.sums import Sum, formula
from demos.ui.markup import gloss_of


class Said(NamedTuple):
    """A tab (or "journey"), what it was asked, what it says, and with which fidelity."""

    tab: str
    question: str
    text: str
    fidelity: float


def every_answer(codec: Codec) -> Iterator[Said]:
    """What stands in large letters or in a strip when an example is pressed, tab by tab."""
    for example in examples():
        found = example.answer(codec)
        tab = "journey" if isinstance(found, Journey) else example.tab
        for question, decoded in _spoken(example, found):
            yield Said(tab, question, decoded.text, decoded.fidelity)


def _spoken(example: Example, found: Any) -> Iterator[tuple[str, Decoded]]:
    match found:
        case Summary():
            speaking = [opinion.spoken for opinion in found.opinions if opinion.decoded_speaks]
            for words in (found.average, *speaking):
                real = Decoded(words.typical, words.typical_fidelity)
                yield f"{example.name}: {words.typical}", words.decoded if words.sure else real
        case Sum():
            yield formula(found.terms), found.decoded
        case Journey():
            for decoded in found.decoded:
                yield f"{found.start} → {found.end}", decoded
        case (Styled() as moved, Filmstrip() as strip):
            yield f"{moved.sentence} {moved.strengths}", moved.decoded
            for frame in strip.frames:
                yield f"{strip.sentence} {frame.strength:+.2g}", frame.decoded
        case [*translations]:
            for one in translations:
                if one.answer:
                    yield f"{example.name}: {one.source}", one.answer


if __name__ == "__main__":
    for said in every_answer(load_codec("compact")):
        print(
            f"{said.tab}\t{said.question}\t{said.text}\t{said.fidelity:.2f}\t{gloss_of(said.text)}",
            flush=True,
        )
