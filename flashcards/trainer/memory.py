"""What a lesson must remember to go on exactly as if it had never stopped, beside the learner."""

from __future__ import annotations

import msgspec

from flashcards.learner.order import AfterChange
from flashcards.runs.files import decode_json
from flashcards.runs.rewards import RewardCounts
from flashcards.runs.values import Learns, OrderName, Practice, Speed, Vote

OPENING: tuple[tuple[int, Speed], ...] = ((2, "explain"), (3, "slow"), (10, "brisk"))
"""How a lesson opens unless a speed is asked for: so many cards at each speed, then full."""


class LessonMemory(msgspec.Struct, kw_only=True):
    """The lesson's own counters; all of them, and nothing read from a clock but `train_seconds`.

    Attributes:
        position, after_change: Where the order of cards is.
        order_seed: Of the order of cards where that is not the run's seed: in a branch.
        order: In which order cards are given out; what it keeps is saved beside this.
        raised_at_step: Where the learning rate was last raised above the deck's own, from where
            it was not; the state there is kept. None when it never was.
        deck_file: The version of the deck in the run folder, "" for the first.
        nominal_s: Nominal time of the work so far; the `next_*` are when things are due in it.
        opening: What is left of the opening: (cards, speed) each.
        best_*: The best scores so far and when they came, to notice that nothing gets better.
        chapter_step, chapter_s: Where the chapter began, in updates and in nominal time.
        rehearsal, learns: The remedies against forgetting, as in `RecipeChanged`.
        practice: How cards are practised, as in `RecipeChanged`.
        reward: Counts of the tries since the chapter began.
        vote: What was chosen of two answers, where the next update is by that.
        pending_*: Sums since the last `StepsTaken`.
        gradient_norm, relative_change: Of the last update, for the next `StepsTaken`.
    """

    position: int = 0
    after_change: AfterChange = AfterChange()
    order_seed: int | None = None
    order: OrderName = "shuffled"
    raised_at_step: int | None = None
    deck_file: str = ""
    cards_taught: int = 0
    train_seconds: float = 0.0
    nominal_s: float = 0.0
    speed: Speed = "full"
    learning_rate_factor: float = 1.0
    opening: list[tuple[int, Speed]] = msgspec.field(default_factory=list)
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
    learns: Learns = "all"
    practice: Practice = "taught"
    reward: RewardCounts = RewardCounts()
    vote: Vote | None = None

    def to_bytes(self) -> bytes:
        return msgspec.json.encode(self)

    @classmethod
    def from_bytes(cls, saved: bytes) -> LessonMemory:
        """What `to_bytes` gave. Raises msgspec.DecodeError: it did not."""
        return decode_json(saved, cls)
