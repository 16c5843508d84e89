"""The speed of training itself: against a bare loop, and against this machine's matrix product.

`python -m flashcards.bench.speed` prints the figures as JSON: a process of its own, because it
imports torch. Times are CPU times of its one thread: other work on the machine disturbs them least.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import msgspec
import torch
import torch.nn.functional as F

from flashcards.bench.figures import Figure, figure, spread_of
from flashcards.cards.card import Deck
from flashcards.cards.shelf import find, load
from flashcards.learner.compiled import where_compiled
from flashcards.learner.encoding import Batch
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.trainer.ledger import CardLedger

DECK, SEED = "addition", 1
N_ROUNDS, STEPS_A_ROUND, SGEMMS_A_ROUND, SGEMM_SIZE = 40, 10, 10, 512
WARM_STEPS = 20


def flops_of(batch: Batch, n_sayable: int, settings: LearnerSettings) -> int:
    """Floating point operations of forward and backward on this batch.

    Matrix products alone, two operations a multiply-add; the backward pass has two products for
    each of the forward's. Queries, keys and values of every layer are counted at every position;
    the last layer's output projection and MLP, and the head, at the positions asked, as they are
    computed. Of attention only what causality leaves is counted: T (T + 1) / 2 pairs a head.
    """
    n_cards, n_pieces = batch.ids.shape
    n_everywhere, n_asked = n_cards * n_pieces, len(batch.asked)
    width, hidden, n_layers = settings.width, settings.hidden, settings.n_layers
    after_mixing = width * width + 3 * width * hidden
    n_pairs = n_cards * n_pieces * (n_pieces + 1) // 2
    multiply_adds = (
        n_layers * n_everywhere * 3 * width * width
        + ((n_layers - 1) * n_everywhere + n_asked) * after_mixing
        + n_layers * n_pairs * 2 * width
        + n_asked * n_sayable * width
    )
    return 3 * 2 * multiply_adds


def _settings(deck: Deck) -> LearnerSettings:
    return where_compiled(LearnerSettings.for_deck(deck), "cpu")


class Bare:
    """Forward, backward, optimizer on batches made beforehand, and nothing else."""

    def __init__(self, deck: Deck, n_batches: int) -> None:
        self._learner = learner = Learner.create(deck, _settings(deck), SEED)
        order, n_cards = CardOrder(deck.taught, SEED), learner.settings.batch_size
        self._batches = [learner._encoding.batch(order.next(n_cards)) for _ in range(n_batches)]
        self._next = 0

    @property
    def flops(self) -> float:
        """Of forward and backward, the mean over the batches."""
        n_pieces, settings = self._learner.n_pieces, self._learner.settings
        return statistics.mean(flops_of(batch, n_pieces, settings) for batch in self._batches)

    def gradients(self) -> tuple[torch.Tensor, ...]:
        batch = self._batches[self._next % len(self._batches)]
        self._next += 1
        logits = self._learner._logits(self._learner._weights, batch)
        loss = F.cross_entropy(logits, batch.targets)
        return torch.autograd.grad(loss, self._learner._parameters)

    def update(self) -> None:
        self._learner._optimizer.update(self.gradients(), 0.1)


class Ours:
    """An update as a lesson makes it: cards drawn, read, marked, measured, averaged, noted."""

    def __init__(self, deck: Deck) -> None:
        settings = _settings(deck)
        self._learner = Learner.create(deck, settings, SEED)
        self._order = CardOrder(deck.taught, SEED)
        self._ledger = CardLedger(len(deck.cards))
        self._batch_size = settings.batch_size

    def update(self) -> None:
        study = self._learner.study(self._order.next(self._batch_size))
        self._learner.adjust(study)
        self._ledger.studied(study.card_indices, study.marks, self._learner.step)


def speed(n_rounds: int = N_ROUNDS, steps_a_round: int = STEPS_A_ROUND) -> list[Figure]:
    deck = load(find(DECK))[0]
    ours, bare = Ours(deck), Bare(deck, n_batches=50)
    square = torch.randn(SGEMM_SIZE, SGEMM_SIZE)
    product = torch.empty_like(square)
    sides: dict[str, tuple[Callable[[], object], int]] = {
        "ours": (ours.update, steps_a_round),
        "bare": (bare.update, steps_a_round),
        "gradients": (bare.gradients, steps_a_round),
        "sgemm": (lambda: torch.mm(square, square, out=product), SGEMMS_A_ROUND),
    }
    for work, _ in sides.values():
        for _ in range(WARM_STEPS):
            work()
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(n_rounds):
        for name, (work, n) in sides.items():
            started_s = time.thread_time()
            for _ in range(n):
                work()
            times[name].append((time.thread_time() - started_s) / n)
    return figures(times, bare.flops)


def figures(times: dict[str, list[float]], flops: float) -> list[Figure]:
    """What came of the times in seconds of an update of ours, bare, of its gradients, of sgemm."""
    ours, bare, gradients, sgemm = times["ours"], times["bare"], times["gradients"], times["sgemm"]
    peak = 2 * SGEMM_SIZE**3 / statistics.median(sgemm)
    reached = flops / statistics.median(gradients)
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    best = flops / min(gradients) / (2 * SGEMM_SIZE**3 / min(sgemm))
    return [
        figure(
            "training step",
            ratio,
            "× a bare loop",
            f"{1 / statistics.median(ours):.0f} against {1 / statistics.median(bare):.0f} "
            f"steps/s of forward, backward, optimizer; {len(ours)} turns, CPU time",
            digits=3,
            at_most=1.15,
            spread=spread_of(ours, bare),
        ),
        figure(
            "forward and backward",
            100 * reached / peak,
            "% of the sgemm peak",
            f"{reached / 1e9:.0f} of {peak / 1e9:.0f} GFLOP/s at one thread, "
            f"{flops / 1e6:.0f} MFLOP a batch; {100 * best:.1f} % at the quickest of "
            f"{len(gradients)} turns",
            at_least=45,
            spread=spread_of(gradients, sgemm),
        ),
    ]


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(speed()))
