"""The mean of many sentences' vectors → the sentence that says it best, beside the nearest real one.

The article decodes the normalised mean. Such a centre lies where no sentence does, and what is decoded
there is often broken; a step towards the real sentence that is nearest to it (the medoid) is surer
ground. So wordings are sought from both places, and the one nearest to the centre itself is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from demos.answers import Decoded, decode_with_fidelity, fidelities, unit
from demos.codec import Codec

LEAN = 0.25  # of the way from a centre to its medoid: where every second wording is sought


@dataclass(frozen=True, eq=False)
class Spoken:
    """A centre in words.

    Attributes:
        centre: (dim,) the vector that is to be said, of length 1.
        decoded: the most faithful of the compared wordings; the others are its alternatives.
        first: the pair's own first choice for the centre.
        typical: the real sentence nearest to the centre, and its cosine with it.
        likeness: the cosine between the decoded sentence and the typical one.
    """

    centre: np.ndarray
    decoded: Decoded
    first: str
    typical: str
    typical_fidelity: float
    likeness: float

    @property
    def real_is_closer(self) -> bool:
        """Whether the real sentence says the centre better than the decoded one does."""
        return self.typical_fidelity > self.decoded.fidelity


def speak(
    codec: Codec,
    texts: Sequence[str],
    vectors: np.ndarray,
    means: Sequence[np.ndarray],
    rows: Sequence[np.ndarray],
    choices: int,
    quick: bool = False,
) -> list[Spoken]:
    """Put mean vectors (dim,) into words.

    Args:
        texts, vectors: real sentences and their unit vectors (n, dim).
        means: what is to be said; of any length.
        rows: for each mean the numbers of the sentences that it is the mean of.
        choices: how many wordings are compared by their cosine with the mean, in turn one for the mean
            itself and one for the place `LEAN` of the way to its medoid. 1 takes the pair's first for the
            mean, as the article does.
        quick: whether they are wanted at once.

    Raises:
        BadVector: a mean is zero: its sentences cancel each other out.
    """
    centres = unit(np.stack(means))
    nearest = [
        int(near[np.argmax(vectors[near] @ centre)]) for centre, near in zip(centres, rows, strict=True)
    ]
    medoids = vectors[nearest]
    starts = centres
    if choices > 1:
        starts = np.concatenate([centres, unit((1 - LEAN) * centres + LEAN * medoids)])
    answers = decode_with_fidelity(codec, starts, choices // 2, quick)
    spoken = []
    for i, (centre, medoid) in enumerate(zip(centres, medoids, strict=True)):
        found = [
            (answer.text, *(other.text for other in answer.alternatives))
            for answer in answers[i :: len(centres)]
        ]
        in_turn = dict.fromkeys(text for turn in zip_longest(*found) for text in turn if text is not None)
        compared = list(in_turn)[:choices]
        cosines = fidelities(codec, np.tile(centre, (len(compared), 1)), compared)
        wordings = [Decoded(text, cosine) for text, cosine in zip(compared, cosines, strict=True)]
        best, *others = sorted(wordings, key=lambda decoded: -decoded.fidelity)
        likeness = float(codec.encode([best.text])[0] @ medoid) if best.text.strip() else 0.0
        spoken.append(
            Spoken(
                centre=centre,
                decoded=Decoded(best.text, best.fidelity, tuple(others), answers[i].quick),
                first=answers[i].text,
                typical=texts[nearest[i]],
                typical_fidelity=float(medoid @ centre),
                likeness=min(1.0, likeness),
            )
        )
    return spoken
