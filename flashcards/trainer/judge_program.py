"""A judge that is a person's program: `judge(prompt, answer)` in a process of its own.

It runs only when it is named here, with limits on its time, memory and output. They guard against
accidents: it may do whatever its user may.
"""

from __future__ import annotations

import json
import queue
import subprocess
import tempfile
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NoReturn

import msgspec

from flashcards.base import persons_program
from flashcards.base.system import end_group, python
from flashcards.cards.card import JudgeSpec
from flashcards.cards.judges import Asked, JudgeError
from flashcards.cards.printable import printable

START_S = 20.0
BATCH_S = 10.0
"""It is ended when it has not answered by then."""

MAX_LINE_BYTES = 1 << 20
MAX_SAID_CHARACTERS = 300


class _Message(msgspec.Struct):
    """A line that the child writes."""

    worth: list[float] | None = None
    ready: bool = False
    error: str = ""
    line: int = 0


class ProgramJudge:
    """The program at work; it ends with this."""

    def __init__(self, spec: JudgeSpec, start_s: float = START_S, batch_s: float = BATCH_S) -> None:
        """Start it, and wait until it can judge.
        Raises JudgeError: it isn't there, is another's, fails or takes too long."""
        self._name, self._batch_s = printable(spec.text), batch_s
        if not spec.path:
            raise JudgeError(
                f"the judge {self._name} is a program: it is run only where the run was begun"
            )
        path = Path(spec.path)
        if not path.is_file():
            raise JudgeError(f"no such file: {printable(spec.path)}")
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                python("-I", persons_program.__file__, "judge", str(path.resolve())),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._printed,
                start_new_session=True,
            )
        except OSError as error:
            self._printed.close()
            raise JudgeError(f"the judge {self._name} can't be started: {error}") from error
        self._end = weakref.finalize(self, _end, self._process, self._printed)
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        assert self._process.stdout is not None
        threading.Thread(
            target=_pass_on, args=(self._process.stdout, self._lines), daemon=True
        ).start()
        self._answer(start_s)

    def __call__(self, tries: Sequence[Asked]) -> list[float]:
        """What each try is worth, 0 to 1.
        Raises JudgeError: it fails or takes too long; it is ended then."""
        line = json.dumps([(one.prompt, one.said) for one in tries]).encode() + b"\n"
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(line)
            stdin.flush()
        except (OSError, ValueError):
            self._fail()
        worth = self._answer(self._batch_s).worth
        if worth is None or len(worth) != len(tries):
            raise self._failed("it did not judge every try")
        return worth

    def _answer(self, seconds: float) -> _Message:
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise self._silent(seconds) from None
        try:
            message = msgspec.json.decode(line, type=_Message)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._fail()
        if message.error:
            place = f"{self._name}:{message.line}" if message.line else self._name
            self._end()
            raise JudgeError(f"the judge {place} failed: {printable(message.error)}")
        return message

    def _fail(self) -> NoReturn:
        """Raises JudgeError: it ended by itself, or says no more."""
        try:
            self._process.wait(self._batch_s)
        except subprocess.TimeoutExpired:
            raise self._silent(self._batch_s) from None
        self._printed.seek(0)
        said = self._printed.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        raise self._failed(said[-1][:MAX_SAID_CHARACTERS] if said else "it ended by itself")

    def _silent(self, seconds: float) -> JudgeError:
        self._end()
        return JudgeError(
            f"the judge {self._name} did not answer within {seconds:g} s, so it was ended"
        )

    def _failed(self, what: str) -> JudgeError:
        self._end()
        return JudgeError(f"the judge {self._name} failed: {printable(what)}")


def _pass_on(stdout: IO[bytes], lines: queue.SimpleQueue[bytes]) -> None:
    """Read in a thread of its own, so that a time limit holds on every system."""
    while line := stdout.readline(MAX_LINE_BYTES):
        lines.put(line)
    lines.put(b"")


def _end(process: subprocess.Popen[bytes], printed: IO[bytes]) -> None:
    end_group(process.pid)
    process.wait()
    for pipe in (process.stdin, process.stdout, printed):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue
