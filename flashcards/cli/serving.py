"""`flashcards serve`: a lesson on the screen that the people in the room follow on their phones."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flashcards.cli import arguments as args
from flashcards.terminal.output import print_line

if TYPE_CHECKING:
    from flashcards.trainer.request import LessonRequest

FIRST_DECK = "apple"


def serve(parsed: argparse.Namespace) -> int:
    """Teach on the screen, followed and asked from phones in the room."""
    from flashcards.audience.client import lan_address, missing
    from flashcards.base.extras import how_to_install

    lacking = missing()
    if lacking:
        return args.fail(f"serve needs {', '.join(lacking)}: {how_to_install('serve')}")
    address = lan_address() if parsed.lan else ""
    if parsed.lan and not address:
        return args.fail("this machine is in no network; without --lan only it sees the page")
    request = _request(parsed)
    args.require_terminal("phones follow what is on the screen")
    if parsed.lan:
        print_line(
            f"--lan opens a port of {address} to everyone in this network who has the link",
            is_error=True,
        )
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.audience.sharing import Sharing

    app = FlashcardsApp(request, theme=parsed.theme, is_debugging=parsed.debug)
    app.session.kept(Sharing).wanted = "lan" if parsed.lan else "here"
    return args.run_app(app)


def _request(parsed: argparse.Namespace) -> LessonRequest:
    """A new lesson of the deck, or the run gone on with.
    Raises UserError: it is neither."""
    from flashcards.runs.folder import RunFolder
    from flashcards.trainer.request import LessonRequest

    name = parsed.name or FIRST_DECK
    run = args.run_unless_deck(parsed, name)
    if run is None:
        return LessonRequest(deck=name, runs=parsed.runs)
    deck = RunFolder.open(run).info.deck
    return LessonRequest(deck=deck, runs=parsed.runs, resume=str(run))


def register(add: args.Add) -> None:
    command = add("serve", serve, *args.SCREEN)
    command.option("name", "RUN|DECK", "a run's or a deck's name", nargs="?")
    command.flag("--lan", "let phones in this network in, not only browsers on this machine")
