"""Bets: what somebody predicts of a lesson, and what the lesson then did.

A bet is settled by the events after it alone, so live view, replay and report agree. Knows no
sentence: `flashcards.wording.bets` puts a bet into words.
"""

from collections.abc import Iterator, Mapping

import msgspec

from flashcards.runs import events, verdict
from flashcards.runs.events import AnyEvent, BetPlaced, ExamTaken
from flashcards.runs.marking import mark_of
from flashcards.runs.values import BetChoice, BetKind, Score, text_of

CHOICES: Mapping[BetKind, tuple[BetChoice, ...]] = {
    "score": (),
    "first": ("one", "other", "both"),
    "answer": ("right", "wrong"),
    "correction": ("right", "better", "worse"),
    "rate": ("more", "same", "fewer"),
}
"""The choices of each kind of bet; of a score one gives a share."""

RISEN = 0.5  # A curve has risen when this share of its cards is right

MAX_BETS = 64  # Of a run; the oldest makes room


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a bet: what the lesson did.

    Attributes:
        step: Of the exam, answer or correction that settled the bet.
        score: Of the side in question, or of the taught cards; None where no exam settles.
        before: The same when the bet was placed.
        probability_before, probability_after: Of the right answer, around a correction.
    """

    step: int
    choice: BetChoice | None = None
    score: Score | None = None
    before: Score | None = None
    probability_before: float = 0.0
    probability_after: float = 0.0
    answer: str = ""
    prompt: str = ""
    is_broken: bool = False


class Bet(msgspec.Struct):
    """One bet: as it was placed, and its outcome once there is one.
    `seen_before`: the score of the taught cards when it was placed.
    `settled_fold`: the number of the event that settled it, as `RunState.n_folded` counts.
    `is_void`: another deck is taught now: nothing can settle it."""

    placed: BetPlaced
    seen_before: Score | None = None
    outcome: Outcome | None = None
    settled_fold: int = 0
    is_void: bool = False

    @property
    def is_open(self) -> bool:
        return self.outcome is None and not self.is_void


class BetFacts(msgspec.Struct, frozen=True):
    """Facts of the run that a bet depends on, when an event was folded."""

    exam: ExamTaken | None
    train_seconds: float
    is_broken: bool


def outcome_of(bet: Bet, event: AnyEvent, facts: BetFacts) -> Outcome | None:
    question = bet.placed.bet
    match question.kind:
        case "score":
            return _score(bet, event, facts)
        case "rate":
            return _rate(bet, event, facts)
        case "first":
            return _first(bet, event)
        case "answer":
            return _answer(bet, event)
        case "correction":
            return _correction(bet, event)


def _exam_of_moment(bet: Bet, event: AnyEvent, facts: BetFacts) -> ExamTaken | None:
    question = bet.placed.bet
    exam = facts.exam
    if exam is None or exam.step <= bet.placed.step:
        return None
    if isinstance(event, events.RunPaused):
        is_free = question.at_step is None and question.at_seconds is None
        return exam if is_free else None
    if not isinstance(event, ExamTaken):
        return None
    is_time = (question.at_step is not None and event.step >= question.at_step) or (
        question.at_seconds is not None and facts.train_seconds >= question.at_seconds
    )
    return exam if is_time else None


def _scores(bet: Bet, event: AnyEvent, facts: BetFacts) -> tuple[int, Score, Score] | None:
    if bet.placed.bet.is_of_options:
        if isinstance(event, events.ExamVaried):
            return event.step, event.seen, event.unseen
        return None
    if isinstance(event, events.LessonEnded):
        return event.step, event.seen, event.unseen
    exam = _exam_of_moment(bet, event, facts)
    return None if exam is None else (exam.step, exam.seen, exam.unseen)


def _score(bet: Bet, event: AnyEvent, facts: BetFacts) -> Outcome | None:
    settled = _scores(bet, event, facts)
    if settled is None:
        return None
    step, seen, unseen = settled
    is_seen = bet.placed.bet.side == "seen"
    score = seen if is_seen else unseen
    if not score.total:
        return None
    return Outcome(step=step, score=score, is_broken=facts.is_broken)


def _rate(bet: Bet, event: AnyEvent, facts: BetFacts) -> Outcome | None:
    scores = _scores(bet, event, facts)
    before = bet.seen_before
    if scores is None or before is None or not scores[1].total:
        return None
    step, seen, _ = scores
    choice = _of_two(seen, before, "more", "fewer", "same")
    return Outcome(step=step, choice=choice, score=seen, before=before, is_broken=facts.is_broken)


def _first(bet: Bet, event: AnyEvent) -> Outcome | None:
    if isinstance(event, events.LessonEnded):
        return Outcome(step=event.step, choice="neither")
    if not isinstance(event, ExamTaken) or event.step <= bet.placed.step:
        return None
    score, other_score = (_curve(event, name) for name in bet.placed.bet.names)
    if (
        score.total == 0
        or other_score.total == 0
        or max(score.rate or 0.0, other_score.rate or 0.0) < RISEN
    ):
        return None
    choice = _of_two(score, other_score, "one", "other", "both")
    return Outcome(step=event.step, choice=choice, score=score)


def _of_two(
    score: Score, other_score: Score, first: BetChoice, second: BetChoice, level: BetChoice
) -> BetChoice:
    if verdict.is_better(score, other_score):
        return first
    return second if verdict.is_better(other_score, score) else level


def _curve(exam: ExamTaken, name: str) -> Score:
    if name in ("seen", "unseen"):
        return exam.seen if name == "seen" else exam.unseen
    section = next((part for part in exam.sections if part.name == name), None)
    if section is None:
        return Score(0, 0)
    seen, unseen = section.seen, section.unseen
    return Score(seen.right + unseen.right, seen.total + unseen.total)


def _answer(bet: Bet, event: AnyEvent) -> Outcome | None:
    question = bet.placed.bet
    if not isinstance(event, events.PromptAnswered) or event.prompt != question.prompt:
        return None
    mark = event.mark_of(event.answer)
    if mark is None and question.answer:
        mark = mark_of(event.answer, (question.answer,))
    if mark is None:
        return None
    return Outcome(
        step=event.step,
        choice="right" if mark == "right" else "wrong",
        answer=event.answer,
        prompt=event.prompt,
    )


def _correction(bet: Bet, event: AnyEvent) -> Outcome | None:
    if not isinstance(event, events.CorrectionMeasured):
        return None
    correction = event.correction
    wanted = bet.placed.bet.prompt
    change = correction.change
    after = correction.guess_after
    if correction.n_cards != 1 or change is None or wanted not in ("", correction.prompt):
        return None
    guess = text_of(after)
    choice: BetChoice = "worse"
    if after is not None and correction.mark_of(after) == "right":
        choice = "right"
    elif change.probability_after > change.probability_before:
        choice = "better"
    return Outcome(
        step=event.step,
        choice=choice,
        probability_before=change.probability_before,
        probability_after=change.probability_after,
        answer=guess,
        prompt=correction.prompt,
    )


def read_share(typed: str) -> float | None:
    """The share (0 to 1) that "40" or "12,5 %" is; None for what is no number of per cent."""
    text = typed.strip().removesuffix("%").strip().replace(",", ".")
    if not text.replace(".", "", 1).isdecimal() or len(text) > 9:
        return None
    share = float(text) / 100
    return share if share <= 1 else None


def keep(bets: list[Bet], bet: Bet) -> None:
    """Add a bet, unless it is there already, read from the log; of too many the oldest goes."""
    if any(bet.placed == known.placed for known in bets):
        return
    bets.append(bet)
    del bets[:-MAX_BETS]


def cut(bets: list[Bet], step: int) -> None:
    bets[:] = [bet for bet in bets if bet.placed.step <= step]
    for bet in bets:
        if bet.outcome is not None and bet.outcome.step > step:
            bet.outcome = None
            bet.settled_fold = 0


def settle(bets: list[Bet], event: AnyEvent, facts: BetFacts, n_folded: int) -> Iterator[Bet]:
    """Settle what this event settles, the `n_folded`th of the run; gives those bets."""
    for bet in bets:
        if bet.is_open and (outcome := outcome_of(bet, event, facts)) is not None:
            bet.outcome = outcome
            bet.settled_fold = n_folded
            yield bet
