"""What the command palette offers: all keys by name, the commands of rooms, themes and decks."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.command import Provider
from textual.screen import Screen

from flashcards.app.faults import SurvivingApp
from flashcards.app.room import Key
from flashcards.app.rooms import KEYS, ROOMS
from flashcards.base.language import tr

if TYPE_CHECKING:
    from flashcards.app.session import Session


def _deck_provider() -> type[Provider]:
    from flashcards.app.help.palette import DeckProvider

    return DeckProvider


class CommandsApp(SurvivingApp):
    """An app with a palette of what its keys and rooms do."""

    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {
        *App.COMMANDS,
        _deck_provider,
    }

    @property
    def session(self) -> Session:
        raise NotImplementedError

    def action_do(self, id_: str) -> None:
        raise NotImplementedError

    def is_offered(self, key: Key) -> bool:
        raise NotImplementedError

    def begin(
        self, work: Coroutine[Any, Any, None], group: str = "room", *, is_alone: bool = False
    ) -> None:
        """Do this beside everything else; `is_alone` ends what this group did before."""
        self.run_worker(work, group=group, exclusive=is_alone)

    def action_command_palette(self) -> None:
        from flashcards.app.help.palette import Palette

        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """Textual's list of themes, in a palette as patient as ours."""
        from textual.theme import ThemeProvider

        from flashcards.app.help.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The table of keys by name, the rooms' commands, the theme, a picture of the screen."""
        for key in KEYS:
            if key.does != "app:command_palette" and self.is_offered(key):
                title = f"{tr(key.label)}  ({self.session.key(key.id)})"
                do = partial(self.call_later, self.action_do, key.id)
                yield SystemCommand(title, tr(key.tooltip), do)
        for room in ROOMS:
            for command in room.commands:
                begin = partial(self._run_command, room.load(command.does))
                yield SystemCommand(tr(command.title), tr(command.help), begin)
        theme = self.action_change_theme
        yield SystemCommand(tr("theme"), tr("Other colours, light or dark."), theme)
        # The palette has to be gone from the screen first.
        shoot = partial(self.set_timer, 0.1, self.deliver_screenshot)
        yield SystemCommand(tr("picture"), tr("Save the screen as an SVG file."), shoot)

    def _run_command(self, does: Callable[[Session], Coroutine[Any, Any, None]]) -> None:
        self.begin(does(self.session), "command")
