"""Part 2, cards into numbers: cards cut so that what belongs together is always as far apart.

Positions tell the model how far apart two pieces are. A rule is found sooner where a piece of the
answer always stands as far from the piece of the prompt that it comes from.

Filling (`length_of`, `words_of`): to the prompt's end that distance is the same in every card,
which suits sums; with prompts filled up on their right to one length it is the same to the prompt's
beginning, which suits words. Which of the two tells more of the answers is counted on the taught
cards, in whole numbers, the same on every machine.

Alignment (`letter_sounds`): each letter of the prompt stands for no sound, one or two, and the
answer has one piece for each letter, so that the distance doesn't change along the answer either.
Which letter stands for which sounds is found by Viterbi training (hard EM) on the taught cards.

`settings.py` asks whether; `tokenizer.py`, next, cuts accordingly.
"""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from flashcards.cards.card import Deck

N_CARDS = 400  # looked at,
N_PLACES = 12  # and of these so many places in prompt and answer

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
    with_space = dict.fromkeys(f"{word} " for word in words if word)
    return (*with_space, *dict.fromkeys(word for word in words if len(word) > 1))


class LetterSounds:
    """The sounds that letters stand for. `counts`: by letter, how often it stood for which, with a
    space between two."""

    def __init__(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        self.counts = counts
        self._totals = {letter: sum(by_sounds.values()) for letter, by_sounds in counts.items()}
        self._known = {
            sound
            for by_sounds in counts.values()
            for sounds in by_sounds
            for sound in sounds.split(" ")
        }
        self._costs: dict[tuple[str, str], int] = {}

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> Self:
        """Learn from prompts and answers: cut them as well as is known, count, and again."""
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
        # Viterbi: by how many sounds are given out, the cheapest way to that, cost and ends
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
    """True where answers are words as short as sounds, 95 % of them with at most two sounds for
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
    return [(prompt, answer) for prompt, i in prompts for answer in deck.cards[i].answers]


def sounds_of(prompt: str, answer: str) -> list[str]:
    """The answer's sounds. None where there are more of them than the letters can have, or spaces
    at an end or one after another; nor of a prompt that is longer than any word."""
    sounds = answer.split(" ")
    n_letters = len(prompt)
    if n_letters > LONGEST or len(sounds) > MOST_SOUNDS * n_letters or "" in sounds:
        return []
    return sounds


def _n_foretold(pairs: Sequence[tuple[str, Sequence[str]]]) -> int:
    """The number of the answers' pieces that the other cards foretell, from one place of the prompt
    for each place of the answer: the place that tells most."""
    n = 0
    for place in range(N_PLACES):
        at_place = [(prompt, answer[place]) for prompt, answer in pairs if len(answer) > place]
        n += max(
            _n_right((prompt[i : i + 1], piece) for prompt, piece in at_place)
            for i in range(N_PLACES)
        )
    return n


def _n_right(pairs: Iterable[tuple[str, str]]) -> int:
    """The number that would be right, each foretold as the commonest of all others with its key."""
    by_key: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, piece in pairs:
        by_key[key][piece] += 1
    n = 0
    for counts in by_key.values():
        second, first = sorted([0, *counts.values()])[-2:]
        # leaving one of the commonest out, it must still be the commonest
        n += first if first > second + 1 else 0
    return n
