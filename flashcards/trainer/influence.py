"""Who taught it this: which taught cards' updates lowered the error of each pinned card.

With one card an update its share is exact: the pinned card's error after it, less that before. Of
updates with more, the error is measured every few updates, which gives their sum exactly, and that
is shared among their cards by how well each card's gradient aligns with the pinned one's
(`learner.alignment`; how good that is: docs/experiments.md, "Who taught it this?"). An update is
the optimizer's, so its momentum from the cards before is part of a card's share.

Only looks: nothing of it is saved or taught. A lesson that goes on counts anew, from `since_step`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from torch import Tensor

from flashcards.learner.alignment import Slopes, aligned, slopes
from flashcards.learner.study import Study
from flashcards.runs.events import PinTaught
from flashcards.runs.values import TaughtBy
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.prompts import PromptIndex
from flashcards.trainer.teaching import Taught

MEASURED_EVERY = 16
"""Updates with several cards between two measurements: with 8 pins that costs a few hundredths."""

TOLD_EVERY_S = 1.0
N_BY, N_AGAINST = 5, 3


@dataclass
class _Account:
    """What was noted for one pinned card.

    Attributes:
        since_step: Counted from here.
        exact: Nats by taught card, of updates with one card.
        alignment, n_times: By taught card, of the other updates.
        n_shared: How many places in those updates there were; `shared_nats` they changed in all.
        fit: Sums of change times alignment, and of alignment squared, over measurements.
        pending: Alignment of the updates not measured yet.
    """

    prompt: str
    card_index: int
    since_step: int
    n_updates: int = 0
    exact: dict[int, float] = field(default_factory=dict)
    alignment: dict[int, float] = field(default_factory=dict)
    n_times: Counter[int] = field(default_factory=Counter)
    shared_nats: float = 0.0
    fit: tuple[float, float] = (0.0, 0.0)
    pending: float = 0.0

    def shares(self) -> dict[int, float]:
        """Nats by taught card; their sum is the measured change.

        What alignment explains of the shared change is given by it, the rest to all alike.
        """
        product, square = self.fit
        rate = min(0.0, product / square) if square > 0 else 0.0
        rest = self.shared_nats - rate * sum(self.alignment.values())
        n_shared = self.n_times.total()
        shares = dict(self.exact)
        for card_index, n in self.n_times.items():
            share = rate * self.alignment[card_index] + rest * n / n_shared
            shares[card_index] = shares.get(card_index, 0.0) + share
        return shares


class Influence:
    """Keeps the accounts of the pinned prompts that are cards."""

    def __init__(self, taught: Taught, keeper: Keeper) -> None:
        self._taught = taught
        self._keeper = keeper
        self.clear()

    def clear(self) -> None:
        """Count anew: the deck or the model is another."""
        self._prompts: tuple[str, ...] = ()
        self._accounts: list[_Account] = []
        self._nats: tuple[float, ...] = ()
        self._slopes: Slopes | None = None
        self._n_pending = 0
        self._next_s = 0.0

    def adjusted(self, study: Study, index: PromptIndex, *, is_explained: bool) -> None:
        """An update was made from this study.

        Raises:
            OSError: the log can't be written.
        """
        pins = self._keeper.state.pins
        if not pins and not self._prompts:
            return
        if tuple(pins) != self._prompts:
            self._take(tuple(pins), index)
            return
        if not self._accounts:
            return
        if len(study.card_indices) == 1 and self._n_pending == 0:
            self._note_exactly(study.card_indices[0])
        else:
            self._note_shares(study)
            if self._n_pending >= MEASURED_EVERY or len(study.card_indices) == 1:
                self._settle()
        is_settled = self._n_pending == 0
        if is_settled and (is_explained or self._taught.memory.nominal_s >= self._next_s):
            self._next_s = self._taught.memory.nominal_s + TOLD_EVERY_S
            self.tell()

    def tell(self) -> None:
        """Say what is known.

        Raises:
            OSError: the log can't be written.
        """
        cards = self._taught.deck.cards
        for account in self._accounts:
            shares = sorted(account.shares().items(), key=lambda share: share[1])
            if not shares:
                continue
            told = [TaughtBy(cards[i].prompt, nats) for i, nats in shares]
            self._keeper.emit(
                PinTaught(
                    step=self._taught.learner.step,
                    prompt=account.prompt,
                    by=tuple(by for by in told[:N_BY] if by.change_nats < 0),
                    against=tuple(by for by in told[::-1][:N_AGAINST] if by.change_nats > 0),
                    is_exact=not account.n_times,
                    n_updates=account.n_updates,
                    n_cards=len(shares),
                    total_nats=sum(nats for _, nats in shares),
                    since_step=account.since_step,
                )
            )

    def _take(self, prompts: tuple[str, ...], index: PromptIndex) -> None:
        """Other prompts are pinned now: those that stay keep their accounts.

        The update just made is left out: the new ones' error before it is not known.
        """
        if self._n_pending:
            self._settle()
        kept = {account.prompt: account for account in self._accounts}
        self._prompts = prompts
        self._accounts = []
        for prompt in prompts:
            cards = index.same(prompt)
            if cards:
                new = _Account(prompt, cards[0], self._taught.learner.step)
                self._accounts.append(kept.get(prompt, new))
        if self._accounts:
            self._measure()
        else:
            self._nats, self._slopes = (), None

    def _note_exactly(self, card_index: int) -> None:
        before = self._nats
        self._measure()
        for account, old, new in zip(self._accounts, before, self._nats, strict=True):
            account.n_updates += 1
            account.exact[card_index] = account.exact.get(card_index, 0.0) + new - old

    def _note_shares(self, study: Study) -> None:
        assert self._slopes is not None
        products: Tensor = aligned(self._slopes, slopes(study)) / len(study.batch.targets)
        self._n_pending += 1
        for account, row in zip(self._accounts, products.tolist(), strict=True):
            account.n_updates += 1
            account.pending += sum(row)
            account.n_times.update(study.card_indices)
            for card_index, product in zip(study.card_indices, row, strict=True):
                account.alignment[card_index] = account.alignment.get(card_index, 0.0) + product

    def _settle(self) -> None:
        """Measure what the updates since the last time changed."""
        before = self._nats
        self._measure()
        self._n_pending = 0
        for account, old, new in zip(self._accounts, before, self._nats, strict=True):
            product, square = account.fit
            account.fit = (
                product + (new - old) * account.pending,
                square + account.pending * account.pending,
            )
            account.shared_nats += new - old
            account.pending = 0.0

    def _measure(self) -> None:
        study = self._taught.learner.study([account.card_index for account in self._accounts])
        self._nats, self._slopes = study.card_nats, slopes(study)
