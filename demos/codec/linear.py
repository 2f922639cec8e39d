"""Matrices in several precisions, each a function of float32 rows, and the choice among them.

Decoding is bound by the bytes of its matrices, which every step reads once. Only they are kept
small; all that happens between two matrices stays float32. Which kernel is fastest depends on the
processor more than on anything else, so it is measured: `fastest`.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Literal, Protocol, get_args

import torch
from torch import Tensor
from torch.nn import functional as F

PART, NARROW = 128, 512  # columns in a part of a float32 matrix, and in one that has parts, at most
WIDE = 384  # columns in a part of a bfloat16 matrix, at most
BLOCK = 32  # rows that a wider one takes at once in an encoder
Precision = Literal["float32", "bfloat16", "float16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
Kernel = Callable[[Tensor], Tensor]  # a matrix as a function of its rows


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
    decoder's are, have parts of `PART` columns. (The hub's are wide and would take a third longer.) With
    bfloat16 they cut the columns of a wide matrix in a way that depends on the number of rows, and a sentence
    alone would differ from the same one in a batch: bfloat16 has parts of `WIDE` columns.
    For other weights fewer than four rows are filled up: for those few, BLAS adds in another order, and
    a sentence alone would differ in its last bits from the same one in a batch. (On a GPU it does so
    anyway.)
    """

    def __init__(self, weight: Tensor, dtype: torch.dtype) -> None:
        self.weight = weight.to(dtype)
        self.packed: list[Tensor] = []  # oneDNN's, in the place of the weight
        self.to(weight.device)

    def to(self, device: torch.device) -> None:
        """Move to the device; the weights leave the order of a CPU's kernels for it."""
        if self.packed:
            self.weight = torch.cat([part.to_dense() for part in self.packed], dim=1)
        self.weight, self.packed = self.weight.to(device), []
        if device.type == "cpu" and _is_packed(self.weight.dtype):
            columns, exact = self.weight.shape[1], self.weight.dtype == torch.float32
            self.size = WIDE if not exact else PART if columns <= NARROW else columns
            pack = torch.ops.mkldnn._reorder_linear_weight
            self.packed = [pack(part.contiguous(), None) for part in self.weight.split(self.size, dim=1)]
            self.weight = torch.empty(0, dtype=self.weight.dtype)

    def __call__(self, rows: Tensor) -> Tensor:
        if self.packed:
            return _sum_of_parts(rows.to(self.packed[0].dtype).split(self.size, dim=1), self.packed)
        few = len(rows) < 4 and not rows.is_cuda
        full = F.pad(rows, (0, 0, 0, 4 - len(rows))) if few else rows
        return F.linear(full.to(self.weight.dtype), self.weight)[: len(rows)].float()


def _is_packed(dtype: torch.dtype) -> bool:
    """Whether oneDNN has kernels for weights of this dtype on this CPU."""
    return has_bfloat16() if dtype == torch.bfloat16 else dtype == torch.float32 and _has_onednn()


def _sum_of_parts(rows: Sequence[Tensor], packed: Sequence[Tensor]) -> Tensor:
    """The columns of rows times those of a matrix in oneDNN's order, part by part: float32 (n, out)."""
    multiply = torch.ops.mkldnn._linear_pointwise
    found: Tensor = multiply(rows[0], packed[0], None, "none", [], "")
    for part, matrix in zip(rows[1:], packed[1:], strict=True):
        if found.dtype == torch.float32 and part.dtype == torch.float32:
            found = multiply.binary(part, found, matrix, None, "add")
        else:
            found = found.float().add_(multiply(part, matrix, None, "none", [], ""))
    return found.float()


class Affine:
    """A matrix (out, in) and a bias (out,) for the rows of a CPU, as an encoder has them.

    In float32, or in bfloat16, whose products are added in float32 and whose results are bfloat16. The
    weights lie in the order of oneDNN's kernels where it has them. With bfloat16 they cut the columns of a
    wide matrix in a way that depends on the number of rows, so a wide one takes its rows by `BLOCK`, the last
    filled up: for hundreds of rows, parts as in `Dense` would be several times slower.
    """

    def __init__(self, weight: Tensor, bias: Tensor, dtype: torch.dtype) -> None:
        self.dtype, self.bias = dtype, bias.detach()
        weight = weight.detach().to(dtype)
        self.in_blocks = dtype == torch.bfloat16 and weight.shape[1] > WIDE
        self.is_packed = _is_packed(dtype)
        if self.is_packed:
            self.weight = torch.ops.mkldnn._reorder_linear_weight(weight, None)
        else:
            self.weight, self.bias = weight, self.bias.to(dtype)

    def __call__(self, rows: Tensor, activation: Literal["none", "gelu"] = "none") -> Tensor:
        """Rows (n, in) of any dtype → (n, out), through GELU if that is asked for."""
        rows = rows.to(self.dtype)
        if not self.is_packed:
            found = F.linear(rows, self.weight, self.bias)
            return F.gelu(found) if activation == "gelu" else found
        multiply = torch.ops.mkldnn._linear_pointwise
        if not self.in_blocks:
            return multiply(rows, self.weight, self.bias, activation, [], "none")  # type: ignore[no-any-return]
        full = F.pad(rows, (0, 0, 0, -len(rows) % BLOCK))
        blocks = [multiply(one, self.weight, self.bias, activation, [], "none") for one in full.split(BLOCK)]
        return torch.cat(blocks)[: len(rows)]


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
        """Stay on the CPU; ValueError for any other device."""
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
        """Stay on the CPU; ValueError for any other device."""
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
    return steady(Half(torch.randn(48, 80, generator=torch.Generator().manual_seed(0))), 80)


