"""The line that does a run again elsewhere: `flashcards DECK --seed 7 --until seen=1.0`.

Says as well what the line leaves out: what was done by hand is in the log, not in the line.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from pathlib import Path

from flashcards.runs import events as ev


def deck_named(deck: str, deck_path: str) -> str:
    """How the deck is named elsewhere: a deck that came along by its name, another by its file."""
    path = Path(deck_path)
    is_named = path.stem == deck and path.parent.name in ("decks", "shelf")
    return deck if is_named else path.name or deck


def share_line(
    start: ev.RunStarted, ended: ev.LessonEnded | None, step: int, speed: str = ""
) -> str:
    """The command that teaches the same deck with the same seed up to the same place.

    Args:
        step: Where the run stands now; used when the lesson has no end of its own.
        speed: The one it began with, "" for the opening that the screen gives.
    """
    if start.judge is not None:
        return f"{_rewarded(start)} --seed {start.seed} --steps {step}"
    command = "train" if start.is_shuffled else ""
    words = ["flashcards", *([command] if command else [])]
    words += [shlex.quote(deck_named(start.deck, start.deck_path)), "--seed", str(start.seed)]
    if start.is_shuffled:
        words.append("--shuffled")
    if speed:
        words += ["--speed", speed]
    is_all_seen = (
        ended is not None
        and ended.reason == "all_right"
        and ended.unseen.total == 0
        and ended.seen.total > 0
    )
    if is_all_seen:
        words += ["--until", "seen=1.0"]
    else:
        words += ["--steps", str(step)] if command else ["--until", f"step={step}"]
    return " ".join(words)


def chapter_line(start: ev.RunStarted, parent: str, n_steps: int) -> str:
    """The command that teaches a later chapter again, to whoever has the run before it."""
    if start.judge is not None:
        return f"{_rewarded(start)} --after {shlex.quote(parent)} --steps {n_steps}"
    deck = shlex.quote(deck_named(start.deck, start.deck_path))
    return f"flashcards train {deck} --after {shlex.quote(parent)} --steps {n_steps}"


def _rewarded(start: ev.RunStarted) -> str:
    assert start.judge is not None
    deck = shlex.quote(deck_named(start.deck, start.deck_path))
    return f"flashcards reward {deck} --judge {shlex.quote(start.judge.text or start.judge.kind)}"


def opening_speed(events: Iterable[ev.AnyEvent]) -> str:
    """The speed that the run was begun with; "" when it opened slowly, as the screen does."""
    speeds = [(e.step, e.speed) for e in events if isinstance(e, ev.SpeedChanged)]
    if not speeds or speeds[0][0] > 0:
        return "full"
    return "" if speeds[1:2] == [(OPENING_SLOW_STEP, "slow")] else speeds[0][1]


def steered(events: Iterable[ev.AnyEvent]) -> int:
    """How often a hand changed what was taught: speed, rate, single cards, the deck itself.

    The changes of speed that belong to the opening are not counted.
    """
    n, n_speeds = 0, 0
    for event in events:
        if isinstance(event, (ev.LearningRateChanged, ev.StepsAsked, ev.DeckChanged)):
            n += 1
        elif isinstance(event, ev.SpeedChanged) and event.step > 0:
            n_speeds += 1
            n += event.step > OPENING_STEPS or n_speeds > OPENING_SPEEDS
    return n


OPENING_SLOW_STEP, OPENING_STEPS, OPENING_SPEEDS = 2, 15, 3
"""The opening (`trainer/memory.py: OPENING`): slow from this step on, over after so many steps
and changes of speed."""
