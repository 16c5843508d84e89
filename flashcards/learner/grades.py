"""Part 8, the learner: cards are graded, and windows of a text, as many in one pass as fit.

A card is not answered piece by piece to be graded. It is read with its right answer: the likeliest
piece is the right one at every place just when the greedy answer is right. So one pass grades
hundreds of cards. `reader.py` grades with the averaged weights, `learner.py` what an update reads.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from flashcards.learner import loss, passes, shards
from flashcards.learner.encoding import Batch, Encoding, Ends
from flashcards.learner.kernels.compiled import Kernels
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG

GRADED_PIECES = 4096  # in one forward pass of grading: bounds its memory
SLOW_GRADED_PIECES = 512  # of a brought model, where so many take seconds: it says how far it is
LEAST_GRADED_PIECES = 256
"""Of a model whose batches are divided a pass has as many fewer, so that exams are divided, too;
but not fewer than these."""

ONE_OFF_PIECES = 3  # an answer can be one piece off if it has at least so many, with the end


@dataclass(frozen=True)
class Grades:
    """Marks and errors of cards, any accepted answer counting."""

    marks: bytes  # one byte a card as in `runs.marks`
    loss_nats: float | None  # mean per answer piece of the taught answers; None without cards
    card_nats: tuple[float, ...]  # error of each taught answer: sum over its pieces and the end


@dataclass(frozen=True)
class ReadScore:
    """Counts of next pieces of a text that were guessed right, and the error."""

    n_right: int  # those that were the likeliest of all
    n_pieces: int
    nats: float  # the error, summed over the pieces


def piece_mark(n_pieces: int, n_wrong: int) -> int:
    """The mark of an answer of `n_pieces`, the end included, with `n_wrong` of them wrong."""
    if n_wrong == 0:
        return RIGHT
    return ONE_OFF if n_wrong == 1 and n_pieces >= ONE_OFF_PIECES else WRONG


def grade(
    model: passes.Model,
    cards: Encoding,
    card_indices: Sequence[int],
    team: shards.Team | None,
    n_pieces: int,
    between: Callable[[int], None] | None = None,
) -> Grades:
    """Grade these of the cards, `n_pieces` a pass; any accepted answer counts.
    `between` is called after each pass, with the number of cards graded in it."""
    rows = list(card_indices)  # of the taught answers, then of other accepted ones
    owners = list(range(len(rows)))  # the card of each row, as a place in `card_indices`
    for place, card_index in enumerate(card_indices):
        for row in cards.alternative_rows.get(card_index, ()):
            rows.append(row)
            owners.append(place)
    nats = [0.0] * len(rows)
    marks = bytearray(len(card_indices))
    chunks = list(cards.chunks(rows, n_pieces))
    batches = (cards.batch([rows[place] for place in places]) for places in chunks)
    scores: Iterator[shards.RowScores]
    if team is None or len(chunks) == 1:
        scores = (
            read_rows(model.logits(batch), batch, model.kernels, model.ends) for batch in batches
        )
    else:
        scores = team.grade(model, batches)
    for places, (chunk_nats, chunk_marks) in zip(chunks, scores, strict=True):
        for place, error_nats, mark in zip(places, chunk_nats, chunk_marks, strict=True):
            nats[place] = error_nats
            marks[owners[place]] = max(marks[owners[place]], mark)  # the best answer counts
        if between is not None:
            between(len(places))
    card_nats = tuple(nats[: len(card_indices)])
    n_asked = sum(cards.n_asked[i] for i in card_indices)
    return Grades(bytes(marks), sum(card_nats) / n_asked if n_asked else None, card_nats)


def read_windows(
    model: passes.Model,
    text: Encoding,
    windows: Sequence[int],
    team: shards.Team | None,
    n_pieces: int,
) -> ReadScore:
    """Guess each next piece of these windows, `n_pieces` a pass, and score the guesses."""
    chunks = list(text.chunks(windows, n_pieces))
    batches = (text.batch([windows[place] for place in places]) for places in chunks)
    scores: Iterator[tuple[float, int]]
    if team is None or len(chunks) == 1:
        scores = (read_pieces(model.logits(batch), batch) for batch in batches)
    else:
        scores = team.read(model, batches)
    n_right, nats = 0, 0.0
    for chunk_nats, n in scores:
        nats += chunk_nats
        n_right += n
    return ReadScore(n_right, sum(text.n_asked[i] for i in windows), nats)


def read_pieces(logits: Tensor, batch: Batch) -> tuple[float, int]:
    """The error in nats, summed over all pieces asked, and how many of them are right."""
    nats: float = F.cross_entropy(logits, batch.targets, reduction="sum").item()
    return nats, int(logits.argmax(-1).eq(batch.targets).sum().item())


def read_rows(
    logits: Tensor, batch: Batch, kernels: Kernels | None, ends: Ends | None = None
) -> tuple[tuple[float, ...], bytes]:
    """Each row's error in nats, summed over its answer pieces, and its mark.
    `ends`: where any of several pieces ends an answer, any of them is right for the end."""
    if kernels is None:
        nats = F.cross_entropy(logits, batch.targets, reduction="none")
        best = logits.argmax(-1)
    else:
        # `loss.read_with_loss` has left them where it read the batch; else they are found now
        errors = getattr(logits.grad_fn, "errors", None)
        errors = errors or loss.errors_of(logits.T[None], batch, kernels)
        nats = errors.nats[0]  # [N]
        best = errors.best[0]
    is_wrong = best.ne(batch.targets)
    if ends is not None:
        is_wrong &= ~(batch.targets.eq(ends.place) & ends.is_end[best])
    sums = torch.zeros(2, len(batch.n_asked), device=logits.device)
    sums.index_add_(1, batch.row_of, torch.stack((nats, is_wrong.float())))
    card_nats, n_wrong = sums.tolist()
    marks = (piece_mark(n, int(wrong)) for n, wrong in zip(batch.n_asked, n_wrong, strict=True))
    return tuple(card_nats), bytes(marks)
