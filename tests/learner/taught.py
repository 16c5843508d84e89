"""Learners with two layers that were taught a small deck."""

from flashcards.cards.card import Deck
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings


def taught(deck: Deck, n_steps: int, seed: int = 1, batch_size: int = 16) -> Learner:
    """A learner after that many updates."""
    learner = Learner.create(deck, LearnerSettings.for_deck(deck, {"n_layers": 2}), seed)
    order = CardOrder(deck.taught, seed)
    for _ in range(n_steps):
        learner.adjust(learner.study(order.next(batch_size)))
    return learner
