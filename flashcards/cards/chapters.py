"""Decks taught one after another: the deck of a later chapter, with those taught before it.

All cards of a run stand in one deck, so that one card index, one encoding and one ledger serve
them all. The chapter's own cards come first; those of earlier chapters follow and are only asked,
or rehearsed. A text that was read has none: its windows stay in its file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec

from flashcards.cards.card import Card, Deck
from flashcards.cards.diagnostics import Diagnostic, diagnostic, quoted
from flashcards.cards.text import ReadBefore, TextDeck


def merged(deck: Deck, earlier: Sequence[Deck]) -> Deck:
    """The deck as the chapter after `earlier`, decks without chapters of their own, oldest first.

    A prompt that is in two decks stays two cards. A card that an earlier chapter taught with the
    same answer is never kept back, here or there: it was not NEVER SEEN.
    """
    earlier = [ReadBefore.of(one) if isinstance(one, TextDeck) else one for one in earlier]
    decks = [*earlier, deck]
    numbered = [_numbered(one, chapter) for chapter, one in enumerate(decks)]
    taught_in = [
        {(c.prompt, answer) for c in one.cards if not c.is_never_seen for answer in c.answers}
        for one in decks
    ]
    split = []
    for chapter, cards in enumerate(numbered):
        elsewhere = set().union(*(said for at, said in enumerate(taught_in) if at != chapter))
        split.append(tuple(_never_seen(card, elsewhere) for card in cards))
    before = tuple(
        msgspec.structs.replace(one, cards=cards)
        for one, cards in zip(earlier, split[:-1], strict=True)
    )
    cards = (*split[-1], *(card for one in split[:-1] for card in one))
    return msgspec.structs.replace(deck, cards=cards, earlier=before)


def in_both(deck: Deck, other: Deck) -> tuple[str, ...]:
    """The prompts that both decks ask, and to which neither accepts an answer of the other's."""
    answers: dict[str, set[str]] = {}
    for card in other.cards:
        answers.setdefault(card.prompt, set()).update(card.answers)
    found = (
        card.prompt
        for card in deck.cards
        if card.prompt in answers and answers[card.prompt].isdisjoint(card.answers)
    )
    return tuple(dict.fromkeys(found))


def in_both_problems(deck: Deck, other: Deck) -> list[Diagnostic]:
    """A warning for each card of the deck whose prompt the other asks with another answer."""
    prompts = set(in_both(deck, other))
    answers = {card.prompt: card.answer for card in other.cards}
    return [
        diagnostic(
            "in-both",
            card.line,
            1,
            f"{quoted(card.prompt)} is in {quoted(other.name)} too, with the answer "
            f"{quoted(answers[card.prompt])}: one of both must be forgotten",
        )
        for card in deck.cards
        if card.prompt in prompts
    ]


def _numbered(deck: Deck, chapter: int) -> Sequence[Card]:
    if chapter == 0:
        return deck.cards
    return tuple(msgspec.structs.replace(card, id=_id_in(card.id, chapter)) for card in deck.cards)


def _id_in(card_id: str, chapter: int) -> str:
    key = f"{chapter}\0{card_id}".encode()
    return hashlib.blake2b(key, digest_size=8, person=b"chapter").hexdigest()


def _never_seen(card: Card, taught_elsewhere: set[tuple[str, str]]) -> Card:
    if card.is_never_seen and any((card.prompt, a) in taught_elsewhere for a in card.answers):
        return msgspec.structs.replace(card, is_never_seen=False)
    return card
