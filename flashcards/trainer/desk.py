"""Answers what is asked while a lesson goes on. Changes nothing of what is taught, or when."""

from __future__ import annotations

from typing import assert_never

from flashcards.runs.commands import Ask, AskPast, ListCards, Pin, Unpin
from flashcards.runs.events import PromptPinned, PromptUnpinned
from flashcards.trainer.asking import answer
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.listing import Listing
from flashcards.trainer.table import RivalTable
from flashcards.trainer.teaching import Taught

Question = Ask | Pin | Unpin | AskPast | ListCards


class Desk:
    """Where questions are put, between updates."""

    def __init__(self, taught: Taught, keeper: Keeper, table: RivalTable) -> None:
        self._taught = taught
        self._keeper = keeper
        self._listing = Listing(taught.deck, taught.ledger)
        self._table = table

    def take(self, question: Question) -> None:
        """Answer it, as events.

        Raises:
            OSError: the log can't be written.
        """
        step = self._taught.learner.step
        match question:
            case Ask():
                answered = answer(question, self._taught)
                self._keeper.emit(answered)
                self._table.ask(answered)
            case Pin():
                self._keeper.emit(PromptPinned(step=step, prompt=question.prompt))
            case Unpin():
                self._keeper.emit(PromptUnpinned(step=step, prompt=question.prompt))
            case AskPast():
                pass
            case ListCards():
                self._keeper.emit(self._listing.page(question, step))
            case _:
                assert_never(question)
        self._keeper.flush()
