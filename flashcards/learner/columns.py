"""One batch read by the model, forward and backward, with compiled kernels: columns are pieces.

The same as passes.py does with torch alone, in half the time: no small operations, cards lie
innermost (see kernels.py), and what fills up shorter cards is left out; attention alone has gaps
for it. Sizes as in model.py; M columns (see `_Layout`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

import torch
from torch import Tensor

from flashcards.learner import compiled, encoding, layers
from flashcards.learner.model import Weights, n_parameters_of, views
from flashcards.learner.settings import LearnerSettings

COLUMNS_AT_ONCE = 16  # columns are filled up to a multiple: a rest is computed one by one


class _NormKept(NamedTuple):
    x: Tensor  # [C, M]
    inverse_rms: Tensor  # [1, M]


class _LayerKept(NamedTuple):
    """What a layer's derivative needs of its forward pass; from `mixed` on [., N] in the last."""

    attention_norm: _NormKept
    attention_in: Tensor  # [C, M]
    attention: tuple[Tensor, ...]  # qkv, inverse_rms, rotated, weights, mixed at all places
    mixed: Tensor  # [C, M]
    mlp_norm: _NormKept
    mlp_in: Tensor  # [C, M]
    gate_up: Tensor  # [2F, M]
    sigmoid: Tensor  # [F, M]
    hidden: Tensor  # [F, M]


class _Layout(NamedTuple):
    """Which column is which piece of which card.
    First come all cards' first pieces, then their second ones, and so on, the cards always in one
    order: the further back a card is asked, the earlier it comes. What comes after the last place
    asked of a card has no column. At the end may be columns of no piece."""

    ids: Tensor  # [M]
    asked: Tensor  # [N] columns
    starts: Tensor  # [T + 1] where the first pieces begin, the second ones, ...; where all end


