"""What is said while a recorded run is looked at: a replay, or another program's run."""

from __future__ import annotations

from typing import Literal

from flashcards.app.kit.numbers import count
from flashcards.language import tr

Viewing = Literal["replay", "watching"]

NO_MODEL: dict[Viewing, str] = {
    "replay": tr(
        "A replay has no weights: it shows what was recorded, nothing is taught or asked."
    ),
    "watching": tr("You are watching: another program teaches this run, and it alone is asked."),
}
LOOK_BACK = tr("Its past has: {back} goes back, and a model of then is looked into and asked.")
RECORDING_ENDS = tr("The recording ends here. Arrow keys go back in it.")
READING_BOTH = tr("reading both logs…")
NOTHING_YET = tr("waiting for the run's first words")
NO_TRAVEL = tr("torch is not installed here, so only what was recorded can be shown")


def no_model(kind: Viewing, back: str, *, has_past: bool) -> str:
    """Why nothing is asked here; and where something is: `back` is the key that goes there."""
    hint = f" {LOOK_BACK.format(back=back)}" if has_past else ""
    return f"{NO_MODEL[kind]}{hint}"


def race_past(step: int, play: str) -> str:
    """Two recordings, looked through."""
    return tr(
        "Both as they were when the first was at step {step}; {play} plays on from here.",
        step=count(step),
        play=play,
    )


def race_ends(play: str, back: str) -> str:
    return tr(
        "Both at their end: {play} plays the race from its start, {back} goes back in it.",
        play=play,
        back=back,
    )


def watching(run: str) -> str:
    return tr("Watching {run}: another program teaches it, this screen only looks.", run=run)


def taken(run: str) -> str:
    """The run that was to be gone on with is in use."""
    return tr("{run} is being taught by another program, so you are watching it.", run=run)


def silent(seconds: int) -> str:
    """Nothing new in the log for a while."""
    return tr(
        "Nothing was written for {seconds:,} s: the program that teaches it may be "
        "paused, or have ended. When it goes on, so does this screen.",
        seconds=seconds,
    )


AS_RECORDED = tr("as recorded")
RECOMPUTED = tr("RECOMPUTED")
EXECUTING = tr("re-executing…")
ENDED = tr("the time machine ended without a word")
OPENING = tr("opening the time machine…")


def executing(step: int, target: int) -> str:
    """How far the time machine is on its way."""
    return tr("re-executing: step {step} of {target}", step=count(step), target=count(target))


def card_of(step: int, at: int) -> str:
    """The card that is shown was recorded some steps before."""
    return AS_RECORDED if step == at else tr("card of step {step}", step=count(step))


def machine_failed(text: str) -> str:
    """Why there is nothing recomputed."""
    reason = text or ENDED
    return tr("{reason}. What was recorded is all there.", reason=reason[0].upper() + reason[1:])


def cant_read(text: str) -> str:
    return tr("The run's log can't be read: {text}", text=text)
