"""What one update changed, read off logits."""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from flashcards.cards.card import Card
from flashcards.learner.compiled import Kernels
from flashcards.runs.values import AnswerPiece, Change, Push, Ripple, RippleSide

N_PUSHES = 3
N_RIPPLES = 3
ROUNDING_NATS = 1e-5  # a smaller change of a card's error is none


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
    `piece_text`: which piece each column of the logits is. `ripple_nats`: errors of the `rippled`
    cards before and after. `n_others`: how many other cards the deck has, taught and never seen."""
    worst = min(range(len(pieces)), key=lambda i: pieces[i].before)
    moved = (logits_after[worst] - logits_before[worst]).nan_to_num(0.0).tolist()
    places = sorted(range(len(moved)), key=moved.__getitem__)
    lowest, highest = (
        [Push(piece_text(i), moved[i]) for i in some]
        for some in (places[:N_PUSHES], places[::-1][:N_PUSHES])
    )
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
    """Of the ripples on one side, most helped first."""
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
