"""A lesson in words: phases of an update, marks, stamps, what the trainer is doing."""

import math

from flashcards.base.language import tr
from flashcards.runs.state import RunState
from flashcards.runs.values import Mark, OrderName, Phase, Score, Stamp
from flashcards.wording.numbers import n_of, spoken_chance

PHASES: dict[Phase, tuple[str, str]] = {  # each with its name and what happens in it, in English
    "data": (
        "DATA",
        "A card is drawn from the deck. The model sees the front, not the answer on the back.",
    ),
    "model": (
        "MODEL",
        "It works out an answer from the front alone: the back is hidden from it.",
    ),
    "prediction": (
        "PREDICTION",
        "It says what it finds most probable, piece by piece.",
    ),
    "error": ("ERROR", "The less it expected the right answer, the larger the error."),
    "adjustment": (
        "ADJUSTMENT",
        "The model's numbers move, so that it finds this answer more probable next time.",
    ),
    "repeat": (
        "REPEAT",
        "Asked again after the correction. A lesson is many such steps.",
    ),
}

ORDERS: dict[OrderName, tuple[str, str]] = {
    "shuffled": ("shuffled", "every card once a round, in random order"),
    "hardest": ("hardest first", "what it gets wrong comes more often"),
    "boxes": ("Leitner boxes", "a right answer puts a card in a box that is asked less often"),
    "deck": ("deck order", "as they stand in the deck file"),
}
"""The orders of cards, each with its name and what it means, in English."""

BAR_CELLS = 20

MARK_SIGNS: dict[Mark, str] = {"right": "✓", "nearly": "≈", "wrong": "✗"}
MARKS: dict[Mark, str] = {"right": "✓ right", "nearly": "≈ nearly", "wrong": "✗ wrong"}
QUITE_SURE = 0.8  # from here on it is sure of an answer; below, fairly
SURE = 0.5  # a surer answer is called one that the model formed
GUESSING = 0.1  # a less sure answer is called a guess


def judgement(mark: Mark | None, probability: float) -> str:
    """Say how good an answer is and how sure of it the model was: `wrong; it was only guessing
    (0.3 % sure)`. "" of an answer whose probability is unknown."""
    if not math.isfinite(probability):
        return ""
    match mark:
        case "right" if probability >= QUITE_SURE:
            how = tr("right, and sure of it")
        case "right" if probability >= SURE:
            how = tr("right, and fairly sure of it")
        case "right" if probability >= GUESSING:
            how = tr("right, but not sure")
        case "right":
            how = tr("right, but it was only guessing")
        case "nearly" if probability >= QUITE_SURE:
            how = tr("nearly right, and sure of it")
        case "nearly" if probability >= SURE:
            how = tr("nearly right, and fairly sure of it")
        case "nearly" if probability >= GUESSING:
            how = tr("nearly right, but not sure")
        case "nearly":
            how = tr("nearly right; it was only guessing")
        case "wrong" if probability >= QUITE_SURE:
            how = tr("wrong, and sure of it")
        case "wrong" if probability >= SURE:
            how = tr("wrong, and fairly sure of it")
        case "wrong" if probability >= GUESSING:
            how = tr("wrong, but it was not sure")
        case "wrong":
            how = tr("wrong; it was only guessing")
        case None if probability >= QUITE_SURE:
            how = tr("it is sure of it")
        case None if probability >= SURE:
            how = tr("it is fairly sure of it")
        case None if probability >= GUESSING:
            how = tr("it is not sure")
        case None:
            how = tr("it is only guessing")
    return f"{how} ({spoken_chance(probability)} {tr('sure')})"


def explanation(phase: Phase) -> str:
    return tr(PHASES[phase][1])


def stamp(times_seen: int, is_never_seen: bool) -> str:
    if is_never_seen:
        return tr("never taught")
    if not times_seen:
        return tr("taught for the first time")
    return tr("taught {times_seen:,}× before", times_seen=times_seen)


def short_stamp(times_seen: int, is_never_seen: bool) -> str:
    """The same for a narrow card; "" where there is no shorter way."""
    if is_never_seen:
        return ""
    if not times_seen:
        return tr("first time taught")
    return tr("{times_seen:,}× before", times_seen=times_seen)


STAMPS: dict[Stamp, str] = {
    "seen": "taught {times_seen:,}×",
    "not_yet_taught": "not yet taught",
    "held_out": "never taught",
    "new": "not in the deck",
}


def stamp_label(value: Stamp, times_seen: int) -> str:
    """Name how the model knows a prompt, in capitals."""
    return tr(STAMPS[value], times_seen=times_seen).upper()


def right_of(score: Score) -> str:
    return n_of(score.right, score.total)


def nothing() -> str:
    return tr("(nothing)")


def failed(reason: str) -> str:
    """The trainer is gone; it said why in a sentence, or had no time to."""
    if not reason:
        return tr("The trainer stopped without saying why.")
    reason = tr(reason)  # the trainer speaks English
    first = reason.split()[0] if reason.split() else reason
    if first.isalpha():  # no file's name: `empty.deck:1:1` is not called Empty.deck
        reason = reason[0].upper() + reason[1:]
    return reason + ("" if reason.endswith((".", "!", "?")) else ".")


def stage(state: RunState) -> str:
    """Say what the trainer does before the first card, in the user's language, and how far it
    is."""
    text = tr(state.stage or "waking the model")
    return text if state.stage_percent is None else f"{text} {bar(state.stage_percent)}"


def bar(percent: int) -> str:
    n_cells = percent * BAR_CELLS // 100
    return f"{'━' * n_cells}{'─' * (BAR_CELLS - n_cells)} {percent}%"
