"""One update, from drawing its cards to noting in the lesson what it did.

The only place that changes a model: a lesson, its replay, a time machine and a branch all make
their updates here. An update is a generator: it works while somebody loops over it, and pauses at
each moment that it yields. However closely it is observed, the weights come out the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

import msgspec

from flashcards.cards.judges import Judge
from flashcards.cards.split import sample_by_hash
from flashcards.cards.text import WINDOW_PIECES
from flashcards.learner import inspection
from flashcards.learner.study import Adjustment, Study
from flashcards.runs.events import TriesRewarded, UpdateDetails
from flashcards.runs.values import Correction, Phase, Vote, text_of
from flashcards.trainer import exams, judging, lesson_kinds, rewarding, schedule, voting
from flashcards.trainer.questions.accounts import Accounts
from flashcards.trainer.rehearsed_cards import RehearsedCards
from flashcards.trainer.training_state import TrainingState

N_RIPPLE = 48
N_RIPPLE_AT_SPEED = 16
N_RIPPLE_SLOW = 4
REHEARSED_SHOWN_EVERY = 4  # In every so many updates a rehearsed card comes first and may be shown

RIPPLED_S = 0.15  # Nominal time for reading the others around an explained update

Observed = Literal["nothing", "correction", "everything"]
"""Detail measured of an update's first card: its correction, or the model from within too."""


@dataclass(frozen=True)
class PhaseBegins:
    """A phase begins; `correction` is what is known of the first card then: the screen shows it."""

    phase: Phase
    correction: Correction | None = None


@dataclass(frozen=True)
class PhaseEnds:
    """A phase is over; `details` are what is known of it from within, if that is observed."""

    phase: Phase
    details: UpdateDetails | None = None


@dataclass(frozen=True)
class UpdateMade:
    """The model is another one now. `correction` and `details` are as far as they were observed.
    An update by reward has no study, and `tries` if it was observed."""

    study: Study | None = None
    correction: Correction | None = None
    details: UpdateDetails | None = None
    tries: TriesRewarded | None = None


Moment = PhaseBegins | PhaseEnds | UpdateMade
"""Moments where an update pauses: each of the six phases begins and ends, and before ADJUSTMENT
ends, the update was made. One that would break the model ends without: it is left out."""

S = TypeVar("S", Correction, UpdateDetails)


def _with(known: S | None, **more: object) -> S | None:
    """Add this to what is known of an update; None where it is not observed."""
    return None if known is None else msgspec.structs.replace(known, **more)


