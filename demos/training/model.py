"""The decoder as it is trained: T5's decoder (Raffel et al., 2020) over ONE encoder state.

It computes what transformers' ``T5ForConditionalGeneration`` computes when its encoder output is
a single vector, and does less work for it: a softmax over one key is 1, so cross-attention is
the constant ``W_o W_v e`` whatever the query, and one matrix a layer takes its place. `to_t5`
writes the weights out under T5's names. Shapes: b sentences, t tokens, d the width.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

# T5's special tokens, in its order: padding (also the start of decoding), end, unknown.
PAD, EOS, UNK = 0, 1, 2


@dataclass(frozen=True)
class Shape:
    """The decoder's sizes; d_model must equal the width of the pair's vectors."""

    vocab_size: int
    d_model: int = 384
    d_kv: int = 64
    d_ff: int = 1024
    num_layers: int = 4
    num_heads: int = 6
    relative_attention_num_buckets: int = 32
    relative_attention_max_distance: int = 128


class RMSNorm(nn.Module):
    """T5's layer norm: no mean, no bias."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x.float(), self.weight.shape, self.weight, 1e-6)


class Layer(nn.Module):
    """Self-attention, the sentence's cross-attention, a gated feed-forward: (b, t, d) → (b, t, d)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, inner = shape.d_model, shape.num_heads * shape.d_kv
        self.heads = shape.num_heads
        self.norms = nn.ModuleList(RMSNorm(width) for _ in range(2))
        self.qkv = nn.Linear(width, 3 * inner, bias=False)
        self.out = nn.Linear(inner, width, bias=False)
        self.cross_attention = nn.Linear(width, width, bias=False)
        self.wi_0 = nn.Linear(width, shape.d_ff, bias=False)
        self.wi_1 = nn.Linear(width, shape.d_ff, bias=False)
        self.wo = nn.Linear(shape.d_ff, width, bias=False)

    def forward(self, x: Tensor, vectors: Tensor, bias: Tensor) -> Tensor:
        b, t, _ = x.shape
        q, k, v = self.qkv(self.norms[0](x)).view(b, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5  # (b, heads, t, t)
        attended = (scores + bias).softmax(-1).to(v.dtype) @ v
        x = x + self.out(attended.transpose(1, 2).reshape(b, t, -1))
        x = x + self.cross_attention(vectors).unsqueeze(1)
        hidden_states = self.norms[1](x)
        gated: Tensor = self.wo(
            F.gelu(self.wi_0(hidden_states), approximate="tanh") * self.wi_1(hidden_states)
        )
        return x + gated


class SentenceDecoder(nn.Module):
    """vectors (b, d) and the tokens so far (b, t) → scores of the next tokens (b, t, vocabulary)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embed = nn.Embedding(shape.vocab_size, shape.d_model)
        self.position = nn.Embedding(shape.relative_attention_num_buckets, shape.num_heads)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.num_layers))
        self.norm = RMSNorm(shape.d_model)
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                std = 1.0 if name == "embed.weight" else parameter.shape[-1] ** -0.5
                nn.init.normal_(parameter, std=std)
        nn.init.normal_(self.position.weight, std=0.05)

    @property
    def adapted(self) -> bool:
        """Whether only an adapter is trained: see `adapt`."""
        return any(isinstance(part, LowRank) for part in self.modules())

    def hidden_states(self, vectors: Tensor, tokens: Tensor) -> Tensor:
        """What the tied output embedding is applied to: (b, t, d)."""
        scaled = vectors * self.shape.d_model**0.5  # a unit vector enters with RMS 1
        bias = self.position_bias(tokens.shape[1])
        x = self.embed(tokens)
        for layer in self.layers:
            x = layer(x, scaled, bias)
        last: Tensor = self.norm(x) * self.shape.d_model**-0.5
        return last

    def forward(self, vectors: Tensor, tokens: Tensor) -> Tensor:
        return F.linear(self.hidden_states(vectors, tokens), self.embed.weight)

    def loss(self, vectors: Tensor, tokens: Tensor, targets: Tensor) -> Tensor:
        """Mean cross-entropy, in nats a token, over the targets (b, t) that are not padding."""
        real = targets != PAD
        logits = F.linear(self.hidden_states(vectors, tokens)[real], self.embed.weight)
        return F.cross_entropy(logits.float(), targets[real])

    def position_bias(self, length: int) -> Tensor:
        """T5's relative position bias with the causal mask in it: (1, heads, t, t)."""
        distance = torch.arange(length)[:, None] - torch.arange(length)[None, :]
        exact = self.shape.relative_attention_num_buckets // 2
        far = torch.log(distance.clamp(min=1) / exact)
        far = far / math.log(self.shape.relative_attention_max_distance / exact) * exact
        far = (exact + far.long()).clamp(max=2 * exact - 1)
        bucket = torch.where(distance < exact, distance.clamp(min=0), far)
        bias: Tensor = self.position(bucket.to(self.position.weight.device)).permute(2, 0, 1)  # (heads, t, t)
        return bias.masked_fill((distance < 0).to(bias.device), float("-inf")).unsqueeze(0)


