"""What the learner hands back: the outcome of a study, an adjustment, grades, an answer. Values."""

from dataclasses import dataclass

from torch import Tensor

from flashcards.learner import encoding, passes
from flashcards.learner.shards import Shards
from flashcards.runs.details import AdjustmentDetails
from flashcards.runs.marks import NEARLY, RIGHT, WRONG
from flashcards.runs.values import AnswerPiece, Change, GuessPiece

# "nearly": one piece wrong, of at least this many, the end included
NEARLY_PIECES = 3


@dataclass(frozen=True)
class Study:
    """Cards as the model reads them before it is corrected; the gradient's graph hangs on `loss`.

    Attributes:
        card_indices: The cards, in the order given.
        loss_nats: Mean per answer piece over all of them.
        marks: One byte a card as in `runs.marks`, for the answer that is taught; `Learner.grade`
            lets other answers count.
        card_nats: Error of each card: sum over its answer pieces and the end.
        batch, logits: The tensors behind them; logits are [N, A].
        loss: What an update works against, with its graph: `loss_nats`, and where pieces ahead are
            taught (against.py) their error, summed, over the same number of pieces.
        shards: The batch in shards, if it is divided: the gradient is then theirs.
        again: Of windows of an earlier text that are read again beside: their error, summed, and
            their pieces. It has a part in the gradient.
    """

    card_indices: tuple[int, ...]
    loss_nats: float
    marks: bytes
    card_nats: tuple[float, ...]
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
    """One update made.

    Attributes:
        gradient_norm: L2 norm over all parameters.
        relative_change: L2 norm of the change over L2 norm of the weights before it.
        change: What it changed for the measured card; None when none was measured.
        after: The measured card's answer pieces with `after`; None when none was measured.
        details: What was done to the numbers; None unless asked for.
    """

    gradient_norm: float
    relative_change: float
    change: Change | None = None
    after: tuple[AnswerPiece, ...] | None = None
    details: AdjustmentDetails | None = None


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
    """How cards were answered, any accepted answer counting.

    Attributes:
        marks: One byte a card as in `runs.marks`.
        loss_nats: Mean per answer piece of the taught answers; None without cards.
        card_nats: Error of each card's taught answer, summed over its pieces and the end.
    """

    marks: bytes
    loss_nats: float | None
    card_nats: tuple[float, ...]


@dataclass(frozen=True)
class ReadScore:
    """How well next pieces of a text were guessed.

    Attributes:
        n_right: How many were the likeliest of all.
        nats: The error, summed over the pieces.
    """

    n_right: int
    n_pieces: int
    nats: float


@dataclass(frozen=True)
class Answer:
    """What the model says to a prompt.

    Attributes:
        text: The answer, printable.
        pieces: Its pieces; the end is left out.
        alternatives: What else it might say, likelier first.
        probability: Of the whole answer and its end, 0 to 1.
        is_cut: The model had not come to an end where it was stopped.
    """

    text: str
    pieces: tuple[GuessPiece, ...]
    alternatives: tuple[str, ...]
    probability: float
    is_cut: bool = False


def mark_of(n_pieces: int, n_wrong: int) -> int:
    """The mark of an answer of `n_pieces`, the end included, with `n_wrong` of them wrong."""
    if n_wrong == 0:
        return RIGHT
    return NEARLY if n_wrong == 1 and n_pieces >= NEARLY_PIECES else WRONG
