"""Opens a lesson: from a deck, from the start; or from a run, where it was."""

import math
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from flashcards.base.errors import UserError
from flashcards.cards import card, judges, text
from flashcards.cards.shelf import find
from flashcards.learner.settings import pick_device
from flashcards.learner.shards import ProcessLost
from flashcards.runs import commands, events, recording
from flashcards.runs.catalog import find_run, note_begun, runs_root, was_begun_from
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.goal import Goal, why_never_reached
from flashcards.trainer import (
    answered_deck,
    beginning,
    checkpoints,
    describing,
    lesson_kinds,
    training_state,
    versions,
)
from flashcards.trainer.again.branching import begin_chapter, branch, deck_without
from flashcards.trainer.beginning import LessonError
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.lesson import Lesson
from flashcards.trainer.request import LessonRequest

__all__ = ["LessonError", "OpenedLesson", "open_learner", "open_lesson"]

Watch = Callable[[events.AnyEvent], None]


class OpenedLesson(msgspec.Struct, frozen=True):
    lesson: Lesson
    training: training_state.TrainingState
    keeper: Keeper

    def teach(self) -> events.LessonEnded | None:
        """Teach, and close the run folder. How it ended, when it had a goal.
        Raises UserError: it failed; the message says why, what is saved, and how to go on."""
        try:
            try:
                ended = self.lesson.run()
                self.keeper.thin()
            finally:
                self.keeper.close()
        except (ProcessLost, judges.JudgeError) as error:
            raise type(error)(self.keeper.why(error)) from error
        except OSError as error:
            raise LessonError(self.keeper.why(error)) from error
        return ended


