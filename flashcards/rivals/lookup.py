"""Rivals that remember the taught cards: the lookup table alone, the nearest card beside them.

The nearest is the taught card whose prompt takes the fewest edits. An edit inserts, deletes or
replaces one character (Levenshtein 1966); rapidfuzz counts them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from flashcards.cards.card import Card

N_CELLS = 4_000_000
"""Distances held at a time: 16 MB, whatever the size of the deck."""


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
        return self._answers.get(prompt)

    def n_right(self, cards: Iterable[Card]) -> int:
        answers = self._answers
        return sum(answers.get(card.prompt) in card.answers for card in cards)


class NearestCard:
    """Answers as the nearest taught card does: on a taught prompt it is the lookup table."""

    def __init__(self, lookup: LookupTable) -> None:
        self._lookup = lookup
        self._prompts = lookup.prompts

    def answer(self, prompt: str) -> str | None:
        known = self._lookup.answer(prompt)
        if known is not None or not self._prompts:
            return known
        near = process.extractOne(prompt, self._prompts, scorer=Levenshtein.distance)
        return self._lookup.answer(near[0])

    def answers(self, prompts: Sequence[str]) -> Iterator[str | None]:
        """The same for many prompts, faster; one by one, so that work can be done in between."""
        n_rows = max(1, N_CELLS // max(1, len(self._prompts)))
        for start in range(0, len(prompts), n_rows):
            yield from self._answers(prompts[start : start + n_rows])

    def _answers(self, prompts: Sequence[str]) -> Iterator[str | None]:
        unknown = [prompt for prompt in prompts if self._lookup.answer(prompt) is None]
        near: dict[str, str] = {}
        if unknown and self._prompts:
            distances = process.cdist(unknown, self._prompts, scorer=Levenshtein.distance)
            # argmin gives the first of equally near ones
            places = distances.argmin(axis=1).tolist()
            near = {p: self._prompts[at] for p, at in zip(unknown, places, strict=True)}
        for prompt in prompts:
            yield self._lookup.answer(near.get(prompt, prompt))
