"""Part 3, the model: what a layer does, each part with its derivative written out.

Three parts: RMSNorm, attention, SwiGLU. `passes.py`, the next file, puts them together.

Why the derivatives are written out: at this size most of a step is not arithmetic but torch's
bookkeeping. Forward and backward of a batch of 32 sums take 5.3 ms in place of 6.8 ms with torch's
own derivatives (docs/experiments.md, "Speed"). tests/learner/test_layers.py holds each of them
against torch's.

How to read them: `x` gives its result and the activations that its derivative needs;
`x_backward` takes the derivative of the loss by that result, `by_y`, and gives the derivatives by
what `x` took. So `by_gain` is read "the loss's derivative by the gain", and has its shape.

Sizes as in model.py: B cards, T pieces, C width, H heads, D head width, F hidden; M rows of any
number. Knows no weights by name.
"""

from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

# transformers' default for Qwen3 (rms_norm_eps in configuration_qwen3.py)
NORM_EPSILON = 1e-6

# -- RMSNorm: every vector gets the same length, then each number its own gain


class NormActivations(NamedTuple):
    normed: Tensor  # [..., C] before the gain
    inverse_rms: Tensor  # [..., 1]


def norm(x: Tensor, gain: Tensor) -> tuple[Tensor, NormActivations]:
    """x / rms(x) * gain over the last dimension: like `x`.
    RMSNorm (Zhang & Sennrich 2019, arXiv 1910.07467): LayerNorm without mean and bias."""
    inverse_rms = _mean(x * x).add_(NORM_EPSILON).rsqrt_()  # [..., 1]
    normed = x * inverse_rms
    return normed * gain, NormActivations(normed, inverse_rms)


def norm_backward(
    by_y: Tensor, gain: Tensor, activations: NormActivations
) -> tuple[Tensor, Tensor]:
    """The derivatives by `x`, in `by_y`'s memory, and by `gain`, like `gain`.

    With n = x / rms(x), the length of x has no influence on n. So of what comes back, d = by_y *
    gain, the part along n is taken away: by_x = (d - n * mean(d * n)) / rms(x).
    """
    normed, inverse_rms = activations
    product = by_y * normed
    by_gain = product.sum_to_size(gain.shape)
    along = _mean(product.mul_(gain))  # [..., 1] mean(d * n)
    return by_y.mul_(gain).addcmul_(normed, along, value=-1.0).mul_(inverse_rms), by_gain


def _mean(x: Tensor) -> Tensor:
    """Mean over the last dimension, which stays as 1.
    A product with equal shares: half the time of `Tensor.mean` for rows as short as these."""
    width = x.shape[-1]
    return (x.reshape(-1, width) @ _shares(width, x.device)).view(*x.shape[:-1], 1)


@lru_cache(64)
def _shares(width: int, device: torch.device) -> Tensor:
    """[width, 1] of equal shares."""
    with torch.inference_mode(mode=False):  # it stays for passes of every kind
        return torch.full((width, 1), 1 / width, device=device)


# -- attention: each piece takes from the pieces before it what it looks for


class Positions(NamedTuple):
    """The places of pieces, as attention needs them: see `model.Rotary`."""

    cos: Tensor  # [T, D] of the rotary angles
    sin: Tensor  # [T, D], the first half negated: rotating is x * cos + swap_halves(x) * sin
    mask: Tensor  # [T, T], 0 where a position may look, minus infinity where it may not


