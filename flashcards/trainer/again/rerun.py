"""Makes a run's updates again, exactly: from a saved state and the log to the model of any step.

The weights it comes to are those the run had there, bit for bit, on the same machine and versions.
Writes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from flashcards.base.language import tr
from flashcards.runs.events import DamageFound, RecipeChanged
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import unpack
from flashcards.trainer.again.plan import Exam, Plan
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.questions.accounts import Accounts
from flashcards.trainer.update import Made, Observed, Updates


class CannotRerun(Exception):  # noqa: N818
    """An update can't be made again; the text is a sentence for the user."""


class Rerun:
    """A lesson that walks through a run again, one update a call.
    `training`: the lesson as it was at `step`: learner, deck, order and ledger. No accounts of
    pinned cards are kept."""

    def __init__(
        self,
        folder: RunFolder,
        plan: Plan,
        at_most: int,
        on_damage: Callable[[DamageFound], None] = lambda damage: None,
    ) -> None:
        """Start from the newest undamaged state up to step `at_most`.
        Raises RunError: there is none."""
        self.folder = folder
        self.plan = plan
        self._restorer = Restorer(folder, on_damage=on_damage)
        self._n_exams = 0
        self._n_exams_at: dict[int, int] = {}
        self.training = self._restorer.restore(at_most, plan.changes)
        self._updates = Updates(self.training)
        self._start(plan.n_exams_in(self._restorer.file, self.step))

    def start_from(self, at_most: int) -> None:
        """Be the lesson of the newest undamaged state up to step `at_most`.
        Raises RunError: there is none."""
        self.training.become(self._restorer.restore(at_most, self.plan.changes))
        self._start(self.plan.n_exams_in(self._restorer.file, self.step))

    def take(self, saved: bytes) -> None:
        """Be the lesson of this state, one of `saved`. Raises RunError: its deck is gone."""
        self.training.become(self._restorer.from_saved(saved))
        self._start(self._n_exams_at[self.step])

    def _start(self, n_exams: int) -> None:
        """Go on from the state just read, which knows of so many exams."""
        self.training.accounts = Accounts()
        self.training.learner.switch_adapter(is_on=True)  # a state may be of a look without it
        self._n_exams = n_exams
        self.apply_due()

    def saved(self) -> bytes:
        """This lesson, to come back to."""
        self._n_exams_at[self.step] = self._n_exams
        return self.training.to_bytes()

    @property
    def step(self) -> int:
        return self.training.learner.step

    def forward(self, observed: Observed = "nothing") -> Made:
        """Make the next update; observing it changes nothing of it.
        Raises CannotRerun: the log doesn't say how it was made, or it didn't happen. Raises
        RunError: the deck taught there is gone."""
        step = self.step
        if step >= self.plan.last_step:
            raise CannotRerun(tr("The run ends at step {step:,}.", step=step))
        self.apply_due()
        self.training.follow(recipe := known_recipe(self.plan.recipe(step), step))
        made = self._updates.make(is_single=recipe.is_single, observed=observed)
        if made is None:
            raise CannotRerun(broken(step + 1))
        self.apply_due()
        return made

    def apply_due(self) -> None:
        """Note the exams up to this step, and take the deck that came into force by now.
        Raises RunError: a deck is gone."""
        exams, changes = self.plan.exams, self.plan.changes
        while self._n_exams < len(exams) and exams[self._n_exams].step <= self.step:
            exam = exams[self._n_exams]
            self._n_exams += 1
            in_force = self.training.memory.deck_file
            if all(file != in_force for _, file in changes[exam.n_changes :]):
                self._restorer.make_changes(self.training, changes[: exam.n_changes])
            marks = self._marks(exam)
            self.training.ledger.examined(self.training.deck.never_seen, marks, exam.step)
        self._restorer.make_changes(self.training, changes)

    def _marks(self, exam: Exam) -> bytes:
        """What it gave never-seen cards, one byte a card: as the log says, or by asking them."""
        n_cards = self.training.deck.n_own
        packed = self.plan.marks(exam)
        if packed is not None:
            with contextlib.suppress(ValueError):  # those of another deck
                return unpack(packed, n_cards)
        if exam.step < self.step:
            return bytes(n_cards)
        return self._updates.tools.examiner.never_seen_marks()


def known_recipe(recipe: RecipeChanged | None, step: int) -> RecipeChanged:
    """The recipe of the update after `step`. Raises CannotRerun: the log doesn't say it."""
    if recipe is None:
        raise CannotRerun(
            tr(
                "This run was written before flashcards kept how each update is made: update "
                "{step:,} can't be made again. Steps with a saved state can be seen.",
                step=step + 1,
            )
        )
    return recipe


def broken(step: int) -> str:
    """The sentence for an update that breaks the model when it is made again."""
    return tr("Update {step:,} broke the model: there is none of a later step.", step=step)
