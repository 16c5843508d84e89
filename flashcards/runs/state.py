"""What is known of a run: one value that every event is folded into. Touches no widget, no file.

Live view, replay, resume and `train` all fold the same events.
"""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import Literal, assert_never

from flashcards.runs import bets, events
from flashcards.runs.bets import Bet
from flashcards.runs.events import AnyEvent
from flashcards.runs.exam_history import ExamHistory, truth_of
from flashcards.runs.history import History, Thinned
from flashcards.runs.marks import unpack
from flashcards.runs.rewards import RewardState
from flashcards.runs.steps import StepWatch
from flashcards.runs.values import (
    BetQuestion,
    Correction,
    Learns,
    OrderName,
    Phase,
    Rival,
    Score,
    Speed,
)
from flashcards.runs.verdict import Verdict, verdict
from flashcards.runs.votes import VoteState

Liveness = Literal["starting", "learning", "paused", "finished", "diverged", "failed"]

N_RECENT_CORRECTIONS = 200


@dataclass
class Pin:
    """A pinned prompt and its answers over time, oldest first, thinned when there are many.

    `taught` says which cards taught it; None until some did.
    """

    prompt: str
    answers: Thinned[events.PinAnswered] = field(default_factory=Thinned)
    taught: events.PinTaught | None = None

    @property
    def last_step(self) -> int | None:
        """The step of its newest answer; None before the first."""
        last = self.answers.last
        return None if last is None else last.step


