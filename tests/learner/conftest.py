"""Learners that several files ask."""

import pytest

from flashcards.cards.card import Deck
from flashcards.cards.shelf import load
from flashcards.learner.learner import Learner
from flashcards.learner.settings import LearnerSettings
from tests.decks import write_capitals
from tests.learner.decks import sums, taught


@pytest.fixture(scope="session")
def adder() -> Learner:
    """Knows some sums and not others. No test teaches it."""
    return taught(sums(12, 30), 60)


@pytest.fixture(scope="session")
def deck(tmp_path_factory: pytest.TempPathFactory) -> Deck:
    return load(write_capitals(tmp_path_factory.mktemp("deck"), n_layers=2, width=64))[0]


@pytest.fixture(scope="session")
def knows_capitals(deck: Deck) -> tuple[Learner, bytes]:
    """Taught enough that its attention and its layers do something; and its state."""
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), 1)
    for _ in range(30):
        learner.adjust(learner.study(deck.taught))
    return learner, learner.save({})


@pytest.fixture
def learner(deck: Deck, knows_capitals: tuple[Learner, bytes]) -> Learner:
    taught, saved = knows_capitals
    return Learner.restore(deck, taught.settings, taught.tokenizer_model, saved)[0]
