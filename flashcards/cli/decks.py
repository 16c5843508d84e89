"""Commands for decks: check, import, new, generate, export, decks."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from flashcards.cli.arguments import OK, Add, columns, fail, positive


def check(parsed: argparse.Namespace) -> int:
    """Every problem of the decks."""
    from flashcards.cards.check import check as check_decks

    if not (parsed.explain or parsed.probe):
        return check_decks(parsed.decks, sys.stdout)
    from flashcards.cards.card import Deck
    from flashcards.cards.diagnostics import Diagnostic
    from flashcards.doctor import diagnose, lines

    def explain(name: str, deck: Deck, problems: Sequence[Diagnostic]) -> Iterable[str]:
        if not parsed.probe:
            return lines(diagnose(deck, problems))
        from flashcards.trainer.opening import LessonError
        from flashcards.trainer.probe import probe

        try:
            return lines(diagnose(deck, problems, probe(name)))
        except LessonError as error:
            return (*lines(diagnose(deck, problems)), f"  no probe: {error}")

    return check_decks(parsed.decks, sys.stdout, explain=explain)


def import_cards(parsed: argparse.Namespace) -> int:
    """Make a deck of another program's cards: Anki, CSV, TSV, Quizlet, JSON, Markdown."""
    from flashcards.exchange.importing import import_file
    from flashcards.exchange.notes import Options

    options = Options(
        form=parsed.form,
        delimiter=parsed.delimiter,
        columns=parsed.columns,
        front=parsed.front,
        back=parsed.back,
        has_header=parsed.header,
        is_html=parsed.html,
        has_quotes=parsed.quotes,
    )
    return import_file(parsed.file, parsed.output, options, is_forced=parsed.force)


def new(parsed: argparse.Namespace) -> int:
    """Begin a deck, or with --python a program that makes one."""
    import shlex

    from flashcards.cards import own_decks, template

    folder = None if parsed.output is None else Path(parsed.output)
    try:
        if parsed.python:
            name = own_decks.checked_name(parsed.name, ".py")
            path = (folder or Path()) / f"{name}.py"
            own_decks.create(path, template.program_text(name, path.name).encode())
        else:
            path = own_decks.new_deck(parsed.name, folder)
    except own_decks.Refusal as refusal:
        return fail(str(refusal))
    print(path)
    shown = shlex.quote(str(path))
    print(f"next: flashcards {'generate ' if parsed.python else ''}{shown}", file=sys.stderr)
    return OK


def generate(parsed: argparse.Namespace) -> int:
    """Run a program that makes a deck: only then, and within limits."""
    from flashcards.exchange.generating import generate as make

    return make(parsed.file, parsed.output, parsed.seconds, is_forced=parsed.force)


def export_cards(parsed: argparse.Namespace) -> int:
    """Write a deck's cards as another program reads them."""
    from flashcards.exchange.exporting import export_deck

    return export_deck(
        parsed.deck, parsed.to, parsed.output, only=parsed.only, is_forced=parsed.force
    )


def decks(parsed: argparse.Namespace) -> int:
    """The decks that can be taught by name."""
    from flashcards.cards.shelf import shelf

    for entry in shelf():
        print(f"{entry.slug:<18} {entry.meta.shows or entry.meta.name}")
    return OK


def register(add: Add) -> None:
    """Name these commands and their arguments."""
    command = add("check", check)
    command.add_argument("decks", nargs="+", metavar="DECK", help="a deck's path or name")
    command.add_argument("--explain", action="store_true", help="say what is in it, too")
    command.add_argument(
        "--probe",
        action="store_true",
        help="explain, and train for 10 s to see whether there is a rule",
    )

    command = add("import", import_cards)
    command.add_argument("file", metavar="FILE", help="a file's path; - is standard input")
    command.add_argument("-o", dest="output", metavar="DECK", help="the deck (standard output)")
    command.add_argument("--force", action="store_true", help="replace the deck if it is there")
    forms = ("anki", "table", "json", "markdown")
    command.add_argument("--from", dest="form", choices=forms, default="", help="what FILE is")
    command.add_argument("--front", default="", metavar="FIELD", help="the field that is asked")
    command.add_argument("--back", default="", metavar="FIELD", help="the field that answers")
    command.add_argument("--columns", type=columns, metavar="1,2", help="the same for a table")
    command.add_argument("--delimiter", default="", metavar="CHAR", help="what parts the columns")
    for name, text in (
        ("--header", "whether the first row names the columns"),
        ("--html", "whether fields are HTML"),
        ("--quotes", "whether quotation marks enclose fields"),
    ):
        command.add_argument(name, action=argparse.BooleanOptionalAction, help=text)

    command = add("new", new)
    command.add_argument("name", metavar="NAME", help="what it is called")
    command.add_argument("--python", action="store_true", help="a program that yields the cards")
    command.add_argument("-o", dest="output", metavar="DIR", help="where (your own decks' folder)")

    command = add("generate", generate)
    command.add_argument("file", metavar="FILE.py", help="its function `cards` yields the cards")
    command.add_argument("-o", dest="output", metavar="DECK", help="the deck (FILE.deck)")
    command.add_argument("--force", action="store_true", help="replace the deck if it is there")
    command.add_argument(
        "--seconds", type=positive(float), default=30.0, metavar="S", help="ended after these (30)"
    )

    command = add("export", export_cards)
    command.add_argument("deck", metavar="DECK", help="a deck's path or name")
    formats = ("tsv", "csv", "jsonl", "messages", "apkg")
    command.add_argument("--to", required=True, choices=formats, help="the format")
    command.add_argument("-o", dest="output", metavar="FILE", help="the file (standard output)")
    command.add_argument("--force", action="store_true", help="replace the file if it is there")
    command.add_argument("--only", choices=("all", "taught", "held-out"), help="which cards")

    add("decks", decks)
