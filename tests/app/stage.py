"""A stage around one view, for the tests of what is shown to a room."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flashcards.app.session import OnStage
from flashcards.app.stage.presenter import PresenterView
from flashcards.app.textual_fixes.colours import ColourApp
from flashcards.runs.state import RunState
from tests.app.lesson import STYLESHEET


class StageHost(ColourApp):
    """The smallest app around a presenter view."""

    CSS_PATH = STYLESHEET

    def __init__(self, theme: str) -> None:
        super().__init__()
        self.theme = theme
        self.view = PresenterView("past-tense", OnStage())

    def on_mount(self) -> None:
        self.push_screen(self.view)


@asynccontextmanager
async def presented(
    state: RunState, size: tuple[int, int] = (80, 24), theme: str = "stage-dark"
) -> AsyncIterator[StageHost]:
    app = StageHost(theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        app.view.paint(state)
        await pilot.pause()
        yield app
