"""A batch in shards: the gradient is the whole batch's, and the same however shards are shared."""

import pytest
import torch

from flashcards.learner.learner import Learner
from flashcards.learner.optimizer import layer_by_layer
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.shards import Gradients, branches, ranges, summed
from tests.learner.decks import sums


def learner_of(n_shards: int) -> Learner:
    deck = sums(8)
    settings = LearnerSettings.for_deck(deck, {"n_ahead": 2, "n_shards": n_shards})
    return Learner.create(deck, settings, seed=1)


@pytest.mark.parametrize("n_cards", [1, 3, 21])
def test_the_sum_of_the_shards_gradients_is_the_batchs(n_cards: int) -> None:
    plain, divided = learner_of(1), learner_of(4)
    cards = range(n_cards)
    whole, study = plain.study(cards), divided.study(cards)
    assert study.shards is not None
    assert study.loss_nats == pytest.approx(whole.loss_nats)
    assert study.marks == whole.marks
    torch.testing.assert_close(study.inputs, whole.inputs, atol=1e-5, rtol=1e-5)
    mine = study.shards.gradients
    right = torch.autograd.grad(whole.loss, list(plain.weights.named().values()))
    for gradient, wanted in zip(mine, right, strict=True):
        torch.testing.assert_close(gradient, wanted, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("n_processes", [1, 2, 3, 4])
@pytest.mark.parametrize("n_shards", [1, 2, 4, 5])
def test_who_computes_a_shard_changes_no_bit_of_the_sum(n_shards: int, n_processes: int) -> None:
    generator = torch.Generator().manual_seed(n_shards)
    shards = [torch.randn(50, generator=generator) for _ in range(n_shards)]

    def leaf(branch: tuple[int, int]) -> Gradients | None:
        low, high = branch
        return [shards[low].clone()] if high - low == 1 else None

    received = {
        branch: summed(*branch, leaf)
        for own in ranges(n_shards, n_processes)
        for branch in branches(0, n_shards, own)
    }
    assert sorted(shard for branch in received for shard in range(*branch)) == [*range(n_shards)]
    (alone,), (together,) = summed(0, n_shards, leaf), summed(0, n_shards, received.get)
    assert torch.equal(alone, together)
    torch.testing.assert_close(alone, torch.stack(shards).sum(0))


def test_layers_are_orthogonalised_alike_wherever_it_is_done() -> None:
    stack = torch.randn(4, 3, 40, 16, generator=torch.Generator().manual_seed(1))
    parts = [layer_by_layer([stack[own.start : own.stop]], 3)[0] for own in ranges(4, 2)]
    assert torch.equal(layer_by_layer([stack], 3)[0], torch.cat(parts))
