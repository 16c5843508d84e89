"""The model: a decoder in the layout of Qwen3 (transformers: models/qwen3/modeling_qwen3.py).

RMSNorm with gain, QK-norm, rotary positions in half-split order, SwiGLU, an untied head, no biases,
no dropout. All its numbers lie in one flat tensor, so that averaging, measuring and saving them is
one operation; the matrices of all layers are stacked, so that the optimizer's are few.
Sizes: B cards, T pieces, C width, H heads, D head width (C / H), F hidden, L layers, V vocabulary,
N positions asked, A pieces that an answer can have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner.settings import LearnerSettings

# transformers' default for Qwen3 (rms_norm_eps in configuration_qwen3.py)
NORM_EPSILON = 1e-6


@dataclass(frozen=True)
class Weights:
    """Named views of one flat tensor, float32."""

    attention: Tensor  # [L, 4, C, C]  query, key, value, output; rows are outputs
    mlp: Tensor  # [L, 3, F, C]  gate, up, and down transposed
    embedding: Tensor  # [V, C]
    head: Tensor  # [V, C]
    attention_norm: Tensor  # [L, C]
    query_key_norm: Tensor  # [L, 2, D]
    mlp_norm: Tensor  # [L, C]
    final_norm: Tensor  # [C]

    def named(self) -> dict[str, Tensor]:
        """The tensors by name, in the order in which they lie in the flat tensor."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def shapes(settings: LearnerSettings, n_vocabulary: int) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of `Weights`, in order."""
    n_layers, width, hidden = settings.n_layers, settings.width, settings.hidden
    return {
        "attention": (n_layers, 4, width, width),
        "mlp": (n_layers, 3, hidden, width),
        "embedding": (n_vocabulary, width),
        "head": (n_vocabulary, width),
        "attention_norm": (n_layers, width),
        "query_key_norm": (n_layers, 2, width // settings.n_heads),
        "mlp_norm": (n_layers, width),
        "final_norm": (width,),
    }


def n_parameters_of(settings: LearnerSettings, n_vocabulary: int) -> int:
    """How many numbers a model of this size has."""
    return sum(math.prod(shape) for shape in shapes(settings, n_vocabulary).values())


def views(flat: Tensor, settings: LearnerSettings, n_vocabulary: int) -> Weights:
    """`flat` [n_parameters] cut into `Weights`; no copy."""
    by_name = shapes(settings, n_vocabulary)
    parts = torch.split(flat, [math.prod(shape) for shape in by_name.values()])
    return Weights(
        **{name: part.view(by_name[name]) for name, part in zip(by_name, parts, strict=True)}
    )


def new_weights(settings: LearnerSettings, n_vocabulary: int, seed: int) -> Tensor:
    """Untrained weights, flat, on the CPU: the same for the same seed.

    The projections that write into the residual stream begin at zero, so that every layer begins as
    the identity; the head is small and random, so that the first guess is near blind and yet the
    model's own.
    """
    flat = torch.zeros(n_parameters_of(settings, n_vocabulary))
    weights = views(flat, settings, n_vocabulary)
    generator = torch.Generator().manual_seed(seed)
    weights.attention[:, :3].normal_(0.0, settings.width**-0.5, generator=generator)
    weights.mlp[:, :2].normal_(0.0, settings.width**-0.5, generator=generator)
    weights.embedding.normal_(0.0, 1.0, generator=generator)
    weights.head.normal_(0.0, 0.01, generator=generator)
    for gain in (
        weights.attention_norm,
        weights.query_key_norm,
        weights.mlp_norm,
        weights.final_norm,
    ):
        gain.fill_(1.0)
    return flat


class Rotary:
    """Cosines and sines of the rotary angles, made once for the longest sequence yet."""

    def __init__(self, settings: LearnerSettings, device: str) -> None:
        width = settings.width // settings.n_heads
        exponents = torch.arange(0, width, 2, dtype=torch.float32, device=device) / width
        self._frequencies = 1.0 / settings.rope_base**exponents  # [D/2]
        self._cos = self._sin = torch.empty(0, 1, 1, width, device=device)

    def upto(self, n_pieces: int) -> tuple[Tensor, Tensor]:
        """cos, sin of positions 0 to `n_pieces` - 1: [T, 1, 1, D]; the sines' first half negated.

        Negated so that half-split rotation is x * cos + swap_halves(x) * sin.
        """
        if len(self._cos) < n_pieces:
            positions = torch.arange(2 * n_pieces, device=self._frequencies.device)
            angles = torch.outer(positions.float(), self._frequencies)  # [T, D/2]
            cos, sin = angles.cos(), angles.sin()
            self._cos = torch.cat((cos, cos), -1)[:, None, None]
            self._sin = torch.cat((-sin, sin), -1)[:, None, None]
        return self._cos[:n_pieces], self._sin[:n_pieces]


def forward(
    weights: Weights,
    ids: Tensor,
    asked: Tensor,
    sayable: Tensor,
    rotary: Rotary,
    settings: LearnerSettings,
) -> Tensor:
    """Logits [N, A] of the pieces `sayable` at the positions `asked`.

    Args:
        ids: [B, T] int64. Padding stands at the end, where no earlier piece can see it.
        asked: [N] int64, flat indices into B * T. The last layer's MLP and the head, which mix no
            positions, are computed at these alone.
        sayable: [A] int64, rows of the head: the pieces among which the answer is looked for.
    """
    n_cards, n_pieces = ids.shape
    n_heads, width = settings.n_heads, settings.width
    head_width = width // n_heads
    cos, sin = rotary.upto(n_pieces)
    x = F.embedding(ids, weights.embedding)  # [B, T, C]
    layers = zip(
        weights.attention.unbind(),
        weights.mlp.unbind(),
        weights.attention_norm.unbind(),
        weights.query_key_norm.unbind(),
        weights.mlp_norm.unbind(),
        strict=True,
    )
    for layer, (attention, mlp, attention_gain, query_key_gain, mlp_gain) in enumerate(layers):
        # -- attention
        qkv_matrix, output_matrix = torch.split(attention, [3, 1])
        normed = F.rms_norm(x, (width,), attention_gain, NORM_EPSILON)
        qkv = F.linear(normed, qkv_matrix.view(3 * width, width))  # [B, T, 3C]
        qk, v = torch.split(qkv.view(n_cards, n_pieces, 3, n_heads, head_width), [2, 1], dim=2)
        qk = F.rms_norm(qk, (head_width,), None, NORM_EPSILON) * query_key_gain[:, None]
        qk = qk * cos + qk.roll(head_width // 2, -1) * sin  # [B, T, 2, H, D]
        q, k = qk.transpose(1, 3).unbind(2)  # [B, H, T, D]
        mixed = F.scaled_dot_product_attention(q, k, v.squeeze(2).transpose(1, 2), is_causal=True)
        mixed = mixed.transpose(1, 2).reshape(n_cards * n_pieces, width)
        x = x.view(n_cards * n_pieces, width)
        if layer == settings.n_layers - 1:
            mixed, x = mixed[asked], x[asked]  # [N, C]
        x = x + F.linear(mixed, output_matrix.squeeze(0))
        # -- SwiGLU
        gate_up_matrix, down_matrix = torch.split(mlp, [2, 1])
        normed = F.rms_norm(x, (width,), mlp_gain, NORM_EPSILON)
        gate, up = F.linear(normed, gate_up_matrix.view(-1, width)).chunk(2, -1)  # [B*T, F]
        x = x + (F.silu(gate) * up) @ down_matrix.squeeze(0)
        if layer < settings.n_layers - 1:
            x = x.view(n_cards, n_pieces, width)
    x = F.rms_norm(x, (width,), weights.final_norm, NORM_EPSILON)
    return F.linear(x, weights.head.index_select(0, sayable))
