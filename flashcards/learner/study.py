"""What the learner hands back: the outcome of a study, an adjustment, grades, an answer. Values."""

from dataclasses import dataclass

from torch import Tensor

from flashcards.learner import encoding, passes
from flashcards.learner.shards import Shards
from flashcards.runs.details import AdjustmentDetails
from flashcards.runs.marks import ONE_OFF, RIGHT, WRONG
from flashcards.runs.values import AnswerPiece, Change, GuessPiece

# One piece off: of at least this many, the end included
ONE_OFF_PIECES = 3


@dataclass(frozen=True)
class Study:
    """Cards as the model reads them before it is corrected; the gradient's graph hangs on `loss`.

    Attributes:
        marks: One byte a card as in `runs.marks`, for the answer that is taught; `Learner.grade`
            lets other answers count.
        batch, logits: The tensors behind them; logits are [N, A].
        loss: What an update works against, with its graph: `loss_nats`, and where pieces ahead are
            taught (against.py) their error, summed, over the same number of pieces.
        shards: The batch in shards, if it is divided: the gradient is then theirs.
        again: Of windows of an earlier text that are read again beside: their error, summed, and
            their pieces. It has a part in the gradient.
    """

    card_indices: tuple[int, ...]  # the cards, in the order given
    loss_nats: float  # mean per answer piece over all of them
    marks: bytes
    card_nats: tuple[float, ...]  # error of each card: sum over its answer pieces and the end
    batch: encoding.Batch
    loss: Tensor
    logits: Tensor
    shards: Shards | None = None
    again: tuple[Tensor, int] | None = None

    @property
    def inputs(self) -> Tensor:
        """[N, C] what the head read at each place asked, without gradient."""
        return passes.inputs_of(self.logits) if self.shards is None else self.shards.inputs

    @property
    def piece_nats(self) -> tuple[float, ...]:
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


@dataclass(frozen=True)
class StepWeights:
    """The weights of one step, as trained and as averaged: flat float32 tensors of one size."""

    step: int
    raw: Tensor
    averaged: Tensor

    @property
    def n_bytes(self) -> int:
        return self.raw.nbytes + self.averaged.nbytes


@dataclass(frozen=True)
class Grades:
    """How cards were answered, any accepted answer counting."""

    marks: bytes  # one byte a card as in `runs.marks`
    loss_nats: float | None  # mean per answer piece of the taught answers; None without cards
    card_nats: tuple[float, ...]  # error of each taught answer: sum over its pieces and the end


@dataclass(frozen=True)
class ReadScore:
    """How well next pieces of a text were guessed."""

    n_right: int  # how many were the likeliest of all
    n_pieces: int
    nats: float  # the error, summed over the pieces


@dataclass(frozen=True)
class Answer:
    """What the model says to a prompt."""

    text: str  # the answer, printable
    pieces: tuple[GuessPiece, ...]  # its pieces; the end is left out
    alternatives: tuple[str, ...]  # what else it might say, likelier first
    probability: float  # of the whole answer and its end, 0 to 1
    is_cut: bool = False  # the model had not come to an end where it was stopped


def piece_mark(n_pieces: int, n_wrong: int) -> int:
    """The mark of an answer of `n_pieces`, the end included, with `n_wrong` of them wrong."""
    if n_wrong == 0:
        return RIGHT
    return ONE_OFF if n_wrong == 1 and n_pieces >= ONE_OFF_PIECES else WRONG
