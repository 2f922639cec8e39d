"""Load a pair into a codec, and keep the codecs that are loaded."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from demos.codec.codec import Codec
from demos.codec.errors import ModelFilesError
from demos.codec.pairs import PAIRS, Pair, find_pair

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor

    from demos.codec.decoder import TransformersDecoder
    from demos.codec.encoder import TextEncoder


def load_codec(name: str = "compact", device: str | None = None) -> Codec:
    """Load the pair `name`; the device is a CUDA one if there is one, unless told.

    Raises:
        UnknownPair: no pair has the name.
        ModelFilesError: a file is missing, damaged or not what it should be.
        HubUnavailable: the pair's files are not here and cannot be downloaded.
    """
    return build_codec(find_pair(name), device)


def build_codec(pair: Pair, device: str | None = None) -> Codec:
    """Load a pair that need not be in the registry; see `load_codec`."""
    return Codec(pair, *load_models(pair, device))


def load_models(
    pair: Pair, device: str | None = None
) -> tuple[TextEncoder, TransformersDecoder, SentencePieceProcessor]:
    """A pair's encoder, decoder and vocabulary, the models on the device.

    Pairs from the hub are kept in half precision on a GPU: the encoder as float16, whose finer
    fractions a vector needs, and the decoder as bfloat16, in which T5 cannot overflow. GPUs that know no
    bfloat16 keep the decoder as float32.
    """
    import torch
    from torch import nn

    from demos.codec.decoder import TransformersDecoder, load_pieces, load_t5

    place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    folder = pair.decoder_folder()
    decoder = load_t5(folder)
    pieces = load_pieces(folder)
    encoder = pair.load_encoder()
    width = decoder.config.d_model
    if width != encoder.dim:
        message = f"{pair.name}: the encoder's vectors have {encoder.dim} numbers, the decoder takes {width}"
        raise ModelFilesError(message, folder)
    half = place.type == "cuda" and bool(pair.repos)
    wide = half and torch.cuda.get_device_capability() >= (8, 0)
    nn.Module.to(encoder.model, place, torch.float16 if half else torch.float32)
    nn.Module.to(decoder, place, torch.bfloat16 if wide else torch.float32)
    return encoder, TransformersDecoder(decoder), pieces


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

    def add(self, codec: Codec) -> None:
        """Keep a codec that was loaded elsewhere; it answers for its name from now on."""
        self._loaded[codec.name] = codec
