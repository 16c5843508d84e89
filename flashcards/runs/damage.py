"""What is said, in anybody's language, of a saved state that could not be used."""

from __future__ import annotations

from flashcards.language import say
from flashcards.runs.events import DamageFound
from flashcards.runs.folder import step_of_state


def damaged(found: DamageFound) -> str:
    """Which one it was, and which was taken instead."""
    return say(
        "The saved state of step {step:,} is damaged: that of step {taken:,} was taken instead.",
        step=step_of_state(found.file),
        taken=found.step,
    )
