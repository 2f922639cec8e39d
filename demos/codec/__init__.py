"""Text → one vector → Russian text. Nothing here knows of the web page.

from demos.codec import load_codec

codec = load_codec()
vectors = codec.encode(["Good morning!", "Доброе утро!"])  # float32 (2, 384), unit rows
codec.decode(vectors)  # two Russian sentences
"""

from demos.codec.codec import Candidate, Codec
from demos.codec.errors import (
    BadSetting,
    BadVector,
    Busy,
    CodecError,
    DiskFull,
    EmptyInput,
    HubUnavailable,
    ModelFilesError,
    TextTooLong,
    UnknownPair,
)
from demos.codec.load import Codecs, load_codec
from demos.codec.pairs import PAIRS, Decoding, Pair

__all__ = [
    "PAIRS",
    "BadSetting",
    "BadVector",
    "Busy",
    "Candidate",
    "Codec",
    "CodecError",
    "Codecs",
    "Decoding",
    "DiskFull",
    "EmptyInput",
    "HubUnavailable",
    "ModelFilesError",
    "Pair",
    "TextTooLong",
    "UnknownPair",
    "load_codec",
]
