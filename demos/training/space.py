"""Step 3 of training: fit the map from the encoder's vectors to the pair's space.

    python -m demos.training.space --run runs/compact --out assets/models/compact/encoder

Raw e5 vectors all point one way, and a translation differs from its Russian in ways that have
nothing to do with meaning. The map does three things, all linear: it subtracts the Russian mean;
it pulls every vector towards its Russian counterpart (ridge regression, for foreign and Russian
vectors alike, since the language is not known when a sentence comes in); and it divides by what
is left of the differences between translations (within-class covariance normalisation; Hatch et
al., 2006, "Within-Class Covariance Normalization for SVM-based Speaker Recognition",
Interspeech). Directions that change with the language shrink, those of the meaning stay.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from sklearn.linear_model import Ridge

from demos.codec import unit
from demos.training.data import TARGET_LANGUAGE, Example, load_examples
from demos.training.vectors import distinct_texts, load_vectors

HELD_OUT = 2000  # pairs that only the printed check sees
RIDGE = 0.1  # penalty of the regression, in units of the mean variance of a coordinate
SHRINKAGE = 0.3  # how far the covariance is drawn towards a multiple of the identity, 0 to 1


def fit_space(foreign: np.ndarray, russian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fit mean (d,) and matrix (d, d) on rows of translations; both inputs are float32 (n, d)."""
    mean = russian.mean(0)
    identity = np.eye(len(mean))
    sides = np.concatenate([foreign - mean, russian - mean])
    aims = np.concatenate([russian - mean] * 2)
    penalty = RIDGE * float(np.square(sides).sum()) / len(mean)
    pull = Ridge(penalty, fit_intercept=False).fit(sides, aims).coef_.T
    # Each side about its own mean: what all foreign sentences share is an offset, not a spread.
    difference = ((foreign - foreign.mean(0)) - (russian - mean)) @ pull
    covariance = difference.T @ difference / len(difference)
    level = np.trace(covariance) / len(covariance)
    covariance = (1 - SHRINKAGE) * covariance + SHRINKAGE * level * identity
    values, directions = np.linalg.eigh(covariance)
    matrix = pull @ (directions * (level / values) ** 0.5 @ directions.T)
    return mean.astype(np.float32), matrix.astype(np.float32)


def apply_space(vectors: np.ndarray, mean: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The map followed by normalisation, as the encoder does it: float32 (n, d), unit rows."""
    return unit((vectors.astype(np.float32) - mean) @ matrix)


def top1(foreign: np.ndarray, russian: np.ndarray) -> float:
    """Share of foreign rows (n, d) whose nearest Russian row (n, d) is their own translation, 0 to 1."""
    return float(((foreign @ russian.T).argmax(1) == np.arange(len(foreign))).mean())


def translation_rows(examples: list[Example], index: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the pairs whose two sides are both encoded: (foreign, russian)."""
    rows = [
        (index[example.source], index[example.target])
        for example in examples
        if example.language != TARGET_LANGUAGE and example.source in index and example.target in index
    ]
    foreign, russian = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return foreign, russian


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder for space.safetensors")
    options = parser.parse_args()

    texts = distinct_texts(options.run)
    vectors, mask = load_vectors(options.run, texts)
    encoded = [text for text, covered in zip(texts, mask, strict=True) if covered]
    index = {text: row for row, text in enumerate(encoded)}
    foreign, russian = translation_rows(load_examples(options.run / "examples.jsonl"), index)
    x, y = vectors[foreign].astype(np.float32), vectors[russian].astype(np.float32)
    mean, matrix = fit_space(x[HELD_OUT:], y[HELD_OUT:])

    identity = np.eye(len(mean), dtype=np.float32)
    print(f"{len(x):,} pairs; top-1 of {HELD_OUT:,} that were left out, and mean cosine with the translation")
    for name, m, a in (
        ("as they come", np.zeros_like(mean), identity),
        ("centred", mean, identity),
        ("this space", mean, matrix),
    ):
        left, right = apply_space(x[:HELD_OUT], m, a), apply_space(y[:HELD_OUT], m, a)
        print(f"{name:>14}: {top1(left, right):.3f}  {(left * right).sum(1).mean():.3f}")
    save_file({"mean": mean, "matrix": matrix}, options.out / "space.safetensors")


if __name__ == "__main__":
    main()
