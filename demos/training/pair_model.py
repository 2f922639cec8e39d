"""The pair as it is trained: an encoder's upper layers, its space, and the decoder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
import sentencepiece
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from demos.codec.encoder import TextEncoder
from demos.training.model import SentenceDecoder, Shape, from_t5
from demos.training.states import Placed, Texts, pool, split_encoder
from demos.training.vectors import knows_bfloat16

TOKENS_AT_ONCE, TOKENS_AT_ONCE_ON_GPU = 4096, 65_536  # that the encoder is given, padding included


class PairModel(nn.Module):
    """Hidden states of a text → its unit vector → the decoder.

    Args:
        encoder: whose `upper` last layers and space are trained; they are taken off it.
        decoder: what reads its vectors.
    """

    def __init__(self, encoder: TextEncoder, upper: int, decoder: SentenceDecoder) -> None:
        super().__init__()
        assert encoder.space is not None
        self.heads: int = encoder.model.config.num_attention_heads  # type: ignore[union-attr,assignment]
        self.upper, self.decoder = split_encoder(encoder.model, upper), decoder
        self.below = len(encoder.model.encoder["layer"])  # type: ignore[index]
        self.mean = nn.Parameter(encoder.space.mean.clone())
        self.matrix = nn.Parameter(encoder.space.matrix.clone())
        self.requires_grad_()

    def vectors(self, states: Tensor, mask: Tensor) -> Tensor:
        """Hidden states (r, d) of the tokens that the mask (b, t) marks → unit vectors (b, d)."""
        pooled = pool(self.upper, self.heads, states, mask)
        with torch.autocast(pooled.device.type, enabled=False):
            return nn.functional.normalize((pooled - self.mean) @ self.matrix, dim=-1)

    def encode(self, texts: Texts, rows: np.ndarray) -> Tensor:
        """Unit vectors (n, d) of texts."""
        device = self.mean.device
        if isinstance(texts, Placed):
            return torch.from_numpy(texts.vectors[rows]).float().to(device)
        parts = list(texts.parts(rows, TOKENS_AT_ONCE if device.type == "cpu" else TOKENS_AT_ONCE_ON_GPU))
        batches = (texts.batch(rows[part]) for part in parts)
        vectors = [self.vectors(*(tensor.to(device) for tensor in batch)) for batch in batches]
        return torch.cat(vectors)[torch.from_numpy(np.argsort(np.concatenate(parts))).to(device)]


@contextmanager
def low_precision(device: torch.device, backwards: bool = True) -> Iterator[None]:
    """bfloat16 where there is any; on a CPU plain attention, as the fused one is slow backwards there."""
    plain = sdpa_kernel(SDPBackend.MATH) if backwards and device.type == "cpu" else nullcontext()
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=knows_bfloat16(device.type)), plain:
        yield


def open_model(encoder: TextEncoder, start: Path, upper: int) -> PairModel:
    """The encoder's upper layers and its space, taken off it, and the decoder of the pair in `start`."""
    config = json.loads((start / "decoder" / "config.json").read_text(encoding="utf-8"))
    decoder = from_t5(config, load_file(start / "decoder" / "model.safetensors"))
    return PairModel(encoder, upper, decoder)


def new_model(encoder: TextEncoder, vocabulary: Path, upper: int, layers: int, d_ff: int) -> PairModel:
    """The same with a decoder of random weights, whose word embeddings begin as the encoder's own."""
    spm = sentencepiece.SentencePieceProcessor(model_file=str(vocabulary))
    shape = Shape(len(spm), encoder.dim, num_heads=encoder.dim // 64, num_layers=layers, d_ff=d_ff)
    decoder = SentenceDecoder(shape)
    pieces = [spm.id_to_piece(i) for i in range(len(spm))]
    decoder.embed.weight.data.copy_(embedding_start(encoder, pieces))
    return PairModel(encoder, upper, decoder)


def embedding_start(encoder: TextEncoder, pieces: list[str]) -> Tensor:
    """Rows of the encoder's own word embeddings for the decoder's pieces: (pieces, d), RMS 1.

    A piece that is a token of the encoder takes that token's row, any other the mean of the rows
    of its parts.
    """
    table = encoder.model.get_input_embeddings()  # type: ignore[operator]
    bare = encoder.token_ids([""])[0]
    start = len(bare) - 1  # ids of the prefix; the last one ends the text
    parts = [ids[start:-1] or bare[:1] for ids in encoder.token_ids([p.replace("▁", " ") for p in pieces])]
    rows = torch.stack([table(torch.tensor(ids)).float().mean(0) for ids in parts])
    rows = rows - rows.mean(0)
    return rows / rows.pow(2).mean().sqrt()
