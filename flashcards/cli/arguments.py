"""Parts that all commands share: exit codes, common arguments, reading values, finding runs."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from flashcards.base.errors import Terminated, UserError
from flashcards.base.language import LANGUAGES
from flashcards.terminal.output import print_line

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp

OK = 0
WRONG_INPUT = 1
USAGE = 2
NOT_REACHED = 3
MAX_SEED = 1 << 53
INTERRUPTED = 130  # what a shell says of a program that Ctrl-C ended


LOOK_FOR_GARBAGE_AFTER = 50_000  # objects; Python's 700 took 8 % of the time to the first frame


class Parser(argparse.ArgumentParser):
    """Says what is wrong on one line, where argparse prints the whole usage before it; and takes
    options between the words of a command: `ask RUN --at 100 France`."""

    _is_intermixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self._is_intermixing or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        self._is_intermixing = True  # it calls this again, for options and then for the rest
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_intermixing = False

    def error(self, message: str) -> NoReturn:
        text = f"{self.prog}: {message}; see `{self.prog} --help`\n"
        self.exit(USAGE, None if rank() else text)

    def flag(self, name: str, text: str) -> None:
        self.add_argument(name, action="store_true", help=text)

    def option(self, name: str, metavar: str, text: str, **options: Any) -> None:
        self.add_argument(name, metavar=metavar, help=text, **options)

    def choice(self, name: str, text: str, *choices: str, **options: Any) -> None:
        self.add_argument(name, choices=choices, help=text, **options)

    def number(self, name: str, metavar: str, text: str, default: float | None = None) -> None:
        self.option(name, metavar, text, type=positive(float), default=default)

    def count(self, name: str, metavar: str, text: str, *, or_zero: bool = False) -> None:
        """An option with a whole number above 0, or from 0 on."""
        self.option(name, metavar, text, type=positive(int, or_zero=or_zero))

    def one_of(self, **texts: str) -> None:
        group = self.add_mutually_exclusive_group()
        for name, text in texts.items():
            group.add_argument(f"--{name.replace('_', '-')}", action="store_true", help=text)


class Interrupted(UserError):  # noqa: N818
    """Ctrl-C ended the command; the message says what is there of its work."""


Command = Callable[[argparse.Namespace], int]
Argument = Callable[[Parser], object]  # adds one argument or several to a command


class Add(Protocol):
    """Adds a command, its help the docstring of what it runs; its parser, to add arguments to."""

    def __call__(self, name: str, run: Command, *common: Argument) -> Parser: ...


def argument(*names: str, **options: Any) -> Argument:
    return lambda parser: parser.add_argument(*names, **options)


def seed(text: str) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error
    if abs(number) > MAX_SEED:
        raise argparse.ArgumentTypeError(f"{text}: a seed is from -{MAX_SEED} to {MAX_SEED}")
    return number


def ask(text: str) -> str:
    from flashcards.cards.card import ASK_WANTED, IN_CHAT, is_template
    from flashcards.cards.front_matter import one_line

    if text != IN_CHAT and not is_template(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not {ASK_WANTED}")
    return one_line(text)


def keep_back(text: str) -> float:
    """The share of a deck's cards that are never taught: 0 for none."""
    if text == "none":
        return 0.0
    try:
        share = float(text)
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not none or a share between 0 and 1")
    return share


DECK = argument("deck", metavar="DECK", help="a deck's name or path")
RUN = argument("folder", metavar="RUN", help="a run's name or path")
JSON = argument("--json", action="store_true", help="print one JSON object")
FORCE = argument("--force", action="store_true", help="replace the file if it exists")
KEEP_BACK = argument(
    "--keep-back",
    type=keep_back,
    metavar="none|SHARE",
    help="the share of the cards that is asked and never taught, to tell memory from "
    "understanding (none)",
)
SEED = argument("--seed", type=seed, default=1, metavar="K", help="same seed, same result (1)")
ORDER_SEED = argument(
    "--seed",
    type=seed,
    metavar="K",
    help="same seed, same result; with --after, of the order of cards and tries (the run's)",
)
MODEL = argument(
    "--model",
    metavar="PATH|OWNER/NAME",
    help="teach a model that others have trained: a folder with config.json and safetensors, a "
    "GGUF file, or OWNER/NAME of the Hugging Face hub",
)
DEVICE = argument("--device", default="cpu", metavar="cpu|cuda|mps", help="where to train (cpu)")
THEME = argument("--theme", metavar="NAME", help="a Textual theme, such as textual-light")
DEBUG = argument(
    "--debug", action="store_true", help="end with the traceback when the screen fails"
)
RUNS = argument("--runs", metavar="DIR", help="the folder that holds the runs")
LANGUAGE = argument("--language", choices=LANGUAGES, help="the language of screens and texts (en)")
ASK = argument(
    "--ask",
    type=ask,
    metavar="TEMPLATE",
    help='what the model reads for each prompt, such as "The capital of {prompt} is"; chat: in '
    "the chat template of a model that others have trained",
)
SCREEN = (RUNS, LANGUAGE, THEME, DEBUG)
JSON_AT_END = "print one JSON object at the end"


def fail(message: str, code: int = WRONG_INPUT) -> int:
    """Say on one line of stderr what is wrong; the exit code."""
    if not rank():
        print_line(f"flashcards: {message}", is_error=True)
    return code


def rank() -> int | None:
    """This process's number among those that torchrun started; None when it is alone."""
    number = os.environ.get("RANK", "")
    return int(number) if number.isdecimal() and "WORLD_SIZE" in os.environ else None


def runs_root(parsed: argparse.Namespace) -> Path:
    from flashcards.runs import catalog

    return catalog.runs_root(parsed.runs)


