"""Step 2 of training: encode every distinct source text once, in chunks that survive a restart.

    python -m demos.training.vectors --run runs/compact

Chunks hold pooled vectors *before* the pair's space, so a new space needs no new encoding. A
chunk's file name carries the checksum of its texts: after a change of the examples only the
chunks that differ are encoded again.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from demos.codec.encoder import TextEncoder
from demos.codec.linear import has_bfloat16
from demos.training.data import load_examples
from demos.training.sums import read_sums

CHUNK = 8192  # texts in a file


def distinct_texts(run: Path) -> list[str]:
    """Distinct source texts of the run's examples, in the order of their first use."""
    return list(dict.fromkeys(example.source for example in load_examples(run / "examples.jsonl")))


def all_texts(run: Path) -> list[str]:
    """Every text whose vector training asks for: the examples' two sides, and what the sums add."""
    sums = [text for item in read_sums(run) for text in item.texts]
    targets = [example.target for example in load_examples(run / "examples.jsonl")]
    return list(dict.fromkeys([*distinct_texts(run), *sums, *targets]))


def chunks(run: Path, texts: list[str]) -> Iterator[tuple[list[str], Path]]:
    """The texts in chunks, each with the file that holds (or will hold) its vectors."""
    for number, start in enumerate(range(0, len(texts), CHUNK)):
        part = texts[start : start + CHUNK]
        digest = hashlib.sha256("\0".join(part).encode()).hexdigest()[:12]
        yield part, run / "vectors" / f"{number:05d}-{digest}.npy"


def load_vectors(run: Path, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Vectors encoded so far: float16 (n, dim), and a mask, bool (texts,), of which of the texts they cover.

    Raises:
        FileNotFoundError: nothing is encoded yet.
    """
    found, mask = [], np.zeros(len(texts), dtype=bool)
    start = 0
    for part, path in chunks(run, texts):
        if path.exists():
            found.append(np.load(path))
            mask[start : start + len(part)] = True
        start += len(part)
    if not found:
        raise FileNotFoundError(f"{run / 'vectors'}: nothing encoded yet")
    return np.concatenate(found), mask


def knows_bfloat16(device: str) -> bool:
    """Whether the device multiplies bfloat16 in hardware."""
    return not device.startswith("cpu") or has_bfloat16()


def encode_all(run: Path, encoder: TextEncoder, texts: list[str] | None = None) -> None:
    """Encode what is not encoded yet of the texts, all sources if None, with an estimate of the time left."""
    texts = distinct_texts(run) if texts is None else texts
    (run / "vectors").mkdir(exist_ok=True)
    work = [(part, path) for part, path in chunks(run, texts) if not path.exists()]
    total, done, start = sum(len(part) for part, _ in work), 0, time.monotonic()
    for part, path in work:
        rows = [row[: encoder.max_tokens] for row in encoder.token_ids(part)]
        vectors = encoder.pool(rows).astype(np.float16)
        partial = path.with_suffix(".part")
        with partial.open("wb") as out:
            np.save(out, vectors)
        partial.rename(path)
        done += len(part)
        rate = done / (time.monotonic() - start)
        minutes = (total - done) / rate / 60
        print(f"{done:,} of {total:,} texts, {rate:.0f}/s, {minutes:.0f} min left", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pair", default="compact", help="whose encoder (default: %(default)s)")
    parser.add_argument("--sums", action="store_true", help="the texts of the run's sums too")
    options = parser.parse_args()

    from demos.codec.pairs import load_encoder

    encoder = load_encoder(options.pair)
    encoder.pack(encoder.fastest_precision(("float32", "bfloat16")))
    encode_all(options.run, encoder, all_texts(options.run) if options.sums else None)


if __name__ == "__main__":
    main()
