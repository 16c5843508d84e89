"""Runs a person's program in a process of its own and passes on the cards it yields.

Started by `generating.py` as `python -I generator_child.py PROGRAM SECONDS`; standard library
only. Descriptor 1 is kept for the cards, a JSON line each; what the program prints goes to stderr.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from typing import TextIO

MAX_MEMORY_BYTES = 2 * 2**30
MAX_WRITTEN_BYTES = 256 * 2**20


def main() -> None:
    """Run the program; the last line says that it ended, or what went wrong and where."""
    program, seconds = sys.argv[1], int(sys.argv[2])
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="surrogatepass", newline="\n")
    os.dup2(2, 1)
    _limit(seconds)
    try:
        _run(program, out)
    except BaseException as error:
        _send(out, {"error": _error_text(error), "line": _line(error, program)})


def _run(program: str, out: TextIO) -> None:
    with open(program, "rb") as file:
        code = compile(file.read(), program, "exec")
    scope: dict[str, object] = {"__name__": "generator", "__file__": program}
    exec(code, scope)
    cards = scope.get("cards")
    if not callable(cards):
        _send(out, {"error": "there is no function `cards` in it", "line": 0})
        return
    front = scope.get("DECK", {})
    if not isinstance(front, dict):
        _send(out, {"error": 'DECK is not a dict like {"name": "Squares"}', "line": 0})
        return
    _send(out, {"front": {str(key): value for key, value in front.items()}})
    number = 0
    made = cards()
    if made is None:
        raise TypeError("cards() gave nothing; it should yield cards")
    for number, card in enumerate(made, 1):
        out.write(json.dumps({"card": _texts(card, number)}) + "\n")
    _send(out, {"ended": number})


def _texts(card: object, number: int) -> list[str]:
    parts = list(card) if isinstance(card, tuple | list) else []
    if len(parts) == 2 and isinstance(parts[1], tuple | list):
        parts = [parts[0], *parts[1]]
    if len(parts) < 2 or not all(isinstance(part, str | int | float) for part in parts):
        shown = repr(card)
        shown = shown if len(shown) <= 60 else shown[:59] + "…"
        raise TypeError(f"card {number} is {shown}, not a prompt and an answer")
    return [str(part) for part in parts]


def _limit(seconds: int) -> None:
    """Against accidents: a loop without end, memory without end, a file that fills the disk."""
    if sys.platform == "win32":
        return
    import resource

    for kind, most in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, seconds + 1),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):
            continue


def _send(out: TextIO, message: dict[str, object]) -> None:
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
