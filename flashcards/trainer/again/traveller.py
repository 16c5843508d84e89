"""Goes to any step of a run and answers as its model did, a little of the way at each call.

Near the step that is looked at, the models of fifty steps either way are kept in memory. Only
reads the run folder, which may grow meanwhile. Knows no process and no clock of its own.
"""

from __future__ import annotations

import contextlib
from array import array
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from flashcards.cards.card import Deck
from flashcards.learner.learner import Learner
from flashcards.runs import commands as cmd, events, values
from flashcards.runs.folder import RunError, RunFolder
from flashcards.trainer.again.logged import CannotReplay, LoggedRun
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.visited import Visited, VisitedSteps
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.opening import LessonError, open_learner
from flashcards.trainer.questions import asking, insight, listing, past, prompts
from flashcards.trainer.training_state import TrainingState

N_NEAR = 50  # Steps either way of the one looked at whose models are kept

STATE_EVERY = 16  # Every so many of these whole, to make the updates among them again soon

TOLD_EVERY_S = 0.15
REFRESH_EVERY_S = 0.5

Question = cmd.Ask | cmd.ShowUpdate | cmd.ListCards | cmd.LookInside


STEPS_AT_ONCE = 10  # After so many updates it is said how far a way is


class Traveller:
    """One time machine. What reads the log raises an OSError when it can't be read."""

    def __init__(
        self, folder: RunFolder, emit: Callable[[events.AnyEvent], None], clock: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._emit = emit
        self._clock = clock
        self._log = LoggedRun(folder.log_path)
        self._read_at = self._told_at = clock()
        self._visited = VisitedSteps()
        self._observed: dict[int, dict[type[events.AnyEvent], events.AnyEvent]] = {}
        self._insight = insight.Insight(folder.info.seed)
        self._replay: Replay | None = None
        self.reader: Learner | None = None
        self._index: tuple[Deck, prompts.PromptIndex] | None = None
        self._target: int | None = None
        self._shown: int | None = None
        self._questions: deque[Question] = deque()
        self._way: tuple[int, int] | None = None
        self._past = past.PastQuestion(emit)
        self._has_settled = False

    def take(self, command: cmd.AnyCommand) -> None:
        """Queue a command for `work`. Commands that are not for a time machine are ignored."""
        match command:
            case cmd.GoTo():
                self._refresh()
                self._target = min(max(0, command.step), self._log.last_step)
                self._questions = deque(q for q in self._questions if isinstance(q, cmd.Ask))
                self._has_settled = False
            case cmd.Ask() | cmd.ShowUpdate() | cmd.ListCards() | cmd.LookInside():
                if self._target is None and self._shown is None:
                    self.take(cmd.GoTo(step=self._log.last_step))
                self._questions.append(command)
            case cmd.AskPast():
                self._begin_past(command)

    @property
    def is_awaited(self) -> bool:
        return self._target is not None or bool(self._questions) or self._past.is_busy

    def work(self) -> bool:
        """Do a little of what was asked, or of what may be asked soon; False when all is done."""
        if self._clock() - self._read_at >= REFRESH_EVERY_S:
            self._refresh()
        if self._target is not None:
            self._travel(self._target)
        elif self._questions:
            self._answer(self._questions[0])
        elif self._past.is_busy:
            self._past.work(self._log.last_step)
        else:
            return self._look_around()
        return True

    # -- going there

    def _travel(self, target: int) -> None:
        visited = self._visited.get(target)
        try:
            if visited is None:
                self._towards(target)
                visited = self._visited.get(target)
        except RunError as problem:
            self._target = None
            step = 0 if self._replay is None else self._replay.step
            self._emit(events.StepReached(step=step, target=target, text=str(problem)))
            return
        if visited is not None:
            self._target = None
            self._shown = target
            assert self.reader is not None
            self.reader.take(visited.weights, visited.deck)
            self._emit(events.StepReached(step=target, target=target, is_arrived=True))
        elif self._clock() - self._told_at >= TOLD_EVERY_S and self._replay is not None:
            self._told_at = self._clock()
            self._emit(events.StepReached(step=self._replay.step, target=target))

    def _towards(self, step: int) -> bool:
        """One update, or one saved state, nearer to this step; whether it is reached.
        Raises RunError: the log doesn't say how to get there, or no state is left before it."""
        replay = self._replay
        if self._way is None or self._way[0] != step:
            self._way = (step, max(self._nearest_states(step)))
        if replay is None:
            replay = self._replay = Replay(
                self._folder, at_most=step, on_damage=self._emit, is_quick=True, log=self._log
            )
            self.reader = replay.training.learner.reader()
        elif replay.step == step:
            pass
        elif self._way[1] <= replay.step < step:
            replay.forward()
        else:
            self._start_near(replay, step)
        self._way = (step, min(self._way[1], replay.step))
        self._keep(replay)
        return replay.step == step

    def _nearest_states(self, step: int) -> tuple[int, int]:
        """On disk, and in memory; -1 where there is none."""
        on_disk = max((at for at, _ in self._folder.state_files(step)), default=-1)
        return on_disk, self._visited.start(step)

    def _start_near(self, replay: Replay, step: int) -> None:
        on_disk, in_memory = self._nearest_states(step)
        if in_memory >= max(on_disk, 0):
            saved = self._visited[in_memory].state
            assert saved is not None
            replay.take(saved)
        else:
            replay.start_from(step)

    def _keep(self, replay: Replay) -> None:
        centre = self._target if self._target is not None else self._shown
        step = replay.step
        if centre is None or abs(step - centre) > N_NEAR:
            return
        training = replay.training
        known = self._visited.get(step)
        is_start = step % STATE_EVERY == 0 or step == centre - 1
        if known is None or (is_start and not known.state):
            weights = training.learner.weights_now()
            times_seen = array("I", training.ledger.times_seen)
            state = replay.saved() if is_start else None
            self._visited.keep(step, Visited(weights, training.deck, times_seen, state), centre)

    def _look_around(self) -> bool:
        """Visit one more step near the shown one, those ahead first; False when none is left."""
        shown = self._shown
        if shown is None or self._has_settled:
            return False
        ahead = range(shown + 1, min(shown + N_NEAR, self._log.last_step) + 1)
        behind = range(max(0, shown - N_NEAR), shown)
        step = next((k for k in (*ahead, *behind) if k not in self._visited), None)
        if step is None:
            return self._look_closer((shown, *ahead, *behind))
        if not self._visited.has_room:
            self._visited.forget(range(max(0, shown - N_NEAR), shown + N_NEAR + 1))
            if not self._visited.has_room:
                return False
        try:
            self._towards(step)
        except RunError:
            self._has_settled = True
        return True

    def _look_closer(self, near: tuple[int, ...]) -> bool:
        """Observe one more of these updates before somebody asks; False when all are."""
        step = next((k for k in near if k > 0 and k not in self._observed), None)
        if step is None:
            return False
        try:
            self._is_observed(step)
        except RunError:
            self._has_settled = True
        return True

    def _refresh(self) -> None:
        self._read_at = self._clock()
        went_back_to = self._log.refresh()
        if went_back_to is None:
            return
        self._visited.forget(range(went_back_to))
        self._observed = {k: told for k, told in self._observed.items() if k <= went_back_to}
        self._way = None
        if self._replay is not None and self._replay.step >= went_back_to:
            self._replay.start_from(went_back_to)
        if self._shown is not None and self._shown >= went_back_to and self._target is None:
            self._target = min(self._shown, self._log.last_step)

    # -- what is asked there

    def _answer(self, question: Question) -> None:
        try:
            if isinstance(question, cmd.Ask):
                self._answer_prompt(question)
            elif isinstance(question, cmd.ListCards):
                if not self._is_listed(question):
                    return
            elif isinstance(question, cmd.LookInside):
                if not self._is_seen(question):
                    return
            elif not self._is_update_shown(question.step):
                return
        except RunError as problem:
            step = question.step if isinstance(question, cmd.ShowUpdate) else 0
            self._emit(events.StepReached(step=step, target=step, text=str(problem)))
        self._questions.popleft()

    def _answer_prompt(self, ask: cmd.Ask) -> None:
        visited = None if self._shown is None else self._visited.get(self._shown)
        if visited is None or self._replay is None or self.reader is None:
            raise CannotReplay("There is no model of this step to ask.")
        if self._index is None or self._index[0] is not visited.deck:
            self._index = (visited.deck, prompts.PromptIndex(visited.deck))
        ledger = CardLedger(len(visited.deck.cards))
        ledger.times_seen = visited.times_seen
        training = self._replay.training
        self._emit(
            asking.answer(
                ask,
                TrainingState(visited.deck, self.reader, training.order, ledger, training.memory),
                self._index[1],
            )
        )

    def _is_listed(self, asked: cmd.ListCards) -> bool:
        """List the cards as of the shown step; False while still on the way to it."""
        shown = self._shown
        if shown is None:
            raise CannotReplay("There is no step whose cards could be listed.")
        if self._replay is None or self._replay.step != shown:
            self._towards(shown)
            return False
        self._replay.give(shown)  # an exam may have been held here since
        training = self._replay.training
        self._emit(listing.Listing(training.deck, training.ledger, self._clock).page(asked, shown))
        return True

    def _is_update_shown(self, step: int) -> bool:
        if not self._is_observed(step):
            return False
        for told in self._observed[step].values():
            self._emit(told)
        return True

    def _is_observed(self, step: int) -> bool:
        if step in self._observed:
            return True
        if not 1 <= step <= self._log.last_step:
            raise CannotReplay(f"The run has no update {step:,}.")
        if self._replay is None or self._replay.step != step - 1:
            self._towards(step - 1)
            return False
        made = self._replay.forward("everything")
        told: list[events.AnyEvent | None] = [made.tries, made.details]
        if made.correction is not None:
            told.append(events.CorrectionMeasured(step=step, correction=made.correction))
        self._observed[step] = {type(event): event for event in told if event is not None}
        centre = step if self._shown is None else self._shown
        while len(self._observed) > 2 * N_NEAR + 1:
            del self._observed[max(self._observed, key=lambda k: abs(k - centre))]
        self._keep(self._replay)
        return True

    def _is_seen(self, look: cmd.LookInside) -> bool:
        """Look into the model of the shown step; False while its card is not known yet."""
        shown = self._shown
        if shown is None or self.reader is None:
            raise CannotReplay("There is no model of this step to look into.")
        if shown > 0 and not self._is_observed(shown):
            return False
        visited = self._visited.get(shown)
        assert visited is not None
        told = self._observed[shown].get(events.CorrectionMeasured) if shown > 0 else None
        card_index = (
            told.correction.card_index if isinstance(told, events.CorrectionMeasured) else 0
        )
        self._emit(self._insight.look(look, self.reader, visited.deck, card_index))
        return True

    # -- one prompt, every saved state

    def _begin_past(self, question: cmd.AskPast) -> None:
        self._refresh()
        try:
            if self._replay is None:
                self._towards(self._log.last_step)
            assert self._replay is not None
            states = past.keyframes(self._folder, self._log.last_step)
            training = self._replay.training
            deck_at = past.deck_reader(self._folder, training)
            self._past.ask(question, training.learner.reader(), states, deck_at)
        except RunError as problem:
            self._emit(events.StepReached(step=0, target=0, text=str(problem)))


def learner_at(
    path: Path, step: int | None, on_step: Callable[[int, int], None] = lambda done, total: None
) -> TrainingState:
    """A saved run's learner, to ask and not to teach, as it was at this step; the newest of None,
    or of a step that the run never came to. `on_step` hears how many updates of how many are made.
    Raises LessonError: the run can't be used, or the step can't be trained again."""
    training = open_learner(path, step)
    if step is None or training.learner.step == step:
        return training
    try:
        folder = RunFolder.open(path)
        replay = Replay(folder, at_most=step, is_quick=True)
        first = replay.step
        last = min(step, replay.log.last_step)
        for upto in (*range(first, last, STEPS_AT_ONCE), last):
            if first < last:
                on_step(replay.step - first, last - first)
            replay.give(upto)
    except (RunError, OSError) as problem:
        raise LessonError(
            f"{problem} The nearest saved step is {training.learner.step:,}: ask --at that one."
        ) from problem
    return replay.training


def answers_until(path: Path, prompt: str, at: int | None) -> Iterator[values.PastAnswer]:
    """What a saved run answered at every saved state, and at each step that is a power of two,
    oldest first, up to step `at`. Raises LessonError: the run can't be used."""
    last = open_learner(path, at).learner.step
    try:
        folder = RunFolder.open(path)
        replay = Replay(folder, at_most=0, is_quick=True)
        last = last if at is None else max(last, min(at, replay.log.last_step))
        saved = dict(past.keyframes(folder, last))
        whole = dict(folder.state_files(last))
        deck_at = past.deck_reader(folder, replay.training)
        reader = replay.training.learner.reader()
        for step in sorted({0, last, *saved, *(2**n for n in range(last.bit_length()))}):
            states = [(step, saved[step])] if step in saved else []
            if answers := list(filter(None, past.answers_of(prompt, reader, states, deck_at))):
                yield answers[0]
                continue
            if any(replay.step < at <= step for at in whole):
                replay.start_from(step)
            with contextlib.suppress(CannotReplay):  # a damaged log: saved states are left
                replay.give(step)
                (said,) = replay.training.learner.answer_each([prompt])
                yield values.PastAnswer(replay.step, said.text, said.probability)
    except (RunError, OSError) as problem:
        raise LessonError(str(problem)) from problem
