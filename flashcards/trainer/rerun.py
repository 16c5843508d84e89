"""Makes a run's updates again, exactly: from a saved state and the log to the model of any step.

The weights it comes to are those the run had there, bit for bit, on the same machine and versions.
Writes nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from flashcards.cards.card import Deck
from flashcards.runs.events import DamageFound, RecipeChanged
from flashcards.runs.folder import RunFolder
from flashcards.runs.marks import unpack
from flashcards.trainer import schedule
from flashcards.trainer.accounts import Accounts
from flashcards.trainer.examiner import Examiner
from flashcards.trainer.plan import Exam, Plan
from flashcards.trainer.restoring import Restorer
from flashcards.trainer.teaching import Taught


class CannotRerun(Exception):  # noqa: N818
    """An update can't be made again; the text is a sentence for the user."""


class Rerun:
    """A lesson that walks through a run again, one update a call.

    Attributes:
        taught: The lesson as it was at `step`: learner, deck, order and ledger. No accounts of
            pinned cards are kept.
    """

    def __init__(
        self,
        folder: RunFolder,
        plan: Plan,
        at_most: int,
        on_damage: Callable[[DamageFound], None] = lambda damage: None,
        device: str = "cpu",
    ) -> None:
        """Start from the newest undamaged state up to step `at_most`.

        Raises:
            RunError: there is none.
        """
        self.folder = folder
        self.plan = plan
        self._restorer = Restorer(folder, device, on_damage)
        self._n_exams = 0
        self._n_exams_at: dict[int, int] = {}
        self._examiner: tuple[Deck, Examiner] | None = None
        self.start_from(at_most)

    def start_from(self, at_most: int) -> None:
        """Be the lesson of the newest undamaged state up to step `at_most`.

        Raises:
            RunError: there is none.
        """
        self.taught = self._restorer.restore(at_most, self.plan.changes)
        self.taught.accounts = Accounts()
        self._n_exams = self.plan.n_exams_in(self._restorer.file, self.step)
        self.settle()

    def take(self, saved: bytes) -> None:
        """Be the lesson of this state, one of `saved`.

        Raises:
            RunError: its deck is gone.
        """
        self.taught = self._restorer.from_saved(saved)
        self._n_exams = self._n_exams_at[self.step]
        self.settle()

    def saved(self) -> bytes:
        """This lesson, to come back to."""
        self._n_exams_at[self.step] = self._n_exams
        return self.taught.to_bytes()

    @property
    def step(self) -> int:
        """Updates made."""
        return self.taught.learner.step

    def prepare(self) -> RecipeChanged:
        """Make the lesson ready for its next update: deck and order are those; how it is made.

        Raises:
            CannotRerun: the log doesn't say how it was made, or it didn't happen.
            RunError: the deck taught there is gone.
        """
        recipe = self._recipe(self.step)
        self.settle()
        follow_recipe(self.taught, recipe)
        return recipe

    def forward(self) -> tuple[int, ...]:
        """Make the next update; the cards it taught.

        Raises:
            CannotRerun: the log doesn't say how it was made, or it didn't happen.
            RunError: the deck taught there is gone.
        """
        recipe = self.prepare()
        taught = self.taught
        learner, memory = taught.learner, taught.memory
        n_cards = 1 if recipe.is_single else learner.settings.batch_size_at(learner.step)
        study = learner.study(taught.order.next(n_cards))
        learner.adjust(study, recipe.learning_rate_factor)
        if not learner.is_finite:
            raise CannotRerun(
                f"Update {learner.step + 1:,} broke the model: there is none of a later step."
            )
        taught.ledger.studied(study.card_indices, study.marks, learner.step)
        taught.order.studied(study.card_indices, study.marks, study.piece_nats)
        memory.position, memory.after_change = taught.order.position, taught.order.after
        memory.cards_taught += len(study.card_indices)
        self.settle()
        return study.card_indices

    def settle(self) -> None:
        """After an update: hold the exams of this very step, take the deck that came into force.

        Raises:
            RunError: a deck is gone.
        """
        exams, changes = self.plan.exams, self.plan.changes
        while self._n_exams < len(exams) and exams[self._n_exams].step <= self.step:
            exam = exams[self._n_exams]
            self._n_exams += 1
            in_force = self.taught.memory.deck_file
            if all(file != in_force for _, file in changes[exam.n_changes :]):
                self._restorer.make_changes(self.taught, changes[: exam.n_changes])
            marks = self._marks(exam)
            self.taught.ledger.examined(self.taught.deck.held_out, marks, exam.step)
        self._restorer.make_changes(self.taught, changes)

    def _marks(self, exam: Exam) -> bytes:
        """What it gave held-out cards, one byte a card: as the log says, or else by asking them."""
        deck, learner = self.taught.deck, self.taught.learner
        packed = self.plan.marks(exam)
        if packed is not None:
            with contextlib.suppress(ValueError):  # those of another deck
                return unpack(packed, len(deck.cards))
        if exam.step < learner.step:
            return bytes(len(deck.cards))
        if self._examiner is None or self._examiner[0] is not deck:
            cost = schedule.Cost(learner.pieces_per_card)
            self._examiner = (deck, Examiner(deck, learner, self.taught.ledger, cost))
        return self._examiner[1].held_out_marks()

    def _recipe(self, step: int) -> RecipeChanged:
        if step >= self.plan.last_step:
            raise CannotRerun(f"The run has come to step {step:,}.")
        recipe = self.plan.recipe(step)
        if recipe is None:
            raise CannotRerun(unknown_recipe(step))
        return recipe


def unknown_recipe(step: int) -> str:
    """The sentence for a log that doesn't say how the update after `step` was made."""
    return (
        f"This run was written before flashcards kept how each update is made: update "
        f"{step + 1:,} can't be made again. Steps with a saved state can be seen."
    )


def follow_recipe(taught: Taught, recipe: RecipeChanged) -> None:
    """Draw cards from here on, and correct them, as the recipe says."""
    taught.memory.learning_rate_factor = recipe.learning_rate_factor
    if taught.order.seed != recipe.seed:
        taught.order.reseed(recipe.seed)
        taught.memory.order_seed = recipe.seed
    if taught.order.name != recipe.order:
        taught.order.choose(recipe.order, taught.ledger.times_seen, taught.ledger.recent)
        taught.memory.order = recipe.order
