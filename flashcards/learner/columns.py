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

COLUMNS_AT_ONCE = 16  # columns are filled up to a multiple: the width of a product's tile


class _Layout(NamedTuple):
    """Which column is which piece of which card.
    First come all cards' first pieces, then their second ones, and so on, the cards always in one
    order: the further back a card is asked, the earlier it comes. What comes after the last place
    asked of a card has no column. At the end may be columns of no piece."""

    ids: Tensor  # [M]
    asked: Tensor  # columns: N, then any, so that there are as many as tiles want
    sizes: Tensor  # [T + 6] H, D, T, B, M; where first pieces begin, second ones, ...; the end


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
        n_columns = _filled(starts[-1])
        places = [card * n_pieces + t for t, size in enumerate(sizes) for card in order[:size]]
        places += [0] * (n_columns - len(places))
        ids = self.ids.flatten().index_select(0, encoding.as_int64(places))
        columns = [starts[place % n_pieces] + rank_of[place // n_pieces] for place in asked]
        columns += [0] * (_filled(len(asked)) - len(asked))
        heads = (self.settings.n_heads, self.settings.head_width)
        all_sizes = (*heads, n_pieces, n_cards, n_columns, *starts)
        return _Layout(ids, encoding.as_int64(columns), encoding.as_int64(all_sizes))

    def _run(self, name: str, tensors: Sequence[Tensor], *sizes: int) -> None:
        self.kernels[name](*map(Tensor.data_ptr, tensors), *sizes)

    def forward(self, weights: Weights, kept: Any) -> Tensor:
        """Logits [N, A]; `kept` is filled for `backward`."""
        ids, asked, sizes = self._layout
        width, n_hidden, n_heads = self.settings.width, self.settings.hidden, self.settings.n_heads
        n_columns, n_asked, n_all = len(ids), len(self.asked), self.ids.numel()
        n_kept = (5 * width + 2 * n_heads + 1) * n_columns
        n_kept += (2 * width + n_heads * self.ids.shape[1]) * n_all
        x, work = weights.embedding.index_select(0, ids).T.contiguous(), torch.empty(4, n_all)
        for place, (matrices, mlp, gain, gains, mlp_gain) in enumerate(weights.by_layer):
            attention = torch.empty(n_kept)
            of_layer = (gain, matrices, gains, *self.positions[:2])
            self._run("attention_block", (x, *of_layer, attention, work, sizes))
            here, mixed = x, attention[4 * x.numel() : 5 * x.numel()].view_as(x)
            if place == self.settings.n_layers - 1:
                here, mixed = x.index_select(1, asked), mixed.index_select(1, asked)
            hidden = torch.empty(2 * width + 4 * n_hidden + 1, here.shape[1])
            after = torch.empty_like(here)
            tensors = (here, mixed, matrices, mlp_gain, mlp, hidden, after)
            self._run("mlp_block", tensors, width, n_hidden, here.shape[1])
            if kept is not None:
                kept.layers.append((x, attention, mixed, hidden))
            x = after
        y, inverse_rms = torch.empty_like(x), torch.empty(x.shape[1])
        self._run("norm", (x, weights.final_norm, y, inverse_rms), *x.shape)
        if kept is not None:
            kept.final_in, kept.final_norm = y[:, :n_asked].T, (x, inverse_rms)
        return (weights.head.index_select(0, self.sayable) @ y)[:, :n_asked].T

    def backward(
        self, by_logits: Tensor, by_inputs: Tensor | None, weights: Weights, kept: Any
    ) -> Weights:
        """The loss's derivative by every weight, as views of one flat tensor. `by_inputs`: [N, C]
        its derivative by what the head read, besides that through the logits."""
        settings, width, n_hidden = self.settings, self.settings.width, self.settings.hidden
        ids, asked, sizes = self._layout
        n_columns, n_asked, n_vocabulary = len(ids), len(self.asked), len(weights.head)
        by = views(torch.empty(n_parameters_of(settings, n_vocabulary)), settings, n_vocabulary)
        by.head.zero_()
        by.head.index_copy_(0, self.sayable, by_logits.T @ kept.final_in)
        by_final, by_x = torch.zeros(2, width, len(asked))
        head = weights.head.index_select(0, self.sayable)
        torch.mm(head.T, by_logits.T, out=by_final[:, :n_asked])
        if by_inputs is not None:
            by_final[:, :n_asked] += by_inputs.T
        n_grid = max(n_columns, self.ids.numel()) * (settings.head_width + self.ids.shape[1] + 6)
        most = max(n_columns, by_x.shape[1])
        work = torch.empty((5 * width + 3 * n_hidden + 1) * most + n_grid)
        x, inverse_rms = kept.final_norm
        at_end = (by_final, x, inverse_rms, weights.final_norm, by_x, by.final_norm, work)
        self._run("norm_backward", at_end, *x.shape)
        for place in reversed(range(settings.n_layers)):
            matrices, mlp, gain, gains, mlp_gain = weights.by_layer[place]
            by_matrices, by_mlp, by_gain, by_gains, by_mlp_gain = by.by_layer[place]
            x, attention, mixed, hidden = kept.layers.pop()
            by_mixed = torch.empty_like(by_x)
            found = (by_mixed, by_matrices, by_mlp_gain, by_mlp)
            tensors = (by_x, mixed, matrices, mlp_gain, mlp, hidden, *found, work)
            self._run("mlp_block_backward", tensors, width, n_hidden, by_x.shape[1])
            if place == settings.n_layers - 1:
                at_asked = (by_x, by_mixed)
                by_x, by_mixed = torch.empty(2, width, n_columns)
                for source, target in zip(at_asked, (by_x, by_mixed), strict=True):
                    self._run("scatter", (source, target, asked), width, n_columns, len(asked))
            found = (by_x, by_gain, by_matrices, by_gains)
            read = (gain, matrices, gains, *self.positions[:2], attention)
            self._run("attention_block_backward", (by_mixed, x, *read, *found, work, sizes))
        by.embedding.zero_()
        self._run("embed_backward", (by_x, by.embedding, ids), width, n_columns)
        return by


def _filled(n: int) -> int:
    """An odd multiple, so that rows begin in different sets of the processor's cache."""
    return (-(-n // COLUMNS_AT_ONCE) | 1) * COLUMNS_AT_ONCE
