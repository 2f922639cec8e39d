"""The bundled tokenizer cuts texts as tokenizers does, in every script and at every odd place."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from demos.codec.pairs import COMPACT
from demos.codec.unigram import UnigramTokenizer
from demos.training.repack import split_tokenizer

ROOT = Path(__file__).parents[2]

TEXTS = [
    "",
    " ",
    "  Two  spaces and a last one ",
    "tabs\tand\nlines\r\n",
    "query: Доброе утро! Как дела?",
    "Ёжик съел 3½ яблока — «вкусно»…",
    "....", ".....", "?!?!", "''''", "′′′ ‴ ⁗",
    "ﬁne ＡＢＣ ① ㎏ ²",
    "e\u0301 é й и\u0306",
    "北京欢迎你。東京へようこそ。",
    "สวัสดีครับ นำ",
    "नमस्ते दुनिया",
    "مرحبا بالعالم ﷺ",
    "שָׁלוֹם",
    "안녕하세요 \u1112\u1161\u11ab",
    "👩‍👩‍👧 🏳️‍🌈 \U0001f9ff",
    "ⴰⵣⵓⵍ 𐌲𐌿𐍄 ꙮ",
    "\u200b\u00ad\ufeff▁_▁",
    "a<s>b</s> <mask> c <pad><unk>",
    "＜s＞ <s <mask",
]  # fmt: skip


@pytest.fixture(scope="module")
def bundled() -> UnigramTokenizer:
    return UnigramTokenizer(COMPACT / "encoder")


@pytest.fixture(scope="module")
def reference() -> Tokenizer:
    """The bundled tokenizer in tokenizers itself: the rules with the vocabulary put back."""
    ours = UnigramTokenizer(COMPACT / "encoder")
    rules = json.loads((COMPACT / "encoder" / "tokenizer.json").read_text(encoding="utf-8"))
    rules["model"]["vocab"] = [
        [piece, ours._scores[ours._id(piece)]] for piece in sorted(ours._trie, key=ours._id)
    ]
    rules["model"]["unk_id"] = ours._id("<unk>")
    return Tokenizer.from_str(json.dumps(rules))


def test_ids_are_those_of_tokenizers(bundled: UnigramTokenizer, reference: Tokenizer) -> None:
    assert bundled(TEXTS) == [encoding.ids for encoding in reference.encode_batch(TEXTS)]


def test_ids_of_random_characters_are_those_of_tokenizers(
    bundled: UnigramTokenizer, reference: Tokenizer
) -> None:
    generator = random.Random(5)
    ranges = [(32, 0x600), (0x900, 0x1000), (0x2000, 0x2070), (0x3000, 0x9000), (0xAC00, 0xAF00)]
    letters = [chr(code) for first, last in ranges for code in range(first, last)]
    some = ["".join(generator.choices(letters, k=generator.randint(1, 12))) for _ in range(2000)]
    marks = ["".join(generator.choices(". .?!-…= *ab", k=generator.randint(1, 24))) for _ in range(2000)]
    texts = some + marks
    assert bundled(texts) == [encoding.ids for encoding in reference.encode_batch(texts)]


def test_ids_of_the_vocabulary_are_those_of_the_source(bundled: UnigramTokenizer) -> None:
    """Known ids of XLM-R, whose vocabulary this is."""
    assert bundled(["Hello world"]) == [[0, 35378, 8999, 2]]
    assert len(bundled._trie) == len(bundled._ids) == 250_002
    assert (bundled._id("<pad>"), bundled._id("<mask>")) == (1, 250_001)


def write_small(folder: Path, vocabulary: list[tuple[str, float]]) -> UnigramTokenizer:
    """A tokenizer of a few pieces, written as the repacking writes it."""
    specials = [
        {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False}
        | {"normalized": False, "special": True}
        for i, token in enumerate(("<s>", "</s>", "<unk>"))
    ]
    source = {
        "version": "1.0",
        "added_tokens": specials,
        "normalizer": {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True},
        "model": {"type": "Unigram", "unk_id": 2, "vocab": vocabulary},
    }
    split_tokenizer(json.dumps(source).encode(), folder)
    return UnigramTokenizer(folder)


SPECIAL = [("<s>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]


def test_a_long_word_is_looked_up_in_short_parts(
    bundled: UnigramTokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked up to its end from each character, a word takes time by the square of its length."""
    trie, longest = bundled._trie, 0

    class Watched:
        def prefixes(self, text: str) -> list[str]:
            nonlocal longest
            longest = max(longest, len(text))
            return list(trie.prefixes(text))

        def __getitem__(self, piece: str) -> int:
            return int(trie[piece])

    word = "дом" * 1000
    ids = bundled([word])
    monkeypatch.setattr(bundled, "_trie", Watched())
    assert bundled([word]) == ids
    assert 0 < longest < 100


def test_the_likeliest_cut_is_taken(tmp_path: Path) -> None:
    pieces = [("▁", -1.0), ("a", -2.0), ("b", -2.0), ("ab", -3.0), ("▁a", -1.5), ("▁ab", math.log(0.01))]
    tokenizer = write_small(tmp_path, [*SPECIAL, *pieces])
    assert tokenizer(["ab"]) == [[0, 7, 5, 1]]  # −1.5 − 2 beats −1 − 3 and −4.6
    assert tokenizer(["  b  ab"]) == [[0, 3, 5, 7, 5, 1]]


def test_unknown_characters_in_a_row_are_one_piece(tmp_path: Path) -> None:
    tokenizer = write_small(tmp_path, [*SPECIAL, ("▁", -1.0), ("a", -2.0)])
    assert tokenizer(["xyaz", "x y"]) == [[0, 3, 2, 4, 2, 1], [0, 3, 2, 3, 2, 1]]


def test_pieces_that_cannot_be_stored_are_an_error(tmp_path: Path) -> None:
    for bad in ([("a", -1.0), ("a", -2.0)], [("a\n", -1.0)]):
        with pytest.raises(ValueError, match="twice or has a line break"):
            write_small(tmp_path, [*SPECIAL, *bad])


def test_pieces_without_scores_are_an_error(tmp_path: Path) -> None:
    from safetensors.numpy import load_file, save_file

    write_small(tmp_path, [*SPECIAL, ("▁", -1.0)])
    stored = load_file(tmp_path / "pieces.safetensors")
    save_file(stored | {"scores": stored["scores"][:-1]}, tmp_path / "pieces.safetensors")
    with pytest.raises(ValueError, match="4 pieces have 3 scores"):
        UnigramTokenizer(tmp_path)


def test_the_pieces_take_little_memory() -> None:
    script = """
import ctypes
from pathlib import Path
from demos.codec.unigram import UnigramTokenizer

def anonymous():
    ctypes.CDLL(None).malloc_trim(0)
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) / 1000

before = anonymous()
tokenize = UnigramTokenizer(Path("assets/models/compact/encoder"))
print(anonymous() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 30, "MB: in a dict they take 40"
