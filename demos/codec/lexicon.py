"""Which words there are, as far as a decoder's training text had them.

Far from any sentence a decoder makes up words. Among the beams that it finds there are often some
without them, and a codec prefers those. The words are kept as a Bloom filter (Bloom, 1970), whose
hashes come from two (Kirsch and Mitzenmacher, 2006): at ten bits a word, seven hashes take one other
word in a hundred for known, and no known one for unknown. The bundled pair's 269,591 words take 337 kB so;
as sorted hashes of four bytes, to be looked up by bisection, they would take 1,078 kB.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

import numpy as np

FILE = "lexicon.safetensors"
HASHES, BITS_PER_WORD = 7, 10
WORD = re.compile("[а-яё]+")


def cyrillic_words(text: str) -> list[str]:
    """The Russian words of a text in lower case, ё as е; both sides of a hyphen are words."""
    return [word.replace("ё", "е") for word in WORD.findall(text.lower())]


class Lexicon:
    """A set of words.

    Args:
        bits: of the filter, eight to a byte.
    """

    def __init__(self, bits: bytes) -> None:
        self.bits = bits

    @classmethod
    def of(cls, words: Iterable[str]) -> Lexicon:
        """The filter of distinct words, given as `cyrillic_words` has them."""
        words = set(words)
        bits = bytearray(-(-max(1, len(words)) * BITS_PER_WORD // 8))
        for word in words:
            for place in bit_positions(word, 8 * len(bits)):
                bits[place >> 3] |= 1 << (place & 7)
        return cls(bytes(bits))

    def __contains__(self, word: str) -> bool:
        return all(
            self.bits[place >> 3] >> (place & 7) & 1 for place in bit_positions(word, 8 * len(self.bits))
        )

    def unknown(self, text: str) -> int:
        """How many words of a text are not in the lexicon."""
        return sum(word not in self for word in cyrillic_words(text))

    def save(self, folder: Path) -> None:
        """Write ``lexicon.safetensors`` into a decoder's folder."""
        from safetensors.numpy import save_file

        save_file({"bits": np.frombuffer(self.bits, dtype=np.uint8)}, folder / FILE)


def bit_positions(word: str, size: int) -> Iterator[int]:
    """The bits of a filter of `size` bits that stand for a word."""
    digest = blake2b(word.encode(), digest_size=16).digest()
    first, step = int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")
    return ((first + i * step) % size for i in range(HASHES))


def load_lexicon(folder: Path) -> Lexicon | None:
    """The lexicon of a decoder's folder, if it has one.

    Raises:
        ModelFilesError: it is unreadable.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    from demos.codec.errors import ModelFilesError

    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Lexicon(load_file(path)["bits"].tobytes())
    except (OSError, SafetensorError, KeyError) as error:
        raise ModelFilesError(f"{path} is damaged: {error}", path) from error