def find_run(parsed: argparse.Namespace, name: str | None = None) -> Path:
    """The run folder that `RUN`, or `name`, stands for. Raises UserError: none, or several."""
    from flashcards.runs import catalog

    return catalog.find_run(runs_root(parsed), parsed.folder if name is None else name)


def run_unless_deck(parsed: argparse.Namespace, name: str) -> Path | None:
    """The run that is called so; None where a deck is. Raises UserError: neither is."""
    from flashcards.cards.shelf import DeckNotFound, find
    from flashcards.runs.folder import RunError

    try:
        if (Path(name) / "run.json").is_file():
            return find_run(parsed, name)
        find(name)
    except DeckNotFound as no_deck:
        try:
            return find_run(parsed, name)
        except RunError:
            raise UserError(f"{no_deck} (no run is called so either)") from None
    return None


def require_terminal(instead: str) -> None:
    """Raises UserError: input or output is no terminal; the message says what works `instead`.
    Called before anything of the screen is loaded."""
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        raise UserError(f"the screen needs a terminal; {instead}")
    # Textual waits this long to tell the escape key from a sequence; its own 100 ms can be felt.
    # tmux waits as long.
    os.environ.setdefault("ESCDELAY", "10")
    gc.set_threshold(LOOK_FOR_GARBAGE_AFTER)


def run_app(app: FlashcardsApp) -> int:
    """Show the screen until it is left, and say where the lesson is; the exit code."""
    import signal

    from flashcards.app.faults import left_by
    from flashcards.cli.leaving import ended_with_terminal, leave

    with (
        contextlib.redirect_stdout(sys.__stdout__),
        contextlib.redirect_stderr(sys.__stderr__),
        ended_with_terminal(app.end_with_terminal),
        left_by(app.end_with_terminal, signal.SIGTERM) as signals,
    ):
        app.run()
    leave(app)
    if signals:
        raise Terminated
    return app.return_code or OK


def positive(kind: type[int] | type[float], *, or_zero: bool = False) -> Callable[[str], float]:
    """Reads a finite number above 0, or from 0 on."""

    def parse(text: str) -> float:
        try:
            number = kind(text)
        except ValueError as error:
            whole = "whole " if kind is int else ""
            raise argparse.ArgumentTypeError(f"{text!r} is not a {whole}number") from error
        if not (0 <= number < float("inf")) or (number == 0 and not or_zero):
            wanted = "a number from 0 on" if or_zero else "a number above 0"
            raise argparse.ArgumentTypeError(f"{text} is not {wanted}")
        return number

    return parse


def columns(text: str) -> tuple[int, int]:
    front, _, back = text.partition(",")
    if not (front.isdecimal() and back.isdecimal() and "0" not in (front, back)):
        raise argparse.ArgumentTypeError(f"{text!r} is not two columns like 1,2")
    return int(front[:4]), int(back[:4])


def until(text: str) -> tuple[str, float]:
    """A score's name and the share of it that is wanted, 0 to 1; or `step` and its number."""
    from flashcards.runs.goal import WrittenError, read_part

    try:
        name, number = read_part(text)
    except WrittenError:
        name = ""
        number = 0.0
    if name not in ("seen", "unseen", "step") or not number:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not seen=SHARE, unseen=SHARE (0 to 1) or step=N"
        )
    return name, number


def share(text: str) -> float:
    number = positive(float, or_zero=True)(text)
    if number > 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to 1")
    return number


def shares(text: str) -> tuple[float, ...]:
    try:
        shares = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list like 0.1,0.5,1") from error
    if not all(0 < share <= 1 for share in shares):
        raise argparse.ArgumentTypeError(f"{text!r}: a share is above 0 and at most 1")
    return shares


def add_speed(parser: Parser) -> None:
    text = "how fast cards are taught: explained one by one, up to as fast as possible"
    parser.choice("--speed", text, "explain", "slow", "brisk", "full")


def add_until(parser: Parser) -> None:
    parser.add_argument(
        "--until",
        type=until,
        action="append",
        default=[],
        metavar="seen=1.0|unseen=0.95|step=N",
        help="stop at this share of right answers, confirmed on all cards, or at this step; "
        "the screen pauses there",
    )


def setting(text: str) -> tuple[str, tuple[int | float | str, ...]]:
    """A setting's name and the values to try: learning_rate=0.01,0.02."""
    name, equals, values = text.partition("=")
    parts = values.split(",")
    if not (name.isidentifier() and equals and all(_is_plain(part) for part in parts)):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE,VALUE")
    return name, tuple(map(_value, parts))


def one_setting(text: str) -> tuple[str, int | float | str]:
    name, values = setting(text)
    if len(values) != 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not NAME=VALUE; `flashcards sweep` tries several"
        )
    return name, values[0]


def _is_plain(text: str) -> bool:
    return bool(text) and all(
        char.isascii() and (char.isalnum() or char in "_.+-") for char in text
    )


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def add_settings(parser: Parser, *, is_one: bool) -> None:
    """`--set` and, short for its `size=…`, `--size`: of each setting one value, or several."""
    kind = one_setting if is_one else setting
    what = "a setting of the learner, such as learning_rate=0.01"
    if not is_one:
        what = "settings to try, such as learning_rate=0.01,0.02; of several, every combination"
    how = "NAME=VALUE" if is_one else "NAME=A,B"
    parser.add_argument("--set", type=kind, action="append", default=[], metavar=how, help=what)
    parser.add_argument(
        "--size",
        dest="set",
        type=lambda text: kind(f"size={text}"),
        action="append",
        metavar="small|medium|large|xl",
        help="how large the model is: 0.2, 3, 12 or 48 million numbers (small)",
    )
