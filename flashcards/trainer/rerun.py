"""Makes a run's updates again, exactly: from a saved state and the log to the model of any step.

The weights it comes to are those the run had there, bit for bit, on the same machine and versions.
Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from flashcards.learner.learner import Learner
from flashcards.learner.study import Adjustment, Study
from flashcards.runs.events import DamageFound, RecipeChanged
from flashcards.runs.folder import RunFolder
from flashcards.trainer.plan import Plan
from flashcards.trainer.restoring import Restorer, saved_lesson
from flashcards.trainer.teaching import Taught


class CannotRerun(Exception):  # noqa: N818
    """An update can't be made again; the text is a sentence for the user."""


class Rerun:
    """A lesson that walks through a run again, one update a call.

    Attributes:
        taught: The lesson as it was at `step`: learner, deck, order and ledger. The ledger lacks
            the marks that exams gave to held-out cards since the state that was started from.
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
        self.start_from(at_most)

    def start_from(self, at_most: int) -> None:
        """Be the lesson of the newest undamaged state up to step `at_most`.

        Raises:
            RunError: there is none.
        """
        self.taught = self._restorer.restore(at_most, self.plan.changes)

    def take(self, saved: bytes) -> None:
        """Be the lesson of this state, one of `saved`.

        Raises:
            RunError: its deck is gone.
        """
        self.taught = self._restorer.from_saved(saved)
        self._restorer.make_changes(self.taught, self.plan.changes)

    def saved(self) -> bytes:
        """This lesson, to come back to."""
        return saved_lesson(self.taught)

    @property
    def step(self) -> int:
        """Updates made."""
        return self.taught.learner.step

    def forward(self) -> Study:
        """Make the next update; what it studied.

        Raises:
            CannotRerun: the log doesn't say how it was made, or it didn't happen.
            RunError: the deck taught there is gone.
        """
        study, _ = self.forward_with(_adjust)
        return study

    def forward_with(
        self, adjust: Callable[[Learner, Study, RecipeChanged], Adjustment]
    ) -> tuple[Study, Adjustment]:
        """The same with a hand in it: `adjust` makes the update, and may look before and after."""
        taught, step = self.taught, self.step
        recipe = self._recipe(step)
        self._restorer.make_changes(taught, self.plan.changes)
        follow_recipe(taught, recipe)
        learner = taught.learner
        n_cards = 1 if recipe.is_single else learner.settings.batch_size_at(step)
        study = learner.study(taught.order.next(n_cards))
        adjustment = adjust(learner, study, recipe)
        if not learner.is_finite:
            raise CannotRerun(
                f"Update {step + 1:,} diverged: there is no model beyond step {step:,}."
            )
        taught.ledger.studied(study.card_indices, study.marks, learner.step)
        taught.order.studied(study.card_indices, study.marks, study.piece_nats)
        memory = taught.memory
        memory.position, memory.after_change = taught.order.position, taught.order.after
        memory.cards_taught += len(study.card_indices)
        self._restorer.make_changes(taught, self.plan.changes)
        return study, adjustment

    def _recipe(self, step: int) -> RecipeChanged:
        if step >= self.plan.last_step:
            raise CannotRerun(f"The run has come to step {step:,}.")
        recipe = self.plan.recipe(step)
        if recipe is None:
            raise CannotRerun(
                f"This run was written before flashcards kept how each update is made: update "
                f"{step + 1:,} can't be made again. Steps with a saved state can be seen."
            )
        return recipe


def follow_recipe(taught: Taught, recipe: RecipeChanged) -> None:
    """Draw cards from here on as the recipe says."""
    if taught.order.seed != recipe.seed:
        taught.order.reseed(recipe.seed)
        taught.memory.order_seed = recipe.seed
    if taught.order.name != recipe.order:
        taught.order.choose(recipe.order, taught.ledger.times_seen, taught.ledger.recent)
        taught.memory.order = recipe.order


def _adjust(learner: Learner, study: Study, recipe: RecipeChanged) -> Adjustment:
    return learner.adjust(study, recipe.learning_rate_factor)
