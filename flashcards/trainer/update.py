"""One update, from drawing its cards to noting in the lesson what it did.

The only place that changes a model: a lesson, its replay, a time machine and a branch all make
their updates here. However closely an update is observed, the weights come out the same.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import msgspec

from flashcards.cards.judges import Judge
from flashcards.cards.split import sample_by_hash
from flashcards.cards.text import WINDOW_PIECES, TextDeck
from flashcards.learner import inspection
from flashcards.learner.study import Adjustment, Study
from flashcards.runs.events import TriesRewarded, UpdateDetails
from flashcards.runs.values import Correction, Phase, Vote, text_of
from flashcards.trainer import judging, reading, rewarding, schedule, voting
from flashcards.trainer.exams import Examiner
from flashcards.trainer.questions.accounts import Accounts
from flashcards.trainer.rehearsal import RehearsedCards
from flashcards.trainer.training_state import TrainingState

N_RIPPLE = 48
N_RIPPLE_AT_SPEED = 16
N_RIPPLE_SLOW = 4
REHEARSED_SHOWN_EVERY = 4  # In every so many updates a rehearsed card comes first and may be shown

RIPPLED_S = 0.15  # Nominal time for reading the others around an explained update

Observed = Literal["nothing", "correction", "everything"]
"""How much is measured of an update's first card: its correction, or the model from within too."""


@dataclass(frozen=True)
class Made:
    """An update that was made; `correction` and `details` are as far as it was observed.
    One by reward has no study, and `tries` if it was observed."""

    study: Study | None = None
    correction: Correction | None = None
    details: UpdateDetails | None = None
    tries: TriesRewarded | None = None


class Observer:
    """Is told of an update while it is made. This one does nothing."""

    def enter(self, phase: Phase, correction: Correction | None) -> None:
        """The work of this phase begins; the correction is what is known of it so far."""

    def leave(self, phase: Phase, details: UpdateDetails | None) -> None:
        """The work of this phase is done, and gave these details."""

    def made(self, made: Made) -> None:
        """The update was made; the phase ADJUSTMENT ends after this."""


NOBODY = Observer()


