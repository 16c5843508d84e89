"""The kinds of runs as they are shown: cards are taught, cards are rewarded, or a text is read.

`kind_of` is the one place that decides. A kind says which view it opens with, what it lacks, and
the words that differ. The lines of `train` have their own in `plain/line_kinds.py`.
"""

from collections.abc import Set
from typing import ClassVar, Literal, get_args

from flashcards.base.language import tr
from flashcards.runs.state import RunState
from flashcards.runs.values import Correction, Score
from flashcards.wording import facts
from flashcards.wording.numbers import percent_right

Offer = Literal[
    "bet",
    "vote",
    "keep_back",
    "make_card",
    "offer_cards",
    "cards_per_s",
    "course",
    "next_thing",
    "newcomer",
    "reward_after",
]
"""Things offered or shown beside a lesson: a bet, a vote on two answers, to keep cards back, to
make a card of what was asked, cards to ask, cards a second, the course after a first lesson, what
is worth doing next, a new model to compare with, and rewards when the lesson is over."""

ALL_OFFERS: frozenset[Offer] = frozenset(get_args(Offer))


class CardRun:
    """A run that teaches cards, with their answers.

    Attributes:
        view: The name of the view that it opens with.
        no_keys: Ids of the keys that have nothing to show.
        lacks: Names of what is not offered, and not shown.
    """

    view: ClassVar[str] = "lesson"
    no_keys: ClassVar[Set[str]] = frozenset()
    lacks: ClassVar[Set[Offer]] = frozenset()

    def ask_title(self) -> str:
        return tr("Ask the model")

    def going_on(self) -> str:
        """Name the key that goes on after the end."""
        return tr("teach more")

    def chart_title(self, state: RunState, *, is_past: bool = False) -> str:
        """Ask what the curves answer."""
        if is_past:
            return tr("Was it getting better?")
        if state.start is not None and state.start.base:
            model = facts.model_name(state.start.base)
            return tr("A model that had read a lot ({model}): is it getting better?", model=model)
        return tr("Is it getting better?")

    def card(self, state: RunState) -> Correction | None:
        """Return the card that is corrected, with a prompt and an answer."""
        return state.card.now

    def share(self, score: Score) -> str:
        """Write how many of these are right, where that says what was learned; else ""."""
        return percent_right(score) if score.total else ""


class RewardRun(CardRun):
    """A run that tries answers to cards, and makes likelier what a judge rewards."""

    view = "reward"
    lacks = frozenset({"next_thing", "newcomer", "reward_after"})


class TextRun(CardRun):
    """A run that reads a text and guesses each next piece: it has no cards, only windows."""

    view = "reading"
    no_keys = frozenset({"view_cards", "view_memory", "twin", "scaling", "in_context"})
    lacks = ALL_OFFERS - {"newcomer"}

    def ask_title(self) -> str:
        return tr("Write a beginning")

    def going_on(self) -> str:
        return tr("go on")

    def chart_title(self, state: RunState, *, is_past: bool = False) -> str:
        if is_past:
            return tr("Was it getting better at guessing what comes next?")
        return tr("Is it getting better at guessing what comes next?")

    def card(self, state: RunState) -> Correction | None:
        return None

    def share(self, score: Score) -> str:
        """Write nothing: of next pieces, some are always right."""
        return ""


CARDS, REWARD, TEXT = CardRun(), RewardRun(), TextRun()


def kind_of(state: RunState, *, is_to_read: bool = False) -> CardRun:
    """`is_to_read`: a text was asked for; what is not known yet has not begun."""
    if state.is_reading or (state.start is None and is_to_read):
        return TEXT
    return CARDS if state.reward is None else REWARD
