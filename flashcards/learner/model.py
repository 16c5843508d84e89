"""Part 3, the model: its numbers, their shapes, and how they begin.

A decoder as Qwen3 (Yang et al. 2025, arXiv 2505.09388; transformers:
models/qwen3/modeling_qwen3.py), but small: with four layers of width 64 it has 0.2 million numbers.
What each part does is in `layers.py`, how a batch passes through all of them in `passes.py`.

    ids [B, T] ──► embedding [V, C] ──► x [B*T, C], the residual stream
    in each of L layers:   x = x + output · attention(qkv · norm(x))
                           x = x + down · swiglu(gate_up · norm(x))
    at the end:            logits = head · norm(x)                     [N, A]

No biases, no dropout; the head is untied from the embedding. All numbers lie in one flat tensor, so
that averaging, measuring and saving them is one operation. The matrices of all layers are stacked,
so that the optimizer's are few.

Sizes, here and in all of `learner/`: B cards, T pieces, C width, H heads, D head width (C / H), F
hidden, L layers, V vocabulary, N positions asked, A pieces that an answer can have.
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

MASKS_KEPT_UPTO = 128  # pieces; longer masks are large and rarely wanted again


class Layer(NamedTuple):
    """One layer's share of `Weights`. Rows of a matrix are outputs."""

    qkv: Tensor  # [3C, C] queries, keys and values in one product
    output: Tensor  # [C, C] what the heads mixed, back into the stream
    gate_up: Tensor  # [2F, C]
    down: Tensor  # [F, C] transposed, so that all of the MLP's have one shape
    attention_norm: Tensor  # [C]
    query_key_norm: Tensor  # [2, D]
    mlp_norm: Tensor  # [C]
    # the same matrices transposed: views, cut once, since cutting takes longer than it looks
    qkv_t: Tensor
    output_t: Tensor
    gate_up_t: Tensor
    down_t: Tensor


@dataclass(frozen=True)
class Weights:
    """Named views of one flat tensor, float32."""

    attention: Tensor  # [L, 4, C, C]  query, key, value, output; rows are outputs
    mlp: Tensor  # [L, 3, F, C]  gate, up, and down transposed
    embedding: Tensor  # [V, C] a vector for each piece that is read
    head: Tensor  # [V, C] a vector for each piece that may come next
    attention_norm: Tensor  # [L, C]
    query_key_norm: Tensor  # [L, 2, D]
    mlp_norm: Tensor  # [L, C]
    final_norm: Tensor  # [C]

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        parts = (self.attention, self.mlp, self.attention_norm, self.query_key_norm, self.mlp_norm)
        layers = []
        for attention, mlp, attention_norm, query_key_norm, mlp_norm in zip(
            *(part.unbind() for part in parts), strict=True
        ):
            qkv = attention[:3].flatten(0, 1)
            output = attention[3]
            gate_up = mlp[:2].flatten(0, 1)
            down = mlp[2]
            layers.append(
                Layer(
                    qkv=qkv,
                    output=output,
                    gate_up=gate_up,
                    down=down,
                    attention_norm=attention_norm,
                    query_key_norm=query_key_norm,
                    mlp_norm=mlp_norm,
                    qkv_t=qkv.T,
                    output_t=output.T,
                    gate_up_t=gate_up.T,
                    down_t=down.T,
                )
            )
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
    """Untrained weights, flat, on the CPU: the same for the same seed.

    normal, deviation 1 / sqrt(C)   queries, keys, values, gate, up: numbers keep their size
    zero                            output and down, which write into the stream: every layer
                                    begins as the identity
    normal, deviation 1             the embedding
    normal, deviation 0.01          the head: the first guess is near blind, and yet the model's own
    one                             all gains
    """
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
    """The angles by which queries and keys are turned, made once for the longest sequence yet.

    Position t turns pair i of a head's numbers by t / base**(2i / D) (Su et al. 2021, arXiv
    2104.09864): fast for the first pairs, which tell neighbours apart, slow for the last. The pair
    of number i is i + D / 2 ("half-split"), as in transformers.
    """

    def __init__(
        self, settings: LearnerSettings, device: str, factors: Tensor | None = None
    ) -> None:
        """`factors` [D/2] divide the frequencies: how some brought models reach further."""
        width = settings.head_width
        exponents = torch.arange(0, width, 2, dtype=torch.float32, device=device) / width
        self._frequencies = 1.0 / settings.rope_base**exponents  # [D/2]
        if factors is not None:
            self._frequencies = self._frequencies / factors.to(device)
        self._cos = self._sin = torch.empty(0, width, device=device)
        self._masks: dict[int, Tensor] = {}

    def upto(self, n_pieces: int) -> Positions:
        """Cosines, sines and mask of the positions 0 to `n_pieces` - 1."""
        if len(self._cos) < n_pieces:
            positions = torch.arange(2 * n_pieces, device=self._frequencies.device)
            angles = torch.outer(positions.float(), self._frequencies)  # [T, D/2]
            cos, sin = angles.cos(), angles.sin()
            self._cos = torch.cat((cos, cos), -1)
            self._sin = torch.cat((-sin, sin), -1)  # see `layers.Positions`
        mask = self._masks.get(n_pieces)
        if mask is None:
            # causal: minus infinity above the diagonal, where what comes later stands
            mask = torch.full((n_pieces, n_pieces), -math.inf, device=self._cos.device).triu(1)
            self._masks = {n: m for n, m in self._masks.items() if n < MASKS_KEPT_UPTO}
            self._masks[n_pieces] = mask
        return Positions(self._cos[:n_pieces], self._sin[:n_pieces], mask)
