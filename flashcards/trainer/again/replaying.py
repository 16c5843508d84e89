"""Plays a run again from its log: the same teaching makes the same updates, exams, corrections.

A branch goes on from it, `verify` compares it with what was written, a time machine goes to any
step with it. The weights are those the run had, bit for bit, on the same machine and versions.
Where a lesson obeys commands between updates, this follows what the log says of them.
Writes nothing.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import msgspec

from flashcards.base.language import tr
from flashcards.cards.chapters import Difference
from flashcards.runs import events, values
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import pack, unpack
from flashcards.runs.state import RunState
from flashcards.trainer import checkpoints, editing, keeper, training_state
from flashcards.trainer.again import logged
from flashcards.trainer.again.comparing import COMPUTED, TAUGHT, UNIMPORTANT, Compare, Comparing
from flashcards.trainer.questions.accounts import Accounts
from flashcards.trainer.questions.asking import DeckIndex
from flashcards.trainer.questions.influence import Influence
from flashcards.trainer.teaching import KnownExam, Teaching
from flashcards.trainer.update import Observed, PhaseEnds, UpdateMade


@dataclass(frozen=True)
class SavedPlace:
    """A lesson as it was saved, and the place of the log at which it goes on."""

    state: bytes
    place: int


class Replay:
    """A run played again, from a saved state on.
    `training`: the lesson as far as it was played. It stays the same object."""

    def __init__(
        self,
        folder: RunFolder,
        *,
        at_most: int | None = None,
        device: str = "cpu",
        compare: Compare | None = None,
        on_damage: Callable[[events.DamageFound], None] = lambda damage: None,
        is_quick: bool = False,
        log: logged.LoggedRun | None = None,
    ) -> None:
        """Begin at the newest undamaged state up to step `at_most`; without one, where the run
        began. Raises RunError: there is none. Raises OSError: the log can't be read.

        Args:
            compare: Gets each fact as it was written and as it is now: None where only one of them
                is.
            on_damage: Is told of states that are passed over.
            is_quick: What isn't needed for weights and ledger is left out: exams whose marks are
                in the log, what else is measured of an update, the accounts of pinned cards, looks
                without the adapter. A lesson does not go on from this.
            log: The run's, if it was read already; it may be refreshed meanwhile.
        """
        self._folder = folder
        self._restorer = checkpoints.Restorer(folder, device, on_damage)
        self._is_quick = is_quick
        self.log = logged.LoggedRun(folder.log_path) if log is None else log
        self._comparing = Comparing(folder, compare)
        self._listener = keeper.Recorder(self._comparing.hear)
        self.training = self._restored(at_most)
        self._leave_out()
        influence = Influence(self.training, self._listener, DeckIndex(self.training))
        self._teaching = Teaching(
            self.training, self._listener, lambda: 0.0, influence=None if is_quick else influence
        )
        # what the log said up to the place that comes next
        self._place = 0
        self._changes: list[tuple[int, str]] = []
        self._recipe: events.RecipeChanged | None = None
        # what somebody did there that the next recipe, exam or marks follow from
        self._followed: events.RecipeChanged | None = None
        self._is_branched = False
        self._cause: events.RunRewound | events.AdapterSwitched | None = None
        self._change: tuple[Difference, bytes] | None = None  # of the deck; the marks before it
        # states to go back to, of the files that the run was resumed from
        self._states: dict[str, bytes] = {}
        self._unbroken: bytes | None = None
        self._arrive()

    @cached_property
    def is_exact(self) -> bool:
        """True where this machine rounds as the run's did: what broke there breaks here."""
        return set(self._folder.info.roundings) == {self.training.learner.rounding}

    def start_from(self, at_most: int | None) -> None:
        """Be the lesson of the newest undamaged state up to step `at_most`, as the log is now;
        without one, that of where the run began. Raises RunError: there is none."""
        self._become(self._restored(at_most))
        self._arrive()

    def _restored(self, at_most: int | None) -> training_state.TrainingState:
        if at_most is None:
            return self._restorer.restore_first(self.log.first_state)
        return self._restorer.restore(at_most, [])

    def _arrive(self) -> None:
        """Go on behind the file that was restored last."""
        file = self._restorer.file
        self._stand_at(self.log.place_of(self.step, file))
        self._keep_state(file)

    def saved(self) -> SavedPlace:
        return SavedPlace(self.training.to_bytes(), self._place)

    def take(self, saved: SavedPlace) -> None:
        """Be the lesson of this state, one of `saved`. Raises RunError: its deck is gone."""
        self._become(self._restorer.from_saved(saved.state))
        self._stand_at(saved.place)

    def forward(self, observed: Observed = "nothing") -> UpdateMade:
        """Make the next update; what is known of it. Observing it changes nothing of it.
        Raises CannotReplay: the log doesn't say how it was made, or it broke the model. Raises
        RunError: the deck taught there is gone."""
        if self.step >= self.log.last_step:
            raise logged.CannotReplay(tr("The run ends at step {step:,}.", step=self.step))
        self.give(self.step)
        update_made = self._update(observed)
        self.give(self.step)
        return update_made

    @property
    def step(self) -> int:
        return self.training.learner.step

    def give(self, until: int) -> None:
        """Play everything up to step `until`, and what the log has of that step.
        Raises CannotReplay: the log doesn't say how an update was made, or it broke the model.
        Raises RunError: a deck is gone."""
        for _ in self.play(until):
            pass

    def play(self, until: int) -> Iterator[events.StateSaved]:
        """The same, played while this is looped over: pauses where a state was saved, at the
        lesson as it was saved then. Raises what `give` raises."""
        while self._place < len(self.log.events) and self.log.events[self._place].step <= until:
            event = self.log.events[self._place]
            self._advance(event.step)
            with logged.as_impossible(event):
                if self._has_broken_here():
                    self._break()
            if isinstance(event, events.StateSaved):
                yield event
            with logged.as_impossible(event):
                self._give(event)
            self._place += 1
        self._advance(until)
        self._comparing.miss()

    def go_on_from(self, saved: bytes) -> None:
        """Be what was saved at this step, in place of what was made again.
        Raises what `Restorer.from_saved` raises: it is damaged, or another run's."""
        self._become(self._restorer.from_saved(saved))

    def pass_by(self) -> Iterator[events.AnyEvent]:
        """Go through the whole log and make no update: yields each event. What it says of decks and
        settings has been done then, and was compared. At a saved state the lesson may be exchanged
        for it, by `go_on_from`. Raises RunError: a deck is gone, or what the log says can't be."""
        for event in self.log.events[: self._place]:  # said before the first state was saved
            if not isinstance(event, COMPUTED):
                self._recount(event)
            yield event
        for event in self.log.events[self._place :]:
            if isinstance(event, events.StateSaved):
                yield event
            with logged.as_impossible(event):
                self._pass(event)
            if not isinstance(event, events.StateSaved):
                yield event
            self._place += 1

    def _pass(self, event: events.AnyEvent) -> None:
        """Do what this event says of decks and settings."""
        is_here = self.step == event.step
        match event:
            case events.StateSaved():
                if is_here:
                    self._keep_state(event.file)
                    self._comparing.is_on = True
                self._note(event)
            case events.RecipeChanged():
                self.training.memory.vote = event.vote  # used up by an update, or not
                self._compare_recipe(event)
                self.training.follow(event)
                self._note(event)
            case events.DeckChanged() if not is_here:
                # what was taught since the last state decides, too: nothing is known for certain
                self._comparing.is_on = False
                self._give(event)
            case _ if isinstance(event, COMPUTED):
                self._note(event)
            case _:
                self._give(event)

    def confirmed_end(
        self, ended: events.LessonEnded, exam: events.ExamTaken
    ) -> events.LessonEnded | None:
        """Return the end as the exam before it and the rivals confirm it; None where the deck in
        force is not known for certain."""
        if not self._comparing.is_on:
            return None
        return self._comparing.confirmed_end(ended, exam, self.training)

    def give_start(self) -> None:
        """Compare what was said before the first state was saved. Call it before `give`.
        Raises CannotReplay: it can't have been. Raises RunError: the state is gone."""
        first_events = self.log.events[: self._place]
        if self.step or not first_events:
            return
        self._teaching.take_exam()
        if not self._comparing.has_heard(events.DeckMarked):
            self._teaching.mark_last_exam()
        for event in first_events:
            if isinstance(event, TAUGHT):
                self._comparing.take(event)
            else:
                self._recount(event)
        self._comparing.miss()
        self.start_from(None)

    def _become(self, training: training_state.TrainingState) -> None:
        """Take over this lesson; what was computed for the deck is kept if it is the same."""
        mine = self.training.deck
        file = self.training.memory.deck_file
        self.training.become(training)
        if training.memory.deck_file == file:
            self.training.deck = mine
        self._leave_out()

    def _leave_out(self) -> None:
        """Drop what a quick replay doesn't need."""
        if self._is_quick:
            self.training.accounts = Accounts()
            self.training.learner.switch_adapter(is_on=True)  # it may be of a look without it

    def _begin(self) -> None:
        self._comparing.clear()
        self._teaching.forget_exams()

    def _stand_at(self, place: int) -> None:
        """Continue from this place of the log, with the deck in force there."""
        self._begin()
        if place < self._place:
            self._forget()
        for event in self.log.events[self._place : place]:
            self._note(event)
        self._place = place
        self._restorer.make_changes(self.training, self._changes)

    def _forget(self) -> None:
        """Begin to read the log anew."""
        self._listener.state = RunState()
        self._place = 0
        self._changes = []
        self._recipe = self._followed = None

    def _keep_state(self, file: str) -> None:
        """Remember this state if the run is resumed from its file later."""
        if file in self.log.resumed:
            self._states[file] = self.training.to_bytes()

    def _known_exam(self) -> KnownExam | None:
        """The outcome of the exam that is due now, where a quick replay finds it in the log."""
        logged_exam = self.log.exam_from(self._place, self.step) if self._is_quick else None
        if logged_exam is None:
            return None
        exam, marks = logged_exam
        if marks is not None:
            with contextlib.suppress(ValueError):  # those of another deck
                return exam, bytearray(unpack(marks, self.training.deck.n_own))
        return None

    def _advance(self, step: int) -> None:
        while self.step < step:
            self._comparing.miss()
            self._update("nothing" if self._is_quick else None)

    def _update(self, observed: Observed | None) -> UpdateMade:
        """Make the next update; None observes as much of it as the lesson did.
        Raises UpdateBroke: it would break the model, and was left out."""
        step = self.step
        update_made = self._try_update(observed)
        if update_made is None or self.step == step:
            raise logged.UpdateBroke(logged.broken(step + 1))
        return update_made

    def _try_update(self, observed: Observed | None) -> UpdateMade | None:
        """Loop over the next update as the lesson did, and hold nothing."""
        recipe = logged.known_recipe(self._recipe, self.step)
        self._compare_recipe(recipe)
        self.training.follow(recipe)
        self._cause = None
        is_single = recipe.is_single
        update_made: UpdateMade | None = None
        for moment in self._teaching.make_update(
            is_single=is_single,
            is_shown=not is_single and self.step + 1 in self.log.tried,
            is_explained=is_single and self.log.explained.get(self.step + 1, False),
            observed=observed,
        ):
            match moment:
                case UpdateMade():
                    update_made = moment
                    if self._teaching.is_exam_due(is_single=is_single):
                        self._teaching.take_exam(known=self._known_exam())
                case PhaseEnds(details=details) if update_made is not None and details is not None:
                    update_made = dataclasses.replace(update_made, details=details)
        return update_made

    def _compare_recipe(self, recipe: events.RecipeChanged) -> None:
        """Compare it with the settings in force. A branch's log doesn't name what it began with."""
        asked_for = self.training.recipe(is_single=recipe.is_single)
        asked_for = msgspec.structs.replace(asked_for, step=recipe.step)
        if not self._is_branched and (recipe is not self._followed or asked_for != recipe):
            self._comparing.check(recipe, asked_for)
        self._followed = recipe
        self._is_branched = False

    def _give(self, event: events.AnyEvent) -> None:
        match event:
            case _ if isinstance(event, (*TAUGHT, events.PinTaught)):
                if not self._comparing.has_heard(type(event)):
                    self._do_asked(event)
                self._comparing.take(event)
            case events.PinAnswered():
                self._comparing.pin(event, self.log.pins_asked(self._place), self.training)
            case events.PromptAnswered():
                self._comparing.answer(event, self.training)
            case events.ExamVaried():
                self._comparing.vary(event, self.training)
            case events.LessonEnded():
                self._teaching.report_steps()  # nothing is left when it was in the log
                self._comparing.end(event, self._teaching.exam, self.training)
                self.training.memory.has_ended = True
            case events.DeckChanged():
                marks = self._listener.state.marks.latest
                changes = self._restorer.change(self.training, event.file)
                is_chapter = isinstance(event, events.ChapterBegan)
                self._change = None if is_chapter else (changes, marks)
                self._teaching.forget_exams()
                self._comparing.change(event, self.training, changes)
            case events.SpeedChanged():
                self.training.memory.speed = event.speed
            case events.LearningRateChanged():
                self.training.memory.learning_rate_factor = event.factor
            case events.OrderChanged():
                self.training.choose_order(event.order)
            case events.RemedyChanged():
                memory = self.training.memory
                memory.rehearsal = event.rehearsal
                memory.learns = event.learns
                n_learned = self.training.learner.n_learned(event.learns)
                self._comparing.check(event, msgspec.structs.replace(event, n_learned=n_learned))
            case events.PracticeChanged():
                self.training.memory.practice = event.practice
            case events.VoteCast():
                self._comparing.vote(event, self.training)
                self.training.memory.vote = event.choice
            case events.AdapterSwitched() if not self._is_quick:
                self.training.learner.switch_adapter(is_on=event.is_on)
                self._cause = event
            case events.StateSaved():
                self._keep_state(event.file)
            case events.RunResumed():
                state = self._states.get(event.file, self._unbroken)
                if state is not None:
                    self._become(self._restorer.from_saved(state))
                    self._restorer.make_changes(self.training, self._changes)
                self._unbroken = None
                self._begin()
                self._recount(event)
            case events.RunBranched():
                self._begin()
                self._branch(event.change)
                self._recount(event)
            case events.RunRewound():
                self._cause = event
                factor = self.training.memory.learning_rate_factor
                self._comparing.check(event, msgspec.structs.replace(event, factor=factor))
            case _:
                self._recount(event)
        self._note(event)

    def _branch(self, change: values.BranchChange) -> None:
        self._is_branched = True
        if change.seed is not None:
            self.training.reseed(change.seed)
        if change.learning_rate_factor is not None:
            self.training.memory.learning_rate_factor = change.learning_rate_factor

    def _recount(self, event: events.AnyEvent) -> None:
        known = self._listener.state.rivals
        if isinstance(event, events.RunResumed) and self.log.is_rewinding(self._place):
            known = ()
        self._comparing.recount(event, self.training, known)

    def _has_broken_here(self) -> bool:
        if not self._comparing.is_on or self._recipe is None:
            return False
        return self.training.learner.is_finite and self.log.has_broken(self._place)

    def _break(self) -> None:
        """Make the update that broke the model, which undoes it again."""
        step = self.step
        self._unbroken = self.training.to_bytes()
        self._try_update("nothing" if self._is_quick else None)
        if self.step != step and not self.is_exact:
            self.go_on_from(self._unbroken)
        elif self.step != step:
            raise logged.CannotReplay(
                tr("Update {step:,} did not break the model when made again.", step=self.step)
            )

    def _do_asked(self, event: events.AnyEvent) -> None:
        """Do what teaching does not do by itself: a pause, an end or a changed deck caused it."""
        teaching = self._teaching
        match event:
            case events.StepsTaken():
                teaching.report_steps()
            case events.ExamTaken():
                is_first = self._listener.state.exams.last is None
                is_full = not is_first and self._cause is None
                is_marked = isinstance(self._cause, events.AdapterSwitched)
                self._cause = None
                known = self._known_exam()
                teaching.take_exam(is_full=is_full, is_marked=is_marked, known=known)
            case events.DeckMarked() if self._change is not None:
                changes, before = self._change
                marks = pack(editing.remapped_marks(before, changes, self.training.deck.n_own))
                self._comparing.hear(events.DeckMarked(step=self.step, marks=marks))
            case events.DeckMarked() if teaching.exam is None:  # of before the first state
                teaching.count_marks(event.marks)
            case events.DeckMarked():
                teaching.mark_last_exam()
        self._change = None

    def _note(self, event: events.AnyEvent) -> None:
        if isinstance(event, events.RecipeChanged):
            self._recipe = event
        elif isinstance(event, events.DeckChanged):
            self._changes.append((event.step, event.file))
        elif isinstance(event, events.PromptAnswered):
            self._comparing.prompts[event.request] = event.prompt
        if not isinstance(event, UNIMPORTANT):
            self._listener.state.fold(event)
