"""Products with matrices that don't learn, and with the adapters beside them that do.

What a linear map of a brought model computes, in less time: nearly all of an update is spent here.
"""

import weakref
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

PACKED_BYTES = 256 << 20
"""Matrices beside adapters, which are also kept as oneDNN lays them out, take at most so much."""

PACKED_FOR_ROWS = 16  # the layout is the best for so many rows, and right for any number


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


def adapted(module: Any, x: Tensor, *, is_packed: bool = False) -> Tensor:
    """As the forward pass of peft's linear map, in a third of the time: a node of autograd for
    five. `is_packed`: its own matrix, which never changes, is kept for the way back a second time,
    as oneDNN lays it out: a product of few rows takes half the time."""
    own, down, up = module.base_layer, module.lora_A[ADAPTER_NAME], module.lora_B[ADAPTER_NAME]
    apply: Callable[..., Tensor] = _Adapted.apply
    back = None
    if is_packed and HAS_ONEDNN and x.device.type == "cpu" and x.requires_grad:
        back = _packed_back(own)
    numbers = own.weight, own.bias, down.weight, up.weight, module.scaling[ADAPTER_NAME], back
    return apply(x.flatten(0, -2), *numbers).view(*x.shape[:-1], -1)


_PACKED: weakref.WeakKeyDictionary[Any, Tensor] = weakref.WeakKeyDictionary()


@torch.no_grad()
def _packed_back(own: Any) -> Tensor:
    """W' [I, O] of this linear map as oneDNN lays it out: y W is a linear map of y by it."""
    if own not in _PACKED:
        turned = own.weight.T.contiguous()
        _PACKED[own] = torch.ops.mkldnn._reorder_linear_weight(turned, PACKED_FOR_ROWS)
    return _PACKED[own]


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
        back: Tensor | None,
    ) -> Tensor:
        reduced = (a @ x.T).T
        ctx.save_for_backward(x, own, a, b, reduced)
        ctx.scale = scale
        ctx.back = back
        return multiplied(x, own, bias).addmm_(reduced, b.T, alpha=scale)

    @staticmethod
    def backward(ctx: Any, by_y: Tensor) -> tuple[Tensor | None, ...]:
        x, own, a, b, reduced = ctx.saved_tensors
        by_reduced = (by_y @ b).mul_(ctx.scale)
        by_b = (reduced.T @ by_y).mul_(ctx.scale).T
        by_x = None
        if ctx.needs_input_grad[0]:
            if ctx.back is None:
                by_x = by_y @ own
            else:
                by_x = torch.ops.mkldnn._linear_pointwise(by_y, ctx.back, None, "none", [], "")
            by_x.addmm_(by_reduced, a)
        return by_x, None, None, by_reduced.T @ x, by_b, None, None
