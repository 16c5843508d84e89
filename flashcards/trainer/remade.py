"""One update of a run, made once more to be looked at: its first card measured, and from within."""

from __future__ import annotations

import math
from dataclasses import dataclass

from flashcards.runs.events import AnyEvent, CorrectionMeasured, UpdateDetails
from flashcards.runs.values import PHASES
from flashcards.trainer.listener import Listener
from flashcards.trainer.rerun import CannotRerun, Rerun
from flashcards.trainer.teaching import Teaching


@dataclass(frozen=True)
class Remade:
    """What it did: measured, and from within, as REPEAT has it; both of the step after it."""

    correction: CorrectionMeasured
    details: UpdateDetails


def remake(rerun: Rerun) -> Remade:
    """Make the next update, and look at its first card. The weights are those without looking.

    Raises:
        CannotRerun: the log doesn't say how it was made, or it broke the model.
        RunError: the deck taught there is gone.
    """
    step = rerun.step + 1
    recipe = rerun.prepare()
    heard: list[AnyEvent] = []
    memory = rerun.taught.memory
    memory.speed = "full"
    memory.next_exam_s = memory.next_report_s = math.inf
    teaching = Teaching(rerun.taught, Listener(heard.append), lambda: 0.0, lambda seconds: None)
    if recipe.is_single:
        teaching.teach_card(dict.fromkeys(PHASES, 0.0))
    else:
        teaching.teach_batch(is_explained=True)
    if rerun.step != step:
        raise CannotRerun(f"Update {step:,} broke the model: it changed nothing.")
    rerun.settle()
    (correction,) = (event for event in heard if isinstance(event, CorrectionMeasured))
    *_, details = (event for event in heard if isinstance(event, UpdateDetails))
    return Remade(correction, details)
