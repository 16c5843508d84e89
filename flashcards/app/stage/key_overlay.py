"""The keys as they are pressed, large, in a corner, for a room that wants to follow."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.keys import format_key
from textual.timer import Timer
from textual.widgets import Input, Static

from flashcards.app.session import Session
from flashcards.app.stage.actions import StageState
from flashcards.app.widgets.letters import big, can_draw

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


def toggle(session: Session) -> None:
    stage = session.kept(StageState)
    if stage.show_key is None:
        stage.show_key = _KeyListener(session).show
        session.key_listeners.append(stage.show_key)
    else:
        session.key_listeners.remove(stage.show_key)
        stage.show_key = None
        session.screen.query(KeyOverlay).remove()


class _KeyListener:
    """Shows every key once, also one that is heard again while it bubbles up to the app."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last: events.Key | None = None

    def show(self, event: events.Key) -> None:
        """Show it, unless it is typed into a line, where it is seen anyway."""
        screen = self._session.screen
        if event is self._last or (isinstance(screen.focused, Input) and event.is_printable):
            return
        self._last = event
        overlay = next(iter(screen.query(KeyOverlay)), None)
        if overlay is None:
            overlay = KeyOverlay()
            screen.mount(overlay)
        overlay.add(event.key)
