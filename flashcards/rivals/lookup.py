"""The lookup table: remembers the taught cards and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flashcards.cards.card import Card


class LookupTable:
    """The commonest taught answer to the very same prompt."""

    def __init__(self, taught: Iterable[Card]) -> None:
        counts: dict[str, Counter[str]] = {}
        for card in taught:
            counts.setdefault(card.prompt, Counter())[card.answer] += 1
        # of equally common answers, the one that came first
        self._answers = {prompt: count.most_common(1)[0][0] for prompt, count in counts.items()}

    @property
    def prompts(self) -> list[str]:
        """The taught prompts, each once, in the order of the deck."""
        return list(self._answers)

    def answer(self, prompt: str) -> str | None:
        """The answer, or None to a prompt that was never taught."""
        return self._answers.get(prompt)

    def n_right(self, cards: Iterable[Card]) -> int:
        """How many of the cards it answers right."""
        return sum(self.answer(card.prompt) in card.answers for card in cards)
