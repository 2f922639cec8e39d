"""Where the demo runs: which pair it opens with, on which device, and ZeroGPU's borrowed GPU.

A ZeroGPU Space has a GPU only inside functions under `spaces.GPU`, which run in a forked process:
arguments and results are pickled, and what the function remembers is lost with the process. So the
models are put on "cuda" while the program starts, in its main thread; only the two calls that need
them go through the fork; tokens, checks and caches stay on this side.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from demos.codec import PAIRS, Codec, CodecError, Codecs, Pair, hub
from demos.codec.decoder import Beam
from demos.codec.encoder import TextEncoder
from demos.codec.load import load_models
from demos.preparing import warm

ARTICLE = ("labse", "labse-en-ru")  # the article's pairs, the first choice first
Function = TypeVar("Function", bound=Callable[..., Any])


def in_space() -> bool:
    """Whether this is a Hugging Face Space."""
    return bool(os.environ.get("SPACE_ID"))


def on_zero_gpu() -> bool:
    """Whether this is a Space that borrows its GPU call by call."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def borrow_gpu(seconds: Callable[..., int]) -> Callable[[Function], Function]:
    """`spaces.GPU` on ZeroGPU, nothing elsewhere; `seconds` says from the arguments how long it may take."""
    if not on_zero_gpu():
        return lambda function: function
    import spaces

    decorator: Callable[[Function], Function] = spaces.GPU(duration=seconds)
    return decorator


_PLACED: dict[str, tuple[TextEncoder, Any]] = {}  # models on the GPU, by the pair's name


def _pool_seconds(name: str, rows: list[list[int]]) -> int:
    return min(5 + len(rows) // 100, 60)


@borrow_gpu(_pool_seconds)
def _pool(name: str, rows: list[list[int]]) -> np.ndarray:
    return _PLACED[name][0].pool(rows)


def _generate_seconds(name: str, vectors: np.ndarray, settings: dict[str, Any]) -> int:
    return min(8 + len(vectors) // 8, 60)


@borrow_gpu(_generate_seconds)
def _generate(name: str, vectors: np.ndarray, settings: dict[str, Any]) -> list[list[Beam]]:
    import torch

    found: list[list[Beam]] = _PLACED[name][1].generate(torch.from_numpy(vectors), **settings)
    return found


class BorrowedEncoder(TextEncoder):
    """A placed encoder: its tokens are made here, its vectors on the borrowed GPU."""

    def __init__(self, name: str, placed: TextEncoder) -> None:
        self.__dict__.update(placed.__dict__)
        self.name = name

    def pool(self, rows: Any, batch_tokens: int = 2048) -> np.ndarray:
        return _pool(self.name, [list(row) for row in rows])


class BorrowedDecoder:
    """A placed decoder; see `demos.codec.decoder.Decoder`."""

    def __init__(self, name: str) -> None:
        self.name = name

    def generate(self, vectors: Any, **settings: Any) -> list[list[Beam]]:
        return _generate(self.name, vectors.cpu().numpy(), settings)


class BorrowingCodec(Codec):
    """A codec that calls the models from its caller's thread instead of gathering calls into batches.

    ZeroGPU charges the visitor whose request it finds in the thread, and queues the calls itself.
    """

    def __init__(self, pair: Pair, encoder: TextEncoder, pieces: Any) -> None:
        super().__init__(pair, BorrowedEncoder(pair.name, encoder), BorrowedDecoder(pair.name), pieces)
        self._encodings = self._encode_batch  # type: ignore[assignment]
        self._decodings = self._decode_batch  # type: ignore[assignment]


def place_on_zero_gpu(codecs: Codecs) -> None:
    """Put every hub pair whose files are here on the GPU. Main thread only, before the page is served."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    for name in ARTICLE:
        pair = PAIRS[name]
        if all(map(hub.cached, pair.repos)):
            encoder, decoder, pieces, _ = load_models(pair, device)
            _PLACED[name] = (encoder, decoder)
            codecs.add(BorrowingCodec(pair, encoder, pieces))


def opening_pair(wanted: str = "auto") -> str:
    """The pair to open with: the one that is wanted, or for "auto" the article's where its files are in the
    hub cache, else the bundled one. A Space without a GPU opens with the bundled one."""
    if wanted != "auto":
        return wanted
    if in_space() and not on_zero_gpu():
        import torch

        if not torch.cuda.is_available():
            return "compact"
    here = (name for name in ARTICLE if all(map(hub.cached, PAIRS[name].repos)))
    return next(here, "compact")


def fetch_in_terminal(pair: Pair) -> None:
    """Download what this machine lacks of a pair, and tell the terminal how far it is."""
    told = -5

    def tell(here: int, total: int) -> None:
        nonlocal told
        percent = 100 * here // total
        if percent >= told + 5:
            told = percent
            megabytes = f"{here // 1_000_000} of {total // 1_000_000} MB"
            print(f"Downloading {pair.title}: {megabytes}", file=sys.stderr, flush=True)

    if not all(map(hub.cached, pair.repos)):
        hub.fetch_all(pair.repos, tell)


def open_codecs(wanted: str = "auto", device: str | None = None) -> Codecs:
    """The pool of codecs that the page runs on, its first pair loaded and warm.

    Raises:
        CodecError: the wanted pair cannot be had. "auto" falls back on the bundled pair instead.
    """
    name = opening_pair(wanted)
    try:
        codecs = Codecs(name, "cpu" if on_zero_gpu() else device)
        fetch_in_terminal(PAIRS[name])
        if on_zero_gpu():
            place_on_zero_gpu(codecs)
        else:
            warm(codecs, name)
    except CodecError as error:
        if wanted != "auto" or name == "compact":
            raise
        print(f"{PAIRS[name].title} cannot be loaded ({error}); the bundled pair is used.", file=sys.stderr)
        codecs = Codecs("compact", "cpu" if on_zero_gpu() else device)
        warm(codecs, "compact")
    return codecs
