"""A slide of a talk: a headline and a few sentences, as large as they fit. The lesson goes on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from textual.app import ComposeResult

from flashcards.app.session import Session
from flashcards.app.stage.actions import StageState
from flashcards.app.stage.slide_sheet import SlideSheet, SlideText
from flashcards.app.view import View
from flashcards.runs.state import RunState


class SlideView(View):
    """Shows whatever slide is the talk's at the time of painting."""

    CSS_PATH = Path(__file__).with_name("stage.tcss")

    def __init__(self, slide: Callable[[], SlideText]) -> None:
        super().__init__()
        self._slide = slide
        self._shown: SlideText | None = None

    def compose(self) -> ComposeResult:
        yield SlideSheet()

    @property
    def is_due(self) -> bool:
        return self._slide() != self._shown

    def show_past(self, past: object, markers: object) -> None:
        """A slide has no past."""

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        self._shown = self._slide()
        self.query_one(SlideSheet).show(self._shown)


def make(session: Session) -> SlideView:
    talking = session.kept(StageState).talking
    assert talking is not None
    return SlideView(talking.slide)
