"""Pasting a list of words, a text, or a file's path: what it is read as, before it is taken."""

import asyncio
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from flashcards.app.decks.editor import DeckText
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
    n, n_never_seen = len(pasted.deck.cards), len(pasted.deck.never_seen)
    said = "{n_taught:,} to teach, {n_never_seen:,} never seen, {n_left_out:,} left out"
    return tr(
        said, n_taught=n - n_never_seen, n_never_seen=n_never_seen, n_left_out=pasted.n_left_out
    )


class PasteSheet(Sheet[Pasted | str]):
    def draw(self, view: Pasted | str, width: int, height: int) -> list[Row]:
        if isinstance(view, str):
            return [[(text, "")] for text in wrap(view, width, height)]
        rows: list[Row] = [[(described(view), "$text-success")]]
        for card in () if view.deck is None else view.deck.cards[: height - 1]:
            asked = cut("? " * card.is_never_seen + card.prompt, width // 2)
            answers = cut(" | ".join(card.answers), width)
            rows.append([(asked, "bold"), (" → ", MUTED), (answers, "")])
        return rows


class PasteScreen(Dialog[Pasted | None]):
    """Gives what was pasted; None to go back, and then the draft is kept."""

    CSS_PATH = [DIALOGS_CSS, "decks.tcss"]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "take", show=False, priority=True),
        Binding("escape", "dismiss(None)", show=False, priority=True),
        Binding("f2", "change", show=False),
    ]

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._is_read: bool | None = None
        self._pasted: Pasted | None = None

    def compose(self) -> ComposeResult:
        keys = tr("ctrl+s take · F2 a text or cards · esc back")
        with Vertical(classes="page"):
            title = Content.assemble((tr("Paste here"), "bold"), (f"   {keys}", MUTED))
            yield Static(title, classes="dialog-title")
            yield DeckText(self._draft.text, is_tabbed=True)
            yield PasteSheet()

    def on_mount(self) -> None:
        self._read()

    @on(TextArea.Changed)
    @work(exclusive=True)
    async def _read(self) -> None:
        text = self._draft.text = self.query_one(DeckText).text
        self._pasted = None
        view: Pasted | str = tr("A list of words, a text, or the path of a file.")
        try:
            if text.strip():
                pasted = await asyncio.to_thread(read_pasted, text, is_read=self._is_read)
                is_short = pasted.deck is None and pasted.n_characters < MIN_CHARACTERS
                self._pasted = None if is_short else pasted
                view = self._pasted or tr(
                    "This is no list, which has a TAB, a comma, - or = between word and "
                    "translation; and a text to read has at least {least:,} characters, this one "
                    "{n:,}.",
                    least=MIN_CHARACTERS,
                    n=pasted.n_characters,
                )
        except Refused as refusal:
            view = str(refusal)
        if self.is_open:
            self.query_one(PasteSheet).show(view)

    def action_change(self) -> None:
        if self._pasted is not None:
            self._is_read = self._pasted.deck is not None
            self._read()

    def action_take(self) -> None:
        if self._pasted is None:
            self.app.bell()
        else:
            self.dismiss(self._pasted)
