"""Matrices of few bits are close to the full ones, and a row never depends on its neighbours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from demos.codec import linear
from demos.codec.linear import (
    PRECISIONS,
    Affine,
    Dense,
    Half,
    Int8,
    Precision,
    fastest,
    has_half,
    kernels,
    make_linear,
    steady,
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


@pytest.mark.parametrize("precision", [one for one in kernels() if one in ("float16", "bfloat16")])
def test_sixteen_bits_of_a_row_do_not_depend_on_the_others(
    weight: torch.Tensor, rows: torch.Tensor, precision: Precision
) -> None:
    matrix = make_linear(weight, precision)
    assert isinstance(matrix, Half) == (precision == "float16")
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


def test_sixteen_bits_need_the_kernels_of_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "has_int8", lambda: False)
    assert not has_half.__wrapped__()


@pytest.mark.parametrize(("dtype", "error"), [(torch.float32, 1e-6), (torch.bfloat16, 0.01)])
@pytest.mark.parametrize("packed", [True, False])
def test_an_affine_map_is_close_with_and_without_its_activation(
    weight: torch.Tensor,
    rows: torch.Tensor,
    dtype: torch.dtype,
    error: float,
    packed: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not packed:
        monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    bias = torch.linspace(-1, 1, 200)
    exact = rows.double() @ weight.double().T + bias
    affine = Affine(weight, bias, dtype)
    for found, expected in ((affine(rows), exact), (affine(rows, "gelu"), torch.nn.functional.gelu(exact))):
        assert found.dtype == dtype
        assert ((found - expected).norm() / expected.norm()).item() < error


def clock(monkeypatch: pytest.MonkeyPatch, costs: dict[str, float]) -> None:
    """Kernels that take the seconds that are said, on a clock of their own."""
    now = 0.0

    def make(weight: torch.Tensor, precision: str) -> Callable[[torch.Tensor], None]:
        def multiply(rows: torch.Tensor) -> None:
            nonlocal now
            now += costs[precision]

        return multiply

    monkeypatch.setattr(linear, "make_linear", make)
    monkeypatch.setattr(linear, "kernels", lambda: tuple(costs))
    monkeypatch.setattr(linear, "steady", lambda matrix, columns, counts: True)
    monkeypatch.setattr(linear, "clock", lambda: now)


@pytest.mark.parametrize(
    ("costs", "chosen"),
    [
        ({"float32": 4.0, "float16": 3.0, "bfloat16": 1.0}, "bfloat16"),
        ({"float32": 4.0, "float16": 1.0, "bfloat16": 0.95}, "float16"),  # about as fast: the earlier one
        ({"float32": 1.0, "float16": 3.0, "bfloat16": 2.0}, "float32"),
        ({"float32": 4.0, "int8": 1.0}, "float32"),  # not allowed
        ({"float32": 4.0}, "float32"),
    ],
)
def test_the_fastest_kernel_of_those_that_are_allowed_is_taken(
    monkeypatch: pytest.MonkeyPatch, weight: torch.Tensor, costs: dict[str, float], chosen: str
) -> None:
    clock(monkeypatch, costs)
    assert fastest(("float16", "float32", "bfloat16"), [weight]) == chosen


def test_a_kernel_whose_rows_depend_on_each_other_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, weight: torch.Tensor
) -> None:
    clock(monkeypatch, {"float32": 4.0, "bfloat16": 1.0})
    monkeypatch.setattr(linear, "steady", lambda matrix, columns, counts: False)
    assert fastest(("float32", "bfloat16"), [weight]) == "float32"
    assert not steady(lambda rows: rows + rows.sum(), 8)
    assert steady(lambda rows: 2 * rows, 8)


@pytest.mark.parametrize("columns", [384, 768, 1536])
@pytest.mark.parametrize("precision", [one for one in kernels() if one != "float32"])
def test_wide_matrices_are_steady(precision: Precision, columns: int) -> None:
    torch.manual_seed(3)
    assert steady(make_linear(torch.randn(384, columns), precision), columns, (1, 3, 16, 33, 48, 100, 300))


def test_this_machines_kernels_are_measured_in_time(weight: torch.Tensor) -> None:
    assert "float32" in kernels()
    assert fastest(PRECISIONS, [weight], budget=0.05) in kernels()


def test_wide_affine_maps_of_sixteen_bits_are_steady() -> None:
    torch.manual_seed(4)
    affine = Affine(torch.randn(384, 1536), torch.randn(384), torch.bfloat16)
    assert steady(affine, 1536, (1, 12, 31, 32, 33, 40, 48, 100, 220))
