"""Step 3b of training: fit the approximation of a sentence's vector that decoding ranks its beams with.

    python -m demos.training.bag --run runs/compact --out assets/models/compact/encoder

Reading all beams of a sentence back costs as much as finding them. A ridge regression from the mean
of the embeddings of a sentence's tokens to its vector in the pair's space knows nothing of the order
of words, but tells good beams from bad ones well enough to leave the bad ones out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from sklearn.linear_model import Ridge

from demos.codec import unit
from demos.codec.manifest import NAME, write_manifest
from demos.codec.pairs import load_encoder
from demos.training.data import TARGET_LANGUAGE, load_examples

SENTENCES, WORDS = 10_000, 3_000  # texts of several words and of one that it is fitted on
HELD_OUT = 1000  # sentences that only the printed check sees


def fit_bag_of_words(
    words: np.ndarray, vectors: np.ndarray, ridge: float = 0.01
) -> tuple[np.ndarray, np.ndarray]:
    """Fit matrix (d, d) and offset (d,) with ``vectors ≈ words @ matrix + offset``; inputs are (n, d).

    Args:
        ridge: the penalty, in units of the mean variance of a coordinate.
    """
    variance = float(words.var(0, dtype=np.float64).mean())
    fitted = Ridge(ridge * variance * len(words)).fit(words.astype(np.float64), vectors)
    return fitted.coef_.T, fitted.intercept_


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument(
        "--pair", default="compact", help="whose encoder, in its space (default: %(default)s)"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for bag.safetensors")
    options = parser.parse_args()

    examples = load_examples(options.run / "examples.jsonl")
    russian = list(dict.fromkeys(one.source for one in examples if one.language == TARGET_LANGUAGE))
    sentences = [text for text in russian if len(text.split()) > 1][: HELD_OUT + SENTENCES]
    texts = sentences + [text for text in russian if len(text.split()) == 1][:WORDS]
    encoder = load_encoder(options.pair)
    encoder.pack()
    rows = [row[: encoder.max_tokens] for row in encoder.token_ids(texts)]
    words, vectors = encoder.mean_embeddings(rows).numpy(), encoder.to_space(encoder.pool(rows))
    matrix, offset = fit_bag_of_words(words[HELD_OUT:], vectors[HELD_OUT:])

    approximated = unit(words[:HELD_OUT] @ matrix + offset)
    cosine = (approximated * vectors[:HELD_OUT]).sum(1).mean()
    print(
        f"{len(texts) - HELD_OUT:,} sentences; mean cosine of {HELD_OUT:,} others with theirs: {cosine:.3f}"
    )
    small = {"matrix": matrix.astype(np.float16), "offset": offset.astype(np.float16)}
    save_file(small, options.out / "bag.safetensors")
    if (options.out.parent / NAME).exists():
        write_manifest(options.out.parent)


if __name__ == "__main__":
    main()
