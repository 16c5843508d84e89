"""A lesson, from its first update to its end: the main loop of the trainer process.

In each turn of the loop it

1. obeys the commands that came, and those that had to wait for an update to be over;
2. looks whether the lesson is over, at its goal, or paused: then it waits for a command;
3. makes one update. That is a generator of moments (`update`), written down as it goes on
   (`teaching`). Of a card that is explained each of the six phases is shown as its work begins, and
   held when it is done; commands are obeyed meanwhile. When the model is another one, the exam is
   taken and the state saved that are due.

Calls go one way, from here down; only a long exam calls back, to have commands obeyed within it.
A replay loops over the same updates and holds nothing: `again/replaying`.

Clocks here only pace and save; what is taught depends on the seed, the deck and the commands alone.
"""

import contextlib
import math
from collections.abc import Callable, Mapping
from typing import assert_never

import msgspec

from flashcards.learner.kernels.compiled import compile_behind
from flashcards.runs import commands, events, values
from flashcards.runs.goal import Goal
from flashcards.trainer import editing, ending, pace, training_state, voting
from flashcards.trainer.again.rewinding import go_back, target_of
from flashcards.trainer.inbox import Inbox, Rest
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.questions.handler import QuestionHandler
from flashcards.trainer.questions.rival_table import RivalTable
from flashcards.trainer.teaching import Teaching
from flashcards.trainer.update import PhaseBegins, PhaseEnds, UpdateMade

MOST_REHEARSED = 0.9
IDLE_S = 0.5
NO_PHASES: Mapping[values.Phase, float] = {}


class _ExamLeft(Exception):  # noqa: N818
    """A stop interrupted an exam of every card."""


