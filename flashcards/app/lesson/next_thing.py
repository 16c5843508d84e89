"""What is worth doing next, from what has happened: one line, once each in a lesson."""

from collections.abc import Iterator

from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.base.language import tr
from flashcards.runs.marks import RIGHT

SAID_FOR_S = 12.0
HALF, NEARLY_ALL = 0.5, 0.9


class Offered:
    """When each line was first said in this run."""

    run: Run | None = None
    since_s: dict[str, float]


def line(session: Session) -> str:
    """The first that has its time now, was not done yet, and was not said for long; or ""."""
    offered, now_s = session.kept(Offered), session.clock()
    if offered.run is not session.run:
        offered.run, offered.since_s = session.run, {}
    for id_, text in _offers(session):
        if id_ not in session.done and now_s - offered.since_s.setdefault(text, now_s) < SAID_FOR_S:
            return text
    return ""


def _offers(session: Session) -> Iterator[tuple[str, str]]:
    state, key = session.state, session.key
    exam, start, verdict = state.exams.last, state.start, state.latest_verdict
    if start is None or exam is None or state.is_reading or state.reward is not None:
        return
    seen = exam.seen.rate or 0.0
    if RIGHT in state.marks.latest and seen < HALF:
        yield (
            "phase_next",
            tr("A first right answer. Press {key} to see how it learns.", key=key("phase_next")),
        )
    if session.run.deck == "past-tense" and HALF <= seen < NEARLY_ALL:
        yield (
            "ask",
            tr("Half is right. Press {key} and ask it go: does it say goed?", key=key("ask")),
        )
    if exam.seen.rate == 1.0 and start.n_held_out:
        text = tr(
            "All it was taught is right. And cards never seen? Press {key}.", key=key("view_memory")
        )
        yield "view_memory", text
    if verdict is not None and verdict.kind == "memorised":
        text = tr(
            "It knows them by heart, no more. Addition has a rule: press {key}.", key=key("decks")
        )
        yield "decks", text
    if verdict is not None and verdict.kind == "understood":
        text = tr(
            "It found a rule. Press {key} to teach it something else: what is lost?",
            key=key("teach_after"),
        )
        yield "teach_after", text
