"""Runs a person's program in a process of its own: what it makes or judges comes out. Started by
`exchange/generating.py` as `python -I persons_program.py generator PROGRAM SECONDS`, by
`trainer/judging.py` as `… judge PROGRAM` and `… tool PROGRAM`; standard library only. Lines of JSON
go to what was descriptor 1, a judge's tries and a tool's texts come from descriptor 0; what the
program prints goes to stderr."""

import contextlib
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any, TextIO

MAX_MEMORY_BYTES = 2 * 2**30
MAX_WRITTEN_BYTES = {"generator": 256 * 2**20, "judge": 16 * 2**20, "tool": 16 * 2**20}
MAX_BATCH_CPU_S = 20  # of one batch of tries


def main() -> None:
    kind, program, *seconds = sys.argv[1:]
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    try:
        if kind == "judge":
            _answer(kind, "judge(prompt, answer)", program, out)
        elif kind == "tool":
            _answer(kind, "tool(text)", program, out)
        else:
            _generate(program, out, int(seconds[0]))
    except BaseException as error:
        _send(out, error=_error_text(error), line=_line(error, program))


def _generate(program: str, out: TextIO, seconds: int) -> None:
    scope = _run("generator", program, CPU=(seconds + 1, seconds + 1))
    cards = scope.get("cards")
    if not callable(cards):
        _send(out, error="there is no function `cards` in it", line=0)
        return
    front = scope.get("DECK", {})
    if not isinstance(front, dict):
        _send(out, error='DECK is not a dict like {"name": "Squares"}', line=0)
        return
    _send(out, front={str(key): value for key, value in front.items()})
    number = 0
    yielded = cards()
    if yielded is None:
        raise TypeError("cards() gave nothing; it should yield cards")
    for number, card in enumerate(yielded, 1):
        out.write(json.dumps({"card": _texts(card, number)}) + "\n")
    _send(out, ended=number)


def _texts(card: object, number: int) -> list[str]:
    parts = list(card) if isinstance(card, tuple | list) else []
    if len(parts) == 2 and isinstance(parts[1], tuple | list):
        parts = [parts[0], *parts[1]]
    if len(parts) < 2 or not all(isinstance(part, str | int | float) for part in parts):
        excerpt = repr(card)
        excerpt = excerpt if len(excerpt) <= 60 else excerpt[:59] + "…"
        raise TypeError(f"card {number} is {excerpt}, not a prompt and an answer")
    return [str(part) for part in parts]


def _answer(kind: str, signature: str, program: str, out: TextIO) -> None:
    """Answer lines for as long as they come: tries with what they are worth, or texts."""
    lines = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    function = _run(kind, program, **_batch_limit()).get(kind)
    if not callable(function):
        raise LookupError(f"there is no function `{signature}` in it")
    _send(out, ready=True)
    for line in lines:
        limit(**_batch_limit())
        given = json.loads(line)
        if kind == "judge":
            _send(out, worth=[_worth(function, prompt, answer) for prompt, answer in given])
        else:
            _send(out, text=_text(function, given))


def _text(tool: Callable[[str], object], given: str) -> str:
    text = tool(given)
    if not isinstance(text, str | int | float):
        raise TypeError(f"tool({given!r}) is {repr(text)[:60]}, not a text")
    return str(text)


def _worth(judge: Callable[[str, str], object], prompt: str, answer: str) -> float:
    worth = judge(prompt, answer)
    if not isinstance(worth, bool | int | float) or worth != worth:
        excerpt = repr(worth)[:60]
        raise TypeError(f"judge({prompt!r}, {answer!r}) is {excerpt}, not true, false or a number")
    return min(max(float(worth), 0.0), 1.0)


def _run(kind: str, program: str, **limits: tuple[int, int]) -> dict[str, object]:
    """The names that the program defines. Limits are against accidents: endless loops, memory."""
    most = {"AS": MAX_MEMORY_BYTES, "FSIZE": MAX_WRITTEN_BYTES[kind], "CORE": 0}
    limit(**{name: (size, size) for name, size in most.items()}, **limits)
    with open(program, "rb") as file:
        code = compile(file.read(), program, "exec")
    scope: dict[str, object] = {"__name__": kind, "__file__": program}
    exec(code, scope)
    return scope


def limit(**limits: tuple[int, int]) -> None:
    if sys.platform == "win32":
        return
    import resource

    for name, soft_and_hard in limits.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), soft_and_hard)


def _batch_limit() -> dict[str, tuple[int, int]]:
    """Should nobody be left to end it: so much more time for this batch."""
    if sys.platform == "win32":
        return {}
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    return {"CPU": (int(used.ru_utime + used.ru_stime) + MAX_BATCH_CPU_S, most)}


def _send(out: TextIO, **message: Any) -> None:
    out.write(json.dumps(message, default=str) + "\n")
    out.flush()


def _error_text(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return f"it needs more than {MAX_MEMORY_BYTES // 2**30} GB of memory"
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg}"
    text = str(error)
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
