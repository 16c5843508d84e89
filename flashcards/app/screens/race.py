"""View 5: the lesson and its branch side by side, on the same cards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer

from flashcards.app import travel_words as words
from flashcards.app.screens.view import View, sentence_of
from flashcards.app.widgets.cells import Row, cut, spread
from flashcards.app.widgets.race_table import RaceTable, Runner
from flashcards.app.widgets.run_header import RunHeader
from flashcards.app.widgets.share_chart import Line, ShareChart, SharesView
from flashcards.app.widgets.sheet import Sheet
from flashcards.app.widgets.verdict_line import VerdictLine
from flashcards.runs.comparison import AnswerDiffers
from flashcards.runs.state import RunState


class Rival(Protocol):
    """The branch, as far as this view needs it."""

    @property
    def state(self) -> RunState:
        """What is known of its run."""

    @property
    def is_behind_steps(self) -> int:
        """Steps to make until it was taught as many cards."""


@dataclass(frozen=True, slots=True)
class RaceTitleView:
    """What the two differ in, and what there is to say on the right."""

    text: str
    note: str = ""
    style: str = ".strong"


class RaceTitle(Sheet[RaceTitleView]):
    """One line."""

    def draw(self, view: RaceTitleView, width: int, height: int) -> list[Row]:
        return [spread([(cut(view.text, width), view.style)], [(view.note, ".muted")], width)]


class RaceView(View):
    """What differs, a table of two, curves overlaid, the first answer that differs."""

    CSS_PATH = "../race.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "app.take_branch", "go on with the branch", show=False)
    ]

    def __init__(
        self,
        deck_name: str,
        rival: Callable[[], tuple[Rival, int, str] | None],
        difference: Callable[[], AnswerDiffers | None],
    ) -> None:
        """`rival` gives the branch, its step and what it has of its own; None without one."""
        super().__init__(deck_name)
        self._rival = rival
        self._difference = difference
        self._n_folded = 0

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield RaceTitle(id="race-title")
        yield RaceTable()
        yield ShareChart(id="race-curves")
        yield RaceTitle(id="race-answer")
        yield VerdictLine()
        yield Footer(show_command_palette=False, compact=False)

    @property
    def is_due(self) -> bool:
        """The branch has moved, or has gone."""
        found = self._rival()
        return self._n_folded != (0 if found is None else found[0].state.n_folded)

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        found = self._rival()
        other = None if found is None else found[0].state
        self._n_folded = 0 if other is None else other.n_folded
        runners = [_runner(words.MAIN, "━", ".taught", state)]
        if other is not None:
            runners.append(_runner(words.BRANCH, "╍", ".unseen", other))
        with self.app.batch_update():
            self.query_one(RunHeader).show(self.header(state, is_stalled))
            self.query_one("#race-title", RaceTitle).show(_title(found))
            self.query_one(RaceTable).show(tuple(runners))
            self.query_one("#race-curves", ShareChart).show(_curves(state, other))
            self.query_one("#race-answer", RaceTitle).show(self._answer(other))
            sentence = sentence_of(state, is_stalled, notice)
            self.set_class(sentence.tone == "bad", "-bad")
            self.query_one(VerdictLine).show(sentence)

    def _answer(self, other: RunState | None) -> RaceTitleView:
        if other is None:
            return RaceTitleView("")
        if other.start is None:
            return RaceTitleView(words.RACE_STARTING, style=".title")
        differs = self._difference()
        if differs is None:
            return RaceTitleView(words.SAME_SO_FAR, style=".title")
        text = words.first_differs(differs.step, differs.prompt, differs.one, differs.other)
        return RaceTitleView(text)


def _title(found: tuple[Rival, int, str] | None) -> RaceTitleView:
    if found is None:
        return RaceTitleView(words.NO_BRANCH, style=".title")
    rival, step, what = found
    if rival.state.liveness == "failed":
        return RaceTitleView(words.branch_failed(rival.state.failure), style=".wrong")
    note = "" if rival.state.start is None else words.behind(rival.is_behind_steps)
    return RaceTitleView(words.race_title(step, what), note)


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


def _curves(state: RunState, other: RunState | None) -> SharesView:
    """Shares right; where a deck holds nothing out, of what was taught."""
    lines: list[Line] = []
    for name, source, style in (("lesson", state, ".taught"), ("branch", other, ".unseen")):
        if source is None:
            continue
        dash = (6, 4) if name == "branch" else None
        sample = "╍" if name == "branch" else "━"
        seen, unseen = words.RACE_LINES[name]
        lines.append(Line(seen, tuple(source.seen_rates.points), style, sample, 2, dash))
        if len(source.unseen_rates):
            points = tuple(source.unseen_rates.points)
            thin = (1, 3) if name == "branch" else (2, 1)
            lines.append(Line(unseen, points, style, "┄" * 1, 1, thin))
    return SharesView(words.RACE_CURVES if other is not None else "", tuple(lines))
