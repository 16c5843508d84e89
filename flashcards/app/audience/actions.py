"""What Q does: open the room, look at it, put a question from it on stage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flashcards.app.audience.sharing import LOOPBACK, Sharing
from flashcards.app.run.run import NoAnswer, Run
from flashcards.app.session import OnStage, Session
from flashcards.app.widgets.dialog import Choice, ChoiceScreen
from flashcards.audience.client import lan_addresses, missing
from flashcards.audience.messages import QuestionAnswered
from flashcards.base.extras import how_to_install
from flashcards.base.language import tr
from flashcards.runs.commands import Ask
from flashcards.runs.events import AnyEvent, PromptAnswered, RunPlayed
from flashcards.runs.verdict import percent

if TYPE_CHECKING:
    from flashcards.audience.messages import QuestionSent


async def follow(session: Session, run: Run) -> None:
    """Show the room this lesson, too; a room that was asked for at first opens with it."""
    sharing = session.kept(Sharing)

    def hear(event: AnyEvent) -> None:
        if isinstance(event, RunPlayed) and sharing.is_open:
            sharing.close_door(session)

    run.on_event(hear)
    if sharing.wanted:
        address = await _address(session) if sharing.wanted == "lan" else LOOPBACK
        sharing.open(session, address)
        await room(session)
    elif sharing.is_open:
        sharing.hold(session)


async def room(session: Session) -> None:
    """Show the room, opened before if it is not; then ask the question that was chosen in it."""
    from flashcards.app.audience.screen import RoomScreen

    sharing = session.kept(Sharing)
    if not sharing.is_open:
        lacking = missing()
        if lacking:
            text = tr(
                "Sharing needs {packages}: {command}",
                packages=", ".join(lacking),
                command=how_to_install("serve"),
            )
            session.notify(text, severity="error", timeout=20, kind="room")
            return
        text = tr("Anyone with the link can follow and send questions until you close the room.")
        ways = (
            Choice(tr("everyone in this network"), text, True),
            Choice(tr("back"), tr("Nothing is opened."), False),
        )
        if not await session.dialog(ChoiceScreen(tr("Show the lesson on phones?"), "", ways)):
            return
        sharing.open(session, await _address(session))
    question = await session.dialog(RoomScreen(session))
    if question is not None:
        await ask_on_stage(session, question)


async def _address(session: Session) -> str:
    """Where the room is opened: where there are several networks, in the one that is chosen."""
    found = lan_addresses()
    ways = tuple(Choice(address, name, address) for address, name in found.items())
    title = tr("In which of these networks are the phones?")
    chosen: str | None = None
    if len(ways) > 1:
        chosen = await session.dialog(ChoiceScreen(title, "", ways))
    return chosen or next(iter(found), LOOPBACK)


async def ask_on_stage(session: Session, question: QuestionSent) -> None:
    sharing, stage = session.kept(Sharing), session.kept(OnStage)
    sharing.take(question, session)
    try:
        said = await session.ask(Ask(prompt=question.prompt), PromptAnswered)
    except NoAnswer:
        text = tr("No answer came; the question waits again.")
        session.notify(text, severity="warning", kind="room")
        sharing.questions.insert(0, question)
        session.n_questions = len(sharing.questions)
        return
    stage.answered = said
    how = f"{percent(said.probability)} · {tr('step')} {said.step:,}"
    sharing.tell(QuestionAnswered(question=question.question, answer=said.answer, how=how))
    session.show("presenter")
    session.paint()
