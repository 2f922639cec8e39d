"""Load a pair into a codec, and keep the codecs that are loaded."""

from __future__ import annotations

import threading

from demos.codec.codec import Codec
from demos.codec.pairs import PAIRS, Pair, find_pair


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
    import torch

    from demos.codec.decoder import TransformersDecoder, load_pieces, load_t5

    place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    folder = pair.decoder_folder()
    decoder = load_t5(folder)
    pieces = load_pieces(folder)
    encoder = pair.load_encoder()
    encoder.model.to(place)
    return Codec(pair, encoder, TransformersDecoder(decoder.to(place)), pieces)


class Codecs:
    """A pool that loads each pair at its first use and keeps it; safe under threads."""

    def __init__(self, default: str = "compact", device: str | None = None) -> None:
        find_pair(default)
        self.default = default
        self.device = device
        self._loaded: dict[str, Codec] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> list[str]:
        """Names of all pairs, the default first."""
        return [self.default, *(name for name in PAIRS if name != self.default)]

    def get(self, name: str | None = None) -> Codec:
        """The codec of a pair (the default if None), loaded now if it was not yet; raises as `load_codec`."""
        name = name or self.default
        find_pair(name)
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = load_codec(name, self.device)
            return self._loaded[name]
