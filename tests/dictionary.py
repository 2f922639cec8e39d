"""A stand-in codec whose vectors are given, so that sums can be worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from demos.codec import BadVector, Candidate, CodecError, EmptyInput, TextTooLong
from demos.operations.sums import Term

EVIL = '<img src=x onerror="alert(1)">{{x}}'
QUEEN = (Term("король", 1), Term("мужчина", -1), Term("женщина", 1))


class Dictionary:
    """Decodes to the nearest words, by cosine."""

    title, dim, reads_length = "Dictionary", 4, False

    def __init__(self) -> None:
        known: dict[str, tuple[float, ...]] = {
            "король": (1, 0, 1, 0),
            "мужчина": (1, 0, 0, 0),
            "женщина": (0, 1, 0, 0),
        }
        known |= {"королева": (0, 1, 1, 0), "принцесса": (0, 1, 1, 0.4), EVIL: (0, 0, 0, 1)}
        self.known = {text: np.array(row, np.float32) / math.hypot(*row) for text, row in known.items()}

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.stack([self.known[text] for text in texts])

    def encode_each(self, texts: Sequence[str]) -> tuple[np.ndarray, dict[int, CodecError]]:
        rows, errors = [], dict[int, CodecError]()
        for index, text in enumerate(texts):
            if text.strip() and len(text) <= 500:
                rows.append(self.known[text])
            else:
                errors[index] = TextTooLong(index, len(text), 500) if text.strip() else EmptyInput(index)
        return np.stack(rows) if rows else np.zeros((0, self.dim)), errors

    def fluency(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros(len(texts))

    def candidates(self, vectors: np.ndarray, n: int = 1, settings: Any = None) -> list[list[Candidate]]:
        found = []
        for vector in np.atleast_2d(vectors):
            if not vector.any():
                raise BadVector("zero", "zero")
            near = {text: float(row @ vector / np.linalg.norm(vector)) for text, row in self.known.items()}
            order = sorted(near, key=lambda text: -near[text])
            found.append([Candidate(text, near[text], near[text], self.known[text]) for text in order[:n]])
        return found

    class decoding:
        num_beams = 3

    quick = decoding
