"""A decoded sentence, and how faithful it is to the vector that it was decoded from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from demos.codec import Codec, EmptyInput, TextTooLong

MOST_ALTERNATIVES = 10


@dataclass(frozen=True)
class Decoded:
    """A sentence of a vector.

    Attributes:
        text: the decoder's best sentence.
        fidelity: the cosine between the vector and the sentence's own vector, -1 to 1.
        alternatives: other sentences of the same vector (the other beams), the most faithful first;
            their own alternatives are empty.
        quick: it was wanted at once; a careful search may find a better one.
    """

    text: str
    fidelity: float
    alternatives: tuple[Decoded, ...] = field(default=())
    quick: bool = False


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows (n, dim) scaled to length 1; zero rows stay zero."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)


def read_back(codec: Codec, texts: Sequence[str]) -> np.ndarray:
    """What a decoder said → vectors (n, dim), whatever it said.

    A text that says nothing has a row of zeros. Of one that never ends (a decoder may repeat itself)
    the encoder reads the beginning, as much as it can.
    """
    said = list(texts)
    back = np.zeros((len(said), codec.dim), dtype=np.float32)
    spoken = [index for index, text in enumerate(said) if text.strip()]
    while spoken:
        try:
            back[spoken] = codec.encode([said[index] for index in spoken])
            break
        except EmptyInput as error:
            spoken.pop(error.details["index"])
        except TextTooLong as error:
            known, index = error.details, spoken[error.details["index"]]
            share = 0.9 * known["limit"] / known["tokens"]
            said[index] = said[index][: int(share * len(said[index]))]
    return back


def fidelities(codec: Codec, vectors: np.ndarray, texts: Sequence[str]) -> list[float]:
    """The cosine of each target vector (n, dim) with the vector of its text; 0 for an empty text,
    which has no vector."""
    cosines = (unit(vectors) * read_back(codec, texts)).sum(axis=1)
    return [float(cosine) for cosine in np.clip(cosines, -1.0, 1.0)]


def decode_with_fidelity(
    codec: Codec, vectors: np.ndarray, alternatives: int = 0, quick: bool = False
) -> list[Decoded]:
    """Vectors (n, dim) or (dim,) → a sentence each with its fidelity, and up to `alternatives`
    different other wordings; of a quick answer no more than its beams give.

    Where the careful answer is known already, or is found in the same way, a quick one is not given.
    The codec's own first choice stays first, so that asking for alternatives does not change the
    answer. Raises what `Codec.decode` raises.
    """
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float32))
    quick = quick and codec.quick != codec.decoding and not codec.remembers(rows)
    beams_there = (codec.quick if quick else codec.decoding).num_beams
    wanted = min(alternatives, beams_there - 1 if quick else MOST_ALTERNATIVES)
    if wanted <= 0:
        texts = codec.decode(rows, quick=quick)
        pairs = zip(texts, fidelities(codec, rows, texts), strict=True)
        return [Decoded(text, cosine, quick=quick) for text, cosine in pairs]

    beams = codec.decode(rows, quick=quick, num_return_sequences=wanted + 1)
    firsts = [row[0].text for row in beams] if wanted < beams_there else codec.decode(rows)
    found = [
        list(dict.fromkeys([first, *(candidate.text for candidate in row if candidate.text.strip())]))
        for first, row in zip(firsts, beams, strict=True)
    ]
    targets = np.repeat(rows, [len(texts) for texts in found], axis=0)
    cosines = iter(fidelities(codec, targets, [text for texts in found for text in texts]))
    answers = []
    for texts in found:
        first, *others = [Decoded(text, next(cosines)) for text in texts]
        others.sort(key=lambda other: -other.fidelity)
        answers.append(Decoded(first.text, first.fidelity, tuple(others[:wanted]), quick))
    return answers
