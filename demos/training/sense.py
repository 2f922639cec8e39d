"""Does what a pair says make sense? An outside judge's verdict on the answers of every tab's arithmetic.

The judge is a command that reads sentences, one a line, on standard input and writes a line
``value<TAB>sentence`` for each, in their order: how unnatural it is, about 0 for what people write. Lines
without a tab are its own remarks. It should be a language model of its own: a decoder's likelihood of its
own nonsense is high, and nonsense made of the right words lies near the vector.
"""

from __future__ import annotations

import math
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from demos.codec import Codec
from demos.operations import restyling, reviews, sums
from demos.operations.axes import built_in_axes, direction
from demos.operations.opinions import Settings, summarise_reviews
from demos.operations.wordings import MeanLength, Spoken, speak
from demos.training.evaluate import decode_all
from demos.training.items import PROBES

LIMIT = 2.69  # of the judge that the project uses: one sentence in ten that people wrote is above it
UNSEEN = PROBES / "averages_unseen.tsv"
T = TypeVar("T")
REAL = 150  # real review sentences judged beside, at most


@dataclass(frozen=True)
class JudgedText:
    """What a pair said to a question; `nearer` of an average: whether it is nearer than the medoid."""

    kind: str
    question: str
    text: str
    nearer: bool = False


def read_unseen(path: Path = UNSEEN) -> dict[str, list[str]]:
    """Sets of review sentences by topic; a line is ``topic<TAB>sentences separated by " | "``."""
    sets = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            topic, sentences = line.split("\t")
            sets[topic] = [sentence.strip() for sentence in sentences.split(" | ")]
    return sets


def average_in_words(codec: Codec, sentences: Sequence[str], choices: int = Settings().choices) -> Spoken:
    """A set's mean in words, as the Average tab says it; with one choice as the article does."""
    vectors = codec.encode(sentences)
    rows = [np.arange(len(sentences))]
    length: MeanLength = "article" if choices == 1 else Settings().length
    return speak(codec, sentences, vectors, [vectors.mean(0)], rows, choices, length=length)[0]


def averages_said(codec: Codec, kind: str, sets: dict[str, list[str]]) -> Iterator[JudgedText]:
    """The mean of each set in words."""
    for topic, sentences in sets.items():
        words = average_in_words(codec, sentences)
        nearer = words.decoded.fidelity > words.typical_fidelity
        yield JudgedText(kind, f"{topic}: {len(sentences)} sentences", words.decoded.text, nearer)


def opinions_said(codec: Codec) -> Iterator[JudgedText]:
    """The average sentence and the main opinions of each review set that was written for the demo."""
    for example in reviews.examples():
        if example.source == "demo":
            summary = summarise_reviews(codec, reviews.pasted(example.text))
            for words in (summary.average, *(opinion.spoken for opinion in summary.opinions)):
                yield JudgedText("opinions", f"{example.name}: «{words.typical}»", words.decoded.text)


def sums_said(
    codec: Codec, items: dict[str, list[dict[str, str]]], limit: int | None
) -> Iterator[JudgedText]:
    """The Algebra tab's presets, and the sums of the probes of analogies and replacements."""
    asked = [tuple((term.text, term.coefficient) for term in one.terms) for one in sums.examples()]
    for name, keys in (
        ("analogies", ("word", "minus", "plus")),
        ("replacements", ("sentence", "old", "new")),
    ):
        for item in spread(items[name], limit):
            asked.append(tuple(zip((item[key] for key in keys), (1.0, -1.0, 1.0), strict=True)))
    texts = list(dict.fromkeys(text for terms in asked for text, _ in terms))
    vectors = dict(zip(texts, codec.encode(texts), strict=True))
    totals = [sum(np.float32(factor) * vectors[text] for text, factor in terms) for terms in asked]
    for terms, answer in zip(asked, decode_all(codec, np.stack(totals)), strict=True):
        yield JudgedText("sums", " ".join(f"{factor:+g} · {text}" for text, factor in terms), answer)


def styles_said(codec: Codec, items: Sequence[dict[str, str]], limit: int | None) -> Iterator[JudgedText]:
    """Sentences at both ends of their sliders: the Style tab's presets and those of the styles probe."""
    directions = {axis.name: direction(codec, axis) for axis in built_in_axes()}
    asked = [(one.sentence, one.axis) for one in restyling.examples()]
    asked += [(item["sentence"], item["axis"]) for item in spread(items, limit)]
    ends = [(text, axis, sign * directions[axis].reach) for text, axis in asked for sign in (-1, 1)]
    starts = codec.encode([text for text, _, _ in ends])
    moves = np.stack([np.float32(strength) * directions[axis].delta for _, axis, strength in ends])
    for (text, axis, strength), answer in zip(ends, decode_all(codec, starts + moves), strict=True):
        yield JudgedText("styles", f"{text} {strength:+g} · {axis}", answer)


def spread(items: Sequence[T], limit: int | None) -> list[T]:
    """At most `limit` of the items, evenly spread."""
    if limit is None or limit >= len(items):
        return list(items)
    return [items[len(items) * i // limit] for i in range(limit)]


def real_sentences(sets: dict[str, list[str]]) -> list[JudgedText]:
    """Review sentences as they were written, those of the demo's own sets among them, evenly spread."""
    texts = [sentence for sentences in sets.values() for sentence in sentences]
    for example in reviews.examples():
        texts += reviews.collect_sentences(reviews.pasted(example.text)).texts
    return [JudgedText("real", "", text) for text in spread(list(dict.fromkeys(texts)), REAL)]


def judge(command: str, texts: Sequence[str]) -> list[float]:
    """The judge's value of each text; infinite where it says nothing.

    Raises:
        ValueError: the command does not answer with a value for each sentence, in their order.
        subprocess.CalledProcessError: the command fails.
    """
    lines = [" ".join(text.split()) for text in texts]
    asked = list(dict.fromkeys(line for line in lines if line))
    done = subprocess.run(
        shlex.split(command), input="".join(f"{line}\n" for line in asked), capture_output=True, text=True
    )
    done.check_returncode()
    answers = [line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line]
    if [text for _, text in answers] != asked:
        raise ValueError(f"the judge answered {len(answers)} lines that are not the {len(asked)} sentences")
    values = {text: float(value) for value, text in answers}
    return [values.get(line, math.inf) for line in lines]
