"""The commands. Each imports its own side inside, so that `flashcards` paints at once.

Exit codes: 0 done, 1 the user's input is wrong, 2 usage, 3 `--until` not reached.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from flashcards import __version__
from flashcards.cli import (
    comparing,
    decks,
    measuring,
    runs,
    sharing,
    stage,
    teaching,
    verifying,
    watching,
)
from flashcards.cli.arguments import OK, Command

PARTS = (teaching, decks, runs, comparing, verifying, watching, stage, sharing, measuring)
"""In the order of the help."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser, names = _parser()
    if not words or (words[0] not in names and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "play")
    parsed = parser.parse_args(words)
    if getattr(parsed, "language", None) is not None:
        from flashcards.language import choose

        choose(parsed.language)
    run: Command = parsed.run
    try:
        return run(parsed)
    except BrokenPipeError:
        sys.stderr.close()
        return OK


def _parser() -> tuple[argparse.ArgumentParser, set[str]]:
    """The parser, and the names of the commands."""
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

    for part in PARTS:
        part.register(add)
    return parser, set(commands.choices)
