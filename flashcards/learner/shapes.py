"""The shapes of a deck's cards, and how often each comes: a rare one not early or late by chance.

`25+9` has the shape of `73+4` with an answer as long: two digits, a sign, a digit. In the sums of
two numbers below 100 one card in eleven has it, and in most batches there are only two or three of
them. Shapes get turns in proportion to a power of their share of the deck, as languages do in
multilingual training (Devlin 2018; Conneau and Lample 2019, arXiv 1901.07291, section 3.1), and are
spread evenly over an epoch, as in stratified sampling.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from flashcards.cards.card import Card, Deck
from flashcards.learner.settings import LearnerSettings

MOST_TURNS = 6  # an epoch of a card of a rare shape; of the commonest shape it is one

MOST_SHAPES = 16
"""Sums of numbers below 100 have 8 shapes. Words have dozens, one for every pair of lengths, which
say little of what is hard: there it costs cards (docs/experiments.md)."""


class Shape(NamedTuple):
    """The taught cards of one shape, and how many turns they have an epoch together."""

    cards: tuple[int, ...]
    n_turns: int


NO_SHAPES: tuple[Shape, ...] = ()


def shapes_of(
    deck: Deck, settings: LearnerSettings, taught: Sequence[int] | None = None
) -> tuple[Shape, ...]:
    """The taught cards by shape, rarest last; none where all cards have one turn an epoch: there
    is one shape or more than `MOST_SHAPES`, `evenness` is 0."""
    if not settings.evenness or deck.is_text:
        return NO_SHAPES
    cards_of: dict[tuple[str, int], list[int]] = {}
    is_by_character = settings.tokenizer == "char"
    for card_index in deck.taught if taught is None else taught:
        shape = _shape_of(deck.cards[card_index], is_by_character=is_by_character)
        cards_of.setdefault(shape, []).append(card_index)
    if not 2 <= len(cards_of) <= MOST_SHAPES:
        return NO_SHAPES
    groups = sorted(cards_of.values(), key=len, reverse=True)
    commonest = len(groups[0])
    return tuple(
        Shape(
            tuple(cards),
            round(len(cards) * min(MOST_TURNS, (commonest / len(cards)) ** settings.evenness)),
        )
        for cards in groups
    )


def mixed(shapes: Sequence[Shape], chance: random.Random) -> list[int]:
    """An epoch's turns: each shape's spread evenly over it, its cards as often as one another or
    once more, in random order."""
    placed: list[tuple[float, int]] = []
    for cards, n_turns in shapes:
        turns: list[int] = []
        while len(turns) < n_turns:
            turns += chance.sample(cards, min(len(cards), n_turns - len(turns)))
        start = chance.random()
        placed += [((place + start) / n_turns, card) for place, card in enumerate(turns)]
    placed.sort()
    return [card_index for _, card_index in placed]


def _shape_of(card: Card, *, is_by_character: bool) -> tuple[str, int]:
    """The kinds of the prompt's units, characters or words, and how many the answer has."""
    if is_by_character:
        return card.prompt.translate(_KINDS), len(card.answer)
    firsts = "".join(word[0] for word in card.prompt.split())
    return firsts.translate(_KINDS), len(card.answer.split())


class _Kinds(dict[int, str]):
    """For `str.translate`: a digit, a letter, or the character itself."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kind = "0" if character.isdigit() else "a" if character.isalpha() else character
        self[code] = kind
        return kind


_KINDS = _Kinds()
