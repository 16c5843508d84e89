"""What the commands share: exit codes, common options, and how an argument's text is read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Protocol

LANGUAGES = ("de", "en", "es")
"""As in `flashcards.language`, which only a command that speaks imports."""

OK, WRONG_INPUT, NOT_REACHED = 0, 1, 3

Command = Callable[[argparse.Namespace], int]


class Add(Protocol):
    """Adds a command, its help the docstring of what it runs; its parser, to add arguments to."""

    def __call__(
        self, name: str, run: Command, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser: ...


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--seed", type=int, default=1, metavar="K", help="same seed, same run")
    common.add_argument("--device", default="cpu", metavar="cpu|cuda|mps", help="where to train")
    common.add_argument("--speed", choices=("explain", "slow", "brisk", "full"), default=None)
    return common


def _runs() -> argparse.ArgumentParser:
    runs = argparse.ArgumentParser(add_help=False)
    runs.add_argument("--runs", metavar="DIR", help="where runs are kept")
    runs.add_argument("--language", choices=LANGUAGES, help="of the program's own sentences")
    return runs


COMMON, RUNS = _common(), _runs()


def fail(message: str) -> int:
    """Say on one line of stderr what is wrong with the input."""
    print(f"flashcards: {message}", file=sys.stderr)
    return WRONG_INPUT


def positive(kind: type[int] | type[float], *, or_zero: bool = False) -> Callable[[str], float]:
    """Reads a finite number above 0, or from 0 on."""

    def parse(text: str) -> float:
        try:
            number = kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
        if not (0 <= number < float("inf")) or (number == 0 and not or_zero):
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return number

    return parse


def columns(text: str) -> tuple[int, int]:
    """Two columns, counted from 1."""
    front, _, back = text.partition(",")
    if not (front.isdecimal() and back.isdecimal() and "0" not in (front, back)):
        raise argparse.ArgumentTypeError(f"{text!r} is not two columns like 1,2")
    return int(front[:4]), int(back[:4])


def until(text: str) -> tuple[str, float]:
    """A score's name and the share of it that is wanted, 0 to 1; or `step` and its number."""
    from flashcards.runs.goal import GoalError, read_part

    try:
        name, number = read_part(text)
    except GoalError:
        name, number = "", 0.0
    if name not in ("seen", "unseen", "step") or not number:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not seen=SHARE, unseen=SHARE (0 to 1) or step=N"
        )
    return name, number


def shares(text: str) -> tuple[float, ...]:
    """Shares of the cards, ascending."""
    try:
        shares = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list like 0.1,0.5,1") from error
    if not all(0 < share <= 1 for share in shares):
        raise argparse.ArgumentTypeError(f"{text!r}: shares are above 0, at most 1")
    return shares
