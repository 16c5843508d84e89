"""Every sentence and label of the play screen, in one place, so that it can be translated."""

from __future__ import annotations

from typing import Literal

from flashcards.app.kit.numbers import count
from flashcards.language import tr
from flashcards.runs.values import Mark, Phase, Score, Speed, Stamp

Badge = Literal[
    "starting",
    "live",
    "paused",
    "finished",
    "stalled",
    "failed",
    "diverged",
    "broken",
    "broken_paused",
    "broken_finished",
    "replay",
    "watching",
    "past",
]

BADGES: dict[Badge, str] = {
    "starting": tr("◌ STARTING"),
    "live": tr("● LIVE"),
    "paused": tr("‖ PAUSED"),
    "finished": tr("■ FINISHED"),
    "stalled": tr("? STALLED"),
    "failed": tr("✗ FAILED"),
    "diverged": tr("∞ DIVERGED"),
    "broken": tr("∞ BROKEN"),
    "broken_paused": f"{tr('∞ BROKEN')} {tr('‖ PAUSED')}",
    "broken_finished": f"{tr('∞ BROKEN')} {tr('■ FINISHED')}",
    "replay": tr("↺ REPLAY"),
    "watching": tr("◉ WATCHING"),
    "past": tr("◂ PAST"),
}

PHASES: dict[Phase, str] = {
    "data": tr("DATA"),
    "model": tr("MODEL"),
    "prediction": tr("PREDICTION"),
    "error": tr("ERROR"),
    "adjustment": tr("ADJUSTMENT"),
    "repeat": tr("REPEAT"),
}

SPEEDS: dict[Speed, str] = {
    "explain": tr("explain"),
    "slow": tr("slow"),
    "brisk": tr("brisk"),
    "full": tr("full"),
}

MARKS: dict[Mark, str] = {
    "right": tr("✓ right"),
    "nearly": tr("≈ nearly"),
    "wrong": tr("✗ wrong"),
}
MARK_SIGNS: dict[Mark, str] = {"right": "✓", "nearly": "≈", "wrong": "✗"}
HISTORY_MARKS = {mark[0]: sign for mark, sign in MARK_SIGNS.items()}
"""By the letter that a history has for it."""

WAKING = tr("waking the model…")


GUESS, ANSWER = tr("guess"), tr("answer")
SEEN = tr("■ SEEN")
NEVER_SEEN = tr("◆ NEVER SEEN")


def stamp(times_seen: int, is_held_out: bool) -> str:
    """How the model knows a card."""
    if is_held_out:
        return tr("held out")
    return tr("seen {times_seen:,}×", times_seen=times_seen) if times_seen else tr("not yet taught")


def stamp_label(value: Stamp, times_seen: int) -> str:
    """How the model knows a prompt, in capitals."""
    match value:
        case "seen":
            return tr("SEEN {times_seen:,}×", times_seen=times_seen)
        case "not_yet_taught":
            return tr("NOT YET TAUGHT")
        case "held_out":
            return tr("HELD OUT")
        case "new":
            return tr("NEW")


def right_of(score: Score) -> str:
    """2,712 of 2,880."""
    return tr("{right} of {total}", right=count(score.right), total=count(score.total))


def explanation(phase: Phase, n_parameters: int) -> str:
    """One sentence for the phase an explained card is in."""
    match phase:
        case "data":
            return tr("A card is drawn from the deck. The model sees the prompt only.")
        case "model":
            return tr(
                "All {n_parameters:,} numbers work on the prompt. No answer is looked up.",
                n_parameters=n_parameters,
            )
        case "prediction":
            return tr("It says what it finds most probable, piece by piece.")
        case "error":
            return tr("How surprised it is by each piece of the right answer, added up.")
        case "adjustment":
            return tr("Every number moves a little, to find this answer more probable.")
        case "repeat":
            return tr("The same again with the next card. That is all training is.")


def nothing() -> str:
    """What stands for an empty answer."""
    return tr("(nothing)")


def failed(reason: str) -> str:
    """The trainer is gone; it said why in a sentence, or had no time to."""
    if not reason:
        return tr("The trainer stopped without saying why.")
    return reason[0].upper() + reason[1:] + ("" if reason.endswith((".", "!", "?")) else ".")


def stage(told: str) -> str:
    """What the trainer is doing before the first card, in the user's language."""
    return tr(told) if told else WAKING
