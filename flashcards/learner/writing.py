"""The model writes by itself: piece after piece, drawn from what it finds probable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from flashcards.learner.cached import CachedModel
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
        self._model = CachedModel(weights, sayable, rotary, settings, context)
        self._sayable = sayable
        self._context = context

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
        `generator`: on the CPU; the same state writes the same."""
        device = self._sayable.device
        kept = list(start)[-(self._context - 1) :]
        ids = torch.tensor([[ANSWER_ID, *kept]] * n_lines, device=device)  # [B, T]
        logits = self._model.read(ids)
        places: list[Tensor] = []
        probabilities: list[Tensor] = []
        for _ in range(n_pieces):
            spread = logits.div(temperature).softmax(-1).nan_to_num(0.0)
            luck = torch.rand(n_lines, 1, generator=generator).to(device)
            place = torch.searchsorted(spread.cumsum(-1), luck).clamp_max(len(self._sayable) - 1)
            places.append(place)
            probabilities.append(logits.softmax(-1).nan_to_num(0.0).gather(1, place))
            ids = torch.cat((ids, self._sayable[place]), 1)
            if self._model.n_read == self._context:
                sign = ids.new_full((n_lines, 1), ANSWER_ID)
                ids = torch.cat((sign, ids[:, -(self._context // 2) :]), 1)
                logits = self._model.read(ids)
            else:
                logits = self._model.read(ids[:, -1:], is_more=True)
        all_places = torch.cat(places, 1).tolist()
        all_probabilities = torch.cat(probabilities, 1).tolist()
        return [
            Written(tuple(line), tuple(shares))
            for line, shares in zip(all_places, all_probabilities, strict=True)
        ]


def generator_of(seed: int, step: int) -> torch.Generator:
    """What is drawn from at this step of the run with this seed."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) & ((1 << 63) - 1))
