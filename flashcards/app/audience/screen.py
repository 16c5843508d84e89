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

from flashcards.app.audience.sharing import Sharing
from flashcards.app.session import Session
from flashcards.app.widgets.cells import MUTED, cut
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.app.widgets.letters import big
from flashcards.audience.messages import NewcomersLetIn, QuestionDropped, QuestionSent
from flashcards.base.language import tr
from flashcards.wording.numbers import count

INK = "#000000 on #ffffff"
PROMPT_CELLS = 60


class RoomScreen(Dialog[QuestionSent]):
    """Stays open: Enter gives the question that is chosen, Esc closes.

    What phones send is listed on request alone: a mirrored screen shows it to everyone."""

    CSS_PATH = [DIALOGS_CSS, Path(__file__).with_name("audience.tcss")]  # noqa: RUF012
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,Q", "close", show=False),
        Binding("enter", "begin", show=False),
        Binding("l", "let_in", show=False),
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
                yield Static(id="here")
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
            self.query_one("#code", Static).update(Content.styled(sharing.way_in, INK))
        shown = sharing.questions if self._shows_texts else []
        if shown != self._listed:
            self._list(shown)
        said = "\n".join(self._sentences())
        if said != self._said:
            self._said = said
            self.query_one(".dialog-title", Static).update(Content.from_markup(self._title()))
            self.query_one(".dialog-text", Static).update(Content(said))
            here = "\n".join([*big(str(sharing.n_phones), is_wide=True), tr("here")])
            self.query_one("#here", Static).update(Content.styled(here, "bold"))
            self.query_one("#here").display = not self._shows_texts
            self.query_one(OptionList).display = self._shows_texts

    def _title(self) -> str:
        lines = [
            [f"[@click=screen.code]{tr('c code')}[/]", f"[@click=screen.texts]{tr('t texts')}[/]"],
            [f"[@click=screen.end]{tr('x close')}[/]", f"[@click=screen.close]{tr('esc back')}[/]"],
        ]
        if self._sharing.n_at_door:
            lines[0].append(f"[@click=screen.let_in]{tr('l let in')}[/]")
        if self._sharing.is_lobby and not self._listed:
            lines[0] = [f"[@click=screen.begin]{tr('enter start')}[/]", *lines[0]]
        elif self._listed:
            lines[0] = [tr("enter ask"), f"[@click=screen.drop]{tr('d drop')}[/]", *lines[0]]
        return f"[{MUTED}]" + "\n".join(" · ".join(ways) for ways in lines) + "[/]"

    def _sentences(self) -> list[str]:
        sharing = self._sharing
        if not sharing.link:
            return [tr("The room is being opened…")]
        open_to = (
            tr("Phones in this network: scan the code, or type")
            if sharing.is_lan
            else tr("No phone can reach this: it is open to browsers on this machine alone.")
        )
        n, waiting = sharing.n_phones, len(sharing.questions)
        said = tr("phones: {n}, questions: {waiting}", n=count(n), waiting=count(waiting))
        if sharing.n_at_door:
            said += ", " + tr("at the door: {n}", n=count(sharing.n_at_door))
        elif sharing.is_lan and not n:
            said = tr("No phone gets in? This network may keep devices apart: use a hotspot")
        if self._shows_texts:
            said += " · " + tr("Everyone who sees this screen reads them")
        return [open_to, sharing.typed if sharing.is_lan else sharing.link, f"{said}."]

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

    def action_begin(self) -> None:
        if self._sharing.is_lobby:
            self._sharing.begin(self._session)
            self.dismiss(None)

    def action_let_in(self) -> None:
        self._sharing.tell(NewcomersLetIn())

    def action_end(self) -> None:
        self._sharing.close(self._session)
        self.dismiss(None)

    def action_close(self) -> None:
        self.dismiss(None)
