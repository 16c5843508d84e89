"""Search: commands, decks and the words of the screen, found by plain words of any language.

All but the decks is there before the first letter is typed. The decks are read from disk in a
thread; if only a deck can be meant, Enter waits for them.
"""

import asyncio
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial

from msgspec import Struct
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from flashcards.app.help.help_screen import glossary
from flashcards.app.session import Session
from flashcards.app.textual_fixes.screens import PagedOptions, PromptInput, hidden
from flashcards.app.widgets.cells import HEADING, MUTED, Fitted, Row, cut_row
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.base.language import LANGUAGES, catalogue, tr
from flashcards.cards.printable import printable
from flashcards.cards.shelf import ShelfEntry, shelf
from flashcards.talks.course import words as week_words


class SearchEntry(Struct, frozen=True):
    """Something to find: its name and key, what it is, all words that find it, and what it does.
    `is_lesson`: of things with the same name it comes first, as it shows what others explain."""

    name: str
    key: str
    about: str
    words: str
    do: Callable[[], object]
    is_lesson: bool = False

    @property
    def line(self) -> Fitted:
        """Its line in the list, and below it what it is."""
        return Fitted(self.drawn, 2 if self.about else 1)

    def drawn(self, width: int) -> list[Row]:
        head = [(self.name, "bold"), (f"   {self.key}" if self.key else "", HEADING)]
        about = [[(f"  {self.about}", MUTED)]] if self.about else []
        return [cut_row(row, width) for row in (head, *about)]

    def score(self, query: str) -> float:
        """Tell from 0 to 1.3 how well these plain words find it; 0 unless all of them do. Its whole
        name finds it best: under a lesson stands what to type, such as `adapter`."""
        if not all(f" {word}" in self.words for word in query.split()):
            return 0.0
        name = f" {plain(self.name)}"
        if name.startswith(f" {query}"):
            whole = 1.2 if name == f" {query}" else 1.0
            return whole + 0.1 if self.is_lesson and query else whole
        return 0.8 if f" {query}" in name else 0.5


