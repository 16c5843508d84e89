"""Writes what happened: events to the log and to whoever watches, states to the run folder.

Time here is real time and decides only when something is written, never what is taught.
"""

import contextlib
from collections.abc import Callable

from flashcards.base.system import shell_quoted
from flashcards.cards.judges import JudgeError
from flashcards.learner.saving import averages_of
from flashcards.learner.shards import ProcessLost
from flashcards.runs import catalog, events, keyframes, log, pruning, recording, unlogged
from flashcards.runs.folder import RunFolder
from flashcards.runs.state import RunState

MOST_LOST_S = 2.0  # Work that is gone at most, when the process is killed at its worst moment
MOST_SAVING_SHARE = 0.05  # Of the time; where states are so large, more may be lost
FLUSH_EVERY_S = 0.2


class Recorder:
    """Passes events on, writes nothing. `state`: the folded events, if a subclass folds them."""

    def __init__(self, hear: Callable[[events.AnyEvent], None]) -> None:
        self.state = RunState()
        self._hear = hear

    def emit(self, event: events.AnyEvent) -> None:
        self._hear(event)

    def tell(self, event: events.AnyEvent) -> None:
        """Pass on an event that is not for the log, where somebody watches."""

    def flush(self) -> None:
        """Make what was emitted visible now."""

    def save(
        self,
        step: int,
        state: Callable[[], bytes],
        *,
        is_anew: bool = False,
        is_kept: bool = False,
    ) -> None:
        """Keep this state, where there is a run folder to keep it in."""


class Keeper(Recorder):
    """The only writer of a run folder. Folds what it writes, so that it can say how far it is.
    Whatever writes raises an OSError when that can't be done; what was durable is still there."""

    def __init__(
        self,
        folder: RunFolder,
        watch: Callable[[events.AnyEvent], None],
        clock: Callable[[], float],
    ) -> None:
        super().__init__(watch)
        self.folder = folder
        self._clock = clock
        self._log = folder.open_log()
        self._flushed_at = self._saved_at = self._updated_at = clock()
        self._saved_step = self._updated_step = -1
        self._saving_s = self._update_s = 0.0

    def recall(self, state: RunState) -> None:
        """Take over the state from before this process; nothing is written."""
        self.state = state

    def emit(self, event: events.AnyEvent) -> None:
        event = log.rounded(event)
        self.state.fold(event)
        if not isinstance(event, unlogged.Unlogged):
            self._log.append(event)
        self._hear(event)
        if self._clock() - self._flushed_at >= FLUSH_EVERY_S:
            self.flush()

    def tell(self, event: events.AnyEvent) -> None:
        self._hear(event)

    def flush(self) -> None:
        self._log.flush()
        self._flushed_at = self._clock()

    def is_save_due(self, step: int, wait_s: float = 0.0) -> bool:
        """Tell whether this step is a keyframe, or the lesson could lose over two seconds if it
        were saved only after the next update. Asked after each update, and before the lesson waits
        for `wait_s` seconds; infinity when nobody knows how long."""
        now = self._clock()
        if step != self._updated_step:
            self._update_s = now - self._updated_at
            self._updated_step, self._updated_at = step, now
        if step == self._saved_step:
            return False
        unsaved_s = now - self._saved_at + wait_s
        is_affordable = unsaved_s >= self._saving_s / MOST_SAVING_SHARE
        is_late = unsaved_s + self._update_s + self._saving_s >= MOST_LOST_S
        return keyframes.is_keyframe(step) or (is_late and is_affordable)

    def go_back(self, resumed: events.RunResumed) -> None:
        """Undo what was written beyond this event's step."""
        self.emit(resumed)
        self._log.sync()
        self.folder.drop_states_beyond(resumed.step)
        self.recall(recording.Recording.open(self.folder).state_at(resumed.step))
        self._saved_step = -1

    def save(
        self,
        step: int,
        state: Callable[[], bytes],
        *,
        is_anew: bool = False,
        is_kept: bool = False,
    ) -> None:
        """Make the run durable up to this step: the log first, then the state.
        `is_anew`: also when this step was saved, because something else changed since. `is_kept`:
        the state is kept for good, whatever the step; also when this step was saved as one to go on
        from, as when the lesson paused."""
        is_saved = step == self._saved_step
        is_keyframe_wanted = is_kept or (keyframes.is_keyframe(step) and not is_saved)
        is_to_keep = is_keyframe_wanted and not self.folder.has_keyframe(step)
        if is_saved and not is_anew and not is_to_keep:
            return
        started = self._clock()
        self._log.sync()
        if is_to_keep:
            path = self.folder.save_keyframe(step, state())
            self.folder.thin_keyframes()
        else:
            path = self.folder.save_resume_point(step, state())
        self._saved_step = step
        self._saved_at = self._clock()
        self._saving_s = self._saved_at - started
        self.emit(events.StateSaved(step=step, file=path.name))

    def save_summary(self) -> None:
        self._log.sync()
        catalog.save_summary(self.folder, catalog.summary_of(self.state))

    def why(self, error: OSError | ProcessLost | JudgeError) -> str:
        """The sentence for a user whose lesson ended by this: what is saved, and how to go on."""
        go_on = f"flashcards train {self._resuming()}"
        begin = "Begin again"
        reason = str(error)
        match error:
            case ProcessLost():
                way = "Go on, with any number of processes, with "
                way += f"`torchrun --nproc-per-node N -m {go_on}`"
            case JudgeError():
                way = f"Go on with `{go_on}`: the run keeps its judge; another needs a new run"
            case _:
                reason = f"the run can't be written: {error.strerror or error}"
                way = f"Make room, then go on with `{go_on}`"
                begin = "Make room, then begin again"
        saved = self.state.last_saved_step
        if saved is None:
            return f"{reason}; nothing was saved. {begin}"
        return f"{reason}; step {saved:,} is saved. {way}"

    def _resuming(self) -> str:
        run = shell_quoted(self.folder.path.name)
        root = self.folder.path.parent
        is_usual = root.resolve() == catalog.runs_root().resolve()
        return f"--resume {run}" + ("" if is_usual else f" --runs {shell_quoted(str(root))}")

    def thin(self) -> None:
        self._log.flush()
        with contextlib.suppress(OSError):
            pruning.thin(self.folder, None if self.folder.info.base is None else averages_of)

    def close(self) -> None:
        try:
            self._log.close()
        finally:
            self.folder.release()
