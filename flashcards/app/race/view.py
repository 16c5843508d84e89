"""View 5: two runs side by side, taught as many cards: a lesson and its branch, or two saved ones.

Of a moment of the past both are shown as they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer

from flashcards.app.kit.axis_marks import Mark
from flashcards.app.kit.cells import Row
from flashcards.app.kit.numbers import count
from flashcards.app.kit.past_words import MARKER_SIGNS, first_differs
from flashcards.app.kit.run_header import RunHeader
from flashcards.app.kit.share_chart import Line, ShareChart, SharesView
from flashcards.app.kit.time_line import MARKER_STYLES
from flashcards.app.kit.title_line import TitleLine
from flashcards.app.kit.verdict_line import VerdictLine, VerdictView
from flashcards.app.race import words
from flashcards.app.race.past import RacePast, Recorded, lesson_then
from flashcards.app.race.table import RaceTable, Runner
from flashcards.app.view import View
from flashcards.language import tr
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.markers import MarkerKind
from flashcards.runs.state import RunState


class Rival(Recorded, Protocol):
    """The other run, as far as this view needs it."""

    @property
    def state(self) -> RunState:
        """What is known of it, as far as it was followed."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two is called in the table, and its two curves."""

    name: str
    seen: str
    unseen: str


@dataclass(frozen=True, slots=True)
class Race:
    """Two runs side by side, and what there is to say of them.

    Attributes:
        other: The one beside the lesson; None where there is no race.
        title: What the two differ in.
        note: To the right of it, where there is room.
        problem: Why there is nothing to see, in place of the title.
        curves: Over the curves, where nothing of the following is to be said.
        fork_step: Up to here they are one run; None when they never were.
        differs: The first answer that differs; shown from its step on.
        no_answer: What is said before that.
        cards_taught: How many the lesson had been taught at the moment that is shown.
        falls_short: What is said where the other one was not taught as many cards.
        goes_on: What is said where it was taught more.
    """

    other: Rival | None = None
    sides: tuple[Side, Side] = (Side("", "", ""), Side("", "", ""))
    title: str = ""
    note: str = ""
    problem: str = ""
    curves: str = ""
    fork_step: int | None = None
    differs: AnswerDiffers | None = None
    no_answer: str = ""
    cards_taught: int = 0
    falls_short: str = ""
    goes_on: str = ""


class RaceView(View):
    """What differs, a table of two, curves overlaid, the first answer that differs."""

    CSS_PATH = Path(__file__).with_name("race.tcss")
    AUTO_FOCUS = ""
    SHOWS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.do('take_branch')", "go on with the branch", show=False)
    ]

    def __init__(self, deck_name: str, race: Callable[[], Race], then: RacePast) -> None:
        """`race` gives the race there is; `then` reads both of a moment of the past."""
        super().__init__(deck_name)
        self._race = race
        self._then = then
        self._painted = (0, 0)

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield TitleLine(id="race-title")
        yield RaceTable()
        yield ShareChart(id="race-curves")
        yield TitleLine(id="race-answer")
        yield VerdictLine()
        yield Footer(show_command_palette=False, compact=False)

    def on_unmount(self) -> None:
        self._then.leave()

    @property
    def is_due(self) -> bool:
        """The other one has moved, or has gone, or its past was read."""
        return self._painted != self._known

    @property
    def _known(self) -> tuple[int, int]:
        race = self._race()
        other = race.other
        if other is None:
            return 0, self._then.version
        if self.past is None:
            return other.state.n_folded, self._then.version
        is_reached = other.cards_taught >= race.cards_taught
        return (other.state.start is not None) + is_reached, self._then.version

    def draw(self, state: RunState, sentence: VerdictView, notice: str) -> VerdictView:
        self._painted = self._known
        race = self._race()
        main, other = self._pair(race, state)
        self.query_one("#race-title", TitleLine).show(_title(race))
        self.query_one(RaceTable).show(_runners(race, main, other))
        self.query_one("#race-curves", ShareChart).show(_curves(race, main, other))
        self.query_one("#race-answer", TitleLine).show(self._answer(race, main, other))
        if self.viewing is not None and sentence.tone == "verdict":
            return VerdictView(notice)  # of one run alone, that would be
        return sentence

    def _pair(self, race: Race, state: RunState) -> tuple[RunState, RunState | None]:
        """The two at the moment that is shown."""
        other = race.other
        if self.past is None:
            self._then.leave()
            return state, None if other is None else other.state
        if other is None or other.state.start is None:
            return lesson_then(state, self.past.step, race.cards_taught), None
        return self._then.at(state, self.past.step, race.cards_taught, other)

    def _answer(self, race: Race, main: RunState, other: RunState | None) -> tuple[Row, str]:
        if self.past is not None and self._then.problem:
            return [(self._then.problem, ".wrong")], ""
        mark, found = _differing(race, main, other), race.differs
        if mark is None or found is None:
            return [(race.no_answer, ".title")], ""
        return [(f"{mark.sign} ", mark.style), (first_differs(found), ".strong")], ""


