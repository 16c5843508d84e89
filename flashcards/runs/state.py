"""The state of a run: one value that every event is folded into. Touches no widget, no file.

Live view, replay, resume and `train` all fold the same events. Each part has a module of its own.
"""

from typing import Literal, assert_never

import msgspec

from flashcards.runs import bets, events, history, measured, unlogged, values
from flashcards.runs.bets import Bet
from flashcards.runs.exam_history import ExamHistory, Life, truth_of
from flashcards.runs.markers import Markers
from flashcards.runs.marks import Marks
from flashcards.runs.reward_state import RewardState, VoteState
from flashcards.runs.steps import StepWatch
from flashcards.runs.verdict import Verdict, verdict

Liveness = Literal["starting", "learning", "paused", "finished", "diverged", "failed"]

field = msgspec.field


N_RECENT_CORRECTIONS = 200


class Corrections(msgspec.Struct, kw_only=True):
    """The card that is taught now, and the last ones, as they are shown.

    Attributes:
        now: The card being corrected, as far as it has come; `step` is that of the last one.
        phase: Where it is while explaining or stepping, None at speed.
        is_held: It waits there for `NextPhase`.
        details: The update from within; None at speed.
        recent: The last ones measured, newest last.
    """

    now: values.Correction | None = None
    step: int = 0
    phase: values.Phase | None = None
    is_held: bool = False
    details: unlogged.UpdateDetails | None = None
    recent: list[tuple[int, values.Correction]] = []

    def enter(self, event: unlogged.PhaseEntered) -> None:
        self.phase = event.phase
        self.is_held = event.is_held
        self.now = event.correction
        if event.phase == "data":
            self.details = None

    def take(self, event: measured.CorrectionMeasured, *, is_at_speed: bool) -> None:
        self.now = event.correction
        self.step = event.step
        self.recent.append((event.step, event.correction))
        del self.recent[:-N_RECENT_CORRECTIONS]
        if is_at_speed or self.phase != "adjustment":  # taught without phases
            self.phase = self.details = None
            self.is_held = False

    def cut(self, step: int) -> None:
        self.recent = [(at, correction) for at, correction in self.recent if at <= step]
        self.phase = self.details = None
        self.is_held = False


class PinnedPrompt(msgspec.Struct):
    """A pinned prompt and its answers over time, oldest first, thinned when there are many.
    `taught` says which cards taught it; None until some did."""

    prompt: str
    answers: history.Thinned[events.PinAnswered] = field(default_factory=history.Thinned)
    taught: events.PinTaught | None = None

    @property
    def last_step(self) -> int | None:
        last = self.answers.last
        return None if last is None else last.step

    def answer(self, answer: events.PinAnswered) -> None:
        """A run that goes on repeats its pins for whoever has not read the log."""
        if self.last_step is None or self.last_step < answer.step:
            self.answers.append(answer)

    def cut(self, step: int) -> None:
        self.answers.keep(lambda answer: answer.step <= step)
        if self.taught is not None and self.taught.step > step:
            self.taught = None


class Remedies(msgspec.Struct):
    """The remedies against forgetting, as asked for last: see `events.RemedyChanged`.
    `since_step`: from where on cards are rehearsed; `is_adapter_off`: the model is the one from
    before the adapter."""

    rehearsal: float = 0.0
    since_step: int = 0
    learns: values.Learns = "all"
    n_learned: int = 0
    is_adapter_off: bool = False


