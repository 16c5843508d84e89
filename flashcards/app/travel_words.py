"""Every sentence and label of looking back, branching and racing, in one place."""

from __future__ import annotations

from flashcards.app.numbers import count
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
}

RECOMPUTED = "RECOMPUTED"
AS_RECORDED = "as recorded"
READING = "reading the log…"
NOTHING_YET = "Nothing was taught yet that one could go back to."
NO_MARKER = "No marker there: ⚑ m sets one."
OPENING = "opening the time machine…"
TEACH_IS_LIVE = "Teaching a card is for now, not for then: End follows live first."


def live_is_at(step: int) -> str:
    """How far the lesson is meanwhile."""
    return f"live is at step {count(step)}"


def executing(step: int, target: int) -> str:
    """How far the time machine is on its way."""
    return f"re-executing: step {count(step)} of {count(target)}"


def card_of(step: int, at: int) -> str:
    """The card that is shown was recorded some steps before."""
    return AS_RECORDED if step == at else f"card of step {count(step)}"


def machine_failed(text: str) -> str:
    """Why there is nothing recomputed."""
    reason = text or "it ended without a word"
    return f"The time machine stopped: {reason}. What was recorded is all there."


def cant_read(text: str) -> str:
    """Why one can't look back."""
    return f"The run's log can't be read: {text}"


def past(step: int, live_key: str) -> str:
    """Where one is, when nothing more special is to be said of it."""
    return f"The run as it was at step {count(step)}. {live_key} follows live again."


def as_of(step: int) -> str:
    """Whose answers these are."""
    return f"as it was at step {count(step)}"


def bookmarked(step: int) -> str:
    """A bookmark was set."""
    return f"⚑ bookmark at step {count(step)}"


BOOKMARK_PLACEHOLDER = "a word, if you like"
BOOKMARK_HINT = "⏎ sets it   esc leaves it"


def bookmark_title(step: int) -> str:
    """What a word is asked for."""
    return f"⚑ Bookmark at step {count(step)}"
