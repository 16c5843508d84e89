"""What a room is asked to predict, as it types its answer: a number of per cent, the place of a
choice (2), or how many hands were shown for each (12 5 3). Knows no screen."""

import asyncio
from dataclasses import dataclass, field

from flashcards.runs.bets import CHOICES, read_share
from flashcards.runs.commands import PlaceBet
from flashcards.runs.values import BetQuestion

MAX_TYPED = 20


@dataclass
class OpenQuestion:
    """A question to the room; `bet` is its answer once `answered` is set, None to pass over."""

    question: BetQuestion
    n_cards: int
    typed: str = ""
    is_wrong: bool = False
    bet: PlaceBet | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    def type(self, character: str) -> None:
        """Add a character, or take the last one away ("")."""
        self.is_wrong = False
        self.typed = (self.typed + character)[:MAX_TYPED] if character else self.typed[:-1]

    def enter(self) -> None:
        """Answer with what was typed; nothing passes the question over."""
        if self.answered.is_set():
            return
        if self.typed.strip():
            self.bet = read_bet(self.question, self.typed)
            self.is_wrong = self.bet is None
        if not self.is_wrong:
            self.answered.set()

    def skip(self) -> None:
        self.answered.set()


def read_bet(question: BetQuestion, typed: str) -> PlaceBet | None:
    choices = CHOICES[question.kind]
    if not choices:
        share = read_share(typed)
        return None if share is None else PlaceBet(bet=question, share=share)
    numbers = typed.split()
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        return None
    hands = tuple(map(int, numbers))
    if len(hands) == 1 and 1 <= hands[0] <= len(choices):
        return PlaceBet(bet=question, choice=choices[hands[0] - 1])
    if len(hands) != len(choices) or not any(hands):
        return None
    return PlaceBet(bet=question, choice=choices[hands.index(max(hands))], hands=hands)
