"""How large a learner's steps are: they settle, and none breaks the model."""

import dataclasses
import math

import msgspec
import pytest
import torch

from flashcards.learner.learner import Learner
from flashcards.learner.settings import NO_SETTINGS, LearnerSettings, in_chapter
from flashcards.runs.values import Settings
from tests.learner.decks import deck_of, fruit, taught


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_weights_that_are_no_numbers_are_noticed_and_nothing_crashes(bad: float) -> None:
    learner = taught(fruit(), 2, batch_size=6)
    assert learner.is_finite
    learner.flat[:5000] = bad
    learner.averaged_flat[:5000] = bad
    before = learner.weights_sha256()
    study = learner.study([0, 1])
    adjustment = learner.adjust(study, measured_row=0)
    assert not learner.is_finite
    assert learner.weights_sha256() == before
    assert learner.step == 2
    assert adjustment.change is None
    pieces, _, _ = learner.read_error(study, 0)
    guess = learner.guess(0)
    grades = learner.grade([0, 1])
    answer = learner.answer("🍎")
    assert msgspec.json.encode((pieces, guess, answer.pieces, list(grades.marks)))
    assert all(math.isfinite(p.before) for p in pieces)


def test_an_error_that_is_no_number_is_noticed_where_steps_dont_settle() -> None:
    learner = Learner.create(fruit(), LearnerSettings(n_layers=1, settling_nats=0.0), seed=1)
    learner.flat[:] = math.nan
    learner.adjust(learner.study([0, 1]))
    assert not learner.is_finite


def test_an_update_that_would_break_the_weights_is_not_made() -> None:
    learner = taught(fruit(), 2, batch_size=6)
    before = learner.weights_sha256()
    learner.adjust(learner.study([0, 1]), learning_rate_factor=1e38)
    assert not learner.is_finite
    assert learner.weights_sha256() == before


def test_steps_settle_where_cards_are_few_and_where_they_are_thousands() -> None:
    def settling(n_cards: int, chosen: Settings = NO_SETTINGS) -> tuple[float, float, float]:
        deck = deck_of([(str(i), str(i)) for i in range(n_cards)])
        settings = LearnerSettings.for_deck(deck, chosen)
        return settings.settling_nats, settings.settling_floor, settings.ema_ramp

    assert settling(100) == (0.005, 0.0, 9.0)
    assert settling(101) == settling(4000) == (0.0, 0.0, 9.0)
    assert settling(4001) == (0.3, 0.2, 14.0)
    # its rule is found after the list
    assert settling(4001, {"weight_decay": 1.0}) == (0.0, 0.0, 9.0)


def test_with_more_than_a_thousand_cards_a_first_deck_is_taught_in_larger_steps() -> None:
    def rates(n_cards: int) -> tuple[float, float]:
        deck = deck_of([(str(i), str(i)) for i in range(n_cards)])
        first = LearnerSettings.for_deck(deck)
        return first.learning_rate, in_chapter(first, deck).learning_rate

    assert rates(1000) == (0.015, 0.0075)
    assert rates(1001) == (0.02, 0.0075)


def test_below_the_settling_error_a_step_is_as_much_smaller_as_the_error() -> None:
    deck = fruit()
    settings = LearnerSettings.for_deck(deck)
    learner = Learner.create(deck, settings, 1)
    study = learner.study(deck.taught)
    assert study.loss_nats > settings.settling_nats > 0
    before = learner.flat.clone()

    def moved(nats: float, **changed: float) -> float:
        learner = Learner.create(deck, msgspec.structs.replace(settings, **changed), 1)
        learner.adjust(dataclasses.replace(learner.study(deck.taught), loss_nats=nats))
        return float((learner.flat - before).norm())

    whole = moved(study.loss_nats)
    assert moved(settings.settling_nats) == pytest.approx(whole)
    eighth = settings.settling_nats / 8
    assert moved(eighth) == pytest.approx(whole / 8, rel=1e-3)
    assert moved(eighth, settling_floor=0.2) == pytest.approx(0.2 * whole, rel=1e-3)
    learner.adjust(dataclasses.replace(study, loss_nats=0.0))
    assert torch.equal(before, learner.flat)
    learner.adjust(dataclasses.replace(learner.study(deck.taught), loss_nats=0.0), 2.0)
    assert not torch.equal(before, learner.flat)
