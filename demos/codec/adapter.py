"""A decoder's adapter: for vectors shorter than one, whose direction is uncertain.

The length of a vector is how certain its direction is: the mean of sentences that agree is long, that of
sentences which do not is short. A decoder that has learned from single sentences finds words for wherever
a vector points, sense or not. An adapter, trained on short vectors alone, says what is likely to be meant
there; vectors of length 1 and more stay the decoder's own, and every token with them.

An adapter is two thin matrices beside each of the decoder's, A (rank, columns) and B (rows, rank), whose
product is added to it: LoRA (Hu et al., 2021, arXiv:2106.09685), under the names that PEFT gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor

from demos.codec.decoder import Beam, BeamSearch, Checkpoint, Decoder
from demos.codec.errors import ModelFilesError

FILE = "adapter.safetensors"
CERTAIN = 0.98  # a vector at least so long is the decoder's own


def load_adapted(folder: Path, checkpoint: Checkpoint) -> Checkpoint | None:
    """A folder's checkpoint with its adapter added to it; None where the folder has none.

    Raises:
        ModelFilesError: the adapter is damaged, or is not one for this checkpoint.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    path = folder / FILE
    if not path.exists():
        return None
    try:
        factors = load_file(path)
        names = sorted({name.rpartition(".lora_")[0] for name in factors})
        changed = {}
        for name in names:
            added = factors.pop(f"{name}.lora_B").float() @ factors.pop(f"{name}.lora_A").float()
            if not name.startswith("decoder.block."):
                raise ValueError(f"{name} is in no block of the decoder: all else is shared with it")
            weight = checkpoint.weights[f"{name}.weight"]
            if added.shape != weight.shape:
                raise ValueError(f"{name} is {tuple(added.shape)}, the decoder's {tuple(weight.shape)}")
            changed[f"{name}.weight"] = weight.float() + added
    except (OSError, SafetensorError, RuntimeError, ValueError, KeyError) as error:
        raise ModelFilesError(f"{path} is no adapter of its decoder: {error}", path) from error
    return replace(checkpoint, weights=checkpoint.weights | changed)


class Scorer(Decoder, Protocol):
    """A decoder of vectors of `dim` numbers that also tells how likely given tokens are."""

    dim: int

    def log_likelihoods(self, vectors: Tensor, ids: Sequence[Sequence[int]]) -> list[float]:
        """The mean log-probability of each text's tokens `ids`, given its vector of (n, dim)."""


class ByLength:
    """Two decoders: one for vectors of length 1 and more, one for shorter ones."""

    def __init__(self, certain: Decoder, uncertain: Scorer) -> None:
        self.certain, self.uncertain = certain, uncertain

    def fluency(self, ids: Sequence[Sequence[int]]) -> list[float]:
        """The mean log-probability of texts' tokens given the zero vector, which asks for nothing."""
        return self.uncertain.log_likelihoods(torch.zeros(len(ids), self.uncertain.dim), ids)

    def generate(self, vectors: Tensor, search: BeamSearch) -> list[list[Beam]]:
        """The beams of each vector (n, d), in their order; see `demos.codec.decoder.Decoder`."""
        short = torch.linalg.vector_norm(vectors.float(), dim=1) < CERTAIN
        found: list[list[Beam]] = [[]] * len(vectors)
        for decoder, rows in ((self.certain, ~short), (self.uncertain, short)):
            places = rows.nonzero().flatten().tolist()
            if places:
                for place, row in zip(places, decoder.generate(vectors[places], search), strict=True):
                    found[place] = row
        return found
