"""A bet at the lower edge, below the lesson. Arrows choose, Enter bets, Esc skips.

Nothing is chosen at first: that would be said by whoever only goes on, and others would stay close
to it.
"""

from dataclasses import dataclass, replace

from textual.app import ComposeResult

from flashcards.app.textual_fixes.screens import hidden
from flashcards.app.widgets import bars, dialog
from flashcards.app.widgets.cells import MUTED, Row, Sheet, row_width, wrap
from flashcards.base.language import tr
from flashcards.runs import commands, values
from flashcards.wording import bets

LIT = "bold $text-accent"
MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class BetView:
    """The question, what one can answer, and which is chosen; None before one is."""

    question: str
    places: tuple[str, ...]
    place: int | None = None


class BetSheet(Sheet[BetView]):
    def draw(self, view: BetView, width: int, height: int) -> list[Row]:
        inner = width - 2
        rows: list[Row] = [[(f" {line}", "bold")] for line in _asked(view, inner)]
        keys = tr("← → choose   Enter bet   Esc skip")
        return [*rows, [(" ", ""), *_places(view, inner)], [(f" {keys}", MUTED)]]


def _asked(view: BetView, width: int) -> list[str]:
    """The question in lines; in one where it fits, so that the scores above stay in sight."""
    return wrap(view.question, width, MOST_LINES)


def _places(view: BetView, width: int) -> Row:
    row: Row = []
    for place, name in enumerate(view.places):
        is_chosen = place == view.place
        row += [(f"{bars.SIGN} " if is_chosen else "  ", LIT), (name, LIT if is_chosen else "")]
        row.append(("   ", ""))
    return row if row_width(row) <= width else [(text.rstrip(" ") or " ", s) for text, s in row]


class BetScreen(dialog.Dialog[commands.PlaceBet | None]):
    BINDINGS = hidden(left="move(-1)", right="move(1)", enter="bet", escape="dismiss(None)")

    def __init__(self, bet: values.BetQuestion, n_cards: int) -> None:
        """`n_cards` are the cards of the side in question."""
        super().__init__()
        self._bet, self._n_cards = bet, n_cards
        self._shown = BetView(bets.question(bet, n_cards), bets.places(bet, n_cards))

    def compose(self) -> ComposeResult:
        yield BetSheet()

    def on_resize(self) -> None:
        self._show(self._shown.place)

    def action_move(self, by: int) -> None:
        last, place = len(self._shown.places) - 1, self._shown.place
        if place is None:
            place = -1 if by > 0 else last + 1
        self._show(min(max(place + by, 0), last))

    def _show(self, place: int | None) -> None:
        self._shown = replace(self._shown, place=place)
        sheet = self.query_one(BetSheet)
        sheet.show(self._shown)
        sheet.styles.height = len(_asked(self._shown, self.size.width - 2)) + 2

    def action_bet(self) -> None:
        place = self._shown.place
        self.dismiss(None if place is None else bets.at_place(self._bet, place, self._n_cards))
