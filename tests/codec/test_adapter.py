"""Vectors shorter than one are decoded with the adapter, all others by the decoder as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from demos.codec import ModelFilesError
from demos.codec.adapter import FILE, ByLength, load_adapted
from demos.codec.decoder import Beam, BeamSearch, load_checkpoint
from demos.codec.t5 import FastDecoder
from tests.codec.test_t5 import write_checkpoint

NAME = "decoder.block.1.layer.0.SelfAttention.o"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_checkpoint(tmp_path, "gated-gelu", tied=True)


def write_adapter(folder: Path, rows: int, columns: int, name: str = NAME) -> torch.Tensor:
    """A random adapter of one matrix; returns what it adds."""
    a, b = torch.randn(2, columns), torch.randn(rows, 2)
    save_file({f"{name}.lora_A": a, f"{name}.lora_B": b}, folder / FILE)
    return b @ a


class Stub:
    """A decoder that says its name and how many vectors came."""

    dim = 3

    def __init__(self, token: int) -> None:
        self.token = token

    def log_likelihoods(self, vectors: torch.Tensor, ids: Sequence[Sequence[int]]) -> list[float]:
        return [self.token + float(one.norm()) + len(row) for one, row in zip(vectors, ids, strict=True)]

    def generate(self, vectors: torch.Tensor, search: BeamSearch) -> list[list[Beam]]:
        return [[Beam([self.token, round(10 * float(one[0])), len(vectors)], 0.0)] for one in vectors]


def test_a_folder_without_an_adapter_has_none(folder: Path) -> None:
    assert load_adapted(folder, load_checkpoint(folder)) is None


def test_the_adapter_is_added_to_its_matrix_and_to_no_other(folder: Path) -> None:
    checkpoint = load_checkpoint(folder)
    rows, columns = checkpoint.weights[f"{NAME}.weight"].shape
    added = write_adapter(folder, rows, columns)
    adapted = load_adapted(folder, checkpoint)
    assert adapted is not None
    for name, weight in checkpoint.weights.items():
        wanted = weight.float() + added if name == f"{NAME}.weight" else weight
        torch.testing.assert_close(adapted.weights[name], wanted)


@pytest.mark.parametrize("fault", ["damaged", "shape", "name", "half", "place"])
def test_an_adapter_of_something_else_is_an_error(folder: Path, fault: str) -> None:
    checkpoint = load_checkpoint(folder)
    rows, columns = checkpoint.weights[f"{NAME}.weight"].shape
    if fault == "damaged":
        (folder / FILE).write_bytes(b"nothing")
    elif fault == "half":
        save_file({f"{NAME}.lora_A": torch.ones(2, columns)}, folder / FILE)
    elif fault == "place":  # decoders with an adapter share one head
        table = checkpoint.weights["shared.weight"]
        write_adapter(folder, len(table), table.shape[1], "shared")
    else:
        write_adapter(folder, rows, columns + (fault == "shape"), NAME + "x" * (fault == "name"))
    with pytest.raises(ModelFilesError, match="is no adapter of its decoder"):
        load_adapted(folder, checkpoint)


def test_the_length_of_a_vector_says_who_decodes_it() -> None:
    lengths = [1.0, 0.5, 1.7, 0.9, 0.9999]
    vectors = torch.zeros(5, 3)
    vectors[:, 0] = torch.tensor(lengths)
    found = ByLength(Stub(1), Stub(2)).generate(vectors, BeamSearch(1, 1.0, 4))
    said = [row[0].ids for row in found]
    assert said == [[1, 10, 3], [2, 5, 2], [1, 17, 3], [2, 9, 2], [1, 10, 3]]


def test_fluency_asks_the_decoder_of_uncertain_vectors_for_nothing() -> None:
    assert ByLength(Stub(1), Stub(2)).fluency([[5], [5, 6, 7]]) == [3.0, 5.0]


def test_vectors_of_one_kind_leave_the_other_decoder_alone(folder: Path) -> None:
    checkpoint = load_checkpoint(folder)
    decoder = FastDecoder(checkpoint)
    vectors = torch.nn.functional.normalize(torch.randn(3, checkpoint.dim), dim=1)
    both = ByLength(decoder, None)  # type: ignore[arg-type]
    how = BeamSearch(2, 1.0, 8)
    assert both.generate(vectors, how) == decoder.generate(vectors, how)
