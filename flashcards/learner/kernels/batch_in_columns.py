"""One batch read by the model, forward and backward, with compiled kernels: columns are pieces.

The same as passes.py does with torch alone, in half the time: no small operations, cards lie
innermost (see elementwise.py), and what fills up shorter cards is left out; attention alone has
gaps for it. Sizes as in model.py; M columns (see `_Layout`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from flashcards.learner import layers
from flashcards.learner.kernels import compiled
from flashcards.learner.model import Weights, n_parameters_of, views
from flashcards.learner.settings import LearnerSettings

COLUMNS_AT_ONCE = 16  # columns are filled up to a multiple: the width of a product's tile

SHARED = 0.9  # columns are shared while there are at most so many for each card


class _Layout(NamedTuple):
    """Which column is which piece of which card.
    First come all cards' first pieces, then their second ones, and so on, the cards always in one
    order: the further back a card is asked, the earlier it comes. What comes after the last place
    asked of a card has no column. At the end may be columns of no piece; there are no fewer than
    are asked."""

    ids: Tensor  # [M]
    asked: Tensor  # columns: N, then any, so that there are as many as tiles want
    sizes: Tensor
    """H, D, T, B, M, L, F, N; [T + 1] where first pieces begin, second, ...; the end; [T] how many
    cards have such a piece; [T, B] the column of each card, counted from where these begin."""


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
        return self._laid_out(is_shared=False)

    def _laid_out(self, *, is_shared: bool) -> _Layout:
        """`is_shared`: cards that begin alike have one column for it, as long as many do."""
        n_cards, n_pieces = self.ids.shape
        places = self.asked.numpy()
        cards = places // n_pieces
        at = places - cards * n_pieces  # np.divmod is slow
        furthest, ranks = np.zeros((2, n_cards), np.int64)
        np.maximum.at(furthest, cards, at)
        order = (-furthest).argsort(kind="stable")
        ids = self.ids.numpy()[order].T
        is_first = furthest[order] >= np.arange(n_pieces)[:, None]  # [T, B] of a column's cards
        n_at = is_first.sum(1)
        of = np.empty((n_pieces, n_cards), np.int64)
        starts = np.zeros(n_pieces + 1, np.int64)
        starts[1:] = n_at
        of[:] = ranks[order] = np.arange(n_cards)
        begun = of[0] * 0
        for t, n_here in enumerate(n_at) if is_shared else ():
            pairs = begun[:n_here] + ids[t, :n_here] * n_cards
            _, firsts, begun = np.unique(pairs, return_index=True, return_inverse=True)
            if len(firsts) > SHARED * n_here:
                break
            begun = of[t, :n_here] = np.argsort(np.argsort(firsts))[begun]
            is_first[t] = False
            is_first[t, firsts] = True
            starts[t + 1] = len(firsts)
        starts = starts.cumsum()
        n_columns = _filled(max(starts[-1], len(at)))
        n_asked = _filled(len(at))
        settings = self.settings
        of_model = (settings.n_heads, settings.head_width, n_pieces, n_cards, n_columns)
        of_layers = (settings.n_layers, settings.hidden, n_asked)
        sizes = np.concatenate((of_model, of_layers, starts, n_at, of.ravel()))
        read = np.full(n_columns, ids[0, 0])
        columns = np.zeros(n_asked, np.int64)
        read[: starts[-1]] = ids[is_first]
        columns[: len(at)] = starts[at] + of[at, ranks[cards]]
        return _Layout(*map(torch.from_numpy, (read, columns, sizes)))

    def _n_kept(self, layout: _Layout) -> int:
        """Numbers kept of a layer, as in all_layers.py."""
        width, n_heads, (_, n_pieces) = self.settings.width, self.settings.n_heads, self.ids.shape
        of_column = 8 * width + 2 * n_heads + 4 * self.settings.hidden + 2
        of_grid, n_columns, n_asked = 2 * width + n_heads * n_pieces, *map(len, layout[:2])
        return of_column * n_columns + of_grid * self.ids.numel() + 2 * width * n_asked

    def _run(self, name: str, tensors: Sequence[Tensor], *sizes: int) -> None:
        self.kernels[name](*map(Tensor.data_ptr, tensors), *sizes)

    def forward(self, weights: Weights, kept: Any) -> Tensor:
        """Logits [N, A]; `kept` is filled for `backward`."""
        layout = self._laid_out(is_shared=True) if kept is None else self._layout
        ids, asked, sizes = layout
        width = self.settings.width
        n_asked = len(self.asked)
        n_layers = self.settings.n_layers
        n_kept = self._n_kept(layout)
        stride = 0 if kept is None else n_kept
        buffer = torch.empty(n_layers * stride + n_kept)
        work = torch.empty(4, self.ids.numel())
        x = weights.embedding.index_select(0, ids)
        buffer[: x.numel()].view(width, len(ids)).copy_(x.T)
        tensors = (buffer, weights.attention, *self.positions[:2], work, asked, sizes)
        self._run("forward", tensors, stride, len(weights.head))
        x = buffer[n_layers * stride :][: width * len(asked)].view(width, len(asked))
        y, inverse_rms = torch.empty_like(x), torch.empty(len(asked))
        self._run("norm", (x, weights.final_norm, y, inverse_rms), *x.shape)
        if kept is not None:
            kept.layers.append(buffer)
            kept.final_in = y[:, :n_asked].T
            kept.final_norm = (x, inverse_rms)
        return (weights.head.index_select(0, self.sayable) @ y)[:, :n_asked].T

    def backward(
        self, by_logits: Tensor, by_inputs: Tensor | None, weights: Weights, kept: Any
    ) -> Weights:
        """The loss's derivative by every weight, as views of one flat tensor. `by_inputs`: [N, C]
        its derivative by what the head read, besides that through the logits."""
        settings, width = self.settings, self.settings.width
        ids, asked, sizes = self._layout
        n_asked = len(self.asked)
        n_columns = len(ids)
        n_vocabulary = len(weights.head)
        by = views(torch.empty(n_parameters_of(settings, n_vocabulary)), settings, n_vocabulary)
        by.head.zero_()
        by.head.index_copy_(0, self.sayable, by_logits.T @ kept.final_in)
        by_final, by_end = torch.zeros(2, width, len(asked))
        head = weights.head.index_select(0, self.sayable)
        torch.mm(head.T, by_logits.T, out=by_final[:, :n_asked])
        if by_inputs is not None:
            by_final[:, :n_asked] += by_inputs.T
        n_grid = max(n_columns, self.ids.numel()) * (settings.head_width + self.ids.shape[1] + 6)
        work = torch.empty((7 * width + 3 * settings.hidden + 1) * n_columns + n_grid)
        x, inverse_rms = kept.final_norm
        at_end = (by_final, x, inverse_rms, weights.final_norm, by_end, by.final_norm, work)
        self._run("norm_backward", at_end, *x.shape)
        by_x = torch.empty(width, n_columns)
        read = (kept.layers.pop(), weights.attention, *self.positions[:2], by_end)
        found = (by_x, by.attention, work, asked, sizes)
        self._run("backward", (*read, *found), self._n_kept(self._layout), n_vocabulary)
        by.embedding.zero_()
        self._run("embed_backward", (by_x, by.embedding, ids), width, n_columns)
        return by


def _filled(n: int) -> int:
    """An odd multiple, so that rows begin in different sets of the processor's cache."""
    return (-(-n // COLUMNS_AT_ONCE) | 1) * COLUMNS_AT_ONCE
