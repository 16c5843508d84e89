"""The model writes by itself: piece after piece, drawn from what it finds probable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from flashcards.learner.cached import CachedModel
from flashcards.learner.tokenizer import ANSWER_ID

TEMPERATURE = 0.7


class Written(NamedTuple):
    """What was written: pieces as places among the sayable ones, and how probable each was."""

    places: tuple[int, ...]
    probabilities: tuple[float, ...]


@torch.no_grad()
def write(
    model: CachedModel,
    sayable: Tensor,
    start: Sequence[int],
    n_lines: int,
    n_pieces: int,
    generator: torch.Generator,
    temperature: float = TEMPERATURE,
) -> list[Written]:
    """`n_lines` lines that all begin with `start`, of `n_pieces` pieces each.

    Of what the model can read at a time, the answer sign included, the older half is forgotten when
    it is full, and the rest read again.

    Args:
        sayable: [A] the pieces that are written.
        generator: On the CPU; the same state writes the same.
    """
    device, context = sayable.device, model.context
    kept = list(start)[-(context - 1) :]
    ids = torch.tensor([[ANSWER_ID, *kept]] * n_lines, device=device)  # [B, T]
    logits = model.read(ids)
    places: list[Tensor] = []
    probabilities: list[Tensor] = []
    for _ in range(n_pieces):
        spread = logits.div(temperature).softmax(-1).nan_to_num(0.0)
        luck = torch.rand(n_lines, 1, generator=generator).to(device)
        place = torch.searchsorted(spread.cumsum(-1), luck).clamp_max(len(sayable) - 1)
        places.append(place)
        probabilities.append(logits.softmax(-1).nan_to_num(0.0).gather(1, place))
        ids = torch.cat((ids, sayable[place]), 1)
        if model.n_read == context:
            sign = ids.new_full((n_lines, 1), ANSWER_ID)
            ids = torch.cat((sign, ids[:, -(context // 2) :]), 1)
            logits = model.read(ids)
        else:
            logits = model.read(ids[:, -1:], is_more=True)
    lines, shares = (torch.cat(parts, 1).tolist() for parts in (places, probabilities))
    return [Written(tuple(line), tuple(of)) for line, of in zip(lines, shares, strict=True)]


def generator_of(seed: int, step: int) -> torch.Generator:
    """What is drawn from at this step of the run with this seed."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) & ((1 << 63) - 1))