class DeckTools:
    """What is computed once for a deck."""

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
    def examiner(self) -> Examiner:
        if isinstance(self.deck, TextDeck):
            return reading.TextExaminer(self._training, self.deck, self.cost)
        return Examiner(self._training, self.cost, None if self.deck.judge is None else self.judge)

    @cached_property
    def judge(self) -> Judge:
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
        if deck.is_text:
            return ()  # what a window does to others is not shown
        n_held_out = min(len(deck.never_seen), max(n_cards // 2, n_cards - len(deck.taught)))
        taught = sample_by_hash(deck, deck.taught, n_cards - n_held_out)
        return (*taught, *sample_by_hash(deck, deck.never_seen, n_held_out))


class _Telling:
    """What an observer is told of one update; None for what is not observed."""

    def __init__(
        self, observer: Observer, correction: Correction | None, details: UpdateDetails | None
    ) -> None:
        self.correction, self.details = correction, details
        self._observer = observer

    def enter(self, phase: Phase) -> None:
        self._observer.enter(phase, self.correction)

    def leave(self, phase: Phase, **known: object) -> None:
        """The phase is over; of an explained update, `known` is told from here on."""
        self.detail(phase=phase, **known)
        self._observer.leave(phase, self.details)

    def correct(self, **known: object) -> None:
        if self.correction is not None:
            self.correction = msgspec.structs.replace(self.correction, **known)

    def detail(self, **known: object) -> None:
        if self.details is not None:
            self.details = msgspec.structs.replace(self.details, **known)


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

    def make(
        self, *, is_single: bool, observed: Observed = "nothing", observer: Observer = NOBODY
    ) -> Made | None:
        """Make the next update, on one card or on a batch.
        None when it would have broken the model: it is left out, and the learner not finite."""
        training, learner = self._training, self._training.learner
        n_cards = 1 if is_single else learner.settings.batch_size_at(learner.step)
        learner.let_learn(training.memory.learns)
        if training.memory.vote is not None:
            return self._make_by_vote(training.memory.vote, observer)
        if training.memory.practice != "taught":
            return self._make_by_reward(is_shown=observed != "nothing", observer=observer)
        card_indices, windows = self._chosen(n_cards)
        first = card_indices[0]
        is_explained = observed == "everything"
        tell = _Telling(
            observer,
            None if observed == "nothing" else self._drawn(first, len(card_indices)),
            self._cut(first) if is_explained else None,
        )
        tell.enter("data")
        tell.leave("data")

        tell.enter("model")
        started = self._clock()
        text = self.tools.rehearsal.text if windows else None
        study = learner.study(card_indices, windows, text)
        seconds = self._clock() - started
        tell.leave(
            "model", reading=inspection.read(learner.anatomy, first) if is_explained else None
        )

        error_nats, pieces = None, None
        if tell.correction is not None:
            pieces, error_nats, mark = learner.read_error(study, 0)
            guess = learner.guess(first)
            is_by_rule = mark != "right" and self.tools.examiner.is_by_rule(first, text_of(guess))
            tell.correct(guess=guess, piece_mark=mark, is_by_rule=is_by_rule)
        tell.enter("prediction")
        expectations = inspection.expect(learner.anatomy, study, 0) if is_explained else ()
        tell.leave("prediction", expectations=expectations)

        tell.correct(pieces=pieces, error_nats=error_nats)
        tell.enter("error")
        tell.leave("error", error_nats=error_nats)

        tell.enter("adjustment")
        started = self._clock()
        is_measured = tell.correction is not None
        adjustment = learner.adjust(
            study,
            training.memory.learning_rate_factor,
            measured_row=0 if is_measured else None,
            ripple=self._ripple(study, is_single, is_explained) if is_measured else (),
            is_detailed=is_explained,
        )
        if not learner.is_finite:
            return None
        self._note(
            card_indices,
            study.marks,
            study.piece_nats,
            study.loss_nats,
            seconds=seconds + self._clock() - started,
            nominal_s=self.tools.cost.step_s(len(card_indices), len(windows) * WINDOW_PIECES),
            n_windows=len(windows),
        )
        memory = training.memory
        memory.gradient_norm = adjustment.gradient_norm
        memory.relative_change = adjustment.relative_change
        tell.correct(
            pieces=adjustment.after,
            change=adjustment.change,
            guess_after=learner.guess(first) if is_explained else None,
        )
        tell.detail(phase="adjustment", step=learner.step, adjustment=adjustment.details)
        observer.made(Made(study, tell.correction, tell.details))
        observer.leave("adjustment", None)

        tell.enter("repeat")
        tell.leave("repeat")
        return Made(study, tell.correction, tell.details)

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

    def _make_by_reward(self, *, is_shown: bool, observer: Observer) -> Made | None:
        training, memory = self._training, self._training.memory
        card_indices = training.order.next(training.learner.settings.batch_size)
        observer.enter("adjustment", None)
        started = self._clock()
        done = rewarding.reward_update(training, card_indices, self.tools.judge, is_shown=is_shown)
        if done is None:
            return None
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
        return self._made(done.adjustment, observer, done.tries)

    def _make_by_vote(self, choice: Vote, observer: Observer) -> Made | None:
        """An update by a vote, which is used up."""
        training, memory = self._training, self._training.memory
        observer.enter("adjustment", None)
        memory.vote = None
        started = self._clock()
        done = voting.vote_update(training, choice)
        if done is None:
            return None
        adjustment, loss_nats = done
        memory.train_seconds += self._clock() - started
        memory.nominal_s += voting.VOTE_S
        memory.pending_steps += 1
        memory.pending_loss_nats += loss_nats
        return self._made(adjustment, observer)

    def _made(
        self, done: Adjustment, observer: Observer, tries: TriesRewarded | None = None
    ) -> Made:
        """The end of an update by reward or vote. Accounts of pins count taught answers alone."""
        training, memory = self._training, self._training.memory
        if training.accounts.prompts:
            training.accounts = Accounts()
        memory.gradient_norm = done.gradient_norm
        memory.relative_change = done.relative_change
        made = Made(tries=tries)
        observer.made(made)
        return made

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
