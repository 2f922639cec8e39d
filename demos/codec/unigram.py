"""Text → the token ids of multilingual-e5's tokenizer, in little time and memory.

The tokenizer is a SentencePiece unigram model (Kudo, 2018, arXiv:1804.10959): of all ways to cut
a word into pieces it takes the likeliest. ``tokenizers`` needs seconds and 285 MB to load its
250,002 pieces, ``sentencepiece`` 55 MB, a dict of them 40 MB; here they lie in a trie, which takes 8 MB
and half a second. Normalisation and the split into words remain ``tokenizers``'; the search repeats its
arithmetic, ties included, so the ids are the same.
"""

from __future__ import annotations

import math
import re
from array import array
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from marisa_trie import Trie
from safetensors.numpy import load_file
from tokenizers import Tokenizer

UNKNOWN_PENALTY = 10.0  # an unknown character is so much less likely than the rarest piece
CACHED_WORDS, LONG_WORD = 50_000, 40  # how many words are remembered, and of how many characters: 12 MB


class UnigramTokenizer:
    """A tokenizer folder's tokenizer.json, which lacks the vocabulary, and its pieces.safetensors.

    pieces.safetensors holds text, uint8, the pieces in UTF-8 with a newline after each but the last, and
    scores, float64 (pieces), their log-probabilities.
    """

    def __init__(self, folder: Path) -> None:
        rules = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._normalise = rules.normalizer.normalize_str
        self._split = rules.pre_tokenizer.pre_tokenize_str
        stored = load_file(folder / "pieces.safetensors")
        pieces = stored["text"].tobytes().decode().split("\n")
        self._scores = array(
            "d", stored["scores"].astype("d").tobytes()
        )  # a list's numbers take four times as much
        if len(pieces) != len(self._scores):
            raise ValueError(f"{len(pieces)} pieces have {len(self._scores)} scores")
        self._trie = Trie(pieces)
        self._longest = max(map(len, pieces))
        self._ids = array("I", bytes(4 * len(pieces)))  # of the pieces by their numbers in the trie
        for i, piece in enumerate(pieces):
            self._ids[self._trie[piece]] = i
        self._start, self._end, self._unknown = (self._id(name) for name in ("<s>", "</s>", "<unk>"))
        self.silent = frozenset({self._unknown, self._id("▁")})  # ids that say nothing of a text
        self._unlikely = min(self._scores) - UNKNOWN_PENALTY
        self._special = {token.content for token in rules.get_added_tokens_decoder().values()}
        self._parts = re.compile(f"({'|'.join(map(re.escape, sorted(self._special)))})").split
        self._word = lru_cache(CACHED_WORDS)(self._best_cut)

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """Texts → their token ids with the start and end tokens, never cut."""
        return [[self._start, *self._text(text), self._end] for text in texts]

    def _id(self, piece: str) -> int:
        number: int = self._trie[piece]
        return self._ids[number]

    def _text(self, text: str) -> list[int]:
        ids: list[int] = []
        for part in self._parts(text):  # a special token that a text spells out is that token
            if part in self._special:
                ids.append(self._id(part))
            elif part:
                for word, _ in self._split(self._normalise(part)):
                    ids += self._word(word) if len(word) <= LONG_WORD else self._best_cut(word)
        return ids

    def _best_cut(self, word: str) -> tuple[int, ...]:
        """The ids of the likeliest pieces of a word; unknown characters in a row are one unknown piece."""
        size = len(word)
        best, came = [0.0] + [-math.inf] * size, [(0, self._unknown)] * (size + 1)
        for start in range(size):
            here = best[start]
            alone = False  # whether the character at start is a piece itself
            for found in self._trie.prefixes(word[start : start + self._longest]):
                end, piece = start + len(found), self._id(found)
                alone = alone or len(found) == 1
                if (score := self._scores[piece] + here) > best[end]:
                    best[end], came[end] = score, (start, piece)
            if not alone and self._unlikely + here > best[start + 1]:
                best[start + 1], came[start + 1] = self._unlikely + here, (start, self._unknown)
        ids: list[int] = []
        end = size
        while end > 0:
            end, piece = came[end]
            if piece != self._unknown or not ids or ids[-1] != self._unknown:
                ids.append(piece)
        return tuple(reversed(ids))
