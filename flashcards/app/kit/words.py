"""Every sentence and label of the play screen, in one place, so that it can be translated."""

from __future__ import annotations

from typing import Literal

from flashcards.app.kit.numbers import count
from flashcards.language import say
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
    "starting": say("◌ STARTING"),
    "live": say("● LIVE"),
    "paused": say("‖ PAUSED"),
    "finished": say("■ FINISHED"),
    "stalled": say("? STALLED"),
    "failed": say("✗ FAILED"),
    "diverged": say("∞ DIVERGED"),
    "broken": say("∞ BROKEN"),
    "broken_paused": f"{say('∞ BROKEN')} {say('‖ PAUSED')}",
    "broken_finished": f"{say('∞ BROKEN')} {say('■ FINISHED')}",
    "replay": say("↺ REPLAY"),
    "watching": say("◉ WATCHING"),
    "past": say("◂ PAST"),
}

PHASES: dict[Phase, str] = {
    "data": say("DATA"),
    "model": say("MODEL"),
    "prediction": say("PREDICTION"),
    "error": say("ERROR"),
    "adjustment": say("ADJUSTMENT"),
    "repeat": say("REPEAT"),
}

SPEEDS: dict[Speed, str] = {
    "explain": say("explain"),
    "slow": say("slow"),
    "brisk": say("brisk"),
    "full": say("full"),
}

MARKS: dict[Mark, str] = {
    "right": say("✓ right"),
    "nearly": say("≈ nearly"),
    "wrong": say("✗ wrong"),
}
MARK_SIGNS: dict[Mark, str] = {"right": "✓", "nearly": "≈", "wrong": "✗"}
HISTORY_MARKS = {mark[0]: sign for mark, sign in MARK_SIGNS.items()}
"""By the letter that a history has for it."""

WAKING = say("waking the model…")


GUESS, ANSWER = say("guess"), say("answer")
SEEN = say("■ SEEN")
NEVER_SEEN = say("◆ NEVER SEEN")
NONE_HELD_OUT = say("no card of this deck is held out")
NOT_ASKED_YET = say("not asked yet")
MODEL = say("the model")
TWIN = say("shuffled twin")
TWIN_UNSEEN = say("twin never seen")
LEAK = say("Careful:")


def stamp(times_seen: int, is_held_out: bool) -> str:
    """How the model knows a card."""
    if is_held_out:
        return say("held out")
    return (
        say("seen {times_seen:,}×", times_seen=times_seen) if times_seen else say("not yet taught")
    )


def stamp_label(value: Stamp, times_seen: int) -> str:
    """How the model knows a prompt, in capitals."""
    match value:
        case "seen":
            return say("SEEN {times_seen:,}×", times_seen=times_seen)
        case "not_yet_taught":
            return say("NOT YET TAUGHT")
        case "held_out":
            return say("HELD OUT")
        case "new":
            return say("NEW")


def right_of(score: Score) -> str:
    """2,712 of 2,880."""
    return say("{right} of {total}", right=count(score.right), total=count(score.total))


def explanation(phase: Phase, n_parameters: int) -> str:
    """One sentence for the phase an explained card is in."""
    match phase:
        case "data":
            return say("A card is drawn from the deck. The model sees the prompt only.")
        case "model":
            return say(
                "All {n_parameters:,} numbers work on the prompt. No answer is looked up.",
                n_parameters=n_parameters,
            )
        case "prediction":
            return say("It says what it finds most probable, piece by piece.")
        case "error":
            return say("How surprised it is by each piece of the right answer, added up.")
        case "adjustment":
            return say("Every number moves a little, to find this answer more probable.")
        case "repeat":
            return say("The same again with the next card. That is all training is.")


def nothing() -> str:
    """What stands for an empty answer."""
    return say("(nothing)")


def failed(reason: str) -> str:
    """The trainer is gone; it said why in a sentence, or had no time to."""
    if not reason:
        return say("The trainer stopped without saying why.")
    return reason[0].upper() + reason[1:] + ("" if reason.endswith((".", "!", "?")) else ".")


def twin_offer(key: str) -> str:
    return say("{key}: a second model learns this deck with its answers shuffled", key=key)


def graded_on(n_seen: int, n_unseen: int, *, is_sample: bool) -> str:
    """Which cards the model's scores are of."""
    if not is_sample:
        return say("all cards asked")
    return say(
        "a sample of {n_seen:,} taught and {n_unseen:,} never seen",
        n_seen=n_seen,
        n_unseen=n_unseen,
    )


def leaks(first: str, n: int) -> str:
    """Held-out cards that a taught card gives away."""
    more = say(" ({n:,} more like it: see flashcards check)", n=n - 1) if n > 1 else ""
    return f"{LEAK} {first}{more}"


def lane_title(section: str, example: str) -> str:
    """The exceptions whose answers are followed, and one answered by the rule: go → goed."""
    return f"{section}: {example}" if example else say("taught {section} cards", section=section)


def stage(told: str) -> str:
    """What the trainer is doing before the first card, in the user's language."""
    return say(told) if told else WAKING
