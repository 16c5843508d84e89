"""Cards in the prompt, no number changed: what `flashcards context` finds, in a child process."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from flashcards.app.memory.scaling import shown_while_it_waits
from flashcards.app.session import Session
from flashcards.app.widgets.cells import MUTED, cut
from flashcards.app.widgets.dialog import Dialog
from flashcards.base.language import tr
from flashcards.trainer.scaling.client import ScalingFailed


class InContextScreen(Dialog[None]):
    """Asks while it is open; Esc ends both."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", show=False)]

    def __init__(self, deck: str, ask: Callable[[], AsyncGenerator[str, None]]) -> None:
        super().__init__()
        self._deck, self._ask = deck, ask

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            hint = ("   " + tr("the lesson waits · esc ends this"), MUTED)
            name = f"{tr('Cards in the prompt')}: {cut(self._deck, 30)}"
            yield Static(Content.assemble((name, "bold"), hint), classes="dialog-title")
            with VerticalScroll():
                yield Static(tr("waking the model") + "…", id="lines")

    def on_mount(self) -> None:
        self._follow()

    @work
    async def _follow(self) -> None:
        lines: list[str] = []
        try:
            async with aclosing(self._ask()) as said:
                async for line in said:
                    lines.append(line)
                    self._show(lines)
        except (ScalingFailed, OSError) as error:
            self._show([*lines, tr("It can't be measured: {why}.", why=error)])

    def _show(self, lines: list[str]) -> None:
        if self.is_open:
            self.query_one("#lines", Static).update(Content("\n".join(lines)))


def ask(session: Session) -> None:
    from flashcards.trainer.scaling import client

    run, start = session.run, session.state.start
    if start is None:
        session.notify(tr("The lesson is still starting."))
        return
    folder = Path(start.folder)
    screen = InContextScreen(run.deck, lambda: client.in_context(folder))
    session.spawn(shown_while_it_waits(session, run, screen))
