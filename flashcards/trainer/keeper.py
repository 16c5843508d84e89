"""Writes what happened: events to the log and to whoever watches, states to the run folder.

Time here is real time and decides only when something is written, never what is taught.
"""

from __future__ import annotations

from collections.abc import Callable

from flashcards.runs.events import (
    AnyEvent,
    CardsListed,
    ExamUnderWay,
    InsideSeen,
    PastAnswered,
    PhaseEntered,
    StateSaved,
    StepReached,
    TeachingRefused,
    TextsCut,
    TrainerFailed,
    TrainerWoke,
    UpdateDetails,
)
from flashcards.runs.folder import RunFolder, summarise
from flashcards.runs.state import RunState

RESUME_EVERY_S = 2.0
RESUME_EVERY_STEPS = 50
FLUSH_EVERY_S = 0.2

NOT_LOGGED = (
    TrainerWoke,
    TrainerFailed,
    PhaseEntered,
    UpdateDetails,
    InsideSeen,
    ExamUnderWay,
    PastAnswered,
    TeachingRefused,
    CardsListed,
    TextsCut,
    StepReached,
)
"""Replies, and what is over in a moment."""


def is_keyframe(step: int) -> bool:
    """Whether the state at this step is kept for good: step 0 and every power of two.

    The start is dense, and a million steps are 21 keyframes of some 3 MB.
    """
    return step & (step - 1) == 0


class Keeper:
    """The only writer of a run folder. Folds what it writes, so that it can say how far it is."""

    def __init__(
        self,
        folder: RunFolder,
        watch: Callable[[AnyEvent], None],
        clock: Callable[[], float],
    ) -> None:
        """`watch` gets every event as it happens; `clock` gives seconds.

        Raises:
            OSError: the log can't be opened.
        """
        self.folder = folder
        self.state = RunState()
        self._watch = watch
        self._clock = clock
        self._log = folder.open_log()
        self._flushed_at = clock()
        self._saved_at = clock()
        self._saved_step = -1

    def recall(self, events: list[AnyEvent]) -> None:
        """Take in what happened before this process: nothing is written."""
        for event in events:
            self.state.fold(event)

    def emit(self, event: AnyEvent) -> None:
        """Something happened.

        Raises:
            OSError: the log can't be written.
        """
        self.state.fold(event)
        if not isinstance(event, NOT_LOGGED):
            self._log.append(event)
        self._watch(event)
        if self._clock() - self._flushed_at >= FLUSH_EVERY_S:
            self.flush()

    def tell(self, event: AnyEvent) -> None:
        """Say again what is in the log already."""
        self._watch(event)

    def flush(self) -> None:
        """Hand the log to the operating system.

        Raises:
            OSError: it can't be written.
        """
        self._log.flush()
        self._flushed_at = self._clock()

    def is_save_due(self, step: int) -> bool:
        """Whether this step is a keyframe, or it is time for a resume point."""
        if step == self._saved_step:
            return False
        return is_keyframe(step) or (
            step - self._saved_step >= RESUME_EVERY_STEPS
            and self._clock() - self._saved_at >= RESUME_EVERY_S
        )

    def save(self, step: int, state: bytes, *, is_anew: bool = False) -> None:
        """Make the run durable up to this step: the log first, then the state.

        `is_anew`: also when this step was saved, because something else changed since.

        Raises:
            OSError: it can't be written; what was durable before is still there.
        """
        is_saved = step == self._saved_step
        if is_saved and not is_anew:
            return
        self._log.sync()
        if is_keyframe(step) and not is_saved:
            path = self.folder.save_keyframe(step, state)
        else:
            path = self.folder.save_resume_point(step, state)
        self._saved_step = step
        self._saved_at = self._clock()
        self.emit(StateSaved(step=step, file=path.name))

    def save_summary(self) -> None:
        """Write the summary that lists read.

        Raises:
            OSError: it can't be written.
        """
        self._log.sync()
        self.folder.save_summary(summarise(self.folder.events()))

    def why_not_written(self, error: OSError) -> str:
        """The sentence for a user whose run folder can't be written any more."""
        saved = self.state.last_saved_step
        kept = "nothing was saved" if saved is None else f"step {saved:,} is saved"
        reason = error.strerror or str(error)
        return (
            f"the run can't be written: {reason}; {kept}. Make room, then go on with "
            f"`flashcards train --resume {self.folder.info.run}`"
        )

    def close(self) -> None:
        """Close the log and let others write the run."""
        try:
            self._log.close()
        finally:
            self.folder.release()
