"""Help: the keys as they are mapped now, and what the words on the screen mean; the line that does
this lesson again elsewhere."""

import asyncio
import re
import tomllib
from functools import cache, lru_cache
from itertools import zip_longest
from pathlib import Path

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from flashcards.app.session import Session
from flashcards.app.textual_fixes.screens import strips_of
from flashcards.app.widgets.cells import HEADING, MUTED, Row, Sheet, padded, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog, Page
from flashcards.base.language import capital, tr
from flashcards.runs import cursor
from flashcards.runs.share import STEERING, line_again
from flashcards.runs.state import RunState
from flashcards.wording import facts, numbers

KEY_WIDTH = 7
NAMES_WIDTH = 25
MOST_LINES = 99
N_BEFORE_VIEWS = 6


class HelpScreen(Dialog[None]):
    CSS_PATH = [DIALOGS_CSS, "help.tcss"]  # noqa: RUF012
    BINDINGS = [Binding("escape,question_mark,q", "dismiss", show=False)]  # noqa: RUF012

    def __init__(self, title: str, hint: str, *read: Widget) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._read = read

    def compose(self) -> ComposeResult:
        with Page(classes="page"):
            title = Content.assemble((self._title, "bold"), (f"   {self._hint}", MUTED))
            yield Static(title, classes="dialog-title")
            yield VerticalScroll(*self._read)


Entry = tuple[str, str | None]


class Entries(Sheet[tuple[Entry, ...]]):
    """Names, and beside each what it means, None for a heading; as high as that is."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(_rows(self.showing or (), width))

    def draw(self, view: tuple[Entry, ...], width: int, height: int) -> list[Row]:
        return _rows(view, width)


@lru_cache(2)
def _rows(entries: tuple[Entry, ...], width: int) -> list[Row]:
    rows: list[Row] = []
    for names, meaning in entries:
        if meaning is None:
            rows += [[], [(names, HEADING)]]
            continue
        lines = wrap(names, NAMES_WIDTH, MOST_LINES)
        meant = wrap(meaning, width - NAMES_WIDTH, MOST_LINES)
        for name, line in zip_longest(lines, meant, fillvalue=""):
            rows.append([(padded(name, NAMES_WIDTH), "bold"), (line, "")])
    return rows


@cache
def glossary() -> dict[str, str]:
    path = Path(__file__).with_name("glossary.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def seen_on(screen: str, names: dict[str, str]) -> list[tuple[str, str]]:
    screen = screen.lower()
    return [
        (name, meaning)
        for name, meaning in names.items()
        if any(
            word in screen and re.search(rf"(?<!\w){re.escape(word)}(?!\w)", screen)
            for word in map(str.strip, name.lower().split(","))
        )
    ]


async def show_help(session: Session) -> None:
    rows = strips_of(session.shell.screen)
    meanings = {tr(name): tr(meaning) for name, meaning in glossary().items()}
    words = seen_on("\n".join(strip.text for strip in rows), meanings)
    in_help = [k for k in session.keys if k.in_help and not k.does.startswith("view:")]
    names = [_in_words(session.key(key.id)) for key in in_help]
    key_width = max(KEY_WIDTH, *(cell_len(name) + 1 for name in names))
    keys = [
        (f"{name:<{key_width}}{tr(key.label)}", tr(key.tooltip))
        for name, key in zip(names, in_help, strict=True)
    ]
    views = [tr(key.label) for key in session.keys if key.id.startswith("view_")]
    keys.insert(
        N_BEFORE_VIEWS, (f"{f'1–{len(views)}':<{key_width}}{tr('views')}", ", ".join(views))
    )
    entries, setup = Entries(), _setup(session)
    lesson = ((capital(tr("this lesson")), None), *setup) if setup else ()
    entries.show((*keys, (tr("Words on this screen"), None), *words, *lesson))
    problems = [
        Static(Content.styled(problem, "$text-warning")) for problem in session.keymap.problems
    ]
    hint = tr("{key} finds all else: commands, decks, words", key=session.key("palette"))
    await session.dialog(HelpScreen(capital(tr("help")), hint, *problems, entries))


def _in_words(sign: str) -> str:
    """A key as it is named; a full stop alone would be taken for a speck of dust."""
    return tr("full stop") if sign == "." else sign


def _setup(session: Session) -> tuple[tuple[str, str], ...]:
    start = session.state.start
    if start is None:
        return ()
    factor = numbers.rate_factor(session.state.learning_rate_factor)
    rate = tr(
        "{rate:g}, now {factor}: how far each correction goes",
        rate=start.learning_rate,
        factor=factor,
    )
    n_cards, n_numbers = start.batch_size, start.n_parameters
    cards = tr("{n:,} cards at full speed", n=n_cards) if n_cards != 1 else tr("1 card")
    return (
        (tr("seed"), tr("{seed}: the same number gives the same lesson", seed=str(start.seed))),
        (tr("learning rate"), rate),
        (tr("one step"), cards),
        (
            tr("the model"),
            tr("{base}: {n:,} numbers that others have trained", base=start.base, n=n_numbers)
            if start.base
            else tr("{n:,} numbers, which the steps change", n=n_numbers),
        ),
        *([(tr("prompts"), facts.filled_as(start))] if start.filled_to else []),
    )


def line_of(state: RunState) -> tuple[str, int]:
    """The command, "" before anything was taught, and how often a hand changed the lesson.
    Raises OSError: the run's log can't be read."""
    start = state.start
    if start is None or state.step == 0:
        return "", 0
    return line_again(start, state, cursor.read_run(Path(start.folder) / "events.jsonl", STEERING))


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
            "Changed by hand, and not in the line: speed, rate, order, cards or deck ({n:,}×).",
            n=n_by_hand,
        )
        line = f"{line}\n{by_hand}"
    session.notify(line, title=tr("share line"), timeout=20)
