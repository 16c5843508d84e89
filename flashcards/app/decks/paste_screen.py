"""Pasting a list of words, a text, or a file's path: what it is read as, before it is taken."""

import asyncio
from typing import ClassVar

from msgspec import Struct
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static, TextArea

from flashcards.app.decks.editor import DeckText
from flashcards.app.decks.keeping import described as keeping_described, keeping_of
from flashcards.app.widgets.cells import MUTED, Row, Sheet, cut, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog, Page
from flashcards.base.files import Refused
from flashcards.base.language import tr
from flashcards.cards.passages import MIN_CHARACTERS
from flashcards.exchange.pasting import Pasted, read_pasted

SAID_AFTER_S = 0.5  # so much later it is said that a long list is being read


class Draft:
    """Text that was pasted and not taken yet."""

    text = ""


def described(pasted: Pasted) -> str:
    if pasted.deck is None:
        return tr("A text of {n:,} characters: the model reads it.", n=pasted.n_characters)
    n = len(pasted.deck.cards)
    n_never_seen = len(pasted.deck.never_seen)
    text = "{n_taught:,} to teach, {n_never_seen:,} never taught, {n_left_out:,} left out"
    return tr(
        text, n_taught=n - n_never_seen, n_never_seen=n_never_seen, n_left_out=pasted.n_left_out
    )


class PasteView(Struct, frozen=True):
    """`pasted`: None where it can't be taken. `remark`: why, or why it is not read otherwise."""

    pasted: Pasted | None
    remark: str = ""


class PasteSheet(Sheet[PasteView]):
    def draw(self, view: PasteView, width: int, height: int) -> list[Row]:
        pasted = view.pasted
        rows: list[Row] = [[(text, "")] for text in wrap(view.remark, width, height) if text]
        if pasted is None:
            return rows
        rows.append([(described(pasted), "$text-success")])
        if pasted.offer.n_cards:  # a deck that was pasted keeps its own share
            keeping = keeping_described(keeping_of(pasted.deck, pasted.offer))
            rows.append([(cut(keeping, width), MUTED)])
        for card in () if pasted.deck is None else pasted.deck.cards[: height - len(rows)]:
            mark = "? " if card.is_never_seen else ""
            prompt = cut(mark + card.prompt, width // 2)
            answers = cut(" | ".join(card.answers), width)
            rows.append([(prompt, "bold"), (" → ", MUTED), (answers, "")])
        return rows


def _is_short(pasted: Pasted) -> bool:
    return pasted.deck is None and pasted.n_characters < MIN_CHARACTERS


def _why_not(pasted: Pasted, *, is_read: bool) -> str:
    """Say why it can't be read as a text, or as cards, where that was wanted; "" where it was."""
    if _is_short(pasted):
        text = "A text to read has at least {least:,} characters, this one {n:,}."
        return tr(text, least=MIN_CHARACTERS, n=pasted.n_characters)
    if (pasted.deck is None) != is_read:
        return tr("This is no list: no TAB, comma, - or = parts most of its lines in two.")
    return ""


class PasteScreen(Dialog[Pasted | None]):
    """Gives what was pasted; None to go back. Then the draft is kept, and what is pasted the next
    time takes its place."""

    CSS_PATH = [DIALOGS_CSS, "decks.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "take", show=False, priority=True),
        Binding("escape", "dismiss(None)", show=False, priority=True),
        Binding("f2", "change", show=False),
        Binding("f3", "keep_back", show=False),
    ]

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._is_read: bool | None = None
        self._keeps_back = False
        self._in_order = asyncio.Lock()  # a key waits until the one before it is obeyed
        self._view = PasteView(None)
        self._is_read_by_now = asyncio.Event()  # whether `_view` is of the text as it is

    def compose(self) -> ComposeResult:
        keys = tr("ctrl+s take · F2 a text or cards · esc back")
        title = tr("Pasting replaces this") if self._draft.text else tr("Paste here")
        with Page(classes="page"):
            yield Static(
                Content.assemble((title, "bold"), (f"   {keys}", MUTED)), classes="dialog-title"
            )
            yield DeckText(self._draft.text, is_tabbed=True)
            yield PasteSheet()

    def on_mount(self) -> None:
        self.query_one(DeckText).select_all()
        self._begin_reading()

    @on(TextArea.Changed)
    def note_change(self) -> None:
        self._begin_reading()

    def _begin_reading(self, *, is_asked: bool = False) -> None:
        """`is_asked`: F2 was pressed, so it is said where that can't be done."""
        self._draft.text = self.query_one(DeckText).text
        self._is_read_by_now.clear()
        self._show_reading(is_asked=is_asked)

    @work(exclusive=True)
    async def _show_reading(self, *, is_asked: bool) -> None:
        waiting = self.set_timer(SAID_AFTER_S, self._say_that_it_is_reading)
        self._view = await self._reading(is_asked=is_asked)
        waiting.stop()
        self._is_read_by_now.set()
        if self.is_open:
            self.query_one(PasteSheet).show(self._view)

    def _say_that_it_is_reading(self) -> None:
        if self.is_open and not self._is_read_by_now.is_set():
            self.query_one(PasteSheet).show(PasteView(None, tr("reading…")))

    async def _reading(self, *, is_asked: bool) -> PasteView:
        """The text as it is wanted, where it can be read so, else as it looks."""
        if not self._draft.text.strip():
            return PasteView(None, tr("A list of words, a text, or the path of a file."))
        remark = ""
        try:
            pasted = await self._read_as(self._is_read)
            if self._is_read is not None and (problem := _why_not(pasted, is_read=self._is_read)):
                remark = problem if is_asked else ""
                self._is_read = None
                pasted = await self._read_as(None)
        except Refused as refusal:
            return PasteView(None, str(refusal))
        if not _is_short(pasted):
            return PasteView(pasted, remark)
        reason = tr(
            "This is no list: no TAB, comma, - or = stands between word and translation in most "
            "lines. And a text to read has at least {least:,} characters, this one {n:,}.",
            least=MIN_CHARACTERS,
            n=pasted.n_characters,
        )
        return PasteView(None, reason)

    async def _read_as(self, is_read: bool | None) -> Pasted:
        text, keeps_back = self._draft.text, self._keeps_back
        return await asyncio.to_thread(read_pasted, text, is_read=is_read, keeps_back=keeps_back)

    async def _pasted(self) -> Pasted | None:
        """Return what can be taken of the text as it is; wait until it is read."""
        if self.query_one(DeckText).text != self._draft.text:  # a key was quicker than the change
            self._begin_reading()
        await self._is_read_by_now.wait()
        if self._view.pasted is None:
            self.app.bell()
        return self._view.pasted

    @work(group="key")
    async def action_change(self) -> None:
        """Read cards as a text, or a text as cards; where that can't be, say why."""
        async with self._in_order:
            pasted = await self._pasted()
            if pasted is not None:
                self._is_read = pasted.deck is not None
                self._begin_reading(is_asked=True)

    @work(group="key")
    async def action_keep_back(self) -> None:
        """Keep some of the cards back that are all taught, or teach all again."""
        async with self._in_order:
            pasted = await self._pasted()
            if pasted is not None and pasted.offer.n_cards:
                self._keeps_back = not self._keeps_back
                self._begin_reading()

    @work(group="key")
    async def action_take(self) -> None:
        async with self._in_order:
            pasted = await self._pasted()
            if pasted is not None:
                self.dismiss(pasted)
