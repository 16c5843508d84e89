"""Actions of the keys for looking back: a step, a marker, a bookmark."""

from flashcards.app.room import LineRank, StatusLine
from flashcards.app.session import Session
from flashcards.base.keyed_text import sentences
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.runs.commands import SetBookmark
from flashcards.runs.events import ExamTaken
from flashcards.wording.markers import signed
from flashcards.wording.numbers import count, percent_right

MAX_BOOKMARK_LENGTH = 60


def move(session: Session, by: int) -> None:
    if by > 0 and session.travel.step is None:
        return
    if _can_look_back(session):
        session.travel.move(by)


def go(session: Session, step: int) -> None:
    if _can_look_back(session):
        session.travel.go(step)


def jump(session: Session, way: int) -> None:
    if not _can_look_back(session) or session.travel.jump(way):
        return
    if way > 0 and session.travel.step is not None:
        session.travel.follow_live()
    else:
        session.notify(tr("No marker there."), timeout=3)


async def bookmark(session: Session) -> None:
    from flashcards.app.textual_fixes.screens import PromptInput
    from flashcards.app.widgets.dialog import LineDialog

    if session.state.start is None:
        return
    step = session.step
    title = tr("⚑ bookmark at step {step}", step=count(step))
    line = PromptInput(placeholder=tr("a word, if you like"), max_length=MAX_BOOKMARK_LENGTH)

    async def read(typed: str) -> str:
        return printable(typed).strip()

    hint = tr("enter sets it   esc leaves it")
    text = await session.dialog(LineDialog(title, line, hint, read))
    if text is not None:
        session.send(SetBookmark(step=step, text=text))
        session.notify(title, timeout=3, kind="bookmark")


def follow_live(session: Session) -> None:
    session.travel.follow_live()


def line(session: Session) -> StatusLine | None:
    travel = session.travel
    text = travel.problem
    if not text and travel.step is not None and session.shell.shows_past:
        text = _place(session)
    key = "" if travel.problem or travel.step is None else "follow_live"
    return StatusLine(LineRank.PAST, text, key) if text else None


def _place(session: Session) -> str:
    travel, viewer = session.travel, session.run.viewer
    assert travel.step is not None
    marker = travel.marker_here()
    if marker is not None:
        return signed(marker)
    if viewer is not None and viewer.beside is not None:
        text = "Both as they were when the first was at step {step}; {play} plays on from here."
        return tr(text, step=count(travel.step), play=session.key("play"))
    comparison = _then_and_now(session)
    if not (comparison or travel.step or session.state.is_brought):
        comparison = tr("It knew nothing yet.")
    broken = session.shown_state.steps.broken
    step = count(travel.step)
    if broken is not None:
        sentence = "The run as it was at step {step}. It is broken: noticed at step {noticed}."
        comparison = tr(sentence, step=step, noticed=count(broken.step))
    live_key = session.key("follow_live")
    if session.run.badge == "replay":
        go_on = tr(
            "{play} plays on from here, {live_key} goes back to where the replay is.",
            play=session.key("play"),
            live_key=live_key,
        )
        return sentences(tr("The run as it was at step {step}.", step=step), go_on)
    return sentences(comparison, tr("Press {live_key} to come back to now.", live_key=live_key))


def _then_and_now(session: Session) -> str:
    """Say how much it knew of what it is asked now; "" where it was taught another deck then."""
    exam_then, exam_now = session.shown_state.exams.last, session.state.exams.last
    is_other = (session.travel.step or 0) < session.state.life.since_step
    if exam_then is None or exam_now is None or is_other:
        return ""
    return then_and_now(exam_then, exam_now, session.shown_state.step)


def then_and_now(exam_then: ExamTaken, exam_now: ExamTaken, step: int) -> str:
    """Compare how much was right, of both kinds of card where both are asked; "" where some were
    not asked yet. An exam before the `step` that is shown says at which step it was."""
    has_unseen = exam_now.unseen.total > 0
    exams = (exam_then, exam_now)
    scores = [[exam.seen, exam.unseen] if has_unseen else [exam.seen] for exam in exams]
    if not all(score.total for both in scores for score in both):
        return ""
    shares_then, shares_now = ([percent_right(score) for score in both] for both in scores)
    is_earlier = exam_then.step < step
    exam_step = {"step": count(exam_then.step), "shares": _shares(shares_then)}
    if shares_then == shares_now:
        text = "Last asked at step {step}, right as now: {shares}."
        return tr(text if is_earlier else "Right answers, then as now: {shares}.", **exam_step)
    now = shares_now[0]
    if has_unseen:
        now = tr("{seen} and {unseen}", seen=shares_now[0], unseen=shares_now[1])
    text = "Right answers then: {shares}. By now: {now}."
    if is_earlier:
        text = "Last asked at step {step}, right: {shares}. By now: {now}."
    return tr(text, now=now, **exam_step)


def _shares(shares: list[str]) -> str:
    """Say of what these shares are: of the taught, and of the never taught if there are two."""
    if len(shares) == 1:
        return tr("{seen} of the taught", seen=shares[0])
    return tr(
        "{seen} of the taught, {unseen} of the never taught", seen=shares[0], unseen=shares[1]
    )


def _can_look_back(session: Session) -> bool:
    if session.state.start is not None and session.state.step > 0:
        return True
    session.notify(tr("Nothing was taught yet, so there is nothing to go back to."), timeout=3)
    return False
