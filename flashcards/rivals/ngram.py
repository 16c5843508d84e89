"""An n-gram model of characters: says what most often came next after the longest known context.

Each taught card is the text "start, prompt, answer sign, answer, end"; what follows a context is
counted where an answer's characters or its end stand. A context that was never seen backs off to
the one that is a character shorter (Katz 1987, "Estimation of probabilities from sparse data for
the language model component of a speech recognizer"). Only the likeliest character is said, so
nothing is discounted. "Stupid backoff" (Brants et al. 2007, "Large language models in machine
translation", section 4), whose factor of 0.4 lets a shorter context overrule a longer one, scored
the same on samples of every shipped deck, at every order tried.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from flashcards.cards.card import Card

ORDER = 48
"""Characters in an n-gram, the last one being said. Measured on the shipped decks: see
docs/figures.md, "Rivals"."""

MAX_CHARACTERS = 2_000_000
"""Characters of answers that are counted, some 200 MB: of a deck with more the first cards."""

START, SIGN, END = "\x02", "\x1e", "\x03"
"""Control characters: `printable` keeps them out of every prompt and answer."""


class NGramModel:
    """Contexts, written backwards and sorted, so that those with a common ending lie together."""

    def __init__(self, taught: Iterable[Card], order: int = ORDER) -> None:
        self._n_context = order - 1
        self._longest = 0
        contexts: list[str] = []
        said: list[str] = []
        for card in taught:
            if len(said) >= MAX_CHARACTERS:
                break
            self._longest = max(self._longest, len(card.answer))
            text = f"{START}{card.prompt}{SIGN}{card.answer}{END}"
            for place in range(len(card.prompt) + 2, len(text)):
                contexts.append(self._context(text[:place]))
                said.append(text[place])
        places = sorted(range(len(contexts)), key=contexts.__getitem__)
        self._contexts = [contexts[place] for place in places]
        self._said = "".join(said[place] for place in places)
        self._places = array("I", places)
        self._next = lru_cache(maxsize=65536)(self._likeliest)

    def answer(self, prompt: str) -> str | None:
        """What it says, character by character; None when no card was taught.

        It never says more than the longest taught answer has.
        """
        if not self._said:
            return None
        text, n_before = f"{START}{prompt}{SIGN}", len(prompt) + 2
        while len(text) - n_before < self._longest:
            character = self._next(*self._known(self._context(text)))
            if character == END:
                break
            text += character
        return text[n_before:]

    def _context(self, text: str) -> str:
        """The last characters, the last one first."""
        return text[: -self._n_context - 1 : -1] if self._n_context else ""

    def _known(self, context: str) -> tuple[int, int]:
        """Where the longest known ending of the context lies among the sorted ones."""
        at = bisect_left(self._contexts, context)
        n_shared = max(
            _n_shared(context, self._contexts[place])
            for place in (at - 1, at)
            if 0 <= place < len(self._contexts)
        )

        def shared(known: str) -> str:
            return known[:n_shared]

        ending = context[:n_shared]
        low = bisect_left(self._contexts, ending, key=shared)
        return low, bisect_right(self._contexts, ending, low, key=shared)

    def _likeliest(self, low: int, high: int) -> str:
        """What was said most often there; of equally common ones, what came first in the deck."""
        counts = Counter(self._said[low:high])
        most = max(counts.values())
        best = {character for character, count in counts.items() if count == most}
        if len(best) == 1:
            return best.pop()
        first = min(
            (place for place in range(low, high) if self._said[place] in best),
            key=self._places.__getitem__,
        )
        return self._said[first]


def _n_shared(a: str, b: str) -> int:
    n = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        n += 1
    return n
