"""What became of each card when a deck was changed; a card is known by its id."""

from __future__ import annotations

import msgspec

from flashcards.cards.card import Deck

N_PROMPTS_NAMED = 3


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """From one version of a deck to the next.

    Attributes:
        before: For each card of the new version its index in the old one; None when it is new.
        added: Cards that were not there, by their new index.
        changed: Cards with other answers, or on the other side of taught and never seen.
        n_removed: Cards that are there no more.
    """

    before: tuple[int | None, ...]
    added: tuple[int, ...]
    changed: tuple[int, ...]
    n_removed: int


def difference(old: Deck, new: Deck) -> Difference:
    index_of: dict[str, int] = {}
    if not old.is_text:  # whose windows are no cards that might stay
        index_of = {card.id: index for index, card in enumerate(old.cards)}
    before = tuple(index_of.get(card.id) for card in new.cards)
    changed = []
    for index, old_index in enumerate(before):
        if old_index is not None:
            was, card = old.cards[old_index], new.cards[index]
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
    """The first prompts that came or changed."""
    return tuple(
        new.cards[index].prompt
        for index in (*difference.added, *difference.changed)[:N_PROMPTS_NAMED]
    )
