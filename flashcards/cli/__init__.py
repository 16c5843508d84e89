"""The commands, grouped by what one wants to do; each imports what computes or paints when it runs.
Exit codes: 0 done, 1 the user's input is wrong, 2 usage, 3 `--until` not reached, 130 ended by
Ctrl-C, 143 by SIGTERM."""

import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence

from flashcards.base.errors import ENDED_BY_SIGNAL, Terminated, UserError
from flashcards.base.language import choose
from flashcards.base.version import __version__
from flashcards.cli import arguments as args
from flashcards.terminal.output import OutputError, give_up, guarded

GROUPS: dict[str, dict[str, tuple[str, ...]]] = {
    "Teach": {
        "stage": ("course",),
        "words": ("word",),
        "teaching": ("play", "teach", "read", "reward", "train"),
    },
    "Look again": {
        "runs": ("replay", "watch", "ask", "exam", "runs"),
        "comparing": ("compare", "verify"),
    },
    "Write decks": {"decks": ("new", "generate", "import", "check", "decks")},
    "Show": {
        "stage": ("talk", "rehearse", "serve"),
        "sharing": ("report", "page", "record", "curves", "export"),
    },
    "Measure": {"sweeping": ("sweep", "scaling", "context")},
}
"""Commands by group and module. Modules are named, not imported: a command loads its own alone."""

PARTS = {name: part for parts in GROUPS.values() for part, names in parts.items() for name in names}

HEAD = """\
Teach a small language model with flashcards, live, in your terminal.

Usage: flashcards [DECK]              open the screen on a deck
       flashcards COMMAND [ARGUMENTS]"""

FOOT = """\
Options
  -h, --help  Show this help, or after COMMAND the help of that command.
  --version   Show the version.

Examples
  flashcards capitals
  flashcards train addition --until unseen=0.95
  flashcards new my-verbs"""


def main(arguments: Sequence[str] | None = None) -> int:
    with guarded(), _ended_by_sigterm():
        try:
            code = _run(list(sys.argv[1:] if arguments is None else arguments))
            sys.stdout.flush()
            return code
        except OutputError as error:
            give_up()
            return args.OK if error.is_unread else args.fail(str(error))
        except args.Interrupted as error:
            return args.fail(str(error), _code_of(error.__context__))
        except UserError as error:
            return args.fail(str(error))
        except OSError as error:
            return args.fail(
                f"{error.filename or 'a file'} can't be used: {error.strerror or error}"
            )
        except KeyboardInterrupt as error:
            is_asked = isinstance(error, Terminated)
            return args.fail("ended by SIGTERM" if is_asked else "interrupted", _code_of(error))


@contextlib.contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the command as Ctrl-C does, so that it clears up and says so."""

    def end(*_: object) -> None:
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _code_of(ended_by: BaseException | None) -> int:
    is_asked = isinstance(ended_by, Terminated)
    return ENDED_BY_SIGNAL + signal.SIGTERM if is_asked else args.INTERRUPTED


def _run(words: list[str]) -> int:
    try:
        os.getcwd()
    except OSError:
        return args.fail("the current folder is gone; go to another one")
    first = words[0] if words else ""
    if first in ("-h", "--help"):
        print(overview())
        return args.OK
    if first not in PARTS and first != "--version":
        if first[:1] not in ("", "-") and words[1:2] and not words[1].startswith("-"):
            from flashcards.cards.diagnostics import did_you_mean, excerpt

            hint = did_you_mean(first, PARTS) or "; `flashcards --help` lists the commands"
            return args.fail(f"no command is called {excerpt(first)}{hint}", args.USAGE)
        words.insert(0, "play")
    parsed = _parser(PARTS.get(words[0])).parse_args(words)
    choose(getattr(parsed, "language", None))
    if args.rank() is not None and words[0] != "train":
        return args.fail(
            "torchrun starts the processes of one training: it is for `train`", args.USAGE
        )
    run: args.Command = parsed.run
    return run(parsed)


def overview() -> str:
    summaries: dict[str, str] = {}

    def add(name: str, run: args.Command, *common: args.Argument) -> args.Parser:
        summaries[name] = run.__doc__ or ""
        return args.Parser()

    for part in {*PARTS.values()}:
        _register(part, add)
    lines = [HEAD]
    for title, parts in GROUPS.items():
        names = (name for names in parts.values() for name in names)
        lines += ["", title, *(f"  {name:<10}{summaries[name]}" for name in names)]
    return "\n".join([*lines, "", FOOT])


def _parser(part: str | None) -> args.Parser:
    parser = args.Parser(prog="flashcards")
    parser.add_argument("--version", action="version", version=f"flashcards {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: args.Command, *common: args.Argument) -> args.Parser:
        command = commands.add_parser(name, description=run.__doc__)
        command.set_defaults(run=run)
        for add_to in common:
            add_to(command)
        return command

    if part is not None:
        _register(part, add)
    return parser


def _register(part: str, add: args.Add) -> None:
    importlib.import_module(f"flashcards.cli.{part}").register(add)
