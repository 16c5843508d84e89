"""The pace of a lesson: when the next update is made, and how long what it shows stands.

At a speed, card by card as asked, or phase by phase. Commands are obeyed while something is held.
"""

from collections.abc import Callable, Mapping
from typing import assert_never

from flashcards.runs import events
from flashcards.runs.values import CARD_S, Phase, Speed
from flashcards.trainer import keeper, teaching, training_state

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
EXPLAINED_TRIES_S = 3.0
IDLE_S = 0.5
MINUTE_S = 60.0
SHORTEST_WAIT_S = 1e-4


class LessonPace:
    """Teaches one update a call, at the pace that is asked for.
    `is_paused`: nothing is taught but the cards that were asked for.
    `is_stopping`: the lesson is to end: nothing is held any more."""

    def __init__(
        self,
        training: training_state.TrainingState,
        recorder: keeper.Recorder,
        clock: Callable[[], float],
        idle: Callable[[float], None],
        obey: Callable[[], None],
    ) -> None:
        """`idle` waits so many seconds, or until a command comes; `obey` obeys those that came."""
        self.teaching = teaching.Teaching(training, recorder, clock, self.hold)
        self.teaching.is_walking = lambda: self._is_walking
        self.is_paused = False
        self.is_stopping = False
        self._learner = training.learner
        self._memory = training.memory
        self._recorder = recorder
        self._clock = clock
        self._idle = idle
        self._obey = obey
        self._n_asked = 0
        self._is_hurried = False
        self._is_stepping = False
        self._is_walking = False
        self._n_spread = 0
        self._part_s = 0.0
        self._spare_s = 0.0
        self._n_phases_asked = 0
        self._step_of_held_card: int | None = None

    @property
    def is_waiting(self) -> bool:
        return self.is_paused and self._n_asked == 0

    def teach(self) -> None:
        self._is_hurried = False
        if self._n_asked > 0:
            self._n_asked -= 1
            self._is_stepping = True
            self._teach_card(STEPPED_PHASE_S if self._n_asked == 0 else teaching.NO_PHASES)
            self._is_stepping = False
            return
        self._follow_opening()
        started = self._clock()
        match self._memory.speed:
            case "explain":
                self._teach_card(PHASE_S)
            case "slow" | "brisk" as speed:
                self._teach_card(teaching.NO_PHASES)
                self.hold(CARD_S[speed] - (self._clock() - started))
            case "full":
                self.teaching.teach_batch()
                self._spread(self._clock() - started)
            case _:
                assert_never(self._memory.speed)

    def _teach_card(self, phase_s: Mapping[Phase, float]) -> None:
        if self._memory.practice != "taught":
            self._is_walking = False  # tries have no phases: the whole update is one step
            self.teaching.teach_batch(is_shown=True)
            self.hold(EXPLAINED_TRIES_S if phase_s is PHASE_S else 0.0)
            return
        self._step_of_held_card = self._learner.step
        self.teaching.teach_card(phase_s)
        self._step_of_held_card = None
        if self._is_walking and self._learner.is_finite:
            self._n_asked = 1

    def _follow_opening(self) -> None:
        opening = self._memory.opening
        while opening and opening[0][0] <= 0:
            opening.pop(0)
            if not opening:
                self._change_speed("full")
        if opening:
            n_cards, speed = opening[0]
            self._change_speed(speed)
            opening[0] = (n_cards - 1, speed)

    def hold(self, seconds: float) -> None:
        """Wait, obeying commands. A pause holds the card; a step or a new speed goes on.
        While walking, the card is held until somebody asks for its next phase."""
        speed = self._memory.speed
        left_s = seconds
        while not self.is_stopping and not self._is_hurried:
            is_walked = self._is_walking and self._step_of_held_card is not None
            if is_walked and self._n_phases_asked:
                self._n_phases_asked -= 1
                return
            if is_walked:
                self.wait()
                self._obey()
                continue
            if left_s <= SHORTEST_WAIT_S or self._memory.speed != speed:
                return
            if self.is_paused and not self._is_stepping:
                self.wait()
            else:
                before = self._clock()
                self._idle(left_s)
                left_s -= self._clock() - before
            self._obey()

    def wait(self) -> None:
        """Wait for a command; of the lesson no time passes."""
        self.teaching.count_time()
        self._idle(IDLE_S)
        self.teaching.count_time(is_lesson=False)

    def hurry(self) -> None:
        """Finish the current update without further waits."""
        self._is_hurried = True

    def play(self) -> None:
        if self.is_paused and self._learner.is_finite:
            self._stop_walking()
            self.is_paused = False
            self._n_asked = 0
            self._recorder.emit(events.RunPlayed(step=self._learner.step))

    def pause(self) -> bool:
        self._n_asked = 0
        if self.is_paused:
            return False
        self.is_paused = True
        self.teaching.report_steps()
        self._recorder.emit(events.RunPaused(step=self._learner.step))
        return True

    def halt(self) -> None:
        """Pause without an event, and forget the cards that were asked for."""
        self._stop_walking()
        self.is_paused = True
        self._n_asked = 0

    def walk(self) -> None:
        """Go to the next phase of the held card, or to the first of the next card."""
        if not self._learner.is_finite:
            return
        if self._step_of_held_card is None:
            if not self._is_walking or self._n_asked == 0:
                self._is_walking = self.is_paused = self._is_hurried = True
                self._n_asked, self._n_phases_asked = 1, 0
                self.teaching.report_steps()
                self._recorder.emit(events.StepsAsked(step=self._learner.step, n_cards=1))
            else:
                self._n_phases_asked += 1
            return
        if not self._is_walking:
            self._is_walking = True
            self._n_phases_asked = 0
            self._n_asked = 0
            if not self.is_paused:
                self.is_paused = True
                self._recorder.emit(events.RunPaused(step=self._learner.step))
        self._n_phases_asked += 1

    def _stop_walking(self) -> None:
        if self._is_walking:
            self._is_walking, self._is_hurried = False, True
            self._n_asked = self._n_phases_asked = 0

    def step(self, n_cards: int) -> None:
        if self._learner.is_finite:
            is_untaught = self._step_of_held_card == self._learner.step
            is_card_held = is_untaught and (self._is_walking or not self._is_stepping)
            self._stop_walking()
            self.is_paused = self._is_hurried = True
            self._n_asked += n_cards - is_card_held
            self._recorder.emit(events.StepsAsked(step=self._learner.step, n_cards=self._n_asked))

    def _spread(self, took_s: float) -> None:
        """Wait, so that the updates of the minute end with it; a slow one shortens later waits."""
        if self._n_spread:
            self._n_spread -= 1
            self._spare_s += self._part_s - took_s
            if self._spare_s > SHORTEST_WAIT_S:
                self.hold(self._spare_s)
                self._spare_s = 0.0

    def set_speed(self, speed: Speed, n_in_minute: int = 0) -> None:
        """Change the speed from the next card on; this ends the slow opening."""
        self._n_spread = max(0, n_in_minute)
        self._spare_s = 0.0
        self._part_s = MINUTE_S / max(1, n_in_minute)
        self._stop_walking()
        self._memory.opening.clear()
        self._change_speed(speed)

    def _change_speed(self, speed: Speed) -> None:
        if speed != self._memory.speed:
            self._memory.speed = speed
            self._recorder.emit(events.SpeedChanged(step=self._learner.step, speed=speed))
