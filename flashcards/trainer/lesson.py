"""The lesson: the main loop. Obeys commands between updates, keeps the pace, sees when it is over.

Clocks here only pace and save; what is taught depends on the seed, the deck and the commands alone.
Long because every command is obeyed here; what comes of it is in modules of its own (teaching,
ending, questions, editing).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import assert_never

import msgspec

from flashcards.cards.large import LargeDeck
from flashcards.runs import commands, events
from flashcards.runs.commands import AnyCommand
from flashcards.runs.folder import REWARD_FORMAT
from flashcards.runs.goal import Goal
from flashcards.runs.values import EndReason, OrderName, Phase, Practice, Speed
from flashcards.trainer.again.rewinding import go_back, target_of
from flashcards.trainer.editing import DeckEditor
from flashcards.trainer.ending import Ending
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.questions.handler import Question, QuestionHandler
from flashcards.trainer.questions.rival_table import RivalTable
from flashcards.trainer.rest import Rest
from flashcards.trainer.teaching import NO_PHASES, Teaching
from flashcards.trainer.training_state import TrainingState
from flashcards.trainer.voting import pair_of

PHASE_S: dict[Phase, float] = {
    "data": 0.5,
    "model": 0.3,
    "prediction": 0.6,
    "error": 0.6,
    "adjustment": 0.8,
    "repeat": 0.2,
}
"""How long each phase stands while explaining: three seconds a card."""

STEPPED_PHASE_S = dict.fromkeys(PHASE_S, 0.12)
SLOW_CARD_S, BRISK_CARD_S = 1.0, 0.1
EXPLAINED_TRIES_S = 3.0
LEARNING_RATE_FACTORS = (1 / 1024, 1024.0)
MOST_REHEARSED = 0.9
IDLE_S = 0.5
TOLD_EVERY_S = 0.2
LONG_EXAM_CARDS = 2_000
"""Asking fewer cards is over before a sentence about it is read."""
SHORTEST_WAIT_S = 1e-4


class _ExamLeft(Exception):  # noqa: N818
    """An exam of every card was left unfinished, to stop."""


class Lesson:
    """One run being taught, until it is told to stop or comes to its goal."""

    def __init__(
        self,
        training: TrainingState,
        *,
        keeper: Keeper,
        inbox: Inbox,
        clock: Callable[[], float],
        describe: Callable[[], events.RunStarted],
        goal: Goal | None = None,
        is_pausing_there: bool = False,
        duty: float = 1.0,
        is_following: bool = False,
        is_paused: bool = False,
    ) -> None:
        """Without a goal, as with a screen, a lesson that comes to its end pauses.

        `is_pausing_there`: so does one that comes to its goal.
        `describe` says who is taught what, as at the run's start, of the deck as it is then.
        One that follows another waits where `FollowTo` limits it, and has no end of its own.
        """
        self._training = training
        self._memory = training.memory
        self._learner = training.learner
        self._keeper = keeper
        self._inbox = inbox
        self._clock = clock
        self._ends = goal is not None and not is_pausing_there
        self._teaching = Teaching(training, keeper, clock, self._hold)
        self._table = RivalTable(training, keeper, inbox.wake)
        self._ending = Ending(
            self._teaching, keeper, self._table, goal, is_pausing_there=is_pausing_there
        )
        self._questions = QuestionHandler(training, keeper, self._table)
        self._teaching.on_exam = self._questions.answer_pins
        self._teaching.on_adjusted = self._questions.adjusted
        self._teaching.on_asked = self._breathe
        self._teaching.is_walking = lambda: self._is_walking
        self._editor = DeckEditor(training, keeper, self._teaching, describe, self._deck_changed)
        self._edits: list[commands.TeachCard | commands.TakeDeck] = []
        self._describe = describe
        self._remedies: list[
            commands.SetRemedy | commands.SetPractice | commands.SwitchAdapter | commands.CastVote
        ] = []
        self._order_asked: OrderName | None = None
        self._is_rewind_asked = False
        self._stop: commands.Stop | None = None
        self._is_paused = is_paused
        self._pause_at: commands.PauseAt | None = None
        self._n_asked = 0
        self._is_hurried = False
        self._is_stepping = False
        self._is_walking = False
        self._n_phases_asked = 0
        self._step_of_card_in_hand: int | None = None
        self._rest = Rest(duty)
        self._limit_step: int | None = 0 if is_following else None
        self._is_examining = False
        self._told_at = -math.inf

    def run(self) -> events.LessonEnded | None:
        """Teach. How it ended, when it had a goal; None when it was told to stop.
        Raises OSError: the run folder can't be written."""
        if self._limit_step is None:
            self._table.open()
        try:
            return self._run()
        finally:
            self._table.close()

    def _run(self) -> events.LessonEnded | None:
        self._questions.tell_pins()
        if self._keeper.state.speed != self._memory.speed:
            self._keeper.emit(
                events.SpeedChanged(step=self._learner.step, speed=self._memory.speed)
            )
        if self._keeper.state.exam is None:
            self._teaching.take_exam()
            self._teaching.save()
        if self._is_paused:
            self._keeper.emit(events.RunPaused(step=self._learner.step))
        while True:
            self._obey_all()
            while self._edits:  # between updates alone, never with a card in hand
                self._editor.obey(self._edits.pop(0))
            self._rearrange()
            if self._stop is not None:
                return self._wind_up(self._stop)
            if self._is_paused and self._n_asked == 0:
                self._idle(IDLE_S)
                continue
            next_confirmation_s = self._memory.next_confirmation_s
            try:
                self._is_examining = True
                reason = self._why_over()
                ended = None if reason is None else self._ending.end(reason)
            except _ExamLeft:
                self._memory.next_confirmation_s = next_confirmation_s
                continue
            finally:
                self._is_examining = False
            if ended is not None:
                if self._ends:
                    return ended
                self._is_paused, self._n_asked = True, 0
                continue
            if self._limit_step is not None and self._learner.step >= self._limit_step:
                self._teaching.report_steps()
                self._idle(IDLE_S)
                continue
            pause = self._pause_at
            if pause is not None and pause.goal.is_reached(
                self._learner.step, self._memory.nominal_s, self._teaching.exam
            ):
                self._pause()
                self._keeper.emit(
                    events.GoalReached(step=self._learner.step, request=pause.request)
                )
                continue
            self._questions.work()
            started = self._clock()
            self._teach()
            self._hold(self._rest.due_s(self._clock() - started))

    def _idle(self, seconds: float) -> None:
        """Wait for a command that long; what is asked and not answered yet is worked at first."""
        self._keeper.flush()
        if self._questions.is_busy:
            self._questions.work()
        else:
            self._inbox.wait(seconds)

    def _breathe(self, n_asked: int, n_cards: int) -> None:
        """Between two slices of an exam of every card: say how far it is, and obey.
        Raises _ExamLeft: the lesson was told to stop."""
        if n_cards >= LONG_EXAM_CARDS and self._clock() - self._told_at >= TOLD_EVERY_S:
            self._told_at = self._clock()
            step = self._learner.step
            self._keeper.emit(events.ExamUnderWay(step=step, n_asked=n_asked, n_cards=n_cards))
        if not self._is_examining:
            return
        self._obey_all()
        self._questions.work()
        while self._is_paused and self._n_asked == 0 and self._stop is None:
            self._idle(IDLE_S)
            self._obey_all()
        if self._stop is not None:
            raise _ExamLeft

    def _rearrange(self) -> None:
        """Go back, or take another order, as was asked: between updates, as the deck."""
        if self._is_rewind_asked:
            self._is_rewind_asked = False
            self._rewind()
        while self._remedies:
            remedy = self._remedies.pop(0)
            if isinstance(remedy, commands.SetRemedy):
                self._set_remedy(remedy)
            elif isinstance(remedy, commands.SetPractice):
                self._set_practice(remedy.practice)
            elif isinstance(remedy, commands.CastVote):
                self._vote(remedy)
            elif self._switch_adapter(remedy.is_on):
                self._teaching.take_exam(is_marked=True)
                self._teaching.save(is_anew=True)
        asked, self._order_asked = self._order_asked, None
        if asked is not None and isinstance(self._training.deck, LargeDeck):
            text = "A deck this large is taught in shuffled order alone."
            self._keeper.emit(events.TeachingRefused(step=self._learner.step, request=0, text=text))
            asked = None
        if asked is not None and asked != self._training.order.name:
            self._training.choose_order(asked)
            self._keeper.emit(events.OrderChanged(step=self._learner.step, order=asked))
            if self._learner.is_finite:
                self._teaching.save(is_anew=True)

    def _rewind(self) -> None:
        target = target_of(self._training, self._keeper)
        if target is None or self._limit_step is not None:
            return
        deck = self._training.deck
        device = self._keeper.folder.info.device
        go_back(self._training, self._keeper, target, device, self._describe)
        self._stop_walking()
        self._is_paused, self._n_asked = True, 0
        self._teaching.forget_exams()
        if self._training.deck is not deck:
            self._deck_changed()
        else:
            self._questions.take_deck()
        self._questions.tell_pins()
        self._ending.go_back()
        self._keeper.emit(events.RunPaused(step=self._learner.step))
        self._teaching.take_exam()
        self._teaching.save(is_anew=True)

    def _deck_changed(self) -> None:
        self._questions.take_deck()
        if self._limit_step is None:
            self._table.deck_changed()

    def _why_over(self) -> EndReason | None:
        if self._limit_step is None:
            return self._ending.find()
        return None if self._learner.is_finite else "diverged"

    def _wind_up(self, stop: commands.Stop) -> events.LessonEnded | None:
        if self._ends:
            return self._ending.end("stopped")
        if stop.is_saved:
            self._teaching.report_steps()
            self._teaching.save()
            self._keeper.save_summary()
        return None

    def _teach(self) -> None:
        self._is_hurried = False
        self._switch_adapter(is_on=True)
        if self._n_asked > 0:
            self._n_asked -= 1
            self._is_stepping = True
            self._teach_card(STEPPED_PHASE_S if self._n_asked == 0 else NO_PHASES)
            self._is_stepping = False
            if self._n_asked == 0:
                self._teaching.save()
            return
        self._follow_opening()
        started = self._clock()
        match self._memory.speed:
            case "explain":
                self._teach_card(PHASE_S)
            case "slow":
                self._teach_card(NO_PHASES)
                self._hold(SLOW_CARD_S - (self._clock() - started))
            case "brisk":
                self._teach_card(NO_PHASES)
                self._hold(BRISK_CARD_S - (self._clock() - started))
            case "full":
                self._teaching.teach_batch()
            case _:
                assert_never(self._memory.speed)

    def _teach_card(self, phase_s: Mapping[Phase, float]) -> None:
        if self._memory.practice != "taught":
            self._is_walking = False  # tries have no phases: the whole update is one step
            self._teaching.teach_batch(is_shown=True)
            self._hold(EXPLAINED_TRIES_S if phase_s is PHASE_S else 0.0)
            return
        self._step_of_card_in_hand = self._learner.step
        self._teaching.teach_card(phase_s)
        self._step_of_card_in_hand = None
        if self._is_walking and self._learner.is_finite:
            self._n_asked = 1

    def _follow_opening(self) -> None:
        opening = self._memory.opening
        while opening and opening[0][0] <= 0:
            opening.pop(0)
            if not opening:
                self._set_speed("full")
        if opening:
            n_cards, speed = opening[0]
            self._set_speed(speed)
            opening[0] = (n_cards - 1, speed)

    def _hold(self, seconds: float) -> None:
        """Wait, obeying commands. A pause holds the card in hand; a step or a new speed goes on.

        While walking the card in hand is held for as long as nobody asks for its next phase.
        """
        speed, left_s = self._memory.speed, seconds
        while self._stop is None and not self._is_hurried:
            is_walked = self._is_walking and self._step_of_card_in_hand is not None
            if is_walked and self._n_phases_asked:
                self._n_phases_asked -= 1
                return
            if is_walked:
                self._idle(IDLE_S)
                self._obey_all()
                continue
            if left_s <= SHORTEST_WAIT_S or self._memory.speed != speed:
                return
            is_held = self._is_paused and not self._is_stepping
            before = self._clock()
            self._idle(IDLE_S if is_held else left_s)
            if not is_held:
                left_s -= self._clock() - before
            self._obey_all()

    def _obey_all(self) -> None:
        self._table.tell()
        for command in self._inbox.drain():
            self._obey(command)

    def _obey(self, command: AnyCommand) -> None:
        if isinstance(command, Question):
            self._questions.take(command)
            return
        match command:
            case commands.Play():
                self._play()
            case commands.Pause():
                self._pause()
            case commands.PauseAt():
                self._pause_at = self._from_here(command)
                self._play()
            case commands.Step():
                self._ask_for_steps(max(1, command.n_cards))
            case commands.SetSpeed():
                self._stop_walking()
                self._memory.opening.clear()
                self._set_speed(command.speed)
            case commands.SetLearningRate():
                if math.isfinite(command.factor):
                    self._set_learning_rate(command.factor)
            case commands.TeachCard() | commands.TakeDeck():
                # a card in hand was read with the deck as it is: it is finished first, at once
                self._edits.append(command)
                self._is_hurried = True
            case commands.NextPhase():
                self._walk()
            case commands.SetOrder():
                self._order_asked = command.order
            case (
                commands.SetRemedy()
                | commands.SetPractice()
                | commands.SwitchAdapter()
                | commands.CastVote()
            ):
                self._remedies.append(command)
                self._is_hurried = True
            case commands.Rewind():
                self._is_rewind_asked = self._is_hurried = True
            case commands.FollowTo():
                if self._limit_step is not None:
                    self._limit_step = command.limit_step
            case commands.GoTo() | commands.ShowUpdate():
                pass  # a time machine's
            case commands.Stop():
                self._stop = command
            case _:
                assert_never(command)

    def _play(self) -> None:
        if self._is_paused and self._learner.is_finite:
            self._stop_walking()
            self._is_paused, self._n_asked = False, 0
            self._keeper.emit(events.RunPlayed(step=self._learner.step))

    def _from_here(self, pause: commands.PauseAt) -> commands.PauseAt:
        """Its seconds as the lesson's nominal time at which they are over."""
        if pause.goal.seconds is None:
            return pause
        seconds = self._memory.nominal_s + pause.goal.seconds
        goal = msgspec.structs.replace(pause.goal, seconds=seconds)
        return msgspec.structs.replace(pause, goal=goal)

    def _pause(self) -> None:
        self._pause_at = None
        self._n_asked = 0
        if not self._is_paused:
            self._is_paused = True
            self._teaching.report_steps()
            self._keeper.emit(events.RunPaused(step=self._learner.step))
            # the exam is saved with what comes of it: a step is saved once
            if not self._is_examining:
                self._teaching.save()

    def _walk(self) -> None:
        """The next phase of the card in hand, or the first of the next card."""
        if not self._learner.is_finite:
            return
        if self._step_of_card_in_hand is None:
            if not self._is_walking or self._n_asked == 0:
                self._is_walking = self._is_paused = self._is_hurried = True
                self._n_asked, self._n_phases_asked = 1, 0
                self._teaching.report_steps()
                self._keeper.emit(events.StepsAsked(step=self._learner.step, n_cards=1))
            else:
                self._n_phases_asked += 1
            return
        if not self._is_walking:
            self._is_walking, self._n_phases_asked, self._n_asked = True, 0, 0
            if not self._is_paused:
                self._is_paused = True
                self._keeper.emit(events.RunPaused(step=self._learner.step))
        self._n_phases_asked += 1

    def _stop_walking(self) -> None:
        """The card in hand, if there is one, is finished at once."""
        if self._is_walking:
            self._is_walking, self._is_hurried = False, True
            self._n_asked = self._n_phases_asked = 0

    def _ask_for_steps(self, n_cards: int) -> None:
        if self._learner.is_finite:
            is_untaught = self._step_of_card_in_hand == self._learner.step
            is_card_in_hand = is_untaught and (self._is_walking or not self._is_stepping)
            self._stop_walking()
            self._is_paused = True
            self._is_hurried = True
            self._n_asked += n_cards - is_card_in_hand
            self._keeper.emit(events.StepsAsked(step=self._learner.step, n_cards=self._n_asked))

    def _set_learning_rate(self, wanted: float) -> None:
        low, high = LEARNING_RATE_FACTORS
        factor = min(max(wanted, low), high)
        memory, step = self._memory, self._learner.step
        if factor > 1.0 >= memory.learning_rate_factor and self._learner.is_finite:
            # from here on it may break: this is where to go back to
            memory.raised_at_step = step
            if not self._is_examining:
                self._teaching.save(is_kept=True)
        memory.learning_rate_factor = factor
        self._keeper.emit(events.LearningRateChanged(step=step, factor=factor))

    def _set_remedy(self, wanted: commands.SetRemedy) -> None:
        memory, step = self._memory, self._learner.step
        if not self._training.deck.earlier:
            return
        if wanted.rehearsal is not None and math.isfinite(wanted.rehearsal):
            memory.rehearsal = min(max(wanted.rehearsal, 0.0), MOST_REHEARSED)
            if memory.rehearsal and not self._training.deck.has_earlier_cards:
                self._keeper.folder.raise_format(
                    REWARD_FORMAT
                )  # before, a text was never rehearsed
        if wanted.learns is not None:
            memory.learns = wanted.learns
        self._keeper.emit(
            events.RemedyChanged(
                step=step,
                rehearsal=memory.rehearsal,
                learns=memory.learns,
                n_learned=self._learner.n_learned(memory.learns),
            )
        )
        self._keeper.flush()

    def _set_practice(self, practice: Practice) -> None:
        if self._training.deck.judge is None or practice == self._memory.practice:
            return
        self._memory.practice = practice
        self._keeper.emit(events.PracticeChanged(step=self._learner.step, practice=practice))
        self._keeper.flush()

    def _vote(self, vote: commands.CastVote) -> None:
        """One update by it; none where the two answers are not those of this very model."""
        pair = pair_of(self._training) if vote.step == self._learner.step else None
        if pair is None or not self._learner.is_finite or self._keeper.state.is_adapter_off:
            return
        self._keeper.folder.raise_format(REWARD_FORMAT)
        self._keeper.emit(pair.cast(vote.step, vote.choice))
        self._teaching.teach_vote(vote.choice)
        self._teaching.report_steps()
        self._keeper.flush()

    def _switch_adapter(self, is_on: bool) -> bool:
        """Whether that changed the model; off, the lesson is paused."""
        if not self._learner.switch_adapter(is_on=is_on):
            return False
        self._keeper.emit(events.AdapterSwitched(step=self._learner.step, is_on=is_on))
        if not is_on:
            self._pause()
        return True

    def _set_speed(self, speed: Speed) -> None:
        if speed != self._memory.speed:
            self._memory.speed = speed
            self._keeper.emit(events.SpeedChanged(step=self._learner.step, speed=speed))
