"""Every sentence and label of what is shown to a room: presenter view, slides, the game."""

from __future__ import annotations

from flashcards.runs.values import Mark, Stamp

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

ASKED = "ASKED"
MODEL_SAYS = "the model says"


def asked(stamp: Stamp, times_seen: int, sure: str) -> str:
    """How the model knows what it was asked, and how sure it is of its answer."""
    match stamp:
        case "seen":
            known = f"It was taught this card {times_seen:,} times."
        case "not_yet_taught":
            known = "A card of the deck, not taught yet."
        case "held_out":
            known = "NEVER SEEN: this card is held out, it was never taught."
        case "new":
            known = "NEW: no card has this prompt."
    return f"{known} It is {sure} sure." if sure else known


NO_NET = "No recording of this very lesson is there: flashcards rehearse makes one."

GAME = "HUMANS AGAINST THE MODEL"
GUESS_PLACEHOLDER = "what the room says, then Enter; Enter alone when it is said aloud"
DRAWING = "A card is drawn that was never taught."
YOUR_GUESS = "The model was never taught this card. What is the answer?"
NO_HELD_OUT = "No card of this deck is held out, so there is nothing to guess."
HUMANS = "you"
LOOKUP = "the lookup table"
SAID = "said aloud"
SAID_RIGHT = "had it"
WAITING = "…"
AFTER_REVEAL = "y: the room had it · n: it had not · Enter: the next card · Esc: back"


def points(humans: int, model: int, lookup: int, n_rounds: int) -> str:
    """Who has how many points."""
    if not n_rounds:
        return ""
    return f"you {humans} · model {model} · lookup table {lookup}   of {n_rounds}"
