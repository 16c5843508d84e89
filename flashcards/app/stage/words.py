"""Every sentence and label of what is shown to a room: presenter view, slides, the game."""

from __future__ import annotations

from flashcards.language import say
from flashcards.runs.values import Mark, Stamp

WAKING = say("waking the model…")
AT_SPEED = say("TRAINING")
SEEN = say("■ SEEN")
UNSEEN = say("◆ NEVER SEEN")
BEFORE_AFTER = say("probability of the right answer")
MARKS: dict[Mark, str] = {"right": "✓", "nearly": "≈", "wrong": "✗"}
NOTHING = "–"

TRAINER_GONE = say("The trainer has stopped.")
TRAINER_STALLED = say("The trainer is thinking.")
"""Nothing of why: a reason may hold names of files that are nobody's business in a room."""

ASKED = say("ASKED")
MODEL_SAYS = say("the model says")


def asked(stamp: Stamp, times_seen: int, sure: str) -> str:
    """How the model knows what it was asked, and how sure it is of its answer."""
    match stamp:
        case "seen":
            known = say("It was taught this card {n:,} times.", n=times_seen)
        case "not_yet_taught":
            known = say("A card of the deck, not taught yet.")
        case "held_out":
            known = say("NEVER SEEN: this card is held out, it was never taught.")
        case "new":
            known = say("NEW: no card has this prompt.")
    return f"{known} {say('It is {sure} sure.', sure=sure)}" if sure else known


GAME = say("HUMANS AGAINST THE MODEL")
GUESS_PLACEHOLDER = say("what the room says, then Enter; Enter alone when it is said aloud")
DRAWING = say("A card is drawn that was never taught.")
YOUR_GUESS = say("The model was never taught this card. What is the answer?")
NO_HELD_OUT = say("No card of this deck is held out, so there is nothing to guess.")
HUMANS = say("you")
LOOKUP = say("the lookup table")
SAID = say("said aloud")
SAID_RIGHT = say("had it")
WAITING = "…"
AFTER_REVEAL = say("y: the room had it · n: it had not · Enter: the next card · Esc: back")


def points(humans: int, model: int, lookup: int, n_rounds: int) -> str:
    """Who has how many points."""
    if not n_rounds:
        return ""
    return say(
        "you {humans} · model {model} · lookup table {lookup}   of {n}",
        humans=humans,
        model=model,
        lookup=lookup,
        n=n_rounds,
    )


NO_NET = say("No recording of this very lesson is there: flashcards rehearse makes one.")
