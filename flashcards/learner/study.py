"""Part 8, the learner: one update as values.

`Study` is a batch as the model reads it before it is corrected, `Adjustment` the update that was
made, `Change` what it did for one card and for others. `slopes` and `aligned` tell how much a step
for one card is a step for another. `learner.py` makes all of them; nothing here changes a weight.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from flashcards.cards.card import Card
from flashcards.learner import encoding, passes
from flashcards.learner.kernels.compiled import Kernels
from flashcards.learner.shards import Shards
from flashcards.runs.details import AdjustmentDetails
from flashcards.runs.values import AnswerPiece, Change, Push, Ripple, RippleSide

N_PUSHES = 3  # pieces named that went up most, and as many that went down most
N_RIPPLES = 3  # cards named that were helped most, and as many that were hurt most
ROUNDING_NATS = 1e-5  # a smaller change of a card's error is none


@dataclass(frozen=True)
class Study:
    """Cards as the model reads them before it is corrected; the gradient's graph hangs on `loss`.

    Attributes:
        marks: One byte a card as in `runs.marks`, for the answer that is taught; `Learner.grade`
            lets other answers count.
        batch, logits: The tensors behind them; logits are [N, A].
        loss: The objective, with its graph: `loss_nats`, and where pieces ahead are taught
            (loss.py) their error, summed, over the same number of pieces.
        shards: The batch in shards, if it is divided: the gradient is then theirs.
        reread: Of windows of an earlier text that are read again beside the cards: their error,
            summed, and their pieces. It has a part in the gradient.
    """

    card_indices: tuple[int, ...]  # the cards, in the order given
    loss_nats: float  # mean per answer piece over all of them
    marks: bytes
    card_nats: tuple[float, ...]  # error of each card: sum over its answer pieces and the end
    batch: encoding.Batch
    loss: Tensor
    logits: Tensor
    shards: Shards | None = None
    reread: tuple[Tensor, int] | None = None

    @property
    def inputs(self) -> Tensor:
        """[N, C] what the head read at each place asked, without gradient."""
        return passes.inputs_of(self.logits) if self.shards is None else self.shards.inputs

    @property
    def piece_nats(self) -> tuple[float, ...]:
        """Error of each card, a piece of its answer."""
        pairs = zip(self.card_nats, self.batch.n_asked, strict=True)
        return tuple(nats / n_asked for nats, n_asked in pairs)


@dataclass(frozen=True)
class Adjustment:
    """One update made."""

    gradient_norm: float  # L2 norm over all parameters
    relative_change: float  # L2 norm of the change over L2 norm of the weights before it
    change: Change | None = None  # what it changed for the measured card; None without one
    after: tuple[AnswerPiece, ...] | None = None  # that card's answer pieces, with their `after`
    details: AdjustmentDetails | None = None  # what was done to the numbers; None unless asked for


# -- what an update changed, read off logits


def finite(number: float) -> float:
    """The number, or 0.0 for one that JSON and a chart cannot hold."""
    return number if math.isfinite(number) else 0.0


def with_after(
    pieces: tuple[AnswerPiece, ...], logits: Tensor, targets: Tensor
) -> tuple[AnswerPiece, ...]:
    """The pieces with their probabilities after the update: `logits` [N, A], `targets` [N]."""
    after = logits.softmax(-1).gather(1, targets[:, None]).squeeze(1).tolist()
    return tuple(
        AnswerPiece(piece.text, piece.before, piece.is_best, finite(probability))
        for piece, probability in zip(pieces, after, strict=True)
    )


def change_of(
    pieces: tuple[AnswerPiece, ...],
    logits_before: Tensor,
    logits_after: Tensor,
    n_parameters: int,
    piece_text: Callable[[int], str],
    rippled: Sequence[Card],
    ripple_nats: tuple[Sequence[float], Sequence[float]],
    gradient_norm: float,
    relative_change: float,
    n_others: tuple[int, int] = (0, 0),
) -> Change:
    """The change of one card, whose answer pieces stand in the rows of the logits [N, A].

    Args:
        piece_text: Gives the piece of each column of the logits.
        rippled: Other cards, whose errors were read before and after: `ripple_nats`.
        n_others: The number of other cards in the deck, taught and never taught.
    """
    worst = min(range(len(pieces)), key=lambda i: pieces[i].before)  # pushes are shown of this one
    moved = (logits_after[worst] - logits_before[worst]).nan_to_num(0.0).tolist()
    places = sorted(range(len(moved)), key=moved.__getitem__)
    lowest = [Push(piece_text(i), moved[i]) for i in places[:N_PUSHES]]
    highest = [Push(piece_text(i), moved[i]) for i in places[::-1][:N_PUSHES]]
    ripples = sorted(
        (
            Ripple(card.prompt, finite(after - before), card.is_never_seen)
            for card, before, after in zip(rippled, *ripple_nats, strict=True)
        ),
        key=lambda ripple: ripple.change_nats,
    )
    return Change(
        probability_before=math.prod(piece.before for piece in pieces),
        probability_after=math.prod(piece.after or 0.0 for piece in pieces),
        gradient_norm=gradient_norm,
        relative_change=relative_change,
        n_parameters=n_parameters,
        up=tuple(push for push in highest if push.change > 0),
        down=tuple(push for push in lowest if push.change < 0),
        helped=tuple(ripple for ripple in ripples[:N_RIPPLES] if ripple.change_nats < 0),
        hurt=tuple(ripple for ripple in ripples[::-1][:N_RIPPLES] if ripple.change_nats > 0),
        ripple_taught=_side([r for r in ripples if not r.is_never_seen], n_others[0]),
        ripple_unseen=_side([r for r in ripples if r.is_never_seen], n_others[1]),
    )


def _side(ripples: Sequence[Ripple], n_cards: int) -> RippleSide | None:
    """The ripples on one side, counted; they come with the most helped first."""
    if not ripples:
        return None
    return RippleSide(
        n_cards=n_cards,
        n_measured=len(ripples),
        n_helped=sum(ripple.change_nats < -ROUNDING_NATS for ripple in ripples),
        n_hurt=sum(ripple.change_nats > ROUNDING_NATS for ripple in ripples),
        mean_change_nats=sum(ripple.change_nats for ripple in ripples) / len(ripples),
        helped=tuple(r for r in ripples[:N_RIPPLES] if r.change_nats < -ROUNDING_NATS),
        hurt=tuple(r for r in ripples[::-1][:N_RIPPLES] if r.change_nats > ROUNDING_NATS),
    )


def norm_of(tensors: Sequence[Tensor], kernels: Kernels | None) -> float:
    """The L2 norm over all of them: `torch.nn.utils.get_total_norm` takes five times as long."""
    if kernels is not None:
        return math.sqrt(math.fsum(_square_sums(kernels, part, part)[1] for part in tensors))
    norm: float = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(list(tensors)))).item()
    return norm


def relative_change(after: Tensor, before: Tensor, kernels: Kernels | None) -> float:
    """L2 norm of the change over L2 norm of the weights before it."""
    if kernels is None:
        change: float = ((after - before).norm() / before.norm()).item()
        return change
    changed, was = _square_sums(kernels, after, before)
    return math.sqrt(changed / was) if was else math.nan


def _square_sums(kernels: Kernels, after: Tensor, before: Tensor) -> tuple[float, float]:
    sums = torch.empty(2)
    kernels["square_sums"](*map(Tensor.data_ptr, (after, before, sums)), before.numel())
    changed, was = sums.tolist()
    return changed, was


# -- how much a step for one card is a step for another: their gradients' product, in the head alone
#
# After TracIn (Pruthi et al. 2020, arXiv 2002.08484, equation 1 and section 4.1, last layer). The
# head's gradient of a card is the sum of outer products, at each place of its answer, of the error
# of the logits and the vector that the head read; the product of two such sums needs neither of
# them.


@dataclass(frozen=True)
class Slopes:
    """The parts of the head's gradient of some cards."""

    errors: Tensor  # [N, A] probabilities minus one for the right piece, at each place asked
    inputs: Tensor  # [N, C] what the head read there
    row_of: Tensor  # [N] the card that each place belongs to, of `n_cards`
    n_cards: int


@torch.no_grad()
def slopes(study: Study) -> Slopes:
    """The studied cards' slopes, from the very pass that taught them; `adjust` may be over."""
    errors = study.logits.detach().softmax(-1)
    rows = torch.arange(len(errors), device=errors.device)
    errors[rows, study.batch.targets] -= 1.0
    return Slopes(errors, study.inputs, study.batch.row_of, len(study.card_indices))


@torch.no_grad()
def aligned(a: Slopes, b: Slopes) -> Tensor:
    """[A, B] the product of each card's gradient in `a` with each in `b`; above 0 where a step for
    one helps the other."""
    # of each place with each: the product of two outer products is the product of both products
    products = (a.errors @ b.errors.T).mul_(a.inputs @ b.inputs.T)
    by_card = torch.zeros(a.n_cards, products.shape[1], device=products.device)
    by_card.index_add_(0, a.row_of, products)
    both = torch.zeros(a.n_cards, b.n_cards, device=products.device)
    return both.index_add_(1, b.row_of, by_card)
