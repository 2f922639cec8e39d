"""Russian in, other Russian out: different sentences of one vector."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.codec import Codec
from demos.operations.answers import Decoded, by_fidelity, decoded, same_words
from demos.operations.checks import differences, prefer

PARAPHRASES = 5
_BEAMS = 12  # candidates that paraphrases are chosen from, at least
_STEM, _ENDING = 3, 3  # letters that two forms of a word share at least, and that they may end in at most


def reworded(
    codec: Codec, vectors: np.ndarray, sources: Sequence[str], count: int
) -> list[tuple[Decoded, list[Decoded]]]:
    """For each vector (n, dim) of a Russian source: the decoder's own answer, of the beams that keep the
    source's numbers, names and negation where there are such (`demos.operations.checks`), and at most
    `count` paraphrases, the most faithful first.

    None of these is the source or another form of it (`is_paraphrase`), or differs from another in case and
    punctuation alone, so there may be fewer.
    """
    usual = codec.decoding.num_beams
    found = codec.candidates(vectors, max(_BEAMS, usual))
    firsts = found if usual >= _BEAMS else codec.candidates(vectors, 1)
    answers = []
    for source, (first, *_), row in zip(sources, firsts, found, strict=True):
        own = prefer(source, [first, *row], "ru")[0]
        by_words = {same_words(one.text): one for one in (*reversed(row), first)}
        others = by_fidelity(one for one in by_words.values() if is_paraphrase(one.text, source))
        answers.append((decoded(own), others[:count]))
    return answers


def is_paraphrase(text: str, source: str) -> bool:
    """Whether a Russian sentence says a source in other words.

    One that repeats the source does not, nor does one whose words differ in their endings alone («столица
    Украине»: that is another form, seldom a right one), nor one whose numbers, names or negation differ.
    """
    words, others = same_words(text).split(), same_words(source).split()
    if not words or (len(words) == len(others) and all(map(_forms_of_one, words, others))):
        return False
    return not differences(source, text, "ru")


def _forms_of_one(word: str, other: str) -> bool:
    """Whether two words are equal but for their endings."""
    if word == other:
        return True
    shared = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), None)
    stem = min(len(word), len(other)) if shared is None else shared
    return stem >= _STEM and max(len(word), len(other)) - stem <= _ENDING
