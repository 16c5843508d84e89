"""One line of a ```flashcards block becomes a directive, or an error that says how to mend it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import get_args

from flashcards.runs.values import SPEEDS, Speed
from flashcards.talks import talk
from flashcards.talks.talk import AnyDirective, Goal

VIEWS: tuple[talk.View, ...] = get_args(talk.View)
GOALS = ("step", "seen", "unseen", "seconds")
RATES = (1 / 1024, 1024.0)


class DirectiveError(Exception):
    """A line that can't be obeyed; the message says why and what would be right."""


def read_directive(text: str, line: int) -> AnyDirective:
    """The directive of one line of a block.

    Raises:
        DirectiveError: it is none, or its arguments are wrong.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise DirectiveError("a quotation mark is never closed") from error
    name, rest = words[0], words[1:]
    if name in ("go", "hand") and rest and rest[0] in ("on", "over"):
        name, rest = f"{name} {rest[0]}", rest[1:]
    reader = _READERS.get(name)
    if reader is None:
        close = get_close_matches(name, [*_READERS, "wait"], n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are: {', '.join(_READERS)}, wait"
        raise DirectiveError(f"no directive is called {name!r}; {hint}")
    return reader(rest, line)


def _teach(words: list[str], line: int) -> AnyDirective:
    options, goal = _split_goal(words)
    if not options or "=" in options[0]:
        raise DirectiveError("teach wants a deck: teach capitals seed=7 until seen=0.9")
    seed, speed = 1, "full"
    for name, value in map(_pair, options[1:]):
        if name == "seed":
            seed = _whole(name, value)
        elif name == "speed":
            speed = _one_of("speed", value, SPEEDS)
        else:
            raise DirectiveError(f"teach knows seed= and speed=, then until; not {name}=")
    return talk.Teach(line=line, deck=options[0], seed=seed, speed=_speed(speed), goal=goal)


def _go_on(words: list[str], line: int) -> AnyDirective:
    options, goal = _split_goal(words)
    if options:
        raise DirectiveError(f"go on knows until alone, not {options[0]!r}")
    return talk.GoOn(line=line, goal=goal)


def _split_goal(words: list[str]) -> tuple[list[str], Goal | None]:
    """The words before `until`, and what follows it."""
    if "until" not in words:
        return words, None
    place = words.index("until")
    return words[:place], _goal(words[place + 1 :])


def _goal(words: list[str]) -> Goal:
    parts = [part for part in words if part != "|"]
    if not parts:
        raise DirectiveError("until wants step=200, seen=0.9, unseen=0.9 or seconds=8")
    numbers: dict[str, float] = {}
    for name, value in map(_pair, parts):
        if name not in GOALS:
            raise DirectiveError(f"until knows {', '.join(GOALS)}; not {name}=")
        if name == "step":
            numbers[name] = _whole(name, value)
            continue
        number = _number(name, value)
        is_share = name != "seconds"
        if not 0 < number <= (1 if is_share else 36_000):
            raise DirectiveError(
                f"{name}={value}: " + ("a share is above 0, at most 1" if is_share else "too much")
            )
        numbers[name] = number
    step = numbers.get("step")
    return Goal(
        step=None if step is None else int(step),
        seen=numbers.get("seen"),
        unseen=numbers.get("unseen"),
        seconds=numbers.get("seconds"),
    )


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals or not value:
        raise DirectiveError(f"{word!r} wants a value: {name}=…")
    return name, value


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= 12):
        raise DirectiveError(f"{name}={value}: a whole number is wanted")
    return int(value)


def _number(name: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise DirectiveError(f"{name}={value}: a number is wanted")
    return number


def _one_of(what: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise DirectiveError(f"no {what} is called {value!r}; there are: {', '.join(known)}")
    return value


def _speed(name: str) -> Speed:
    return next(speed for speed in SPEEDS if speed == name)


def _only(words: list[str], name: str, what: str) -> str:
    if len(words) != 1:
        raise DirectiveError(f"{name} wants {what}")
    return words[0]


def _is_on(words: list[str], name: str) -> bool:
    return _one_of("setting", _only(words, name, "on or off"), ("on", "off")) == "on"


def _rate(words: list[str], line: int) -> AnyDirective:
    text = _only(words, "rate", "a factor: rate x8")
    factor = _number("rate", text.removeprefix("x").removeprefix("×"))
    low, high = RATES
    if not low <= factor <= high:
        raise DirectiveError(f"rate {text}: a factor from {low:.4f} to {high:,.0f} is wanted")
    return talk.Rate(line=line, factor=factor)


def _show(words: list[str], line: int) -> AnyDirective:
    name = _one_of("view", _only(words, "view", f"one of: {', '.join(VIEWS)}"), VIEWS)
    return talk.Show(line=line, view=next(view for view in VIEWS if view == name))


def _step(words: list[str], line: int) -> AnyDirective:
    _one_of("step", _only(words, "step", "phases: step phases"), ("phases",))
    return talk.StepPhases(line=line)


def _at_speed(words: list[str], line: int) -> AnyDirective:
    name = _one_of("speed", _only(words, "speed", f"one of: {', '.join(SPEEDS)}"), SPEEDS)
    return talk.AtSpeed(line=line, speed=_speed(name))


def _ask(words: list[str], line: int) -> AnyDirective:
    prompt = _only(words, "ask", 'one prompt, in quotation marks: ask "17+25"')
    if not prompt.strip():
        raise DirectiveError("ask wants a prompt that is not empty")
    return talk.AskModel(line=line, prompt=prompt)


def _bare(make: Callable[[int], AnyDirective], name: str) -> _Reads:
    def read(words: list[str], line: int) -> AnyDirective:
        if words:
            raise DirectiveError(f"{name} wants nothing after it, not {words[0]!r}")
        return make(line)

    return read


_Reads = Callable[[list[str], int], AnyDirective]

_READERS: Mapping[str, _Reads] = {
    "teach": _teach,
    "go on": _go_on,
    "pause": _bare(lambda line: talk.Hold(line=line), "pause"),
    "view": _show,
    "step": _step,
    "speed": _at_speed,
    "ask": _ask,
    "present": lambda words, line: talk.Present(line=line, is_on=_is_on(words, "present")),
    "twin": lambda words, line: talk.WithTwin(line=line, is_on=_is_on(words, "twin")),
    "rate": _rate,
    "humans": _bare(lambda line: talk.Guessing(line=line), "humans"),
    "hand over": _bare(lambda line: talk.HandOver(line=line), "hand over"),
}
