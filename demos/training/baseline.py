"""The honest baseline of a sentence decoder: the training sentence nearest to the vector.

A decoder that does no better than copying a sentence it has seen has learned nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from demos.codec import unit
from demos.codec.encoder import TextEncoder
from demos.training.data import load_examples
from demos.training.vectors import distinct_texts, load_vectors

ROWS = 16384  # sentences in one matrix product


class NearestSentence:
    """Looks up, by cosine, the sentence nearest to a vector.

    Args:
        sentences: what may be answered.
        vectors: their unit vectors, (n, d); float16 keeps half a million in 350 MB.
    """

    def __init__(self, sentences: Sequence[str], vectors: np.ndarray) -> None:
        if len(sentences) != len(vectors) or not len(sentences):
            raise ValueError(f"{len(sentences)} sentences, {len(vectors)} vectors")
        self.sentences = sentences
        self.vectors = vectors

    def find(self, queries: np.ndarray) -> tuple[list[str], np.ndarray]:
        """The nearest sentence to each of the queries (q, d), and its cosine, float32 (q,)."""
        queries = unit(queries.astype(np.float32))
        best = np.full(len(queries), -2.0, dtype=np.float32)
        index = np.zeros(len(queries), dtype=np.int64)
        for start in range(0, len(self.vectors), ROWS):
            products = queries @ self.vectors[start : start + ROWS].astype(np.float32).T
            found = products.argmax(axis=1)
            values = products[np.arange(len(queries)), found]
            better = values > best
            best[better], index[better] = values[better], found[better] + start
        return [self.sentences[i] for i in index.tolist()], best


def from_run(run: Path, encoder: TextEncoder) -> NearestSentence:
    """The baseline of a run: its Russian targets that are encoded in ``run/vectors``.

    Those are the targets that are sources themselves. They are placed in the encoder's space,
    so the baseline sees the vectors that the decoder sees.
    """
    texts = distinct_texts(run)
    vectors, encoded = load_vectors(run, texts)
    targets = {example.target for example in load_examples(run / "examples.jsonl")}
    covered = [text for text, done in zip(texts, encoded, strict=True) if done]
    rows = [i for i, text in enumerate(covered) if text in targets]
    placed = np.empty((len(rows), vectors.shape[1]), dtype=np.float16)
    for start in range(0, len(rows), ROWS):
        part = vectors[rows[start : start + ROWS]].astype(np.float32)
        placed[start : start + ROWS] = encoder.to_space(part)
    return NearestSentence([covered[i] for i in rows], placed)


def recorded_figures(report: Path, sets: Sequence[tuple[str, int]]) -> dict[str, tuple[float, float, float]]:
    """chrF, BLEU and cosine of the baseline on each set (name, sentences), from an earlier report's table.

    Raises:
        ValueError: the report has no such set, or another number of sentences in it.
    """
    rows = {}
    for line in report.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 8 and cells[1].isdigit() and cells[5]:
            chrf, bleu, cosine = map(float, cells[5:])
            rows[cells[0], int(cells[1])] = (chrf, bleu, cosine)
    lacking = [name for name, size in sets if (name, size) not in rows]
    if lacking:
        raise ValueError(f"{report} has no baseline on the same sentences of {', '.join(lacking)}")
    return {name: rows[name, size] for name, size in sets}
