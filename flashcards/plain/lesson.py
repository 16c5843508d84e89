"""A lesson told in plain text: starts the trainer, prints what it says, ends when it ends.

Needs no terminal and no keys. Ctrl-C saves, says so and leaves.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

from flashcards.columns import joined
from flashcards.language import tr
from flashcards.output import OutputError
from flashcards.plain import words
from flashcards.plain.narrator import Narrator
from flashcards.runs.events import LessonEnded, TrainerFailed
from flashcards.runs.share import share_line
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest

FAILED = 1


def teach(request: LessonRequest, out: TextIO | None = None) -> int:
    """Teach to the end of the lesson; 0, or 1 when the trainer failed."""
    return asyncio.run(_teach(request, sys.stdout if out is None else out))


async def _teach(request: LessonRequest, out: TextIO) -> int:
    client, narrator = TrainerClient(request), Narrator()
    loop = asyncio.get_running_loop()
    endings: list[asyncio.Task[None]] = []

    def end(*, is_said: bool = True) -> None:
        if not endings:
            if is_said:
                print(tr("Stopping; what was learned is being saved."), file=out, flush=True)
            endings.append(loop.create_task(client.stop()))

    for number in (signal.SIGINT, signal.SIGTERM):
        # `loop.add_signal_handler` is not there on Windows; this is the same on both.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(end))
    code = 0
    async for event in client.events():
        try:
            for line in narrator.tell(event, time.monotonic()):
                print(line, file=out, flush=True)
        except OutputError:
            await client.stop()
            raise
        if isinstance(event, TrainerFailed):
            code = FAILED
            print(f"flashcards: {event.text}", file=sys.stderr)
        elif isinstance(event, LessonEnded):
            end(is_said=False)
    for ending in endings:
        await ending
    start, state = narrator.state.start, narrator.state
    if start is not None:
        print(joined(words.saved(state.last_saved_step, Path(start.folder))), file=out, flush=True)
        if state.ended is not None:
            line = share_line(start, state.ended, state.step, request.speed or "")
            print(tr("The same again elsewhere: {line}", line=line), file=out, flush=True)
    return code
