"""Load a pair into a codec, and keep the codecs that are loaded."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import torch
from torch import nn

from demos.codec.codec import Borrow, Codec
from demos.codec.errors import BadSetting, ModelFilesError
from demos.codec.linear import PRECISIONS, Precision, fastest, has_int8
from demos.codec.pairs import PAIRS, Pair, compact_decoder_folder, find_pair

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

    from demos.codec.decoder import Checkpoint, Decoder
    from demos.codec.encoder import TextEncoder
    from demos.codec.lexicon import Lexicon

HEAD = 4_096  # rows of the head that stand for it where kernels are timed


def load_codec(
    name: str = "compact",
    device: str | None = None,
    precision: Precision | None = None,
    borrow: Borrow | None = None,
) -> Codec:
    """Load the pair `name`.

    Args:
        device: "cpu", "cuda" …; None is a CUDA device if there is one.
        precision: of the decoder's matrices, and of the encoder's where the pair allows it for them; None is
            the fastest of the pair's on this machine. "float32" gives exactly the tokens of transformers.
        borrow: as in `Codec`, for a device that is there call by call.

    Raises:
        UnknownPair: no pair has the name.
        ModelFilesError: a file is missing, damaged or not what it should be.
        HubUnavailable: the pair's files are not here and cannot be downloaded.
        BadSetting: this machine does not have the precision.
    """
    return build_codec(find_pair(name), device, precision, borrow)


def build_codec(
    pair: Pair, device: str | None = None, precision: Precision | None = None, borrow: Borrow | None = None
) -> Codec:
    """Load a pair that need not be in the registry; see `load_codec`."""
    return Codec(pair, *load_models(pair, device, precision), borrow)


def usual_precision(pair: Pair, checkpoint: Checkpoint, device: torch.device) -> Precision:
    """What a pair's decoder is kept in: on a CPU what is fastest there of what keeps the pair's quality.

    On a GPU pairs from the hub are bfloat16, in which T5 cannot overflow, if it knows bfloat16.
    """
    if device.type == "cuda":
        wide = bool(pair.repos) and torch.cuda.get_device_capability() >= (8, 0)
        return "bfloat16" if wide else "float32"
    if device.type != "cpu":
        return "float32"
    from demos.codec.t5 import matrices

    head = checkpoint.weights["shared.weight"][:HEAD].float()
    return fastest(pair.precisions, [*matrices(checkpoint, 0).values(), head])


def load_models(
    pair: Pair, device: str | None = None, precision: Precision | None = None
) -> tuple[TextEncoder, Decoder, SentencePieceProcessor, Lexicon | None]:
    """A pair's encoder, decoder, the decoder's tokenizer and its lexicon, the models on the device.

    Raises as `load_codec`.

    Encoders from the hub are float16 on a GPU: its finer fractions are what a vector needs.
    """
    from demos.codec.adapter import ByLength, load_adapted
    from demos.codec.decoder import load_checkpoint, load_table, load_tokenizer
    from demos.codec.lexicon import load_lexicon
    from demos.codec.t5 import FastDecoder

    target = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    on_cpu = target.type == "cpu"
    if precision is not None and (
        precision not in PRECISIONS or (precision == "int8" and (not on_cpu or not has_int8()))
    ):
        raise BadSetting("precision", precision, f"one of {', '.join(PRECISIONS)} that this machine has")

    def load_encoder() -> TextEncoder:
        encoder = pair.load_encoder()
        if on_cpu:
            nn.Module.to(encoder.model, torch.float32)
        return encoder

    with ThreadPoolExecutor(1) as other:  # the encoder's tokenizer is slow to read, and leaves a core idle
        encoding = other.submit(load_encoder)
        folder = pair.decoder_folder()
        tokenizer, lexicon = load_tokenizer(folder), load_lexicon(folder)
        checkpoint = load_checkpoint(folder)
        encoder = encoding.result()  # before a kernel is chosen: nothing else runs while they are timed
        chosen = precision or usual_precision(pair, checkpoint, target)
        packing: Future[None] | None = None
        if on_cpu:
            allowed = (precision,) if precision in pair.encoder_precisions else pair.encoder_precisions
            # In one thread with the loading: glibc keeps a thread's freed memory for it.
            packing = other.submit(encoder.pack, encoder.fastest_precision(allowed))
        certain = FastDecoder(checkpoint, chosen, on_cpu=on_cpu).to(target)
        decoder: Decoder = certain
        made = [certain]
        adapted = load_adapted(folder, checkpoint)
        if adapted is not None:
            made.append(FastDecoder(adapted, chosen, on_cpu=on_cpu, head=certain.head).to(target))
            decoder = ByLength(*made)
        if on_cpu:  # all else was copied, and the file as it was read is let go
            table = load_table(folder)
            for one in made:
                one.embeddings = table
        if packing is not None:
            packing.result()
    if checkpoint.dim != encoder.dim:
        message = (
            f"{pair.name}: the encoder's vectors have {encoder.dim} numbers, "
            f"the decoder takes {checkpoint.dim}"
        )
        raise ModelFilesError(message, folder)
    if not on_cpu:
        half = target.type == "cuda" and bool(pair.repos)
        nn.Module.to(encoder.model, target, torch.float16 if half else torch.float32)
    return encoder, decoder, tokenizer, lexicon


@cache
def russian_words() -> Lexicon:
    """The bundled pair's lexicon, which tells Russian words from others whatever pair is in use.

    Raises:
        ModelFilesError: its file is damaged.
    """
    from demos.codec.lexicon import Lexicon, load_lexicon

    return load_lexicon(compact_decoder_folder()) or Lexicon.of([])


class Codecs:
    """A pool that loads each pair at its first use and keeps it; safe under threads."""

    def __init__(self, default: str = "compact", device: str | None = None) -> None:
        find_pair(default)
        self.default = default
        self.device = device
        self._loaded: dict[str, Codec] = {}
        self._locks = {name: threading.Lock() for name in PAIRS}

    @property
    def names(self) -> list[str]:
        """Names of all pairs, the default first."""
        return [self.default, *(name for name in PAIRS if name != self.default)]

    def get(self, name: str | None = None) -> Codec:
        """The codec of a pair (the default if None), loaded now if it was not yet; raises as `load_codec`."""
        name = name or self.default
        find_pair(name)
        with self._locks[name]:  # one a pair: a long download of one leaves the others at work
            if name not in self._loaded:
                self._loaded[name] = load_codec(name, self.device)
            return self._loaded[name]

    def loaded(self, name: str) -> bool:
        """Whether the pair is in memory and answers at once."""
        return name in self._loaded

    def device_of(self, name: str) -> str:
        """Where the pair is, or would be loaded: "cpu", "cuda" …"""
        if self.loaded(name):
            return self._loaded[name].device
        return self.device or ("cuda" if torch.cuda.is_available() else "cpu")

    def add(self, codec: Codec) -> None:
        """Keep a codec that was loaded elsewhere; it answers for its name from now on."""
        self._loaded[codec.name] = codec
