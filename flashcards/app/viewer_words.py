"""What is said while a recorded run is looked at: a replay, or another program's run."""

from __future__ import annotations

from typing import Literal

Viewing = Literal["replay", "watching"]

NO_MODEL: dict[Viewing, str] = {
    "replay": "A replay has no weights: it shows what was recorded, nothing is taught or asked.",
    "watching": "You are watching: another program teaches this run, and it alone is asked.",
}
RECORDING_ENDS = "The recording ends here. Arrow keys go back in it."
NOTHING_YET = "waiting for the run's first words"
NO_TRAVEL = "torch is not installed here, so only what was recorded can be shown"


def replaying(factor: float, faster: str, slower: str, play: str, step: str) -> str:
    """How fast it is played, and the keys."""
    return (
        f"Replay at {factor:g}× its pace: {faster} {slower} change it, {play} pauses, "
        f"{step} one step on."
    )


def watching(run: str) -> str:
    """Whose run it is."""
    return f"Watching {run}: another program teaches it, this screen only looks."


def taken(run: str) -> str:
    """The run that was to be gone on with is in use."""
    return f"{run} is being taught by another program, so you are watching it."


def silent(seconds: int) -> str:
    """Nothing new in the log for a while."""
    return (
        f"Nothing was written for {seconds:,} s: the program that teaches it may be paused, or "
        "have ended. When it goes on, so does this screen."
    )
