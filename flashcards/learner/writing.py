"""The model writes by itself: piece after piece, drawn from what it finds probable.

Keys and values of what was written are kept, so that a piece costs one position. Knows no deck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from flashcards.learner.layers import norm, swap_halves, swiglu
from flashcards.learner.model import Rotary, Weights
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.tokenizer import ANSWER_ID

TEMPERATURE = 0.7


@dataclass(frozen=True)
class Written:
    """What was written: pieces as places among the sayable ones, and how probable each was."""

    places: tuple[int, ...]
    probabilities: tuple[float, ...]


class Writer:
    """Writes with these weights.

    Args:
        sayable: [A] the pieces that are written.
        context: Pieces that the model has learned to read at a time, the answer sign included.
            Beyond them the older half is forgotten, and the rest read again.
    """

    def __init__(
        self,
        weights: Weights,
        sayable: Tensor,
        rotary: Rotary,
        settings: LearnerSettings,
        context: int,
    ) -> None:
        self._weights = weights
        self._head = weights.head.index_select(0, sayable)
        self._sayable = sayable
        self._settings = settings
        self._context = context
        self._positions = rotary.upto(context)

    @torch.no_grad()
    def write(
        self,
        start: Sequence[int],
        n_lines: int,
        n_pieces: int,
        generator: torch.Generator,
        temperature: float = TEMPERATURE,
    ) -> list[Written]:
        """So many lines that all begin with `start`, of so many pieces each.

        Args:
            generator: On the CPU; the same state writes the same.
        """
        device = self._sayable.device
        kept = list(start)[-(self._context - 1) :]
        ids = torch.tensor([[ANSWER_ID, *kept]] * n_lines, device=device)  # [B, T]
        logits = self._read(ids)
        places: list[Tensor] = []
        probabilities: list[Tensor] = []
        for _ in range(n_pieces):
            spread = logits.div(temperature).softmax(-1).nan_to_num(0.0)
            luck = torch.rand(n_lines, 1, generator=generator).to(device)
            place = torch.searchsorted(spread.cumsum(-1), luck).clamp_max(len(self._sayable) - 1)
            places.append(place)
            probabilities.append(logits.softmax(-1).nan_to_num(0.0).gather(1, place))
            ids = torch.cat((ids, self._sayable[place]), 1)
            if self._n_read == self._context:
                sign = ids.new_full((n_lines, 1), ANSWER_ID)
                ids = torch.cat((sign, ids[:, -(self._context // 2) :]), 1)
                logits = self._read(ids)
            else:
                logits = self._read(ids[:, -1:], is_more=True)
        all_places = torch.cat(places, 1).tolist()
        all_probabilities = torch.cat(probabilities, 1).tolist()
        return [
            Written(tuple(line), tuple(shares))
            for line, shares in zip(all_places, all_probabilities, strict=True)
        ]

    def _read(self, ids: Tensor, *, is_more: bool = False) -> Tensor:
        """Logits [B, A] of what follows `ids` [B, T], after what was read before if `is_more`."""
        weights, settings = self._weights, self._settings
        n_lines, n_new = ids.shape
        n_heads, width = settings.n_heads, settings.width // settings.n_heads
        if not is_more:
            shape = (settings.n_layers, 2, n_lines, n_heads, self._context, width)
            self._kept, self._n_read = torch.empty(shape, device=ids.device), 0
        first, end = self._n_read, self._n_read + n_new
        cos, sin = self._positions.cos[first:end], self._positions.sin[first:end]
        mask = self._positions.mask[first:end, :end]
        x = weights.embedding.index_select(0, ids.flatten())  # [B*T, C]
        for layer, kept in zip(weights.layers, self._kept, strict=True):
            qkv = (norm(x, layer.attention_norm)[0] @ layer.qkv.T).view(
                n_lines, n_new, 3, n_heads, width
            )
            heads = qkv.permute(2, 0, 3, 1, 4)  # [3, B, H, T, D]
            gained, _ = norm(heads[:2], layer.query_key_norm[:, None, None, None])
            rotated = torch.addcmul(gained * cos, swap_halves(gained), sin)
            kept[0, :, :, first:end] = rotated[1]
            kept[1, :, :, first:end] = heads[2]
            scores = rotated[0] @ kept[0, :, :, :end].mT * width**-0.5 + mask
            mixed = scores.softmax(-1) @ kept[1, :, :, :end]  # [B, H, T, D]
            mixed = mixed.transpose(1, 2).reshape(n_lines * n_new, -1)
            x = torch.addmm(x, mixed, layer.output.T)
            hidden, _ = swiglu(norm(x, layer.mlp_norm)[0] @ layer.gate_up.T)
            x = torch.addmm(x, hidden, layer.down)
        self._n_read = end
        last = x.view(n_lines, n_new, -1)[:, -1]
        return norm(last, weights.final_norm)[0] @ self._head.T


def generator_of(seed: int, step: int) -> torch.Generator:
    """What is drawn from at this step of the run with this seed."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) & ((1 << 63) - 1))
