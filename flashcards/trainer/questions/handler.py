"""Answers what is asked while a lesson goes on. Changes nothing of what is taught, or when."""

import math
from typing import assert_never

import msgspec

from flashcards.cards.printable import printable
from flashcards.runs import bets, commands as cmd, events
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.questions import influence, insight, listing, past, varied
from flashcards.trainer.questions.asking import DeckIndex, Pins, answer
from flashcards.trainer.questions.rival_table import RivalTable
from flashcards.trainer.training_state import TrainingState
from flashcards.trainer.voting import pair_of

MAX_BOOKMARK = 200  # Characters of the words that a bookmark may have

MAX_WORDS = 300  # Characters of the asker's own words

MAX_PLACES = 11  # A score's answers of a room: tenths, or whole cards


class QuestionHandler:
    """The answers to questions that are put between updates.
    `pins`: the prompts to ask at every exam. `influence`: counts which updates taught those.
    Where an answer can't be logged, an OSError is raised."""

    def __init__(self, training: TrainingState, keeper: Keeper, table: RivalTable) -> None:
        self._training = training
        self._keeper = keeper
        self._table = table
        self._index = DeckIndex(training)
        self.pins = Pins(training, keeper, self._index)
        self.influence = influence.Influence(training, keeper, self._index)
        self._insight = insight.Insight(keeper.folder.info.seed)
        self._past = past.PastQuestion(keeper.emit)
        self._listing = listing.Listing(training.deck, training.ledger)

    def take_deck(self) -> None:
        """List the cards of the deck that is in force now."""
        self._listing = listing.Listing(self._training.deck, self._training.ledger)

    def take(self, question: cmd.Question | cmd.Note) -> None:
        learner = self._training.learner
        step = self._training.learner.step
        match question:
            case cmd.Ask():
                answered = answer(question, self._training, self._index.now)
                self._keeper.emit(answered)
                self._table.ask(answered)
            case cmd.TakeExam():
                self._keeper.emit(varied.take_exam(question, self._training))
            case cmd.Pin():
                self.pins.pin(question.prompt)
            case cmd.Unpin():
                self.pins.unpin(question.prompt)
            case cmd.AskPast():
                folder = self._keeper.folder
                states = past.keyframes(folder, step)
                deck_at = past.deck_reader(folder, self._training)
                self._past.ask(question, learner.reader(), states, deck_at)
            case cmd.ListCards():
                self._keeper.emit(self._listing.page(question, step))
            case cmd.LookInside():
                self._keeper.emit(self._insight.look(question, learner, self._training.deck))
            case cmd.CutTexts():
                self._keeper.emit(
                    events.TextsCut(
                        step=step,
                        request=question.request,
                        cuts=learner.tokenizer.printable_pieces(question.texts),
                        unlearned=learner.tokenizer.unlearned(question.texts),
                    )
                )
            case cmd.DrawPair():
                pair = pair_of(self._training)
                empty = events.PairDrawn(step=step, request=question.request)
                self._keeper.emit(empty if pair is None else pair.drawn(step, question.request))
            case cmd.SetBookmark():
                at_step = question.step if 0 <= question.step < step else None
                text = printable(question.text)[:MAX_BOOKMARK]
                self._keeper.emit(events.BookmarkSet(step=step, text=text, at_step=at_step))
            case cmd.PlaceBet():
                if (bet := placed(question, step)) is not None:
                    self._keeper.emit(bet)
            case _:
                assert_never(question)
        self._keeper.flush()

    @property
    def is_busy(self) -> bool:
        return self._past.is_busy

    def work(self) -> None:
        """A little of a question that takes long, some ten milliseconds."""
        if self.is_busy:
            learner = self._training.learner
            self._past.work(learner.step, learner)
            self._keeper.flush()


def placed(command: cmd.PlaceBet, step: int) -> events.BetPlaced | None:
    bet = command.bet
    share = command.share
    choice = command.choice
    known = bets.CHOICES[bet.kind]
    if (choice not in known) if known else (share is None or not 0 <= share <= 1):
        return None
    if not 0.0 < bet.factor <= 1e6 or not _can_be(bet.at_seconds) or not _can_be(bet.at_step):
        return None
    texts = {name: _safe(getattr(bet, name)) for name in ("prompt", "answer", "text", "because")}
    names = (_safe(bet.names[0]), _safe(bet.names[1]))
    return events.BetPlaced(
        step=step,
        bet=msgspec.structs.replace(bet, names=names, **texts),
        share=None if known else share,
        choice=choice if known else None,
        hands=_counts(command.hands[: len(known) or MAX_PLACES]),
        hands_before=_counts(command.hands_before[: len(known) or MAX_PLACES]),
        is_of_class=command.is_of_class,
    )


def _counts(hands: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(min(max(n, 0), 100_000) for n in hands)


def _can_be(moment: float | None) -> bool:
    return moment is None or (math.isfinite(moment) and 0 <= moment <= 1e9)


def _safe(text: str) -> str:
    return printable(text)[:MAX_WORDS]
