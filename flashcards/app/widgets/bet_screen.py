"""A bet at the lower edge: the lesson goes on above it. Arrows choose, Enter bets, Esc skips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from flashcards.app.widgets.bars import SIGN
from flashcards.app.widgets.cells import MUTED, Row, Sheet, row_width, wrap
from flashcards.app.widgets.dialog import Dialog
from flashcards.base.language import tr
from flashcards.runs import verdict
from flashcards.runs.bets import CHOICES
from flashcards.runs.commands import PlaceBet
from flashcards.runs.values import BetQuestion
from flashcards.wording import bets
from flashcards.wording.numbers import n_of

LIT = "bold $text-accent"
MOST_LINES = 4
N_MOVES = 20
"""Arrows from none to all, about."""
FEW = 100
"""Up to so many cards an arrow moves by whole cards, so that 50 % of 5 is not asked for."""


@dataclass(frozen=True, slots=True)
class BetView:
    """The question, and where the mark is: cards or per cents of a score, else which choice."""

    bet: BetQuestion
    n_cards: int
    place: int

    @property
    def whole(self) -> int:
        """The place of a score of 100 %."""
        return self.n_cards if 0 < self.n_cards <= FEW else 100

    @property
    def share(self) -> float:
        return self.place / self.whole


class BetSheet(Sheet[BetView]):
    def draw(self, view: BetView, width: int, height: int) -> list[Row]:
        inner = width - 2
        rows: list[Row] = [[(f" {line}", "bold")] for line in _asked(view, inner)]
        chosen = _choices(view, inner) if CHOICES[view.bet.kind] else _scale(view, inner)
        keys = tr("← → choose   Enter bet   Esc skip")
        return [*rows, [(" ", ""), *chosen], [(f" {keys}", MUTED)]]


def _asked(view: BetView, width: int) -> list[str]:
    """The question in lines; in one where it fits, so that the scores above stay in sight."""
    return wrap(bets.question(view.bet, view.n_cards), width, MOST_LINES)


def _scale(view: BetView, width: int) -> Row:
    share = verdict.percent(view.share)
    n_right = round(view.share * view.n_cards)
    said = n_of(n_right, view.n_cards)
    length = max(8, width - len(f"0 %   100 %    {share:>5}  {said}"))
    at = round(view.share * (length - 1))
    return [
        ("0 % ", MUTED),
        ("━" * at, LIT),
        (SIGN, LIT),
        ("─" * (length - 1 - at), MUTED),
        (" 100 %  ", MUTED),
        (f"{share:>5}", LIT),
        (f"  {said}", ""),
    ]


def _choices(view: BetView, width: int) -> Row:
    row: Row = []
    for place, choice in enumerate(CHOICES[view.bet.kind]):
        name = bets.choice(view.bet, choice)
        is_chosen = place == view.place
        row += [(f"{SIGN} " if is_chosen else "  ", LIT), (name, LIT if is_chosen else "")]
        row.append(("   ", ""))
    return row if row_width(row) <= width else [(text.rstrip(" ") or " ", s) for text, s in row]


class BetScreen(Dialog[PlaceBet | None]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("enter", "bet", show=False),
        Binding("escape", "dismiss(None)", show=False),
    ]

    def __init__(
        self,
        bet: BetQuestion,
        n_cards: int,
        ahead: Callable[[BetQuestion], BetQuestion | None] = lambda bet: bet,
    ) -> None:
        """`n_cards` are the cards of the side in question; `ahead` gives the bet with a moment that
        is still to come, None where there is none: the lesson goes on while somebody thinks."""
        super().__init__()
        self._ahead = ahead
        self._choices = CHOICES[bet.kind]
        shown = BetView(bet, n_cards, 0)
        self._shown = shown if self._choices else replace(shown, place=shown.whole // 2)

    def compose(self) -> ComposeResult:
        yield BetSheet()

    def on_mount(self) -> None:
        self._show(self._shown.place)

    def on_resize(self) -> None:
        self._fit()

    def paint_dialog(self, session: object) -> None:
        """Ask of a later moment when the lesson has reached the one that is asked of."""
        self._look_ahead()

    def _look_ahead(self) -> None:
        bet = self._ahead(self._shown.bet)
        if bet is None:
            self.dismiss(None)
        elif bet != self._shown.bet:
            self._shown = replace(self._shown, bet=bet)
            self._show(self._shown.place)

    def _fit(self) -> None:
        n_lines = len(_asked(self._shown, self.size.width - 2))
        self.query_one(BetSheet).styles.height = n_lines + 2

    def action_move(self, by: int) -> None:
        shown = self._shown
        last = len(self._choices) - 1 if self._choices else shown.whole
        step = 1 if self._choices else max(1, shown.whole // N_MOVES)
        self._show(min(max(shown.place + by * step, 0), last))

    def _show(self, place: int) -> None:
        self._shown = replace(self._shown, place=place)
        self.query_one(BetSheet).show(self._shown)
        self._fit()

    def action_bet(self) -> None:
        self._look_ahead()
        if self._is_dismissed:
            return
        shown = self._shown
        if self._choices:
            self.dismiss(PlaceBet(bet=shown.bet, choice=self._choices[shown.place]))
        else:
            self.dismiss(PlaceBet(bet=shown.bet, share=shown.share))
