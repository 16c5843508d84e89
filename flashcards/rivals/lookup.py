"""Rivals that know the taught cards: the lookup table, the nearest card, an n-gram model.

The nearest is the taught card whose prompt takes the fewest edits. An edit inserts, deletes or
replaces one character (Levenshtein 1966); rapidfuzz counts them.
"""

import os
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from flashcards.cards.card import Card

N_CELLS = 4_000_000  # distances held at a time: 16 MB, whatever the size of the deck


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


ORDER = 48
"""Characters in an n-gram, the last one being said. Measured on the shipped decks: see
docs/figures.md, "Rivals"."""

MAX_CHARACTERS = 2_000_000  # of answers that are counted, the first of the deck: some 200 MB

START, SIGN, END = "\x02", "\x1e", "\x03"  # `printable` keeps them out of all texts


class NGramModel:
    """Says the character that most often came next after the longest known context.
    Each taught card is the text "start, prompt, answer sign, answer, end"; counted is what follows
    a context in the answer and its end. An unknown context backs off to the one a character shorter
    (Katz 1987). Only the likeliest character is said, so nothing is discounted. "Stupid backoff"
    (Brants et al. 2007, section 4) scored the same on every shipped deck. Contexts are written
    backwards and sorted: those with a common ending lie together."""

    def __init__(self, taught: Iterable[Card], order: int = ORDER) -> None:
        self._n_context = order - 1
        self._longest = 0
        contexts: list[str] = []
        characters: list[str] = []
        for card in taught:
            if len(characters) >= MAX_CHARACTERS:
                break
            self._longest = max(self._longest, len(card.answer))
            text = f"{START}{card.prompt}{SIGN}{card.answer}{END}"
            for place in range(len(card.prompt) + 2, len(text)):
                contexts.append(self._context(text[:place]))
                characters.append(text[place])
        places = sorted(range(len(contexts)), key=contexts.__getitem__)
        self._contexts = [contexts[place] for place in places]
        self._characters = "".join(characters[place] for place in places)
        self._places = array("I", places)
        self._next = lru_cache(maxsize=65536)(self._likeliest)

    def answer(self, prompt: str) -> str | None:
        """Answer a prompt, character by character; None when no card was taught.
        An answer is never longer than the longest taught one."""
        if not self._characters:
            return None
        text = f"{START}{prompt}{SIGN}"
        n_before = len(prompt) + 2
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
        """Return where the longest known ending of the context lies among the sorted ones: from,
        to."""
        at = bisect_left(self._contexts, context)
        n_shared = max(
            len(os.path.commonprefix((context, self._contexts[place])))  # noqa: RUF071 - letters count
            for place in (at - 1, at)
            if 0 <= place < len(self._contexts)
        )

        def shared(known: str) -> str:
            return known[:n_shared]

        ending = context[:n_shared]
        low = bisect_left(self._contexts, ending, key=shared)
        return low, bisect_right(self._contexts, ending, low, key=shared)

    def _likeliest(self, low: int, high: int) -> str:
        """Return the character that came most often in this range of contexts; of equally common
        ones the one that came first in the deck."""
        counts = Counter(self._characters[low:high])
        most = max(counts.values())
        best = {character for character, count in counts.items() if count == most}
        if len(best) == 1:
            return best.pop()
        first = min(
            (place for place in range(low, high) if self._characters[place] in best),
            key=self._places.__getitem__,
        )
        return self._characters[first]
