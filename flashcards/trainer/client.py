"""The parent's end: starts a process that has a model, reads its events, sends it commands.

Knows no torch and no screen. The protocol is JSON lines: the request and then commands on the
child's stdin, events on its stdout.
"""

from collections.abc import AsyncIterator

import msgspec

from flashcards.base import child_process, system
from flashcards.runs import commands, events, run_files
from flashcards.runs.events import AnyEvent, TrainerFailed
from flashcards.trainer import request as requests


class ModelClient:
    """One process that has a model: `python -m MODULE`, spoken to in lines."""

    def __init__(self, module: str, request: msgspec.Struct, who: str) -> None:
        """`who` is what it is called when it fails.
        Raises UserError: the request has a name that is no Unicode."""
        self._child = child_process.JsonLinesProcess(
            system.python("-m", module), events.decode, requests.encode(request)
        )
        self._who = who

    async def events(self) -> AsyncIterator[AnyEvent]:
        """Start the child and yield what it says; a crash yields `TrainerFailed` last."""
        child = self._child
        has_failed = False
        step = 0
        try:
            async for event in child.values():
                has_failed = has_failed or isinstance(event, TrainerFailed)
                step = max(step, event.step)
                yield event
        except ValueError as error:
            await self.stop(is_saved=False)
            yield TrainerFailed(step=step, text=f"the {self._who} sent too much: {error}")
            return
        if not has_failed and not child.is_stopping and child.code:
            yield TrainerFailed(step=step, text=f"the {self._who} {child.how_it_ended(child.code)}")

    def send(self, command: commands.AnyCommand) -> None:
        self._child.send(run_files.json_line(command))

    async def stop(self, is_saved: bool = True) -> None:
        """End the process: ask it, wait, then terminate, then kill. Returns when it is gone."""
        await self._child.stop(run_files.json_line(commands.Stop(is_saved=is_saved)))

    @property
    def pid(self) -> int | None:
        return self._child.pid


class TrainerClient(ModelClient):
    def __init__(self, request: requests.LessonRequest) -> None:
        super().__init__("flashcards.trainer", request, "trainer")


class TimeMachineClient(ModelClient):
    """One time machine: the model of any step of a run, in a process that gives way to others. The
    run may be written meanwhile, or by nobody."""

    def __init__(self, request: requests.TravelRequest) -> None:
        super().__init__("flashcards.trainer.again.time_machine_process", request, "time machine")
