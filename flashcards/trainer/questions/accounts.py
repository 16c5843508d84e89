"""The accounts of who taught each pinned card: what is known so far, saved with a lesson.

`influence` keeps them; here they are values. A lesson that goes on counts on as if it had never
stopped: updates that were not measured yet are saved too, with what they will be measured against.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
import torch

from flashcards.cards import card, chapters
from flashcards.learner.learner import Learner
from flashcards.learner.saving import bytes_of, floats_of
from flashcards.learner.study import Slopes, Study, slopes
from flashcards.trainer.questions.prompts import PromptIndex

N = TypeVar("N", int, float)

GONE = -1  # The card index of all cards that the deck has no more: their shares stay in the sums


class Account(msgspec.Struct, kw_only=True):
    """The account of one pinned card.

    Attributes:
        since_step: Counted from here.
        exact: Nats by taught card, of updates with one card.
        alignment, n_times: By taught card, of the other updates.
        shared_nats: How much those updates changed in all.
        fit: Sums of change times alignment, and of alignment squared, over measurements.
        pending: Alignment of the updates not measured yet.
    """

    prompt: str
    card_index: int
    since_step: int
    exact: dict[int, float] = msgspec.field(default_factory=dict)
    alignment: dict[int, float] = msgspec.field(default_factory=dict)
    n_times: dict[int, int] = msgspec.field(default_factory=dict)
    shared_nats: float = 0.0
    fit: tuple[float, float] = (0.0, 0.0)
    pending: float = 0.0

    def shares(self) -> dict[int, float]:
        """Nats by taught card; their sum is the measured change.
        What alignment explains of the shared change is given by it, the rest to all alike."""
        product, square = self.fit
        rate = min(0.0, product / square) if square > 0 else 0.0
        rest = self.shared_nats - rate * sum(self.alignment.values())
        n_shared = sum(self.n_times.values())
        shares = dict(self.exact)
        for card_index, n in self.n_times.items():
            share = rate * self.alignment[card_index] + rest * n / n_shared
            shares[card_index] = shares.get(card_index, 0.0) + share
        return shares

    def remapped(self, card_index: int, new_of: dict[int, int]) -> Account:
        return msgspec.structs.replace(
            self,
            card_index=card_index,
            exact=_remapped(self.exact, new_of),
            alignment=_remapped(self.alignment, new_of),
            n_times=_remapped(self.n_times, new_of),
        )


@dataclass
class Accounts:
    """All of them.

    Attributes:
        prompts: What was pinned at the last update, cards or not.
        of: An account for each of these that is a card.
        nats, slopes: The pinned cards' errors and gradients when they were last measured.
        n_pending: Updates since then.
        next_s: When they are told again, in nominal time.
    """

    prompts: tuple[str, ...] = ()
    of: list[Account] = field(default_factory=list)
    nats: tuple[float, ...] = ()
    slopes: Slopes | None = None
    n_pending: int = 0
    next_s: float = 0.0

    @classmethod
    def of_pins(
        cls, prompts: tuple[str, ...], of: list[Account], next_s: float, learner: Learner
    ) -> Accounts:
        if not prompts:
            return cls()
        accounts = cls(prompts=prompts, of=of, next_s=next_s)
        if of:
            accounts.start_from(accounts.read(learner))
        return accounts

    def read(self, learner: Learner) -> Study:
        """The pinned cards as the model reads them now; there is at least one."""
        return learner.study([account.card_index for account in self.of])

    def start_from(self, study: Study) -> None:
        self.nats = study.card_nats
        self.slopes = slopes(study)

    def flush_pending(self, study: Study) -> None:
        """Book the change since the last measurement, given a new reading."""
        for account, old, new in zip(self.of, self.nats, study.card_nats, strict=True):
            product, square = account.fit
            account.fit = (
                product + (new - old) * account.pending,
                square + account.pending * account.pending,
            )
            account.shared_nats += new - old
            account.pending = 0.0
        self.n_pending = 0
        self.start_from(study)

    def remapped(self, changes: chapters.Difference, deck: card.Deck, learner: Learner) -> Accounts:
        """The accounts, settled, in a changed deck that the learner has taken.
        They go on while their card is the same; one that came or changed is counted from here on.
        Other answers may be said now, which alters errors: they are read anew."""
        if not self.prompts:
            return self
        index = PromptIndex(deck)
        new_of = {old: new for new, old in enumerate(changes.before) if old is not None}
        account_of = {new_of.get(account.card_index): account for account in self.of}
        changed = set(changes.changed)
        of = []
        for prompt in self.prompts:
            for card_index in index.same(prompt)[:1]:
                new = Account(prompt=prompt, card_index=card_index, since_step=learner.step)
                account = None if card_index in changed else account_of.get(card_index)
                of.append(new if account is None else account.remapped(card_index, new_of))
        return Accounts.of_pins(self.prompts, of, self.next_s, learner)

    def to_bytes(self) -> bytes:
        measured = None
        if self.slopes is not None:
            measured = _SavedSlopes(
                card_of=tuple(self.slopes.row_of.tolist()),
                errors=bytes_of(self.slopes.errors),
                inputs=bytes_of(self.slopes.inputs),
            )
        return _encoder.encode(
            _Saved(self.prompts, self.of, self.nats, measured, self.n_pending, self.next_s)
        )

    @classmethod
    def from_bytes(cls, saved: bytes, device: str = "cpu") -> Accounts:
        """Read what `to_bytes` gave. Raises ValueError or msgspec.DecodeError: it did not."""
        known = _decoder.decode(saved)
        slopes = known.slopes
        measured = None
        if slopes is not None:
            n_places = len(slopes.card_of)
            measured = Slopes(
                floats_of(slopes.errors, n_places).to(device),
                floats_of(slopes.inputs, n_places).to(device),
                torch.tensor(slopes.card_of, device=device),
                len(known.of),
            )
        return cls(known.prompts, known.of, known.nats, measured, known.n_pending, known.next_s)


class _SavedSlopes(msgspec.Struct, frozen=True):
    """`Slopes`: which account each place asked is of, and a row of float32 a place."""

    card_of: tuple[int, ...]
    errors: bytes
    inputs: bytes


class _Saved(msgspec.Struct, frozen=True):
    prompts: tuple[str, ...]
    of: list[Account]
    nats: tuple[float, ...]
    slopes: _SavedSlopes | None
    n_pending: int
    next_s: float


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Saved)


def _remapped(by_card: dict[int, N], new_of: dict[int, int]) -> dict[int, N]:
    """The same by new indices; values of removed cards are summed under `GONE`."""
    remapped: dict[int, N] = {}
    for old, value in by_card.items():
        new = new_of.get(old, GONE)
        remapped[new] = remapped[new] + value if new in remapped else value
    return remapped
