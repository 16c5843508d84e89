"""Humans against the model: one round, and the points. Knows no screen and no trainer.

A card that was never taught is drawn; its answer is known to a round only from the reveal on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from flashcards.runs.events import CardsListed, PromptAnswered
from flashcards.runs.values import CardRow, RivalAnswer


@dataclass
class Points:
    """Who was right how often, in all rounds of the program, and which cards were drawn."""

    n_rounds: int = 0
    humans: int = 0
    model: int = 0
    lookup: int = 0
    drawn_cards: set[int] = field(default_factory=set)


@dataclass
class Round:
    """One card: drawn, guessed, revealed.

    Attributes:
        guess: What the room said; "" when it said it aloud only.
        model, lookup: What they say; None before they did, lookup's "" when it has nothing.
        is_revealed: From here on answers may be shown.
        is_human_right: None while nobody knows: of what was said aloud a hand decides.
    """

    is_asked: bool = False
    row: CardRow | None = None
    guess: str = ""
    model: str | None = None
    lookup: str | None = None
    correct: tuple[str, ...] = ()
    is_revealed: bool = False
    is_human_right: bool | None = None
    _is_counted: bool = field(default=False, repr=False)

    @property
    def prompt(self) -> str:
        """The card's prompt; "" while it is being drawn."""
        return "" if self.row is None else self.row.prompt

    @property
    def answer(self) -> str:
        """The right answer; "" before the reveal, to whoever asks."""
        return "" if self.row is None or not self.is_revealed else self.row.answer

    def take_card(self, listed: CardsListed) -> bool:
        """The card that was drawn; False when it was taught meanwhile."""
        self.row = next((row for row in listed.rows if row.is_never_seen), None)
        return self.row is not None

    def reveal(self, answered: PromptAnswered) -> None:
        """What the model says; from now on the right answer is known."""
        self.is_revealed = True
        self.model = answered.answer
        self.correct = answered.correct_answers
        if self.guess:
            known = {answer.casefold() for answer in self.correct}
            self.is_human_right = self.guess.casefold() in known

    def take_rivals(self, answers: tuple[RivalAnswer, ...]) -> None:
        self.lookup = next((a.answer for a in answers if a.name == "lookup"), None) or ""

    def is_right(self, answer: str | None) -> bool:
        return answer is not None and answer in self.correct

    def count(self, points: Points) -> None:
        """Add this round's points, once, when the next one begins or the game is left."""
        if not self.is_revealed or self._is_counted:
            return
        self._is_counted = True
        points.n_rounds += 1
        points.humans += bool(self.is_human_right)
        points.model += self.is_right(self.model)
        points.lookup += self.is_right(self.lookup)


def draw(never_seen_mask: bytes, random: Random, used: set[int]) -> int | None:
    """The index of a never-seen card, of those not used yet if there are any; None without any."""
    never_seen = [i for i, mark in enumerate(never_seen_mask) if mark]
    fresh = [i for i in never_seen if i not in used] or never_seen
    return random.choice(fresh) if fresh else None
