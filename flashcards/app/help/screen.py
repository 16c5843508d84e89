"""Help: every key as it is mapped now, and what each number on the screen means."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from flashcards.app.help.glossary import GLOSSARY
from flashcards.app.keymap import Keymap
from flashcards.app.kit.dialog import DIALOGS_CSS, Dialog
from flashcards.app.kit.styles import HEADING, MUTED
from flashcards.app.room import Key, grouped
from flashcards.app.session import Session
from flashcards.language import tr

KEYS_WIDTH, NAMES_WIDTH = 7, 13


class HelpScreen(Dialog[None]):
    """Two columns where there is room, one under the other where there is not."""

    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("help.tcss")]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", show=False)
    ]

    def __init__(self, keymap: Keymap, keys: tuple[Key, ...]) -> None:
        super().__init__()
        self._keys = keys
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            hint = tr("keys, then what the numbers mean · ↑↓ pgdn scroll · esc back")
            title = Content.assemble((tr("Help"), "bold"), (f"   {hint}", MUTED))
            yield Static(title, classes="dialog-title")
            with VerticalScroll(), Horizontal(classes="help-columns"):
                with Vertical(classes="help-keys"):
                    for problem in self._keymap.problems:
                        yield Static(Content.styled(problem, "$text-warning"))
                    for group, lines in grouped(self._keys, self._keymap.keys):
                        heading = Content.styled(group, HEADING)
                        yield Static(heading, classes="help-group")
                        yield Static(_table(lines, KEYS_WIDTH), classes="help-table")
                glossary = [(tr(name), tr(meaning)) for name, meaning in GLOSSARY]
                with Vertical(classes="help-numbers"):
                    heading = Content.styled(tr("What the screen says"), HEADING)
                    yield Static(heading, classes="help-group")
                    yield Static(_table(glossary, NAMES_WIDTH), classes="help-table")


def _table(entries: Iterable[tuple[str, str]], width: int) -> Table:
    """Names and meanings as one renderable: a widget for each would take a quarter of a second."""
    table = Table.grid(padding=(0, 1))
    table.add_column(width=width, style="bold")
    table.add_column(ratio=1)
    for name, meaning in entries:
        table.add_row(Text(name), Text(meaning))
    return table


async def show_help(session: Session) -> None:

    await session.dialog(HelpScreen(session.keymap, session.keys))
