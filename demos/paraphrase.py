"""Russian in, other Russian out: different sentences of one vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.answers import Decoded, fidelities
from demos.codec import Codec

PARAPHRASES = 5
_BEAMS = 12  # candidates that paraphrases are chosen from, at least


def paraphrases(codec: Codec, text: str, count: int = PARAPHRASES) -> list[Decoded]:
    """Different Russian sentences for the vector of a text, the most faithful first.

    None of them is the text itself or differs from another in case and punctuation alone, so there
    may be fewer than `count`. Raises what `Codec.encode` raises.
    """
    return reworded(codec, codec.encode([text]), [text], count)[0][1]


def reworded(
    codec: Codec, vectors: np.ndarray, sources: Sequence[str], count: int
) -> list[tuple[Decoded, list[Decoded]]]:
    """For each vector (n, dim): the decoder's first choice, and sentences that are not the source."""
    most = max(_BEAMS, codec.decoding.num_beams)
    beams = codec.decode(vectors, num_beams=most, num_return_sequences=most)
    alike = most == codec.decoding.num_beams
    firsts = [row[0].text for row in beams] if alike else codec.decode(vectors)
    texts: list[list[str]] = []
    for source, first, found in zip(sources, firsts, beams, strict=True):
        by_words = {same_words(text): text for text in [*(one.text for one in reversed(found)), first]}
        others = [text for words, text in by_words.items() if words not in ("", same_words(source))]
        texts.append([first, *others])
    targets = np.repeat(vectors, [len(row) for row in texts], axis=0)
    cosines = iter(fidelities(codec, targets, [text for row in texts for text in row]))
    answers = []
    for row in texts:
        best, *rest = [Decoded(text, next(cosines)) for text in row]
        answers.append((best, sorted(rest, key=lambda one: -one.fidelity)[:count]))
    return answers


def same_words(text: str) -> str:
    """A text without case and punctuation: equal for texts that differ in nothing else."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.casefold().replace("ё", "е")).split())