def swap_halves(x: Tensor) -> Tensor:
    """The last dimension's second half before its first."""
    return x.roll(x.shape[-1] // 2, -1)


class AttentionActivations(NamedTuple):
    norms: NormActivations  # [2, B*H, T, D] of queries and keys
    rotated: Tensor  # [2, B*H, T, D] queries and keys as they are multiplied
    values: Tensor  # [B*H, T, D]
    weights: Tensor  # [B*H, T, T] how much each position takes from each; rows sum to 1
    mixed: Tensor  # [B*H, T, D]


def attention(
    qkv: Tensor, gain: Tensor, positions: Positions
) -> tuple[Tensor, AttentionActivations]:
    """softmax(q k' / sqrt(D)) v in each head: [B * T, H * D].

    Scaled dot-product attention (Vaswani et al. 2017, arXiv 1706.03762), causal: no piece looks at
    those after it. Queries and keys are first brought to one length (QK-norm, Henry et al. 2020,
    arXiv 2010.04245), then turned by their position's angles (RoPE, Su et al. 2021, arXiv
    2104.09864): their product then depends on how far apart they stand.

    Args:
        qkv: [B, T, 3, H, D] queries, keys, values.
        gain: [2, D] of the norms of queries and keys.
    """
    n_cards, n_pieces, _, n_heads, width = qkv.shape
    heads = qkv.permute(2, 0, 3, 1, 4).reshape(3, n_cards * n_heads, n_pieces, width)
    gained, norms = norm(heads[:2], gain[:, None, None])  # [2, B*H, T, D]
    swapped = swap_halves(gained)
    rotated = gained.mul_(positions.cos).addcmul_(swapped, positions.sin)
    queries, keys = rotated
    # [B*H, T, T]
    scores = torch.add(positions.mask, torch.bmm(queries, keys.mT), alpha=width**-0.5)
    # five operations of our own: torch.softmax takes five times as long for rows this short
    weights = scores.sub_(scores.amax(-1, keepdim=True)).exp_()  # less the largest: no overflow
    weights = weights.div_(weights.sum(-1, keepdim=True))
    mixed = torch.bmm(weights, heads[2])  # [B*H, T, D]
    by_card = mixed.view(n_cards, n_heads, n_pieces, width).transpose(1, 2)  # heads side by side
    return by_card.reshape(n_cards * n_pieces, n_heads * width), AttentionActivations(
        norms, rotated, heads[2], weights, mixed
    )


def attention_backward(
    by_mixed: Tensor,
    gain: Tensor,
    positions: Positions,
    activations: AttentionActivations,
    n_heads: int,
) -> tuple[Tensor, Tensor]:
    """The derivatives by `qkv`, as [B * T, 3 * H * D], and by `gain`, [2, D]: `attention` from its
    end to its beginning. `by_mixed`: [B * T, H * D]."""
    n_pieces, width = activations.values.shape[1:]
    n_cards = len(activations.values) // n_heads
    by_heads = torch.empty(3, *activations.values.shape, device=by_mixed.device)
    by_card = by_mixed.view(n_cards, n_pieces, n_heads, width).transpose(1, 2)
    by_out = by_card.reshape(activations.values.shape)  # [B*H, T, D]
    # the mean of values: by the values, and by the weights
    torch.bmm(activations.weights.mT, by_out, out=by_heads[2])
    by_scores = torch.bmm(by_out, activations.values.mT)  # so far by the weights, [B*H, T, T]
    # softmax: by a row of scores it is p * (dp - sum(p * dp)), and that sum is out * d out
    by_scores.sub_((by_out * activations.mixed).sum(-1, keepdim=True))
    by_scores.mul_(activations.weights).mul_(width**-0.5)
    # the product of queries and keys
    queries, keys = activations.rotated
    by_rotated = by_heads[:2]
    torch.bmm(by_scores, keys, out=by_rotated[0])
    torch.bmm(by_scores.mT, queries, out=by_rotated[1])
    # rotating: turned back by the same angles
    by_gained = swap_halves(by_rotated * positions.sin)
    by_gained.addcmul_(by_rotated, positions.cos)
    by_heads[:2], by_gain = norm_backward(by_gained, gain[:, None, None], activations.norms)
    by_qkv = by_heads.view(3, n_cards, n_heads, n_pieces, width).permute(1, 3, 0, 2, 4)
    return by_qkv.reshape(n_cards * n_pieces, 3 * n_heads * width), by_gain.view_as(gain)


# -- SwiGLU: the MLP's nonlinearity; one half of the numbers opens the other


class SwiGLUActivations(NamedTuple):
    gate_up: Tensor  # [M, 2F]
    activated: Tensor  # [M, F] silu(gate)


def swiglu(gate_up: Tensor) -> tuple[Tensor, SwiGLUActivations]:
    """silu(gate) * up (Shazeer 2020, arXiv 2002.05202): [M, 2F] to [M, F].
    silu(x) = x * sigmoid(x)."""
    gate, up = gate_up.chunk(2, -1)
    activated = F.silu(gate)
    return activated * up, SwiGLUActivations(gate_up, activated)


def swiglu_backward(by_y: Tensor, activations: SwiGLUActivations) -> Tensor:
    """The derivative by `gate_up`, [M, 2F]; uses up `by_y`."""
    gate, up = activations.gate_up.chunk(2, -1)
    by_gate_up = torch.empty_like(activations.gate_up)
    by_gate, by_up = by_gate_up.chunk(2, -1)
    torch.mul(by_y, activations.activated, out=by_up)
    torch.ops.aten.silu_backward.grad_input(by_y.mul_(up), gate, grad_input=by_gate)
    return by_gate_up
