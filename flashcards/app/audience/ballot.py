"""A question that all phones answer at once, and how it came out. Nobody sees the others' answers
before time is over; kept with the run are their numbers alone.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import ClassVar

import msgspec
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from flashcards.app.session import Session
from flashcards.app.widgets.cells import padded
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.app.widgets.letters import big
from flashcards.audience.messages import BallotSettled
from flashcards.base.language import tr
from flashcards.runs.bets import CHOICES, Bet, Outcome
from flashcards.runs.commands import PlaceBet
from flashcards.runs.events import BetPlaced
from flashcards.runs.values import BetQuestion
from flashcards.wording import bets

COUNTDOWN_S = 30.0
AGAIN_S = 0.2


@dataclass
class Ballot:
    """`hands` are how many phones gave each place; once it `has_ended` they change no more."""

    number: int
    question: BetQuestion
    n_cards: int
    ends_at_s: float
    hands: tuple[int, ...] = ()
    has_ended: bool = False

    @property
    def places(self) -> tuple[str, ...]:
        return bets.places(self.question, self.n_cards)

    @property
    def text(self) -> str:
        return bets.question(self.question, self.n_cards)

    def left_s(self, now_s: float) -> int:
        return max(0, math.ceil(self.ends_at_s - now_s))

    def facts(self, now_s: float) -> dict[str, object]:
        """What a phone shows while it is open."""
        facts = {"number": self.number, "question": self.text, "places": self.places}
        return {**facts, "left": f"{self.left_s(now_s)} s"}

    def of_place(self, place: float) -> PlaceBet:
        return bets.at_place(self.question, place, self.n_cards)

    @property
    def bet(self) -> PlaceBet | None:
        """The class's: the middle of its answers, or what most chose; None when nobody answered."""
        if not any(self.hands):
            return None
        place: float = self.hands.index(max(self.hands))
        if not CHOICES[self.question.kind]:
            place = median(n for n, hands in enumerate(self.hands) for _ in range(hands))
        return msgspec.structs.replace(self.of_place(place), hands=self.hands)

    def outcome_place(self, outcome: Outcome) -> float:
        """Where among the places it came out; NaN for none of them."""
        choices = CHOICES[self.question.kind]
        if outcome.choice is not None and outcome.choice in choices:
            return choices.index(outcome.choice)
        rate = None if choices or outcome.score is None else outcome.score.rate
        return math.nan if rate is None else rate * bets.whole(self.n_cards)

    def settled(self, placed: BetPlaced, outcome: Outcome) -> BallotSettled:
        """What each phone is told, by the place that it gave."""
        at, total = self.outcome_place(outcome), sum(self.hands)
        away = [abs(place - at) for place in range(len(self.hands))]
        if CHOICES[self.question.kind]:
            away = [min(one, 1) for one in away]  # one answer is as wrong as the other
        told = {}
        for place in range(len(self.hands)):
            own = self.of_place(place)
            own_bet = msgspec.structs.replace(placed, share=own.share, choice=own.choice)
            n = sum(n for n, one in zip(self.hands, away, strict=True) if one < away[place])
            nearer = tr("{n} of {total} were nearer.", n=n, total=total)
            told[place] = f"{bets.result(own_bet, outcome)} {nearer}"
        text = bets.came_out(placed, outcome)
        return BallotSettled(ballot=self.number, prompt=self.text, texts=told, text=text)


class BallotScreen(Dialog[bool]):
    """The countdown; True once it is over, False when it is called off. Of a bet that was settled
    the histogram."""

    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("audience.tcss")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", show=False),
        Binding("escape", "dismiss(False)", show=False),
    ]

    def __init__(self, ballot: Ballot, n_phones: Callable[[], int], settled: Bet | None = None):
        super().__init__()
        self._ballot, self._n_phones, self._settled = ballot, n_phones, settled

    def compose(self) -> ComposeResult:
        yield Static(classes="ballot")

    def paint_dialog(self, session: Session) -> None:
        ballot = self._ballot
        if self._settled is not None and self._settled.outcome is not None:
            lines, keys = self._histogram(self._settled.placed, self._settled.outcome), "esc back"
        else:
            left_s = ballot.left_s(session.clock())
            if left_s == 0:
                self.dismiss(True)
            n, total = sum(ballot.hands), self._n_phones()
            said = tr("{n} of {total} have answered", n=n, total=total)
            lines = [*big(str(left_s), is_wide=True), "", said]
            keys = "enter ends it · esc calls it off"
        text = "\n".join((ballot.text, "", *lines, "", tr(keys)))
        self.query_one(Static).update(Content(text))

    def _histogram(self, placed: BetPlaced, outcome: Outcome) -> list[str]:
        ballot, at = self._ballot, self._ballot.outcome_place(outcome)
        mark = f"◀ {bets.came_out(placed, outcome)}"
        widest, most = max(map(cell_len, ballot.places)), max(ballot.hands)
        room = self.size.width - widest - 24
        return [
            f"{padded(text, widest)} {'█' * round(hands / most * room)} {hands or ''} "
            + (mark if -0.5 <= place - at < 0.5 else "")
            for place, (text, hands) in enumerate(zip(ballot.places, ballot.hands, strict=True))
        ]


async def show_outcome(session: Session, ballot: Ballot, bet: Bet) -> None:
    """The histogram, after another one that is shown."""
    run = session.run
    while run is session.run and await session.dialog(BallotScreen(ballot, int, bet)) is None:
        await asyncio.sleep(AGAIN_S)
