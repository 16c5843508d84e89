"""Parts of the values of events: numbers with their limits, and the words there are.

All of it is to be named `values.X`.
"""

from typing import Annotated, Literal

import msgspec

MAX_STEP = 1 << 53
MAX_CARDS = 1 << 30  # More don't fit in a deck file of 4 GB

WholeNumber = Annotated[int, msgspec.Meta(ge=-(1 << 63), le=(1 << 63) - 1)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_STEP)]
CardCount = Annotated[int, msgspec.Meta(ge=0, le=MAX_CARDS)]
Number = Annotated[float, msgspec.Meta(ge=-1e39, le=1e39)]
"""The range of a float32; so its square is finite."""
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.000001)]  # Of 0 to 1, with what a float32 rounds
Factor = Annotated[float, msgspec.Meta(ge=1e-30, le=1e30)]
"""Above 0; not `gt=0`, which is the smallest subnormal number, and training flushes those to 0."""
MarkLetters = Annotated[str, msgspec.Meta(pattern="^[rnw]*$", max_length=64)]

Mark = Literal["right", "nearly", "wrong"]
Phase = Literal["data", "model", "prediction", "error", "adjustment", "repeat"]
Speed = Literal["explain", "slow", "brisk", "full"]
CardSort = Literal["deck", "hardest", "forgotten", "section"]
Stamp = Literal["seen", "not_yet_taught", "held_out", "new"]
EndReason = Literal["all_right", "no_progress", "until", "limit", "stopped", "diverged"]
VerdictKind = Literal["memorised", "understood", "too_early", "read", "knew"]
OrderName = Literal["shuffled", "hardest", "boxes", "deck"]
Settings = dict[str, int | float | str]  # Of a learner, by name: those that were chosen
Learns = Literal["all", "last_layer", "adapter"]
LEARNS: tuple[Learns, ...] = ("all", "last_layer", "adapter")
Practice = Literal["taught", "rewarded", "shuffled"]
"""The ways to practise cards; "shuffled", a control, gives rewards to the wrong tries."""
PRACTICES: tuple[Practice, ...] = ("rewarded", "shuffled", "taught")
ORDERS: tuple[OrderName, ...] = ("shuffled", "hardest", "boxes", "deck")
PHASES: tuple[Phase, ...] = ("data", "model", "prediction", "error", "adjustment", "repeat")
SPEEDS: tuple[Speed, ...] = ("explain", "slow", "brisk", "full")
CARD_S: dict[Speed, float] = {"explain": 3.0, "slow": 1.0, "brisk": 0.1, "full": 0.0}
"""Seconds for which a card is shown at each speed, which are no training time."""
Vote = Literal["left", "right", "neither"]
"""The one of two answers that somebody prefers. "neither" changes nothing, and others are drawn."""
VOTES: tuple[Vote, ...] = ("left", "right", "neither")
BetKind = Literal["score", "first", "answer", "correction", "rate"]
BetSide = Literal["seen", "unseen"]
BetChoice = Literal[
    "one", "other", "both", "neither", "right", "wrong", "better", "worse", "more", "same", "fewer"
]
