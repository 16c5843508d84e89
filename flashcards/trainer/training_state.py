"""Who teaches what: the parts of a lesson that are saved together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flashcards.cards.card import Deck
from flashcards.cards.shelf import general_deck
from flashcards.cards.split import sample_by_hash
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.runs.events import RecipeChanged
from flashcards.runs.values import OrderName
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.memory import LessonMemory
from flashcards.trainer.questions.accounts import Accounts

N_BEFORE = 1_000
"""Cards that are asked before the first one is taught."""


@dataclass
class TrainingState:
    """Learner and memory stay the same objects; a change of the deck replaces the others.

    `general`: the marks of the sentences of `cards.general` before the first card.
    """

    deck: Deck
    learner: Learner
    order: CardOrder
    ledger: CardLedger
    memory: LessonMemory
    accounts: Accounts = field(default_factory=Accounts)
    general: bytes = b""

    def to_bytes(self) -> bytes:
        """All of it, as a checkpoint: `checkpoints.Restorer` reads it back."""
        parts = {"memory": self.memory.to_bytes(), "ledger": self.ledger.to_bytes()}
        if self.order.queue is not None:
            parts["order"] = self.order.queue.to_bytes()
        if self.accounts.prompts:
            parts["accounts"] = self.accounts.to_bytes()
        if self.ledger.before is not None:
            parts |= {"before": bytes(self.ledger.before), "general": self.general}
        return self.learner.save(parts)

    def ask_before(
        self, cards: Sequence[int], between: Callable[[int], None] | None = None
    ) -> None:
        """Note which of these cards are right before they are taught, of many a sample."""
        if self.ledger.before is None:
            self.ledger.before = bytearray(len(self.deck.cards))
            if self.learner.says_anything:
                of = self.learner.encode(general_deck())
                self.general = self.learner.grade(range(of.n_cards), between, of).marks
        asked = sample_by_hash(self.deck, cards, N_BEFORE)
        for i, mark in zip(asked, self.learner.grade(asked, between).marks, strict=True):
            self.ledger.before[i] = mark

    def become(self, other: TrainingState) -> None:
        """Take over another state of this run, which must not be used any more."""
        if other.learner is not self.learner:
            self.learner.become(other.learner)
        for name in self.memory.__struct_fields__:
            setattr(self.memory, name, getattr(other.memory, name))
        self.deck, self.order, self.ledger = other.deck, other.order, other.ledger
        self.accounts, self.general = other.accounts, other.general

    def choose_order(self, name: OrderName) -> None:
        self.order.choose(name, self.ledger.times_seen, self.ledger.recent)
        self.memory.order = name

    def reseed(self, seed: int) -> None:
        """Draw cards by this seed from here on, not by the run's own."""
        self.order.reseed(seed)
        self.memory.order_seed = seed

    def recipe(self, *, is_single: bool) -> RecipeChanged:
        memory = self.memory
        return RecipeChanged(
            step=self.learner.step,
            is_single=is_single,
            learning_rate_factor=memory.learning_rate_factor,
            order=self.order.name,
            seed=self.order.seed,
            rehearsal=memory.rehearsal,
            learns=memory.learns,
            practice=memory.practice,
            vote=memory.vote,
        )

    def follow(self, recipe: RecipeChanged) -> None:
        self.memory.learning_rate_factor = recipe.learning_rate_factor
        self.memory.rehearsal, self.memory.learns = recipe.rehearsal, recipe.learns
        self.memory.practice, self.memory.vote = recipe.practice, recipe.vote
        if self.order.seed != recipe.seed:
            self.reseed(recipe.seed)
        if self.order.name != recipe.order:
            self.choose_order(recipe.order)
