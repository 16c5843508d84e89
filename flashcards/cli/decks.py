"""Commands that write decks: new, generate, import, check, decks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from flashcards.base.columns import wrapped
from flashcards.base.language import tr
from flashcards.base.system import shell_quoted
from flashcards.cards import own_decks
from flashcards.cards.card import Deck
from flashcards.cards.check import check as check_decks
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.shelf import DeckNotFound, DeckUnusable, find, load, shelf, texts
from flashcards.cards.text import is_text
from flashcards.cli import arguments as args
from flashcards.runs.catalog import find_run, runs_root
from flashcards.runs.folder import RunError, RunFolder
from flashcards.terminal.output import print_line


def check(parsed: argparse.Namespace) -> int:
    """Check decks; every problem is listed by file, line and column."""
    from flashcards.learner.lengths import long_cards

    earlier = () if parsed.after is None else _taught_before(parsed.after, parsed.runs)

    def explain(name: str, deck: Deck, problems: Sequence[Diagnostic]) -> Iterable[str]:
        if not (parsed.explain or parsed.probe):
            return ()
        from flashcards.doctor.diagnosis import diagnose, lines

        if not parsed.probe:
            return lines(diagnose(deck, problems))
        from flashcards.plain.headless import probe
        from flashcards.trainer.opening import LessonError

        try:
            return lines(diagnose(deck, problems, probe(name)))
        except LessonError as error:
            return (*lines(diagnose(deck, problems)), f"  no probe: {error}")

    return check_decks(
        parsed.decks, sys.stdout, find_more=long_cards, explain=explain, earlier=earlier
    )


def _taught_before(name: str, runs: str | None) -> tuple[Deck, ...]:
    """The decks of this run, or the deck of this name. Raises UserError: there is neither."""
    try:
        return (load(find(name))[0],)
    except DeckNotFound:
        folder = RunFolder.open(find_run(runs_root(runs), name))
    changes = folder.deck_changes()
    in_force = changes[-1][1] if changes else ""
    try:
        files = (*folder.earlier_versions(in_force), in_force)
        paths = [folder.deck_version(file) for file in files]
        return tuple(load(path)[0] for path in paths if not is_text(path))  # which has no prompts
    except DeckUnusable as error:
        raise RunError(f"the run's deck can't be read: {error}") from error


def import_cards(parsed: argparse.Namespace) -> int:
    """Make a deck from Anki, CSV, TSV, Quizlet, JSON or Markdown."""
    from flashcards.exchange.importing import import_file
    from flashcards.exchange.notes import Options

    options = Options(**{name: getattr(parsed, name) for name in Options.__struct_fields__})
    return import_file(
        parsed.file,
        parsed.output,
        options,
        keep_back=parsed.keep_back or 0.0,
        is_forced=parsed.force,
    )


def new(parsed: argparse.Namespace) -> int:
    """Start a deck of your own, or a Python program that makes one."""
    folder = None if parsed.output is None else Path(parsed.output)
    if parsed.python:
        name = own_decks.checked_name(parsed.name, ".py")
        path = (folder or Path()) / f"{name}.py"
        share = {} if parsed.keep_back is None else {"keep_back": parsed.keep_back}
        own_decks.create(path, own_decks.program_text(name, path.name, **share).encode())
    else:
        text = own_decks.deck_text(own_decks.checked_name(parsed.name), parsed.keep_back or 0.0)
        path = own_decks.new_deck(parsed.name, folder, text)
    print_line(str(path))
    quoted_path = shell_quoted(str(path))
    print_line(
        f"next: flashcards {'generate ' if parsed.python else ''}{quoted_path}", is_error=True
    )
    return args.OK


def generate(parsed: argparse.Namespace) -> int:
    """Make a deck by running a Python program, within limits."""
    from flashcards.exchange.generating import generate as make

    return make(parsed.file, parsed.output, parsed.seconds, is_forced=parsed.force)


def decks(parsed: argparse.Namespace) -> int:
    """List the decks that can be taught by name."""
    for entry in (*shelf(), *texts()):
        mark = f" ({entry.meta.shelf_mark})" if entry.meta.shelf_mark else ""
        text = f"{entry.slug:<18} {tr(entry.meta.description) or entry.meta.name}{mark}"
        for line in wrapped(text, n_indent=19) if sys.stdout.isatty() else [text]:
            print_line(line)
    return args.OK


def register(add: args.Add) -> None:
    command = add("new", new, args.KEEP_BACK)
    command.option("name", "NAME", "the deck's name")
    command.flag("--python", "start a program that yields the cards instead; it keeps back 0.2")
    command.option("-o", "DIR", "the folder (your own decks)", dest="output")

    command = add("generate", generate, args.FORCE)
    command.option("file", "FILE.py", "its function `cards` yields the cards")
    command.option("-o", "DECK", "the deck's path (FILE.deck)", dest="output")
    command.number("--seconds", "S", "the time limit (30)", 30.0)

    command = add("import", import_cards, args.KEEP_BACK, args.FORCE)
    command.option("file", "FILE", "a file's path, or - for standard input")
    command.option("-o", "DECK", "the deck (standard output)", dest="output")
    forms = ("anki", "table", "json", "markdown")
    command.choice("--from", "the format of FILE", *forms, dest="form", default="")
    command.option("--front", "FIELD", "the field with the prompt", default="")
    command.option("--back", "FIELD", "the field with the answer", default="")
    command.option("--columns", "1,2", "the columns with prompt and answer", type=args.columns)
    command.option("--delimiter", "CHAR", "the character between columns", default="")
    command.option("--encoding", "NAME", "the encoding of the text (UTF-8)", default="")
    for name, field, text in (
        ("--header", "has_header", "whether the first row names the columns"),
        ("--html", "is_html", "whether fields are HTML"),
        ("--quotes", "has_quotes", "whether fields are enclosed in quotation marks"),
    ):
        command.add_argument(name, dest=field, help=text, action=argparse.BooleanOptionalAction)

    command = add("check", check, args.RUNS)
    command.option("decks", "DECK", "decks' names or paths", nargs="+")
    command.flag("--explain", "also say what is in the deck")
    command.option(
        "--after",
        "RUN|DECK",
        "also name prompts that this deck, or a deck of this run, asks with another answer",
    )
    command.flag("--probe", "also train for 10 s, to see whether there is a rule to find")

    add("decks", decks)