class DeckTools:
    """The things that are computed once for a deck."""

    def __init__(self, training: TrainingState) -> None:
        self._training = training
        self.deck = training.deck

    @cached_property
    def cost(self) -> schedule.Cost:
        learner = self._training.learner
        if learner.base is None:
            return schedule.Cost(learner.pieces_per_card)
        return schedule.Cost.of_numbers(learner.pieces_per_card, learner.n_parameters)

    @cached_property
    def examiner(self) -> exams.Examiner:
        return lesson_kinds.lesson_about(self.deck).examiner(self._training, self.cost, self.judge)

    @cached_property
    def judge(self) -> Judge | None:
        return judging.judge_for(self.deck)

    @cached_property
    def ripple(self) -> tuple[int, ...]:
        return self._sample(N_RIPPLE)

    @cached_property
    def ripple_explained(self) -> tuple[int, ...]:
        """The same for an update that is explained: all of them, unless there are too many."""
        least = N_RIPPLE_SLOW if self.cost.is_slow else N_RIPPLE
        return self._sample(max(least, self.cost.n_graded_in(RIPPLED_S / 2)))

    @cached_property
    def rehearsal(self) -> RehearsedCards:
        return RehearsedCards(self._training)

    def ripple_at_speed(self, step: int) -> tuple[int, ...]:
        """The same for an update at speed: a few, others each time."""
        cards = self.ripple_explained
        stride = max(1, len(cards) // N_RIPPLE_AT_SPEED)
        return cards[step % stride :: stride]

    def _sample(self, n_cards: int) -> tuple[int, ...]:
        deck = self.deck
        if not deck.prompted:
            return ()  # what a window does to others is not shown
        n_held_out = min(len(deck.never_seen), max(n_cards // 2, n_cards - len(deck.taught)))
        taught = sample_by_hash(deck, deck.taught, n_cards - n_held_out)
        return (*taught, *sample_by_hash(deck, deck.never_seen, n_held_out))


class Updates:
    def __init__(self, training: TrainingState, clock: Callable[[], float] = lambda: 0.0) -> None:
        """`clock` gives the seconds that count as training time; nothing else depends on it."""
        self._training = training
        self._clock = clock
        self._tools = DeckTools(training)

    @property
    def tools(self) -> DeckTools:
        if self._tools.deck is not self._training.deck:
            self._tools = DeckTools(self._training)
        return self._tools

    def make(self, *, is_single: bool, observed: Observed = "nothing") -> Iterator[Moment]:
        """The next update, on one card or on a batch, made while this is looped over.
        If it would break the model, it is left out, and the learner is not finite then."""
        memory = self._training.memory
        self._training.learner.let_learn(memory.learns)
        if memory.vote is not None:
            yield from self._by_vote(memory.vote)
        elif memory.practice != "taught":
            yield from self._by_reward(is_shown=observed != "nothing")
        else:
            yield from self._by_answers(is_single=is_single, observed=observed)

    def _by_answers(self, *, is_single: bool, observed: Observed) -> Iterator[Moment]:
        """The six phases, in the order in which they are done. A phase shows its outcome as it
        begins where that is there already: the guess and the error come out of one pass."""
        training, learner = self._training, self._training.learner
        is_explained = observed == "everything"

        # DATA: which cards are taught
        n_cards = 1 if is_single else learner.settings.batch_size_at(learner.step)
        card_indices, windows = self._chosen(n_cards)
        first = card_indices[0]
        correction = None if observed == "nothing" else self._drawn(first, len(card_indices))
        details = self._cut(first) if is_explained else None
        yield PhaseBegins("data", correction)
        yield PhaseEnds("data", details)

        # MODEL: the cards go through the network
        yield PhaseBegins("model", correction)
        started = self._clock()
        text = self.tools.rehearsal.text if windows else None
        study = learner.study(card_indices, windows, text)
        seconds = self._clock() - started
        if is_explained:
            from_within = inspection.read(learner.anatomy, first)
            details = _with(details, phase="model", reading=from_within)
        yield PhaseEnds("model", details)

        # PREDICTION: what it guesses of the first card
        error_nats = None
        pieces = None
        if correction is not None:
            pieces, error_nats, mark = learner.read_error(study, 0)
            guess = learner.guess(first)
            is_by_rule = mark != "right" and self.tools.examiner.is_by_rule(first, text_of(guess))
            correction = _with(correction, guess=guess, piece_mark=mark, is_by_rule=is_by_rule)
        yield PhaseBegins("prediction", correction)
        if is_explained:
            expectations = inspection.expect(learner.anatomy, study, 0)
            details = _with(details, phase="prediction", expectations=expectations)
        yield PhaseEnds("prediction", details)

        # ERROR: how far that is from the answer
        correction = _with(correction, pieces=pieces, error_nats=error_nats)
        yield PhaseBegins("error", correction)
        details = _with(details, phase="error", error_nats=error_nats)
        yield PhaseEnds("error", details)

        # ADJUSTMENT: every weight is changed a little
        yield PhaseBegins("adjustment", correction)
        started = self._clock()
        is_measured = correction is not None
        adjustment = learner.adjust(
            study,
            training.memory.learning_rate_factor,
            measured_row=0 if is_measured else None,
            ripple=self._ripple(study, is_single, is_explained) if is_measured else (),
            is_detailed=is_explained,
        )
        if not learner.is_finite:
            return
        self._note(
            card_indices,
            study.marks,
            study.piece_nats,
            study.loss_nats,
            seconds=seconds + self._clock() - started,
            nominal_s=self.tools.cost.step_s(len(card_indices), len(windows) * WINDOW_PIECES),
            n_windows=len(windows),
        )
        self._note_size(adjustment)
        correction = _with(
            correction,
            pieces=adjustment.after,
            change=adjustment.change,
            guess_after=learner.guess(first) if is_explained else None,
        )
        details = _with(
            details, phase="adjustment", step=learner.step, adjustment=adjustment.details
        )
        yield UpdateMade(study, correction, details)
        yield PhaseEnds("adjustment")  # its details came with the update

        # REPEAT: nothing is left to do
        yield PhaseBegins("repeat", correction)
        yield PhaseEnds("repeat", _with(details, phase="repeat"))

    def _chosen(self, n_cards: int) -> tuple[list[int], Sequence[int]]:
        """The cards of the next update, what is shown first; and windows of an earlier text."""
        training, step = self._training, self._training.learner.step
        rehearsed = self.tools.rehearsal.cards(step, n_cards)
        windows = self.tools.rehearsal.windows(step, n_cards)
        n_drawn = n_cards - len(rehearsed) - len(windows)
        drawn = training.order.next(n_drawn) if n_drawn else []
        is_rehearsed_shown = step % REHEARSED_SHOWN_EVERY == 0
        cards = [*rehearsed, *drawn] if is_rehearsed_shown else [*drawn, *rehearsed]
        return cards, windows

    def _by_reward(self, *, is_shown: bool) -> Iterator[Moment]:
        """One step: tries have no phases that could be told apart."""
        training, memory = self._training, self._training.memory
        card_indices = training.order.next(training.learner.settings.batch_size)
        yield PhaseBegins("adjustment")
        started = self._clock()
        judge = self.tools.judge
        assert judge is not None
        done = rewarding.reward_update(training, card_indices, judge, is_shown=is_shown)
        if done is None:
            return
        cost = self.tools.cost
        self._note(
            card_indices,
            done.marks,
            done.piece_nats,
            done.loss_nats,
            seconds=self._clock() - started,
            nominal_s=cost.step_s(done.n_taught) + cost.exam_s(done.counts.n_tries),
        )
        memory.reward += done.counts
        self._note_size(done.adjustment)
        self._forget_accounts()
        yield UpdateMade(tries=done.tries)

    def _by_vote(self, choice: Vote) -> Iterator[Moment]:
        """One step by a vote, which is used up."""
        memory = self._training.memory
        yield PhaseBegins("adjustment")
        memory.vote = None
        started = self._clock()
        done = voting.vote_update(self._training, choice)
        if done is None:
            return
        adjustment, loss_nats = done
        memory.train_seconds += self._clock() - started
        memory.nominal_s += voting.VOTE_S
        memory.pending_steps += 1
        memory.pending_loss_nats += loss_nats
        self._note_size(adjustment)
        self._forget_accounts()
        yield UpdateMade()

    def _note_size(self, adjustment: Adjustment) -> None:
        memory = self._training.memory
        memory.gradient_norm = adjustment.gradient_norm
        memory.relative_change = adjustment.relative_change

    def _forget_accounts(self) -> None:
        """Begin the accounts of pins anew: they count what taught answers did, and nothing else."""
        if self._training.accounts.prompts:
            self._training.accounts = Accounts()

    def _drawn(self, card_index: int, n_cards: int) -> Correction:
        card, ledger = self._training.deck.cards[card_index], self._training.ledger
        return Correction(
            card_index=card_index,
            prompt=card.prompt,
            answer=card.answer,
            section=card.section,
            times_seen=ledger.times_seen[card_index],
            n_cards=n_cards,
            history=ledger.history(card_index),
            rehearsed=self._training.deck.taught_in(card_index),
        )

    def _cut(self, card_index: int) -> UpdateDetails:
        learner = self._training.learner
        return UpdateDetails(
            step=learner.step,
            phase="data",
            card_index=card_index,
            pieces=inspection.cut(learner.anatomy, card_index),
            n_choices=learner.n_pieces,
            n_ahead=learner.settings.n_ahead,
        )

    def _ripple(self, study: Study, is_single: bool, is_explained: bool) -> list[int]:
        """The other cards to read before and after, more of them the slower the lesson is."""
        tools = self.tools
        if is_single != is_explained:
            cards = tools.ripple
        elif is_explained:
            cards = tools.ripple_explained
        else:
            cards = tools.ripple_at_speed(self._training.learner.step)
        return [card_index for card_index in cards if card_index not in study.card_indices]

    def _note(
        self,
        card_indices: Sequence[int],
        marks: bytes,
        piece_nats: Sequence[float],
        loss_nats: float,
        *,
        seconds: float,
        nominal_s: float,
        n_windows: int = 0,
    ) -> None:
        """Note in the lesson that these cards were taught, and so many windows read again.
        Those of earlier chapters were rehearsed: the order did not give them out."""
        training, memory = self._training, self._training.memory
        training.ledger.studied(card_indices, marks, training.learner.step)
        own = [row for row, i in enumerate(card_indices) if i < training.deck.n_own]
        training.order.studied(
            [card_indices[row] for row in own],
            bytes(marks[row] for row in own),
            [piece_nats[row] for row in own],
        )
        memory.position, memory.after_change = training.order.position, training.order.after
        memory.cards_taught += len(card_indices) + n_windows
        memory.train_seconds += seconds
        memory.nominal_s += nominal_s
        memory.pending_steps += 1
        memory.pending_loss_nats += loss_nats