class Lesson:
    def __init__(
        self,
        training: training_state.TrainingState,
        *,
        keeper: Keeper,
        inbox: Inbox,
        clock: Callable[[], float],
        goal: Goal | None = None,
        is_pausing_there: bool = False,
        duty: float = 1.0,
        is_following: bool = False,
        is_paused: bool = False,
    ) -> None:
        """Without a goal, as with a screen, a lesson that comes to its end pauses.
        `is_pausing_there`: so does one that comes to its goal. One that follows another waits where
        `FollowTo` limits it, and has no end of its own."""
        self._training = training
        self._memory = training.memory
        self._learner = training.learner
        self._keeper = keeper
        self._inbox = inbox
        self._clock = clock
        self._returns_at_its_end = goal is not None and not is_pausing_there
        self._pace = pace.Pace(is_paused=is_paused)
        self._spread = pace.SpreadUpdates()
        self._rest = Rest(duty)
        self._table = RivalTable(training, keeper, inbox.wake)
        self._questions = QuestionHandler(training, keeper, self._table)
        self._teaching = Teaching(
            training,
            keeper,
            clock,
            pins=self._questions.pins,
            influence=self._questions.influence,
            between_slices=self._obey_in_exam,  # it is the learner that knows where they are
        )
        self._lesson_ending = ending.LessonEnding(
            self._teaching, keeper, self._table, goal, is_pausing_there=is_pausing_there
        )
        self._editor = editing.DeckEditor(training, keeper, self._teaching)
        self._waiting: list[commands.BetweenUpdates | commands.SetOrder] = []  # for an update's end
        self._stop: commands.Stop | None = None
        self._pause_at: commands.PauseAt | None = None
        # Only with as many cards taught are its scores comparable with those it follows
        self._limit_step: int | None = 0 if is_following else None
        self._is_limit_end = False  # what it follows is taught no more
        self._is_in_last_exam = False  # within an exam that may end the lesson
        self._is_rounding_known = False

    # -- the loop

    def run(self) -> events.LessonEnded | None:
        """Teach. How it ended, when it had a goal; None when it was told to stop.
        Raises OSError: the run folder can't be written."""
        if self._limit_step is None:
            self._table.open()
        try:
            self._begin()
            ended = self._teach_until_it_ends()
            self._note_rounding()
            return ended
        finally:
            self._table.close()

    def _begin(self) -> None:
        """Emit what whoever watches must know first; the first exam is of an untaught model."""
        step = self._learner.step
        self._teaching.count_time(is_lesson=False)  # it was opened
        self._questions.pins.tell()
        if self._keeper.state.speed != self._memory.speed:
            self._keeper.emit(events.SpeedChanged(step=step, speed=self._memory.speed))
        if self._keeper.state.exams.last is None:
            self._teaching.take_exam()
            self._teaching.save()
        if self._pace.is_paused:
            self._keeper.emit(events.RunPaused(step=step))

    def _teach_until_it_ends(self) -> events.LessonEnded | None:
        while True:
            # 1. obey
            self._obey_all()
            while self._waiting:
                self._obey_between_updates(self._waiting.pop(0))
            if self._stop is not None:
                return self._wind_up(self._stop)

            # 2. look whether there is something to teach
            if self._pace.is_waiting:
                self._wait()
                continue
            try:
                ended = self._end_if_over()
            except _ExamLeft:
                continue
            if ended is not None and self._returns_at_its_end:
                return ended
            if ended is not None:
                self._pace.halt()  # with a screen it may be played beyond its end
                continue
            if self._limit_step is not None and self._learner.step >= self._limit_step:
                self._teaching.report_steps()
                with contextlib.suppress(_ExamLeft):
                    self._ask_at_limit()
                self._wait()
                continue
            if self._pause_at is not None and self._is_reached(self._pause_at.goal):
                request = self._pause_at.request
                if self._pause_at.is_graded:
                    self._lesson_ending.grade()
                self._pause()
                self._keeper.emit(events.GoalReached(step=self._learner.step, request=request))
                continue

            # 3. make one update
            self._questions.work()
            started = self._clock()
            self._switch_adapter(is_on=True)
            self._update_at_pace()
            self._note_rounding()
            self._hold(self._rest.due_s(self._clock() - started))

    def _is_reached(self, goal: Goal) -> bool:
        return goal.is_reached(self._learner.step, self._memory.nominal_s, self._teaching.exam)

    def _note_rounding(self) -> None:
        """Once, when the first card was shown: how this machine rounds, for `verify`. Kernels are
        compiled from then on, for later runs, unless the model is a brought one, which has none:
        llvmlite takes 40 MB.
        Raises OSError: the run folder can't be written."""
        if not self._is_rounding_known:
            self._is_rounding_known = True
            if self._learner.base is None:
                compile_behind()
            self._keeper.folder.note_rounding(self._learner.rounding)

    # -- one update

    def _update_at_pace(self) -> None:
        """Make the next update, at the pace that is asked for, and let it stand as long."""
        self._pace.begin_update()
        if self._pace.is_stepping:  # of several cards that were asked for, the last one is shown
            is_last = self._pace.n_cards_asked == 0
            self._teach_card(pace.STEPPED_PHASE_S if is_last else NO_PHASES)
            return
        self._follow_opening()
        started = self._clock()
        match self._memory.speed:
            case "explain":
                self._teach_card(pace.PHASE_S)
            case "slow" | "brisk" as speed:
                self._teach_card(NO_PHASES)
                self._hold(values.CARD_S[speed] - (self._clock() - started))
            case "full":
                self._update(is_single=False)
                self._hold(self._spread.rest_s(self._clock() - started))
            case _:
                assert_never(self._memory.speed)

    def _teach_card(self, phase_s: Mapping[values.Phase, float]) -> None:
        """One card, one update. `phase_s`: how long each phase stands; empty, none is shown."""
        if self._memory.practice == "taught":
            self._pace.begin_card(self._learner.step)
            self._update(is_single=True, phase_s=phase_s)
        else:  # tries have no phases: the whole update is one step
            self._pace.begin_tries()
            self._update(is_single=False, is_shown=True)
            self._hold(pace.EXPLAINED_TRIES_S if phase_s is pace.PHASE_S else 0.0)
        self._pace.end_card(is_finite=self._learner.is_finite)

    def _update(
        self,
        *,
        is_single: bool,
        is_shown: bool = False,
        phase_s: Mapping[values.Phase, float] = NO_PHASES,
    ) -> None:
        """Loop over one update: show each phase as its work begins, hold it when that is done.
        Once the model is another one, take the exam and save the state that are due."""
        is_explained = bool(phase_s)
        for moment in self._teaching.make_update(
            is_single=is_single, is_shown=is_shown, is_explained=is_explained
        ):
            match moment:
                case PhaseBegins(phase, correction) if is_explained and correction is not None:
                    self._show(phase, correction)
                case PhaseEnds(phase) if is_explained:
                    self._keeper.flush()
                    self._hold(phase_s[phase])
                case UpdateMade():
                    if self._teaching.is_exam_due(is_single=is_single):
                        self._teaching.take_exam()
                    if self._keeper.is_save_due(self._learner.step):
                        self._teaching.save()

    def _show(self, phase: values.Phase, correction: values.Correction) -> None:
        self._keeper.emit(
            events.PhaseEntered(
                step=self._learner.step,
                phase=phase,
                correction=correction,
                is_held=self._pace.is_walking,
            )
        )

    def _follow_opening(self) -> None:
        """A lesson begins slowly: take the speed that its next card has, if it still does."""
        opening = self._memory.opening
        while opening and opening[0][0] <= 0:
            opening.pop(0)
            if not opening:
                self._change_speed("full")
        if opening:
            n_cards, speed = opening[0]
            self._change_speed(speed)
            opening[0] = (n_cards - 1, speed)

    def _change_speed(self, speed: values.Speed) -> None:
        if speed != self._memory.speed:
            self._memory.speed = speed
            self._keeper.emit(events.SpeedChanged(step=self._learner.step, speed=speed))

    # -- waiting, and obeying meanwhile

    def _hold(self, seconds: float) -> None:
        """Let what is shown stand so long. A pause holds it; a step or a new speed goes on.
        The phase of a walked card stands until somebody asks for its next one."""
        speed = self._memory.speed
        left_s = seconds
        while self._stop is None and not self._pace.is_hurried:
            if self._pace.is_held_by_hand:
                if self._pace.take_phase():
                    return
                self._wait()
            elif left_s <= pace.SHORTEST_WAIT_S or self._memory.speed != speed:
                return
            elif self._pace.is_paused and not self._pace.is_stepping:
                self._wait()
            else:
                before = self._clock()
                self._idle(left_s)
                left_s -= self._clock() - before
            self._obey_all()

    def _wait(self) -> None:
        """Wait for a command; of the lesson no time passes."""
        self._teaching.count_time()
        self._idle(IDLE_S)
        self._teaching.count_time(is_lesson=False)

    def _idle(self, seconds: float) -> None:
        """Wait so long for a command, paused for as long as it takes; before that, save what was
        taught, and work at questions not answered yet."""
        self._keeper.flush()
        if not self._is_in_last_exam:  # after an exam its results are saved too, and a step once
            wait_s = math.inf if self._pace.is_paused else seconds
            if self._keeper.is_save_due(self._learner.step, wait_s):
                self._teaching.save()
        if self._questions.is_busy:
            self._questions.work()
        else:
            self._inbox.wait(seconds)

    # -- the end

    def _end_if_over(self) -> events.LessonEnded | None:
        """End the lesson, if it is over. Raises _ExamLeft: it is to stop."""
        next_confirmation_s = self._memory.next_confirmation_s
        self._is_in_last_exam = True
        try:
            reason: values.EndReason | None = None if self._learner.is_finite else "diverged"
            if self._limit_step is None:
                reason = self._lesson_ending.find()
            return None if reason is None else self._lesson_ending.end(reason)
        except _ExamLeft:
            self._memory.next_confirmation_s = next_confirmation_s
            raise
        finally:
            self._is_in_last_exam = False

    def _ask_at_limit(self) -> None:
        """Ask all cards, once, where the run that is followed is over: then the scores of both are
        compared. Raises _ExamLeft: the lesson is to stop."""
        last = self._keeper.state.exams.last
        is_asked = last is not None and last.step == self._learner.step and last.is_full
        if is_asked or not self._is_limit_end:
            return
        self._is_in_last_exam = True
        try:
            self._teaching.take_exam(is_full=True)
        finally:
            self._is_in_last_exam = False

    def _obey_in_exam(self) -> None:
        """Between two slices of a long exam: obey, if it is one of those that may end the lesson.
        Raises _ExamLeft: the lesson was told to stop."""
        if not self._is_in_last_exam:
            return
        self._obey_all()
        self._questions.work()
        while self._pace.is_waiting and self._stop is None:
            self._wait()
            self._obey_all()
        if self._stop is not None:
            raise _ExamLeft

    def _wind_up(self, stop: commands.Stop) -> events.LessonEnded | None:
        if self._returns_at_its_end:
            return self._lesson_ending.end("stopped")
        if stop.is_saved:
            self._teaching.report_steps()
            self._teaching.save()
            self._keeper.save_summary()
        return None

    # -- obeying

    def _obey_all(self) -> None:
        self._table.tell()
        for command in self._inbox.drain():
            self._obey(command)

    def _obey(self, command: commands.AnyCommand) -> None:
        if isinstance(command, commands.Question | commands.Note):
            self._questions.take(command)
            return
        if isinstance(command, commands.BetweenUpdates):
            # a held card was read with the deck and the model as they are: it is finished at once
            self._waiting.append(command)
            self._pace.hurry()
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
                self._step(max(1, command.n_cards))
            case commands.SetSpeed():
                self._set_speed(command)
            case commands.SetLearningRate():
                if math.isfinite(command.factor):
                    self._set_learning_rate(command.factor)
            case commands.NextPhase():
                self._walk()
            case commands.SetOrder():
                self._waiting.append(command)
            case commands.FollowTo():
                if self._limit_step is not None:
                    self._limit_step = command.limit_step
                    self._is_limit_end = command.is_end
            case commands.GoTo() | commands.ShowUpdate():
                pass  # a time machine's
            case commands.Stop():
                self._stop = command
            case _:
                assert_never(command)

    def _from_here(self, pause: commands.PauseAt) -> commands.PauseAt:
        """The same with its seconds turned into the lesson's nominal time."""
        if pause.goal.seconds is None:
            return pause
        seconds = self._memory.nominal_s + pause.goal.seconds
        goal = msgspec.structs.replace(pause.goal, seconds=seconds)
        return msgspec.structs.replace(pause, goal=goal)

    def _play(self) -> None:
        if self._learner.is_finite and self._pace.play():
            self._keeper.emit(events.RunPlayed(step=self._learner.step))

    def _pause(self) -> None:
        self._pause_at = None
        if self._pace.pause():
            self._teaching.report_steps()
            self._keeper.emit(events.RunPaused(step=self._learner.step))
            if (
                not self._is_in_last_exam
            ):  # after an exam its results are saved too, and a step once
                self._teaching.save()

    def _step(self, n_cards: int) -> None:
        if self._learner.is_finite:
            step = self._learner.step
            self._pace.step(n_cards, step)
            self._keeper.emit(events.StepsAsked(step=step, n_cards=self._pace.n_cards_asked))

    def _walk(self) -> None:
        """Go to the next phase of the card in progress, or to the first one of the next card."""
        step = self._learner.step
        if not self._learner.is_finite:
            return
        if not self._pace.is_card_in_progress:
            self._pace.begin_walk()
            self._teaching.report_steps()
            self._keeper.emit(events.StepsAsked(step=step, n_cards=1))
        elif self._pace.walk_on():
            self._keeper.emit(events.RunPaused(step=step))

    def _set_speed(self, wanted: commands.SetSpeed) -> None:
        """Change the speed from the next card on; this ends the slow opening."""
        self._spread = pace.SpreadUpdates(wanted.n_in_minute)
        self._pace.stop_walking()
        self._memory.opening.clear()
        self._change_speed(wanted.speed)

    # -- what is changed between two updates

    def _obey_between_updates(self, command: commands.BetweenUpdates | commands.SetOrder) -> None:
        match command:
            case commands.TeachCard() | commands.TakeDeck():
                if self._editor.obey(command):
                    self._deck_changed()
            case commands.Rewind():
                self._rewind()
            case commands.SetRemedy():
                self._set_remedy(command)
            case commands.SetPractice(practice=practice):
                self._set_practice(practice)
            case commands.CastVote():
                self._vote(command)
            case commands.SwitchAdapter(is_on=is_on):
                if self._switch_adapter(is_on):
                    self._teaching.take_exam(is_marked=True)
                    self._teaching.save(is_anew=True)
            case commands.SetOrder(order=order):
                if order != self._training.order.name:
                    self._training.choose_order(order)
                    self._keeper.emit(events.OrderChanged(step=self._learner.step, order=order))
                    self._save_anew()
            case _:
                assert_never(command)

    def _rewind(self) -> None:
        target = target_of(self._training, self._keeper)
        if target is None or self._limit_step is not None:
            return
        deck = self._training.deck
        device = self._keeper.folder.info.device
        go_back(self._training, self._keeper, target, device)
        self._pace.halt()
        self._teaching.forget_exams()
        if self._training.deck is not deck:
            self._deck_changed()
        else:
            self._questions.take_deck()
        self._questions.pins.tell()
        self._lesson_ending.go_back()
        self._keeper.emit(events.RunPaused(step=self._learner.step))
        self._teaching.take_exam()
        self._teaching.save(is_anew=True)

    def _deck_changed(self) -> None:
        self._questions.take_deck()
        if self._limit_step is None:
            self._table.deck_changed()

    def _set_learning_rate(self, wanted: float) -> None:
        low, high = commands.LEARNING_RATE_FACTORS
        factor = min(max(wanted, low), high)
        memory, step = self._memory, self._learner.step
        if factor > 1.0 >= memory.learning_rate_factor and self._learner.is_finite:
            # from here on it may break: this is where to go back to
            memory.raised_at_step = step
            if not self._is_in_last_exam:
                self._teaching.save(is_kept=True)
        memory.learning_rate_factor = factor
        self._keeper.emit(events.LearningRateChanged(step=step, factor=factor))
        if not self._is_in_last_exam:
            self._save_anew()

    def _set_remedy(self, wanted: commands.SetRemedy) -> None:
        memory, step = self._memory, self._learner.step
        if not self._training.deck.earlier:
            return
        if wanted.rehearsal is not None and math.isfinite(wanted.rehearsal):
            memory.rehearsal = min(max(wanted.rehearsal, 0.0), MOST_REHEARSED)
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
        self._save_anew()

    def _set_practice(self, practice: values.Practice) -> None:
        if self._training.deck.judge is None or practice == self._memory.practice:
            return
        self._memory.practice = practice
        self._keeper.emit(events.PracticeChanged(step=self._learner.step, practice=practice))
        self._save_anew()

    def _save_anew(self) -> None:
        """Save what was asked for here: it is there when the run goes on, however this one ends."""
        if self._learner.is_finite:
            self._teaching.save(is_anew=True)

    def _vote(self, vote: commands.CastVote) -> None:
        """One update by a vote; ignored when its two answers are not of the current model."""
        pair = voting.pair_of(self._training) if vote.step == self._learner.step else None
        is_adapter_off = self._keeper.state.remedies.is_adapter_off
        if pair is None or not self._learner.is_finite or is_adapter_off:
            return
        self._keeper.emit(pair.cast(vote.step, vote.choice))
        self._memory.vote = vote.choice
        self._update(is_single=False)
        self._teaching.report_steps()
        self._keeper.flush()

    def _switch_adapter(self, is_on: bool) -> bool:
        """Tell whether that changed the model. Switching it off pauses the lesson."""
        if not self._learner.switch_adapter(is_on=is_on):
            return False
        self._keeper.emit(events.AdapterSwitched(step=self._learner.step, is_on=is_on))
        if not is_on:
            self._pause()
        return True
