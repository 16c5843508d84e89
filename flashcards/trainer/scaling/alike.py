"""Taught cards that are alike: of one section, one range of numbers, or one ending."""

import re
from collections import Counter
from typing import Literal

from flashcards.cards.card import Card, Deck
from flashcards.runs.scaling import Kind

LEAST_SHARE, LARGEST_SHARE = 0.1, 0.5
"""How many of the taught cards are alike: fewer teach too little, more are no small part."""

RANGE_SHARE = 0.25
"""Of the taught cards whose numbers are in the range."""


def has(kind: Kind, card: Card) -> bool:
    """Whether the card is of this kind."""
    match kind.by:
        case "section":
            return card.section == kind.value
        case "numbers":
            return _largest(card) <= int(kind.value)
        case "ending":
            return card.prompt[-1] == kind.value


def kind_of(deck: Deck) -> Kind | None:
    """The first of sections, numbers and endings by which a part of the taught cards is alike, no
    less than a tenth and no more than half; None without such a part."""
    cards = [deck.cards[i] for i in deck.taught]
    largest = sorted(map(_largest, cards))
    kinds = [
        *_commonest("section", [card.section for card in cards if card.section]),
        *([] if largest[0] < 0 else [Kind("numbers", str(largest[int(RANGE_SHARE * len(cards))]))]),
        *_commonest("ending", [card.prompt[-1] for card in cards if card.prompt[-1].isalpha()]),
    ]
    for kind in kinds:
        if LEAST_SHARE <= sum(has(kind, card) for card in cards) / len(cards) <= LARGEST_SHARE:
            return kind
    return None


def _commonest(by: Literal["section", "ending"], values: list[str]) -> list[Kind]:
    return [Kind(by, value) for value, _ in Counter(values).most_common()]


def _largest(card: Card) -> int:
    """The largest number in the prompt, in the answer if that has none; -1 without any."""
    numbers = re.findall("[0-9]+", card.prompt) or re.findall("[0-9]+", card.answer)
    return max(map(int, numbers), default=-1)