class RunState(msgspec.Struct, kw_only=True):
    """Everything a screen shows of one run.

    Attributes:
        start: None until the trainer has said who is taught what.
        stage: What the trainer is doing while starting, and how far it is, where it knows.
        needs_option: The trainer failed, and an option has to be given.
        train_seconds, lesson_seconds: What updates took; what the lesson took, pauses left out.
        branch: Where this run left another, None when it began by itself.
        recipe: How updates are made now; None before the first.
        written: What the model wrote last by itself; None where no text is read.
        card: The card that is corrected, and the last ones.
        exams, life: Of this chapter, and of those before it.
        steps: What the steps do to the model, and whether they broke it.
        reward: Of a chapter in which rewards teach; None in others.
        votes: Of a chapter in which somebody voted; None before the first vote.
    """

    start: events.RunStarted | None = None
    liveness: Liveness = "starting"
    stage: str = ""
    stage_percent: int | None = None
    failure: str = ""
    needs_option: bool = False
    step: int = 0
    cards_taught: int = 0
    train_seconds: float = 0.0
    lesson_seconds: float = 0.0
    speed: values.Speed = "full"
    learning_rate_factor: float = 1.0
    order: values.OrderName = "shuffled"
    rewound: events.RunRewound | None = None
    rivals: tuple[values.Rival, ...] = ()
    deck_change: events.DeckChanged | None = None
    branch: events.RunBranched | None = None
    recipe: events.RecipeChanged | None = None
    ended: events.LessonEnded | None = None
    end_verdict: Verdict | None = None
    written: events.TextWritten | None = None
    last_saved_step: int | None = None
    n_folded: int = 0
    card: Corrections = field(default_factory=Corrections)
    exams: ExamHistory = field(default_factory=ExamHistory)
    life: Life = field(default_factory=Life)
    steps: StepWatch = field(default_factory=StepWatch)
    marks: Marks = field(default_factory=Marks)
    pins: dict[str, PinnedPrompt] = {}
    remedies: Remedies = field(default_factory=Remedies)
    bets: list[Bet] = []
    reward: RewardState | None = None
    votes: VoteState | None = None
    markers: Markers = field(default_factory=Markers)

    @property
    def n_cards(self) -> int:
        return 0 if self.start is None else self.start.n_taught + self.start.n_held_out

    @property
    def is_reading(self) -> bool:
        return self.start is not None and self.start.text is not None

    @property
    def is_brought(self) -> bool:
        """True where a model is taught that others have trained."""
        return self.start is not None and bool(self.start.base)

    @property
    def has_adapter(self) -> bool:
        """True where an adapter learns, which can be taken off: that of a brought model, or one
        that was chosen in a later chapter."""
        start = self.start
        if start is not None and start.is_part_learned:
            return start.chosen.get("learned", "adapter") == "adapter"
        return bool(self.life.earlier) and self.remedies.learns == "adapter"

    def n_of_side(self, bet: values.BetQuestion) -> int:
        if self.start is None:
            return 0
        return self.start.n_taught if bet.side == "seen" else self.start.n_held_out

    @property
    def latest_scores(self) -> events.ExamTaken | events.LessonEnded | None:
        """The scores at the end of the lesson; before it has ended, those of the last exam."""
        return self.exams.last if self.ended is None else self.ended

    @property
    def is_first_round(self) -> bool:
        """Tell whether fewer cards were taught than the deck has: so not each of them."""
        n_taught = 0 if self.start is None else self.start.n_taught
        return self.life.cards_of(self.cards_taught) < n_taught

    @property
    def latest_verdict(self) -> Verdict | None:
        if self.ended is not None:
            return self.end_verdict
        exam = self.exams.last
        return None if exam is None else self._judged(exam.seen, exam.unseen)

    def _judged(self, seen: values.Score, unseen: values.Score) -> Verdict:
        because = "" if self.start is None else self.start.because
        known = None if self.exams.last is None else self.exams.last.known
        return verdict(
            seen,
            unseen,
            self.rivals,
            common=None if self.start is None else self.start.common,
            is_text=self.is_reading,
            because=because,
            known=known,
            is_later_chapter=bool(self.life.earlier),
        )

    def fold(self, event: events.AnyEvent) -> None:
        self.n_folded += 1
        self.step = max(self.step, event.step)
        self._fold(event)
        is_text = self.is_reading
        self.markers.take(event, self.steps, self.rivals, self.end_verdict, is_text=is_text)
        if self.bets:
            is_broken = self.steps.broken is not None
            facts = bets.BetFacts(self.exams.last, self.train_seconds, is_broken)
            for bet in bets.settle(self.bets, event, facts, self.n_folded):
                self.markers.settle(event.step, bet)

    def _fold(self, event: events.AnyEvent) -> None:
        match event:
            case events.TrainerWoke():
                self.stage, self.stage_percent = event.stage, event.percent
            case events.RunStarted():
                self._begin(event)
            case events.RunResumed():
                if event.step < self.step:
                    self._cut(event.step)
                self._begin(event.start)
                self.step = event.step
                self.ended = self.recipe = None
            case events.PhaseEntered():
                self.card.enter(event)
            case events.UpdateDetails():
                self.card.details = event
            case events.CorrectionMeasured():
                is_at_speed = self.speed == "full" and self.liveness == "learning"
                self.card.take(event, is_at_speed=is_at_speed)
            case events.StepsTaken():
                self.cards_taught = event.cards_taught
                self.train_seconds = event.train_seconds
                self.lesson_seconds = event.train_seconds
                if event.lesson_seconds is not None:
                    self.lesson_seconds = event.lesson_seconds
                self.steps.report(event.step, event.loss_nats, event.relative_change)
                if self.reward is not None and event.reward is not None:
                    self.reward.report(event.step, event.reward)
            case events.TriesRewarded():
                if self.reward is not None:
                    self.reward.show(event)
            case events.ExamUnderWay():
                self.exams.under_way = event
            case events.ExamTaken():
                self._fold_exam(event)
            case events.TextWritten():
                self.written = event
            case events.DeckMarked():
                self.marks.take(event.step, event.marks, self.n_cards)
            case events.RivalsGraded():
                self.rivals = event.rivals
            case events.ChapterBegan():
                self._begin_chapter(event)
            case events.DeckChanged():
                self._describe(event.start)
                self.steps.change_deck(event.step)
                self.deck_change = event
            case events.PromptPinned():
                self.pins.setdefault(event.prompt, PinnedPrompt(event.prompt))
            case events.PromptUnpinned():
                self.pins.pop(event.prompt, None)
            case events.PinAnswered():
                if event.prompt in self.pins:
                    self.pins[event.prompt].answer(event)
            case events.PinTaught():
                if event.prompt in self.pins:
                    self.pins[event.prompt].taught = event
            case events.SpeedChanged():
                self.speed = event.speed
                if event.speed == "full":
                    self.card.phase = None
            case events.LearningRateChanged():
                self.learning_rate_factor = event.factor
                self.steps.set_rate(event.factor)
            case events.BetPlaced():
                exam = self.exams.last
                bets.keep(self.bets, Bet(event, None if exam is None else exam.seen))
            case events.OrderChanged():
                self.order = event.order
            case events.RemedyChanged():
                if not self.remedies.rehearsal:
                    self.remedies.since_step = event.step
                self.remedies.rehearsal = event.rehearsal
                self.remedies.learns = event.learns
                self.remedies.n_learned = event.n_learned
            case events.PracticeChanged():
                if self.reward is not None:
                    self.reward.switch(event.step, event.practice)
            case events.VoteCast():
                if self.votes is None:
                    exam = self.exams.last
                    self.votes = VoteState(event.step, None if exam is None else truth_of(exam))
                self.votes.cast(event)
            case events.AdapterSwitched():
                self.remedies.is_adapter_off = not event.is_on
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
            case events.RunPaused() | events.StepsAsked():
                self.liveness = "paused"
            case (
                events.BookmarkSet()  # a marker: the lesson goes on as it is
                | events.DamageFound()
                | events.StepReached()  # of another model than the one that is taught
                | events.PromptAnswered()  # and other replies: they reach who asked
                | events.RivalsAnswered()
                | events.ExamVaried()
                | events.PastAnswered()
                | events.CardsListed()
                | events.InsideSeen()
                | events.TextsCut()
                | events.PairDrawn()
                | events.TeachingRefused()
                | events.GoalReached()
            ):
                pass
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
                self.failure, self.needs_option = event.text, event.needs_option
                self.liveness = "failed"
            case _:
                assert_never(event)

    def _cut(self, step: int) -> None:
        self.exams.cut(step)
        self.life.cut(step)
        self.card.cut(step)
        self.markers.cut(step)
        for pin in self.pins.values():
            pin.cut(step)
        bets.cut(self.bets, step)
        if self.written is not None and self.written.step > step:
            self.written = None
        if self.reward is not None:
            self.reward.cut(step)
        if self.votes is not None and not self.votes.cut(step):
            self.votes = None
        self.steps = self.steps.cut(step)

    def _begin_chapter(self, began: events.ChapterBegan) -> None:
        name = "" if self.start is None else self.start.name
        self.life.begin(began, name, self.exams, self.reward, is_text=self.is_reading)
        self.exams = ExamHistory()
        self.card.now = self.card.phase = None  # its card, or its window of a text
        self.reward = self.votes = None
        self.marks.latest = b""
        for bet in self.bets:
            bet.is_void = bet.outcome is None
        self.rivals = ()
        self._describe(began.start)
        self.steps.change_deck(began.step)
        self.deck_change = None
        self.learning_rate_factor = 1.0
        self.remedies = Remedies()
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
            self.marks.latest = b""
        self.marks.describe(start.held_out, start.known, self.n_cards)

    def _fold_exam(self, exam: events.ExamTaken) -> None:
        n_taught = 0 if self.start is None else self.start.n_taught
        if exam.known is not None:
            n_taught -= exam.known.seen.total
        n_cards = self.life.cards_of(exam.cards_taught)
        self.exams.take(exam, n_taught, n_cards)
        self.life.take(exam)
        self.steps.exam_nats = exam.seen_loss_nats
        self.cards_taught = max(self.cards_taught, exam.cards_taught)
        if self.votes is not None:
            self.votes.truth.append(exam.step, truth_of(exam))
        if self.reward is not None and exam.judged is not None:
            self.reward.judged.append(exam.step, exam.judged.rate)
