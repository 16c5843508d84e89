"""A judge that is a person's program: `judge(prompt, answer)` in a process of its own.

It runs only when it is named here, with limits on its time, memory and output. They guard against
accidents: it may do whatever its user may.
"""

from __future__ import annotations

import json
import queue
import weakref
from collections.abc import Sequence
from pathlib import Path

import msgspec

from flashcards.base import persons_program
from flashcards.base.child_process import JsonLinesThread
from flashcards.base.system import python
from flashcards.cards.card import JudgeSpec
from flashcards.cards.judges import Asked, JudgeError
from flashcards.cards.printable import printable

START_S = 20.0
BATCH_S = 10.0
"""It is ended when it has not answered by then."""

MAX_SAID_CHARACTERS = 300


class _Message(msgspec.Struct):
    """A line that the child writes."""

    worth: list[float] | None = None
    ready: bool = False
    error: str = ""
    line: int = 0


class ProgramJudge:
    """The running program, which is ended with this object."""

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
        self._lines: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
        try:
            self.child = JsonLinesThread(
                python("-I", persons_program.__file__, "judge", str(path.resolve())),
                msgspec.json.Decoder(_Message).decode,
                self._lines.put,
            )
        except OSError as error:
            raise JudgeError(f"the judge {self._name} can't be started: {error}") from error
        self._end = weakref.finalize(self, self.child.end)
        self._answer(start_s)

    def __call__(self, tries: Sequence[Asked]) -> list[float]:
        """What each try is worth, 0 to 1.
        Raises JudgeError: it fails or takes too long; it is ended then."""
        self.child.send(json.dumps([(one.prompt, one.said) for one in tries]).encode() + b"\n")
        worth = self._answer(self._batch_s).worth
        if worth is None or len(worth) != len(tries):
            raise self._failed("it did not judge every try")
        return worth

    def _answer(self, seconds: float) -> _Message:
        try:
            message = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise self._silent(seconds) from None
        if message is None:
            if self.child.wait(self._batch_s) is None:
                raise self._silent(self._batch_s)
            said = self.child.last_said[:MAX_SAID_CHARACTERS]
            raise self._failed(said or "it ended by itself")
        if message.error:
            place = f"{self._name}:{message.line}" if message.line else self._name
            self._end()
            raise JudgeError(f"the judge {place} failed: {printable(message.error)}")
        return message

    def _silent(self, seconds: float) -> JudgeError:
        self._end()
        return JudgeError(
            f"the judge {self._name} did not answer within {seconds:g} s, so it was ended"
        )

    def _failed(self, what: str) -> JudgeError:
        self._end()
        return JudgeError(f"the judge {self._name} failed: {printable(what)}")
