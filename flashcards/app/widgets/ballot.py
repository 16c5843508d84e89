"""A question that all phones answer at once, twice where one talks to a neighbour between, and how
it came out; and one to whoever sits here. Nobody sees the others' answers before time is over; the
run keeps numbers alone. Nothing is chosen at first: whoever only goes on would say it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual.app import ComposeResult

from flashcards.app.textual_fixes.screens import hidden
from flashcards.app.widgets.bars import SIGN
from flashcards.app.widgets.cells import (
    HEADING,
    LIT,
    MUTED,
    Row,
    Sheet,
    flowing,
    padded,
    row_width,
    wrap,
)
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.app.widgets.frame import VerdictLine
from flashcards.app.widgets.large import is_large, lines_of
from flashcards.app.widgets.letters import NARROW, SIZES, WIDE, LetterSize
from flashcards.base.language import tr
from flashcards.runs import commands, values
from flashcards.wording import bets

COUNTDOWN_S, TALK_S = 30.0, 90.0  # for an answer; for another one, after a talk to a neighbour
FEW_PLACES = 3
MOST_ROWS = 99
COUNT_WIDTH = 6  # of a number beside its bar
RIGHT = "✓"
TALK = "Talk to a neighbour, then answer again."

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
        return {
            "number": self.number,
            "order": tr(TALK) if self.hands_before else "",
            "question": self.text,
            "places": self.places,
            "left": f"{self.left_s(now_s)} s",
        }

    @property
    def most_given(self) -> int | None:
        """The place that most gave; None where two are level, or nobody answered."""
        most = max(self.hands, default=0)
        return self.hands.index(most) if most and self.hands.count(most) == 1 else None


class OutcomeMark(Struct, frozen=True):
    """A mark for how it came out, a word or a number, on the rows of these places."""

    rows: frozenset[int]
    mark: str


class BallotView(Struct, frozen=True):
    """The question, and what stands below it: what one can answer, where that is few, how long
    there is and how many have answered; or the answers of all, `columns` of them, as bars."""

    question: str
    places: tuple[str, ...] = ()
    order: str = ""
    left: str = ""
    answered: str = ""
    keys: str = ""
    columns: tuple[tuple[int, ...], ...] = ()
    outcome: OutcomeMark | None = None


Sizes = tuple[LetterSize | None, LetterSize | None]
BALLOT_SIZES: tuple[Sizes, ...] = (
    (None, None),
    (NARROW, None),
    (WIDE, None),
    (WIDE, NARROW),
    (SIZES[2], NARROW),
    *((size, WIDE) for size in SIZES[2:]),
)
"""Of the question, and of what can be answered and the seconds, in normal type where it is None.
The question is the largest, and neither is smaller than in those before."""


class BallotSheet(Sheet[BallotView]):
    def draw(self, view: BallotView, width: int, height: int) -> list[Row]:
        drawn = (self._sized(view, *sizes, width, height) for sizes in reversed(BALLOT_SIZES))
        rows = next(rows for rows in drawn if rows is not None)[: height - 1]
        blanks: list[Row] = [[] for _ in range(height - 1 - len(rows))]
        return [*rows, *blanks, [(view.keys, MUTED)]]

    def _sized(
        self,
        view: BallotView,
        question_size: LetterSize | None,
        rest_size: LetterSize | None,
        width: int,
        height: int,
    ) -> list[Row] | None:
        """Show what stands above the keys; None where letters of these sizes have no room."""
        order = self._order(view.order, rest_size, width)
        below = self._below(view, rest_size, width)
        if order is None or below is None:
            return None
        room = height - len(order) - len(below) - 3  # gaps around what is below, and the keys
        question = self._in_letters(view.question, "bold", question_size, width, room)
        return None if question is None else [*order, *question, [], *below]

    def _order(self, text: str, size: LetterSize | None, width: int) -> list[Row] | None:
        """Show what is to be done first, a gap below; None where these letters have no room."""
        if not text:
            return []
        if size is None:
            return [[(f" {text} ", LIT)], []]
        rows = self._in_letters(text, HEADING, size, width)
        return None if rows is None else [*rows, []]

    def _below(self, view: BallotView, size: LetterSize | None, width: int) -> list[Row] | None:
        """Show what stands below the question; None where letters of this size have no room."""
        if view.outcome is not None:
            return _bars(view, view.outcome, width)
        if size is None:
            rows = flowing([[(place, "")] for place in view.places], width, ("   ", ""))
            gap: list[Row] = [[]] if view.places else []
            return [*rows, *gap, [(view.left, HEADING), (f"   {view.answered}", "")]]
        drawn = [
            self._in_letters(place, "", size if is_large(place, self.ground) else None, width)
            for place in view.places
        ]
        left = self._in_letters(view.left, HEADING, size, width)
        if left is None or None in drawn:
            return None
        places = [row for rows in drawn for row in rows or ()]
        gap = [[]] if places else []
        return [*places, *gap, *left, [], [(view.answered, "")]]

    def _in_letters(
        self,
        text: str,
        style: str,
        size: LetterSize | None,
        width: int,
        n_rows: int = MOST_ROWS,
    ) -> list[Row] | None:
        """A text in letters of this size; None where they have no room. Normal type is cut."""
        if size is None:
            return [[(line, style)] for line in wrap(text, width, max(1, n_rows))]
        lines = lines_of(text, style, width, n_rows, size, self.ground)
        return [row for line in lines for row in line] or None


class BallotScreen(Dialog[How]):
    CSS_PATH = [DIALOGS_CSS, "ballot.tcss"]  # noqa: RUF012
    BINDINGS = hidden(enter="dismiss('go_on')", escape="dismiss('off')", a="again")

    def __init__(
        self,
        ballot: Ballot,
        clock: Callable[[], float] = lambda: 0.0,
        n_phones: Callable[[], int] = lambda: 0,
        on_time_over: Callable[[], object] = lambda: None,
        outcome: OutcomeMark | None = None,
    ) -> None:
        super().__init__()
        self._ballot = ballot
        self._clock = clock
        self._n_phones = n_phones
        self._outcome = outcome
        self._on_time_over = on_time_over

    def compose(self) -> ComposeResult:
        yield BallotSheet()

    def paint_dialog(self, session: object) -> None:
        ballot = self._ballot
        if self._outcome is not None:
            columns = tuple(hands for hands in (ballot.hands_before, ballot.hands) if hands)
            view = BallotView(ballot.text, ballot.places, keys=tr("esc back"))
            self.query_one(BallotSheet).show(replace(view, columns=columns, outcome=self._outcome))
            return
        left_s = ballot.left_s(self._clock())
        n, total = sum(ballot.hands), self._n_phones()
        answered = tr("{n} of {total} have answered", n=n, total=total)
        keys = tr("enter goes on · a asks again after a talk · esc calls it off")
        if ballot.hands_before:
            keys = tr("enter goes on · esc calls it off")
        if left_s == 0:
            self._on_time_over()
            answered = f"{tr('Time is over.')} {answered}"
        few = ballot.places if len(ballot.places) <= FEW_PLACES else ()
        order = tr(TALK) if ballot.hands_before else ""
        view = BallotView(ballot.text, few, order, f"{left_s} s", answered, keys)
        self.query_one(BallotSheet).show(view)

    def action_again(self) -> None:
        if self._outcome is None and not self._ballot.hands_before:
            self.dismiss("again")


def _bars(view: BallotView, outcome: OutcomeMark, width: int) -> list[Row]:
    """A bar for each place and column, and the mark beside those that came out."""
    marks = [
        f" ◀ {outcome.mark if outcome.mark != place else RIGHT}" if row in outcome.rows else ""
        for row, place in enumerate(view.places)
    ]
    n_label = min(max(map(cell_len, view.places), default=0), width // 2)
    n_columns = max(1, len(view.columns))
    room = (width - n_label - max(map(cell_len, marks), default=0)) // n_columns - COUNT_WIDTH
    most = max(map(max, view.columns), default=1) or 1

    def bar(hands: int) -> str:
        return padded(
            f" {'█' * round(hands / most * max(1, room))} {hands or ''}", room + COUNT_WIDTH
        )

    rows: list[Row] = []
    if n_columns > 1:
        names = tr("before talking"), tr("after talking")
        head = "".join(padded(f" {name}", room + COUNT_WIDTH) for name in names)
        rows.append([(" " * n_label, ""), (head, "bold")])
    for place, text in enumerate(view.places):
        bars = "".join(bar(hands[place]) for hands in view.columns).rstrip()
        style = HEADING if marks[place] else ""
        rows.append([(padded(text, n_label), style), (bars, ""), (marks[place], HEADING)])
    return rows


MOST_LINES = 4


class BetView(Struct, frozen=True):
    """The question, what one can answer, and which is chosen; None before one is. `has_gone_on`:
    Enter was pressed before anything was chosen."""

    question: str
    places: tuple[str, ...]
    place: int | None = None
    note: str = ""
    has_gone_on: bool = False


class BetSheet(Sheet[BetView]):
    def draw(self, view: BetView, width: int, height: int) -> list[Row]:
        inner = width - 2
        rows: list[Row] = [
            [(f" {line}", "bold")] for line in wrap(view.question, inner, MOST_LINES)
        ]
        keys, note = tr("← → choose   Enter bet   Esc skip"), view.note
        if view.place is None:
            note = tr("Nothing is chosen yet.")
        last: Row = [(f" {keys}   {note}", MUTED)]
        if view.place is None and view.has_gone_on:
            text = tr("Nothing is chosen yet: ← → choose. Enter once more skips the question.")
            last = [(f" {text}", "bold")]
        return [*rows, [(" ", ""), *_places(view, inner)], last]


def _places(view: BetView, width: int) -> Row:
    row: Row = []
    for place, name in enumerate(view.places):
        is_chosen = place == view.place
        style = LIT if is_chosen else ""
        row += [(f"{SIGN} " if is_chosen else "  ", style), (name, style), ("   ", "")]
    return row if row_width(row) <= width else [(text.rstrip(" ") or " ", s) for text, s in row]


class BetScreen(Dialog[commands.PlaceBet | None]):
    BINDINGS = hidden(left="move(-1)", right="move(1)", enter="bet", escape="dismiss(None)")

    def __init__(
        self, question: str, bet: values.BetQuestion, n_cards: int, *, is_of_class: bool = False
    ) -> None:
        """`n_cards` are the cards of the side in question; `is_of_class`: a class is asked, and
        whoever sits here looks what most hands say."""
        super().__init__()
        self._bet, self._n_cards, self._is_of_class = bet, n_cards, is_of_class
        whose = tr("The class's bet" if is_of_class else "Your bet")
        self._bet_view = BetView(f"{whose}: {question}", bets.places(bet, n_cards))

    def compose(self) -> ComposeResult:
        yield BetSheet()

    def on_resize(self) -> None:
        self._show(self._bet_view.place)

    def action_move(self, by: int) -> None:
        last, place = len(self._bet_view.places) - 1, self._bet_view.place
        if place is None:
            place = -1 if by > 0 else last + 1
        self._show(min(max(place + by, 0), last))

    def _show(self, place: int | None) -> None:
        placed = None if place is None else bets.at_place(self._bet, place, self._n_cards)
        note = "" if placed is None else bets.wins(placed, self._n_cards)
        self._bet_view = replace(self._bet_view, place=place, note=note)
        sheet = self.query_one(BetSheet)
        sheet.show(self._bet_view)
        lines = wrap(self._bet_view.question, self.size.width - 2, MOST_LINES)
        sheet.styles.height = max(len(lines) + 2, self._n_rows_behind())

    def _n_rows_behind(self) -> int:
        """Of the sentence below the lesson and the line of keys: half a sentence reads wrongly."""
        screens = self.app.screen_stack
        behind = screens[-2].query(VerdictLine) if len(screens) > 1 else ()
        sentences = [line for line in behind if line.region]
        return max((self.size.height - line.region.y for line in sentences), default=0)

    def action_bet(self) -> None:
        view = self._bet_view
        if view.place is not None:
            placed = bets.at_place(self._bet, view.place, self._n_cards)
            self.dismiss(replace(placed, is_of_class=self._is_of_class))
        elif view.has_gone_on:
            self.dismiss(None)
        else:
            self._bet_view = replace(view, has_gone_on=True)
            self.query_one(BetSheet).show(self._bet_view)
