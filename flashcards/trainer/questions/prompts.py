"""The prompts of one deck, to look a typed one up: the same, nearly the same, nearest. No torch.

Built when first asked, so that a lesson without a question does not pay for it: 100,000 cards take
half a second, once.
"""

from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from flashcards.cards.audit import near
from flashcards.cards.card import Deck

LEAST_ALIKE = 0.5  # of the letters of two prompts that are called similar


class PromptIndex:
    def __init__(self, deck: Deck) -> None:
        self._deck = deck

    def same(self, prompt: str) -> list[int]:
        return self._cards_of.get(prompt, [])

    def correct_answers(self, prompt: str) -> tuple[str, ...]:
        """Those of the first card with this very prompt; none where no card has it."""
        cards = self.same(prompt)
        return self._deck.cards[cards[0]].answers if cards else ()

    def nearly(self, prompt: str) -> int | None:
        """The first card with nearly this prompt, when none has this very one."""
        if prompt in self._cards_of:
            return None
        return self._card_nearly.get(near(prompt))

    def nearest(self, prompt: str, n: int) -> tuple[str, ...]:
        """At most `n` taught prompts that take the fewest edits, of equally near ones the first.
        One that would have to be written half anew is not near."""
        matches = process.extract(prompt, self._taught, scorer=Levenshtein.distance, limit=n)
        return tuple(
            taught
            for taught, _, _ in matches
            if Levenshtein.normalized_similarity(prompt, taught) >= LEAST_ALIKE
        )

    @cached_property
    def _cards_of(self) -> dict[str, list[int]]:
        cards_of: dict[str, list[int]] = {}
        for index in self._deck.prompted:
            cards_of.setdefault(self._deck.cards[index].prompt, []).append(index)
        return cards_of

    @cached_property
    def _card_nearly(self) -> dict[str, int]:
        return {near(prompt): cards[0] for prompt, cards in reversed(self._cards_of.items())}

    @cached_property
    def _taught(self) -> list[str]:
        deck = self._deck
        taught = (index for index in deck.taught if index in deck.prompted)
        return list(dict.fromkeys(deck.cards[index].prompt for index in taught))
