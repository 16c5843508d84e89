"""One update, from drawing the cards to what it changed, and the exams and saves that follow it.

Everything that decides what is taught is in `LessonMemory`, the ledger and the learner.

Long because an update is read here from top to bottom, alone and in a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.sample import sample_by_hash
from flashcards.learner import inspection
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.study import Adjustment, Study
from flashcards.runs.events import (
    AnyEvent,
    CorrectionMeasured,
    DeckMarked,
    ExamTaken,
    PhaseEntered,
    RecipeChanged,
    StepsTaken,
    UpdateDetails,
)
from flashcards.runs.marks import pack
from flashcards.runs.state import RunState
from flashcards.runs.values import Correction, Mark, Phase
from flashcards.trainer import schedule
from flashcards.trainer.accounts import Accounts
from flashcards.trainer.examiner import Examiner, note_progress
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.memory import LessonMemory

N_RIPPLE = 48
N_RIPPLE_AT_SPEED = 16
RIPPLED_S = 0.15
"""Nominal time for reading the other cards before and after an update that is explained: a deck
that takes longer is read in part."""


@dataclass
class Taught:
    """Who teaches what: the parts of a lesson that are saved with it.

    Deck, order, ledger and accounts are others after the deck was changed: see `versions.change`.
    """

    deck: Deck
    learner: Learner
    order: CardOrder
    ledger: CardLedger
    memory: LessonMemory
    accounts: Accounts = field(default_factory=Accounts)

    def to_bytes(self) -> bytes:
        """All of it, as a state: `restoring.Restorer` reads it back."""
        parts = {"memory": self.memory.to_bytes(), "ledger": self.ledger.to_bytes()}
        if self.order.queue is not None:
            parts["order"] = self.order.queue.to_bytes()
        if self.accounts.prompts:
            parts["accounts"] = self.accounts.to_bytes()
        return self.learner.save(parts)


class Recorder(Protocol):
    """Who is told what happens in a lesson, and keeps it: a `Keeper`, or somebody who listens."""

    state: RunState

    def emit(self, event: AnyEvent) -> None:
        """Something happened."""
        ...

    def flush(self) -> None:
        """It is to be seen now."""
        ...

    def is_save_due(self, step: int) -> bool:
        """Whether the state of this step is to be saved now."""
        ...

    def save(
        self, step: int, state: bytes, *, is_anew: bool = False, is_kept: bool = False
    ) -> None:
        """Keep this state."""
        ...


class Teaching:
    """Makes updates, one call each."""

    def __init__(
        self,
        taught: Taught,
        keeper: Recorder,
        clock: Callable[[], float],
        hold: Callable[[float], None],
    ) -> None:
        """`hold` waits that many seconds, obeying commands meanwhile."""
        self.learner, self.memory = taught.learner, taught.memory
        self.on_exam: Callable[[], None] = lambda: None
        self.on_adjusted: Callable[[Study, bool], None] = lambda study, is_explained: None
        self.is_walking: Callable[[], bool] = lambda: False
        self.on_asked: Callable[[int, int], None] = lambda n_asked, n_cards: None
        self._taught = taught
        self._keeper = keeper
        self._clock = clock
        self._hold = hold
        self._adjustment = Adjustment(0.0, 0.0)
        self._n_asked = 0
        self.take_deck()

    def take_deck(self) -> None:
        """Teach and examine the deck that is there now; none of its exams was taken yet."""
        taught = self._taught
        self.deck, self.ledger, self._order = taught.deck, taught.ledger, taught.order
        self.cost = schedule.Cost(self.learner.pieces_per_card)
        self.examiner = Examiner(self.deck, self.learner, self.ledger, self.cost)
        self.exam: ExamTaken | None = None
        self._marked_exam: ExamTaken | None = None
        self._ripple = self._sample(N_RIPPLE)
        n_explained = int(RIPPLED_S / 2 * schedule.GRADED_TOKENS_PER_S / self.cost.tokens_per_card)
        self._ripple_explained = self._sample(max(N_RIPPLE, n_explained))

    def _sample(self, n_cards: int) -> tuple[int, ...]:
        """So many cards of both sides, half of each where there are enough: the same always."""
        deck = self.deck
        n_held_out = min(len(deck.held_out), max(n_cards // 2, n_cards - len(deck.taught)))
        taught = sample_by_hash(deck, deck.taught, n_cards - n_held_out)
        return (*taught, *sample_by_hash(deck, deck.held_out, n_held_out))

    def teach_card(self, phase_s: Mapping[Phase, float]) -> None:
        """One card, one update, phase by phase: what the screen lights up is being done then.

        `phase_s` is how long each phase stands; empty, they are not told apart.
        """
        card_index = self._order.next(1)[0]
        correction = self._draw(card_index, n_cards=1)
        details = self._cut(card_index) if phase_s else None
        self._enter("data", correction, phase_s)
        self._detail(details)
        self._stand("data", phase_s)
        self._enter("model", correction, phase_s)
        started = self._clock()
        study = self.learner.study([card_index])
        seconds = self._clock() - started
        if details is not None:
            reading = inspection.read(self.learner.anatomy, card_index)
            details = _replace(details, phase="model", reading=reading)
            self._detail(details)
        self._stand("model", phase_s)
        pieces, error_nats, mark = self.learner.read_error(study, 0)
        correction = self._with_guess(correction, mark)
        self._enter("prediction", correction, phase_s)
        if details is not None:
            expectations = inspection.expect(self.learner.anatomy, study, 0)
            details = _replace(details, phase="prediction", expectations=expectations)
            self._detail(details)
        self._stand("prediction", phase_s)
        correction = msgspec.structs.replace(correction, pieces=pieces, error_nats=error_nats)
        self._enter("error", correction, phase_s)
        if details is not None:
            details = _replace(details, phase="error", error_nats=error_nats)
            self._detail(details)
        self._stand("error", phase_s)
        self._enter("adjustment", correction, phase_s)
        rippled = self._ripple_explained if phase_s else self._ripple
        ripple = [i for i in rippled if i != card_index]
        self._say_recipe(is_single=True)
        corrected = self._adjust(study, seconds, correction, ripple, is_detailed=bool(phase_s))
        if corrected is not None and phase_s:
            said = self.learner.guess(card_index)
            corrected = msgspec.structs.replace(corrected, guess_after=said)
        if details is not None and self._adjustment.details is not None:
            details = _replace(details, phase="adjustment", adjustment=self._adjustment.details)
        self._report(corrected, details, is_shown=True)
        if corrected is None:
            return
        self._stand("adjustment", phase_s)
        self._enter("repeat", corrected, phase_s)
        if details is not None:
            self._detail(_replace(details, phase="repeat"))
        self._stand("repeat", phase_s)

    def _cut(self, card_index: int) -> UpdateDetails:
        return UpdateDetails(
            step=self.learner.step,
            phase="data",
            card_index=card_index,
            pieces=inspection.cut(self.learner.anatomy, card_index),
            n_choices=self.learner.n_pieces,
        )

    def _from_within(self, study: Study, error_nats: float) -> UpdateDetails:
        """All of the studied first card that is known before the update."""
        card_index, anatomy = study.card_indices[0], self.learner.anatomy
        return _replace(
            self._cut(card_index),
            phase="repeat",
            reading=inspection.read(anatomy, card_index),
            expectations=inspection.expect(anatomy, study, 0),
            error_nats=error_nats,
        )

    def _detail(self, details: UpdateDetails | None) -> None:
        if details is not None:
            self._keeper.emit(_replace(details, step=self.learner.step))

    def teach_batch(self, *, is_explained: bool = False) -> None:
        """One update on a whole batch; now and then one of its cards is shown and measured.

        `is_explained`: its first card is, and told from within, as REPEAT has it.
        """
        memory = self.memory
        n_cards = self.learner.settings.batch_size_at(self.learner.step)
        card_indices = self._order.next(n_cards)
        started = self._clock()
        study = self.learner.study(card_indices)
        seconds = self._clock() - started
        correction, ripple, details = None, [], None
        if is_explained or memory.nominal_s >= memory.next_correction_s:
            gap_s = schedule.correction_gap_s(memory.nominal_s)
            memory.next_correction_s = memory.nominal_s + gap_s
            pieces, error_nats, mark = self.learner.read_error(study, 0)
            drawn = self._draw(card_indices[0], n_cards=len(card_indices))
            correction = msgspec.structs.replace(
                self._with_guess(drawn, mark), pieces=pieces, error_nats=error_nats
            )
            if is_explained:
                ripple = [i for i in self._ripple if i not in card_indices]
                details = self._from_within(study, error_nats)
            else:
                ripple = [i for i in self._watched() if i not in card_indices]
        self._say_recipe(is_single=False)
        correction = self._adjust(study, seconds, correction, ripple, is_detailed=is_explained)
        if correction is not None and details is not None:
            said = self.learner.guess(card_indices[0])
            correction = msgspec.structs.replace(correction, guess_after=said)
            details = _replace(details, adjustment=self._adjustment.details)
        self._report(correction, details, is_shown=False)

    def _watched(self) -> tuple[int, ...]:
        """The few other cards read before and after an update at speed: others each time."""
        watched = self._ripple_explained
        stride = max(1, len(watched) // N_RIPPLE_AT_SPEED)
        return watched[self.learner.step % stride :: stride]

    def report_steps(self) -> None:
        """Say what was taught since the last time, if anything."""
        memory = self.memory
        if memory.pending_steps == 0:
            return
        self._keeper.emit(
            StepsTaken(
                step=self.learner.step,
                cards_taught=memory.cards_taught,
                train_seconds=round(memory.train_seconds, 4),
                loss_nats=memory.pending_loss_nats / memory.pending_steps,
                gradient_norm=memory.gradient_norm,
                relative_change=memory.relative_change,
            )
        )
        memory.pending_steps, memory.pending_loss_nats = 0, 0.0
        memory.next_report_s = memory.nominal_s + schedule.STEPS_EVERY_S

    def take_exam(self, *, is_full: bool = False) -> ExamTaken:
        """Grade the fixed sample; or every card, which leaves the schedule of exams as it is."""
        memory = self.memory
        self._n_asked = 0
        exam = self.examiner.take(
            self.learner.step,
            memory.cards_taught,
            is_full=is_full,
            between=self._asked if is_full else None,
        )
        self.ledger.examined(self.examiner.held_out, self.examiner.marks, self.learner.step)
        if not is_full:
            n_sample, now_s = self.examiner.n_sample, memory.nominal_s
            gap_s = schedule.exam_gap_s(self.cost, n_sample, now_s)
            memory.next_exam_s = memory.nominal_s + gap_s
            note_progress(memory, exam)
        self._keeper.emit(exam)
        self.exam = exam
        self._mark_deck(is_full)
        self.on_exam()
        return exam

    def _asked(self, n_cards: int) -> None:
        self._n_asked += n_cards
        self.on_asked(self._n_asked, len(self.deck.cards))

    def save(self, *, is_anew: bool = False, is_kept: bool = False) -> None:
        """Make everything up to this step durable; `is_anew` also when it was before.

        `is_kept`: for good.
        """
        state = self._taught.to_bytes()
        self._keeper.save(self.learner.step, state, is_anew=is_anew, is_kept=is_kept)

    def _draw(self, card_index: int, n_cards: int) -> Correction:
        card = self.deck.cards[card_index]
        return Correction(
            card_index=card_index,
            prompt=card.prompt,
            answer=card.answer,
            section=card.section,
            times_seen=self.ledger.times_seen[card_index],
            n_cards=n_cards,
            history=self.ledger.history(card_index),
        )

    def _with_guess(self, correction: Correction, mark: Mark) -> Correction:
        guess = self.learner.guess(correction.card_index)
        said = "".join(piece.text for piece in guess)
        is_by_rule = mark != "right" and self.examiner.sections.is_by_rule(
            correction.card_index, said
        )
        return msgspec.structs.replace(correction, guess=guess, mark=mark, is_by_rule=is_by_rule)

    def _enter(self, phase: Phase, correction: Correction, phase_s: Mapping[Phase, float]) -> None:
        if phase_s:
            step = self.learner.step
            is_held = self.is_walking()
            self._keeper.emit(
                PhaseEntered(step=step, phase=phase, correction=correction, is_held=is_held)
            )

    def _stand(self, phase: Phase, phase_s: Mapping[Phase, float]) -> None:
        if phase_s:
            self._keeper.flush()
            self._hold(phase_s[phase])

    def _say_recipe(self, *, is_single: bool) -> None:
        """Before an update that is made another way than the one before it: how."""
        recipe = RecipeChanged(
            step=self.learner.step,
            is_single=is_single,
            learning_rate_factor=self.memory.learning_rate_factor,
            order=self._order.name,
            seed=self._order.seed,
        )
        before = self._keeper.state.recipe
        if before is None or msgspec.structs.replace(before, step=recipe.step) != recipe:
            self._keeper.emit(recipe)

    def _adjust(
        self,
        study: Study,
        seconds: float,
        correction: Correction | None,
        ripple: list[int],
        *,
        is_detailed: bool = False,
    ) -> Correction | None:
        """The update itself, and its bookkeeping; the correction with what it changed."""
        memory = self.memory
        started = self._clock()
        self._adjustment = self.learner.adjust(
            study,
            memory.learning_rate_factor,
            measured_row=None if correction is None else 0,
            ripple=ripple,
            is_detailed=is_detailed,
        )
        if not self.learner.is_finite:
            return None
        self.ledger.studied(study.card_indices, study.marks, self.learner.step)
        self._order.studied(study.card_indices, study.marks, study.piece_nats)
        memory.position, memory.after_change = self._order.position, self._order.after
        memory.cards_taught += len(study.card_indices)
        memory.train_seconds += seconds + self._clock() - started
        memory.nominal_s += self.cost.step_s(len(study.card_indices))
        memory.pending_steps += 1
        memory.pending_loss_nats += study.loss_nats
        memory.gradient_norm = self._adjustment.gradient_norm
        memory.relative_change = self._adjustment.relative_change
        self.on_adjusted(study, is_detailed)
        if correction is None or self._adjustment.after is None:
            return None
        return msgspec.structs.replace(
            correction, pieces=self._adjustment.after, change=self._adjustment.change
        )

    def _report(
        self, correction: Correction | None, details: UpdateDetails | None, *, is_shown: bool
    ) -> None:
        memory = self.memory
        if not self.learner.is_finite:
            return
        if is_shown or memory.nominal_s >= memory.next_report_s:
            self.report_steps()
        if correction is not None:
            self._keeper.emit(CorrectionMeasured(step=self.learner.step, correction=correction))
            self._detail(details)
        if memory.nominal_s >= memory.next_exam_s or (is_shown and memory.speed != "full"):
            self.take_exam()
        if self._keeper.is_save_due(self.learner.step):
            self.save()

    def mark_last_exam(self) -> None:
        """Tell the marks of the last exam, if they were left out as too many: its scores stay."""
        if self.exam is not None and self._marked_exam is not self.exam:
            self._mark_deck(is_full=True)

    def _mark_deck(self, is_full: bool) -> None:
        memory = self.memory
        allowed = schedule.MARKS_BYTES_FREE + schedule.MARKS_BYTES_PER_STEP * self.learner.step
        if is_full or (memory.nominal_s >= memory.next_marks_s and memory.marks_bytes <= allowed):
            marks = pack(bytes(self.examiner.marks))
            memory.marks_bytes += len(marks)
            if memory.speed == "full":
                memory.next_marks_s = memory.nominal_s + schedule.MARKS_EVERY_S
            self._keeper.emit(DeckMarked(step=self.learner.step, marks=marks))
            self._marked_exam = self.exam


def _replace(details: UpdateDetails, **known: object) -> UpdateDetails:
    """The details with what is known now."""
    return msgspec.structs.replace(details, **known)
