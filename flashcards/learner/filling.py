"""How cards are cut so that a piece of the answer always stands as far from the piece of the prompt
that it comes from: `length_of`, `words_of` and `letter_sounds` of a deck.

Positions tell how far apart two pieces are. To the prompt's end that distance is the same in every
card, which suits sums; with prompts filled up on their right to one length it is the same to the
prompt's beginning, which suits words. Which of the two tells more of the answers is counted on the
taught cards, in whole numbers, the same on every machine.

Sounds are aligned with letters: each letter of the prompt stands for no sound, one or two, and the
answer has one piece for each letter, so that the distance doesn't change along the answer either.
Which letter stands for which sounds is found by Viterbi training (hard EM) on the taught cards.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from flashcards.cards.card import Deck

N_CARDS, N_PLACES = 400, 12  # cards looked at; places in their prompts and answers

LEAST_GAIN = 20
"""One in so many pieces of the answers must be foretold from the beginning and not from the end.
Measured (docs/experiments.md, "Few cards"): decks of words gain 27 to 72 in a hundred, all others
at most 4."""

LONGEST = 32  # characters; prompts are not filled up to more: an update would take twice as long

SHORT_WORD = 2  # mean characters, at most, of answers' words that become one piece each

MOST_SOUNDS = 2  # that one letter stands for
N_ROUNDS = 4  # of Viterbi training
SEVERAL = 1500  # what two sounds for one letter cost more, in thousandths of a nat
AT_FIRST = (2000, 0, 4000)  # cost of no sound, one and two, before anything was counted


def length_of(deck: Deck) -> int:
    """Characters up to which the deck's prompts are filled; 0 for not at all. The deck teaches a
    card. As many as the longest has, but no more than twice what nineteen of twenty have."""
    prompts = deck.read_prompts(deck.taught)
    lengths = sorted(map(len, prompts))
    length = min(lengths[-1], 2 * lengths[len(lengths) * 19 // 20])
    if length > LONGEST:
        return 0
    joins = bool(words_of(deck))
    answers = [deck.cards[i].answer for i in deck.taught]
    pairs = [
        (prompt, [*(answer.split(" ") if joins else answer), ""])
        for prompt, answer in zip(prompts, answers, strict=True)
    ][:: -(-len(prompts) // N_CARDS)]
    from_beginning = _n_foretold(pairs)
    from_end = _n_foretold([(prompt[::-1], answer) for prompt, answer in pairs])
    n_pieces = sum(min(len(answer), N_PLACES) for _, answer in pairs)
    return length if LEAST_GAIN * (from_beginning - from_end) > n_pieces else 0


def words_of(deck: Deck) -> tuple[str, ...]:
    """The pieces of the taught answers where those are words as short as sounds: each word with the
    space after it, and alone if it has several characters."""
    cards = [deck.cards[i] for i in deck.taught]
    words = [word for card in cards for answer in card.answers for word in answer.split(" ")]
    if len(words) < 2 * len(cards) or sum(map(len, words)) > SHORT_WORD * len(words):
        return ()
    found = dict.fromkeys(f"{word} " for word in words if word)
    return (*found, *dict.fromkeys(word for word in words if len(word) > 1))


class LetterSounds:
    """Which sounds letters stand for. `counts`: by letter, how often for which, with a space
    between two."""

    def __init__(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        self.counts = counts
        self._totals = {letter: sum(said.values()) for letter, said in counts.items()}
        self._known = {
            sound for said in counts.values() for text in said for sound in text.split(" ")
        }
        self._costs: dict[tuple[str, str], int] = {}

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> Self:
        """Learned from prompts and answers."""
        learned = cls({})
        for _ in range(N_ROUNDS):
            counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
            for prompt, answer in pairs:
                cut = learned.cut(prompt, answer)
                for letter, sounds in zip(prompt, cut):  # noqa: B905 (of some nothing is cut)
                    counts[letter][sounds] += 1
            learned = cls(counts)
        return learned

    def cut(self, prompt: str, answer: str) -> list[str]:
        """The sounds of each letter, "" where it is silent; nothing where `sounds_of` has none, or
        one that no letter stands for."""
        sounds = sounds_of(prompt, answer)
        if not sounds or (self.counts and not self._known.issuperset(sounds)):
            return []
        best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, (0,))}
        for place, letter in enumerate(prompt):
            ahead: dict[int, tuple[int, tuple[int, ...]]] = {}
            for start, (cost, ends) in best.items():
                distance = abs(1000 * place // len(prompt) - 1000 * start // len(sounds))
                for end in range(start, min(start + MOST_SOUNDS, len(sounds)) + 1):
                    further = cost + self._cost(letter, sounds[start:end], distance)
                    if end not in ahead or further < ahead[end][0]:
                        ahead[end] = further, (*ends, end)
            best = ahead
        _, ends = best[len(sounds)]
        return [" ".join(sounds[start:end]) for start, end in itertools.pairwise(ends)]

    def _cost(self, letter: str, sounds: Sequence[str], distance: int) -> int:
        """In thousandths of a nat. Before anything was counted, by how far apart they stand."""
        if not self.counts:
            return AT_FIRST[len(sounds)] + distance
        key = letter, " ".join(sounds)
        if key not in self._costs:
            n = self.counts.get(letter, {}).get(key[1], 0)
            total = self._totals.get(letter, 0)
            rare = math.log((total + 1) / (n + 0.01))
            self._costs[key] = round(1000 * rare) + SEVERAL * (len(sounds) > 1)
        return self._costs[key]


def has_sounds(deck: Deck) -> bool:
    """Whether the answers are words as short as sounds, 95 % of them with at most two sounds for
    each letter of the prompt, which is asked as it is."""
    if deck.ask or not words_of(deck):
        return False
    taught = _taught(deck)
    return 20 * sum(bool(sounds_of(*pair)) for pair in taught) >= 19 * len(taught)


def letter_sounds(deck: Deck) -> LetterSounds:
    """Learned from the taught cards and all their answers."""
    return LetterSounds.of(_taught(deck))


def _taught(deck: Deck) -> list[tuple[str, str]]:
    prompts = zip(deck.read_prompts(deck.taught), deck.taught, strict=True)
    return [(text, said) for text, i in prompts for said in deck.cards[i].answers]


def sounds_of(prompt: str, answer: str) -> list[str]:
    """Nothing where there are more of them than the letters can have, or spaces at an end or one
    after another; nor of a prompt that is longer than any word."""
    sounds, n = answer.split(" "), len(prompt)
    return [] if n > LONGEST or len(sounds) > MOST_SOUNDS * n or "" in sounds else sounds


def _n_foretold(pairs: Sequence[tuple[str, Sequence[str]]]) -> int:
    """How many pieces of the answers the other cards foretell, from one place of the prompt for
    each place of the answer."""
    n = 0
    for place in range(N_PLACES):
        said = [(prompt, answer[place]) for prompt, answer in pairs if len(answer) > place]
        n += max(_n_right((p[i : i + 1], piece) for p, piece in said) for i in range(N_PLACES))
    return n


def _n_right(pairs: Iterable[tuple[str, str]]) -> int:
    """How many would be right, each foretold as the commonest of all others with its key."""
    by_key: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, piece in pairs:
        by_key[key][piece] += 1
    n = 0
    for counts in by_key.values():
        *_, second, first = 0, *sorted(counts.values())
        n += first if first > second + 1 else 0
    return n
