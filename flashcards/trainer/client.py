"""The parent's end: starts a process that has a model, reads its events, sends it commands.

Knows no torch and no screen. The protocol is JSON lines: the request and then commands on the
child's stdin, events on its stdout, anything else it prints on stderr (kept, never shown raw).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import AsyncIterator

import msgspec

from flashcards.base.system import python
from flashcards.runs import commands, events
from flashcards.runs.commands import AnyCommand, Stop
from flashcards.runs.events import AnyEvent, TrainerFailed
from flashcards.trainer import request as requests
from flashcards.trainer.request import LessonRequest, TravelRequest

MAX_LINE_BYTES = 16 * 2**20
"""A line over asyncio's default of 64 KiB raises; a deck of a million marks stays below this."""

STOP_PATIENCE_S = 5.0
N_STDERR_LINES = 30


class ModelClient:
    """One process that has a model: `python -m MODULE`, spoken to in lines."""

    def __init__(self, module: str, request: bytes, who: str) -> None:
        """`request` is its first line; `who` is what it is called when it fails."""
        self._module = module
        self._request = request
        self._who = who
        self._process: asyncio.subprocess.Process | None = None
        self._stderr: deque[str] = deque(maxlen=N_STDERR_LINES)
        self._is_stopping = False
        self._last_step = 0

    async def events(self) -> AsyncIterator[AnyEvent]:
        """Start the child and yield what it says; a crash yields `TrainerFailed` last."""
        self._process = process = await asyncio.create_subprocess_exec(
            *python("-m", self._module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=MAX_LINE_BYTES,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        if self._is_stopping:
            process.kill()
        assert process.stdin is not None
        assert process.stdout is not None
        stderr = asyncio.create_task(self._keep_stderr(process))
        process.stdin.write(self._request)
        has_failed = False
        try:
            while line := await process.stdout.readline():
                try:
                    event = events.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    self._stderr.append(f"not an event: {line[:200]!r}")
                    continue
                has_failed = has_failed or isinstance(event, TrainerFailed)
                self._last_step = max(self._last_step, event.step)
                yield event
            await stderr
            code = await process.wait()
        except ValueError as error:
            await self.stop(is_saved=False)
            text = f"the {self._who} sent too much: {error}"
            yield TrainerFailed(step=self._last_step, text=text)
            return
        finally:
            stderr.cancel()
        if not has_failed and not self._is_stopping and code != 0:
            yield TrainerFailed(step=self._last_step, text=self._reason(code))

    def send(self, command: AnyCommand) -> None:
        """Send a command; nothing happens when the process has gone."""
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        with contextlib.suppress(ConnectionError):
            process.stdin.write(commands.encode(command))

    async def stop(self, is_saved: bool = True) -> None:
        """End the process: ask it, wait, then terminate, then kill. Returns when it is gone.

        While `events()` is being read elsewhere the child's pipes drain there.
        """
        process = self._process
        self._is_stopping = True
        if process is None or process.returncode is not None:
            return
        self.send(Stop(is_saved=is_saved))
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        for end in (None, process.terminate, process.kill):
            if end is not None:
                with contextlib.suppress(ProcessLookupError):
                    end()
            deadline = asyncio.get_running_loop().time() + STOP_PATIENCE_S
            while process.returncode is None and asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(0.02)
            if process.returncode is not None:
                return

    @property
    def pid(self) -> int | None:
        """The child's process id, None before it was started."""
        return None if self._process is None else self._process.pid

    async def _keep_stderr(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.read(4096):
            self._stderr.extend(chunk.decode("utf-8", "replace").splitlines())

    def _reason(self, code: int) -> str:
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        said = next((line.strip() for line in reversed(self._stderr) if line.strip()), "")
        return f"the {self._who} ended ({how})" + (f": {said}" if said else "")


class TrainerClient(ModelClient):
    def __init__(self, request: LessonRequest) -> None:
        super().__init__("flashcards.trainer", requests.encode(request), "trainer")


class TimeMachineClient(ModelClient):
    """One time machine: the model of any step of a run, in a process that gives way to others.

    Takes `GoTo`, `Ask`, `AskPast`, `ListCards`, `ShowUpdate` and `Stop`. Gives `TrainerWoke` while
    it starts, `StepReached`, `PromptAnswered`, `PastAnswered`, `CardsListed`, `CorrectionMeasured`,
    `DamageFound`, and `TrainerFailed` when it can't go on. The run may be written meanwhile, or by
    nobody.
    """

    def __init__(self, request: TravelRequest) -> None:
        super().__init__(
            "flashcards.trainer.again.time_machine", requests.encode(request), "time machine"
        )
