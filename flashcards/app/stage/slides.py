"""Slides of a talk. The lesson goes on behind."""

from collections.abc import Callable
from pathlib import Path

from textual.app import ComposeResult

from flashcards.app.session import Session
from flashcards.app.stage.actions import StageState
from flashcards.app.stage.large_text import SlideSheet, SlideText
from flashcards.app.view import View
from flashcards.runs.state import RunState


class SlideView(View):
    """A headline and a few sentences as large as they fit: those of the time of painting."""

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
        """A slide is the same at every step."""

    def paint(self, state: RunState, *, is_stalled: bool = False, notice: str = "") -> None:
        self._shown = self._slide()
        self.query_one(SlideSheet).show(self._shown)


def make_slide(session: Session) -> SlideView:
    talking = session.kept(StageState).talking
    assert talking is not None
    return SlideView(talking.slide)


def make_prediction(session: Session) -> SlideView:
    talking = session.kept(StageState).talking
    return SlideView(lambda: SlideText() if talking is None else talking.prediction)
