"""The app's end of the page server: starts its process, reads what it tells, sends what is shown.

The server's death ends `told()`; the lesson, another process, goes on. Knows no network.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import socket
from collections import deque
from collections.abc import AsyncIterator

import msgspec

from flashcards.audience import messages as ms
from flashcards.base.system import python

PACKAGES = ("starlette", "uvicorn", "segno")
MAX_BUFFERED_BYTES = 1 << 20
"""What a server that reads nothing may leave unread; beyond that nothing more is sent to it."""


def missing() -> tuple[str, ...]:
    """The packages of the extra `serve` that are not installed."""
    return tuple(name for name in PACKAGES if importlib.util.find_spec(name) is None)


def lan_address() -> str:
    """This machine's address in its network; "" when it is in none. Sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(
                ("192.0.2.1", 9)
            )  # of RFC 5737: nobody's; only the way there is looked up
            return str(probe.getsockname()[0])
        except OSError:
            return ""


class AudienceClient:
    def __init__(self, opening: ms.Opening) -> None:
        self._opening = opening
        self._process: asyncio.subprocess.Process | None = None
        self._is_closed = False

    async def told(self) -> AsyncIterator[ms.FromServer]:
        """Start the server; what it tells, until it ends. Ended by itself, it tells why last."""
        process = self._process = await asyncio.create_subprocess_exec(
            *python("-m", "flashcards.audience"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        said: deque[str] = deque(maxlen=20)
        stderr = asyncio.create_task(_keep(process.stderr, said))
        if self._is_closed:
            process.kill()
        has_failed = False
        with contextlib.suppress(ConnectionError):
            process.stdin.write(ms.line_of(self._opening))
        try:
            while line := await process.stdout.readline():
                try:
                    message = ms.read_by_app(line)
                except msgspec.DecodeError:
                    continue
                has_failed = has_failed or isinstance(message, ms.Failed)
                yield message
            await process.wait()
            await stderr
        finally:
            stderr.cancel()
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        if not has_failed and not self._is_closed:
            last = next((line for line in reversed(said) if line.strip()), "")
            text = f"the page server ended ({process.returncode})" + (f": {last}" if last else "")
            yield ms.Failed(text=text)

    def send(self, message: ms.ToServer) -> None:
        """Tell the server; nothing happens when it has gone, or reads nothing any more."""
        process = self._process
        if process is None or process.stdin is None or process.stdin.is_closing():
            return
        if process.stdin.transport.get_write_buffer_size() < MAX_BUFFERED_BYTES:
            with contextlib.suppress(ConnectionError):
                process.stdin.write(ms.line_of(message))

    def close(self) -> None:
        """End the server at once: its link lets nobody in any more."""
        self._is_closed = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


async def _keep(stderr: asyncio.StreamReader | None, said: deque[str]) -> None:
    while stderr is not None and (line := await stderr.readline()):
        said.append(line.decode("utf-8", "replace").strip())
