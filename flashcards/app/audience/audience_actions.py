"""Actions of Q: open the room, look at it, put a question from it on stage. Everybody sees the way
in and how many came; what phones send shows on request."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from flashcards.app.audience.on_stage import ask_on_stage
from flashcards.app.audience.remote_control import PRESENTERS_REMOTE, RemoteScreen
from flashcards.app.audience.shared_lesson import INK, LOOPBACK, Sharing, Wanted, forget
from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.app.textual_fixes.screens import hidden
from flashcards.app.widgets.cells import MUTED
from flashcards.app.widgets.dialog import DIALOGS_CSS, Choice, ChoiceScreen, Dialog
from flashcards.app.widgets.letters import WIDE, big
from flashcards.audience.audience_client import lan_addresses, missing
from flashcards.audience.messages import Bidden, QuestionSent
from flashcards.base.extras import how_to_install
from flashcards.base.language import tr
from flashcards.runs import events
from flashcards.wording.numbers import count


async def follow(session: Session, run: Run) -> None:
    sharing = session.singleton(Sharing)

    def hear(event: events.AnyEvent) -> None:
        if not sharing.is_open:
            return
        if isinstance(event, events.RunPlayed):
            sharing.close_door(session)
        if isinstance(event, events.LessonEnded) and not session.hides_outcomes:
            session.spawn(sharing.give_model(session), "model")

    run.on_event(hear)
    if sharing.wanted:
        address = await _address(session, sharing.wanted)
        sharing.open(session, address, PRESENTERS_REMOTE)
        await room(session)
    elif sharing.is_open:
        sharing.hold(session)


async def room(session: Session) -> None:
    """Show the room, opened before if it is not; then ask the question that was chosen in it."""

    sharing = session.singleton(Sharing)
    if not sharing.is_open:
        if missing():
            how = how_to_install("serve")
            text = tr("Sharing needs more packages:\n{command}", command=how)
            session.notify(text, severity="error", timeout=20, kind="room")
            return
        known = (LOOPBACK, *lan_addresses())
        if sharing.failure and sharing.address in known:  # it comes back as it was
            address = sharing.address
        else:
            address = await _address(session, await _chosen_way(session))
        if not address:
            return
        sharing.open(session, address, PRESENTERS_REMOTE)
    question = await session.dialog(RoomScreen(session))
    if question is not None:
        await ask_on_stage(session, question)


async def remote(session: Session) -> None:
    """Show the link of the remote, after a warning; open the room before, if it is not."""
    sharing = session.singleton(Sharing)
    if not sharing.is_open:
        await room(session)
    if sharing.is_open:
        await session.dialog(RemoteScreen(sharing))


async def _chosen_way(session: Session) -> Wanted:
    """Ask who may open the room; the way it was open last stands first."""
    text = tr("Anyone with the link can follow and send questions until you close the room.")
    lan = Choice[Wanted](tr("everyone in this network"), text, "lan")
    this_machine = Choice[Wanted](
        tr("this machine alone"), tr("Only a browser here can open it."), "here"
    )
    ways = (
        (this_machine, lan)
        if session.singleton(Sharing).address == LOOPBACK
        else (lan, this_machine)
    )
    back = Choice[Wanted](tr("back"), tr("Nothing is opened."), "")
    title = tr("Show the lesson on phones?")
    return await session.dialog(ChoiceScreen(title, "", (*ways, back))) or ""


async def _address(session: Session, wanted: Wanted) -> str:
    """Return where to open the room, "" for nowhere; ask in which of several networks."""
    if wanted != "lan":
        return LOOPBACK if wanted else ""
    addresses = lan_addresses()
    ways = tuple(Choice(address, name, address) for address, name in addresses.items())
    title = tr("In which of these networks are the phones?")
    chosen: str | None = None
    if len(ways) > 1:
        chosen = await session.dialog(ChoiceScreen(title, "", ways))
    return chosen or next(iter(addresses), LOOPBACK)


class RoomScreen(Dialog[QuestionSent]):
    """Stays open. Questions are read one at a time, and only once T was pressed: a mirrored screen
    shows them to everyone; while a device has the remote they are read there alone. Enter gives the
    one that is shown; else it leaves the lobby."""

    CSS_PATH = [DIALOGS_CSS, "audience.tcss"]  # noqa: RUF012
    BINDINGS = hidden(
        escape="dismiss(None)",
        x="end",
        t="texts",
        l="let_in",
        enter="go_on",
        n="next",
        d="drop",
        a="drop_phone",
        c="take_questions",
        g="give_model",
        r="remote",
    )

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._sharing = session.singleton(Sharing)
        self._shows_texts = False
        self._painted: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog room"):
            yield Static(classes="dialog-title")
            yield Static(classes="dialog-text")  # all columns: a link in two lines can't be copied
            with Horizontal(classes="choice"):
                yield Static(id="code")
                yield Static(id="here")

    def paint_dialog(self, session: Session) -> None:
        sharing, question = self._sharing, self._question
        if not sharing.is_open:
            self.dismiss(None)
            return
        what = tr("On your phone you guess before the model does, and send it questions.")
        right_text = "\n".join([*big(str(sharing.n_phones), WIDE), tr("phones here"), "", what])
        right_text = right_text if question is None else question.prompt
        texts = (self._title(), "\n".join(self._sentences()), sharing.way_in, right_text)
        if texts != self._painted:
            self._painted = texts
            title, text, code, _ = texts
            self.query_one(".dialog-title", Static).update(Content.from_markup(title))
            self.query_one(".dialog-text", Static).update(Content(text))
            self.query_one("#code", Static).update(Content.styled(code, INK))
            self.query_one("#here", Static).update(Content.styled(right_text, "bold"))

    @property
    def _question(self) -> QuestionSent | None:
        questions = self._sharing.questions
        is_read_here = self._shows_texts and not self._sharing.has_remote
        return questions[0] if questions and is_read_here else None

    def _title(self) -> str:
        ways = {} if self._sharing.has_remote else {"texts": tr("t read questions")}
        if self._question is not None:
            ways = {
                "go_on": tr("enter ask"),
                "next": tr("n next"),
                "drop": tr("d drop"),
                "drop_phone": tr("a drop all of this phone"),
            }
        elif self._sharing.is_lobby:
            ways = {"go_on": tr("enter start the lesson"), **ways}
        if self._sharing.n_at_door:
            ways["let_in"] = tr("l let in")
        is_taking = self._sharing.takes_questions
        last = {
            "take_questions": tr("c no more texts") if is_taking else tr("c take texts again"),
            "give_model": tr("g give the model"),
            "remote": tr("r remote"),
            "end": tr("x close"),
            "dismiss(None)": tr("esc back"),
        }
        lines = (
            " · ".join(f"[@click=screen.{action}]{text}[/]" for action, text in line.items())
            for line in (ways, last)
        )
        return f"[{MUTED}]" + "\n".join(lines) + "[/]"

    def _sentences(self) -> list[str]:
        sharing = self._sharing
        if not sharing.link:
            return [tr("The room is being opened…")]
        open_to = tr("No phone can reach this: it is open to browsers on this machine alone.")
        if sharing.is_lan:
            open_to = tr("Phones in this network: scan the code, or type")
        n = len(sharing.questions)
        status = tr("1 question is waiting" if n == 1 else "{n} questions are waiting", n=count(n))
        if sharing.has_remote:
            status += " · " + tr("They are read on the remote alone")
        elif self._shows_texts:
            status += " · " + tr("Everyone who sees this screen reads them")
        elif sharing.n_at_door:
            status += ", " + tr("at the door: {n}", n=count(sharing.n_at_door))
        elif sharing.is_lan and not sharing.n_phones:
            status = tr("No phone gets in? This network may keep devices apart: use a hotspot")
        return [open_to, sharing.typed if sharing.is_lan else sharing.link, f"{status}."]

    def action_go_on(self) -> None:
        question = self._question
        if question is not None or self._sharing.is_lobby:
            if question is None:
                self._sharing.begin(self._session)
            self.dismiss(question)

    def action_next(self) -> None:
        if self._question is not None:
            self._sharing.questions.append(self._sharing.questions.pop(0))

    def action_drop(self) -> None:
        if (question := self._question) is not None:
            self._sharing.drop(question, self._session)

    def action_drop_phone(self) -> None:
        if (question := self._question) is not None:
            self._sharing.drop_phone(question, self._session)

    def action_take_questions(self) -> None:
        self._sharing.take_questions(is_open=not self._sharing.takes_questions)

    def action_give_model(self) -> None:
        session = self._session
        if not session.hides_outcomes:
            session.spawn(self._sharing.give_model(session), "model")

    def action_remote(self) -> None:
        self.dismiss(None)
        self._session.do("remote")

    def action_texts(self) -> None:
        self._shows_texts = not self._shows_texts

    def action_let_in(self) -> None:
        self._sharing.tell(Bidden(what="let_in"))

    def action_end(self) -> None:
        forget()
        self._sharing.close(self._session)
        self.dismiss(None)
