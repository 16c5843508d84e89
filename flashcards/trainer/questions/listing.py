"""The cards as a list: sorted, filtered, a page at a time. Reads the ledger; changes nothing.

A reply has to fit between two updates, on a hundred thousand cards too: numpy sorts, and the order
of a large deck is kept for a second. That of others is always the order of the marks beside it.
"""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from flashcards.cards.card import Deck
from flashcards.runs import commands, events, values
from flashcards.trainer.ledger import CardLedger

MAX_ROWS = 500
SORT_EVERY_S, MANY = 1.0, 20_000  # from so many cards on

Indices = NDArray[np.int64]
Bits = NDArray[np.uint64]

_ONES = np.uint64(0x5555_5555_5555_5555)


class Listing:
    """Lists the cards of one deck, as its ledger knows them.

    The orders:

    - deck: as in the deck's file.
    - hardest: taught cards first, by the share of a card's last 31 marks that are not right,
      largest first; among equals first what never was right, then what was taught most often.
      Cards without a mark come last.
    - forgotten: by how often a card was forgotten, most often first; among equals first what has
      not been relearned.
    - section: the deck's sections in the order of the file.

    What is still equal stays in the order of the deck.
    """

    def __init__(
        self, deck: Deck, ledger: CardLedger, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds; it decides only how long the order of a large deck is kept."""
        self._deck = deck
        self._ledger = ledger
        self._clock = clock
        self._sort: values.CardSort | None = None
        self._order: Indices = np.zeros(0, np.int64)
        self._sorted_step = -1
        self._sorted_at_s = 0.0
        self._texts: list[str] = []
        self._filter = ""
        self._is_wanted: NDArray[np.bool_] = np.zeros(0, np.bool_)

    def page(self, question: commands.ListCards, step: int) -> events.CardsListed:
        """The page that is asked for, or the last one when there are fewer cards than that."""
        self._sort_cards(question.sort, step)
        order = self._order
        if question.filter.strip():
            order = order[self._containing(question.filter)[order]]
        n_rows = min(max(0, question.n_rows), MAX_ROWS)
        offset = min(max(0, question.offset), max(0, len(order) - n_rows))
        return events.CardsListed(
            step=step,
            request=question.request,
            offset=offset,
            total=len(order),
            rows=tuple(self._row(int(i)) for i in order[offset : offset + n_rows]),
            sorted_step=self._sorted_step,
        )

    def _row(self, card_index: int) -> values.CardRow:
        card, ledger = self._deck.cards[card_index], self._ledger
        return values.CardRow(
            card_index=card_index,
            prompt=card.prompt,
            answer=card.answer,
            section=card.section,
            is_never_seen=card.is_never_seen,
            times_seen=ledger.times_seen[card_index],
            history=ledger.history(card_index),
            first_right_step=ledger.first_right_step(card_index),
            n_forgotten=ledger.n_forgotten[card_index],
            n_relearned=ledger.n_relearned(card_index),
            is_known_before=card_index in ledger.known_before,
        )

    def _sort_cards(self, sort: values.CardSort, step: int) -> None:
        now_s = self._clock()
        if sort == self._sort:
            if sort in ("deck", "section"):
                self._sorted_step = step
            is_kept = len(self._deck.cards) >= MANY and now_s < self._sorted_at_s + SORT_EVERY_S
            if step == self._sorted_step or is_kept:
                return
        match sort:
            case "deck":
                self._order = np.arange(len(self._deck.cards), dtype=np.uint32)
            case "section":
                places: dict[str, int] = {}
                for card in self._deck.cards:
                    places.setdefault(card.section, len(places))
                keys = np.array([places[card.section] for card in self._deck.cards])
                self._order = np.argsort(keys, kind="stable")
            case "hardest":
                self._order = _descending(self._hardness())
            case "forgotten":
                self._order = _descending(self._forgetting())
        self._sort, self._sorted_step, self._sorted_at_s = sort, step, now_s

    def _hardness(self) -> Bits:
        """One number a card: share of marks not right, then never right, then times seen."""
        recent = np.frombuffer(self._ledger.recent, np.uint64)
        low, high = recent & _ONES, recent >> np.uint64(1) & _ONES
        n_marks, n_right = (
            np.bitwise_count(bits).astype(np.uint64) for bits in (low | high, low & high)
        )
        # Two shares of at most 31 marks differ by more than 1/1024 or not at all.
        n_wrong = n_marks - n_right
        share = (n_wrong << np.uint64(12)) // np.maximum(n_marks, np.uint64(1)) + np.uint64(1)
        share[n_marks == 0] = 0
        first_right = np.frombuffer(self._ledger.first_right, np.uint32)
        times_seen = np.frombuffer(self._ledger.times_seen, np.uint32).astype(np.uint64)
        never = ((first_right == 0) & (n_marks > 0)).astype(np.uint64)
        hardness: Bits = (share << np.uint64(1) | never) << np.uint64(32) | times_seen
        is_taught = (times_seen > 0).astype(np.uint64)
        return hardness | is_taught << np.uint64(60)

    def _forgetting(self) -> Bits:
        """One number a card: how often it was forgotten, then whether it is now."""
        recent = np.frombuffer(self._ledger.recent, np.uint64)
        n_forgotten = np.frombuffer(self._ledger.n_forgotten, np.uint32).astype(np.uint64)
        is_forgotten = (n_forgotten > 0) & (recent & np.uint64(3) != np.uint64(3))
        forgetting: Bits = n_forgotten << np.uint64(1) | is_forgotten.astype(np.uint64)
        return forgetting

    def _containing(self, text: str) -> NDArray[np.bool_]:
        """Return the cards with this text in prompt, answer or section, letter case apart."""
        wanted = text.strip().casefold()
        if wanted == self._filter:
            return self._is_wanted
        if not self._texts:
            # Folding all of it at once takes a third of the time of folding card by card.
            cards = self._deck.cards
            both = "\0".join([f"{c.prompt}\n{c.answers[0]}\n{c.section}" for c in cards])
            self._texts = both.casefold().split("\0")
        self._filter = wanted
        self._is_wanted = np.fromiter((wanted in text for text in self._texts), np.bool_)
        return self._is_wanted


def _descending(keys: Bits) -> Indices:
    return np.argsort(~keys, kind="stable")