def open_lesson(
    request: LessonRequest,
    *,
    inbox: Inbox | None = None,
    watch: Watch = lambda event: None,
    on_stage: beginning.StageListener = lambda stage, percent=None: None,
    goal: Goal | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> OpenedLesson:
    """Open what is asked for. `watch` gets every event; `on_stage` is told in a word or two what is
    being done meanwhile.
    Raises LessonError: the deck or the run can't be used, with the reason and the mend."""
    inbox = Inbox() if inbox is None else inbox
    opening = _Opening(request, inbox, watch, on_stage, goal, clock)
    try:
        if request.resume is not None:
            training, keeper = opening.resume(request.resume)
        elif request.after is not None:
            training, keeper = opening.begin_after(request.after)
        elif request.branch_of is not None:
            training, keeper = opening.branch(request.branch_of)
        else:
            training, keeper = opening.begin()
        if request.practice is not None:
            inbox.put(commands.SetPractice(practice=request.practice))
        if request.order is not None:
            inbox.put(commands.SetOrder(order=request.order))
        lesson = Lesson(
            training,
            keeper=keeper,
            inbox=inbox,
            clock=clock,
            goal=opening.until if opening.goal is None else opening.goal,
            is_pausing_there=opening.goal is None,
            duty=request.duty,
            is_following=request.is_following,
            is_paused=request.is_paused,
        )
    except ProcessLost:
        raise
    except (UserError, OSError) as error:
        raise opening.failed(error) from error
    return OpenedLesson(lesson, training, keeper)


class _Opening:
    """Opens one lesson, in one of four ways.
    `goal`, `until`: as asked for; after another deck, counted from where that ended."""

    def __init__(
        self,
        request: LessonRequest,
        inbox: Inbox,
        watch: Watch,
        on_stage: beginning.StageListener,
        goal: Goal | None,
        clock: Callable[[], float],
    ) -> None:
        self.goal = goal
        self.until = request.until
        self._request = request
        self._inbox = inbox
        self._watch = watch
        self._on_stage = on_stage
        self._clock = clock
        self._resumed: Path | None = None
        self._opened: RunFolder | None = None

    def failed(self, error: Exception) -> LessonError:
        """The error for the user; releases the run that was opened."""
        if self._opened is not None:
            self._opened.release()
        if self._resumed is not None and not os.path.lexists(self._resumed / "run.json"):
            return LessonError(f"{self._resumed.name} was deleted or moved while it was opened")
        if isinstance(error, OSError):
            return LessonError(f"the run can't be written: {error.strerror or error}")
        needs_option = isinstance(error, UserError) and error.needs_option
        return LessonError(str(error), needs_option=needs_option)

    def begin(self) -> tuple[training_state.TrainingState, Keeper]:
        request = self._request
        device = pick_device(self._request.device)
        self._on_stage("reading the deck")
        path = find(request.deck)
        if request.answers_of is not None:
            path = self._answered(path, request.answers_of)
        deck, diagnostics = beginning.load_deck(path, request)
        deck = beginning.with_ask(deck, request)
        self._check_can_end(deck, path)
        if request.is_rewarded:
            deck = beginning.judged_deck(deck, path, request)
        training, base = beginning.fresh_training(deck, request, device, self._on_stage)
        if base is not None and deck.prompted:
            cards = deck.prompted
            n_asked = 0
            on_progress = beginning.in_percent(self._on_stage, "asking what it knows")

            def between(n: int) -> None:
                nonlocal n_asked
                n_asked += n
                on_progress(n_asked, min(len(cards), training_state.N_BEFORE))

            between(0)
            training.ask_before(cards, between)
        folder, start = beginning.new_folder(path, training, request, device, base)
        keeper = Keeper(folder, self._watch, self._clock)
        keeper.emit(describing.with_problems(start, versions.errors_of(diagnostics, path.name)))
        return training, keeper

    def _answered(self, path: Path, run: str) -> Path:
        """Have this run answer the cards of the deck, and return the path of the new deck."""
        self._on_stage("asking for the answers")
        folder = find_run(runs_root(self._request.runs), run)
        temperature = self._request.answers_temperature
        return answered_deck.save_answered(path, open_learner(folder), temperature, folder)

    def _check_can_end(self, deck: card.Deck, path: Path) -> None:
        """Raises LessonError: the goal is a share of cards that are not there, and nothing else."""
        goal = self.until if self.goal is None else self.goal
        if deck.is_text:
            return
        if why := why_never_reached(goal, len(deck.never_seen), path.name):
            raise LessonError(why)

    def resume(self, run: str) -> tuple[training_state.TrainingState, Keeper]:
        request = self._request
        device = pick_device(self._request.device)
        self._on_stage("opening the run")
        self._resumed = find_run(runs_root(request.runs), run)
        self._opened = folder = RunFolder.open(self._resumed, is_writer=True)
        folder.expect_rounding()
        damages: list[events.DamageFound] = []
        restorer = checkpoints.Restorer(folder, device, damages.append)
        training = restorer.restore()
        if len(training.deck.earlier) < folder.info.chapter:
            folder.release()
            raise LessonError(
                f"{folder.path.name} holds no sound state of its last deck; teach it again "
                f"with `flashcards train DECK --after {folder.info.parent}`",
                needs_option=True,
            )
        if self.goal is not None:
            _check_is_ahead(self.goal, folder, training)
        start = lesson_kinds.started(folder, training)
        folder.set_aside_beyond(training.learner.step)
        keeper = self._keeper_at(folder, training.learner.step)
        # what the rivals score is known from before: a verdict never lacks them meanwhile
        start = msgspec.structs.replace(start, rivals=keeper.state.rivals or start.rivals)
        keeper.emit(events.RunResumed(step=training.learner.step, start=start, file=restorer.file))
        for damage in damages:
            keeper.emit(damage)
        _follow_wishes(training.memory, request)
        return training, keeper

    def begin_after(self, run: str) -> tuple[training_state.TrainingState, Keeper]:
        request = self._request
        device = pick_device(self._request.device)
        self._on_stage("reading the deck")
        path = find(request.deck)
        deck, diagnostics = text.load_either(path)
        if why := deck.why_not("teach", path.name):
            raise LessonError(why)
        self._check_can_end(deck, path)
        if request.is_rewarded:
            deck = beginning.judged_deck(deck, path, request)
        parent = self._parent(run, "opening the run")
        if request.learns is not None and "family" in parent.info.settings:
            raise LessonError(
                "what learns of a model that others have trained is chosen once, by --set learned: "
                "leave out --only"
            )
        ask = beginning.with_ask(deck, request, is_brought=parent.info.base is not None).ask
        folder, training, began = begin_chapter(
            parent,
            runs_root(request.runs),
            deck,
            path,
            diagnostics,
            device,
            request.order_seed,
            beginning.in_words(ask, request, parent.tokenizer_model()),
        )
        note_begun(folder.info.run, str(path))
        keeper = self._keeper_at(folder, began.step)
        # both decks are in its log: whoever watches reads what came before from there
        keeper.tell(events.RunResumed(step=began.step, start=began.start))
        self.goal, self.until = (_from_step(wish, began.step) for wish in (self.goal, self.until))
        _follow_wishes(training.memory, request)
        if (request.rehearsal, request.learns) != (None, None):
            self._inbox.put(commands.SetRemedy(rehearsal=request.rehearsal, learns=request.learns))
        return training, keeper

    def branch(self, run: str) -> tuple[training_state.TrainingState, Keeper]:
        request = self._request
        device = pick_device(self._request.device)
        parent = self._parent(run, "going to where it branches")
        folder, training, branched = branch(parent, runs_root(request.runs), request, device)
        if was_begun_from(parent.info.run, parent.info.deck_path):
            note_begun(folder.info.run, parent.info.deck_path)
        keeper = self._keeper_at(folder, branched.step)
        keeper.tell(branched)
        if request.speed is not None:
            _follow_wishes(training.memory, request)
        if request.without_prompt is not None:
            self._inbox.put(commands.TakeDeck(text=deck_without(training, request.without_prompt)))
        return training, keeper

    def _parent(self, run: str, stage: str) -> RunFolder:
        self._on_stage(stage)
        return RunFolder.open(find_run(runs_root(self._request.runs), run))

    def _keeper_at(self, folder: RunFolder, step: int) -> Keeper:
        keeper = Keeper(folder, self._watch, self._clock)
        keeper.recall(recording.Recording.open(folder).state_at(step))
        return keeper


def _check_is_ahead(goal: Goal, folder: RunFolder, training: training_state.TrainingState) -> None:
    """Raises RunError when the run has passed the step or the time at which it is to stop."""
    name, step = folder.path.name, training.learner.step
    if goal.step is not None and step > goal.step:
        raise RunError(
            f"{name} is at step {step:,} already, beyond {goal.step:,}; steps are counted from "
            f"the run's start: --steps {step + goal.step} teaches {goal.step:,} more",
            needs_option=True,
        )
    seconds = training.memory.train_seconds
    if goal.seconds is not None and seconds > goal.seconds:
        raise RunError(
            f"{name} was taught for {seconds:.1f} s already, longer than {goal.seconds:g}; seconds "
            f"are counted from the run's start: --seconds {math.ceil(seconds + goal.seconds)} "
            f"teaches {goal.seconds:g} more",
            needs_option=True,
        )


def open_learner(path: Path, at_most: int | None = None) -> training_state.TrainingState:
    """A saved run's learner, to ask and not to teach: the newest state, up to step `at_most`, with
    its adapter on, however the lesson was left. Raises LessonError: the run can't be used."""
    try:
        training = checkpoints.Restorer(RunFolder.open(path), is_to_ask=True).restore(at_most)
    except UserError as error:
        raise LessonError(str(error)) from error
    training.learner.switch_adapter(is_on=True)
    return training


def _from_step(goal: Goal | None, step: int) -> Goal | None:
    if goal is None or goal.step is None:
        return goal
    return msgspec.structs.replace(goal, step=goal.step + step)


def _follow_wishes(memory: training_state.LessonMemory, request: LessonRequest) -> None:
    memory.opening.clear()
    if request.speed is not None:
        memory.speed = request.speed
