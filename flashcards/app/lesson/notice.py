"""The line under the lesson: how a recording is shown, what is wrong, what is offered."""

from flashcards.app.density import Density
from flashcards.app.room import LineRank, StatusLine
from flashcards.app.run.earlier_runs import N_OPENING_STEPS, EarlierRuns
from flashcards.app.run.run import Run
from flashcards.app.run.sources import Viewer
from flashcards.app.session import Session
from flashcards.app.view import broken_line
from flashcards.base.language import tr
from flashcards.runs import events, marks, values
from flashcards.runs.state import RunState
from flashcards.runs.verdict import Verdict
from flashcards.wording import facts, numbers, rates
from flashcards.wording.run_kinds import kind_of

TOLD_SILENT_AFTER_S = 10.0
ASK_FOR_S = 10.0  # of training, in which a reader's question is offered


def line(session: Session) -> StatusLine | None:
    run, state = session.run, session.state
    if session.is_leaving:
        return StatusLine(LineRank.LEAVING, tr("Saving…"))
    if run.viewer is not None and session.travel.step is None:
        if state.steps.broken is not None:
            return broken_line(LineRank.VIEWING, state)
        return StatusLine(LineRank.VIEWING, _viewed(session, run.viewer))
    if state.liveness == "failed":
        return StatusLine(LineRank.FAILED, _ways_on(session))
    if text := _rewound(state):
        return StatusLine(LineRank.REGIME, text)
    if state.steps.broken is not None:
        return broken_line(LineRank.REGIME, state, session.press("rewind"))
    if state.learning_rate_factor != 1.0:
        press = session.press("rewind")
        return StatusLine(LineRank.REGIME, rates.sentence(state.steps, press))
    if state.exams.under_way is not None:
        exam = state.exams.under_way
        share = exam.n_asked / max(1, exam.n_cards)
        text = tr(
            "Asking all {n_cards:,} cards, taught or not: {share:.0%} done",
            n_cards=exam.n_cards,
            share=share,
        )
        return StatusLine(LineRank.EXAM, text)
    if state.start is not None and state.start.problem is not None:
        return StatusLine(LineRank.PROBLEM, deck_problem(session, state.start))
    text, key = _offer(session)
    return StatusLine(LineRank.OFFER, text, key) if text else None


def last_run(session: Session) -> StatusLine | None:
    """Offer to go on with the deck's last run: in the opening and for a while after it, since the
    key works for as long as the lesson does. Its score isn't told: somebody may be betting."""
    run = session.run
    newest = session.singleton(EarlierRuns).newest(run)
    is_asked_for = run.request.resume is not None or run.viewer is not None
    if newest is None or is_asked_for or not _offers_here(session):
        return None
    if run.state.step > N_OPENING_STEPS and not session.singleton(Offered).is_new("go_on", session):
        return None
    text = tr(
        "{key} goes on with step {step} of the last time.",
        key=session.key("go_on"),
        step=numbers.count(newest.summary.step),
    )
    return StatusLine(LineRank.LAST_RUN, text, "go_on")


def _ways_on(session: Session) -> str:
    keys = {id_: session.key(id_) for id_ in ("go_on", "restart", "decks")}
    if session.state.start is None:
        if session.state.needs_option:
            return ""  # and no key gives one
        return tr("{decks} chooses another deck.", **keys)
    target = session.singleton(EarlierRuns).to_go_on(session.run)
    first = ""
    if target is not None:
        step = numbers.count(target[1])
        first = tr("{go_on} goes on from step {step}, saved. ", step=step, **keys)
    return tr("{first}{restart} starts over. {decks} chooses another deck.", first=first, **keys)


def deck_problem(session: Session, start: events.RunStarted) -> str:
    """Say what is wrong in this lesson's deck, which has a problem, and what is taught of it."""
    assert start.problem is not None
    key = session.key("view_doctor")
    more = tr(" ({n} more: {key} lists them)", n=numbers.count(start.n_problems - 1), key=key)
    are_taught = start.problem.code in ("conflict", "leak")
    return tr(
        "{problem}{more}. {who} are taught.",
        problem=facts.deck_problem(start.problem),
        more=more if start.n_problems > 1 else "",
        who=tr("All cards") if are_taught else tr("The other cards"),
    )


def _rewound(state: RunState) -> str:
    """Say that the lesson stands where a break was taken back; "" elsewhere."""
    rewound = state.rewound
    now = (state.step, state.learning_rate_factor)
    if rewound is None or (rewound.step, rewound.factor) != now:
        return ""
    text = (
        "Back from step {from_step} to step {to_step}, before it broke. Learning rate {value}; "
        "paused."
    )
    if rewound.factor == 1.0:
        text = (
            "Its corrections were too large. So it was taken back (rewind) from step {from_step} "
            "to {to_step}. Its corrections are as usual again; paused."
        )
    return tr(
        text,
        from_step=numbers.count(rewound.from_step),
        to_step=numbers.count(rewound.step),
        value=numbers.rate_factor(rewound.factor),
    )


