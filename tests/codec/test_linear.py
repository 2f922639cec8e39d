"""Matrices of few bits are close to the full ones, and a row never depends on its neighbours."""

from __future__ import annotations

import weakref

import pytest
import torch
from torch import nn

from demos.codec import linear
from demos.codec.linear import (
    Dense,
    Half,
    Int8,
    PackedLinear,
    Precision,
    has_half,
    has_int8,
    make_linear,
    pack_linears,
)


@pytest.fixture
def weight() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(200, 96) * torch.rand(200, 1)


@pytest.fixture
def rows() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(50, 96) * torch.rand(50, 1) * 9


@pytest.mark.parametrize(
    ("precision", "error"), [("float32", 1e-6), ("bfloat16", 0.005), ("float16", 0.001), ("int8", 0.02)]
)
def test_the_product_is_close(
    weight: torch.Tensor, rows: torch.Tensor, precision: Precision, error: float
) -> None:
    exact, found = rows @ weight.T, make_linear(weight, precision)(rows)
    assert found.dtype == torch.float32
    assert ((found - exact).norm() / exact.norm()).item() < error


@pytest.mark.parametrize(("columns", "parts"), [(300, 3), (linear.NARROW + 1, 1)])
def test_narrow_matrices_have_parts_which_survive_a_move(columns: int, parts: int) -> None:
    torch.manual_seed(2)
    weight, rows = torch.randn(40, columns), torch.randn(7, columns)
    matrix = Dense(weight, torch.float32)
    if torch.backends.mkldnn.is_available():
        assert len(matrix.packed) == parts
    found = matrix(rows)
    exact = rows.double() @ weight.double().T
    assert ((found - exact).norm() / exact.norm()).item() < 1e-6
    matrix.to(torch.device("cpu"))
    assert torch.equal(matrix(rows), found)


def test_eight_bits_of_a_row_do_not_depend_on_the_others(weight: torch.Tensor, rows: torch.Tensor) -> None:
    matrix = Int8(weight)
    together = matrix(rows)
    alone = torch.cat([matrix(row[None]) for row in rows])
    assert torch.equal(together, alone)
    loud = torch.cat((rows, rows[:1] * 1000))
    assert torch.equal(matrix(loud)[:-1], together)


def test_eight_bits_never_saturate() -> None:
    """The largest sums that there are: every product 63 · 127 on one side of the zero point or the other."""
    matrix = Int8(torch.ones(4, 4096))
    rows = torch.cat((torch.ones(1, 4096), -torch.ones(1, 4096)))
    assert torch.allclose(matrix(rows), rows.sum(1, keepdim=True).expand(2, 4), rtol=1e-5)
    signs = torch.tensor([1.0, -1.0]).repeat(2048)
    assert torch.allclose(Int8(signs[None])(signs[None]), torch.tensor([[4096.0]]), rtol=1e-5)


def test_a_row_of_zeros_gives_zeros(weight: torch.Tensor) -> None:
    assert torch.equal(Int8(weight)(torch.zeros(1, 96)), torch.zeros(1, 200))


def test_eight_bits_leave_the_setting_of_torch_alone(weight: torch.Tensor) -> None:
    before = torch.backends.quantized.engine
    Int8(weight)
    assert torch.backends.quantized.engine == before


@pytest.mark.parametrize("kind", [Int8, Half])
def test_packed_bits_stay_on_the_cpu(weight: torch.Tensor, kind: type[Int8 | Half]) -> None:
    with pytest.raises(ValueError, match="CPU"):
        kind(weight).to(torch.device("meta"))


def test_sixteen_bits_of_a_row_do_not_depend_on_the_others(weight: torch.Tensor, rows: torch.Tensor) -> None:
    matrix = make_linear(weight, "float16")
    assert isinstance(matrix, Half) == has_half()
    together = matrix(rows)
    for count in range(1, len(rows)):
        assert torch.equal(matrix(rows[:count]), together[:count])


def test_sixteen_bits_hold_what_is_stored_in_sixteen(weight: torch.Tensor, rows: torch.Tensor) -> None:
    stored = weight.half().float()
    assert torch.allclose(Half(stored)(rows), rows @ stored.T, rtol=1e-5, atol=1e-4)
    assert Half(torch.full((1, 2), 1e9))(torch.ones(1, 2)).isfinite().all()


def test_full_matrices_move(weight: torch.Tensor) -> None:
    matrix = Dense(weight, torch.float32)
    matrix.to(torch.device("meta"))
    assert matrix.weight.device.type == "meta"


def test_this_machine_knows_which_bits_it_has() -> None:
    assert has_int8() in (True, False)
    assert has_int8() or not has_half()


def test_packed_layers_give_what_the_plain_ones_give(rows: torch.Tensor) -> None:
    torch.manual_seed(2)
    plain = nn.Sequential(nn.Linear(96, 64), nn.Sequential(nn.ReLU(), nn.Linear(64, 8, bias=False)))
    expected = plain(rows)
    pack_linears(plain)
    assert [type(layer) for layer in plain.modules()].count(PackedLinear) == 2
    assert torch.allclose(plain(rows), expected, atol=1e-5)
    assert torch.allclose(plain(rows[None, :1]), expected[None, :1], atol=1e-5)


def test_packing_lets_go_of_a_layer_before_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    model = nn.Sequential(*(nn.Linear(8, 8) for _ in range(4)))
    plain = [weakref.ref(layer.weight) for layer in model]
    there = []

    def pack(layer: nn.Linear) -> PackedLinear:
        there.append(sum(weight() is not None for weight in plain))
        return PackedLinear(layer)

    monkeypatch.setattr(linear, "PackedLinear", pack)
    pack_linears(model)
    assert there == [4, 3, 2, 1]
