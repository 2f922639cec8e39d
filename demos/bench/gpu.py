"""The decoder's CUDA graphs beside its plain steps: the same tokens, and how much sooner?

    python -m demos.bench.gpu [--device cuda] [--small]

Every time is the median of several calls, in milliseconds for one sentence; "first" is the first call with
graphs, which captures them. On a CPU the steps of fixed shape run uncaptured: a check of this script, not
of speed. Random weights of ruT5's shape stand for the article's decoder.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from demos.bench.__main__ import TOKENS, Measurement, median_seconds, show
from demos.bench.standins import SMALL, StandInShape, liven, write_rut5
from demos.codec.decoder import Beam, BeamSearch, Checkpoint, load_checkpoint
from demos.codec.errors import ModelFilesError
from demos.codec.graphs import ROWS, Graphs
from demos.codec.linear import Precision
from demos.codec.pairs import compact_decoder_folder
from demos.codec.t5 import FastDecoder

GROUPS = (1, 3, 16, 16, 16)  # sentences decoded together, over and over, where tokens are compared
VECTORS, LONGEST = 208, 40  # the longest sentences outgrow their first board
PRECISIONS: tuple[Precision, ...] = ("float32", "bfloat16", "float16")
TIE = 1e-5  # beams whose scores differ by less may change places: nobody adds in the same order


def make_decoder(checkpoint: Checkpoint, precision: Precision, device: torch.device) -> FastDecoder:
    """A decoder on the device, its matrices of a kind that the device has."""
    return FastDecoder(checkpoint, precision, on_cpu=False).to(device)


def decode(
    decoder: FastDecoder, graphs: Graphs | None, groups: list[Tensor], how: BeamSearch
) -> list[list[Beam]]:
    """The beams of all groups of vectors, with these graphs or, if None, by plain steps."""
    decoder.graphs = graphs
    return [row for group in groups for row in decoder.generate(group, how)]


def compare_tokens(name: str, decoders: list[FastDecoder], vectors: Tensor, beams: int) -> list[Measurement]:
    """Tokens of all beams of all vectors, with graphs and without; and how many first beams of a decoder
    are those of the first decoder, by plain steps both."""
    sizes = [size for size in GROUPS if size * beams <= ROWS]
    groups: list[Tensor] = []
    at = 0
    while at < len(vectors):
        groups.append(vectors[at : at + sizes[len(groups) % len(sizes)]])
        at += len(groups[-1])
    how = BeamSearch(beams, 1.2, LONGEST)
    rows: list[Measurement] = []
    base: list[list[int]] = []
    for decoder in decoders:
        graphs = Graphs(capture=vectors.is_cuda)
        fixed, plain = (decode(decoder, used, groups, how) for used in (graphs, None))
        same = ties = 0
        worst = 0.0
        for ours, theirs in zip(fixed, plain, strict=True):
            far = max(abs(one.score - other.score) for one, other in zip(ours, theirs, strict=True))
            equal = [beam.ids for beam in ours] == [beam.ids for beam in theirs]
            same += equal
            ties += not equal and far < TIE
            worst = max(worst, far if equal else 0)
        first = [list(row[0].ids) for row in plain]
        base = base or first
        captured = sum(board.graph is not None for board in graphs.boards.values())
        row: Measurement = {
            "decoder": name,
            "precision": decoder.precision,
            "beams": beams,
            "vectors": len(vectors),
        }
        row |= {"same tokens": same, "ties": ties, "differ": len(vectors) - same - ties}
        row |= {
            "largest gap of their scores": f"{worst:.0e}",
            "graphs": "FAILED" if graphs.failed else captured,
        }
        row |= {"median length": sorted(map(len, first))[len(first) // 2]}
        rows.append(row | {"first beams as float32": sum(map(list.__eq__, first, base))})
    return rows


def milliseconds(name: str, decoder: FastDecoder, vectors: Tensor, times: int) -> list[Measurement]:
    """Milliseconds for a sentence: alone and among 16, greedy and with three beams."""
    rows: list[Measurement] = []
    for count in (1, 16):
        for beams in (1, 3):
            groups, graphs = [vectors[:count]], Graphs(capture=vectors.is_cuda)
            how = BeamSearch(beams, 3.0, TOKENS + 1)
            start = time.perf_counter()
            decode(decoder, graphs, groups, how)
            first = time.perf_counter() - start
            plain, fixed = (
                median_seconds(lambda used=used, g=groups, how=how: decode(decoder, used, g, how), times)  # type: ignore[misc]
                for used in (None, graphs)
            )
            row: Measurement = {
                "decoder": name,
                "precision": decoder.precision,
                "sentences": count,
                "beams": beams,
            }
            row |= {"plain": 1e3 * plain / count, "graphs": 1e3 * fixed / count, "first": 1e3 * first / count}
            rows.append(row | {"times faster": plain / fixed})
    return rows


def reference(name: str, folder: Path, vectors: Tensor, times: int) -> list[Measurement]:
    """The same by transformers' generate in float32: a sentence alone, three beams."""
    from demos.bench.reference import TransformersDecoder, load_t5

    model: Any = load_t5(folder)
    theirs = TransformersDecoder(model.to(vectors.device))

    def call() -> object:
        return theirs.generate(vectors[:1], BeamSearch(3, 3.0, TOKENS + 1))

    return [
        {"decoder": name, "transformers, float32, 1 sentence, 3 beams": 1e3 * median_seconds(call, times)}
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--device", default="cuda", help="cuda or cpu")
    parser.add_argument("--small", action="store_true", help="a tiny random decoder and few repetitions")
    options = parser.parse_args()
    device = torch.device(options.device)
    start, times = time.perf_counter(), 2 if options.small else 5
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU, steps uncaptured"
    show("Machine", [{"device": name, "torch": torch.__version__, "small": options.small}])
    torch.manual_seed(3)

    try:
        bundled = compact_decoder_folder()
    except ModelFilesError as error:
        print(f"\nThe compact decoder is not measured: {error}")
    else:
        checkpoint = load_checkpoint(bundled)
        vectors = torch.nn.functional.normalize(torch.randn(VECTORS, checkpoint.dim)).to(device)
        decoders = [make_decoder(checkpoint, kind, device) for kind in PRECISIONS]
        rows = [row for beams in (1, 3) for row in compare_tokens("compact", decoders, vectors, beams)]
        show("Compact: tokens", rows + compare_tokens("compact", decoders[:1], vectors[:40], 16))
        rows = [row for decoder in decoders for row in milliseconds("compact", decoder, vectors, times)]
        show("Compact: ms a sentence", rows)
    print(f"\n{time.perf_counter() - start:.0f} s so far", flush=True)

    with tempfile.TemporaryDirectory() as place:
        shape = SMALL if options.small else StandInShape()
        folder = write_rut5(Path(place), shape, vocabulary=False)
        vectors = (torch.randn(VECTORS, shape.width) / 10).to(device)
        lively = liven(load_checkpoint(folder), ending=2.0 if options.small else 2.5)
        decoders = [make_decoder(lively, kind, device) for kind in PRECISIONS[:2]]
        rows = compare_tokens("ruT5", decoders[:1], vectors, 1) + compare_tokens("ruT5", decoders, vectors, 3)
        show("ruT5's shape: tokens", rows)
        del decoders, lively
        rows = []
        for kind in PRECISIONS:  # these sentences never end, so that all do the same steps
            rows += milliseconds("ruT5", make_decoder(load_checkpoint(folder), kind, device), vectors, times)
        show("ruT5's shape: ms a sentence", rows)
        show("ruT5's shape: reference", reference("ruT5", folder, vectors, times))
    if device.type == "cuda":
        print(f"\n{torch.cuda.max_memory_allocated() / 1e9:.1f} GB of the GPU's memory at most")
    print(f"\n{time.perf_counter() - start:.0f} s in all", flush=True)


if __name__ == "__main__":
    main()
