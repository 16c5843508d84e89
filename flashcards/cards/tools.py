"""Tools that an answer may call: `calc(47*83)` in it is worked out and gives place to the result.

A deck names built-in tools alone. A program of somebody's own is named on the command line, and
runs as a judge's program does (`trainer/judging.py`).
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

MAX_CALLS = 8  # in one answer; those behind them stay as they are

Tool = Callable[[str], str]
"""Works out what stands in the brackets. Raises ToolError: it can't."""

_CALL = re.compile(r"\b([a-z][a-z0-9_]{0,29})\(([^()]{0,200})\)")
_NUMBER = r"-?\d{1,15}(?:\.\d{1,15})?"
_TERM = re.compile(rf"\s*({_NUMBER})\s*((?:[-+*/]\s*{_NUMBER}\s*){{0,20}})")
_NEXT = re.compile(rf"([-+*/])\s*({_NUMBER})")


class ToolError(ValueError):
    """A call that a tool can't work out; the text says why."""


def calculate(text: str) -> str:
    """Work out numbers with + - * / between them. Raises ToolError: it is something else."""
    term = _TERM.fullmatch(text)
    if term is None:
        raise ToolError("no numbers with + - * / between them")
    parts = [Fraction(term[1])]
    for sign, number in _NEXT.findall(term[2]):
        value = Fraction(number)
        if sign == "/" and not value:
            raise ToolError("a division by 0")
        match sign:
            case "*":
                parts[-1] *= value
            case "/":
                parts[-1] /= value
            case _:
                parts.append(value if sign == "+" else -value)
    total = sum(parts)
    return str(total) if total == int(total) else f"{float(total):.10g}"


BUILT_IN: Mapping[str, Tool] = {"calc": calculate}


def with_calls(answer: str, tools: Mapping[str, Tool]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The answer with the result in the place of each call, and each call with its result.
    A call that can't be worked out stays, and its result is "" ."""
    calls: list[tuple[str, str]] = []

    def result_of(call: re.Match[str]) -> str:
        tool = tools.get(call[1])
        if tool is None or len(calls) == MAX_CALLS:
            return call[0]
        try:
            result = tool(call[2])
        except ToolError:
            result = ""
        calls.append((call[0], result))
        return result or call[0]

    return _CALL.sub(result_of, answer), tuple(calls)
