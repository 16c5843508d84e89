"""Runs a person's judge in a process of its own: tries come in, what each is worth goes out.

Started by `judge_program.py` as `python -I judge_child.py PROGRAM`; standard library only. A line
of JSON for each batch, both ways, on descriptors 0 and 1; what the program prints goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import TextIO

MAX_MEMORY_BYTES = 2 * 2**30
MAX_WRITTEN_BYTES = 16 * 2**20
MAX_CPU_S = 20
"""Of one batch."""


def main() -> None:
    """Judge until the other side is gone; the last line may say what went wrong and where."""
    program = sys.argv[1]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    lines = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    _limit()
    try:
        judge = _judge_in(program)
        _send(out, {"ready": True})
        for line in lines:
            _limit_time()
            _send(
                out, {"worth": [_worth(judge, prompt, said) for prompt, said in json.loads(line)]}
            )
    except BaseException as error:
        _send(out, {"error": _error_text(error), "line": _line(error, program)})


def _judge_in(program: str) -> Callable[[str, str], object]:
    with open(program, "rb") as file:
        code = compile(file.read(), program, "exec")
    scope: dict[str, object] = {"__name__": "judge", "__file__": program}
    exec(code, scope)
    judge = scope.get("judge")
    if not callable(judge):
        raise LookupError("there is no function `judge(prompt, answer)` in it")
    return judge


def _worth(judge: Callable[[str, str], object], prompt: str, said: str) -> float:
    worth = judge(prompt, said)
    if not isinstance(worth, bool | int | float) or worth != worth:
        shown = repr(worth)[:60]
        raise TypeError(f"judge({prompt!r}, {said!r}) is {shown}, not true, false or a number")
    return min(max(float(worth), 0.0), 1.0)


def _limit() -> None:
    """Against accidents: memory without end, a file that fills the disk."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):
            continue
    _limit_time()


def _limit_time() -> None:
    """Against a loop without end, should nobody be left to end it: so much more for this batch."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + MAX_CPU_S
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, most))
    except (OSError, ValueError):
        return


def _send(out: TextIO, message: dict[str, object]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


def _error_text(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return f"it needs more than {MAX_MEMORY_BYTES // 2**30} GB of memory"
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg}"
    text = str(error.args[0]) if isinstance(error, LookupError) and error.args else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _line(error: BaseException, program: str) -> int:
    """The last line of the program on the way to the error; 0 when there is none."""
    if isinstance(error, SyntaxError) and error.filename == program:
        return error.lineno or 0
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno or 0 for frame in frames if frame.filename == program]
    return lines[-1] if lines else 0


if __name__ == "__main__":
    main()
