"""Help: every key as it is mapped now, and what each number on the screen means; and the words
of the view in front alone. The line that does this lesson again elsewhere.
"""

from __future__ import annotations

import asyncio
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
from flashcards.base.language import capital, tr
from flashcards.runs.cursor import read_run
from flashcards.runs.share import STEERING, line_again
from flashcards.runs.state import RunState
from flashcards.wording.facts import filled_as
from flashcards.wording.numbers import rate_factor

KEYS_WIDTH, NAMES_WIDTH = 7, 13
MAX_LINES = 99


class Page(Dialog[None]):
    """A title, what the keys do in here, and under it what is read."""

    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("help.tcss")]  # noqa: RUF012

    def __init__(self, title: str, hint: str) -> None:
        super().__init__()
        self._title, self._hint = title, hint

    def compose(self) -> ComposeResult:
        with Vertical(classes="page"):
            title = Content.assemble((self._title, "bold"), (f"   {self._hint}", MUTED))
            yield Static(title, classes="dialog-title")
            with VerticalScroll():
                yield from self.parts()

    def parts(self) -> ComposeResult:
        raise NotImplementedError


class HelpScreen(Page):
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q", "dismiss", show=False)
    ]

    def __init__(
        self, keymap: Keymap, keys: tuple[Key, ...], setup: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """`setup`: what the lesson was begun with, named."""
        super().__init__(
            capital(tr("help")), tr("esc back · ↑↓ pgdn scroll · keys, then what the numbers mean")
        )
        self._setup, self._keys, self._keymap = setup, keys, keymap

    def parts(self) -> ComposeResult:
        with Horizontal(classes="help-columns"):
            with Vertical(classes="help-keys"):
                for problem in self._keymap.problems:
                    yield Static(Content.styled(problem, "$text-warning"))
                for group, lines in grouped(self._keys, self._keymap.keys):
                    yield _heading(group)
                    yield Entries(lines, KEYS_WIDTH)
            with Vertical(classes="help-numbers"):
                if self._setup:
                    yield _heading(capital(tr("this lesson")))
                    yield Entries(self._setup, NAMES_WIDTH)
                yield _heading(tr("What the screen says"))
                yield Entries(((tr(name), tr(meaning)) for name, meaning in GLOSSARY), NAMES_WIDTH)


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


class WordsScreen(Page):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,i,q", "dismiss", show=False)]

    def __init__(self, words: list[tuple[str, str]]) -> None:
        super().__init__(
            tr("Words on this screen"), tr("esc back · ↑↓ pgdn scroll · what they mean")
        )
        self._words = words

    def parts(self) -> ComposeResult:
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
