"""The adapter: its gradients are torch's, it learns beside the model, and it comes off whole."""

import pytest
import torch

from flashcards.learner.adapter import MATRICES, Adapter
from flashcards.learner.learner import Learner
from flashcards.learner.model import Weights
from flashcards.learner.order import CardOrder
from flashcards.learner.saving import SavedError
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.trained import LAYERED
from flashcards.runs.values import Learns
from tests.learner import plainly
from tests.learner.decks import sums

DECK = sums(12, 30)
CARDS = (0, 5, 9)
SETTINGS = LearnerSettings.for_deck(DECK, {"n_layers": 2})


def taught(n_steps: int = 8) -> Learner:
    learner = Learner.create(DECK, SETTINGS, seed=3)
    go_on(learner, n_steps)
    return learner


def go_on(learner: Learner, n_steps: int, learns: Learns = "all") -> None:
    order = CardOrder(DECK.taught, seed=learner.step)
    for _ in range(n_steps):
        learner.let_learn(learns)
        learner.adjust(learner.study(order.next(16)))


@pytest.mark.slow
def test_the_slopes_of_both_thin_matrices_are_those_of_autograd() -> None:
    learner = taught()
    go_on(learner, 2, "adapter")
    adapter = learner.adapter
    assert isinstance(adapter, Adapter)
    study = learner.study(CARDS)
    gradients = torch.autograd.grad(study.loss, learner.parameters)
    slopes = adapter.slopes(gradients)

    saved = adapter.state()
    names = [f"{way}_{name}" for way in ("up", "down") for name in MATRICES]
    parts = {name: saved[name].clone().requires_grad_() for name in names}
    weights = learner.views(adapter.aside[0].clone())
    matrices = {
        name: getattr(weights, name) + parts[f"up_{name}"] @ parts[f"down_{name}"]
        for name in MATRICES
    }
    effective = Weights(**{**weights.named(), **matrices})
    nats = []
    for card_index in CARDS:
        ids = learner.encoding.sequence(card_index)
        stream = plainly.passed(effective, ids[:-1], SETTINGS).streams[-1]
        for place in range(learner.encoding.n_asked[card_index]):
            at = len(ids) - 2 - place
            shares = plainly.spread(effective, stream[at], learner.encoding.sayable)
            nats.append(-shares[learner.encoding.sayable.index(ids[at + 1])].log())
    loss = torch.stack(nats).mean()
    torch.testing.assert_close(loss.detach(), study.loss.detach(), rtol=1e-4, atol=1e-5)
    expected = torch.autograd.grad(loss, list(parts.values()))
    for name, slope in zip(parts, expected, strict=True):
        assert slope.abs().max() > 0
        torch.testing.assert_close(slopes[name], slope, rtol=1e-3, atol=1e-6)


def test_an_adapter_changes_nothing_before_its_first_update_and_only_matrices_after() -> None:
    learner = taught()
    before = learner.flat.detach().clone()
    learner.let_learn("adapter")
    assert torch.equal(learner.flat, before)
    go_on(learner, 3, "adapter")
    now, was = learner.weights.named(), learner.views(before).named()
    changed = {name for name in now if not torch.equal(now[name], was[name])}
    assert changed == set(MATRICES)
    assert learner.n_learned("adapter") < learner.n_parameters / 10


@pytest.mark.slow
def test_off_is_the_model_from_before_bit_for_bit_and_on_is_the_one_after() -> None:
    learner = taught()
    prompts = [card.prompt for card in DECK.cards]
    old = (learner.weights_sha256(), [a.text for a in learner.answer_each(prompts)])
    go_on(learner, 30, "adapter")
    new = (learner.weights_sha256(), [a.text for a in learner.answer_each(prompts)])
    assert new[0] != old[0]
    assert new[1] != old[1]
    assert learner.switch_adapter(is_on=False)
    assert (learner.weights_sha256(), [a.text for a in learner.answer_each(prompts)]) == old
    assert not learner.switch_adapter(is_on=False)
    assert learner.switch_adapter(is_on=True)
    assert (learner.weights_sha256(), [a.text for a in learner.answer_each(prompts)]) == new


@pytest.mark.slow
@pytest.mark.parametrize("is_on", [True, False])
def test_a_saved_adapter_goes_on_as_if_it_had_never_stopped(is_on: bool) -> None:
    whole, stopped = taught(), taught()
    go_on(whole, 4, "adapter")
    go_on(stopped, 4, "adapter")
    stopped.switch_adapter(is_on=is_on)
    saved = stopped.save({"a": b"1"})
    again, extra = Learner.restore(DECK, SETTINGS, stopped.tokenizer_model, saved)
    assert extra == {"a": b"1"}
    assert again.adapter is not None
    assert again.adapter.is_on is is_on
    assert again.save({"a": b"1"}) == saved
    other = taught(1)
    other.become(again)
    for learner in (whole, again, other):
        go_on(learner, 4, "adapter")
        go_on(learner, 2, "all")
    assert whole.save({}) == again.save({}) == other.save({})


def test_a_state_without_an_adapter_takes_it_away_and_a_damaged_one_changes_nothing() -> None:
    bare, learner = taught(), taught()
    saved = bare.save({})
    go_on(learner, 2, "adapter")
    with_adapter = learner.save({})
    with pytest.raises(SavedError):
        learner.load(saved[:-4])
    assert learner.save({}) == with_adapter
    learner.load(saved)
    assert learner.adapter is None
    assert learner.save({}) == saved


def test_when_all_learns_again_the_adapter_stays_in_the_model_even_if_it_was_off() -> None:
    learner = taught()
    go_on(learner, 4, "adapter")
    sha = learner.weights_sha256()
    learner.switch_adapter(is_on=False)
    learner.let_learn("all")
    assert learner.adapter is None
    assert learner.weights_sha256() == sha


def test_with_the_last_layer_alone_everything_before_it_stays_as_it_is() -> None:
    learner = taught()
    before = learner.views(learner.flat.detach().clone()).named()
    go_on(learner, 5, "last_layer")
    for name, now in learner.weights.named().items():
        was = before[name]
        if name in LAYERED:
            assert torch.equal(now[:-1], was[:-1]), name
            assert not torch.equal(now[-1], was[-1]), name
        else:
            assert torch.equal(now, was) == (name == "embedding"), name
    assert 0 < learner.n_learned("last_layer") < learner.n_parameters
