"""Pasting a list of words, a text, or a file's path: what it is read as, before it is taken."""

import asyncio
from typing import ClassVar

from msgspec import Struct
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from flashcards.app.decks.editor import DeckText
from flashcards.app.decks.keeping import described as keeping_described, keeping_of
from flashcards.app.widgets.cells import MUTED, Row, Sheet, cut, wrap
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.base.files import Refused
from flashcards.base.language import tr
from flashcards.cards.passages import MIN_CHARACTERS
from flashcards.exchange.pasting import Pasted, read_pasted


class Draft:
    """What was pasted and not taken yet."""

    text = ""


def described(pasted: Pasted) -> str:
    if pasted.deck is None:
        return tr("A text of {n:,} characters: the model reads it.", n=pasted.n_characters)
    n = len(pasted.deck.cards)
    n_never_seen = len(pasted.deck.never_seen)
    said = "{n_taught:,} to teach, {n_never_seen:,} never seen, {n_left_out:,} left out"
    return tr(
        said, n_taught=n - n_never_seen, n_never_seen=n_never_seen, n_left_out=pasted.n_left_out
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
            asked = cut("? " * card.is_never_seen + card.prompt, width // 2)
            answers = cut(" | ".join(card.answers), width)
            rows.append([(asked, "bold"), (" → ", MUTED), (answers, "")])
        return rows


def _is_short(pasted: Pasted) -> bool:
    return pasted.deck is None and pasted.n_characters < MIN_CHARACTERS


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
        self._view: PasteView | None = None  # of the text as it is; None while it is being read

    def compose(self) -> ComposeResult:
        keys = tr("ctrl+s take · F2 a text or cards · esc back")
        title = tr("Pasting replaces this") if self._draft.text else tr("Paste here")
        with Vertical(classes="page"):
            yield Static(
                Content.assemble((title, "bold"), (f"   {keys}", MUTED)), classes="dialog-title"
            )
            yield DeckText(self._draft.text, is_tabbed=True)
            yield PasteSheet()

    def on_mount(self) -> None:
        self.query_one(DeckText).select_all()
        self._show_reading()

    @on(TextArea.Changed)
    def note_change(self) -> None:
        self._draft.text = self.query_one(DeckText).text
        self._show_reading()

    @work(exclusive=True)
    async def _show_reading(self) -> None:
        self._view = None
        text = self._draft.text
        view = await self._read()
        if self._view is None:  # else a key was quicker
            self._show(view, text)

    def _show(self, view: PasteView, text: str) -> None:
        """Show what this text is read as, unless it is another one by now."""
        if self.is_open and text == self._draft.text:
            self._view = view
            self.query_one(PasteSheet).show(view)

    async def _read(self) -> PasteView:
        """The text as it is wanted, where it can be read so, else as it looks."""
        text = self._draft.text
        if not text.strip():
            return PasteView(None, tr("A list of words, a text, or the path of a file."))
        try:
            pasted = await self._read_as(self._is_read)
            if self._is_read is not None and _is_short(pasted):
                pasted = await self._read_as(None)
        except Refused as refusal:
            return PasteView(None, str(refusal))
        if not _is_short(pasted):
            return PasteView(pasted)
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
        """What can be taken, also where a key comes before the text was read."""
        if self._view is None:
            text = self._draft.text
            self._show(await self._read(), text)
        return None if self._view is None else self._view.pasted

    @work(group="key")
    async def action_change(self) -> None:
        """Read cards as a text, or a text as cards; where that can't be, say why."""
        async with self._in_order:
            pasted, text = await self._pasted(), self._draft.text
            if pasted is None:
                self.app.bell()
                return
            is_read = pasted.deck is not None
            remark = ""
            try:
                changed = await self._read_as(is_read)
            except Refused as refusal:
                changed = pasted
                remark = str(refusal)
            if _is_short(changed):
                remark = tr(
                    "A text to read has at least {least:,} characters, this one {n:,}.",
                    least=MIN_CHARACTERS,
                    n=changed.n_characters,
                )
            elif not remark and (changed.deck is None) != is_read:
                remark = tr(
                    "This is no list: no TAB, comma, - or = parts most of its lines in two."
                )
            if remark:
                self._show(PasteView(pasted, remark), text)
            else:
                self._is_read = is_read
                self._show(PasteView(changed), text)

    @work(group="key")
    async def action_keep_back(self) -> None:
        """Keep some of the cards back that are all taught, or teach all again."""
        async with self._in_order:
            pasted, text = await self._pasted(), self._draft.text
            if pasted is None or not pasted.offer.n_cards:
                self.app.bell()
                return
            self._keeps_back = not self._keeps_back
            self._show(await self._read(), text)

    @work(group="key")
    async def action_take(self) -> None:
        async with self._in_order:
            pasted = await self._pasted()
            if pasted is None:
                self.app.bell()
            else:
                self.dismiss(pasted)