def _forking(race: Race) -> Mark | None:
    return None if race.fork_step is None else _mark("branch", race.fork_step)


def _differing(race: Race, main: RunState, other: RunState | None) -> Mark | None:
    """The answer that differs, once both have come to it."""
    found = race.differs
    if found is None or other is None or found.step > min(main.step, other.step):
        return None
    return _mark("differs", found.step)


def _mark(kind: MarkerKind, step: int) -> Mark:
    """On the chart as on the slider."""
    return Mark(step, MARKER_SIGNS[kind], MARKER_STYLES[kind])


def _title(race: Race) -> tuple[Row, str]:
    if race.problem:
        return [(race.problem, ".title" if race.other is None else ".wrong")], ""
    mark = _forking(race)
    sign: Row = [] if mark is None else [(f"{mark.sign} ", mark.style)]
    return [*sign, (race.title, ".strong")], race.note


def _runners(race: Race, main: RunState, other: RunState | None) -> tuple[Runner, ...]:
    one, two = race.sides
    runners = [_runner(one.name or words.MAIN, "━", ".taught", main)]
    if other is not None:
        runners.append(_runner(two.name, "╍", ".unseen", other))
    return tuple(runners)


def _runner(name: str, sign: str, style: str, state: RunState) -> Runner:
    exam = state.exam
    return Runner(
        name,
        sign,
        style,
        state.step,
        state.cards_taught,
        None if exam is None else exam.seen,
        None if exam is None else exam.unseen,
        None if exam is None else exam.seen_loss_nats,
    )


def _curves_title(race: Race, main: RunState) -> str:
    """How far the curves go, where that has to be said."""
    fork, note = race.fork_step, ""
    n_cards = main.cards_taught if race.other is None else race.other.cards_taught
    if fork is not None and main.step < fork:
        note = tr("they are one run until step {step}", step=count(fork))
    elif n_cards < main.cards_taught:
        note = race.falls_short
    elif n_cards > main.cards_taught:
        note = race.goes_on
    return words.curves(note) if note else race.curves


def _curves(race: Race, main: RunState, other: RunState | None) -> SharesView:
    """Shares right; where a deck holds nothing out, of what was taught. Where they part."""
    lines: list[Line] = []
    one, two = race.sides
    if not one.name:
        one = Side(words.MAIN, *words.RACE_LINES["lesson"])
    for side, source, style in ((one, main, ".taught"), (two, other, ".unseen")):
        if source is None:
            continue
        dash = (6, 4) if side is two else None
        sample = "╍" if side is two else "━"
        lines.append(Line(side.seen, tuple(source.seen_rates.points), style, sample, 2, dash))
        if len(source.unseen_rates):
            points = tuple(source.unseen_rates.points)
            thin = (1, 3) if side is two else (2, 1)
            lines.append(Line(side.unseen, points, style, "┄", 1, thin))
    title = _curves_title(race, main)
    marks = [_forking(race), _differing(race, main, other)]
    happened = tuple(mark for mark in marks if mark is not None and mark.step <= main.step)
    return SharesView(title, tuple(lines), marks=happened)
