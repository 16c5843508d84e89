"""The weights of the model, a decoder as Qwen3 (transformers: models/qwen3/modeling_qwen3.py).

RMSNorm with gain, QK-norm, rotary positions in half-split order, SwiGLU, an untied head, no biases,
no dropout. All its numbers lie in one flat tensor, so that averaging, measuring and saving them is
one operation; the matrices of all layers are stacked, so that the optimizer's are few.
Sizes: B cards, T pieces, C width, H heads, D head width (C / H), F hidden, L layers, V vocabulary,
N positions asked, A pieces that an answer can have.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from flashcards.learner.layers import NORM_EPSILON, Positions
from flashcards.learner.settings import LearnerSettings

__all__ = ["NORM_EPSILON"]

MASKS_KEPT_UPTO = 128


class Layer(NamedTuple):
    qkv: Tensor  # [3C, C]
    output: Tensor  # [C, C]
    gate_up: Tensor  # [2F, C]
    down: Tensor  # [F, C] transposed
    attention_norm: Tensor  # [C]
    query_key_norm: Tensor  # [2, D]
    mlp_norm: Tensor  # [C]
    # the same matrices transposed: views, cut once
    qkv_t: Tensor
    output_t: Tensor
    gate_up_t: Tensor
    down_t: Tensor


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

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        stacked = (self.attention, self.mlp, *self.gains[:3])
        layers = []
        for attention, mlp, *gains in zip(*(part.unbind() for part in stacked), strict=True):
            matrices = (attention[:3].flatten(0, 1), attention[3], mlp[:2].flatten(0, 1), mlp[2])
            layers.append(Layer(*matrices, *gains, *(matrix.T for matrix in matrices)))
        return tuple(layers)

    @property
    def gains(self) -> tuple[Tensor, ...]:
        return self.attention_norm, self.query_key_norm, self.mlp_norm, self.final_norm

    def named(self) -> dict[str, Tensor]:
        """The tensors by name, in the order in which they lie in the flat tensor."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def shapes(settings: LearnerSettings, n_vocabulary: int) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of `Weights`, in order."""
    n_layers = settings.n_layers
    width = settings.width
    hidden = settings.hidden
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
    return sum(math.prod(shape) for shape in shapes(settings, n_vocabulary).values())


def views(flat: Tensor, settings: LearnerSettings, n_vocabulary: int) -> Weights:
    """`flat` [n_parameters] cut into `Weights`; no copy."""
    by_name = shapes(settings, n_vocabulary)
    parts = torch.split(flat, [math.prod(shape) for shape in by_name.values()])
    return Weights(
        **{name: part.view(by_name[name]) for name, part in zip(by_name, parts, strict=True)}
    )


def as_qwen3(weights: Weights) -> dict[str, Tensor]:
    """Views of the weights under the names of transformers' Qwen3ForCausalLM; no copy."""
    named = {"model.embed_tokens.weight": weights.embedding}
    for i, layer in enumerate(weights.layers):
        query, key, value, output = weights.attention[i]
        gate, up, down = weights.mlp[i]
        parts = {
            "input_layernorm": layer.attention_norm,
            "self_attn.q_proj": query,
            "self_attn.k_proj": key,
            "self_attn.v_proj": value,
            "self_attn.o_proj": output,
            "self_attn.q_norm": layer.query_key_norm[0],
            "self_attn.k_norm": layer.query_key_norm[1],
            "post_attention_layernorm": layer.mlp_norm,
            "mlp.gate_proj": gate,
            "mlp.up_proj": up,
            "mlp.down_proj": down.mT,
        }
        named |= {f"model.layers.{i}.{name}.weight": part for name, part in parts.items()}
    return {**named, "model.norm.weight": weights.final_norm, "lm_head.weight": weights.head}


def new_weights(settings: LearnerSettings, n_vocabulary: int, seed: int) -> Tensor:
    """Untrained weights, flat, on the CPU: the same for the same seed. The projections that write
    into the residual stream begin at zero, so that every layer begins as the identity; the head is
    small and random, so that the first guess is near blind and yet the model's own."""
    flat = torch.zeros(n_parameters_of(settings, n_vocabulary))
    weights = views(flat, settings, n_vocabulary)
    generator = torch.Generator().manual_seed(seed)
    weights.attention[:, :3].normal_(0.0, settings.width**-0.5, generator=generator)
    weights.mlp[:, :2].normal_(0.0, settings.width**-0.5, generator=generator)
    weights.embedding.normal_(0.0, 1.0, generator=generator)
    weights.head.normal_(0.0, 0.01, generator=generator)
    for gain in weights.gains:
        gain.fill_(1.0)
    return flat


class Rotary:
    """Positions, made once for the longest sequence yet."""

    def __init__(
        self, settings: LearnerSettings, device: str, factors: Tensor | None = None
    ) -> None:
        """`factors` [D/2] divide the frequencies: how some models reach further."""
        width = settings.head_width
        exponents = torch.arange(0, width, 2, dtype=torch.float32, device=device) / width
        self._frequencies = 1.0 / settings.rope_base**exponents  # [D/2]
        if factors is not None:
            self._frequencies = self._frequencies / factors.to(device)
        self._cos = self._sin = torch.empty(0, width, device=device)
        self._masks: dict[int, Tensor] = {}

    def upto(self, n_pieces: int) -> Positions:
        """Of positions 0 to `n_pieces` - 1, in half-split order."""
        if len(self._cos) < n_pieces:
            positions = torch.arange(2 * n_pieces, device=self._frequencies.device)
            angles = torch.outer(positions.float(), self._frequencies)  # [T, D/2]
            cos, sin = angles.cos(), angles.sin()
            self._cos = torch.cat((cos, cos), -1)
            self._sin = torch.cat((-sin, sin), -1)
        mask = self._masks.get(n_pieces)
        if mask is None:
            mask = torch.full((n_pieces, n_pieces), -math.inf, device=self._cos.device).triu(1)
            self._masks = {n: m for n, m in self._masks.items() if n < MASKS_KEPT_UPTO}
            self._masks[n_pieces] = mask
        return Positions(self._cos[:n_pieces], self._sin[:n_pieces], mask)
