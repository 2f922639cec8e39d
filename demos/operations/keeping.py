"""Wordings of a source's vector, those first that keep its numbers, names and negation.

A vector holds a number badly: the decoder often says a neighbouring one, though the vector lies nearer to the
true one. So where no wording of a foreign source keeps its numbers, each is tried with these in the place of
its own, and the vector judges: such a wording counts only if it is nearer than the one that it is made of. A
Russian source is not helped like this: what is nearest to its vector is the source itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from demos.codec import Codec
from demos.operations.answers import Decoded
from demos.operations.checks import changed_numbers, differences, prefer
from demos.operations.numerals import with_number
from demos.operations.sentences import may_be_russian
from demos.operations.text import clean


def keeping(
    codec: Codec, source: str, language: str, vector: np.ndarray, wordings: Sequence[Decoded]
) -> list[Decoded]:
    """The wordings of a source's vector (dim,), those first that differ from the source in nothing.

    Args:
        language: the source's code, "" where it cannot be told.

    Raises:
        Busy: as `Codec.encode`.
    """
    source = clean(source)
    ordered = prefer(source, wordings, language)
    russian = language == "ru" or (not language and may_be_russian(source))
    if not ordered or russian or not differences(source, ordered[0].text, language):
        return ordered
    tried: dict[str, Decoded] = {}
    for one in wordings:
        changed = with_numbers(source, one.text, language)
        if changed is not None:
            tried.setdefault(changed, one)
    if not tried:
        return ordered
    vectors, errors = codec.encode_each(list(tried))
    good = [text for index, text in enumerate(tried) if index not in errors]
    nearer: list[Decoded] = []
    for text, back in zip(good, vectors, strict=True):
        fidelity = float(np.clip(back @ vector, -1, 1))
        if fidelity > tried[text].fidelity:
            made = replace(tried[text], text=text, fidelity=fidelity, vector=back, numbers_given=True)
            nearer.append(made)
    nearer.sort(key=lambda one: -one.fidelity)
    return prefer(source, [*wordings[:1], *nearer, *wordings[1:]], language)


def with_numbers(source: str, answer: str, language: str) -> str | None:
    """A Russian answer with the source's numbers in the places of those that it has instead; None where it
    has none instead, or where a number does not fit there."""
    pairs = changed_numbers(source, answer, language)
    for was, became in sorted(pairs, key=lambda pair: -pair[1].place if pair[1] else 0):  # from the end
        if was is None or became is None:
            return None
        changed = with_number(answer, became, was)
        if changed is None:
            return None
        answer = changed
    return answer if pairs else None