def _offer(session: Session) -> tuple[str, str]:
    """Return what is worth doing, and the id of its key."""
    run = session.run
    if run.request.resume is not None or not _offers_here(session):
        return "", ""
    if run.state.is_reading and run.state.train_seconds < ASK_FOR_S:
        return tr("{ask} lets it continue a beginning of yours.", ask=session.key("ask")), "ask"
    is_new_to_it = run.viewer is None and not session.singleton(Density).is_full
    return _next_thing(session) if is_new_to_it else ("", "")


def _offers_here(session: Session) -> bool:
    """Tell whether something is offered under this view: under others, what the scores say is worth
    more. A dialog in front has keys of its own."""
    is_in_front = session.shell.screen is session.shell.front
    is_lesson = session.shell.view_name in ("lesson", "reading")
    return session.is_offering and is_lesson and is_in_front


def _viewed(session: Session, viewer: Viewer) -> str:
    run = session.run
    if viewer.kind == "replay":
        keys = {id_: session.key(id_) for id_ in ("faster", "slower", "play", "step", "back")}
        if viewer.is_at_end and viewer.beside is not None:
            return tr(
                "Both at their end: {play} plays the race from its start, {back} goes back in it.",
                **keys,
            )
        if viewer.is_at_end:
            return tr("The recording ends here. Arrow keys go back in it.")
        return tr(
            "Replay at {factor:g}× its pace: {faster} {slower} change it, {play} pauses, "
            "{step} one step on.",
            factor=viewer.pace,
            **keys,
        )
    if run.state.start is None:
        return tr("waiting for the run's first words")
    if run.state.liveness == "learning" and run.silent_s >= TOLD_SILENT_AFTER_S:
        return tr(
            "Nothing was written for {seconds:,} s: the program that teaches it may be "
            "paused, or have ended. When it goes on, so does this screen.",
            seconds=int(run.silent_s),
        )
    name = viewer.folder.path.name
    return tr("Watching {run}: another program teaches it, this screen only looks.", run=name)


SAID_FOR_S = 12.0
HALF, NEARLY_ALL = 0.5, 0.9
CONCLUDED = ("memorised", "understood")  # verdicts that say which of both it is
OFFERS = {  # by the id of the key
    "phase_next": "Press {key} to see, step by step, how it learns from one card.",
    "ask": "Half is right. Press {key} and ask it go: does it say goed?",
    "view_memory": "{verdict} Key {key} compares it with programs that copy.",
    "decks": "It knows these cards by heart, no more. For a deck with a rule to find, press {key} "
    "and choose Addition.",
    "teach_after": "The model found a rule: it answers cards it was never taught. Press {key} "
    "to teach it something else and see what it forgets.",
}

SOME_BY_LUCK = (
    "By heart, and some by luck: many cards have the answer {answer}. For a deck with a rule to "
    "find, press {key} and choose Addition."
)
"""In place of the offer of another deck, where one answer is right for many cards."""


class Offered:
    """The time at which each key was first offered in this run."""

    run: Run | None = None
    since_s: dict[str, float]

    def is_new(self, id_: str, session: Session) -> bool:
        """Tell whether the key is offered for the first time, or has not stood there for long."""
        if self.run is not session.run:
            self.run = session.run
            self.since_s = {}
        now_s = session.clock()
        return now_s - self.since_s.setdefault(id_, now_s) < SAID_FOR_S


def _next_thing(session: Session) -> tuple[str, str]:
    """Return what is worth doing next, unless it was done or said for long."""
    offered = session.singleton(Offered)
    for id_ in _offers(session):
        if id_ not in session.done and offered.is_new(id_, session):
            latest = session.state.latest_verdict
            verdict = "" if latest is None else facts.verdict_so_far(latest)
            text = OFFERS[id_]
            common = None if session.state.start is None else session.state.start.common
            named = {"key": session.key(id_), "verdict": verdict}
            if id_ == "decks" and common is not None and _is_luck(latest, common):
                text = SOME_BY_LUCK
                named["answer"] = facts.quoted(common.answer)
            return tr(text, **named), id_
    return "", ""


def _is_luck(latest: Verdict | None, common: values.CommonAnswer) -> bool:
    """Tell whether always giving the common answer has as much of the cards never taught."""
    if latest is None or not latest.unseen.right:
        return False
    return (latest.unseen.rate or 0.0) <= (common.unseen.rate or 0.0) + facts.ALIKE


def _offers(session: Session) -> list[str]:
    state = session.state
    exam = state.exams.last
    start = state.start
    verdict = state.latest_verdict
    if start is None or exam is None or "next_thing" in kind_of(state).lacks:
        return []
    seen = exam.seen.rate or 0.0
    kind = "" if verdict is None else verdict.kind
    due = {
        "phase_next": marks.RIGHT in state.marks.latest and seen < HALF,
        "ask": session.run.deck == "past-tense" and HALF <= seen < NEARLY_ALL,
        "view_memory": exam.seen.rate == 1.0 and start.n_held_out > 0 and kind not in CONCLUDED,
        "decks": kind == "memorised",
        "teach_after": kind == "understood",
    }
    return [id_ for id_, is_due in due.items() if is_due]
