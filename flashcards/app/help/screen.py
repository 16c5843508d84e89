"""Help: every key as it is mapped now, and what each number on the screen means; and the words
of the view in front alone."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from flashcards.app.help.glossary import GLOSSARY, seen_on
from flashcards.app.keymap import Keymap
from flashcards.app.room import Key, grouped
from flashcards.app.session import Session
from flashcards.app.widgets.cells import HEADING, MUTED, Row, content, padded, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.base.language import tr
from flashcards.wording.numbers import rate_factor

KEYS_WIDTH, NAMES_WIDTH = 7, 13
MAX_LINES = 99


class HelpScreen(Dialog[None]):
    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("help.tcss")]  # noqa: RUF012
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", show=False)
    ]

    def __init__(
        self, keymap: Keymap, keys: tuple[Key, ...], setup: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """`setup`: what the lesson was begun with, named."""
        super().__init__()
        self._setup = setup
        self._keys = keys
        self._keymap = keymap

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            hint = tr("esc back · ↑↓ pgdn scroll · keys, then what the numbers mean")
            title = Content.assemble((tr("Help"), "bold"), (f"   {hint}", MUTED))
            yield Static(title, classes="dialog-title")
            with VerticalScroll(), Horizontal(classes="help-columns"):
                with Vertical(classes="help-keys"):
                    for problem in self._keymap.problems:
                        yield Static(Content.styled(problem, "$text-warning"))
                    for group, lines in grouped(self._keys, self._keymap.keys):
                        heading = Content.styled(group, HEADING)
                        yield Static(heading, classes="help-group")
                        yield Entries(lines, KEYS_WIDTH)
                glossary = [(tr(name), tr(meaning)) for name, meaning in GLOSSARY]
                with Vertical(classes="help-numbers"):
                    if self._setup:
                        heading = Content.styled(tr("This lesson"), HEADING)
                        yield Static(heading, classes="help-group")
                        yield Entries(self._setup, NAMES_WIDTH)
                    heading = Content.styled(tr("What the screen says"), HEADING)
                    yield Static(heading, classes="help-group")
                    yield Entries(glossary, NAMES_WIDTH)


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


class WordsScreen(Dialog[None]):
    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("help.tcss")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,i,q", "dismiss", show=False)]

    def __init__(self, words: list[tuple[str, str]]) -> None:
        super().__init__()
        self._words = words

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            hint = tr("esc back · ↑↓ pgdn scroll · what they mean")
            title = Content.assemble((tr("Words on this screen"), "bold"), (f"   {hint}", MUTED))
            yield Static(title, classes="dialog-title")
            with VerticalScroll():
                yield Entries(self._words, NAMES_WIDTH)


async def show_words(session: Session) -> None:
    rows = session.screen._compositor.render_strips()
    names = {tr(name): tr(meaning) for name, meaning in GLOSSARY}
    screen = "\n".join(strip.text for strip in rows)
    await session.dialog(WordsScreen(seen_on(screen, names) or list(names.items())))


async def show_help(session: Session) -> None:
    await session.dialog(HelpScreen(session.keymap, session.keys, _setup(session)))


def _setup(session: Session) -> tuple[tuple[str, str], ...]:
    """Seed, learning rate, cards an update and size of the lesson; () before it has begun."""
    start = session.state.start
    if start is None:
        return ()
    factor = rate_factor(session.state.learning_rate_factor)
    rate = tr("{rate:g}, now {factor}", rate=start.learning_rate, factor=factor)
    n_cards = start.batch_size
    cards = tr("{n:,} cards at full speed", n=n_cards) if n_cards != 1 else tr("1 card")
    return (
        (tr("seed"), str(start.seed)),
        (tr("learning rate"), rate),
        (tr("an update"), cards),
        (tr("the model"), tr("{n:,} numbers", n=start.n_parameters)),
    )
