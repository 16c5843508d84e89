"""The presenter's remote at the app's end: its contents, and the work of each button."""

from typing import assert_never

import msgspec
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from flashcards.app.audience.on_stage import ask_on_stage
from flashcards.app.audience.shared_lesson import (
    INK,
    RemoteEnd,
    Sharing,
    code_of,
    remote_file,
    status_of,
    step_of,
)
from flashcards.app.session import OnStage, Session
from flashcards.app.textual_fixes.screens import hidden
from flashcards.app.widgets.ballot import BallotScreen
from flashcards.app.widgets.cells import MUTED
from flashcards.app.widgets.dialog import DIALOGS_CSS, Dialog
from flashcards.audience import messages as ms
from flashcards.base.language import tr
from flashcards.wording.numbers import count, duration

MAX_TEXTS = 30  # of those that wait, on a phone's screen


class Button(msgspec.Struct, frozen=True):
    what: ms.RemoteCommand
    label: str


class RemoteFacts(msgspec.Struct, frozen=True):
    """The contents of the remote's page; `remote.js` reads it. `more`: how many texts wait
    besides `texts`."""

    title: str
    status: str
    step: str
    now: str
    next: str
    notes: tuple[str, ...]
    clock: str
    buttons: tuple[Button, ...]
    texts: tuple[ms.QuestionSent, ...]
    more: int


def facts_of(session: Session, sharing: Sharing) -> RemoteFacts:
    stage, state = session.singleton(OnStage), session.state
    title = session.run.deck if state.start is None else state.start.name or state.start.deck
    plan = None if stage.plan is None else stage.plan()
    clock = [tr("not begun")]
    if sharing.began_at_s is not None:
        clock = [duration(session.clock() - sharing.began_at_s)]
    if plan is not None:
        clock.append(plan.place)
    phones = tr("{n} phones", n=count(sharing.n_phones))
    return RemoteFacts(
        title=title,
        status=status_of(state, session.run.is_stalled),
        step=f"{step_of(state)} · {phones}",
        now=_now(session, sharing, "" if plan is None else plan.now),
        next="" if plan is None else plan.next,
        notes=() if plan is None else plan.notes,
        clock=" · ".join(clock),
        buttons=tuple(_buttons(session, sharing)),
        texts=tuple(sharing.questions[:MAX_TEXTS]),
        more=max(0, len(sharing.questions) - MAX_TEXTS),
    )


def _now(session: Session, sharing: Sharing, cue: str) -> str:
    ballot = sharing.polled
    if ballot is not None:
        answered = tr("{n} of {total} have answered", n=sum(ballot.hands), total=sharing.n_phones)
        return f"{ballot.text} · {ballot.left_s(session.clock())} s · {answered}"
    answer = session.singleton(OnStage).answered
    if answer is not None:
        return f"{answer.prompt} → {answer.answer}"
    if sharing.is_lobby:
        return tr("The room waits for you.")
    return cue


def _buttons(session: Session, sharing: Sharing) -> list[Button]:
    """The buttons of this moment; the first one is the largest."""
    screen = session.shell.screen
    stage = session.singleton(OnStage)
    if sharing.polled is not None:
        buttons = [Button("end_question", tr("End the question"))]
        if not sharing.polled.hands_before:
            buttons.append(Button("second_round", tr("Talk, then answer again")))
        buttons.append(Button("call_off", tr("Call it off")))
    elif isinstance(screen, BallotScreen):
        buttons = [Button("on", tr("Go on"))]
    elif sharing.is_lobby:
        buttons = [Button("on", tr("Start the lesson"))]
    elif stage.plan is not None:
        on = tr("On") if stage.plan().is_done else tr("Skip what is going on")
        buttons = [Button("on", on), Button("back", tr("Back"))]
    else:
        is_going = session.state.liveness == "learning"
        buttons = [Button("on", tr("Pause") if is_going else tr("Play"))]
        buttons.append(Button("question", tr("Ask everybody")))
    if session.hides_outcomes and sharing.polled is None:
        buttons.append(Button("no_bet", tr("No bet: show results")))
    buttons.append(Button("away", tr("Everything off the screen")))
    if session.state.step and not session.hides_outcomes:
        buttons.append(Button("give_model", tr("Give phones the model")))
    if sharing.n_at_door:
        buttons.append(Button("let_in", tr("Let in: {n}", n=count(sharing.n_at_door))))
    if sharing.takes_questions:
        buttons.append(Button("close_questions", tr("Take no more texts")))
    else:
        buttons.append(Button("open_questions", tr("Take texts again")))
    return buttons