def read_checkpoint(path: Path, device: str = "cpu") -> dict[str, Any]:
    """A run's ``checkpoint.pt``, its tensors on the device; see `demos.training.train.Trainer.state`.

    An older file calls the decoder's cross-attention its constant: it gets the name of today.

    Raises:
        FileNotFoundError: the run has no checkpoint yet.
    """
    checkpoint: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
    decoder = checkpoint["model"].items()
    return checkpoint | {
        "model": {name.replace(".constant.", ".cross_attention."): tensor for name, tensor in decoder}
    }


def from_t5(config: dict[str, Any], state: dict[str, Tensor]) -> SentenceDecoder:
    """The model whose `to_t5` gives this state dict; config is the checkpoint's config.json."""
    names = Shape.__dataclass_fields__
    shape = Shape(**{name: config[name] for name in names} | {"num_layers": config["num_decoder_layers"]})
    model = SentenceDecoder(shape)
    state = {name.removeprefix("decoder."): tensor.float() for name, tensor in state.items()}
    ours = {"embed.weight": state["shared.weight"], "norm.weight": state["final_layer_norm.weight"]}
    ours["position.weight"] = state["block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
    for number in range(shape.num_layers):

        def part(name: str, block: str = f"block.{number}.layer.") -> Tensor:
            return state[f"{block}{name}.weight"]

        q, k, v = (part(f"0.SelfAttention.{name}") for name in "qkv")
        cross = part("1.EncDecAttention.o") @ part("1.EncDecAttention.v") * shape.d_model**-0.5
        ours |= {
            f"layers.{number}.{name}.weight": weight
            for name, weight in {
                "norms.0": part("0.layer_norm"),
                "norms.1": part("2.layer_norm"),
                "qkv": torch.cat([q * shape.d_kv**0.5, k, v]),
                "out": part("0.SelfAttention.o"),
                "cross_attention": cross,
                "wi_0": part("2.DenseReluDense.wi_0"),
                "wi_1": part("2.DenseReluDense.wi_1"),
                "wo": part("2.DenseReluDense.wo"),
            }.items()
        }
    model.load_state_dict(ours)
    return model


class LowRank(nn.Module):
    """A matrix that stays as it is and what is learned beside it, a product of two thin ones.

    That is LoRA (Hu et al., 2021, arXiv:2106.09685). It adds nothing at first.
    """

    def __init__(self, matrix: nn.Linear, rank: int) -> None:
        super().__init__()
        rows, columns = matrix.weight.shape
        self.weight = matrix.weight
        self.lora_A = nn.Parameter(torch.randn(rank, columns) * columns**-0.5)
        self.lora_B = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight) + F.linear(F.linear(x, self.lora_A), self.lora_B)


def adapt(model: SentenceDecoder, rank: int) -> None:
    """Freeze the model, in place, and put an adapter of this rank beside each matrix of its layers."""
    model.requires_grad_(False)
    for layer in model.layers:
        for name, part in list(layer.named_children()):
            if isinstance(part, nn.Linear):
                setattr(layer, name, LowRank(part, rank))


