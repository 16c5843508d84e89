"""Every sentence and label of what is shown to a room: presenter view, slides, the game."""

from __future__ import annotations

from flashcards.runs.values import Mark

WAKING = "waking the model…"
AT_SPEED = "TRAINING"
SEEN = "■ SEEN"
UNSEEN = "◆ NEVER SEEN"
BEFORE_AFTER = "probability of the right answer"
MARKS: dict[Mark, str] = {"right": "✓", "nearly": "≈", "wrong": "✗"}
NOTHING = "–"

TRAINER_GONE = "The trainer has stopped."
TRAINER_STALLED = "The trainer is thinking."
"""Nothing of why: a reason may hold names of files that are nobody's business in a room."""
