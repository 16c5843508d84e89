"""What every view says of a moment of the past."""

from __future__ import annotations

from flashcards.app.kit.numbers import count
from flashcards.language import say
from flashcards.runs.markers import MarkerKind

MARKER_SIGNS: dict[MarkerKind, str] = {
    "first_right": "✓",
    "all_right": "★",
    "forgotten": "▼",
    "overtook": "▲",
    "diverged": "∞",
    "deck": "≡",
    "learning_rate": "~",
    "order": "↕",
    "ended": "■",
    "bookmark": "⚑",
    "branch": "⋎",
    "differs": "≠",
}
"""Each one cell wide, and in DejaVu Sans Mono."""


AS_RECORDED = say("as recorded")


def live_is_at(step: int) -> str:
    """How far the lesson is meanwhile."""
    return say("live is at step {step}", step=count(step))


def as_of(step: int) -> str:
    """Whose answers these are."""
    return say("as it was at step {step}", step=count(step))
