"""Commands for a room: give a talk, rehearse it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.cli.arguments import OK, RUNS, WRONG_INPUT, Add, fail

if TYPE_CHECKING:
    from flashcards.talks.talk import Problem, Talk


def talk(parsed: argparse.Namespace) -> int:
    """Give a talk: a Markdown file whose blocks drive the program."""
    path = Path(parsed.file)
    try:
        sheet, problems = _read(path)
    except (OSError, UnicodeDecodeError) as error:
        return fail(f"{path} can't be read: {getattr(error, 'strerror', None) or error}")
    if parsed.check or problems:
        for problem in problems:
            print(f"{path}:{problem.line}: error: {problem.text}")
        if not problems:
            print(f"{path}: {len(sheet.cues)} cues, nothing is wrong")
        return WRONG_INPUT if problems else OK
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        return fail("a talk needs a terminal; `--check` and `flashcards rehearse` need none")
    os.environ.setdefault("ESCDELAY", "50")
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.talking import Talking, first_request
    from flashcards.app.themes import STAGE_DARK
    from flashcards.trainer.request import LessonRequest

    like = LessonRequest(deck="apple", runs=parsed.runs, device=parsed.device)
    request = first_request(sheet, like)
    app = FlashcardsApp(request, theme=parsed.theme or STAGE_DARK)
    app.stage.talking = Talking(app, sheet)
    app.run()
    return app.return_code or OK


def _read(path: Path) -> tuple[Talk, list[Problem]]:
    """The talk, its decks as paths or names that are there, and what is wrong.

    A deck is looked for beside the talk first.

    Raises:
        OSError, UnicodeDecodeError: the file can't be read.
    """
    from flashcards.cards.shelf import DeckNotFound, find
    from flashcards.talks.parsing import parse_talk
    from flashcards.talks.talk import Problem, Teach, with_decks

    sheet, problems = parse_talk(path.read_text(encoding="utf-8-sig"))
    decks: dict[str, str] = {}
    for cue in sheet.cues:
        for directive in cue.directives:
            if not isinstance(directive, Teach):
                continue
            beside = path.parent / directive.deck
            try:
                decks[directive.deck] = str(
                    find(str(beside) if beside.is_file() else directive.deck)
                )
            except DeckNotFound as error:
                problems.append(Problem(directive.line, str(error)))
    return with_decks(sheet, decks), sorted(problems, key=lambda problem: problem.line)


def register(add: Add) -> None:
    """Name these commands and their arguments."""
    command = add("talk", talk, RUNS)
    command.add_argument("file", metavar="FILE", help="a cue sheet in Markdown")
    command.add_argument("--check", action="store_true", help="say what is wrong, by line")
    command.add_argument("--theme", metavar="NAME", help="stage-dark, stage-light, or another")
    command.add_argument("--device", default="cpu", metavar="cpu|cuda|mps", help="where to train")
