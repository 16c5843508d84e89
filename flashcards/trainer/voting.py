"""Votes: two answers that the model draws by itself, and an update by which of them is preferred.

Which two depends on the weights, the seed and the step alone, so that a vote made again is about
the same two.
"""

import random
from dataclasses import dataclass

from flashcards.cards.card import Card
from flashcards.learner.drawing import Draw
from flashcards.learner.study import Adjustment
from flashcards.runs.events import PairDrawn, VoteCast
from flashcards.runs.values import Vote
from flashcards.trainer.training_state import TrainingState

N_PROMPTS, N_DRAWS = 48, 8
"""Among so many prompts, drawn so often each, the first with two different answers is taken."""

VOTE_S = 0.5  # Nominal time of a vote: people are slow, and each is followed by an exam


@dataclass(frozen=True)
class Pair:
    card: Card
    left: Draw
    right: Draw

    def drawn(self, step: int, request: int) -> PairDrawn:
        return PairDrawn(
            step=step,
            request=request,
            prompt=self.card.prompt,
            left=self.left.text,
            right=self.right.text,
        )

    def cast(self, step: int, choice: Vote) -> VoteCast:
        return VoteCast(
            step=step,
            choice=choice,
            prompt=self.card.prompt,
            left=self.left.text,
            right=self.right.text,
            answer=self.card.answer,
            is_left_true=self.left.text in self.card.answers,
            is_right_true=self.right.text in self.card.answers,
        )


def pair_of(training: TrainingState) -> Pair | None:
    """The two answers to vote on now; None where the model always says the same, or reads."""
    deck, learner = training.deck, training.learner
    if not deck.prompted or not deck.taught:
        return None
    seed = training.order.seed
    chosen = random.Random(f"{seed}/votes/{learner.step}")
    indices = chosen.sample(deck.taught, min(N_PROMPTS, len(deck.taught)))
    cards = [deck.cards[i] for i in indices]
    drawn = learner.draw([card.prompt for card in cards], N_DRAWS, seed)
    for card, draws in zip(cards, drawn, strict=True):
        whole = [draw for draw in draws if not draw.is_cut]
        for draw in whole[1:]:
            if draw.text != whole[0].text:
                return Pair(card, whole[0], draw)
    return None


def vote_update(training: TrainingState, choice: Vote) -> tuple[Adjustment, float] | None:
    """An update by this choice, both answers' mean error; None without two, or if it broke."""
    pair = pair_of(training)
    if pair is None:
        return None
    left, right = pair.left, pair.right
    nats = (left.nats + right.nats) / (len(left.places) + len(right.places))
    learner = training.learner
    factor = training.memory.learning_rate_factor
    if choice == "neither":
        return learner.reinforce((), factor), nats
    preferred, other = (left, right) if choice == "left" else (right, left)
    adjustment = learner.prefer(pair.card.prompt, preferred.places, other.places, factor)
    return (adjustment, nats) if learner.is_finite else None
