"""The room as its presenter sees it: the way in, how many came, and the questions that wait."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from flashcards.app.audience.sharing import Sharing, code_of
from flashcards.app.session import Session
from flashcards.app.widgets.cells import MUTED, cut
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.audience.messages import QuestionDropped, QuestionSent
from flashcards.base.language import tr
from flashcards.wording.numbers import count

INK = "#000000 on #ffffff"
PROMPT_CELLS = 60


class RoomScreen(Dialog[QuestionSent]):
    """Stays open: Enter gives the question that is chosen, Esc closes.

    What phones send is listed on request alone: a mirrored screen shows it to everyone."""

    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("audience.tcss")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,Q", "close", show=False),
        Binding("d", "drop", show=False),
        Binding("c", "code", show=False),
        Binding("t", "texts", show=False),
        Binding("x", "end", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._sharing = session.kept(Sharing)
        self._link = ""
        self._listed: list[QuestionSent] = []
        self._said = ""
        self._shows_texts = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog room"):
            yield Static(classes="dialog-title")
            yield Static(classes="dialog-text")  # all columns: a link in two lines can't be copied
            with Horizontal(classes="choice"):
                yield Static(id="code")
                yield OptionList()

    def on_mount(self) -> None:
        self.paint_dialog(self._session)

    def paint_dialog(self, session: Session) -> None:
        sharing = self._sharing
        if not sharing.is_open:
            self.dismiss(None)
            return
        if sharing.link != self._link:
            self._link = sharing.link
            self.query_one("#code", Static).update(Content.styled(code_of(sharing.link), INK))
        shown = sharing.questions if self._shows_texts else []
        if shown != self._listed:
            self._list(shown)
        said = "\n".join(self._sentences())
        if said != self._said:
            self._said = said
            self.query_one(".dialog-title", Static).update(Content.from_markup(self._title()))
            self.query_one(".dialog-text", Static).update(Content(said))

    def _title(self) -> str:
        lines = [
            [f"[@click=screen.code]{tr('c code')}[/]", f"[@click=screen.texts]{tr('t texts')}[/]"],
            [f"[@click=screen.end]{tr('x close')}[/]", f"[@click=screen.close]{tr('esc back')}[/]"],
        ]
        if self._listed:
            lines[0] = [tr("enter ask"), f"[@click=screen.drop]{tr('d drop')}[/]", *lines[0]]
        return f"[{MUTED}]" + "\n".join(" · ".join(ways) for ways in lines) + "[/]"

    def _sentences(self) -> list[str]:
        sharing = self._sharing
        if not sharing.link:
            return [tr("The room is being opened…")]
        open_to = (
            tr("Open to everyone in this network who has the link, until the lesson ends:")
            if sharing.is_lan
            else tr("Open to browsers on this machine alone:")
        )
        n, waiting = sharing.n_phones, len(sharing.questions)
        said = tr("phones: {n}, questions: {waiting}", n=count(n), waiting=count(waiting))
        if self._shows_texts:
            said += " · " + tr("Everyone who sees this screen reads them")
        return [open_to, sharing.link, f"{said}."]

    def _list(self, questions: list[QuestionSent]) -> None:
        options = self.query_one(OptionList)
        chosen = self._chosen
        self._listed = list(questions)
        options.clear_options()
        options.add_options([Option(Content(cut(q.prompt, PROMPT_CELLS))) for q in questions])
        if questions:
            options.highlighted = questions.index(chosen) if chosen in questions else 0
            options.focus()

    @property
    def _chosen(self) -> QuestionSent | None:
        index = self.query_one(OptionList).highlighted
        return None if index is None or index >= len(self._listed) else self._listed[index]

    @on(OptionList.OptionSelected)
    def ask(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._chosen)

    def action_drop(self) -> None:
        question = self._chosen
        if question is not None:
            self._sharing.take(question, self._session)
            self._sharing.tell(QuestionDropped(question=question.question))
            self.paint_dialog(self._session)

    def action_code(self) -> None:
        self._sharing.put_code(self._session, is_on_stage=not self._sharing.is_code_on_stage)
        self._said = ""
        self.paint_dialog(self._session)

    def action_texts(self) -> None:
        self._shows_texts = not self._shows_texts
        self._said = ""
        self.paint_dialog(self._session)

    def action_end(self) -> None:
        self._sharing.close(self._session)
        self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)
