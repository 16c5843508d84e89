"""Turns what happens in a lesson into sentences, at a rate that can be read or listened to.

Knows no process, no terminal and no clock of its own: `tell` is given the time.
"""

from __future__ import annotations

from collections.abc import Iterator

from flashcards.plain import words
from flashcards.runs.damage import damaged
from flashcards.runs.events import (
    AnyEvent,
    CorrectionMeasured,
    DamageFound,
    DeckChanged,
    DeckMarked,
    ExamTaken,
    LearningRateChanged,
    LessonEnded,
    PinAnswered,
    PromptAnswered,
    RivalsGraded,
    RunDiverged,
    RunPaused,
    RunPlayed,
    RunResumed,
    RunStarted,
    SpeedChanged,
)
from flashcards.runs.markers import Marker, MarkerFinder, MarkerKind
from flashcards.runs.marks import NEARLY, RIGHT, WRONG
from flashcards.runs.state import RunState
from flashcards.runs.values import Speed
from flashcards.runs.verdict import rival_name, verdict

CARD_EVERY_S: dict[Speed, float] = {"explain": 0.0, "slow": 0.0, "brisk": 0.5, "full": 1.0}
EXAM_EVERY_S = 3.0
"""At most one card and one summary come in this time; slowly taught cards are all told."""

TOLD_ELSEWHERE: tuple[MarkerKind, ...] = ("ended", "deck", "learning_rate")
"""Markers whose events have a sentence of their own, with more in it."""


class Narrator:
    """Follows one lesson. Folds what it is told, so that it needs nothing else."""

    def __init__(self) -> None:
        self.state = RunState()
        self._card_at_s = self._exam_at_s = float("-inf")
        self._told_verdict = ""
        self._finder = MarkerFinder()

    def tell(self, event: AnyEvent, now_s: float) -> list[str]:
        """The lines about this event, in order; none where too much happens to tell all of it."""
        self.state.fold(event)
        lines = [line for line in self._lines(event, now_s) if line]
        return lines + [
            f"{words.at(marker.step)} {said}"
            for marker in self._finder.find(event, self.state)
            if (said := self._milestone(marker, event))
        ]

    def _milestone(self, marker: Marker, event: AnyEvent) -> str:
        """A moment that is told whenever it comes, however fast the cards go by."""
        if marker.kind in TOLD_ELSEWHERE or isinstance(event, RunDiverged):
            return ""
        if marker.kind == "first_right" and isinstance(event, CorrectionMeasured):
            return words.first_of_all(event.correction.prompt)
        return words.milestone(marker.kind, marker.text)

    def _lines(self, event: AnyEvent, now_s: float) -> Iterator[str]:
        match event:
            case RunStarted():
                yield from self._begins(event)
            case RunResumed():
                yield from self._begins(event.start)
                yield words.at(event.step)
            case DamageFound():
                yield damaged(event)
            case RivalsGraded():
                for rival in event.rivals:
                    yield words.rival(rival_name(rival.name), rival.seen, rival.unseen)
            case CorrectionMeasured():
                if now_s - self._card_at_s >= CARD_EVERY_S[self.state.speed]:
                    self._card_at_s = now_s
                    is_alone = event.correction.n_cards == 1
                    yield self._paragraph(event) if is_alone else self._short(event)
            case ExamTaken():
                if now_s - self._exam_at_s >= EXAM_EVERY_S:
                    self._exam_at_s = now_s
                    yield from self._exam(event)
            case DeckMarked():
                if self._exam_at_s == now_s:
                    yield self._wall()
            case PinAnswered() | PromptAnswered():
                said = words.answered(event.prompt, event.answer, event.probability)
                yield f"{words.at(event.step)} {said}"
            case SpeedChanged():
                yield words.speed(event.speed)
            case LearningRateChanged():
                yield f"{words.at(event.step)} {words.rate(event.factor)}"
            case RunPaused():
                yield f"{words.at(event.step)} {words.PAUSED}"
            case RunPlayed():
                yield f"{words.at(event.step)} {words.GOES_ON}"
            case DeckChanged():
                changed = words.changed(event.n_added, event.n_changed, event.n_removed)
                yield " ".join((words.at(event.step), changed, *event.notes))
            case RunDiverged():
                yield f"{words.at(event.step)} {words.broke_down(event.what)}"
            case LessonEnded():
                scores = words.seen_and_unseen(event.seen, event.unseen, is_sample=False)
                yield f"{words.at(event.step)} {self._pace()} {scores}"
                yield self._wall()
                broken = self.state.steps.broken
                yield words.ended(event.verdict, None if broken is None else broken.step)
            case _:
                pass

    def _begins(self, start: RunStarted) -> Iterator[str]:
        name = start.name or start.deck
        yield words.begins(name, start.n_taught, start.n_held_out, start.n_parameters, start.seed)
        yield start.shows
        yield words.blind(start.guessing_nats, start.n_pieces)
        yield start.problem
        for leak in start.leaks:
            yield words.careful(leak)

    def _paragraph(self, event: CorrectionMeasured) -> str:
        correction = event.correction
        parts = [
            words.at(event.step),
            words.card(correction.card_index + 1, self.state.n_cards, correction),
            words.guess(correction),
        ]
        if correction.is_by_rule:
            parts.append(words.by_rule())
        parts.append(words.error(correction))
        if correction.change is not None and self.state.speed in ("explain", "slow"):
            parts.append(words.change(correction.change, 1))
        if correction.history:
            parts.append(words.marks(correction.history))
        if correction.mark == "right" and "r" not in correction.history:
            parts.append(words.first_right(correction.prompt))
        return " ".join(parts)

    def _short(self, event: CorrectionMeasured) -> str:
        correction = event.correction
        parts = [words.one_of(event.step, correction)]
        if correction.is_by_rule:
            parts.append(words.by_rule())
        if correction.change is not None:
            parts.append(words.change(correction.change, correction.n_cards))
        return " ".join(parts)

    def _pace(self) -> str:
        return words.pace(self.state.cards_taught, self.state.train_seconds)

    def _exam(self, exam: ExamTaken) -> Iterator[str]:
        scores = words.seen_and_unseen(exam.seen, exam.unseen, is_sample=not exam.is_full)
        errors = words.losses(exam.seen_loss_nats, exam.unseen_loss_nats)
        yield f"{words.at(exam.step)} {self._pace()} {scores} {errors}".rstrip()
        if exam.seen.total:
            said = verdict(exam.seen, exam.unseen, self.state.rivals)
            if said.kind not in ("too_early", self._told_verdict):
                self._told_verdict = said.kind
                yield words.so_far(said.sentence)

    def _wall(self) -> str:
        marks = self.state.marks
        return words.wall(marks.count(RIGHT), marks.count(NEARLY), marks.count(WRONG))
