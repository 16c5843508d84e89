"""Draws from earlier chapters: cards that they taught, or windows of a text that was read.

Depends on seed, step and the share asked for alone, so a replay draws the same.
"""

import random
from functools import cached_property

from flashcards.cards.text import ReadBefore
from flashcards.learner.encoding import Encoding
from flashcards.trainer.training_state import TrainingState

ROUNDING = 1e-6


class RehearsedCards:
    def __init__(self, training: TrainingState) -> None:
        self._training = training
        self._deck = training.deck

    def cards(self, step: int, n_cards: int) -> list[int]:
        """The cards of the update after `step`, of so many, that earlier chapters taught."""
        n = min(self._n_of(step, n_cards), n_cards, len(self._rehearsable))
        return self._luck(step).sample(self._rehearsable, n) if n else []

    def windows(self, step: int, n_cards: int) -> list[int]:
        """The same where no cards were taught before, but a text was read: windows of it.
        One card at least is taught beside them: it is what the update shows."""
        text = self._text
        if text is None:
            return []
        windows = text.windows.taught
        n = min(self._n_of(step, n_cards), n_cards - 1, len(windows))
        return self._luck(step).sample(windows, n) if n > 0 else []

    @cached_property
    def text(self) -> Encoding | None:
        """The text that `windows` belong to; None where cards are rehearsed, or nothing."""
        return None if self._text is None else self._training.learner.windows_of(self._text.windows)

    @cached_property
    def _text(self) -> ReadBefore | None:
        last = self._deck.earlier[-1] if self._deck.earlier else None
        return last if isinstance(last, ReadBefore) and not self._deck.has_earlier_cards else None

    @cached_property
    def _rehearsable(self) -> tuple[int, ...]:
        deck = self._deck
        times_seen = self._training.ledger.times_seen
        return tuple(
            i
            for i in range(deck.n_own, len(deck.cards))
            if times_seen[i] and not deck.cards[i].is_never_seen
        )

    def _n_of(self, step: int, n_cards: int) -> int:
        """Return how many of `n_cards` to rehearse, so that the share is met over the chapter."""
        share = self._training.memory.rehearsal
        if not self._deck.earlier or not share:
            return 0
        rate = share * n_cards
        since = step - self._training.memory.chapter_step
        return int(rate * (since + 1) + ROUNDING) - int(rate * since + ROUNDING)

    def _luck(self, step: int) -> random.Random:
        return random.Random(f"{self._training.order.seed}/rehearsal/{step}")
