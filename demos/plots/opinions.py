"""The picture of opinions: the sentences coloured by opinion, their means, and what was decoded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from demos.operations.opinions import Encoded, Summary
from demos.plots import figures as plot

MOST_DRAWN = 1500  # sentences on the map
MOST_WRITTEN = 6  # opinions whose decoded sentences stand on the map; of more there are the numbers
LABEL = 16  # characters of a decoded sentence there
HEIGHT = 560  # pixels


@dataclass(frozen=True)
class OpinionWords:
    """What the picture says.

    Attributes:
        groups, centres: for each opinion what the legend calls it, and what its mean says on hover.
        average, average_centre: the same for the average of all.
        decoded: what the legend calls the decoded sentences.
        rest: what the legend calls the sentences of no opinion.
        left_out: a sentence → what it says on hover where it was trimmed.
    """

    groups: Sequence[str]
    centres: Sequence[str]
    average: str
    average_centre: str
    decoded: str
    rest: str
    left_out: Callable[[str], str]


def opinions_figure(
    encoded: Encoded,
    summary: Summary,
    words: OpinionWords,
    *,
    dims: int = 2,
    language: str = "en",
) -> plot.Figure:
    """The sentences, at most `MOST_DRAWN`, the means of the opinions and of all, the decoded sentences.

    The means are drawn as they are, inside their groups.
    A dashed line leads from each mean to the vector of what was decoded there.
    """
    count = len(encoded.vectors)
    drawn = np.arange(count) if count <= MOST_DRAWN else np.arange(MOST_DRAWN) * count // MOST_DRAWN
    points = [_sentence_point(int(row), encoded, summary, words) for row in drawn]
    for hover, group in zip(words.centres, words.groups, strict=True):
        points.append(plot.Point(hover, group=group, size=1.8, sentence="", asked=False))
    points.append(plot.Point(words.average_centre, group=words.average, size=1.8, sentence="", asked=False))
    said = [*(opinion.spoken for opinion in summary.opinions), summary.average]
    lengths = [*(opinion.agreement for opinion in summary.opinions), summary.agreement]
    vectors = [
        encoded.vectors[drawn],
        *(spoken.centre[None] * length for spoken, length in zip(said, lengths, strict=True)),
    ]
    dashed = []
    for place, spoken in enumerate(said):
        text = spoken.decoded.text
        if spoken.decoded.vector.any():
            dashed.append((len(drawn) + place, len(points)))
            number = place + 1 if place < len(words.groups) else 0
            label = _label(text, number, len(words.groups))
            points.append(plot.Point(text, label=label, group=words.decoded, size=1.1))
            vectors.append(spoken.decoded.vector[None])
    picture = plot.figure(
        plot.fit_basis(encoded.vectors[drawn], dims),
        np.concatenate(vectors),
        points,
        dashed=dashed,
        groups=[*words.groups, words.average, words.decoded, *[words.rest] * bool(summary.rest.members)],
        language=language,
        height=HEIGHT,
    )
    # Sentences may be selected here.
    picture.config["modeBarButtonsToRemove"] = [
        button for button in picture.config["modeBarButtonsToRemove"] if button not in ("select2d", "lasso2d")
    ]
    return picture


def _label(text: str, number: int, opinions: int) -> str:
    """What stands beside a decoded sentence: one short line, of which several have room, or its number.

    `number` is that of its opinion, 0 for the average of all, which is written out always.
    """
    if number and opinions > MOST_WRITTEN:
        return str(number)
    short = text if len(text) <= LABEL else text[: LABEL - 1].rstrip(" ,.;:—-") + "…"
    return f"{number}: {short}" if number else short


def _sentence_point(row: int, encoded: Encoded, summary: Summary, words: OpinionWords) -> plot.Point:
    text, number = encoded.sentences.texts[row], int(summary.labels[row])
    if number < 0:
        return plot.Point(text, group=words.rest, size=0.25)
    group = words.groups[number]
    if summary.kept[row]:
        return plot.Point(text, group=group, size=0.55)
    return plot.Point(words.left_out(text), group=group, size=0.25, sentence=text)
