"""What the keys of the stage do; and the keys as they are pressed, large, for a room to follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.keys import format_key
from textual.timer import Timer
from textual.widgets import Input, Static

from flashcards.app.run.run import Run
from flashcards.app.session import OnStage, Session
from flashcards.app.widgets.letters import big, can_draw
from flashcards.base.language import tr

if TYPE_CHECKING:
    from flashcards.app.stage.net import Net
    from flashcards.app.stage.talking import Talking


def is_talk(session: Session) -> bool:
    return session.kept(StageState).talking is not None


async def begin(session: Session, run: Run) -> None:
    talking = session.kept(StageState).talking
    if talking is None:
        return
    if not talking.has_begun:
        talking.has_begun = True  # a rehearsal's `run` is its own
        session.is_offering = False
        session.spawn(talking.run(), "talk")
    await talking.opened(run)


def present(session: Session) -> None:
    session.kept(OnStage).answered = None
    session.show("lesson" if session.shell.view_name == "presenter" else "presenter")


def cue(session: Session, by: int) -> None:
    session.kept(OnStage).answered = None
    talking = session.kept(StageState).talking
    if talking is not None:
        talking.move(by)


def toggle_net(session: Session) -> None:
    """Go on from the rehearsal's recording, or live again."""
    net = session.kept(StageState).net
    if net is None or net.current is None or not net.current.toggle():
        session.notify(
            tr("There is no recording of this very lesson: flashcards rehearse makes one.")
        )
    session.paint()


class StageState:
    """The talk that is given, and the recordings that stand in for its trainer.
    `show_key`: shows each key that is pressed; None while keys are not shown."""

    talking: Talking | None = None
    net: Net | None = None
    show_key: Callable[[events.Key], None] | None = None


N_KEYS = 3
SHOWN_FOR_S = 2.5
EDGES = 8


class KeyOverlay(Static):
    """Lies above the screen it is mounted in; goes by itself when no key comes."""

    DEFAULT_CSS = """
    KeyOverlay {
        layer: _tooltips;
        dock: bottom;
        width: auto;
        height: auto;
        padding: 0 2;
        margin: 1 2;
        background: $accent;
        color: $background;
        text-style: bold;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[str] = []
        self._timer: Timer | None = None

    def add(self, key: str) -> None:
        self._keys = [*self._keys, format_key(key)][-N_KEYS:]
        text = "  ".join(self._keys)
        shown = "\n".join(big(text, is_wide=False)) if can_draw(text) else text
        self.update(Content(shown))
        n_cells = max(map(cell_len, shown.split("\n"))) + EDGES
        self.styles.offset = (max(0, self.app.size.width - n_cells), 0)
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SHOWN_FOR_S, self.remove)


def show_keys(session: Session) -> None:
    """Begin or stop showing each key that is pressed, but not those typed into a line."""
    stage = session.kept(StageState)
    if stage.show_key is not None:
        session.key_listeners.remove(stage.show_key)
        stage.show_key = None
        session.shell.screen.query(KeyOverlay).remove()
        return
    last: events.Key | None = None

    def show(event: events.Key) -> None:
        nonlocal last
        screen = session.shell.screen
        # one is heard again while it bubbles up to the app
        if event is last or (isinstance(screen.focused, Input) and event.is_printable):
            return
        last = event
        overlay = next(iter(screen.query(KeyOverlay)), None)
        if overlay is None:
            overlay = KeyOverlay()
            screen.mount(overlay)
        overlay.add(event.key)

    stage.show_key = show
    session.key_listeners.append(show)
