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
    sizes: Tensor  # [T + 9] H, D, T, B, M, L, F, N; where first pieces begin, second, ...; the end


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
        settings = self.settings
        of_model = (settings.n_heads, settings.head_width, n_pieces, n_cards, n_columns)
        of_layers = (settings.n_layers, settings.hidden, len(columns))
        all_sizes = encoding.as_int64([*of_model, *of_layers, *starts])
        return _Layout(ids, encoding.as_int64(columns), all_sizes)

    @property
    def _n_kept(self) -> int:
        """Numbers kept of a layer, as in kernels_model.py."""
        ids, asked, _ = self._layout
        width, n_heads, (_, n_pieces) = self.settings.width, self.settings.n_heads, self.ids.shape
        of_column = 8 * width + 2 * n_heads + 4 * self.settings.hidden + 2
        of_grid = 2 * width + n_heads * n_pieces
        return of_column * len(ids) + of_grid * self.ids.numel() + 2 * width * len(asked)

    def _run(self, name: str, tensors: Sequence[Tensor], *sizes: int) -> None:
        self.kernels[name](*map(Tensor.data_ptr, tensors), *sizes)

    def forward(self, weights: Weights, kept: Any) -> Tensor:
        """Logits [N, A]; `kept` is filled for `backward`."""
        ids, asked, sizes = self._layout
        width, n_asked, n_layers = self.settings.width, len(self.asked), self.settings.n_layers
        stride = 0 if kept is None else self._n_kept
        buffer = torch.empty(n_layers * stride + self._n_kept)
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
            kept.final_in, kept.final_norm = y[:, :n_asked].T, (x, inverse_rms)
        return (weights.head.index_select(0, self.sayable) @ y)[:, :n_asked].T

    def backward(
        self, by_logits: Tensor, by_inputs: Tensor | None, weights: Weights, kept: Any
    ) -> Weights:
        """The loss's derivative by every weight, as views of one flat tensor. `by_inputs`: [N, C]
        its derivative by what the head read, besides that through the logits."""
        settings, width = self.settings, self.settings.width
        ids, asked, sizes = self._layout
        n_asked, n_columns, n_vocabulary = len(self.asked), len(ids), len(weights.head)
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
        self._run("backward", (*read, *found), self._n_kept, n_vocabulary)
        by.embedding.zero_()
        self._run("embed_backward", (by_x, by.embedding, ids), width, n_columns)
        return by


def _filled(n: int) -> int:
    """An odd multiple, so that rows begin in different sets of the processor's cache."""
    return (-(-n // COLUMNS_AT_ONCE) | 1) * COLUMNS_AT_ONCE
