"""Matrices of the decoder in several precisions, each a function of float32 rows.

Decoding is bound by the bytes of its matrices, which every step reads once. Only they are kept
small; all that happens between two matrices stays float32.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Literal, Protocol, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PART, NARROW = 128, 512  # columns in a part of a float32 matrix, and in one that has parts, at most
Precision = Literal["float32", "bfloat16", "float16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


class Linear(Protocol):
    """A matrix (out, in) that takes float32 rows (n, in) to float32 rows (n, out)."""

    def __call__(self, rows: Tensor) -> Tensor: ...

    def to(self, device: torch.device) -> None:
        """Move to the device."""


class Dense:
    """A matrix (out, in) of floating-point weights.

    On a CPU float32 weights, and bfloat16 where the CPU has it, lie in the order of oneDNN's kernels,
    which take a few rows in half the time of BLAS. They add a row's products in one run, where BLAS
    adds several, and would be off by twice as much in float32; so narrow matrices, as most of the bundled
    decoder's are, have parts of `PART` columns. (The hub's are wide and would take a third longer.)
    For other weights fewer than four rows are filled up: for those few, BLAS adds in another order, and
    a sentence alone would differ in its last bits from the same one in a batch. (On a GPU it does so
    anyway.)
    """

    def __init__(self, weight: Tensor, dtype: torch.dtype) -> None:
        self.weight = weight.to(dtype)
        self.packed: list[Tensor] = []  # oneDNN's, in the place of the weight
        self.to(weight.device)

    def to(self, device: torch.device) -> None:
        if self.packed:
            self.weight = torch.cat([part.to_dense() for part in self.packed], dim=1)
        self.weight, self.packed = self.weight.to(device), []
        exact = self.weight.dtype == torch.float32
        known = exact or (self.weight.dtype == torch.bfloat16 and has_bfloat16())
        if device.type == "cpu" and known and torch.backends.mkldnn.is_available():
            columns = self.weight.shape[1]
            self.size = PART if exact and columns <= NARROW else columns
            pack = torch.ops.mkldnn._reorder_linear_weight
            self.packed = [pack(part.contiguous(), None) for part in self.weight.split(self.size, dim=1)]
            self.weight = torch.empty(0, dtype=self.weight.dtype)

    def __call__(self, rows: Tensor) -> Tensor:
        if self.packed:
            multiply = torch.ops.mkldnn._linear_pointwise
            first, *others = rows.to(self.packed[0].dtype).split(self.size, dim=1)
            found: Tensor = multiply(first, self.packed[0], None, "none", [], "")
            for part, matrix in zip(others, self.packed[1:], strict=True):
                found = multiply.binary(part, found, matrix, None, "add")
            return found.float()
        few = len(rows) < 4 and not rows.is_cuda
        full = F.pad(rows, (0, 0, 0, 4 - len(rows))) if few else rows
        return F.linear(full.to(self.weight.dtype), self.weight)[: len(rows)].float()


class PackedLinear(nn.Module):
    """A float32 ``nn.Linear`` for a CPU, its weights in the order of oneDNN's kernels."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        self.packed = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), None)
        self.bias = None if linear.bias is None else linear.bias.detach()

    def forward(self, rows: Tensor) -> Tensor:
        multiply = torch.ops.mkldnn._linear_pointwise
        return multiply(rows, self.packed, self.bias, "none", [], "")  # type: ignore[no-any-return]


def pack_linears(model: nn.Module) -> None:
    """Put a `PackedLinear` in the place of every ``nn.Linear`` of a float32 model on a CPU.

    A short text takes a third less time; a model whose torch lacks oneDNN stays as it is.
    """
    if not torch.backends.mkldnn.is_available():
        return
    linears = [
        (parent, name)
        for parent in model.modules()
        for name, child in parent.named_children()
        if type(child) is nn.Linear
    ]
    for parent, name in linears:  # one after another, so that there are never two copies of the model
        parent._modules[name] = PackedLinear(parent.get_submodule(name))  # type: ignore[arg-type]


