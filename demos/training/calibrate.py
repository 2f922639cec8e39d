"""How often is an answer of this fidelity right? Where the three ranges of fidelity begin.

    python -m demos.training.calibrate --pairs ../data/eval/tatoeba.x-ru.heldout.tsv

Reads lines ``language<TAB>source<TAB>Russian``, answers an even sample of the sources as the Translate tab
does, and prints, for each range of fidelity, how many of the answers are right. The thresholds go to
`demos.operations.answers` by hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from demos.codec import Codec
from demos.operations.answers import CLOSE, NEAR
from demos.training.evaluate import open_codec

RIGHT = 60.0  # chrF with the person's translation from which an answer counts as right
COUNT = 200  # pairs answered
AT_ONCE = 16
EDGES = (-1.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.01)


@dataclass(frozen=True)
class Answered:
    """A source's answer: its fidelity, its chrF with the person's translation."""

    source: str
    answer: str
    fidelity: float
    chrf: float


def answered(codec: Codec, pairs: Sequence[tuple[str, str]]) -> list[Answered]:
    """Pairs of a source and its Russian → what the codec answers to each source."""
    from sacrebleu import sentence_chrf

    found = []
    for start in range(0, len(pairs), AT_ONCE):
        part = pairs[start : start + AT_ONCE]
        rows = codec.candidates(codec.encode([source for source, _ in part]))
        for (source, russian), (best,) in zip(part, rows, strict=True):
            chrf = sentence_chrf(best.text, [russian]).score
            found.append(Answered(source, best.text, best.fidelity, chrf))
    return found


def shares(
    answers: Sequence[Answered], edges: Sequence[float] = EDGES
) -> list[tuple[float, float, int, int]]:
    """For each range of fidelity its ends, how many answers are in it, how many of them are right."""
    found = []
    for low, high in pairwise(edges):
        part = [one for one in answers if low <= one.fidelity < high]
        found.append((low, high, len(part), sum(one.chrf >= RIGHT for one in part)))
    return found


def shares_text(answers: Sequence[Answered]) -> str:
    """The shares as text, in steps and in the three ranges of `demos.operations.answers`."""
    lines = []
    for edges in (EDGES, (-1.0, NEAR, CLOSE, 1.01)):
        for low, high, count, right in shares(answers, edges):
            lines.append(f"{low:5.2f} to {high:.2f}: {right} of {count} right")
    return "\n".join(lines)


def read_pairs(path: Path, count: int = COUNT) -> list[tuple[str, str]]:
    """An even sample of the pairs of a file, without their language."""
    lines = path.read_text(encoding="utf-8").splitlines()
    chosen = [lines[i * len(lines) // count] for i in range(min(count, len(lines)))]
    return [(source, russian) for _, source, russian in (line.split("\t") for line in chosen)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True, help="language, source and Russian, in columns")
    parser.add_argument("--pair", default="compact", help="which pair (default: %(default)s)")
    parser.add_argument("--count", type=int, default=COUNT, help="sources answered (default: %(default)s)")
    options = parser.parse_args()
    print(shares_text(answered(open_codec(options.pair), read_pairs(options.pairs, options.count))))


if __name__ == "__main__":
    main()
