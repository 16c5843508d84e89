"""What is measured when a deck is taught with more and more of its cards: facts, as JSON lines."""

import msgspec

from flashcards.runs.values import Score
from flashcards.runs.verdict import wilson


class ScalingFact(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all of them."""


class ScalingStarted(ScalingFact, frozen=True):
    """What will be done: one model for each share, each from the same untaught weights.

    `shares` are of the `n_taught` cards, above 0 to 1; each model makes `n_steps` updates of
    up to `batch_size` cards and is then asked the same `n_held_out` cards.
    """

    deck: str
    name: str
    seed: int
    n_steps: int
    batch_size: int
    n_taught: int
    n_held_out: int
    n_parameters: int
    shares: tuple[float, ...]


class ScalingWent(ScalingFact, frozen=True):
    """How far the model that is taught now has come."""

    share: float
    n_cards: int
    step: int


class ScalingPoint(ScalingFact, frozen=True):
    """One model, taught `n_cards` different cards: what it gets right of them, and never seen."""

    share: float
    n_cards: int
    seen: Score
    unseen: Score

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the share right of the cards never seen, 0 to 1."""
        return wilson(self.unseen)


AnyScalingFact = ScalingStarted | ScalingWent | ScalingPoint

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyScalingFact] = msgspec.json.Decoder(AnyScalingFact)


def encode(fact: AnyScalingFact) -> bytes:
    return _encoder.encode(fact) + b"\n"


def decode(line: bytes) -> AnyScalingFact:
    """The fact of one line.
    Raises msgspec.DecodeError: not JSON, not such a fact, or a field of the wrong type."""
    return _decoder.decode(line)
