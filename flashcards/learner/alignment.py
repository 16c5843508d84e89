"""How much a step for one card is a step for another: their gradients' product, in the head alone.

After TracIn (Pruthi et al. 2020, arXiv 2002.08484, equation 1 and section 4.1, last layer). The
head's gradient of a card is the sum of outer products, at each place of its answer, of the error of
the logits and the vector the head read; the product of two such sums needs neither of them.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from flashcards.learner.study import Study


@dataclass(frozen=True)
class Slopes:
    """What the head's gradient of some cards is made of."""

    errors: Tensor  # [N, A] probabilities minus one for the right piece, at each place asked
    inputs: Tensor  # [N, C] what the head read there
    row_of: Tensor  # [N] which card each place belongs to; `n_cards` of them
    n_cards: int


@torch.no_grad()
def slopes(study: Study) -> Slopes:
    """Of the studied cards, from the very pass that taught them; `adjust` may be over."""
    errors = study.logits.detach().softmax(-1)
    rows = torch.arange(len(errors), device=errors.device)
    errors[rows, study.batch.targets] -= 1.0
    return Slopes(errors, study.inputs, study.batch.row_of, len(study.card_indices))


@torch.no_grad()
def aligned(some: Slopes, others: Slopes) -> Tensor:
    """[some, others]: the product of each card's gradient with each other's; above 0: it helps."""
    products = (some.errors @ others.errors.T).mul_(some.inputs @ others.inputs.T)
    by_card = torch.zeros(some.n_cards, products.shape[1], device=products.device)
    by_card.index_add_(0, some.row_of, products)
    both = torch.zeros(some.n_cards, others.n_cards, device=products.device)
    return both.index_add_(1, others.row_of, by_card)
