"""The question of a phone, asked on stage."""

from flashcards.app.audience.shared_lesson import Sharing
from flashcards.app.run.run import NoAnswer
from flashcards.app.session import OnStage, Session
from flashcards.audience.messages import QuestionAnswered, QuestionSent
from flashcards.base.language import tr
from flashcards.runs import commands, events, verdict


async def ask_on_stage(session: Session, question: QuestionSent) -> None:
    sharing, stage = session.singleton(Sharing), session.singleton(OnStage)
    sharing.take(question, session)
    try:
        answered = await session.ask(commands.Ask(prompt=question.prompt), events.PromptAnswered)
    except NoAnswer:
        text = tr("No answer came; the question waits again.")
        session.notify(text, severity="warning", kind="room")
        sharing.questions.insert(0, question)
        session.room_waits = sharing.waits
        return
    stage.answered = answered
    how = f"{verdict.percent(answered.probability)} · {tr('step')} {answered.step:,}"
    sharing.tell(QuestionAnswered(question=question.question, answer=answered.answer, how=how))
    session.show("presenter")
    session.paint()
