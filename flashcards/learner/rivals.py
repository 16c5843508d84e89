"""What the model is measured against: answers found without learning. No torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from flashcards.cards.card import Card


class LookupTable:
    """Remembers the taught cards and nothing else: the commonest answer to the very same prompt."""

    def __init__(self, taught: Iterable[Card]) -> None:
        counts: dict[str, Counter[str]] = {}
        for card in taught:
            counts.setdefault(card.prompt, Counter())[card.answer] += 1
        # of equally common answers, the one that came first
        self._answers = {prompt: count.most_common(1)[0][0] for prompt, count in counts.items()}

    def answer(self, prompt: str) -> str | None:
        """The answer, or None to a prompt that was never taught."""
        return self._answers.get(prompt)

    def n_right(self, cards: Iterable[Card]) -> int:
        """How many of the cards it answers right."""
        return sum(self.answer(card.prompt) in card.answers for card in cards)


def nearest(prompt: str, cards: Sequence[Card], n: int = 3) -> tuple[Card, ...]:
    """The `n` cards whose prompts take the fewest edits (insert, delete, replace a character).

    Of equally near ones the first in the deck; one card a prompt.
    """
    by_prompt: dict[str, Card] = {}
    for card in cards:
        by_prompt.setdefault(card.prompt, card)
    found: list[tuple[int, int, Card]] = []
    limit = 1 << 30
    # the difference of lengths is the least that can be needed: try the likely ones first
    ordered = sorted(
        enumerate(by_prompt.values()), key=lambda x: abs(len(x[1].prompt) - len(prompt))
    )
    for place, card in ordered:
        if abs(len(card.prompt) - len(prompt)) > limit:
            break
        distance = edit_distance(prompt, card.prompt, limit)
        if distance <= limit:
            found.append((distance, place, card))
            if len(found) > 8 * n:
                found = sorted(found, key=lambda x: x[:2])[:n]
            if len(found) >= n:
                limit = sorted(x[0] for x in found)[n - 1]
    return tuple(card for _, _, card in sorted(found, key=lambda x: x[:2])[:n])


def edit_distance(a: str, b: str, limit: int) -> int:
    """The Levenshtein distance, or any number above `limit` when it is above `limit`.

    Myers 1999, "A fast bit-vector algorithm for approximate string matching", in the form of
    Hyyrö 2003: one machine-independent integer holds a whole column, so a long text costs one pass.
    """
    if not a or not b:
        return len(a) + len(b)
    masks: dict[str, int] = {}
    for i, character in enumerate(a):
        masks[character] = masks.get(character, 0) | 1 << i
    everything = (1 << len(a)) - 1
    last = 1 << len(a) - 1
    plus, minus, distance = everything, 0, len(a)
    remaining = len(b)
    for character in b:
        match = masks.get(character, 0)
        diagonal = ((match & plus) + plus ^ plus) | match | minus
        up = minus | ~(diagonal | plus) & everything
        down = plus & diagonal
        if up & last:
            distance += 1
        elif down & last:
            distance -= 1
        remaining -= 1
        if distance - remaining > limit:
            return limit + 1
        up = up << 1 | 1
        down <<= 1
        plus = (down | ~(diagonal | up)) & everything
        minus = up & diagonal & everything
    return distance
