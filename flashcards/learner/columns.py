"""One batch read by the model, forward and backward, with compiled kernels: columns are pieces.

The same as passes.py does with torch alone, in half the time: no small operations, cards lie
innermost (see kernels.py), and what fills up shorter cards is left out; attention alone has gaps
for it. Sizes as in model.py; M columns (see `_Layout`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain
from typing import Any, NamedTuple

import torch
from torch import Tensor

from flashcards.learner import compiled, encoding, layers
from flashcards.learner.model import Weights, n_parameters_of, views
from flashcards.learner.settings import LearnerSettings

COLUMNS_AT_ONCE = 16  # columns are filled up to a multiple: the width of a product's tile

SHARED = 0.9  # columns are shared while there are at most so many for each card


class _Layout(NamedTuple):
    """Which column is which piece of which card.
    First come all cards' first pieces, then their second ones, and so on, the cards always in one
    order: the further back a card is asked, the earlier it comes. What comes after the last place
    asked of a card has no column. At the end may be columns of no piece."""

    ids: Tensor  # [M]
    asked: Tensor  # columns: N, then any, so that there are as many as tiles want
    sizes: Tensor
    """H, D, T, B, M, L, F, N; [T + 1] where first pieces begin, second, ...; the end; [T] how many
    cards have such a piece; of those that share columns [B]
    the column of each card, counted from where these begin."""


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
        asked, furthest = self.asked.tolist(), [0] * n_cards
        for place in sorted(asked):
            furthest[place // n_pieces] = place % n_pieces
        order = sorted(range(n_cards), key=furthest.__getitem__, reverse=True)
        rank_of = {card: rank for rank, card in enumerate(order)}
        n_at = [0] * n_pieces  # how many cards have a piece there
        for last in furthest:
            n_at[last] += 1
        n_at = list(accumulate(reversed(n_at)))[::-1]
        places, starts, of = list[int](), [0], list[list[int]]()
        begun, flat = [0] * n_cards, self.ids.flatten().tolist() if is_shared else []
        for t, n_here in enumerate(n_at):
            at = [card * n_pieces + t for card in order[:n_here]]
            if is_shared:
                found: dict[tuple[int, int], int] = {}
                pairs = zip(begun, map(flat.__getitem__, at), strict=False)
                begun = [found.setdefault(pair, len(found)) for pair in pairs]
                is_shared = len(found) <= SHARED * n_here
            if is_shared:
                of.append(begun + [0] * (n_cards - n_here))
                first = dict(zip(reversed(begun), reversed(at), strict=True))
                at = [first[column] for column in range(len(first))]
            places += at
            starts.append(len(places))
        n_columns = _filled(starts[-1])
        places += [0] * (n_columns - len(places))
        ids = self.ids.flatten().index_select(0, encoding.as_int64(places))
        columns = []
        for place in asked:
            t, rank = place % n_pieces, rank_of[place // n_pieces]
            columns.append(starts[t] + (of[t][rank] if t < len(of) else rank))
        columns += [0] * (_filled(len(asked)) - len(asked))
        settings = self.settings
        of_model = (settings.n_heads, settings.head_width, n_pieces, n_cards, n_columns)
        of_layers = (settings.n_layers, settings.hidden, len(columns))
        all_sizes = [*of_model, *of_layers, *starts, *n_at, *chain.from_iterable(of)]
        return _Layout(ids, encoding.as_int64(columns), encoding.as_int64(all_sizes))

    def _n_kept(self, layout: _Layout) -> int:
        """Numbers kept of a layer, as in kernels_model.py."""
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
        width, n_asked, n_layers = self.settings.width, len(self.asked), self.settings.n_layers
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
        self._run("backward", (*read, *found), self._n_kept(self._layout), n_vocabulary)
        by.embedding.zero_()
        self._run("embed_backward", (by_x, by.embedding, ids), width, n_columns)
        return by


def _filled(n: int) -> int:
    """An odd multiple, so that rows begin in different sets of the processor's cache."""
    return (-(-n // COLUMNS_AT_ONCE) | 1) * COLUMNS_AT_ONCE
