"""Which rows of the lexicon are kept out of training, so that words, names and numbers can be measured."""

import hashlib
import unicodedata

HELD_OUT_ONE_IN = 50


def held_out_row(language: str, text: str) -> bool:
    """Whether the lexicon's row of this language (ISO 639-3) and foreign text is held out from training.

    The rule depends on the language and the text alone, in any capitalisation, so that a word is held out of
    every source that lists it and whichever Russian stands beside it. One text in fifty is held out.
    """
    key = f"{language}\t{unicodedata.normalize('NFC', text).strip().casefold()}"
    digest = hashlib.blake2b(key.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % HELD_OUT_ONE_IN == 0
