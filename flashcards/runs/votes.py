"""Votes between two answers of the model: what was chosen, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from flashcards.runs.history import History

Vote = Literal["left", "right", "neither"]
"""Which of two answers somebody prefers. "neither" changes nothing, and others are drawn."""

VOTES: tuple[Vote, ...] = ("left", "right", "neither")


@dataclass
class VoteState:
    """What is known of the votes of a chapter.

    Attributes:
        first_step: Updates made before the first vote.
        truth_before: Share right of the cards never seen (of those seen, where none are) by the
            last exam before it; None without one.
        steps: Of every vote for one of two, updates made before it.
        for_wrong: The same of votes that preferred a wrong answer to a right one.
        truth: Over time, the same share since the first vote.
    """

    first_step: int
    truth_before: float | None = None
    steps: list[int] = field(default_factory=list)
    for_wrong: list[int] = field(default_factory=list)
    truth: History = field(default_factory=History)

    def cast(self, step: int, *, is_for_wrong: bool) -> None:
        self.steps.append(step)
        if is_for_wrong:
            self.for_wrong.append(step)

    def cut(self, step: int) -> bool:
        """Forget what came after this step; whether any vote is left."""
        self.steps = [at for at in self.steps if at < step]
        self.for_wrong = [at for at in self.for_wrong if at < step]
        self.truth.cut(step)
        return bool(self.steps)
