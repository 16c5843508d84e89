"""The parts of the model's layers, each with its derivative written out.

Written out because at this size most of a step is not arithmetic: torch's own backward of these
parts takes twice as long (docs/experiments.md, "Speed"). tests/learner/test_layers.py holds every
derivative against torch's. Knows no weights by name. Each `x_backward` takes the derivative of the
loss by what `x` gave, and what `x` kept; it gives the derivatives by what `x` took.
Sizes as in model.py: B cards, T pieces, C width, H heads, D head width, F hidden; M rows of any
number.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

# transformers' default for Qwen3 (rms_norm_eps in configuration_qwen3.py)
NORM_EPSILON = 1e-6


class NormKept(NamedTuple):
    normed: Tensor  # [..., C] before the gain
    inverse_rms: Tensor  # [..., 1]


def norm(x: Tensor, gain: Tensor) -> tuple[Tensor, NormKept]:
    """RMSNorm over the last dimension (Zhang & Sennrich 2019, arXiv 1910.07467): like `x`."""
    inverse_rms = _mean(x * x).add_(NORM_EPSILON).rsqrt_()
    normed = x * inverse_rms
    return normed * gain, NormKept(normed, inverse_rms)


def norm_backward(by_y: Tensor, gain: Tensor, kept: NormKept) -> tuple[Tensor, Tensor]:
    """By `x`, in `by_y`'s memory, and by `gain`, like `gain`."""
    normed, inverse_rms = kept
    product = by_y * normed
    by_gain = product.sum_to_size(gain.shape)
    along = _mean(product.mul_(gain))
    return by_y.mul_(gain).addcmul_(normed, along, value=-1.0).mul_(inverse_rms), by_gain


def _mean(x: Tensor) -> Tensor:
    """Over the last dimension, which stays as 1: for short rows twice as fast as `Tensor.mean`."""
    width = x.shape[-1]
    return (x.reshape(-1, width) @ _shares(width, x.device)).view(*x.shape[:-1], 1)


@lru_cache(64)
def _shares(width: int, device: torch.device) -> Tensor:
    """[width, 1] of equal shares."""
    with torch.inference_mode(mode=False):  # kept for any use
        return torch.full((width, 1), 1 / width, device=device)


def swap_halves(x: Tensor) -> Tensor:
    """The last dimension's second half before its first."""
    return x.roll(x.shape[-1] // 2, -1)


class AttentionKept(NamedTuple):
    norms: NormKept  # [2, B*H, T, D] of queries and keys
    rotated: Tensor  # [2, B*H, T, D] queries and keys as they are multiplied
    values: Tensor  # [B*H, T, D]
    weights: Tensor  # [B*H, T, T] how much each position takes from each
    mixed: Tensor  # [B*H, T, D]


class Positions(NamedTuple):
    """What attention knows of where pieces stand."""

    cos: Tensor  # [T, D] of the rotary angles
    sin: Tensor  # [T, D], the first half negated: rotating is x * cos + swap_halves(x) * sin
    mask: Tensor  # [T, T], 0 where a position may look, minus infinity where it may not


def attention(qkv: Tensor, gain: Tensor, positions: Positions) -> tuple[Tensor, AttentionKept]:
    """Causal attention with normed, rotated queries and keys: [B * T, H * D].
    `qkv`: [B, T, 3, H, D] queries, keys, values. `gain`: [2, D] of the norms of the first two."""
    n_cards, n_pieces, _, n_heads, width = qkv.shape
    heads = qkv.permute(2, 0, 3, 1, 4).reshape(3, n_cards * n_heads, n_pieces, width)
    gained, norms = norm(heads[:2], gain[:, None, None])
    swapped = swap_halves(gained)
    rotated = gained.mul_(positions.cos).addcmul_(swapped, positions.sin)
    queries, keys = rotated
    scores = torch.add(positions.mask, torch.bmm(queries, keys.mT), alpha=width**-0.5)
    # torch.softmax takes five times as long for rows as short as these
    weights = scores.sub_(scores.amax(-1, keepdim=True)).exp_()
    weights = weights.div_(weights.sum(-1, keepdim=True))
    mixed = torch.bmm(weights, heads[2])
    by_card = mixed.view(n_cards, n_heads, n_pieces, width).transpose(1, 2)
    return by_card.reshape(n_cards * n_pieces, n_heads * width), AttentionKept(
        norms, rotated, heads[2], weights, mixed
    )


def attention_backward(
    by_mixed: Tensor, gain: Tensor, positions: Positions, kept: AttentionKept, n_heads: int
) -> tuple[Tensor, Tensor]:
    """By `qkv`, as [B * T, 3 * H * D], and by `gain`, [2, D]."""
    n_pieces, width = kept.values.shape[1:]
    n_cards = len(kept.values) // n_heads
    by_heads = torch.empty(3, *kept.values.shape, device=by_mixed.device)
    by_card = by_mixed.view(n_cards, n_pieces, n_heads, width).transpose(1, 2)
    by_out = by_card.reshape(kept.values.shape)
    torch.bmm(kept.weights.mT, by_out, out=by_heads[2])
    # a softmax row's derivative: p * (dp - sum(p * dp)), and that sum is out * d out
    by_scores = torch.bmm(by_out, kept.values.mT)
    by_scores.sub_((by_out * kept.mixed).sum(-1, keepdim=True))
    by_scores.mul_(kept.weights).mul_(width**-0.5)
    queries, keys = kept.rotated
    by_rotated = by_heads[:2]
    torch.bmm(by_scores, keys, out=by_rotated[0])
    torch.bmm(by_scores.mT, queries, out=by_rotated[1])
    by_gained = swap_halves(by_rotated * positions.sin)
    by_gained.addcmul_(by_rotated, positions.cos)
    by_heads[:2], by_gain = norm_backward(by_gained, gain[:, None, None], kept.norms)
    by_qkv = by_heads.view(3, n_cards, n_heads, n_pieces, width).permute(1, 3, 0, 2, 4)
    return by_qkv.reshape(n_cards * n_pieces, 3 * n_heads * width), by_gain.view_as(gain)


class SwiGLUKept(NamedTuple):
    gate_up: Tensor  # [M, 2F]
    activated: Tensor  # [M, F] silu(gate)


def swiglu(gate_up: Tensor) -> tuple[Tensor, SwiGLUKept]:
    """silu(gate) * up (Shazeer 2020, arXiv 2002.05202): [M, 2F] to [M, F]."""
    gate, up = gate_up.chunk(2, -1)
    activated = F.silu(gate)
    return activated * up, SwiGLUKept(gate_up, activated)


def swiglu_backward(by_y: Tensor, kept: SwiGLUKept) -> Tensor:
    """By `gate_up`, [M, 2F]."""
    gate, up = kept.gate_up.chunk(2, -1)
    by_gate_up = torch.empty_like(kept.gate_up)
    by_gate, by_up = by_gate_up.chunk(2, -1)
    torch.mul(by_y, kept.activated, out=by_up)
    torch.ops.aten.silu_backward.grad_input(by_y.mul_(up), gate, grad_input=by_gate)
    return by_gate_up
