"""The article's pair at its true shape with random weights: same vectors and tokens as plain transformers?

    python -m demos.bench.true_shape [--device cuda] [--small]

writes a LaBSE (501,153 × 768, 12 layers) and a ruT5-base with the file names and layouts of the hub
(2.9 GB in a temporary folder; needs protobuf), runs the codec and the article's own lines in a
process each, compares what they give, and prints memory and time.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from demos.bench.standins import SMALL, Article, StandInShape, stand_in_pair, write_labse, write_rut5

TEXTS = (
    "4 декабря 2000 года",
    "Давно такого не читала, очень хорошо пишешь!",
    "Я тогда не понимала, что происходит, не понимаю и сейчас.",
    "London is the capital of Great Britain.",
)
LENGTH = 22  # tokens decoded in the true-shape run; random weights never say that a sentence ends


@dataclass
class Resources:
    """What one run measured: megabytes resident, of these not mapped from files, at the peak, on the GPU;
    and seconds."""

    memory: int = 0
    private: int = 0
    peak: int = 0
    gpu: int = 0
    load: float = 0.0
    encode: float = 0.0
    encode_16: float = 0.0
    decode: float = 0.0
    decode_16: float = 0.0


def run_side(which: str, folder: Path, device: str) -> None:
    """One side of the comparison, in a process of its own: figures and answers into the folder."""
    import torch

    figures = Resources()

    @contextmanager
    def seconds(name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        setattr(figures, name, time.perf_counter() - start)

    encode: Any
    decode: Any
    with seconds("load"):
        if which == "codec":
            from demos.codec.linear import Precision
            from demos.codec.load import build_codec

            exact: Precision | None = "float32" if device == "cpu" else None
            codec = build_codec(stand_in_pair(folder / "encoder", folder / "decoder"), device, exact)
            how = replace(codec.decoding, max_length=LENGTH)
            encode, decode = codec.encode, lambda vectors: codec.decode(vectors, how)
        else:
            article = Article(folder / "encoder", folder / "decoder", device)
            encode, decode = article.encode, lambda vectors: article.decode(vectors, LENGTH)
    vectors = encode(list(TEXTS))
    texts = decode(vectors)
    with seconds("encode"):
        encode(["Доброе утро, страна!"])
    with seconds("encode_16"):
        encode([f"Доброе утро, страна номер {number}!" for number in range(16)])
    with seconds("decode"):
        decode(vectors[:1])
    with seconds("decode_16"):
        decode(np.concatenate([vectors] * 4))
    figures.memory, figures.private, figures.peak = (_resident(key) for key in ("VmRSS", "RssAnon", "VmHWM"))
    if device.startswith("cuda"):
        figures.gpu = torch.cuda.max_memory_allocated() // 1_000_000
    np.save(folder / f"{which}.npy", vectors)
    (folder / f"{which}.json").write_text(json.dumps({"texts": texts, "figures": asdict(figures)}))


def _resident(key: str) -> int:
    """A field of /proc/self/status in megabytes; 0 where there is no /proc."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) * 1024 // 1_000_000 for line in lines if line.startswith(key)), 0)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--small", action="store_true", help="tiny models: a check of the script itself")
    parser.add_argument("--side", choices=["codec", "article"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        run_side(options.side, options.folder, options.device)
        return 0

    with tempfile.TemporaryDirectory() as name:
        folder, shape = Path(name), SMALL if options.small else StandInShape()
        write_labse(folder / "encoder", shape)
        write_rut5(folder / "decoder", shape)
        sides = {}
        for side in ("article", "codec"):
            command = [sys.executable, "-m", "demos.bench.true_shape", "--side", side, "--folder", name]
            subprocess.run(
                [*command, "--device", options.device], check=True, env=os.environ | {"HF_HUB_OFFLINE": "1"}
            )
            sides[side] = json.loads((folder / f"{side}.json").read_text())
        ours, theirs = np.load(folder / "codec.npy"), np.load(folder / "article.npy")

    print(f"{'':14}{'article':>10}{'codec':>10}")
    for key in asdict(Resources()):
        unit = "MB" if key in ("memory", "private", "peak", "gpu") else "s"
        row = [sides[side]["figures"][key] for side in ("article", "codec")]
        print(
            f"{key + ', ' + unit:14}"
            + "".join(f"{value:10.0f}" if unit == "MB" else f"{value:10.3f}" for value in row)
        )
    same = sides["codec"]["texts"] == sides["article"]["texts"]
    print(f"largest difference of a vector's numbers: {np.abs(ours - theirs).max():.1e}")
    print(f"sentences: {'identical' if same else 'they differ'}")
    return 0 if same or options.device != "cpu" else 1


if __name__ == "__main__":
    sys.exit(main())
