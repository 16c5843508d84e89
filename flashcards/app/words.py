"""Every sentence and label of the play screen, in one place, so that it can be translated."""

from __future__ import annotations

from typing import Literal

from flashcards.app.numbers import count
from flashcards.runs.values import Mark, Phase, Score, Speed

Badge = Literal[
    "starting",
    "live",
    "paused",
    "finished",
    "stalled",
    "failed",
    "diverged",
    "replay",
    "watching",
    "past",
]

BADGES: dict[Badge, str] = {
    "starting": "◌ STARTING",
    "live": "● LIVE",
    "paused": "‖ PAUSED",
    "finished": "■ FINISHED",
    "stalled": "? STALLED",
    "failed": "✗ FAILED",
    "diverged": "∞ DIVERGED",
    "replay": "↺ REPLAY",
    "watching": "◉ WATCHING",
    "past": "◂ PAST",
}

PHASES: dict[Phase, str] = {
    "data": "DATA",
    "model": "MODEL",
    "prediction": "PREDICTION",
    "error": "ERROR",
    "adjustment": "ADJUSTMENT",
    "repeat": "REPEAT",
}

SPEEDS: dict[Speed, str] = {"explain": "explain", "slow": "slow", "brisk": "brisk", "full": "full"}

MARKS: dict[Mark, str] = {"right": "✓ right", "nearly": "≈ nearly", "wrong": "✗ wrong"}
BY_RULE = "↻ rule"
"""An exception answered as the rule would have it: wrong, and yet not at random."""

HISTORY_MARKS = {"r": "✓", "n": "≈", "w": "✗"}

WAKING = "waking the model…"
FIRST_CARD = "the first card is coming"

STEP = "step"
CARDS_PER_S = "cards/s"
SPEED = "speed"
RATE = "rate"
SEED = "seed"

GUESS = "guess"
ANSWER = "answer"
SURPRISE = "surprise"
ERROR = "error"
HISTORY = "history"
FIRST_TIME = "first time"
NATS = "nats"

UP = "up"
DOWN = "down"
HELPED = "helped"
HURT = "hurt"
WORSE = "worse"
WORSE_SIGN = "▾"
MOVED = "moved"
GRADIENT = "grad"
LAYER = "layer"
ONE_CARD = "one card, raw weights"

CHART_TITLE = "error"
TAUGHT_LINE = "━ taught"
NEVER_SEEN_LINE = "╍ never seen"
GUESSING = "blind guess"
FLOOR = "floor: cards contradict"
CHART_WAITING = "the first exam is coming"

WALL_TITLE = "every card"
RIGHT, NEARLY, WRONG = "right", "nearly", "wrong"
DIAMONDS = "◆ never seen"

SEEN = "■ SEEN"
NEVER_SEEN = "◆ NEVER SEEN"
NONE_HELD_OUT = "no card of this deck is held out"
NOT_ASKED_YET = "not asked yet"
MODEL = "the model"
TWIN = "shuffled twin"
TWIN_SEEN = "twin seen"
TWIN_UNSEEN = "twin never seen"
MEMORY_TITLE = "Memory or understanding?"
ANSWERS_TITLE = "right answers"
SEEN_LINE = "seen"
RIGHT_LINE = "right"
RULE_LINE = "by the rule"
UNSEEN_LINE = "never seen"
PINNED = "pinned"
LEAK = "Careful:"
SO_FAR = "So far"


def stamp(times_seen: int, is_held_out: bool) -> str:
    """How the model knows a card."""
    if is_held_out:
        return "held out"
    return f"seen {times_seen:,}×" if times_seen else "not yet taught"


def showing(n_corrections: int, width: int) -> str:
    """How many corrections go by for the one that is shown, as long as there is room."""
    for text in (
        f"showing 1 of {n_corrections:,} corrections",
        f"showing 1 of {n_corrections:,}",
        f"1 of {n_corrections:,}",
    ):
        if len(text) <= width:
            return text
    return ""


def change_title(n_cards: int) -> str:
    """What the change is of: this card alone, or a batch it was part of."""
    return "this correction changed" if n_cards == 1 else f"this batch of {n_cards:,} changed"


def not_separable(n_cards: int) -> str:
    """Why a batch's change cannot be told apart by card."""
    return f"{n_cards:,} cards at once: its own share is not separable"


def rippled(n: int) -> str:
    """How many other cards were measured."""
    return f"of {n:,} other cards measured"


def numbers_moved(n_parameters: int, share: str) -> str:
    """How much of the model moved."""
    return f"{n_parameters:,} numbers moved by {share}"


def wall_title(n_shown: int, n_cards: int) -> str:
    """What the cells are: every card, or those of the last exam."""
    return WALL_TITLE if n_shown == n_cards else f"{count(n_shown)} of {count(n_cards)} cards"


def worst_of(n: int, width: int) -> str:
    """What a cell of the wall stands for when there are more cards than cells."""
    for text in (f"1 cell = the worst of {n:,} cards", f"cell = worst of {n:,}", f"1 = {n:,}"):
        if len(text) <= width:
            return text
    return ""


def right_of(score: Score) -> str:
    """2,712 of 2,880."""
    return f"{count(score.right)} of {count(score.total)}"


def right_in_sample(score: Score, *, is_short: bool) -> str:
    """241 of 256 in a sample."""
    if is_short:
        return f"{score.right}/{score.total} sample"
    return f"{right_of(score)} in a sample"


def explanation(phase: Phase, n_parameters: int) -> str:
    """One sentence for the phase an explained card is in."""
    match phase:
        case "data":
            return "A card is drawn from the deck. The model sees the prompt only."
        case "model":
            return f"All {n_parameters:,} numbers work on the prompt. No answer is looked up."
        case "prediction":
            return "It says what it finds most probable, piece by piece."
        case "error":
            return "How surprised it is by each piece of the right answer, added up."
        case "adjustment":
            return "Every number moves a little, to find this answer more probable."
        case "repeat":
            return "The same again with the next card. That is all training is."


def failed(reason: str) -> str:
    """The trainer is gone; it said why in a sentence, or had no time to."""
    if not reason:
        return "The trainer stopped without saying why."
    return reason[0].upper() + reason[1:] + ("" if reason.endswith((".", "!", "?")) else ".")


def diverged(what: str) -> str:
    """The numbers are no longer numbers."""
    return f"Training broke down: {what}" if what else "Training broke down."


ANY_KEY = "Any key goes on."
STALLED = "Nothing was heard from the trainer for ten seconds. It may be busy, or stuck."


def twin_offer(key: str) -> str:
    """What the twin's key does."""
    return f"{key}: a second model learns this deck with its answers shuffled"


def graded_on(n_seen: int, n_unseen: int, *, is_sample: bool) -> str:
    """Which cards the model's scores are of."""
    if not is_sample:
        return "all cards asked"
    return f"a sample of {n_seen:,} taught and {n_unseen:,} never seen"


def leaks(first: str, n: int) -> str:
    """Held-out cards that a taught card gives away."""
    more = f" ({n - 1:,} more like it: see flashcards check)" if n > 1 else ""
    return f"{LEAK} {first}{more}"


def lane_title(section: str, example: str) -> str:
    """The exceptions whose answers are followed, and one answered by the rule: go → goed."""
    return f"{section}: {example}" if example else f"taught {section} cards"