def grow(model: SentenceDecoder, num_layers: int, d_ff: int) -> SentenceDecoder:
    """A larger decoder that computes the same: Net2Net (Chen et al., 2016, arXiv:1511.05641).

    New units of the feed-forward start with random inputs and no say in the output. Each new layer is a
    copy of one of the model's, right above it, that adds nothing yet.
    """
    shape = replace(model.shape, num_layers=num_layers, d_ff=d_ff)
    larger = SentenceDecoder(shape)
    for name in ("embed", "position", "norm"):
        getattr(larger, name).load_state_dict(getattr(model, name).state_dict())
    old = np.linspace(0, len(model.layers), num_layers, endpoint=False).astype(
        int
    )  # which layer each is from
    for number, (layer, source) in enumerate(zip(larger.layers, old, strict=True)):
        state = layer.state_dict()
        for name, weight in model.layers[source].state_dict().items():
            if name == "wo.weight":
                state[name].zero_()[:, : weight.shape[1]] = weight
            else:
                state[name][: len(weight)] = weight
        if number and old[number - 1] == source:
            for name in ("out", "cross_attention", "wo"):
                state[f"{name}.weight"].zero_()
        layer.load_state_dict(state)
    return larger


def to_t5(model: SentenceDecoder) -> tuple[dict[str, int | str | bool], dict[str, Tensor]]:
    """The model as (keyword arguments of ``transformers.T5Config``, state dict) of plain T5.

    Folded on the way: the input's scale into the cross-attention's v, the softmax temperature
    into q. The cross-attention's o is the identity and its q and k are zero, which is exact for
    one encoder state. Encoder tensors are not written: nothing ever runs the encoder.

    Raises:
        ValueError: heads × d_kv is not d_model.
    """
    shape = model.shape
    if shape.num_heads * shape.d_kv != shape.d_model:
        raise ValueError("cross-attention is exported through v and o: heads × d_kv must equal d_model")
    config: dict[str, int | str | bool] = asdict(shape) | {
        "num_decoder_layers": shape.num_layers,
        "feed_forward_proj": "gated-gelu",
        "pad_token_id": PAD,
        "eos_token_id": EOS,
        "decoder_start_token_id": PAD,
    }
    eye, zero = torch.eye(shape.d_model), torch.zeros(shape.d_model, shape.d_model)
    state = {"shared.weight": model.embed.weight, "decoder.final_layer_norm.weight": model.norm.weight}
    state["decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"] = model.position.weight
    for number, layer in enumerate(model.layers):
        assert isinstance(layer, Layer)
        q, k, v = layer.qkv.weight.chunk(3)
        state |= {
            f"decoder.block.{number}.layer.{name}.weight": weight
            for name, weight in {
                "0.layer_norm": layer.norms[0].weight,
                "0.SelfAttention.q": q * shape.d_kv**-0.5,
                "0.SelfAttention.k": k,
                "0.SelfAttention.v": v,
                "0.SelfAttention.o": layer.out.weight,
                "1.layer_norm": torch.ones(shape.d_model),
                "1.EncDecAttention.q": zero,
                "1.EncDecAttention.k": zero,
                "1.EncDecAttention.v": layer.cross_attention.weight * shape.d_model**0.5,
                "1.EncDecAttention.o": eye,
                "2.layer_norm": layer.norms[1].weight,
                "2.DenseReluDense.wi_0": layer.wi_0.weight,
                "2.DenseReluDense.wi_1": layer.wi_1.weight,
                "2.DenseReluDense.wo": layer.wo.weight,
            }.items()
        }
    return config, {name: weight.detach().clone().contiguous() for name, weight in state.items()}


def adapter_to_t5(model: SentenceDecoder) -> dict[str, Tensor]:
    """The adapter of a model as `demos.codec.adapter` reads it: A and B of T5's matrices, by their names.

    The scales that `to_t5` folds into its matrices are folded into B.
    """
    shape = model.shape
    state: dict[str, Tensor] = {}
    for number, layer in enumerate(model.layers):
        parts = {name: part for name, part in layer.named_children() if isinstance(part, LowRank)}
        q, k, v = parts["qkv"].lora_B.chunk(3)
        scaled = {
            "0.SelfAttention.q": ("qkv", q * shape.d_kv**-0.5),
            "0.SelfAttention.k": ("qkv", k),
            "0.SelfAttention.v": ("qkv", v),
            "0.SelfAttention.o": ("out", parts["out"].lora_B),
            "1.EncDecAttention.v": ("cross_attention", parts["cross_attention"].lora_B * shape.d_model**0.5),
        }
        plain = {f"2.DenseReluDense.{name}": (name, parts[name].lora_B) for name in ("wi_0", "wi_1", "wo")}
        for name, (part, second) in (scaled | plain).items():
            key = f"decoder.block.{number}.layer.{name}.lora_"
            state |= {f"{key}A": parts[part].lora_A, f"{key}B": second}
    return {name: factor.detach().clone().contiguous() for name, factor in state.items()}
