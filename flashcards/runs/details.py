"""One update from within, and the model itself: values of a look, none is logged.

All text in them has passed `printable()`. Packed numbers are read with `unpacked`.
"""

import base64
import math
from typing import Literal

import msgspec

PieceRole = Literal["prompt", "separator", "answer", "end"]
PartName = Literal["attention", "mlp", "embedding", "head", "gains"]
LEVELS = 255  # Packed numbers are bytes: 0 is 0, this is the greatest


def packed(levels: bytes) -> str:
    """One byte a number, for JSON."""
    return base64.b64encode(levels).decode("ascii")


def unpacked(text: str) -> bytes:
    """Return the bytes that `packed` was given. Raises ValueError: the text is none of its."""
    return base64.b64decode(text, validate=True)


class CardPiece(msgspec.Struct, frozen=True):
    """One piece a card was cut into: its text, its id in the tokenizer, what it belongs to."""

    text: str
    id: int
    role: PieceRole


class Candidate(msgspec.Struct, frozen=True):
    """A piece that may come next, and how probable (0 to 1) the model finds it."""

    text: str
    probability: float
    is_right: bool = False


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """The model's expectation at one place of the answer, the right pieces before it given.

    Attributes:
        position: Index into the card's pieces of the last piece it has read.
        right: The piece that is right here; `probability` is its own, 0 to 1.
        rank: 1 when the right piece is the likeliest, and so on.
        error_nats: -ln(probability).
        candidates: The 8 likeliest, likeliest first; behind the first no special piece, such as
            `<|im_start|>`, which is no answer.
    """

    position: int
    right: str
    probability: float
    rank: int
    error_nats: float
    candidates: tuple[Candidate, ...]


class Emerging(msgspec.Struct, frozen=True, kw_only=True):
    """The model's answer if it ended at this layer (logit lens: final norm and head applied).
    `layer`: 0 after the embedding, 1 after the first layer, ... the last is the prediction.
    `places`: for each place of the answer, as in `expectations`, the 3 likeliest pieces.
    `right`: for each place, the probability of the right piece, 0 to 1."""

    layer: int
    places: tuple[tuple[Candidate, ...], ...]
    right: tuple[float, ...]


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """One card going through the model, on the raw weights, before the update.

    Attributes:
        n_read: T, pieces read: all of the card but the end, which is only asked for.
        first_attended: Attention is of the pieces from here on (0 but for very long cards).
        attention: [layer][head] packed bytes, row after row of the lower triangle: n = n_read -
            first_attended rows, row i has i + 1 numbers, how much position i takes from each
            position up to itself, / LEVELS. `attended()` cuts one out.
        emerging: One for the embedding and each layer.
    """

    n_layers: int
    n_heads: int
    width: int
    n_read: int
    first_attended: int
    attention: tuple[tuple[str, ...], ...]
    emerging: tuple[Emerging, ...]

    def attended(self, layer: int, head: int) -> list[list[float]]:
        """Rows of one head (both from 0): row i has i + 1 shares that add up to about 1."""
        levels = unpacked(self.attention[layer][head])
        n_rows = self.n_read - self.first_attended
        starts = [i * (i + 1) // 2 for i in range(n_rows + 1)]
        return [
            [level / LEVELS for level in levels[starts[i] : starts[i + 1]]] for i in range(n_rows)
        ]


class PartChange(msgspec.Struct, frozen=True, kw_only=True):
    """The change of one part of the model by an update.

    Attributes:
        name: What it is; `layer` counts from 1, 0 for what belongs to no layer.
        gradient_norm, change_norm, weight_norm: L2 norms; the weights' before the update.
        relative: change_norm / weight_norm.
        cosine: Between the change and the raw downhill direction (minus the gradient), -1 to 1:
            1 is straight downhill; None when one of them is zero.
    """

    name: PartName
    layer: int
    n_numbers: int
    gradient_norm: float
    change_norm: float
    weight_norm: float
    relative: float
    cosine: float | None


class AdjustmentDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The change of the model's numbers by an update.

    Attributes:
        n_numbers, n_moved: How many learn, and how many of them changed.
        n_staying: Others that the model has, where only a part of it learns.
        cosine: Between the whole change and minus the gradient.
        gradient_norm, change_norm: L2 over all numbers.
        learning_rate: What the matrices were moved by, all factors included.
        parts: Attention and mlp of each layer, embedding, head, gains.
    """

    n_numbers: int
    n_moved: int
    cosine: float | None
    gradient_norm: float
    change_norm: float
    learning_rate: float
    parts: tuple[PartChange, ...]
    n_staying: int = 0

    @property
    def relative(self) -> float:
        """L2 norm of the change over that of the numbers before, as of each part: so the whole lies
        between the parts that moved least and most."""
        weight_norm = math.hypot(*(part.weight_norm for part in self.parts))
        return self.change_norm / weight_norm if weight_norm else 0.0


class MapPoint(msgspec.Struct, frozen=True):
    """A piece on the map of embeddings; x and y in -1 to 1, x rightwards, y upwards."""

    text: str
    x: float
    y: float
    is_sayable: bool


class WeightMap(msgspec.Struct, frozen=True, kw_only=True):
    """One part's weights as a heat map of cells, each the mean of a block of numbers.

    Attributes:
        n_rows, n_columns: Of the map: at most 16 and 32.
        size: [packed bytes, row after row] mean |w| of each cell, / LEVELS times `size_top`.
        moved: The same for |w - w at the start|, relative to the greatest.
        relative_moved: L2 norm of w - start over the L2 norm of the start.
    """

    name: PartName
    layer: int
    n_rows: int
    n_columns: int
    size: str
    size_top: float
    moved: str
    relative_moved: float


class Portable(msgspec.Struct, frozen=True, kw_only=True):
    """The model of a run at several steps, as a page takes it.

    Attributes:
        head: Everything but numbers, to be written as JSON.
        high, low: Bytes of `learner.portable.Packed`; behind `high`, for each state, a mark a card,
            and how often each card was taught, low bytes and high bytes. `high` is compressed.
        steps: Of the states, ascending. `n_trained`: how many of them were trained again.
        began_at: Where this deck's lesson began: later than step 0 where another came before it.
        changed_at: Where the deck was edited last, if it was.
        bits: How finely numbers are kept, in all states but the last.
        n_compared, n_different: Answers compared with those of unrounded numbers, and how many are
            others. `largest_change`: of the probability of a piece that is said in both.
    """

    head: dict[str, object]
    high: bytes
    low: bytes
    steps: tuple[int, ...]
    began_at: int
    changed_at: int | None
    n_trained: int
    bits: float
    n_compared: int
    n_different: int
    largest_change: float
