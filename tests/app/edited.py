"""A deck in the editor of the app."""

from pathlib import Path

from flashcards.app.decks.editor import EditScreen
from flashcards.runs import events as ev
from tests.app.lesson import started
from tests.app.script import Stage

DECK = """\
+++
name = "First French words"
+++
# Some animals, as they are written in a first lesson.
[animals]
dog :: chien
cat :: chat | minou
? horse :: cheval
bird = oiseau
seven ::: sept
fish :: poisson
cow ::
"""


def lesson_on(path: Path) -> list[ev.AnyEvent]:
    return [started(6, 1, deck=path.stem, deck_path=str(path), folder=str(path.parent))]


async def read(stage: Stage) -> EditScreen:
    await stage.until(lambda: isinstance(stage.app.screen, EditScreen))
    screen = stage.app.screen
    assert isinstance(screen, EditScreen)
    screen.read_now()
    workers = stage.app.workers  # one that the clock began ends the one from here
    await stage.until(
        lambda: all(w.is_finished for w in workers if w.node is screen and w.group == "default")
    )
    return screen


def title(screen: EditScreen) -> str:
    return str(screen.query_one(".dialog-title").render())
