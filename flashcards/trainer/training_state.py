"""The parts of a lesson that are saved together: the learner, and all that teaches it."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.shelf import general_deck
from flashcards.cards.split import sample_by_hash
from flashcards.learner.grades import Grades
from flashcards.learner.learner import Learner
from flashcards.learner.order import AfterChange, CardOrder
from flashcards.runs import events, rewards, values
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.questions.accounts import Accounts

N_BEFORE = 1_000  # Cards that are asked before the first one is taught


@dataclass
class TrainingState:
    """Learner and memory stay the same objects; a change of the deck replaces the others.
    `general_deck`: sentences that exams of a brought model ask besides.
    `general`: the marks of these before the first card, of those that were asked.
    `first_nats`: the error of each card before the first one was taught, NaN where it was not
    asked; empty of a model of this program, and once the deck was changed."""

    deck: Deck
    learner: Learner
    order: CardOrder
    ledger: CardLedger
    memory: LessonMemory
    accounts: Accounts = field(default_factory=Accounts)
    general_deck: Deck = field(default_factory=general_deck)
    general: bytearray = field(default_factory=bytearray)
    first_nats: array[float] = field(default_factory=lambda: array("d"))

    def to_bytes(self) -> bytes:
        """All of it, as a checkpoint: `checkpoints.Restorer` reads it back."""
        parts = {"memory": msgspec.json.encode(self.memory), "ledger": self.ledger.to_bytes()}
        if self.order.queue is not None:
            parts["order"] = self.order.queue.to_bytes()
        if self.accounts.prompts:
            parts["accounts"] = self.accounts.to_bytes()
        if self.ledger.before is not None:
            parts |= {"before": bytes(self.ledger.before), "general": bytes(self.general)}
            parts["first_nats"] = self.first_nats.tobytes()
        return self.learner.save(parts)

    def ask_before(
        self, cards: Sequence[int], between: Callable[[int], None] | None = None
    ) -> None:
        """Note which of these cards are right before they are taught, of many a sample."""
        if self.ledger.before is None:
            self.ledger.before = bytearray(len(self.deck.cards))
            self.first_nats = array("d", [math.nan]) * len(self.deck.cards)
            if self.learner.tokenizer.chooses_from_all:
                self.general = bytearray(len(self.general_deck.cards))
        elif cards:
            del self.first_nats[:]
        cards_asked = sample_by_hash(self.deck, cards, N_BEFORE)
        grades = self.learner.grade(cards_asked, between)
        for i, mark, nats in zip(cards_asked, grades.marks, grades.card_nats, strict=True):
            self.ledger.before[i] = mark
            if self.first_nats:
                self.first_nats[i] = nats

    def grade(self, cards: Sequence[int], between: Callable[[int], None] | None = None) -> Grades:
        """Grade the answers to these cards; before the first update they may be known."""
        nats = []
        before = self.ledger.before
        if before is not None and self.first_nats and not self.learner.step:
            nats = [self.first_nats[i] for i in cards]
        if before is None or not nats or any(map(math.isnan, nats)):
            return self.learner.grade(cards, between)
        n_pieces = sum(self.learner.encoding.n_asked[i] for i in cards)
        return Grades(bytes(before[i] for i in cards), sum(nats) / n_pieces, tuple(nats))

    def become(self, other: TrainingState) -> None:
        """Take over another state of this run, which must not be used any more."""
        if other.learner is not self.learner:
            self.learner.become(other.learner)
        for name in self.memory.__struct_fields__:
            setattr(self.memory, name, getattr(other.memory, name))
        self.deck = other.deck
        self.order = other.order
        self.ledger = other.ledger
        self.accounts, self.general = other.accounts, other.general
        self.general_deck = other.general_deck
        self.first_nats = other.first_nats

    def choose_order(self, name: values.OrderName) -> None:
        self.order.choose(name, self.ledger.times_seen, self.ledger.recent)
        self.memory.order = name

    def reseed(self, seed: int) -> None:
        """Draw cards by this seed from here on, not by the run's own."""
        self.order.reseed(seed)
        self.memory.order_seed = seed

    def recipe(self, *, is_single: bool) -> events.RecipeChanged:
        memory = self.memory
        return events.RecipeChanged(
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

    def follow(self, recipe: events.RecipeChanged) -> None:
        self.memory.learning_rate_factor = recipe.learning_rate_factor
        self.memory.rehearsal = recipe.rehearsal
        self.memory.learns = recipe.learns
        self.memory.practice = recipe.practice
        self.memory.vote = recipe.vote
        if self.order.seed != recipe.seed:
            self.reseed(recipe.seed)
        if self.order.name != recipe.order:
            self.choose_order(recipe.order)


OPENING: tuple[tuple[int, values.Speed], ...] = ((2, "explain"), (3, "slow"), (10, "brisk"))
"""The opening of a lesson unless a speed is asked for: so many cards at each speed, then full."""


class LessonMemory(msgspec.Struct, kw_only=True):
    """The lesson's own counters; all of them. Read from a clock are `train_seconds` and
    `lesson_seconds` alone.

    Attributes:
        position, after_change: Where the order of cards is.
        order_seed: Of the order of cards where that is not the run's seed: in a branch.
        order: In which order cards are given out; what it keeps is saved beside this.
        train_seconds, lesson_seconds: What updates took; what the lesson took, pauses left out.
        raised_at_step: Where the learning rate was last raised above the deck's own, from where
            it was not; the state there is kept. None when it never was.
        deck_file: The version of the deck in the run folder, "" for the first.
        nominal_s: Nominal time of the work so far; the `next_*` are when things are due in it.
        opening: What is left of the opening: (cards, speed) each.
        best_*: The best scores so far and when they came, to notice that nothing gets better.
        chapter_step, chapter_s: Where the chapter began, in updates and in nominal time.
        rehearsal, learns, practice: How cards are taught, as in `RecipeChanged`.
        reward: Counts of the tries since the chapter began.
        vote: What was chosen of two answers, where the next update is by that.
        pending_*: Sums since the last `StepsTaken`.
        gradient_norm, relative_change: Of the last update, for the next `StepsTaken`.
    """

    position: int = 0
    after_change: AfterChange = AfterChange()
    order_seed: int | None = None
    order: values.OrderName = "shuffled"
    raised_at_step: int | None = None
    deck_file: str = ""
    cards_taught: int = 0
    train_seconds: float = 0.0
    lesson_seconds: float = 0.0
    nominal_s: float = 0.0
    speed: values.Speed = "full"
    learning_rate_factor: float = 1.0
    opening: list[tuple[int, values.Speed]] = msgspec.field(default_factory=list)
    next_exam_s: float = 0.0
    next_correction_s: float = 0.0
    next_marks_s: float = 0.0
    next_report_s: float = 0.0
    next_confirmation_s: float = 0.0
    marks_bytes: int = 0
    best_seen: float = -1.0
    best_unseen: float = -1.0
    best_loss_nats: float | None = None
    best_at_s: float = 0.0
    pending_steps: int = 0
    pending_loss_nats: float = 0.0
    gradient_norm: float = 0.0
    relative_change: float = 0.0
    has_ended: bool = False
    chapter_step: int = 0
    chapter_s: float = 0.0
    rehearsal: float = 0.0
    learns: values.Learns = "all"
    practice: values.Practice = "taught"
    reward: rewards.RewardCounts = rewards.RewardCounts()
    vote: values.Vote | None = None
