"""The model once more, written plainly from its description, to hold what is shown against."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from flashcards.learner.model import Weights
from flashcards.learner.settings import LearnerSettings


@dataclass
class Plain:
    """What a pass of one card gives: streams [1 + L][T, C], shares [L][H, T, T]."""

    streams: list[Tensor]
    shares: list[Tensor]


def rms(x: Tensor, gain: Tensor) -> Tensor:
    return x / (x.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt() * gain


def rotated(x: Tensor, base: float) -> Tensor:
    """x [T, D], each position turned by its angles, in half-split order."""
    n_pieces, width = x.shape
    half = width // 2
    angles = torch.tensor(
        [[t / base ** (2 * i / width) for i in range(half)] for t in range(n_pieces)]
    )
    one, other, cos, sin = x[:, :half], x[:, half:], angles.cos(), angles.sin()
    return torch.cat([one * cos - other * sin, one * sin + other * cos], -1)


def passed(weights: Weights, ids: list[int], settings: LearnerSettings) -> Plain:
    x = weights.embedding[ids]
    width = settings.width // settings.n_heads
    plain = Plain([x], [])
    for i in range(settings.n_layers):
        read = rms(x, weights.attention_norm[i])
        query, key, value = (read @ weights.attention[i, j].T for j in range(3))
        heads, shares = [], []
        for h in range(settings.n_heads):
            part = slice(h * width, (h + 1) * width)
            q = rotated(rms(query[:, part], weights.query_key_norm[i, 0]), settings.rope_base)
            k = rotated(rms(key[:, part], weights.query_key_norm[i, 1]), settings.rope_base)
            scores = q @ k.T / math.sqrt(width)
            is_later = torch.ones(len(ids), len(ids)).triu(1).bool()
            share = scores.masked_fill(is_later, -math.inf).softmax(-1)
            shares.append(share)
            heads.append(share @ value[:, part])
        x = x + torch.cat(heads, -1) @ weights.attention[i, 3].T
        read = rms(x, weights.mlp_norm[i])
        gate, up = read @ weights.mlp[i, 0].T, read @ weights.mlp[i, 1].T
        x = x + (gate * gate.sigmoid() * up) @ weights.mlp[i, 2]
        plain.streams.append(x)
        plain.shares.append(torch.stack(shares))
    return plain


def spread(weights: Weights, stream: Tensor, sayable: Sequence[int]) -> Tensor:
    """Probabilities [T, A] of the sayable pieces after this stream."""
    return (rms(stream, weights.final_norm) @ weights.head[sayable].T).softmax(-1)