@dataclass(frozen=True)
class Columns:
    ids: Tensor
    asked: Tensor
    sayable: Tensor
    positions: layers.Positions
    settings: LearnerSettings
    kernels: compiled.Kernels

    @cached_property
    def _layout(self) -> _Layout:
        n_cards, n_pieces = self.ids.shape
        asked, furthest = self.asked.tolist(), [0] * n_cards
        for place in sorted(asked):
            furthest[place // n_pieces] = place % n_pieces
        order = sorted(range(n_cards), key=furthest.__getitem__, reverse=True)
        rank_of = {card: rank for rank, card in enumerate(order)}
        sizes = [0] * n_pieces  # how many cards have a piece there
        for last in furthest:
            sizes[last] += 1
        sizes = list(accumulate(reversed(sizes)))[::-1]
        starts = list(accumulate(sizes, initial=0))
        n_columns = min(n_cards * n_pieces, -(-starts[-1] // COLUMNS_AT_ONCE) * COLUMNS_AT_ONCE)
        places = [card * n_pieces + t for t, size in enumerate(sizes) for card in order[:size]]
        places += [0] * (n_columns - len(places))
        ids = self.ids.flatten().index_select(0, encoding.as_int64(places))
        columns = [starts[place % n_pieces] + rank_of[place // n_pieces] for place in asked]
        return _Layout(ids, encoding.as_int64(columns), encoding.as_int64(starts))

    def _run(self, name: str, tensors: Sequence[Tensor], *sizes: int) -> None:
        self.kernels[name](*map(Tensor.data_ptr, tensors), *sizes)

    def _norm(self, x: Tensor, gain: Tensor) -> tuple[Tensor, _NormKept]:
        width, n_columns = x.shape
        y, inverse_rms = torch.empty(width + 1, n_columns).split_with_sizes((width, 1))
        self._run("norm", (x, gain, y, inverse_rms), *x.shape)
        return y, _NormKept(x, inverse_rms)

    def _norm_backward(
        self, by_y: Tensor, gain: Tensor, kept: _NormKept, by_x: Tensor, by_gain: Tensor
    ) -> None:
        """Adds to `by_x`, fills `by_gain`."""
        x, inverse_rms = kept
        work = torch.empty_like(inverse_rms)
        self._run("norm_backward", (by_y, x, inverse_rms, gain, by_x, by_gain, work), *x.shape)

    @property
    def _sizes(self) -> tuple[int, int, int, int, int]:
        n_cards, n_pieces = self.ids.shape
        n_heads = self.settings.n_heads
        return n_heads, self.settings.width // n_heads, n_pieces, n_cards, len(self._layout.ids)

    def _attention(self, qkv: Tensor, gain: Tensor) -> tuple[Tensor, ...]:
        """Of qkv [3C, M]: itself, and what the kernel writes; `mixed` [C, M] comes last."""
        n_heads, width, n_pieces, n_cards, n_columns = sizes = self._sizes
        n_rows, n_all = n_heads * width, n_pieces * n_cards
        inverse_rms, mixed = torch.empty(2 * n_heads, n_columns), torch.empty(n_rows, n_columns)
        rotated, weights = torch.empty(2 * n_rows, n_all), torch.empty(n_heads * n_pieces, n_all)
        written = (inverse_rms, rotated, weights, mixed)
        cos, sin, _ = self.positions
        work = torch.empty(4, n_all)
        self._run("attention", (qkv, gain, cos, sin, *written, work, self._layout.starts), *sizes)
        return qkv, *written

    def _attention_backward(
        self, by_mixed: Tensor, gain: Tensor, kept: tuple[Tensor, ...], by_gain: Tensor
    ) -> Tensor:
        """By qkv; fills `by_gain`."""
        qkv, *written = kept
        by_qkv = torch.empty_like(qkv)
        cos, sin, _ = self.positions
        _, width, n_pieces, n_cards, _ = sizes = self._sizes
        work = torch.empty(width + n_pieces + 6, n_pieces * n_cards)
        self._run(
            "attention_backward",
            (by_mixed, qkv, gain, cos, sin, *written, by_qkv, by_gain, work, self._layout.starts),
            *sizes,
        )
        return by_qkv

    def forward(self, weights: Weights, kept: Any) -> Tensor:
        """Logits [N, A]; `kept` is filled for `backward`."""
        ids, asked, _ = self._layout
        width, n_columns, n_asked = self.settings.width, len(ids), len(asked)
        x = torch.empty(width, n_columns)
        self._run("embed", (weights.embedding, x, ids), width, n_columns)
        for place, layer in enumerate(weights.layers):
            # -- attention
            attention_in, attention_norm = self._norm(x, layer.attention_norm)
            attended = self._attention(torch.mm(layer.qkv, attention_in), layer.query_key_norm)
            mixed = attended[-1]
            if place == self.settings.n_layers - 1:
                everywhere = (x, mixed)
                x, mixed = torch.empty(width, n_asked), torch.empty(width, n_asked)
                for source, target in zip(everywhere, (x, mixed), strict=True):
                    self._run("gather", (source, target, asked), width, n_columns, n_asked)
            x = torch.addmm(x, layer.output, mixed)
            # -- SwiGLU
            mlp_in, mlp_norm = self._norm(x, layer.mlp_norm)
            gate_up = torch.mm(layer.gate_up, mlp_in)
            sigmoid, hidden = torch.empty(2, self.settings.hidden, x.shape[1])
            self._run("swiglu", (gate_up, sigmoid, hidden), hidden.numel())
            x = torch.addmm(x, layer.down_t, hidden)
            if kept is not None:
                before = (attention_norm, attention_in, attended, mixed)
                kept.layers.append(_LayerKept(*before, mlp_norm, mlp_in, gate_up, sigmoid, hidden))
        x, final_norm = self._norm(x, weights.final_norm)
        if kept is not None:
            kept.final_in, kept.final_norm = x.T, final_norm
        return (weights.head.index_select(0, self.sayable) @ x).T

    def backward(
        self, by_logits: Tensor, by_inputs: Tensor | None, weights: Weights, kept: Any
    ) -> Weights:
        """The loss's derivative by every weight, as views of one flat tensor. `by_inputs`: [N, C]
        its derivative by what the head read, besides that through the logits."""
        settings, width = self.settings, self.settings.width
        ids, asked, _ = self._layout
        n_columns, n_asked, n_vocabulary = len(ids), len(asked), len(weights.head)
        by = views(torch.empty(n_parameters_of(settings, n_vocabulary)), settings, n_vocabulary)
        by.head.zero_()
        by.head.index_copy_(0, self.sayable, by_logits.T @ kept.final_in)
        by_final = weights.head.index_select(0, self.sayable).T @ by_logits.T
        if by_inputs is not None:
            by_final += by_inputs.T
        by_x = torch.zeros(width, n_asked)
        self._norm_backward(by_final, weights.final_norm, kept.final_norm, by_x, by.final_norm)
        for place in reversed(range(settings.n_layers)):
            layer, by_layer = weights.layers[place], by.layers[place]
            of: _LayerKept = kept.layers.pop()
            # -- SwiGLU
            torch.mm(of.hidden, by_x.T, out=by_layer.down)
            by_gate_up = torch.empty_like(of.gate_up)
            self._run(
                "swiglu_backward",
                (torch.mm(layer.down, by_x), of.gate_up, of.sigmoid, by_gate_up),
                of.sigmoid.numel(),
            )
            torch.mm(by_gate_up, of.mlp_in.T, out=by_layer.gate_up)
            self._norm_backward(
                torch.mm(layer.gate_up_t, by_gate_up),
                layer.mlp_norm,
                of.mlp_norm,
                by_x,
                by_layer.mlp_norm,
            )
            # -- attention
            torch.mm(by_x, of.mixed.T, out=by_layer.output)
            by_mixed = torch.mm(layer.output_t, by_x)
            if place == settings.n_layers - 1:
                at_asked = (by_x, by_mixed)
                by_x, by_mixed = torch.empty(2, width, n_columns)
                for source, target in zip(at_asked, (by_x, by_mixed), strict=True):
                    self._run("scatter", (source, target, asked), width, n_columns, n_asked)
            by_qkv = self._attention_backward(
                by_mixed, layer.query_key_norm, of.attention, by_layer.query_key_norm
            )
            torch.mm(by_qkv, of.attention_in.T, out=by_layer.qkv)
            self._norm_backward(
                torch.mm(layer.qkv_t, by_qkv),
                layer.attention_norm,
                of.attention_norm,
                by_x,
                by_layer.attention_norm,
            )
        by.embedding.zero_()
        self._run("embed_backward", (by_x, by.embedding, ids), width, n_columns)
        return by
