"""A batch passes through all layers, forward and backward, by compiled kernels: columns are pieces.

The same as `passes.Rows` does with torch alone, in half the time: no small operations, cards lie
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
    """The column of each piece of each card.
    First come all cards' first pieces, then their second ones, and so on, the cards always in one
    order: the further back a card is asked, the earlier it comes. What comes after the last place
    asked of a card has no column. At the end may be columns of no piece; there are no fewer than
    are asked."""

    ids: Tensor  # [M]
    asked_at: Tensor  # columns: N, then any, so that there are as many as tiles want
    sizes: Tensor
    """H, D, T, B, M, L, F, N; [T + 1] where first pieces begin, second, ...; the end; [T] how many
    cards have such a piece; [T, B] the column of each card, counted from where these begin."""


@dataclass(frozen=True)
class Columns:
    """A batch as the kernels read it: see `passes.reading_of`."""

    ids: Tensor  # [B, T]
    asked_at: Tensor  # [N]
    sayable: Tensor  # [A]
    positions: layers.Positions
    settings: LearnerSettings
    kernels: compiled.Kernels

    @cached_property
    def _layout(self) -> _Layout:
        return self._laid_out(is_shared=False)

    def _laid_out(self, *, is_shared: bool) -> _Layout:
        """`is_shared`: cards that begin alike have one column for it, as long as many do."""
        n_cards, n_pieces = self.ids.shape
        places = self.asked_at.numpy()
        cards = places // n_pieces  # [N] of which card each place asked is,
        at = places - cards * n_pieces  # [N] and which piece of it; np.divmod is slow
        furthest = np.zeros(n_cards, np.int64)  # the last place asked of each card
        np.maximum.at(furthest, cards, at)
        order = (-furthest).argsort(kind="stable")
        ranks = np.zeros(n_cards, np.int64)  # where each card stands in this order
        ranks[order] = np.arange(n_cards)
        ids = self.ids.numpy()[order].T  # [T, B]
        has_column = furthest[order] >= np.arange(n_pieces)[:, None]  # [T, B]
        n_at = has_column.sum(1)  # [T] how many cards have such a piece
        columns_at = n_at.copy()  # [T] and how many columns they need for it
        column_of = np.empty((n_pieces, n_cards), np.int64)
        column_of[:] = np.arange(n_cards)
        if is_shared:
            beginnings = np.zeros(n_cards, np.int64)  # cards with one number begin alike
            for t, n_here in enumerate(n_at):
                pairs = beginnings[:n_here] + ids[t, :n_here] * n_cards
                _, firsts, groups = np.unique(pairs, return_index=True, return_inverse=True)
                if len(firsts) > SHARED * n_here:
                    break
                # columns in the order of the first card of each group
                beginnings = np.argsort(np.argsort(firsts))[groups]
                column_of[t, :n_here] = beginnings
                has_column[t] = False
                has_column[t, firsts] = True
                columns_at[t] = len(firsts)
        starts = np.zeros(n_pieces + 1, np.int64)
        starts[1:] = columns_at.cumsum()
        n_columns = _filled(max(starts[-1], len(at)))
        n_asked = _filled(len(at))
        settings = self.settings
        of_model = (settings.n_heads, settings.head_width, n_pieces, n_cards, n_columns)
        of_layers = (settings.n_layers, settings.hidden, n_asked)
        sizes = np.concatenate((of_model, of_layers, starts, n_at, column_of.ravel()))
        read = np.full(n_columns, ids[0, 0])
        read[: starts[-1]] = ids[has_column]
        asked_at = np.zeros(n_asked, np.int64)
        asked_at[: len(at)] = starts[at] + column_of[at, ranks[cards]]
        return _Layout(torch.from_numpy(read), torch.from_numpy(asked_at), torch.from_numpy(sizes))

    def _n_activations(self, layout: _Layout) -> int:
        """Numbers of one layer's activations, as in all_layers.py."""
        width = self.settings.width
        n_heads = self.settings.n_heads
        n_pieces = self.ids.shape[1]
        of_column = 8 * width + 2 * n_heads + 4 * self.settings.hidden + 2
        of_grid = 2 * width + n_heads * n_pieces
        n_numbers = of_column * len(layout.ids) + of_grid * self.ids.numel()
        return n_numbers + 2 * width * len(layout.asked_at)

    def _run(self, name: str, tensors: Sequence[Tensor], *sizes: int) -> None:
        self.kernels[name](*map(Tensor.data_ptr, tensors), *sizes)

    def forward(self, weights: Weights, activations: Any) -> Tensor:
        """Logits [N, A]; `activations` are filled for `backward`, None where there is none."""
        is_alone = activations is None
        layout = self._laid_out(is_shared=True) if is_alone else self._layout
        ids, asked_at, sizes = layout
        width = self.settings.width
        n_asked = len(self.asked_at)
        n_layers = self.settings.n_layers
        n_activations = self._n_activations(layout)
        stride = 0 if is_alone else n_activations  # alone, each layer writes over the one before
        buffer = torch.empty(n_layers * stride + n_activations)
        work = torch.empty(4, self.ids.numel())
        x = weights.embedding.index_select(0, ids)  # [M, C]
        buffer[: x.numel()].view(width, len(ids)).copy_(x.T)
        cos, sin, _ = self.positions
        # `weights.attention` is where all weights of the layers begin: they lie one after another
        tensors = (buffer, weights.attention, cos, sin, work, asked_at, sizes)
        self._run("forward", tensors, stride, len(weights.head))
        x = buffer[n_layers * stride :][: width * len(asked_at)].view(
            width, len(asked_at)
        )  # [C, N]
        y = torch.empty_like(x)
        inverse_rms = torch.empty(len(asked_at))
        self._run("norm", (x, weights.final_norm, y, inverse_rms), *x.shape)
        if activations is not None:
            activations.layers.append(buffer)
            activations.final_in = y[:, :n_asked].T
            activations.final_norm = (x, inverse_rms)
        return (weights.head.index_select(0, self.sayable) @ y)[:, :n_asked].T

    def backward(
        self, by_logits: Tensor, by_inputs: Tensor | None, weights: Weights, activations: Any
    ) -> Weights:
        """The loss's derivative by every weight, as views of one flat tensor. `by_inputs`: [N, C]
        its derivative by what the head read, besides that through the logits."""
        settings = self.settings
        width = settings.width
        layout = self._layout
        ids, asked_at, sizes = layout
        n_asked = len(self.asked_at)
        n_columns = len(ids)
        n_vocabulary = len(weights.head)
        by = views(torch.empty(n_parameters_of(settings, n_vocabulary)), settings, n_vocabulary)
        by.head.zero_()
        by.head.index_copy_(0, self.sayable, by_logits.T @ activations.final_in)
        by_final, by_end = torch.zeros(2, width, len(asked_at))
        head = weights.head.index_select(0, self.sayable)
        torch.mm(head.T, by_logits.T, out=by_final[:, :n_asked])
        if by_inputs is not None:
            by_final[:, :n_asked] += by_inputs.T
        n_grid = max(n_columns, self.ids.numel()) * (settings.head_width + self.ids.shape[1] + 6)
        work = torch.empty((7 * width + 3 * settings.hidden + 1) * n_columns + n_grid)
        x, inverse_rms = activations.final_norm
        tensors = (by_final, x, inverse_rms, weights.final_norm, by_end, by.final_norm, work)
        self._run("norm_backward", tensors, *x.shape)
        by_x = torch.empty(width, n_columns)
        cos, sin, _ = self.positions
        buffer = activations.layers.pop()
        inputs = (buffer, weights.attention, cos, sin, by_end)
        outputs = (by_x, by.attention, work, asked_at, sizes)
        self._run("backward", inputs + outputs, self._n_activations(layout), n_vocabulary)
        by.embedding.zero_()
        self._run("embed_backward", (by_x, by.embedding, ids), width, n_columns)
        return by


def _filled(n: int) -> int:
    """An odd multiple, so that rows begin in different sets of the processor's cache."""
    return (-(-n // COLUMNS_AT_ONCE) | 1) * COLUMNS_AT_ONCE
