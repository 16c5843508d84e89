"""Help: every key as it is mapped now, and what each number on the screen means, or those of the
view in front; the command palette; the line that does this lesson again elsewhere."""

import asyncio
import contextlib
import re
import tomllib
from collections.abc import Iterable
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.css.query import NoMatches
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from flashcards.app.room import grouped
from flashcards.app.session import Session, session_of
from flashcards.app.textual_fixes.screens import DismissedOnce
from flashcards.app.widgets.cells import HEADING, MUTED, Row, content, padded, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.base.language import capital, tr
from flashcards.cards.printable import printable
from flashcards.cards.shelf import ShelfEntry, shelf
from flashcards.runs.cursor import read_run
from flashcards.runs.share import STEERING, line_again
from flashcards.runs.state import RunState
from flashcards.wording.facts import filled_as
from flashcards.wording.numbers import rate_factor

KEYS_WIDTH, NAMES_WIDTH = 7, 13
MAX_LINES = 99


class HelpScreen(Dialog[None]):
    """A title, what the keys do in here, and under it what is read."""

    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("help.tcss")]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,i,q", "dismiss", show=False)
    ]

    def __init__(self, title: str, hint: str, read: Widget) -> None:
        super().__init__()
        self._title, self._hint, self._read = title, hint, read

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            title = Content.assemble((self._title, "bold"), (f"   {self._hint}", MUTED))
            yield Static(title, classes="dialog-title")
            yield VerticalScroll(self._read)


def _heading(text: str) -> Static:
    return Static(Content.styled(text, HEADING), classes="help-group")


class Entries(Widget):
    def __init__(self, entries: Iterable[tuple[str, str]], name_width: int) -> None:
        super().__init__(classes="help-table")
        self._entries = tuple(entries)
        self._name_width = name_width
        self._fitted: tuple[int, list[Row]] = 0, []

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._rows(width))

    def render(self) -> Content:
        return content(self._rows(self.size.width))

    def _rows(self, width: int) -> list[Row]:
        """For this width; kept, since a layout asks for its height several times."""
        known_width, rows = self._fitted
        if known_width == width:
            return rows
        rows = []
        for name, meaning in self._entries:
            names = wrap(name, self._name_width, MAX_LINES)
            meanings = wrap(meaning, width - self._name_width - 1, MAX_LINES)
            for one, other in zip_longest(names, meanings, fillvalue=""):
                rows.append([(padded(one, self._name_width + 1), "bold"), (other, "")])
        self._fitted = width, rows
        return rows


@cache
def glossary() -> dict[str, str]:
    """What the names on the screen mean, in English."""
    path = Path(__file__).with_name("glossary.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def seen_on(screen: str, names: dict[str, str]) -> list[tuple[str, str]]:
    """Of these names, each with its meaning, those of which a word stands on the screen."""
    return [
        (name, meaning)
        for name, meaning in names.items()
        if any(
            re.search(rf"(?<!\w){re.escape(word.strip())}(?!\w)", screen, re.IGNORECASE)
            for word in name.split(",")
        )
    ]


def _meanings() -> dict[str, str]:
    return {tr(name): tr(meaning) for name, meaning in glossary().items()}


async def show_words(session: Session) -> None:
    rows, names = session.shell.screen._compositor.render_strips(), _meanings()
    words = seen_on("\n".join(strip.text for strip in rows), names) or names.items()
    hint = tr("esc back · ↑↓ pgdn scroll · what they mean")
    await session.dialog(HelpScreen(tr("Words on this screen"), hint, Entries(words, NAMES_WIDTH)))


async def show_help(session: Session) -> None:
    keys: list[Widget] = [
        Static(Content.styled(problem, "$text-warning")) for problem in session.keymap.problems
    ]
    for group, lines in grouped(session.keys, session.keymap.keys):
        keys += [_heading(group), Entries(lines, KEYS_WIDTH)]
    numbers: list[Widget] = []
    if setup := _setup(session):
        numbers += [_heading(capital(tr("this lesson"))), Entries(setup, NAMES_WIDTH)]
    numbers += [_heading(tr("What the screen says")), Entries(_meanings().items(), NAMES_WIDTH)]
    columns = Horizontal(
        Vertical(*keys, classes="help-keys"),
        Vertical(*numbers, classes="help-numbers"),
        classes="help-columns",
    )
    hint = tr("esc back · ↑↓ pgdn scroll · keys, then what the numbers mean")
    await session.dialog(HelpScreen(capital(tr("help")), hint, columns))


def _setup(session: Session) -> tuple[tuple[str, str], ...]:
    """Seed, learning rate, cards an update and size of the lesson; () before it has begun."""
    start = session.state.start
    if start is None:
        return ()
    factor = rate_factor(session.state.learning_rate_factor)
    rate = tr("{rate:g}, now {factor}", rate=start.learning_rate, factor=factor)
    n_cards, n_numbers = start.batch_size, start.n_parameters
    cards = tr("{n:,} cards at full speed", n=n_cards) if n_cards != 1 else tr("1 card")
    return (
        (tr("seed"), str(start.seed)),
        (tr("learning rate"), rate),
        (tr("an update"), cards),
        (
            tr("the model"),
            tr("{base}: {n:,} numbers that others have trained", base=start.base, n=n_numbers)
            if start.base
            else tr("{n:,} numbers", n=n_numbers),
        ),
        *([(tr("prompts"), filled_as(start.filled_to))] if start.filled_to else []),
    )


def line_of(state: RunState) -> tuple[str, int]:
    """The command, "" before anything was taught, and how often a hand changed the lesson.
    Raises OSError: the run's log can't be read."""
    start = state.start
    if start is None or state.step == 0:
        return "", 0
    return line_again(start, state, read_run(Path(start.folder) / "events.jsonl", STEERING))


async def share(session: Session) -> None:
    try:
        line, n_by_hand = await asyncio.to_thread(line_of, session.state)
    except OSError as error:
        session.notify(error.strerror or str(error), severity="error")
        return
    if not line:
        session.notify(tr("The lesson is still starting."))
        return
    session.copy(line)
    if n_by_hand:
        by_hand = tr(
            "By hand, and not in the line: {n:,} changes of speed, rate, order, cards or deck.",
            n=n_by_hand,
        )
        line = f"{line}\n{by_hand}"
    session.notify(line, title=tr("share line"), timeout=20)


class Palette(CommandPalette, DismissedOnce[None]):
    """Textual's, with a list whose pages may be turned before it is filled."""

    def _action_command_list(self, action: str) -> None:
        with contextlib.suppress(LookupError, NoMatches):
            super()._action_command_list(action)


class DeckProvider(Provider):
    """Finds decks by name; choosing one teaches it from the start."""

    async def startup(self) -> None:
        self._entries: list[ShelfEntry] = await asyncio.to_thread(shelf)

    async def discover(self) -> Hits:
        for entry in self._entries:
            yield DiscoveryHit(_name(entry), partial(self._open, entry), help=entry.meta.shows)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in self._entries:
            name = _name(entry)
            score = matcher.match(name)
            if score > 0:
                shown = matcher.highlight(name)
                yield Hit(score, shown, partial(self._open, entry), help=entry.meta.shows)

    def _open(self, entry: ShelfEntry) -> None:
        session_of(self.app).open_deck(str(entry.path))


def _name(entry: ShelfEntry) -> str:
    return f"deck: {printable(entry.name)}"
