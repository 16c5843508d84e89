"""The effect of learning's steps, report by report: how far they move the numbers, and a break.

A part of the folded state, so that live, replay and recording say the same of the same step, and
that a break stays where it was found, however long the run goes on. Knows no words and no screen.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from flashcards.runs.history import History
from flashcards.runs.values import OrderName

BreakSign = Literal["not_a_number", "above_guessing", "forgot"]
StepSize = Literal["small", "usual", "large"]
Regime = Literal[
    "unknown", "one_card", "too_small", "right", "learned", "too_large", "stuck", "broken"
]
"""The effect of the steps: "unknown" while too little was taught to tell, "one_card" where steps of
one card each say too little; "learned" when the error leaves hardly anything to correct, so that
steps of any size do little; "stuck" where they are so large that nothing is learned.

The bounds were measured on shipped decks at 1/64 to 256 times their learning rate
(docs/experiments.md, "How large a step may be")."""

OF_SIZE: dict[StepSize, Regime] = {"small": "too_small", "usual": "right", "large": "too_large"}

SMALL_STEP, LARGE_STEP = 0.0007, 0.012  # Size of one batch's update over the size of the weights

LEARNED = 0.002
SPOILT = 0.15
LOST = 0.6
STUCK = 0.85
ABOVE = 1.1
"""Shares of a blind guess's error: hardly anything left to correct; so much above the best, at a
raised rate, that it spoils more than it teaches; lost again after half of that was reached, which
also ends it; not learned, at a raised rate, after `STUCK_STEPS`; worse than guessing."""

SLACK = 1.3  # What was said holds until the bound is passed by this factor

N_REPORTS, N_UPDATES = 4, 24  # An error is the mean of at least so many of each

N_KEPT = 48
N_CHANGES = 8
N_TO_TELL = 3  # Reports at one learning rate before it is said what it does

FIRST_STEPS = 12
STUCK_STEPS = 60
"""Before the first the error is that of chance, whatever the steps."""

PLAIN_ORDERS: tuple[OrderName, ...] = ("shuffled", "deck")
"""The others give out more of what is wrong: a greater error is no break by itself there."""


class Break(msgspec.Struct, frozen=True, kw_only=True):
    """The moment at which the steps broke the model.

    Attributes:
        step: The first step of which the error was as bad as it is.
        sign: What shows it.
        before_nats: The mean error per answer piece at its best before, None without any.
        factor: What the deck's learning rate was multiplied by when it was found.
    """

    step: int
    sign: BreakSign
    before_nats: float | None
    factor: float


class StepWatch(msgspec.Struct, kw_only=True):
    """Follows one run's reports.

    Attributes:
        losses: Mean error per answer piece of each report, over the whole run.
        latest_nats: The same of the newest report; None before one, and after going back.
        reports: The last ones: updates in it, mean error per answer piece.
        changes: Sizes of updates over that of the weights, of the last reports at this rate.
        n_at_rate: Reports since the learning rate is what it is.
        factor: What the deck's learning rate is multiplied by.
        n_calm: Reports since the rate was above the deck's own; None when it never was.
        best_nats: The least mean error so far, in this order of cards and of this deck.
        exam_nats: The error of the taught cards in the last exam after the last sound report.
        below_above, below_lost: The last step whose report was not above these bounds.
        size, is_learned, is_stuck, is_spoiling: What is said of the steps, until the bound is
            clearly passed.
        broken: The break, until the model recovers.
        changed_at: The step at which the deck became another, 0 when it never did.
    """

    guessing_nats: float = 0.0
    losses: History = msgspec.field(default_factory=History)
    latest_nats: float | None = None
    reports: list[tuple[int, float]] = []
    changes: list[float] = []
    n_at_rate: int = 0
    factor: float = 1.0
    n_calm: int | None = None
    order: OrderName = "shuffled"
    is_single: bool = False
    step: int = 0
    best_nats: float | None = None
    exam_nats: float | None = None
    below_above: int = 0
    below_lost: int = 0
    size: StepSize = "usual"
    is_learned: bool = False
    is_stuck: bool = False
    is_spoiling: bool = False
    broken: Break | None = None
    changed_at: int = 0

    @property
    def loss_nats(self) -> float | None:
        """The mean error per answer piece in the last updates; None before any."""
        return self._mean(N_UPDATES)

    @property
    def relative_change(self) -> float | None:
        """The mean size of the last updates over that of the weights; None before any."""
        return sum(self.changes) / len(self.changes) if self.changes else None

    @property
    def regime(self) -> Regime:
        if self.broken is not None:
            return "broken"
        if self.loss_nats is None or self.guessing_nats <= 0 or self.step < FIRST_STEPS:
            return "unknown"
        if self.is_stuck:
            return "stuck"
        if self.is_learned and self.n_at_rate >= N_TO_TELL:
            return "learned"
        if self.is_single:
            return "one_card"
        if self.n_at_rate < N_TO_TELL or self.relative_change is None:
            return "unknown"
        return "too_large" if self.is_spoiling else OF_SIZE[self.size]

    @property
    def can_rewind(self) -> bool:
        """Tell whether there is something to go back from, so that a slip costs nothing: the model
        broke, or its raised rate does harm."""
        does_harm = self.factor > 1 and self.regime in ("too_large", "stuck")
        return self.broken is not None or does_harm

    def change_deck(self, step: int) -> None:
        """Forget the errors of the deck before."""
        self.changed_at = step
        self.reports = []
        self.best_nats = None
        self.exam_nats = None

    def set_rate(self, factor: float) -> None:
        if factor != self.factor:
            self.factor = factor
            self.n_at_rate = 0
            self.changes = []
            self.size = "usual"
            self.is_stuck = False
        if factor > 1:
            self.n_calm = 0

    def set_recipe(self, *, order: OrderName, is_single: bool) -> None:
        """Note the recipe: with another one errors are of other cards, and can't be compared."""
        if (order, is_single) != (self.order, self.is_single):
            self.order = order
            self.is_single = is_single
            self.reports = []
            self.best_nats = None
            self.exam_nats = None

    def report(self, step: int, loss_nats: float, relative_change: float | None) -> None:
        self.losses.append(step, loss_nats)
        self.latest_nats = loss_nats
        n_updates = max(1, step - self.step)
        self.step = max(self.step, step)
        if not math.isfinite(loss_nats):
            return
        before = self._mean(N_UPDATES) if len(self.reports) >= N_REPORTS else None
        if before is not None and (self.best_nats is None or before < self.best_nats):
            self.best_nats = before
        self.reports = [*self.reports, (n_updates, loss_nats)][-N_KEPT:]
        if relative_change is not None and math.isfinite(relative_change):
            self.changes = [*self.changes, relative_change][-N_CHANGES:]
        self.n_at_rate += 1
        if self.factor <= 1 and self.n_calm is not None:
            self.n_calm += 1
        if self.guessing_nats <= 0:
            return
        if loss_nats <= ABOVE * self.guessing_nats:
            self.below_above = step
        if loss_nats <= LOST * self.guessing_nats:
            self.below_lost = step
            self.exam_nats = None
        if step >= FIRST_STEPS:
            self._judge()

    def diverged(self, step: int) -> None:
        if self.broken is None:
            is_sudden = self.below_above >= self.step
            since = step if is_sudden else min(step, self.below_above + 1)
            self._break(since, "not_a_number")

    def went_back(self) -> None:
        """The run is an earlier one again, with another rate: nothing is broken."""
        self.broken = None
        self.n_calm = None

    def cut(self, step: int) -> StepWatch:
        """The same of the reports up to this step alone."""
        watch = StepWatch(
            guessing_nats=self.guessing_nats, order=self.order, is_single=self.is_single
        )
        self.losses.cut(step)
        for at, loss_nats in self.losses.points:
            watch.report(at, loss_nats, None)
        watch.losses = self.losses
        watch.latest_nats = None
        return watch

    def _judge(self) -> None:
        now, guess = self.loss_nats, self.guessing_nats
        assert now is not None
        if self.broken is not None:
            if now <= self._recovered_at(self.broken):
                self.broken = None
        elif self._is_above():
            self._break(min(self.step, self.below_above + 1), "above_guessing")
        elif self._is_lost(now):
            self._break(min(self.step, self.below_lost + 1), "forgot")
        stuck = STUCK * guess / (SLACK if self.is_stuck else 1.0)
        self.is_stuck = self.factor > 1 and self.step > STUCK_STEPS and now > stuck
        spoilt = SPOILT * guess / (SLACK if self.is_spoiling else 1.0)
        best = now if self.best_nats is None else self.best_nats
        self.is_spoiling = self.factor > 1 and now > best + spoilt
        learned = LEARNED * guess * (2.0 if self.is_learned else 1.0)
        self.is_learned = now <= learned
        change = self.relative_change
        if change is not None:
            self.size = self._size(change)

    def _size(self, change: float) -> StepSize:
        if change < SMALL_STEP * (SLACK if self.size == "small" else 1.0):
            return "small"
        if change > LARGE_STEP / (SLACK if self.size == "large" else 1.0):
            return "large"
        return "usual"

    def _is_above(self) -> bool:
        bound = ABOVE * self.guessing_nats
        if self.changed_at and self.step - self.changed_at <= STUCK_STEPS:
            return False  # it is sure of answers that are wrong now: its steps did not do that
        if self._is_suspect:
            now = self.loss_nats
        elif self.step > STUCK_STEPS and not self.is_single:
            now = self._mean(2 * N_UPDATES)
        else:
            return False
        return now is not None and now > bound and self._is_confirmed()

    def _is_lost(self, now: float) -> bool:
        guess, best = self.guessing_nats, self.best_nats
        is_lost = best is not None and best < LOST / 2 * guess and now > LOST * guess
        return is_lost and self._is_suspect and self._is_confirmed()

    @property
    def _is_suspect(self) -> bool:
        """True while the rate is above the deck's own, or was a moment ago."""
        return self.n_calm is not None and self.n_calm <= 2 * N_REPORTS

    def _is_confirmed(self) -> bool:
        if self.order in PLAIN_ORDERS:
            return True
        return self.exam_nats is not None and self.exam_nats > LOST / 2 * self.guessing_nats

    def _recovered_at(self, broken: Break) -> float:
        """The error at which it is half known again; below guessing if it never was."""
        half_known = LOST / 2 * self.guessing_nats
        had_learned = broken.before_nats is not None and broken.before_nats < half_known
        return half_known if had_learned else STUCK * self.guessing_nats

    def _break(self, step: int, sign: BreakSign) -> None:
        self.broken = Break(step=step, sign=sign, before_nats=self.best_nats, factor=self.factor)

    def _mean(self, n_updates: int) -> float | None:
        """The mean of as many of the last reports as it takes; None before any."""
        total = 0.0
        n = 0
        for i, (n_told, loss) in enumerate(reversed(self.reports)):
            if i >= N_REPORTS and n >= n_updates:
                break
            total += n_told * loss
            n += n_told
        return total / n if n else None