@dataclass
class RunState(ExamHistory):
    """Everything a screen shows of one run.

    Attributes:
        start: None until the trainer has said who is taught what.
        correction: The card being corrected, as far as it has come; `phase` is where it is while
            explaining or stepping, None at speed; `is_held` while it waits for `NextPhase`.
        details: The update in hand from within; None at speed.
        steps: What the steps do to the model, and whether they broke it.
        corrections: The last ones measured, newest last.
        marks: One byte a card (see `runs.marks`), as of `marked_step`; b"" until it was marked.
        never_seen_mask: One byte a card, 1 when it is never taught.
        branch: Where this run left another, None when it began by itself.
        recipe: How updates are made now; None in logs from before that was said.
        damage: The last saved state that could not be used when the run went on, None without any.
        stage: What the trainer is doing while starting.
        written: What the model wrote last by itself; None where no text is read.
        last_saved_step: The last durable step, None when there is none yet.
        rehearsal, learns: The remedies against forgetting, as asked for last; `n_learned` numbers
            of the model are changed with them, 0 where that was not said.
        is_adapter_off: The model is the one from before the adapter.
        reward: Of a chapter in which rewards teach; None in others.
        votes: Of a chapter in which somebody voted; None before the first vote. `vote` is the last.
    """

    start: events.RunStarted | None = None
    liveness: Liveness = "starting"
    stage: str = ""
    failure: str = ""
    step: int = 0
    cards_taught: int = 0
    train_seconds: float = 0.0
    loss_nats: float | None = None
    gradient_norm: float | None = None
    relative_change: float | None = None
    speed: Speed = "full"
    learning_rate_factor: float = 1.0
    order: OrderName = "shuffled"
    phase: Phase | None = None
    is_held: bool = False
    details: events.UpdateDetails | None = None
    rewound: events.RunRewound | None = None
    steps: StepWatch = field(default_factory=StepWatch)
    correction: Correction | None = None
    correction_step: int = 0
    corrections: deque[tuple[int, Correction]] = field(
        default_factory=lambda: deque(maxlen=N_RECENT_CORRECTIONS)
    )
    batch_losses: History = field(default_factory=History)
    marks: bytes = b""
    marked_step: int = 0
    rivals: tuple[Rival, ...] = ()
    pins: dict[str, Pin] = field(default_factory=dict)
    deck_change: events.DeckChanged | None = None
    branch: events.RunBranched | None = None
    recipe: events.RecipeChanged | None = None
    damage: events.DamageFound | None = None
    ended: events.LessonEnded | None = None
    end_verdict: Verdict | None = None
    written: events.TextWritten | None = None
    last_saved_step: int | None = None
    n_folded: int = 0
    chapter: events.ChapterBegan | None = None
    rehearsal: float = 0.0
    learns: Learns = "all"
    n_learned: int = 0
    is_adapter_off: bool = False
    bets: list[Bet] = field(default_factory=list)
    reward: RewardState | None = None
    tries: events.TriesRewarded | None = None
    votes: VoteState | None = None
    vote: events.VoteCast | None = None
    never_seen_mask: bytes = b""

    @property
    def n_cards(self) -> int:
        """Cards in the deck, taught and never seen."""
        return 0 if self.start is None else self.start.n_taught + self.start.n_held_out

    @property
    def is_reading(self) -> bool:
        """Whether a text is read, and no cards are taught."""
        return self.start is not None and self.start.text is not None

    def n_of_side(self, bet: BetQuestion) -> int:
        """How many cards the side has that is in question."""
        if self.start is None:
            return 0
        return self.start.n_taught if bet.side == "seen" else self.start.n_held_out

    @property
    def latest_verdict(self) -> Verdict | None:
        """That of the end, or of the newest exam; None before any."""
        if self.ended is not None:
            return self.end_verdict
        if self.exam is None:
            return None
        return self._judged(self.exam.seen, self.exam.unseen)

    def _judged(self, seen: Score, unseen: Score) -> Verdict:
        because = "" if self.start is None else self.start.because
        return verdict(seen, unseen, self.rivals, is_text=self.is_reading, because=because)

    def fold(self, event: AnyEvent) -> None:
        """Take in one event. Events come in the order of the log."""
        self.n_folded += 1
        self.step = max(self.step, event.step)
        match event:
            case events.TrainerWoke():
                self.stage = event.stage
            case events.RunStarted():
                self._begin(event)
            case events.RunResumed():
                if event.step < self.step:
                    self._cut(event.step)
                self._begin(event.start)
                self.step = event.step
                self.ended = self.recipe = self.damage = None
            case events.PhaseEntered():
                self.phase = event.phase
                self.is_held = event.is_held
                self.correction = event.correction
                if event.phase == "data":
                    self.details = None
            case events.UpdateDetails():
                self.details = event
            case events.CorrectionMeasured():
                self.correction = event.correction
                self.correction_step = event.step
                self.corrections.append((event.step, event.correction))
                if self.speed == "full" and self.liveness == "learning":
                    self.phase = self.details = None
            case events.StepsTaken():
                self.cards_taught = event.cards_taught
                self.train_seconds = event.train_seconds
                self.loss_nats = event.loss_nats
                self.gradient_norm = event.gradient_norm
                self.relative_change = event.relative_change
                self.batch_losses.append(event.step, event.loss_nats)
                self.steps.report(event.step, event.loss_nats, event.relative_change)
                if self.reward is not None and event.reward is not None:
                    self.reward.report(event.step, event.reward)
            case events.TriesRewarded():
                self.tries = event
                if self.reward is not None:
                    self.reward.show(event.step, event.exploits)
            case events.ExamUnderWay():
                self.exam_under_way = event
            case events.ExamTaken():
                self._fold_exam(event)
            case events.TextWritten():
                self.written = event
            case events.DeckMarked():
                with contextlib.suppress(ValueError):  # an altered line: the marks stay
                    self.marks, self.marked_step = unpack(event.marks, self.n_cards), event.step
            case events.RivalsGraded():
                self.rivals = event.rivals
            case events.ChapterBegan():
                self._begin_chapter(event)
            case events.DeckChanged():
                self._describe(event.start)
                self.steps.change_deck(event.step)
                self.deck_change = event
            case events.PromptPinned():
                self.pins.setdefault(event.prompt, Pin(event.prompt))
            case events.PromptUnpinned():
                self.pins.pop(event.prompt, None)
            case events.PinAnswered():
                pin = self.pins.get(event.prompt)
                last = None if pin is None else pin.answers.last
                # a run that goes on says its pins again, to whoever has not read the log
                if pin is not None and (last is None or last.step < event.step):
                    pin.answers.append(event)
            case events.PinTaught():
                if event.prompt in self.pins:
                    self.pins[event.prompt].taught = event
            case events.SpeedChanged():
                self.speed = event.speed
                if event.speed == "full":
                    self.phase = None
            case events.LearningRateChanged():
                self.learning_rate_factor = event.factor
                self.steps.set_rate(event.factor)
            case events.BookmarkSet():
                pass  # a marker, see `runs.markers`: the lesson goes on as it is
            case events.BetPlaced():
                seen = None if self.exam is None else self.exam.seen
                bets.keep(self.bets, Bet(event, seen))
            case events.OrderChanged():
                self.order = event.order
            case events.RemedyChanged():
                self.rehearsal, self.learns = event.rehearsal, event.learns
                self.n_learned = event.n_learned
            case events.PracticeChanged():
                if self.reward is not None:
                    self.reward.switch(event.step, event.practice)
            case events.VoteCast():
                self._fold_vote(event)
            case events.AdapterSwitched():
                self.is_adapter_off = not event.is_on
            case events.RecipeChanged():
                self.recipe = event
                if self.reward is not None:
                    self.reward.practice = event.practice
                self.learning_rate_factor = event.learning_rate_factor
                self.steps.set_rate(event.learning_rate_factor)
                self.steps.set_recipe(order=event.order, is_single=event.is_single)
            case events.RunBranched():
                self._begin(event.start)
                self.branch = event
                self.ended = self.recipe = None
            case events.DamageFound():
                self.damage = event
            case events.StepReached():
                pass  # of another model than the one that is taught
            case events.RunPaused() | events.StepsAsked():
                self.liveness = "paused"
            case (
                events.PromptAnswered()
                | events.RivalsAnswered()
                | events.PastAnswered()
                | events.CardsListed()
                | events.InsideSeen()
                | events.TextsCut()
                | events.PairDrawn()
                | events.TeachingRefused()
                | events.GoalReached()
            ):
                pass  # replies: they reach who asked
            case events.RunPlayed():
                self.liveness = "learning"
                self.ended = None
            case events.LessonEnded():
                self.ended = event
                self.end_verdict = self._judged(event.seen, event.unseen)
                self.liveness = "diverged" if event.reason == "diverged" else "finished"
            case events.RunDiverged():
                self.steps.diverged(event.step)
                self.liveness = "diverged"
            case events.RunRewound():
                self.rewound = event
                self.failure = ""
                self.liveness = "paused"
                self.learning_rate_factor = event.factor
                self.steps.set_rate(event.factor)
                self.steps.went_back()
            case events.StateSaved():
                self.last_saved_step = event.step
            case events.TrainerFailed():
                self.failure = event.text
                self.liveness = "failed"
            case _:
                assert_never(event)
        if self.bets:
            is_broken = self.steps.broken is not None
            facts = bets.Facts(self.exam, self.train_seconds, is_broken)
            bets.settle(self.bets, event, facts, self.n_folded)

    def _cut(self, step: int) -> None:
        """Forget what came after this step: it did not happen."""
        self.cut_exams(step)
        self.batch_losses.cut(step)
        for pin in self.pins.values():
            pin.answers.keep(lambda answer: answer.step <= step)
            if pin.taught is not None and pin.taught.step > step:
                pin.taught = None
        bets.cut(self.bets, step)
        kept = [(at, correction) for at, correction in self.corrections if at <= step]
        self.corrections.clear()
        self.corrections.extend(kept)
        self.phase = self.details = None
        if self.written is not None and self.written.step > step:
            self.written = None
        if self.tries is not None and self.tries.step > step:
            self.tries = None
        if self.reward is not None:
            self.reward.cut(step)
        if self.votes is not None and not self.votes.cut(step):
            self.votes = None
        if self.vote is not None and self.vote.step >= step:
            self.vote = None
        self.is_held = False
        self.loss_nats = self.gradient_norm = self.relative_change = None
        self.steps = self.steps.told_again(self.batch_losses.points)

    def _begin_chapter(self, began: events.ChapterBegan) -> None:
        name = "" if self.start is None else self.start.name
        if began.earlier:
            name = began.earlier[-1]
        self.end_chapter(name, began.step, began.after_cards, self.reward, is_text=self.is_reading)
        self.correction = self.phase = None  # its card, or its window of a text, is not of this one
        self.reward = self.tries = self.votes = self.vote = None
        self.marks = b""
        for bet in self.bets:
            bet.is_void = bet.outcome is None
        self.rivals = ()
        self._describe(began.start)
        self.steps.change_deck(began.step)
        self.chapter, self.deck_change = began, None
        self.learning_rate_factor, self.rehearsal, self.learns = 1.0, 0.0, "all"
        self.n_learned, self.is_adapter_off = 0, False
        self.steps.set_rate(1.0)
        self.ended = self.written = None

    def _begin(self, start: events.RunStarted) -> None:
        self.liveness = "learning"
        self._describe(start)

    def _describe(self, start: events.RunStarted) -> None:
        """Take in who is taught what; scores so far stay."""
        n_cards = self.n_cards
        self.start = start
        self.steps.guessing_nats = start.guessing_nats
        if start.judge is None:
            self.reward = None
        elif self.reward is None or self.reward.judge != start.judge:
            self.reward = RewardState(start.judge)
        # of a changed deck the others are graded anew in a moment: until then those of before
        known = {rival.name for rival in start.rivals}
        self.rivals = (*start.rivals, *(r for r in self.rivals if r.name not in known))
        if self.n_cards != n_cards:
            self.marks = b""
        self.never_seen_mask = unpack(start.held_out, self.n_cards) if start.held_out else b""

    def _fold_exam(self, exam: events.ExamTaken) -> None:
        n_taught = 0 if self.start is None else self.start.n_taught
        self.take_exam(exam, n_taught, is_text=self.is_reading)
        self.steps.exam_nats = exam.seen_loss_nats
        self.cards_taught = max(self.cards_taught, exam.cards_taught)
        if self.votes is not None:
            self.votes.truth.append(exam.step, truth_of(exam))
        if self.reward is not None and exam.judged is not None:
            self.reward.judged.append(exam.step, exam.judged.rate)

    def _fold_vote(self, vote: events.VoteCast) -> None:
        self.vote = vote
        if self.votes is None:
            exam = self.exam
            self.votes = VoteState(vote.step, None if exam is None else truth_of(exam))
        if vote.choice != "neither":
            is_true = vote.is_left_true, vote.is_right_true
            preferred, other = is_true if vote.choice == "left" else is_true[::-1]
            self.votes.cast(vote.step, is_for_wrong=other and not preferred)
