"""Text → one vector → Russian text. Nothing here knows of the web page.

What is imported here is public: the app and the operations use nothing else of the codec.

from demos.codec import load_codec

codec = load_codec()
vectors = codec.encode(["Good morning!", "Доброе утро!"])  # float32 (2, 384), unit rows
codec.decode(vectors)  # two Russian sentences
codec.candidates(vectors, 3, codec.quick)  # for each its three best, with score, fidelity and vector
"""

from demos.codec.codec import Candidate, Codec, unit
from demos.codec.errors import (
    BadSetting,
    BadVector,
    Busy,
    CodecError,
    DiskFull,
    EmptyInput,
    HubUnavailable,
    ModelFilesError,
    SaysNothing,
    TextTooLong,
    Unavailable,
    UnknownPair,
)
from demos.codec.languages import NAMES as LANGUAGE_NAMES
from demos.codec.load import Codecs, load_codec, russian_words
from demos.codec.pairs import PAIRS, Decoding, Pair, check_whole
from demos.codec.text import clean, says_nothing

__all__ = [
    "LANGUAGE_NAMES",
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
    "SaysNothing",
    "TextTooLong",
    "Unavailable",
    "UnknownPair",
    "check_whole",
    "clean",
    "load_codec",
    "russian_words",
    "says_nothing",
    "unit",
]