async def obey(session: Session, sharing: Sharing, message: ms.RemoteCommanded) -> None:
    """Do what a button of the remote says; one that came too late does nothing."""
    screen = session.shell.screen
    question = next((q for q in sharing.questions if q.question == message.question), None)
    match message.what:
        case "on":
            await _go_on(session, sharing)
        case "back":
            if session.singleton(OnStage).plan is not None:
                session.do("cue_before")
        case "question":
            if not isinstance(screen, ModalScreen):
                session.do("bet")
        case "no_bet":
            session.do("no_bet")
        case "end_question" if isinstance(screen, BallotScreen):
            screen.dismiss("go_on")
        case "second_round" if isinstance(screen, BallotScreen):
            screen.action_again()
        case "call_off" if isinstance(screen, BallotScreen):
            screen.dismiss("off")
        case "ask" if question is not None:
            await session.clear_stage()
            await ask_on_stage(session, question)
        case "drop" if question is not None:
            sharing.drop(question, session)
        case "drop_phone" if question is not None:
            sharing.drop_phone(question, session)
        case "close_questions" | "open_questions":
            sharing.take_questions(is_open=message.what == "open_questions")
        case "let_in":
            sharing.tell(ms.Bidden(what="let_in"))
        case "give_model":
            await sharing.give_model(session)
        case "away":
            await session.clear_stage()
        case "end_question" | "second_round" | "call_off" | "ask" | "drop" | "drop_phone":
            pass  # it came too late
        case _:
            assert_never(message.what)
    session.paint()


async def _go_on(session: Session, sharing: Sharing) -> None:
    screen = session.shell.screen
    if isinstance(screen, BallotScreen):
        screen.dismiss("go_on")
    elif sharing.is_lobby:
        await session.clear_stage()
        sharing.begin(session)
    elif session.singleton(OnStage).plan is not None:
        session.do("cue_next")
    else:
        await session.clear_stage()
        session.do("play")


PRESENTERS_REMOTE = RemoteEnd(facts_of, obey)


class RemoteScreen(Dialog[None]):
    """The link of the remote, once the warning is read: whoever sees it can steer the lesson."""

    CSS_PATH = [DIALOGS_CSS, "audience.tcss"]  # noqa: RUF012
    BINDINGS = hidden(escape="dismiss(None)", enter="show_link", w="withdraw")

    def __init__(self, sharing: Sharing) -> None:
        super().__init__()
        self._sharing = sharing
        self._is_shown = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog room"):
            yield Static(classes="dialog-title")
            with Horizontal(classes="choice"):
                yield Static(id="code")
                yield Static(id="here")

    def paint_dialog(self, session: Session) -> None:
        sharing = self._sharing
        if not sharing.is_open:
            self.dismiss(None)
            return
        is_shown = self._is_shown and not sharing.has_remote
        keys = [] if is_shown or sharing.has_remote else [tr("enter show the link")]
        keys += [tr("w withdraw it")] if sharing.has_remote else []
        keys.append(tr("esc back"))
        if sharing.has_remote:
            text = tr("A device has the remote. Withdrawn, it can do nothing more.")
        elif is_shown:
            text = f"{tr('Scan this with your own phone, or open')}\n\n{sharing.remote_link}"
        else:
            warning = tr(
                "Whoever sees the link can steer the lesson and reads all texts: make the "
                "projector dark first. It stands in a file, too, which you alone can read:"
            )
            text = f"{warning}\n\n{remote_file()}"
        self.query_one(".dialog-title", Static).update(Content.styled(" · ".join(keys), MUTED))
        self.query_one("#here", Static).update(Content(text))
        code = code_of(sharing.remote_link) if is_shown else ""
        self.query_one("#code", Static).update(Content.styled(code, INK))

    def action_show_link(self) -> None:
        self._is_shown = True

    def action_withdraw(self) -> None:
        if self._sharing.has_remote:
            self._sharing.withdraw_remote()
            self._is_shown = False
