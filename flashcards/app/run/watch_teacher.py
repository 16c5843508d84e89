"""Follows a run that another process or machine is writing: reads its folder, changes nothing.

Survives the end of who writes it, a resume that takes back what was shown, a folder that is copied
over and over, and a log that is not there for a moment.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from flashcards.app.run.viewer import Viewer
from flashcards.base.language import tr
from flashcards.runs.events import AnyEvent, TrainerWoke

LOOK_EVERY_S = 0.25
MOST_TOLD_BYTES = 2 << 20
"""More than this at once is read as a state, not told event by event."""


class WatchTeacher(Viewer):
    kind = "watching"

    async def events(self) -> AsyncIterator[AnyEvent]:
        """What has happened so far, at once; then what is written, soon after. It never ends."""
        recording = self._recording
        n_undone, position = -1, 0
        while not self._is_stopped:
            while self._outbox:
                yield self._outbox.popleft()
            with contextlib.suppress(OSError):
                await asyncio.to_thread(recording.refresh)
                is_other = recording.n_undone != n_undone
                if is_other or recording.position - position > MOST_TOLD_BYTES:
                    self._jump = await asyncio.to_thread(recording.recalled, recording.last_step)
                    yield TrainerWoke(step=0, stage=tr("waiting for the run's first words"))
                elif recording.position > position:
                    for event in await asyncio.to_thread(recording.events_from, position):
                        yield event
                n_undone, position = recording.n_undone, recording.position
            await self._woken(LOOK_EVERY_S)