def has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; one that does not is many times slower at it."""
    return bool(torch.cpu._is_avx512_bf16_supported())


class Half:
    """A matrix of 16-bit floating-point weights for float32 rows on a CPU.

    The kernel (FBGEMM's, as in `Int8`) reads half the bytes and widens them in registers: products
    and sums are those of float32. It takes rows in groups, and adds in another order in groups of one
    or two, so rows are filled up to a multiple of three.
    """

    def __init__(self, weight: Tensor) -> None:
        largest = torch.finfo(torch.float16).max
        self.packed = torch.ops.quantized.linear_prepack_fp16(weight.float().clamp(-largest, largest), None)

    def to(self, device: torch.device) -> None:
        if device.type != "cpu":
            raise ValueError("packed 16-bit matrices have a CPU kernel only")

    def __call__(self, rows: Tensor) -> Tensor:
        multiply = torch.ops.quantized.linear_dynamic_fp16
        count = len(rows)
        if count % 3 == 0:
            return multiply(rows, self.packed)  # type: ignore[no-any-return]
        return multiply(F.pad(rows, (0, 0, 0, 3 - count % 3)), self.packed)[:count]  # type: ignore[no-any-return]


class Int8:
    """A matrix of 8-bit weights with a scale per output, for rows of 7 bits with a scale per row.

    Products of whole numbers add up exactly, so a row's result never depends on the rows beside
    it (as it does where one scale serves a whole batch, in ``torch``'s own dynamic
    quantisation), nor on the machine. The kernel is FBGEMM's (Khudia et al., 2021,
    arXiv:2101.05615). Processors without VNNI instructions add two products in 16 bits, where
    rows of 8 bits may saturate; with 7 bits the sum is at most 2 · 127 · 127 = 32,258.
    """

    def __init__(self, weight: Tensor) -> None:
        scale = weight.abs().amax(1).clamp_min(1e-12).double() / 127
        zero = torch.zeros(len(weight), dtype=torch.long)
        engine = torch.backends.quantized.engine
        torch.backends.quantized.engine = "fbgemm"  # the packed weights stay with their kernel
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", UserWarning
                )  # deprecated for torchao, which has no such kernel
                quantised = torch.quantize_per_channel(weight, scale, zero, 0, torch.qint8)
            self.packed = torch.ops.quantized.linear_prepack(quantised, None)
        finally:
            torch.backends.quantized.engine = engine

    def to(self, device: torch.device) -> None:
        if device.type != "cpu":
            raise ValueError("8-bit matrices have a CPU kernel only")

    def __call__(self, rows: Tensor) -> Tensor:
        largest = rows.abs().amax(-1, keepdim=True).clamp_min_(1e-12)
        multiply = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32
        return multiply(rows / largest, 1 / 63, 64, self.packed).mul_(largest)  # type: ignore[no-any-return]


def has_int8() -> bool:
    """Whether this machine multiplies 8-bit matrices: FBGEMM needs an x86 processor with AVX2."""
    return "fbgemm" in torch.backends.quantized.supported_engines


@cache
def has_half() -> bool:
    """Whether this machine has `Half`, with a row's result the same whatever rows are beside it."""
    if not has_int8():
        return False
    random = torch.Generator().manual_seed(0)
    rows, weight = (torch.randn(48, 80, generator=random) for _ in range(2))
    matrix = Half(weight)
    together = matrix(rows)
    return all(torch.equal(matrix(rows[:count]), together[:count]) for count in range(1, 48))


def make_linear(weight: Tensor, precision: Precision, on_cpu: bool = True) -> Linear:
    """The matrix (out, in), float32, as a function in the precision; on_cpu: whether it stays on the CPU."""
    if precision == "int8":
        return Int8(weight)
    if precision == "float16" and on_cpu and has_half():
        return Half(weight)
    return Dense(weight, getattr(torch, precision))
