"""Rivals of a text: for each order, how often each character came after the few before it.

Interpolated by Witten and Bell 1991, "The zero-frequency problem", method C: what never came after
a context is looked up after a shorter one. They see no more of a passage than the model does.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from flashcards.cards.text import TextDeck, sample
from flashcards.runs.values import Rival, Score

ORDERS = (1, 2, 3, 4, 5)  # characters in an n-gram, the last one being guessed

MAX_CHARACTERS = 2_000_000  # that are counted, the first of what is read

PREFIX = "letters-"


def name_of(order: int) -> str:
    return f"{PREFIX}{order}"


class LetterCounts:
    """Counts of what came after each context of up to four characters."""

    def __init__(self, stretches: Iterable[str], n_characters: int) -> None:
        self._blind = 1.0 / n_characters
        # by length of the context: how often each context with its next character came
        self._pairs: list[Counter[str]] = [Counter() for _ in ORDERS]
        n_left = MAX_CHARACTERS
        for stretch in stretches:
            text = stretch[: max(0, n_left)]
            n_left -= len(text)
            for n_context, pairs in enumerate(self._pairs):
                pairs.update(
                    map("".join, zip(*(text[i:] for i in range(n_context + 1)), strict=False))
                )
        self._totals: list[Counter[str]] = [Counter() for _ in ORDERS]
        self._kinds: list[Counter[str]] = [Counter() for _ in ORDERS]
        self._likeliest: dict[str, tuple[int, str]] = {}
        for n_context, pairs in enumerate(self._pairs):
            for pair, n in pairs.items():
                context, character = pair[:n_context], pair[n_context]
                self._totals[n_context][context] += n
                self._kinds[n_context][context] += 1
                best = self._likeliest.get(context)
                # of equally common ones, the first of the alphabet: the same in every process
                if best is None or n > best[0] or (n == best[0] and character < best[1]):
                    self._likeliest[context] = (n, character)

    def probabilities(self, before: str, character: str) -> list[float]:
        """Return how probable each order finds a character after the text before it, 0 to 1."""
        probability = self._blind
        probabilities: list[float] = []
        for n_context in range(len(ORDERS)):
            if n_context <= len(before):
                context = before[len(before) - n_context :]
                total = self._totals[n_context][context]
                kinds = self._kinds[n_context][context]
                if total:
                    n = self._pairs[n_context][context + character]
                    probability = (n + kinds * probability) / (total + kinds)
            probabilities.append(probability)
        return probabilities

    def guesses(self, before: str) -> list[str]:
        """Return the next character by each order: the commonest after the longest known
        context."""
        guess = ""
        guesses: list[str] = []
        for n_context in range(len(ORDERS)):
            if n_context <= len(before):
                known = self._likeliest.get(before[len(before) - n_context :])
                guess = guess if known is None else known[1]
            guesses.append(guess)
        return guesses


def graded_text(deck: TextDeck) -> Iterator[Rival | None]:
    """Each order on the windows that exams ask; None now and then: time for something else.
    Errors are nats a character. Shares right only where the model's pieces are characters, too."""
    counts = LetterCounts(deck.cards.read_text(), len(deck.cards.characters))
    yield None
    sides: list[tuple[list[int], list[float], int]] = []
    for windows in (sample(deck.taught), sample(deck.never_seen)):
        right = [0] * len(ORDERS)
        nats = [0.0] * len(ORDERS)
        n_characters = 0
        for window in windows:
            text = deck.cards[window].answer
            n_characters += len(text)
            for place, character in enumerate(text):
                before = text[max(0, place - len(ORDERS) + 1) : place]
                for i, probability in enumerate(counts.probabilities(before, character)):
                    nats[i] -= math.log(probability)
                for i, guess in enumerate(counts.guesses(before)):
                    right[i] += guess == character
            yield None
        sides.append((right, nats, n_characters))
    (seen_right, seen_nats, n_seen), (unseen_right, unseen_nats, n_unseen) = sides
    is_counted = deck.is_by_character
    for i, order in enumerate(ORDERS):
        yield Rival(
            name_of(order),
            Score(seen_right[i], n_seen) if is_counted else Score(0, 0),
            Score(unseen_right[i], n_unseen) if is_counted else Score(0, 0),
            seen_nats=_mean(seen_nats[i], n_seen),
            unseen_nats=_mean(unseen_nats[i], n_unseen),
        )


def _mean(nats: float, n_characters: int) -> float | None:
    return float(f"{nats / n_characters:.6g}") if n_characters else None
