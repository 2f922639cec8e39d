"""Stand-ins for the article's checkpoints: the same classes, file names and layouts, random weights.

With them the hub pairs are tested without a network, and measured at their true shape by
`demos.bench.true_shape`. `Article` holds the article's own lines, run by plain transformers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from demos.codec import PAIRS, Pair, hub

if TYPE_CHECKING:
    from demos.codec.decoder import Checkpoint

LETTERS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZабвгдеёжзийклмнопрстуфхцчшщъыьэюя0123456789.,!?-"
)
LETTERS += "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"

Weights = Literal["safetensors", "bin"]
Layout = Literal["pooler", "pretraining", "no pooler", "2_Dense"]


@dataclass(frozen=True)
class StandInShape:
    """Sizes of a stand-in pair; the defaults are those of the article's."""

    width: int = 768
    layers: int = 12
    heads: int = 12
    encoder_tokens: int = 501_153  # in the vocabulary
    decoder_tokens: int = 30_000
    inner: int = 3072  # BERT's feed-forward width
    gated: int = 2048  # T5's
    key: int = 64  # T5's width of a head


SMALL = StandInShape(
    width=32, layers=2, heads=4, encoder_tokens=400, decoder_tokens=300, inner=64, gated=48, key=8
)


def write_labse(
    folder: Path, shape: StandInShape, layout: Layout = "pooler", weights: Weights = "safetensors"
) -> Path:
    """A BERT checkpoint with random weights and a WordPiece vocabulary.

    Args:
        layout: "pooler" is sentence-transformers/LaBSE; "pretraining" is LaBSE-en-ru, whose names begin
            with "bert.", which has two heads more, and no tokenizer.json; "no pooler" lacks
            one; "2_Dense" lacks it too, but has the folder of sentence-transformers with the same layer.
    """
    import torch
    from transformers.models.bert.configuration_bert import BertConfig
    from transformers.models.bert.modeling_bert import BertForPreTraining, BertModel

    folder.mkdir(parents=True, exist_ok=True)
    config = BertConfig(
        vocab_size=shape.encoder_tokens,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=512,
        initializer_range=1.5 / shape.width**0.5,  # wide enough that texts get different vectors
        architectures=["BertForPreTraining" if layout == "pretraining" else "BertModel"],
    )
    torch.manual_seed(0)
    model = BertForPreTraining(config) if layout == "pretraining" else BertModel(config)
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    dense = {
        f"linear.{kind}": state[f"pooler.dense.{kind}"] for kind in ("weight", "bias") if layout == "2_Dense"
    }
    if layout in ("no pooler", "2_Dense"):
        state = {name: tensor for name, tensor in state.items() if not name.startswith("pooler.")}
    if layout == "pretraining":  # saved with its tied table once
        state = {name: tensor for name, tensor in state.items() if name != "cls.predictions.decoder.weight"}
    save_weights(state, folder, weights)
    config.save_pretrained(folder)
    write_wordpiece(folder, shape.encoder_tokens)
    if layout != "pretraining":
        write_fast_tokenizer(folder)
    if dense:
        (folder / "2_Dense").mkdir()
        save_weights(dense, folder / "2_Dense", weights)
        settings = {
            "in_features": shape.width,
            "out_features": shape.width,
            "bias": True,
            "activation_function": "torch.nn.modules.activation.Tanh",
        }
        (folder / "2_Dense" / "config.json").write_text(json.dumps(settings))
    return folder


