"""The lookup table: remembers the taught cards and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from flashcards.cards.card import Card
from flashcards.cards.large import LargeDeck


class LargeTable:
    """The lookup table of a deck that stays in its file, whose index finds the cards."""

    def __init__(self, deck: LargeDeck) -> None:
        self._cards = deck.cards

    def answer(self, prompt: str) -> str | None:
        """The answer, or None to a prompt that was never taught."""
        cards = [self._cards[i] for i in self._cards.find(prompt)]
        answers = Counter(card.answer for card in cards if not card.is_never_seen)
        return max(answers, key=lambda answer: answers[answer]) if answers else None

    def n_right(self, cards: Iterable[Card]) -> int:
        """How many of the cards it answers right."""
        return sum(self.answer(card.prompt) in card.answers for card in cards)


class LookupTable:
    """The commonest taught answer to the very same prompt."""

    def __init__(self, taught: Iterable[Card]) -> None:
        cards = list(taught)
        self._answers: dict[str, str] = {}
        for card in cards:
            self._answers.setdefault(card.prompt, card.answer)
        if len(self._answers) == len(cards):
            return
        # of equally common answers, the one that came first
        most: dict[str, int] = {}
        for (prompt, answer), n in Counter((card.prompt, card.answer) for card in cards).items():
            if n > most.get(prompt, 0):
                most[prompt], self._answers[prompt] = n, answer

    @property
    def prompts(self) -> list[str]:
        """The taught prompts, each once, in the order of the deck."""
        return list(self._answers)

    def answer(self, prompt: str) -> str | None:
        """The answer, or None to a prompt that was never taught."""
        return self._answers.get(prompt)

    def n_right(self, cards: Iterable[Card]) -> int:
        """How many of the cards it answers right."""
        answers = self._answers
        return sum(answers.get(card.prompt) in card.answers for card in cards)
