"""Every sentence and label of the play screen, in one place, so that it can be translated."""

from __future__ import annotations

from typing import Literal

from flashcards import sentences
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

BY_RULE = say("↻ rule")
"""An exception answered as the rule would have it: wrong, and yet not at random."""

HISTORY_MARKS = {"r": "✓", "n": "≈", "w": "✗"}

WAKING = say("waking the model…")
FIRST_CARD = say("the first card is coming")

STEP = say("step")
CARDS_PER_S = say("cards/s")
SPEED = say("speed")
RATE = say("rate")
SEED = say("seed")

GUESS = say("guess")
ANSWER = say("answer")
SURPRISE = say("surprise")
ERROR = say("error")
HISTORY = say("history")
FIRST_TIME = say("first time")
NATS = say("nats")

UP = say("up")
DOWN = say("down")
HELPED = say("helped")
HURT = say("hurt")
WORSE = say("worse")
WORSE_SIGN = "▾"
MOVED = say("moved")
GRADIENT = say("grad")
LAYER = say("layer")
ONE_CARD = say("one card, raw weights")

CHART_TITLE = say("error")
TAUGHT_LINE = say("━ taught")
NEVER_SEEN_LINE = say("╍ never seen")
GUESSING = say("blind guess")
FLOOR = say("floor: cards contradict")
CHART_WAITING = say("the first exam is coming")

WALL_TITLE = say("every card")
RIGHT, NEARLY, WRONG = say("right"), say("nearly"), say("wrong")
DIAMONDS = say("◆ never seen")

SEEN = say("■ SEEN")
NEVER_SEEN = say("◆ NEVER SEEN")
NONE_HELD_OUT = say("no card of this deck is held out")
NOT_ASKED_YET = say("not asked yet")
MODEL = say("the model")
TWIN = say("shuffled twin")
TWIN_SEEN = say("twin seen")
TWIN_UNSEEN = say("twin never seen")
MEMORY_TITLE = say("Memory or understanding?")
ANSWERS_TITLE = say("right answers")
SEEN_LINE = say("seen")
RIGHT_LINE = say("right")
RULE_LINE = say("by the rule")
UNSEEN_LINE = say("never seen")
PINNED = say("pinned")
LEAK = say("Careful:")
SO_FAR = say("So far")


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


def showing(n_corrections: int, width: int) -> str:
    """How many corrections go by for the one that is shown, as long as there is room."""
    for text in (
        say("showing 1 of {n_corrections:,} corrections", n_corrections=n_corrections),
        say("showing 1 of {n_corrections:,}", n_corrections=n_corrections),
        say("1 of {n_corrections:,}", n_corrections=n_corrections),
    ):
        if len(text) <= width:
            return text
    return ""


def change_title(n_cards: int) -> str:
    """What the change is of: this card alone, or a batch it was part of."""
    return (
        say("this correction changed")
        if n_cards == 1
        else say("this batch of {n_cards:,} changed", n_cards=n_cards)
    )


def not_separable(n_cards: int) -> str:
    """Why a batch's change cannot be told apart by card."""
    return say("{n_cards:,} cards at once: its own share is not separable", n_cards=n_cards)


def wall_title(n_shown: int, n_cards: int, order: str, width: int) -> str:
    """In which order cards are given out, "" for the usual one, and what the cells are.

    That is every card, or those of the last exam.
    """
    counts = {"n_shown": count(n_shown), "n_cards": count(n_cards)}
    long, short = (
        say("{n_shown} of {n_cards} cards", **counts),
        say("{n_shown} of {n_cards}", **counts),
    )
    names = [WALL_TITLE] if n_shown == n_cards else [long, short]
    titles = [f"{order}: {name}" if order else name for name in names]
    return next((title for title in titles if len(title) <= width), titles[-1])


def worst_of(n: int, width: int) -> str:
    """What a cell of the wall stands for when there are more cards than cells; "" without room."""
    for text in (
        say("■ = the worst of {n:,} cards", n=n),
        say("■ = worst of {n:,}", n=n),
        say("■ = {n:,} cards", n=n),
    ):
        if len(text) <= width:
            return text
    return ""


def right_of(score: Score) -> str:
    """2,712 of 2,880."""
    return say("{right} of {total}", right=count(score.right), total=count(score.total))


def right_in_sample(score: Score, *, is_short: bool) -> str:
    """241 of 256 in a sample."""
    if is_short:
        return say("{right}/{total} sample", right=score.right, total=score.total)
    return say("{score} in a sample", score=right_of(score))


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


def failed(reason: str) -> str:
    """The trainer is gone; it said why in a sentence, or had no time to."""
    if not reason:
        return say("The trainer stopped without saying why.")
    return reason[0].upper() + reason[1:] + ("" if reason.endswith((".", "!", "?")) else ".")


def diverged(step: int) -> str:
    """The numbers are no longer numbers."""
    return say("Training broke down: {what}", what=sentences.diverged(step))


ANY_KEY = say("Any key goes on.")
STALLED = say("Nothing was heard from the trainer for ten seconds. It may be busy, or stuck.")


def twin_offer(key: str) -> str:
    """What the twin's key does."""
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
