"""Child processes of this program that are spoken to in lines: one kind for asyncio, one that reads
in a thread and never blocks. A child has a session of its own, so that Ctrl-C is for the parent;
what it prints on stderr is kept and never shown raw."""

import asyncio
import contextlib
import os
import subprocess
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Generic, TypeVar

import msgspec

from flashcards.base.system import end_group

T = TypeVar("T")

MAX_LINE_BYTES = 16 * 2**20  # over asyncio's 64 KiB; a deck of a million marks stays below

PATIENCE_S = 5.0
JOIN_S = 1.0
N_STDERR_LINES = 30


class _Ending:
    def __init__(self) -> None:
        self._stderr: deque[str] = deque(maxlen=N_STDERR_LINES)

    def _keep(self, chunk: bytes) -> None:
        self._stderr.extend(chunk.decode("utf-8", "replace").splitlines())

    @property
    def error_lines(self) -> list[str]:
        """The last lines that it wrote to standard error."""
        return list(self._stderr)

    @property
    def last_error_line(self) -> str:
        """The last of them that is not blank; "" without any."""
        lines = [line.strip() for line in self._stderr]
        return next((line for line in reversed(lines) if line), "")

    def how_it_ended(self, code: int) -> str:
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"ended ({how})" + (f": {self.last_error_line}" if self.last_error_line else "")


class JsonLinesProcess(_Ending, Generic[T]):
    def __init__(
        self, command: Sequence[str], decode: Callable[[bytes], T], first_line: bytes = b""
    ) -> None:
        """`decode` reads a line; one for which it raises a DecodeError is kept as if printed on
        stderr. `first_line` is sent at the start."""
        super().__init__()
        self.is_stopping = False
        self._command = command
        self._decode = decode
        self._first_line = first_line
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    @property
    def code(self) -> int | None:
        return None if self._process is None else self._process.returncode

    async def values(self) -> AsyncIterator[T]:
        """Start it, and give what it says until it has ended.
        Raises ValueError: a line is too long. Raises OSError: it can't be started."""
        self._process = process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=MAX_LINE_BYTES,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        if self.is_stopping:
            process.kill()
        assert process.stdout is not None
        stderr = asyncio.create_task(self._read_stderr(process))
        self.send(self._first_line)
        try:
            while line := await process.stdout.readline():
                try:
                    value = self._decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    self._stderr.append(f"not understood: {line[:200]!r}")
                    continue
                yield value
            await stderr
            await process.wait()
        finally:
            stderr.cancel()

    def send(self, line: bytes, most_waiting_bytes: int | None = None) -> None:
        """Send a line; nothing happens when it has gone, or has left so many bytes unread."""
        stdin = None if self._process is None else self._process.stdin
        if stdin is None or stdin.is_closing():
            return
        waiting_bytes = stdin.transport.get_write_buffer_size()
        if most_waiting_bytes is None or waiting_bytes < most_waiting_bytes:
            with contextlib.suppress(ConnectionError):
                stdin.write(line)

    def kill(self) -> None:
        self.is_stopping = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    async def end(self) -> None:
        """End it at once; returns when it is gone."""
        self.kill()
        if self._process is not None:
            await self._process.wait()

    async def stop(self, last_line: bytes) -> None:
        """Ask it to end, wait, terminate, kill; returns when it is gone. `values()` drains it."""
        process = self._process
        self.is_stopping = True
        if process is None or process.returncode is not None:
            return
        self.send(last_line)
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        for end in (None, process.terminate, process.kill):
            if end is not None:
                with contextlib.suppress(ProcessLookupError):
                    end()
            deadline = asyncio.get_running_loop().time() + PATIENCE_S
            while process.returncode is None and asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(0.02)
            if process.returncode is not None:
                return

    async def _read_stderr(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.read(4096):
            self._keep(chunk)


class JsonLinesThread(_Ending, Generic[T]):
    def __init__(
        self,
        command: Sequence[str],
        decode: Callable[[bytes], T],
        take: Callable[[T | None], None],
        **environment: str,
    ) -> None:
        """Start it, with these variables beside the usual environment. `take` is given each value,
        from the thread, and None after the last; a line for which `decode` raises a DecodeError is
        left out, one that is too long ends the reading.
        Raises OSError: it can't be started."""
        super().__init__()
        self._decode, self._take = decode, take
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        )
        self._threads = [
            threading.Thread(target=read, name="child", daemon=True)
            for read in (self._read_stderr, self._read)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def send(self, line: bytes) -> None:
        """Send a line; nothing happens when it has gone. Waits while the child reads nothing."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(line)
            self._process.stdin.flush()

    def wait(self, patience_s: float | None = None) -> int | None:
        """Its exit code, once it ended and all it said was taken; None when it has not by then."""
        try:
            code = self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            return None
        for thread in self._threads:
            thread.join(JOIN_S)  # no longer: its own children may keep a pipe open
        return code

    def terminate(self) -> None:
        with contextlib.suppress(OSError):
            self._process.terminate()

    def end(self, patience_s: float = 0.0) -> None:
        """End it, and whatever it started, unless it ends by itself in time."""
        if patience_s == 0.0 or self.wait(patience_s) is None:
            end_group(self._process.pid)
        self.wait()
        streams = (self._process.stdin, self._process.stderr, self._process.stdout)
        for stream, is_read in zip(streams, (None, *self._threads), strict=True):
            if stream is not None and (is_read is None or not is_read.is_alive()):
                with contextlib.suppress(OSError):
                    stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while (line := self._process.stdout.readline(MAX_LINE_BYTES)).endswith(b"\n"):
            with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
                self._take(self._decode(line))
        self._take(None)

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        while chunk := os.read(self._process.stderr.fileno(), 4096):
            self._keep(chunk)