@lru_cache(1024)
def plain(text: str) -> str:
    """Return it in small letters without accents, as it is typed in a hurry."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def best_first(entries: Iterable[SearchEntry], query: str) -> list[SearchEntry]:
    """Return what this query finds; all of it, in its own order, for an empty one."""
    scores = [(entry.score(plain(query.strip())), entry) for entry in entries]
    hits = [(score, entry) for score, entry in scores if score]
    return [entry for _, entry in sorted(hits, key=lambda hit: -hit[0])]


class SearchScreen(Dialog[SearchEntry | None]):
    """A line to type in, and below it what it finds. Esc gives None."""

    CSS_PATH = [DIALOGS_CSS, "search.tcss"]  # noqa: RUF012
    BINDINGS = hidden(
        escape="dismiss(None)",
        up="list('cursor_up')",
        down="list('cursor_down')",
        pageup="list('page_up')",
        pagedown="list('page_down')",
    )

    def __init__(
        self,
        placeholder: str,
        entries: Iterable[SearchEntry],
        read_more: Callable[[], list[SearchEntry]] | None = None,
    ) -> None:
        """`read_more` gives further entries; it is called in a thread."""
        super().__init__()
        self._placeholder = placeholder
        self._entries = list(entries)
        self._read_more = read_more
        self._hits: list[SearchEntry] = []
        self._is_moved = False  # somebody chose another hit than the best
        self._is_complete = asyncio.Event()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog search"):
            yield PromptInput(placeholder=self._placeholder)
            yield PagedOptions()

    def on_mount(self) -> None:
        self._show_hits()
        self.call_after_refresh(self._complete)  # reading would take turns with painting

    @work
    async def _complete(self) -> None:
        if self._read_more is not None:
            more = await asyncio.to_thread(self._read_more)
            self._entries += more
            self._show_hits()
        self._is_complete.set()

    def _show_hits(self) -> None:
        """List what the typed words find. The best is highlighted, also if it comes later than
        others; what somebody moved to stays highlighted as long as it is listed."""
        options = self.query_one(OptionList)
        before = self._highlighted if self._is_moved else None
        hits = best_first(self._entries, self.query_one(Input).value)
        self._list(hits)
        if not self._hits:
            nothing = Content.styled(tr("Nothing has these words."), MUTED)
            options.add_option(Option(nothing, disabled=True))
        elif before in self._hits:
            options.highlighted = self._hits.index(before)
        else:
            options.highlighted = 0

    def _list(self, hits: list[SearchEntry]) -> None:
        """List these in place of those that are listed, or behind them if they are the first."""
        options = self.query_one(OptionList)
        n_listed = len(self._hits)
        if not n_listed or hits[:n_listed] != self._hits:
            n_listed = 0
            options.clear_options()
        self._hits = hits
        options.add_options(Option(hit.line) for hit in hits[n_listed:])

    @property
    def _highlighted(self) -> SearchEntry | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None or index >= len(self._hits) else self._hits[index]

    @on(Input.Changed)
    def find(self, event: Input.Changed) -> None:
        event.stop()
        self._is_moved = False
        self._show_hits()

    @on(Input.Submitted)
    @work(exclusive=True, group="take")
    async def take(self, event: Input.Submitted) -> None:
        event.stop()
        if not self._hits:
            await self._is_complete.wait()
        if (entry := self._highlighted) is not None:
            self.dismiss(entry)

    @on(OptionList.OptionSelected)
    def take_clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._hits[event.option_index])

    def action_list(self, action: str) -> None:
        """Move in the list while the line keeps the focus."""
        self._is_moved = True
        options = self.query_one(OptionList)
        moves: dict[str, Callable[[], None]] = {
            "cursor_up": options.action_cursor_up,
            "cursor_down": options.action_cursor_down,
            "page_up": options.action_page_up,
            "page_down": options.action_page_down,
        }
        moves[action]()


def read_ahead(session: Session) -> None:
    """Read the words that find things, which are kept."""
    labels = {key.label: key.tooltip for key in session.keys}
    for name, about in (*labels.items(), *glossary().items()):
        words_of(name, about)
        plain(tr(name))


async def search(session: Session) -> None:
    """Find a command, a deck or a word, and do, open or explain it."""
    screen = SearchScreen(
        tr("a command, a deck or a word"),
        [*commands(session), *words(session)],
        lambda: [*weeks(session), *decks(session)],
    )
    await _choose(session, screen)


async def choose_theme(session: Session) -> None:
    """Find a theme and wear it."""
    entries = [
        _entry(name, "", partial(session.shell.wear_theme, name))
        for name in session.shell.theme_names
    ]
    await _choose(session, SearchScreen(tr("a theme"), entries))


async def _choose(session: Session, screen: SearchScreen) -> None:
    entry = await session.dialog(screen)
    if entry is not None:
        entry.do()


def commands(session: Session) -> Iterator[SearchEntry]:
    for key in session.keys:
        if not key.label or key.id == "palette" or not key.is_offered(session):
            continue
        yield _entry(key.label, key.tooltip, partial(session.do, key.id), session.sign(key))


def decks(session: Session) -> list[SearchEntry]:
    return [_deck(session, entry) for entry in shelf()]


def _deck(session: Session, entry: ShelfEntry) -> SearchEntry:
    name = f"{tr('deck')}: {printable(entry.name)}"
    return _entry(name, tr(entry.meta.description), partial(session.open_deck, str(entry.path)))


def weeks(session: Session) -> list[SearchEntry]:
    """The words of the week, found by their names and by their titles in every language."""
    if not next(key for key in session.keys if key.id == "word").is_offered(session):
        return []
    titles: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for word in week_words(language=language):
            titles.setdefault(word.name, [word.name]).append(word.title)
    return [
        SearchEntry(
            word.title,
            tr("word of the week"),
            word.about,
            plain(f" {' '.join((*titles[word.name], tr('word of the week')))}"),
            partial(session.open_word, word.name),
            is_lesson=True,
        )
        for word in week_words()
    ]


def words(session: Session) -> Iterator[SearchEntry]:
    for name, meaning in glossary().items():
        show = partial(session.notify, tr(meaning), title=tr(name), timeout=20)
        yield _entry(name, meaning, show)


def _entry(name: str, about: str, do: Callable[[], object], key: str = "") -> SearchEntry:
    return SearchEntry(tr(name), key, tr(about) if about else "", words_of(name, about), do)


@lru_cache(1024)
def words_of(name: str, about: str) -> str:
    """Return the words, in all languages, that find what is called so and about that."""
    texts = [
        catalogue(language).get(text, text) for language in LANGUAGES for text in (name, about)
    ]
    return plain(f" {' '.join(texts)}")