def write_wordpiece(folder: Path, size: int) -> None:
    """A cased WordPiece vocabulary of `size` tokens: special ones, letters, syllables."""
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens += list(LETTERS) + [f"##{letter}" for letter in LETTERS]
    tokens += [f"{first}{second}" for first in LETTERS for second in LETTERS]
    tokens += [f"[unused{index}]" for index in range(max(0, size - len(tokens)))]
    (folder / "vocab.txt").write_text("\n".join(tokens[:size]) + "\n", encoding="utf-8")
    settings = {"do_lower_case": False, "tokenizer_class": "BertTokenizer", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def write_fast_tokenizer(folder: Path) -> None:
    """The tokenizer.json of the folder's vocabulary."""
    from transformers import AutoTokenizer

    AutoTokenizer.from_pretrained(folder).backend_tokenizer.save(str(folder / "tokenizer.json"))


def write_rut5(
    folder: Path,
    shape: StandInShape,
    weights: Weights = "safetensors",
    *,
    head: bool = True,
    vocabulary: bool = True,
) -> Path:
    """A T5 checkpoint with random weights, an encoder that nobody uses and a head of its own.

    Without `head`, lm_head is missing though the config says that it is not tied. Without `vocabulary` there
    is none, whose writing needs protobuf.
    """
    import torch
    from transformers.models.t5.configuration_t5 import T5Config
    from transformers.models.t5.modeling_t5 import T5ForConditionalGeneration

    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {
        "architectures": ["T5ForConditionalGeneration"],
        "d_ff": shape.gated,
        "d_kv": shape.key,
        "d_model": shape.width,
        "decoder_start_token_id": 0,
        "eos_token_id": 1,
        "feed_forward_proj": "gated-gelu",
        "is_encoder_decoder": True,
        "model_type": "t5",
        "num_decoder_layers": shape.layers,
        "num_heads": shape.heads,
        "num_layers": shape.layers,
        "pad_token_id": 0,
        "tie_word_embeddings": False,
        "vocab_size": shape.decoder_tokens,
    }
    torch.manual_seed(1)
    model = T5ForConditionalGeneration(T5Config(**settings))
    state = model.state_dict()
    # A head and states large enough that random weights choose words with some conviction.
    state["lm_head.weight"] = torch.randn(shape.decoder_tokens, shape.width)
    for name in state:
        if "EncDecAttention.v" in name or "EncDecAttention.o" in name:
            state[name] = torch.randn_like(state[name]) / state[name].shape[1] ** 0.5 * 2
    if weights == "safetensors":  # as the hub's conversion leaves them: aliases of shared.weight are gone
        state = {name: tensor for name, tensor in state.items() if not name.endswith("embed_tokens.weight")}
    if not head:
        del state["lm_head.weight"]
    save_weights(state, folder, weights)
    (folder / "config.json").write_text(json.dumps(settings, indent=1))
    if vocabulary:
        write_unigram(folder / "spiece.model", shape.decoder_tokens)
        (folder / "tokenizer_config.json").write_text(
            json.dumps({"tokenizer_class": "T5Tokenizer", "extra_ids": 0, "eos_token": "</s>"})
        )
    return folder


def liven(checkpoint: Checkpoint, ending: float = 2.0) -> Checkpoint:
    """A stand-in decoder made to choose its words by what it has said; returns the same checkpoint.

    Its sentences end at all lengths, for vectors whose numbers are about 0.1; `ending` is how much more
    than any other word the last one swings.
    """
    import torch

    torch.manual_seed(6)
    weights = checkpoint.weights
    for name, tensor in weights.items():
        if "SelfAttention" in name or "DenseReluDense" in name:
            size = 1 if "bias" in name else 1.5 / tensor.shape[1] ** 0.5
            if ".q." in name:  # attention as sharp in wide heads as in narrow ones
                size *= (SMALL.key / checkpoint.head_dim) ** 0.5
            weights[name] = torch.randn(tensor.shape) * size
    head = torch.randn(weights["lm_head.weight"].shape) * 2.8 / checkpoint.dim**0.5
    head[checkpoint.end] *= ending
    weights["lm_head.weight"] = head
    return checkpoint


def write_unigram(path: Path, size: int) -> None:
    """A SentencePiece unigram vocabulary of `size` pieces in T5's order: <pad>, </s>, <unk>, the rest."""
    from sentencepiece import sentencepiece_model_pb2

    proto: Any = sentencepiece_model_pb2  # its classes are made when it is imported
    model = proto.ModelProto()
    kinds = proto.ModelProto.SentencePiece
    for text, kind in (("<pad>", kinds.CONTROL), ("</s>", kinds.CONTROL), ("<unk>", kinds.UNKNOWN)):
        model.pieces.add(piece=text, score=0.0, type=kind)
    texts = ["▁", *LETTERS, *(f"▁{letter}" for letter in LETTERS)]
    texts += [f"{first}{second}" for first in LETTERS for second in LETTERS]
    texts += [f"▁{first}{second}{third}" for first in LETTERS for second in LETTERS[:60] for third in "аеиоу"]
    for index, text in enumerate(texts[: size - 3]):
        model.pieces.add(piece=text, score=-float(index) / 100 - 1, type=kinds.NORMAL)
    assert len(model.pieces) == size, f"only {len(model.pieces)} pieces"
    model.trainer_spec.model_type = proto.TrainerSpec.UNIGRAM
    model.trainer_spec.pad_id, model.trainer_spec.eos_id, model.trainer_spec.unk_id = 0, 1, 2
    model.trainer_spec.bos_id = -1
    model.normalizer_spec.name = "identity"
    path.write_bytes(model.SerializeToString())


def save_weights(state: dict[str, Any], folder: Path, kind: Weights) -> None:
    """Tensors under the hub's usual names: model.safetensors or pytorch_model.bin."""
    import torch
    from safetensors.torch import save_file

    if kind == "safetensors":
        save_file(
            {n: t.contiguous() for n, t in state.items()}, folder / "model.safetensors", {"format": "pt"}
        )
    else:
        torch.save(state, folder / "pytorch_model.bin")


class Article:
    """The article's lines, run by plain transformers on the two checkpoint folders."""

    def __init__(self, encoder: Path, decoder: Path, device: str = "cpu") -> None:
        from transformers import AutoModel, AutoModelForSeq2SeqLM, AutoTokenizer

        self.tokenizer = AutoTokenizer.from_pretrained(encoder)
        self.encoder = AutoModel.from_pretrained(encoder).to(device).eval()
        self.decoder_tokenizer = AutoTokenizer.from_pretrained(decoder)
        self.decoder = AutoModelForSeq2SeqLM.from_pretrained(decoder).to(device).eval()

    def encode(self, texts: list[str]) -> np.ndarray:
        """Texts → unit vectors (n, width)."""
        import torch

        batch = self.tokenizer(texts, padding=True, truncation=True, max_length=512, return_tensors="pt")
        with torch.no_grad():
            pooled = self.encoder(**batch.to(self.encoder.device)).pooler_output
        vectors: np.ndarray = torch.nn.functional.normalize(pooled).cpu().numpy()
        return vectors

    def tokens(self, vectors: np.ndarray, max_length: int = 256) -> list[list[int]]:
        """Vectors → token ids of the best beam, start and padding included."""
        import torch
        from transformers.modeling_outputs import BaseModelOutput

        states = torch.from_numpy(vectors)[:, None].to(self.decoder.device)
        out = self.decoder.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=states),
            max_length=max_length,
            num_beams=3,
            repetition_penalty=3.0,
        )
        ids: list[list[int]] = out.tolist()
        return ids

    def decode(self, vectors: np.ndarray, max_length: int = 256) -> list[str]:
        """Vectors → sentences."""
        return self.texts(self.tokens(vectors, max_length))

    def texts(self, tokens: list[list[int]]) -> list[str]:
        """What `tokens` gives → sentences."""
        texts: list[str] = self.decoder_tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return texts


def stand_in_pair(encoder: Path, decoder: Path) -> Pair:
    """The registry's "labse" with its files in two folders instead of the hub."""
    return replace(
        PAIRS["labse"],
        load_encoder=lambda: hub.load_labse_folder(encoder),
        decoder_folder=lambda: decoder,
    )
