"""View 8: the story so far. Every marker with its sentence; Enter goes to its step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from flashcards.app.session import Session
from flashcards.app.view import View
from flashcards.app.widgets.cells import Row, cut, spread
from flashcards.app.widgets.footer import Footer
from flashcards.app.widgets.run_header import RunHeader
from flashcards.app.widgets.sheet import Sheet
from flashcards.app.widgets.verdict_line import VerdictLine, VerdictView
from flashcards.base.language import tr
from flashcards.runs.markers import AnyMarker
from flashcards.runs.state import RunState
from flashcards.wording.markers import signed_marker
from flashcards.wording.numbers import count

STEP_WIDTH = 10


@dataclass(frozen=True, slots=True)
class Story:
    """The markers, oldest first; `chosen` is the place of the one under the cursor."""

    markers: tuple[AnyMarker, ...]
    chosen: int


class StorySheet(Sheet[Story]):
    """A line a marker, as many as fit around the chosen one."""

    def draw(self, view: Story, width: int, height: int) -> list[Row]:
        title: Row = [(tr("The story so far"), ".strong")]
        rows = [spread(title, [(tr("↑↓ choose   ⏎ goes to that step"), ".muted")], width), []]
        if not view.markers:
            return [*rows, [(tr("Nothing has happened yet that is worth a line."), ".muted")]]
        n_lines = max(1, height - len(rows))
        top = min(max(0, view.chosen - n_lines // 2), max(0, len(view.markers) - n_lines))
        for place, found in enumerate(view.markers[top : top + n_lines], start=top):
            style = ".lit-text" if place == view.chosen else ".strong"
            text = cut(signed_marker(found), width - STEP_WIDTH - 2)
            rows.append([(f"{count(found.step):>{STEP_WIDTH}}  ", ".muted"), (text, style)])
        return rows


class StoryView(View):
    """Up and down choose; the newest is chosen until then."""

    CSS_PATH = Path(__file__).with_name("story.tcss")
    AUTO_FOCUS = ""
    SHOWS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "choose(-1)", show=False),
        Binding("down", "choose(1)", show=False),
        Binding("enter", "go", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session.run.deck)
        self._session = session
        self._n_back = 0

    def compose(self) -> ComposeResult:
        yield RunHeader()
        yield StorySheet()
        yield VerdictLine()
        yield Footer()

    @property
    def _story(self) -> Story:
        markers = tuple(sorted(self._session.run.markers, key=lambda found: found.step))
        self._n_back = min(self._n_back, max(0, len(markers) - 1))
        return Story(markers, len(markers) - 1 - self._n_back)

    def draw(self, state: RunState, sentence: VerdictView, notice: str) -> VerdictView:
        self.query_one(StorySheet).show(self._story)
        return sentence

    def action_choose(self, by: int) -> None:
        self._n_back = max(0, self._n_back - by)
        self._is_changed = True
        self._session.paint()

    def action_go(self) -> None:
        story = self._story
        if story.markers:
            self._session.travel.go(story.markers[story.chosen].step)
