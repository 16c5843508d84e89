"""Actions of the keys where rewards teach."""

from flashcards.app.room import LineRank, StatusLine
from flashcards.app.run.run import Setting
from flashcards.app.session import Session
from flashcards.base.language import tr
from flashcards.runs import commands as cmd
from flashcards.runs.values import Practice
from flashcards.wording import numbers, rewards

PRACTICE: Setting[Practice] = Setting(
    lambda state: "taught" if state.reward is None else state.reward.practice,
    lambda practice: cmd.SetPractice(practice=practice),
)


def is_rewarding(session: Session) -> bool:
    """Tell whether this deck has a judge."""
    return session.state.reward is not None


def can_begin(session: Session) -> bool:
    return can_vote(session) and not is_rewarding(session)


def begin(session: Session) -> None:
    """Practise the same deck by reward, in a new chapter; another one where all of it is right."""
    state = session.state
    start, exam = state.start, state.exams.last
    if start is None or not can_begin(session):
        return
    if start.is_shuffled:
        session.notify(tr("Shuffled answers are nothing to build on."), timeout=5)
        return
    if exam is None or not state.step:
        session.notify(tr("It knows nothing yet: teach it this deck first."), timeout=5)
        return
    if exam.seen.right == exam.seen.total:
        text = tr(
            "Nothing to reward in this deck: {n} of {n} cards asked are right, so all tries earn "
            "the same. Choose prompts that it does not know yet.",
            n=numbers.count(exam.seen.total),
        )
        session.notify(text, timeout=12, kind="reward")
        session.do("reward_deck")
        return
    session.open_after(start.deck_path, is_rewarded=True)


def can_vote(session: Session) -> bool:
    return session.state.start is not None and "vote" not in session.kind.lacks


def vote(session: Session) -> None:
    if session.state.remedies.is_adapter_off:
        key = session.press("adapter")
        text = tr("The adapter is off. {key} to turn it on, then you can vote.", key=key)
        session.notify(text, timeout=5, kind="vote")
    elif can_vote(session):
        session.show("vote")


def shuffle(session: Session) -> None:
    _switch(session, "shuffled", session.key("shuffle_rewards"))


def show_answers(session: Session) -> None:
    _switch(session, "taught", session.key("with_answers"))


def _switch(session: Session, practice: Practice, key: str) -> None:
    if session.state.reward is None:
        return
    if session.run.value_of(PRACTICE) == practice:
        practice = "rewarded"
    session.run.change(PRACTICE, practice)
    text = rewards.practice(practice)
    if practice != "rewarded":
        text += " " + tr("{key} ends the control.", key=key)
    session.notify(text, timeout=5, kind="practice")


def line(session: Session) -> StatusLine | None:
    state = session.state
    if state.reward is None or state.liveness == "failed" or session.travel.step is not None:
        return None
    return StatusLine(LineRank.REGIME, rewards.sentence(state, session.key("with_answers")))
