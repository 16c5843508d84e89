"""The card that is corrected, phase by phase, and those that were corrected last."""

from __future__ import annotations

import msgspec

from flashcards.runs.measured import CorrectionMeasured
from flashcards.runs.unlogged import PhaseEntered, UpdateDetails
from flashcards.runs.values import Correction, Phase

N_RECENT_CORRECTIONS = 200


class Corrections(msgspec.Struct, kw_only=True):
    """What is shown of the card that is taught now.

    Attributes:
        now: The card being corrected, as far as it has come; `step` is that of the last one.
        phase: Where it is while explaining or stepping, None at speed.
        is_held: It waits there for `NextPhase`.
        details: The update from within; None at speed.
        recent: The last ones measured, newest last.
    """

    now: Correction | None = None
    step: int = 0
    phase: Phase | None = None
    is_held: bool = False
    details: UpdateDetails | None = None
    recent: list[tuple[int, Correction]] = []

    def enter(self, event: PhaseEntered) -> None:
        self.phase, self.is_held, self.now = event.phase, event.is_held, event.correction
        if event.phase == "data":
            self.details = None

    def take(self, event: CorrectionMeasured, *, is_at_speed: bool) -> None:
        self.now, self.step = event.correction, event.step
        self.recent.append((event.step, event.correction))
        del self.recent[:-N_RECENT_CORRECTIONS]
        if is_at_speed:
            self.phase = self.details = None

    def cut(self, step: int) -> None:
        self.recent = [(at, correction) for at, correction in self.recent if at <= step]
        self.phase = self.details = None
        self.is_held = False
