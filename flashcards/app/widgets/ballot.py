"""A question that all phones answer at once, twice where one talks to a neighbour between, and how
it came out; and one to whoever sits here. Nobody sees the others' answers before time is over; the
run keeps numbers alone. Nothing is chosen at first: whoever only goes on would say it."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from flashcards.app.textual_fixes.screens import hidden
from flashcards.app.widgets.bars import SIGN
from flashcards.app.widgets.cells import MUTED, Row, Sheet, padded, row_width, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.app.widgets.letters import WIDE, big
from flashcards.base.language import tr
from flashcards.runs import commands, values
from flashcards.wording import bets

COUNTDOWN_S, TALK_S = 30.0, 90.0  # for an answer; for another one, after a talk to a neighbour
FEW_PLACES = 3

How = Literal["go_on", "again", "off"]


@dataclass(eq=False)
class Ballot:
    """One question. Phones show its places, or type `texts` where it has none; so many `hands` gave
    each, and before a talk `hands_before`. `placed` is the class's bet, settled later. `tell` tells
    each phone how its answer came out, by place; and the others."""

    number: int
    text: str
    places: tuple[str, ...]
    ends_at_s: float
    tell: Callable[[Mapping[int, str], str], None]
    hands_before: tuple[int, ...] = ()
    hands: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    has_ended: bool = False
    placed: commands.PlaceBet | None = field(default=None, init=False)

    def left_s(self, now_s: float) -> int:
        return max(0, math.ceil(self.ends_at_s - now_s))

    def facts(self, now_s: float) -> dict[str, object]:
        text = self.text
        if self.hands_before:
            text = f"{tr('Talk to a neighbour, then answer again.')} {text}"
        facts = {"number": self.number, "question": text, "places": self.places}
        return {**facts, "left": f"{self.left_s(now_s)} s"}

    @property
    def most_given(self) -> int | None:
        """The place that most gave; None where two are level, or nobody answered."""
        most = max(self.hands, default=0)
        return self.hands.index(most) if most and self.hands.count(most) == 1 else None


class BallotScreen(Dialog[How]):
    CSS_PATH = [DIALOGS_CSS, "ballot.tcss"]  # noqa: RUF012
    BINDINGS = hidden(enter="dismiss('go_on')", escape="dismiss('off')", a="again")

    def __init__(
        self,
        ballot: Ballot,
        clock: Callable[[], float] = float,
        n_phones: Callable[[], int] = int,
        on_time_over: Callable[[], object] = int,
        outcome: Callable[[int], list[str]] | None = None,
    ) -> None:
        super().__init__()
        self._ballot, self._clock, self._n_phones, self._outcome = ballot, clock, n_phones, outcome
        self._on_time_over = on_time_over

    def compose(self) -> ComposeResult:
        yield Static(classes="ballot")

    def paint_dialog(self, session: object) -> None:
        ballot = self._ballot
        if self._outcome is not None:
            lines, keys = self._outcome(self.size.width), "esc back"
        else:
            left_s = ballot.left_s(self._clock())
            n, total = sum(ballot.hands), self._n_phones()
            said = tr("{n} of {total} have answered", n=n, total=total)
            keys = "enter goes on · a asks again after a talk · esc calls it off"
            if ballot.hands_before:
                keys = "enter goes on · esc calls it off"
            if left_s == 0:
                self._on_time_over()
                said = f"{tr('Time is over.')} {said}"
            few = ballot.places if len(ballot.places) <= FEW_PLACES else ()
            lines = [*few, *big(str(left_s), WIDE), "", said]
        text = "\n".join((ballot.text, "", *lines, "", tr(keys)))
        self.query_one(Static).update(Content(text))

    def action_again(self) -> None:
        if self._outcome is None and not self._ballot.hands_before:
            self.dismiss("again")


def histogram(ballot: Ballot, rows: Collection[int], mark: str) -> Callable[[int], list[str]]:
    columns = [hands for hands in (ballot.hands_before, ballot.hands) if hands]
    most = max(map(max, columns), default=1) or 1

    def lines(width: int) -> list[str]:
        widest = max(map(cell_len, ballot.places), default=0)
        room = (width - widest - 24) // max(1, len(columns)) - 6 * (len(columns) - 1)

        def bar(hands: int) -> str:
            return f"{'█' * round(hands / most * room)} {hands or ''}"

        drawn = [
            f"{padded(text, widest)} "
            + "".join(padded(bar(hands[place]), room + 6) for hands in columns).rstrip()
            + (f" ◀ {mark}" if place in rows else "")
            for place, text in enumerate(ballot.places)
        ]
        if len(columns) > 1:
            names = tr("before talking"), tr("after talking")
            head = "".join(padded(name, room + 6) for name in names)
            drawn.insert(0, f"{padded('', widest)} {head.rstrip()}")
        return drawn

    return lines


LIT = "bold $text-accent"
MOST_LINES = 4


class BetView(Struct, frozen=True):
    """The question, what one can answer, and which is chosen; None before one is."""

    question: str
    places: tuple[str, ...]
    place: int | None = None
    note: str = ""


class BetSheet(Sheet[BetView]):
    def draw(self, view: BetView, width: int, height: int) -> list[Row]:
        inner = width - 2
        rows: list[Row] = [
            [(f" {line}", "bold")] for line in wrap(view.question, inner, MOST_LINES)
        ]
        keys = tr("← → choose   Enter bet   Esc skip")
        return [*rows, [(" ", ""), *_places(view, inner)], [(f" {keys}   {view.note}", MUTED)]]


def _places(view: BetView, width: int) -> Row:
    row: Row = []
    for place, name in enumerate(view.places):
        is_chosen = place == view.place
        row += [(f"{SIGN} " if is_chosen else "  ", LIT), (name, LIT if is_chosen else "")]
        row.append(("   ", ""))
    return row if row_width(row) <= width else [(text.rstrip(" ") or " ", s) for text, s in row]


class BetScreen(Dialog[commands.PlaceBet | None]):
    BINDINGS = hidden(left="move(-1)", right="move(1)", enter="bet", escape="dismiss(None)")

    def __init__(self, asked: str, bet: values.BetQuestion, n_cards: int) -> None:
        """`n_cards` are the cards of the side in question."""
        super().__init__()
        self._bet, self._n_cards = bet, n_cards
        self._shown = BetView(f"{tr('Your bet')}: {asked}", bets.places(bet, n_cards))

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
        placed = None if place is None else bets.at_place(self._bet, place, self._n_cards)
        note = "" if placed is None else bets.wins(placed, self._n_cards)
        self._shown = replace(self._shown, place=place, note=note)
        sheet = self.query_one(BetSheet)
        sheet.show(self._shown)
        lines = wrap(self._shown.question, self.size.width - 2, MOST_LINES)
        sheet.styles.height = len(lines) + 2

    def action_bet(self) -> None:
        place = self._shown.place
        self.dismiss(None if place is None else bets.at_place(self._bet, place, self._n_cards))
