"""Goes to any step of a run and answers as its model did, a little of the way at each call.

What is asked becomes a job: a generator that yields after each update made again, so that a newer
wish can take its place. With nothing to do, the fifty steps either way of the one looked at are
visited, and their updates observed. Only reads the run folder, which may grow meanwhile.
Knows no process and no clock of its own.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from flashcards.learner.learner import Learner
from flashcards.runs import commands as cmd, events, values
from flashcards.runs.folder import RunError, RunFolder
from flashcards.trainer.again.logged import CannotReplay, LoggedRun
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.visited import N_NEAR, Journey, Visited
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.opening import LessonError, open_learner
from flashcards.trainer.questions import asking, insight, listing, past, prompts
from flashcards.trainer.training_state import TrainingState
from flashcards.trainer.update import UpdateMade

NEWS_EVERY_S = 0.15
REFRESH_EVERY_S = 0.5
STEPS_AT_ONCE = 10  # After so many updates it is said how far a way is

Question = cmd.Ask | cmd.ShowUpdate | cmd.ListCards | cmd.LookInside
Job = Iterator[None]
"""Something asked for; yields when it has worked for some hundredths of a second."""


@dataclass(frozen=True)
class ShownStep:
    """The step that is looked at: its model, which answers, and the prompts of its deck."""

    step: int
    training: TrainingState
    index: prompts.PromptIndex


class Traveller:
    """One time machine. What reads the log raises an OSError when it can't be read.
    `reader`: answers with the weights of the shown step; None before there was one."""

    def __init__(
        self, folder: RunFolder, emit: Callable[[events.AnyEvent], None], clock: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._emit = emit
        self._clock = clock
        self._log = LoggedRun(folder.log_path)
        self._refreshed_at = self._news_at = clock()
        self._journey = Journey(folder, self._log, emit)
        self._updates: dict[int, UpdateMade] = {}  # observed closely, by the step after them
        self._insight = insight.Insight(folder.info.seed)
        self.reader: Learner | None = None
        self._shown_step: ShownStep | None = None
        # what somebody waits for, in this order: to be at a step, to have answers, to know the past
        self._target: int | None = None
        self._questions: deque[Question] = deque()
        self._job: Job | None = None
        self._past = past.PastQuestion(emit)
        # what nobody asked for yet
        self._look_around: Iterator[bool] = iter(())

    def take(self, command: cmd.AnyCommand) -> None:
        """Queue a command for `work`. Commands that are not for a time machine are ignored."""
        match command:
            case cmd.GoTo():
                self._refresh()
                self._go_to(min(max(0, command.step), self._log.last_step))
                self._questions = deque(q for q in self._questions if isinstance(q, cmd.Ask))
            case cmd.Ask() | cmd.ShowUpdate() | cmd.ListCards() | cmd.LookInside():
                if self._target is None and self._shown_step is None:
                    self.take(cmd.GoTo(step=self._log.last_step))
                self._questions.append(command)
            case cmd.AskPast():
                self._begin_past(command)

    @property
    def is_awaited(self) -> bool:
        has_questions = self._target is not None or bool(self._questions)
        return has_questions or self._job is not None or self._past.is_busy

    def work(self) -> bool:
        """Do a little of what was asked, or of what may be asked soon; False when all is done."""
        if self._clock() - self._refreshed_at >= REFRESH_EVERY_S:
            self._refresh()
        if self._job is None:
            self._job = self._next_job()
        if self._job is not None:
            if _is_over(self._job):
                self._job = None
            return True
        if self._past.is_busy:
            self._past.work(self._log.last_step)
            return True
        try:
            return next(self._look_around, False)
        except RunError:  # nobody asked: it is said when somebody does
            return True

    def _go_to(self, step: int) -> None:
        """Be on the way to this step; whatever was being done for another one is dropped."""
        self._target = step
        self._job = None

    def _next_job(self) -> Job | None:
        if self._target is not None:
            return self._travel(self._target)
        return self._answer(self._questions[0]) if self._questions else None

    def _refresh(self) -> None:
        """Read what was logged since. Where the run went back, so does this."""
        self._refreshed_at = self._clock()
        went_back_to = self._log.refresh()
        if went_back_to is None:
            return
        self._updates = {
            at: update_made for at, update_made in self._updates.items() if at <= went_back_to
        }
        self._journey.go_back(went_back_to)
        if (
            self._shown_step is not None
            and self._shown_step.step >= went_back_to
            and self._target is None
        ):
            self._go_to(min(self._shown_step.step, self._log.last_step))

    # -- going there

    def _travel(self, target: int) -> Job:
        """Go to this step, and have its model answer from then on."""
        try:
            if target not in self._journey.visited:
                for replay in self._journey.go(target, centre=target):
                    self._tell_how_far(replay.step, target)
                    yield
            self._show_step(target, self._journey.visited[target])
            self._emit(events.StepReached(step=target, target=target, is_arrived=True))
        except RunError as problem:
            step = self._journey.step or 0
            self._emit(events.StepReached(step=step, target=target, text=str(problem)))
        self._target = None

    def _tell_how_far(self, step: int, target: int) -> None:
        if step != target and self._clock() - self._news_at >= NEWS_EVERY_S:
            self._news_at = self._clock()
            self._emit(events.StepReached(step=step, target=target))

    def _show_step(self, step: int, visited: Visited) -> None:
        replay = self._journey.replay(step)
        if self.reader is None:
            self.reader = replay.training.learner.reader()
        self.reader.take(visited.weights, visited.deck)
        ledger = CardLedger(len(visited.deck.cards))
        ledger.times_seen = visited.times_seen
        order, memory = replay.training.order, replay.training.memory  # no answer depends on them
        training = TrainingState(visited.deck, self.reader, order, ledger, memory)
        before = self._shown_step
        is_same_deck = before is not None and before.training.deck is visited.deck
        index = before.index if before and is_same_deck else prompts.PromptIndex(visited.deck)
        self._shown_step = ShownStep(step, training, index)
        self._look_around = self._visit_near(step)

    # -- what is asked there

    def _answer(self, question: Question) -> Job:
        try:
            if isinstance(question, cmd.ShowUpdate):
                yield from self._show_update(question.step)
            elif self._shown_step is None:
                raise CannotReplay("There is no model of this step to ask.")
            else:
                yield from self._answer_at(self._shown_step, question)
        except RunError as problem:
            step = question.step if isinstance(question, cmd.ShowUpdate) else 0
            self._emit(events.StepReached(step=step, target=step, text=str(problem)))
        self._questions.popleft()

    def _answer_at(
        self, shown_step: ShownStep, question: cmd.Ask | cmd.ListCards | cmd.LookInside
    ) -> Job:
        match question:
            case cmd.Ask():
                self._emit(asking.answer(question, shown_step.training, shown_step.index))
            case cmd.ListCards():
                yield from self._list(question, shown_step)
            case cmd.LookInside():
                training = shown_step.training
                self._emit(self._insight.look(question, training.learner, training.deck))
            case _:
                assert_never(question)

    def _list(self, question: cmd.ListCards, shown_step: ShownStep) -> Job:
        """List the cards with what was known of each at the shown step, which no model tells."""
        for _ in self._journey.go(shown_step.step, centre=shown_step.step):
            yield
        replay = self._journey.replay(shown_step.step)
        replay.give(shown_step.step)  # an exam may have been taken here since
        training = replay.training
        cards = listing.Listing(training.deck, training.ledger, self._clock)
        self._emit(cards.page(question, shown_step.step))

    def _show_update(self, step: int) -> Job:
        yield from self._observe(step)
        update_made = self._updates[step]
        if update_made.tries is not None:
            self._emit(update_made.tries)
        if update_made.details is not None:
            self._emit(update_made.details)
        if update_made.correction is not None:
            self._emit(events.CorrectionMeasured(step=step, correction=update_made.correction))

    def _observe(self, step: int) -> Job:
        """Make the update that ended at this step once more, and keep what it was like."""
        if step in self._updates:
            return
        if not 1 <= step <= self._log.last_step:
            raise CannotReplay(f"The run has no update {step:,}.")
        centre = step if self._shown_step is None else self._shown_step.step
        for _ in self._journey.go(step - 1, centre):
            yield
        self._updates[step] = self._journey.replay(step).forward("everything")
        while len(self._updates) > 2 * N_NEAR + 1:
            del self._updates[max(self._updates, key=lambda at: abs(at - centre))]
        self._journey.keep(centre)

    # -- what may be asked soon

    def _visit_near(self, centre: int) -> Iterator[bool]:
        """Visit the steps near the shown one, those ahead first, then observe their updates.
        Yields whether anything was done: the run may grow, so there may be more later."""
        behind = range(max(0, centre - N_NEAR), centre)
        while True:
            ahead = range(centre + 1, min(centre + N_NEAR, self._log.last_step) + 1)
            near = [step for step in (*ahead, *behind) if step not in self._journey.visited]
            unobserved = [k for k in (centre, *ahead, *behind) if k > 0 and k not in self._updates]
            if near and self._journey.make_room(centre):
                for _ in self._journey.go(near[0], centre=centre):
                    yield True
            elif not near and unobserved:
                for _ in self._observe(unobserved[0]):
                    yield True
            else:
                yield False
                continue
            yield True

    # -- one prompt, every saved state

    def _begin_past(self, question: cmd.AskPast) -> None:
        self._refresh()
        try:
            last = self._log.last_step
            training = self._journey.replay(last).training
            states = past.keyframes(self._folder, last)
            deck_at = past.deck_reader(self._folder, training)
            self._past.ask(question, training.learner.reader(), states, deck_at)
        except RunError as problem:
            self._emit(events.StepReached(step=0, target=0, text=str(problem)))


def _is_over(job: Job) -> bool:
    """Do the next bit of its work, and tell whether nothing is left of it."""
    try:
        next(job)
    except StopIteration:
        return True
    return False


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
    """Ask a saved run's model of every saved state, and of each step that is a power of two,
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
                (reply,) = replay.training.learner.answer_each([prompt])
                yield values.PastAnswer(replay.step, reply.text, reply.probability)
    except (RunError, OSError) as problem:
        raise LessonError(str(problem)) from problem
