"""Decks taught one after another: the deck of a later chapter, and versions of one deck.

All cards of a run stand in one deck, so that one card index, one encoding and one ledger serve
them all. The chapter's own cards come first; those of earlier chapters follow and are only asked,
or rehearsed. A text that was read has none: its windows stay in its file.
"""

import hashlib
from collections.abc import Sequence

import msgspec

from flashcards.cards.card import Card, Deck
from flashcards.cards.diagnostics import Diagnostic, diagnostic, excerpt

N_PROMPTS_NAMED = 3


def merged(deck: Deck, earlier: Sequence[Deck]) -> Deck:
    """The deck as the chapter after `earlier`, decks without chapters of their own, oldest first.
    A prompt that is in two decks stays two cards. A card that an earlier chapter taught with the
    same answer is never kept back, here or there: it was not NEVER TAUGHT."""
    earlier = [chapter.as_earlier() for chapter in earlier]
    decks = [*earlier, deck]
    numbered = [_numbered(chapter_deck, index) for index, chapter_deck in enumerate(decks)]
    taught_in = [
        {
            (card.prompt, answer)
            for card in chapter_deck.cards
            if not card.is_never_seen
            for answer in card.answers
        }
        for chapter_deck in decks
    ]
    split = []
    for index, cards in enumerate(numbered):
        elsewhere = set().union(*(taught for at, taught in enumerate(taught_in) if at != index))
        split.append(tuple(_never_seen(card, elsewhere) for card in cards))
    before = tuple(
        msgspec.structs.replace(chapter, cards=cards)
        for chapter, cards in zip(earlier, split[:-1], strict=True)
    )
    cards = (*split[-1], *(card for chapter_cards in split[:-1] for card in chapter_cards))
    return msgspec.structs.replace(deck, cards=cards, earlier=before)


def in_both(deck: Deck, other: Deck) -> tuple[str, ...]:
    """The prompts that both decks ask, and to which neither accepts an answer of the other's."""
    answers: dict[str, set[str]] = {}
    for card in other.cards:
        answers.setdefault(card.prompt, set()).update(card.answers)
    shared = (card for card in deck.cards if card.prompt in answers)
    prompts = (card.prompt for card in shared if answers[card.prompt].isdisjoint(card.answers))
    return tuple(dict.fromkeys(prompts))


def in_both_problems(deck: Deck, other: Deck) -> list[Diagnostic]:
    prompts = set(in_both(deck, other))
    answers = {card.prompt: card.answer for card in other.cards}
    problems = []
    for card in (card for card in deck.cards if card.prompt in prompts):
        text = f"{excerpt(card.prompt)} is in {excerpt(other.name)} too, with the answer "
        text += f"{excerpt(answers[card.prompt])}: one of both must be forgotten"
        problems.append(diagnostic("in-both", card.line, 1, text))
    return problems


def _numbered(deck: Deck, chapter: int) -> Sequence[Card]:
    if chapter == 0:
        return deck.cards

    def id_here(card: Card) -> str:
        key = f"{chapter}\0{card.id}".encode()
        return hashlib.blake2b(key, digest_size=8, person=b"chapter").hexdigest()

    return tuple(msgspec.structs.replace(card, id=id_here(card)) for card in deck.cards)


def _never_seen(card: Card, taught_elsewhere: set[tuple[str, str]]) -> Card:
    if card.is_never_seen and any((card.prompt, a) in taught_elsewhere for a in card.answers):
        return msgspec.structs.replace(card, is_never_seen=False)
    return card


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The difference between two versions of a deck."""

    before: tuple[int | None, ...]  # for each card its index in the old version; None: it is new
    added: tuple[int, ...]  # by their new index, as `changed`
    changed: tuple[int, ...]  # with other answers, or on the other side of taught and never taught
    n_removed: int


def difference(old: Deck, new: Deck) -> Difference:
    index_of = {old.cards[index].id: index for index in old.prompted}  # no window stays
    before = tuple(index_of.get(card.id) for card in new.cards)
    changed = []
    for index, old_index in enumerate(before):
        if old_index is not None:
            was = old.cards[old_index]
            card = new.cards[index]
            if (was.answers, was.is_never_seen) != (card.answers, card.is_never_seen):
                changed.append(index)
    added = tuple(index for index, old_index in enumerate(before) if old_index is None)
    return Difference(
        before=before,
        added=added,
        changed=tuple(changed),
        n_removed=len(old.cards) - (len(before) - len(added)),
    )


def prompts_of(difference: Difference, new: Deck) -> tuple[str, ...]:
    indices = (*difference.added, *difference.changed)[:N_PROMPTS_NAMED]
    return tuple(new.cards[index].prompt for index in indices)
