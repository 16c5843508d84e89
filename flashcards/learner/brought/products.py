"""Products with matrices that don't learn, and with the adapters beside them that do.

What a linear map of a brought model computes, in less time: nearly all of an update is spent here.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

ADAPTER_NAME = "default"  # peft's name of an adapter

FEW_ROWS = range(4, 16)
"""Rows for which oneDNN takes half of MKL's time; so many are asked in an update of a few cards.
Measured in docs/experiments.md, as is the next range."""

ROWS_OF_NARROWING = range(9, 65)
"""Rows for which MKL takes less time for W x' than for x W', where W has fewer rows than columns:
an MLP's last matrix."""

HAS_ONEDNN = hasattr(torch.ops.mkldnn, "_linear_pointwise")
CAN_PACK = HAS_ONEDNN and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")

PACKED_BYTES = 128 << 20
"""Matrices beside adapters that are kept a second time, for the way back, take at most so much, the
largest first."""


def multiplied(x: Tensor, matrix: Tensor, bias: Tensor | None) -> Tensor:
    """[N, O] x W' + b, of x [N, I] and W [O, I]; without a gradient."""
    n_rows = len(x)
    is_on_cpu = x.device.type == "cpu"
    is_narrowing = len(matrix) < x.shape[1] and bias is None
    if is_on_cpu and is_narrowing and n_rows in ROWS_OF_NARROWING:
        return (matrix @ x.T).T
    if is_on_cpu and n_rows in FEW_ROWS and HAS_ONEDNN:
        y: Tensor = torch.ops.mkldnn._linear_pointwise(x, matrix, bias, "none", [], "")
        return y
    return F.linear(x, matrix, bias)


def frozen(module: Any, x: Tensor) -> Tensor:
    """As the forward pass of this linear map, unless its own numbers learn."""
    if module.weight.requires_grad:
        return F.linear(x, module.weight, module.bias)
    apply: Callable[..., Tensor] = _Frozen.apply
    return apply(x.flatten(0, -2), module.weight, module.bias).view(*x.shape[:-1], -1)


Back = Callable[[Tensor, Tensor], Tensor]
"""y W, of y [N, O] and the own matrix W [O, I] of a linear map: the way back through it."""


class PackedBack:
    """The way back in half of the time: a matrix that never changes is kept a second time, as
    oneDNN lays it out. One for each matrix."""

    def __init__(self) -> None:
        self._packed: Tensor | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> PackedBack:
        """Of a copied matrix, which is packed anew: torch can't copy what oneDNN laid out."""
        return PackedBack()

    def __call__(self, y: Tensor, matrix: Tensor) -> Tensor:
        if not (CAN_PACK and y.device.type == "cpu" and y.dtype == torch.float32):
            return y @ matrix
        if self._packed is None:
            self._packed = _packed(matrix)
        by_x: Tensor = torch.ops.mkldnn._linear_pointwise(y, self._packed, None, "none", [], "")
        return by_x


def _packed(matrix: Tensor) -> Tensor:
    """W' of this matrix as oneDNN lays it out. The copy that is turned first lies outside the heap:
    there each would leave a hole too small for the next, and memory would grow by all of them."""
    turned = torch.frombuffer(mmap.mmap(-1, matrix.nbytes), dtype=matrix.dtype).view_as(matrix.T)
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(turned.copy_(matrix.T))
    return packed


def adapted(module: Any, x: Tensor, back: Back = torch.matmul) -> Tensor:
    """As the forward pass of peft's linear map, in a third of the time: a node of autograd for
    five."""
    own, down, up = module.base_layer, module.lora_A[ADAPTER_NAME], module.lora_B[ADAPTER_NAME]
    apply: Callable[..., Tensor] = _Adapted.apply
    numbers = own.weight, own.bias, down.weight, up.weight, module.scaling[ADAPTER_NAME], back
    return apply(x.flatten(0, -2), *numbers).view(*x.shape[:-1], -1)


class _Frozen(torch.autograd.Function):
    """y = x W' + b."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, own: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(own)
        return multiplied(x, own, bias)

    @staticmethod
    def backward(ctx: Any, by_y: Tensor) -> tuple[Tensor, None, None]:
        (own,) = ctx.saved_tensors
        return by_y @ own, None, None


class _Adapted(torch.autograd.Function):
    """y = x W' + b + scale x A' B', where A and B learn."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        own: Tensor,
        bias: Tensor | None,
        a: Tensor,
        b: Tensor,
        scale: float,
        back: Back,
    ) -> Tensor:
        reduced = (a @ x.T).T
        ctx.save_for_backward(x, own, a, b, reduced)
        ctx.scale, ctx.back = scale, back
        return multiplied(x, own, bias).addmm_(reduced, b.T, alpha=scale)

    @staticmethod
    def backward(ctx: Any, by_y: Tensor) -> tuple[Tensor | None, ...]:
        x, own, a, b, reduced = ctx.saved_tensors
        by_reduced = (by_y @ b).mul_(ctx.scale)
        by_b = (reduced.T @ by_y).mul_(ctx.scale).T
        by_x = ctx.back(by_y, own).addmm_(by_reduced, a) if ctx.needs_input_grad[0] else None
        return by_x, None, None, by_reduced.T @ x, by_b, None, None