def has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; one that does not is many times slower at it."""
    return bool(torch.cpu._is_avx512_bf16_supported()) and _has_onednn()


def _has_onednn() -> bool:
    return bool(torch.backends.mkldnn.is_available())


def steady(matrix: Kernel, columns: int, counts: Sequence[int] = range(1, 48)) -> bool:
    """Whether a matrix makes of a row the same whatever rows are beside it, for these numbers of rows.

    Args:
        matrix: rows (n, columns) → rows (n, out).
    """
    rows = torch.randn(max(counts) + 1, columns, generator=torch.Generator().manual_seed(1))
    together = matrix(rows)
    return all(torch.equal(matrix(rows[:count]), together[:count]) for count in counts)


def kernels() -> tuple[Precision, ...]:
    """The precisions that this CPU has kernels for which are worth a try; float32 is always one."""
    there = {"float32": True, "bfloat16": has_bfloat16(), "float16": has_half(), "int8": has_int8()}
    return tuple(precision for precision in PRECISIONS if there[precision])


def make_linear(weight: Tensor, precision: Precision, on_cpu: bool = True) -> Linear:
    """The matrix (out, in), float32, as a function in the precision; on_cpu: whether it stays on the CPU."""
    if precision == "int8":
        return Int8(weight)
    if precision == "float16" and on_cpu and has_half():
        return Half(weight)
    return Dense(weight, getattr(torch, precision))


# The processor's time, where it is told finely: what else a machine does counts less in it.
clock = time.process_time if time.get_clock_info("process_time").resolution < 1e-5 else time.perf_counter
ROWS = (1, 3, 16, 48)  # a greedy search; a quick and a careful one; sixteen quick ones at once


def _least_times(
    made: Mapping[Precision, Sequence[Kernel]],
    weights: Sequence[Tensor],
    counts: Sequence[int],
    budget: float,
) -> dict[tuple[Precision, int], float]:
    """The seconds that each kernel takes at least for each of these numbers of rows."""
    batches = {count: [torch.ones(count, weight.shape[1]) for weight in weights] for count in counts}
    least: dict[tuple[Precision, int], float] = {}
    start, rounds = clock(), 0
    while rounds < 4 or clock() - start < budget:
        for count, batch in batches.items():
            for precision, matrices in made.items():
                began = clock()
                for matrix, some in zip(matrices, batch, strict=True):
                    matrix(some)
                least[precision, count] = min(clock() - began, least.get((precision, count), math.inf))
        rounds += 1
    return least


def fastest(
    allowed: Sequence[Precision],
    weights: Sequence[Tensor],
    budget: float = 0.15,
    counts: Sequence[int] = ROWS,
    make: Callable[[Tensor, Precision], Kernel] | None = None,
) -> Precision:
    """The precision whose kernel multiplies a sample of a model's matrices fastest on this CPU.

    It makes of a row the same whatever rows are beside it (but float32 where there is one row alone). And it
    is one for all batches: with several, a sentence alone and the same one among others would be multiplied
    by different ones, and could be said in other words. Each kernel counts by the geometric mean of its
    least times over the numbers of rows.

    Args:
        allowed: what leaves the model as good as it is; an earlier one is taken unless a later one is
            faster by a tenth.
        weights: float32 matrices (out, in), more than a processor's caches hold.
        budget: seconds of the processor to spend, at least four rounds.
        counts: the numbers of rows, the least first.
        make: makes the kernel of a matrix; None is `make_linear`.
    """
    choices = [precision for precision in allowed if precision in kernels()]
    if len(choices) < 2:
        return choices[0] if choices else "float32"
    make = make or make_linear
    made = {precision: [make(weight, precision) for weight in weights] for precision in choices}
    if "bfloat16" in choices:  # `Half` has been looked at, and `Int8` adds whole numbers
        widest = max(range(len(weights)), key=lambda i: weights[i].shape[1])
        if not steady(made["bfloat16"][widest], weights[widest].shape[1], (counts[0], counts[-1])):
            choices.remove("bfloat16")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # on a busy machine threads wait for each other, and no time says anything
    try:
        least = _least_times({one: made[one] for one in choices}, weights, counts, budget)
    finally:
        torch.set_num_threads(threads)

    def mean(precision: Precision) -> float:
        return math.exp(sum(math.log(least[precision, count]) for count in counts) / len(counts))

    best = choices[0]
    for precision in choices[1:]:
        if mean(precision) < 0.9 * mean(best):
            best = precision
    return best
