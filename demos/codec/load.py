"""Load a pair into a codec, and keep the codecs that are loaded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import torch
from torch import nn

from demos.codec.codec import Codec
from demos.codec.errors import BadSetting, ModelFilesError
from demos.codec.linear import PRECISIONS, Precision, has_half, has_int8, pack_linears
from demos.codec.pairs import PAIRS, Pair, find_pair

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

    from demos.codec.encoder import TextEncoder
    from demos.codec.lexicon import Lexicon
    from demos.codec.t5 import FastDecoder


def load_codec(name: str = "compact", device: str | None = None, precision: Precision | None = None) -> Codec:
    """Load the pair `name`.

    Args:
        device: "cpu", "cuda" …; None is a CUDA device if there is one.
        precision: of the decoder's matrices; None is what `usual_precision` says.

    Raises:
        UnknownPair: no pair has the name.
        ModelFilesError: a file is missing, damaged or not what it should be.
        HubUnavailable: the pair's files are not here and cannot be downloaded.
        BadSetting: this machine does not have the precision.
    """
    return build_codec(find_pair(name), device, precision)


def build_codec(pair: Pair, device: str | None = None, precision: Precision | None = None) -> Codec:
    """Load a pair that need not be in the registry; see `load_codec`."""
    return Codec(pair, *load_models(pair, device, precision))


def usual_precision(pair: Pair, device: torch.device) -> Precision:
    """What a pair's decoder is kept in: on a CPU what was checked for the pair, if the machine has it.

    On a GPU pairs from the hub are bfloat16, in which T5 cannot overflow, if it knows bfloat16.
    """
    if device.type == "cuda":
        wide = bool(pair.repos) and torch.cuda.get_device_capability() >= (8, 0)
        return "bfloat16" if wide else "float32"
    if (pair.precision == "int8" and not has_int8()) or (pair.precision == "float16" and not has_half()):
        return "float32"
    return pair.precision


def load_models(
    pair: Pair, device: str | None = None, precision: Precision | None = None
) -> tuple[TextEncoder, FastDecoder, SentencePieceProcessor, Lexicon | None]:
    """A pair's encoder, decoder, vocabulary and lexicon, the models on the device.

    Raises as `load_codec`.

    Encoders from the hub are float16 on a GPU: its finer fractions are what a vector needs.
    """
    from demos.codec.decoder import load_checkpoint, load_pieces
    from demos.codec.lexicon import load_lexicon
    from demos.codec.t5 import FastDecoder

    place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    chosen = precision or usual_precision(pair, place)
    if chosen not in PRECISIONS or (chosen == "int8" and (place.type != "cpu" or not has_int8())):
        raise BadSetting("precision", chosen, f"one of {', '.join(PRECISIONS)} that this machine has")

    def load_encoder() -> TextEncoder:
        encoder = pair.load_encoder()
        if place.type == "cpu":  # in one thread with the loading: glibc keeps a thread's freed memory for it
            nn.Module.to(encoder.model, torch.float32)
            pack_linears(encoder.model)
        return encoder

    with ThreadPoolExecutor(1) as other:  # the encoder's tokenizer is slow to read, and leaves a core idle
        encoding = other.submit(load_encoder)
        folder = pair.decoder_folder()
        pieces, lexicon = load_pieces(folder), load_lexicon(folder)
        decoder = FastDecoder(load_checkpoint(folder), chosen, on_cpu=place.type == "cpu").to(place)
        encoder = encoding.result()
    if decoder.dim != encoder.dim:
        message = (
            f"{pair.name}: the encoder's vectors have {encoder.dim} numbers, the decoder takes {decoder.dim}"
        )
        raise ModelFilesError(message, folder)
    if place.type != "cpu":
        half = place.type == "cuda" and bool(pair.repos)
        nn.Module.to(encoder.model, place, torch.float16 if half else torch.float32)
    return encoder, decoder, pieces, lexicon


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
            return self._loaded[name]._encoder.device.type
        return self.device or ("cuda" if torch.cuda.is_available() else "cpu")

    def add(self, codec: Codec) -> None:
        """Keep a codec that was loaded elsewhere; it answers for its name from now on."""
        self._loaded[codec.name] = codec
