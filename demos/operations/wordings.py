"""The mean of many sentences' vectors → the sentence that says it best, beside the nearest real one.

The length of a vector is how certain its direction is. A mean of unit vectors has the length of its
sentences' agreement: their mean cosine with it. So the mean is decoded as it comes where the pair reads
lengths; the article decodes it at length 1, as if all had said the very same. A centre lies where no
sentence does, and a step towards the real sentence that is nearest to it (the medoid) is surer ground:
wordings are sought from both places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

import numpy as np

from demos.codec import Codec, unit
from demos.operations.answers import Decoded, answer, same_words
from demos.operations.checks import differences
from demos.operations.mood import mood_of_words, moods_of_clauses
from demos.operations.text import same_text

MeanLength = Literal["agreement", "article"]
LEAN = 0.4  # of the way from a centre to its medoid: where every second wording is sought
NEARNESS = 4.0  # what a cosine of 1 counts beside the log-probability of a token
FLUENCY = 0.3  # what the log-probability of a token by itself counts
UNUSUAL = -4.0  # a fluency that a third of real review sentences fall below; what many say is plainer
# The decoder is sure of a sentence whose score and twice its fidelity come to this: most averages of the
# bundled pair above it make sense, most below it do not. Of reviews that a machine has translated it is as
# sure of what makes none. How this was found: "When a decoded average is sure" in assets/recipes/history.md.
SURE, SURE_NEARNESS = 0.95, 2.0
REPEATED = 0.3  # what a word takes off that was said before
STUCK = re.compile(r"([^\w\s])\1{3}")  # four equal signs in a row: what reviews are strewn with says nothing
STEM = 5  # letters that the forms of a word have in common, as a rule


@dataclass(frozen=True, eq=False)
class Spoken:
    """A centre in words.

    Attributes:
        centre: (dim,) the vector that is to be said, of length 1.
        decoded: the one of the compared wordings that `choose` puts first; the others are its alternatives.
        first: the pair's own first choice for the centre.
        typical: the real sentence nearest to the centre, and its cosine with it.
        likeness: the cosine between the decoded sentence and the typical one.
        contrary: the decoded sentence denies, praises or blames where the typical one does not.
        likely: the decoded sentence is likely and near enough (`SURE`), or the pair does not read lengths,
            so that its scores are not those of uncertain vectors.
    """

    centre: np.ndarray
    decoded: Decoded
    first: str
    typical: str
    typical_fidelity: float
    likeness: float
    contrary: bool = False
    likely: bool = True

    @property
    def same(self) -> bool:
        """Whether the decoded sentence is the typical one, but for how it is typed."""
        return same_text(self.decoded.text) == same_text(self.typical)

    @property
    def sure(self) -> bool:
        """Whether the decoder is sure of its sentence: it is likely, or a real one."""
        return self.likely or self.same

    @property
    def closer(self) -> Literal["decoded", "real", "equal", "same"]:
        """Which of the two sentences is closer to the centre, by two decimals as the page shows them: "equal"
        where these are, "same" where it is one sentence."""
        if self.same:
            return "same"
        decoded, real = round(self.decoded.fidelity, 2), round(self.typical_fidelity, 2)
        return "equal" if decoded == real else "decoded" if decoded > real else "real"


def speak(
    codec: Codec,
    texts: Sequence[str],
    vectors: np.ndarray,
    means: Sequence[np.ndarray],
    rows: Sequence[np.ndarray],
    choices: int,
    quick: bool = False,
    length: MeanLength = "agreement",
) -> list[Spoken]:
    """Put mean vectors (dim,) into words.

    Args:
        texts, vectors: real sentences and their unit vectors (n, dim).
        means: what is to be said, as they come: not normalised.
        rows: for each mean the numbers of the sentences that it is the mean of.
        choices: how many wordings are compared (`choose`), in turn one for the mean itself and one for
            the place `LEAN` of the way to its medoid. 1 takes the pair's first for the mean.
        quick: whether they are wanted at once.
        length: how long the decoded vectors are: "agreement", as they come, or "article", 1, which is also
            that of a pair which does not read lengths.

    Raises:
        BadVector: a mean is zero: its sentences cancel each other out.
    """
    starts = np.stack(means).astype(np.float32)
    centres = unit(starts)
    nearest = [
        int(near[np.argmax(vectors[near] @ centre)]) for centre, near in zip(centres, rows, strict=True)
    ]
    medoids = vectors[nearest]
    if choices > 1:
        starts = np.concatenate([starts, (1 - LEAN) * starts + LEAN * medoids])
    if length == "article" or not codec.reads_length:
        starts = unit(starts)
    answers = answer(codec, starts, choices // 2, quick)
    compared = []
    for i in range(len(centres)):
        found = [(one, *one.alternatives) for one in answers[i :: len(centres)]]
        in_turn = [one for turn in zip_longest(*found) for one in turn if one is not None]
        compared.append(list({one.text: one for one in in_turn}.values())[:choices])
    texts_said = [one.text for row in compared for one in row]
    fluency = dict(zip(texts_said, codec.fluency(texts_said), strict=True))
    spoken = []
    for i, (centre, medoid) in enumerate(zip(centres, medoids, strict=True)):
        wordings = [
            replace(
                one,
                fidelity=_cosine(one.vector, centre),
                fluency=float(fluency[one.text]),
                alternatives=(),
                quick=False,
            )
            for one in compared[i]
        ]
        best, *others = choose(wordings, texts[nearest[i]])
        spoken.append(
            Spoken(
                centre=centre,
                decoded=replace(best, alternatives=tuple(others), quick=answers[i].quick),
                first=answers[i].text,
                typical=texts[nearest[i]],
                typical_fidelity=float(medoid @ centre),
                likeness=_cosine(best.vector, medoid),
                contrary=is_contrary(best.text, texts[nearest[i]]),
                likely=not codec.reads_length or _is_likely(best),
            )
        )
    return spoken


def choose(wordings: Sequence[Decoded], typical: str = "") -> list[Decoded]:
    """Wordings of one centre, the one to be said first.

    Fidelity alone must not choose: words thrown together from where the vector points lie near it. So a
    wording counts by the decoder's own score, `NEARNESS` times its fidelity and `FLUENCY` times its fluency,
    less for what it says twice.
    Those that are `UNUSUAL` come after the others, then those that are `STUCK` at a sign, and those that are
    contrary to the `typical` real sentence last.
    """

    def worth(one: Decoded) -> tuple[bool, bool, bool, float]:
        value = one.score + NEARNESS * one.fidelity + FLUENCY * one.fluency
        value -= REPEATED * said_again(one.text)
        stuck = STUCK.search(one.text) is not None
        return not is_contrary(one.text, typical), not stuck, one.fluency >= UNUSUAL, value

    return sorted(wordings, key=worth, reverse=True)


def _is_likely(one: Decoded) -> bool:
    """Whether a decoder that reads lengths is sure of a sentence."""
    return one.score + SURE_NEARNESS * one.fidelity >= SURE and not STUCK.search(one.text)


def said_again(text: str) -> int:
    """How many words of a sentence were in it before, in whatever form: «Завтрак вкусный, завтраки тоже»."""
    stems = [word[:STEM] for word in same_words(text).split() if len(word) >= STEM]
    return len(stems) - len(set(stems))


def is_contrary(text: str, typical: str) -> bool:
    """Whether a Russian sentence denies what the typical one does not, or praises in one of its clauses where
    that on the whole blames, or the other way round. A sentence that says neither is contrary to none."""
    negated = any(one.kind == "negation" for one in differences(typical, text))
    mood = mood_of_words(typical)
    return negated or any(clause * mood < 0 for clause in moods_of_clauses(text))


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    """The cosine of two vectors (dim,) of length 1 or 0."""
    return float(np.clip(one @ other, -1.0, 1.0))
