"""Shares of taught cards in what was learned: whose updates lowered each pinned card's error.

With one card an update its share is exact: the pinned card's error after it, less that before. Of
updates with more, the error is measured every few updates, which gives their sum exactly, and that
is shared among their cards by how well each card's gradient aligns with the pinned one's
(`study.aligned`; how good that is: docs/experiments.md, "Who taught it this?"). An update is
the optimizer's, so its momentum from the cards before is part of a card's share.

Only looks: nothing of it is taught. What it knows are the lesson's `accounts`, saved with it.
"""

from torch import Tensor

from flashcards.learner.study import Study, aligned, slopes
from flashcards.runs import events, values
from flashcards.trainer.keeper import Recorder
from flashcards.trainer.questions.accounts import GONE, Account, Accounts
from flashcards.trainer.questions.asking import DeckIndex
from flashcards.trainer.training_state import TrainingState

MEASURED_EVERY = 16  # Updates of several cards; with 8 pins that costs a few hundredths

TOLD_EVERY_S = 1.0
N_BY = 5


class Influence:
    def __init__(self, training: TrainingState, keeper: Recorder, index: DeckIndex) -> None:
        self._training = training
        self._keeper = keeper
        self._index = index

    def adjusted(self, study: Study, *, is_explained: bool) -> None:
        """Count the update just made, which taught the cards of this study."""
        accounts = self._training.accounts
        pins = tuple(self._keeper.state.pins)
        if pins != accounts.prompts:
            self._take(pins)
            return
        if not accounts.of:
            return
        if len(study.card_indices) == 1 and accounts.n_pending == 0:
            self._note_exactly(study.card_indices[0])
        else:
            self._note_shares(study)
            if accounts.n_pending >= MEASURED_EVERY or len(study.card_indices) == 1:
                accounts.flush_pending(accounts.read(self._training.learner))
        is_settled = accounts.n_pending == 0
        if is_settled and (is_explained or self._training.memory.nominal_s >= accounts.next_s):
            accounts.next_s = self._training.memory.nominal_s + TOLD_EVERY_S
            self._tell()

    def _tell(self) -> None:
        cards = self._training.deck.cards
        for account in self._training.accounts.of:
            shares = sorted(account.shares().items(), key=lambda share: share[1])
            if not shares:
                continue
            shares_told = [
                values.TaughtBy(cards[i].prompt, nats) for i, nats in shares if i != GONE
            ]
            self._keeper.emit(
                events.PinTaught(
                    step=self._training.learner.step,
                    prompt=account.prompt,
                    by=tuple(by for by in shares_told[:N_BY] if by.change_nats < 0),
                    is_exact=not account.n_times,
                    since_step=account.since_step,
                )
            )

    def _take(self, prompts: tuple[str, ...]) -> None:
        """Other prompts are pinned now: those that stay keep their accounts.
        The update just made is left out: the new ones' error before it is not known."""
        accounts = self._training.accounts
        learner = self._training.learner
        if accounts.n_pending:
            accounts.flush_pending(accounts.read(learner))
        account_of = {account.prompt: account for account in accounts.of}
        of = [
            account_of.get(
                prompt, Account(prompt=prompt, card_index=card_index, since_step=learner.step)
            )
            for prompt in prompts
            for card_index in self._index.now.same(prompt)[:1]
        ]
        self._training.accounts = Accounts.of_pins(prompts, of, accounts.next_s, learner)

    def _note_exactly(self, card_index: int) -> None:
        accounts = self._training.accounts
        before = accounts.nats
        accounts.start_from(accounts.read(self._training.learner))
        for account, old, new in zip(accounts.of, before, accounts.nats, strict=True):
            account.exact[card_index] = account.exact.get(card_index, 0.0) + new - old

    def _note_shares(self, study: Study) -> None:
        accounts = self._training.accounts
        assert accounts.slopes is not None
        products: Tensor = aligned(accounts.slopes, slopes(study)) / len(study.batch.targets)
        accounts.n_pending += 1
        for account, row in zip(accounts.of, products.tolist(), strict=True):
            account.pending += sum(row)
            for card_index, product in zip(study.card_indices, row, strict=True):
                account.n_times[card_index] = account.n_times.get(card_index, 0) + 1
                account.alignment[card_index] = account.alignment.get(card_index, 0.0) + product
