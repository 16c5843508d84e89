"""Pieces beyond the next are foreseen: what an update works against, held against plain torch."""

import pytest
import torch
from torch import Tensor

from flashcards.cards.shelf import find, load
from flashcards.learner.learner import Learner
from flashcards.learner.loss import turns
from flashcards.learner.settings import LearnerSettings, in_chapter
from flashcards.learner.study import Study
from flashcards.learner.tokenizer import ANSWER_ID
from tests.learner.decks import deck_of, sums
from tests.learner.plainly import passed, rms

DECK = deck_of([("a", "b"), ("ab", "cab"), ("cc", "abcab")])


def learner_of(n_ahead: int) -> Learner:
    settings = LearnerSettings(n_layers=2, width=32, n_heads=2, n_ahead=n_ahead)
    learner = Learner.create(DECK, settings, seed=1)
    with torch.no_grad():  # so that none is at its simple first value
        learner.flat += 0.1 * torch.randn(
            len(learner.flat), generator=torch.Generator().manual_seed(2)
        )
    return learner


def plain_loss(learner: Learner, study: Study, n_ahead: int) -> Tensor:
    """The mean error of all answers' pieces, and that of those up to `n_ahead` further."""
    weights, settings = learner.weights, learner.settings
    sayable, nats = learner.encoding.sayable, []
    turned = turns(settings.width, n_ahead, "cpu")
    for row in map(learner.encoding.sequence, range(3)):
        stream = passed(weights, row, settings).streams[-1]
        read = rms(stream, weights.final_norm)
        first = row.index(ANSWER_ID)
        for place in range(first, len(row) - 1):
            for distance in range(min(n_ahead, len(row) - 2 - place) + 1):
                right = sayable.index(row[place + 1 + distance])
                if distance:
                    seen = turned[distance - 1] @ read[place]
                    logits = weights.head.detach()[sayable] @ seen
                else:
                    logits = weights.head[sayable] @ read[place]
                nats.append(-logits.log_softmax(-1)[right])
    return torch.stack(nats).sum() / len(study.batch.targets)


@pytest.mark.parametrize("n_ahead", [1, 2, 8])
def test_an_update_works_against_the_error_of_the_pieces_ahead_too(n_ahead: int) -> None:
    learner = learner_of(n_ahead)
    study = learner.study([0, 1, 2])
    plain = plain_loss(learner, study, n_ahead)
    assert study.loss.item() == pytest.approx(plain.item(), rel=1e-5)
    leaves = list(learner.weights.named().values())
    right = torch.autograd.grad(plain, leaves)
    for gradient, wanted in zip(learner.gradients_of(study), right, strict=True):
        torch.testing.assert_close(gradient, wanted, atol=1e-5, rtol=1e-4)


def test_the_error_that_is_shown_and_the_heads_gradient_are_of_the_next_piece_alone() -> None:
    ahead, alone = learner_of(2), learner_of(0)
    studies = [learner.study([0, 1, 2]) for learner in (ahead, alone)]
    assert studies[0].loss_nats == studies[1].loss_nats
    assert studies[0].marks == studies[1].marks
    assert studies[0].loss.item() > studies[1].loss.item()
    heads = [
        dict(zip(learner.weights.named(), learner.gradients_of(study), strict=True))["head"]
        for learner, study in zip((ahead, alone), studies, strict=True)
    ]
    assert torch.equal(*heads)


def test_many_cards_are_taught_so_and_a_later_chapter_is_not() -> None:
    many, few = load(find("addition"))[0], sums(8)
    assert LearnerSettings.for_deck(many).n_ahead == 2
    assert LearnerSettings.for_deck(few).n_ahead == 0
    assert LearnerSettings.for_deck(many, is_later=True).n_ahead == 0
    assert in_chapter(LearnerSettings.for_deck(many), few).n_ahead == 0
