"""The commands. Each imports its own side inside, so that `flashcards` paints at once.

Exit codes: 0 done, 1 the user's input is wrong, 2 usage, 3 `--until` not reached.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from flashcards import __version__
from flashcards.cli.arguments import OK, Command

PARTS = {
    "teaching": ("play", "train", "ask"),
    "decks": ("check", "import", "new", "generate", "export", "decks"),
    "runs": ("runs", "curves"),
    "comparing": ("compare",),
    "verifying": ("verify",),
    "watching": ("replay", "watch"),
    "stage": ("talk", "rehearse"),
    "sharing": ("report", "record"),
    "measuring": ("scaling", "bench"),
}
"""Each module here and its commands, in the order of the help; only what is wanted is imported."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    names = {name: part for part, names in PARTS.items() for name in names}
    if not words or words[0] not in (*names, "-h", "--help", "--version"):
        words.insert(0, "play")
    part = names.get(words[0])
    parsed = _parser(tuple(PARTS) if part is None else (part,)).parse_args(words)
    if getattr(parsed, "language", None) is not None:
        from flashcards.language import choose

        choose(parsed.language)
    run: Command = parsed.run
    try:
        return run(parsed)
    except BrokenPipeError:
        sys.stderr.close()
        return OK


def _parser(parts: Sequence[str]) -> argparse.ArgumentParser:
    """The parser of these modules' commands."""
    parser = argparse.ArgumentParser(
        prog="flashcards",
        description="Teach a small language model with flashcards, live. `flashcards DECK` opens "
        "the screen on a deck; without DECK on the first one.",
    )
    parser.add_argument("--version", action="version", version=f"flashcards {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: Command, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, help=run.__doc__, description=run.__doc__, parents=list(parents)
        )
        command.set_defaults(run=run)
        return command

    for part in parts:
        importlib.import_module(f"flashcards.cli.{part}").register(add)
    return parser
