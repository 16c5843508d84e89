"""Cards that are kept back: asked and never taught. One line offers it where a deck is written."""

from msgspec import Struct

from flashcards.app.widgets.cells import MUTED, Row, Sheet, cut
from flashcards.base.language import tr
from flashcards.cards.card import Deck
from flashcards.cards.split import FEW_NEVER_SEEN, KeepBack


class KeepingView(Struct, frozen=True):
    """Of a deck: all its cards, those never taught, those by its share, and what could be."""

    n_cards: int = 0
    n_never_seen: int = 0
    has_share: bool = False
    offer: KeepBack = KeepBack(0.0, 0)


def keeping_of(deck: Deck | None, offer: KeepBack) -> KeepingView:
    if deck is None:
        return KeepingView()
    has_share = deck.meta.held_out > 0
    return KeepingView(len(deck.cards), len(deck.never_seen), has_share, offer)


def described(view: KeepingView) -> str:
    """Say what is kept back by the deck's share, or could be; "" where cards are marked, or nothing
    can be kept back."""
    if view.has_share:
        text = "{n:,} of {n_cards:,} are kept back: asked, never taught. F3 teaches all."
        return tr(text, n=view.n_never_seen, n_cards=view.n_cards)
    if view.n_never_seen or not view.offer.n_cards:
        return ""
    text = "All are taught. F3 keeps {n:,} back to test whether it understands."
    if view.offer.n_cards < FEW_NEVER_SEEN:
        text = "All are taught. F3 keeps {n:,} back, a small test whether it understands."
    return tr(text, n=view.offer.n_cards)


class KeepingLine(Sheet[KeepingView]):
    def draw(self, view: KeepingView, width: int, height: int) -> list[Row]:
        return [[(cut(described(view), width), MUTED)]]
