"""`flashcards serve`: a lesson on the screen that the people in the room follow on their phones."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from flashcards.base.extras import how_to_install
from flashcards.cli import arguments as args
from flashcards.terminal.output import print_line

if TYPE_CHECKING:
    from flashcards.trainer.request import LessonRequest

FIRST_DECK = "apple"


def serve(parsed: argparse.Namespace) -> int:
    """Teach on the screen, followed and asked from phones in the room."""
    from flashcards.audience.client import lan_address, missing

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
    from flashcards.cards.shelf import DeckNotFound, find
    from flashcards.runs.folder import RunError, RunFolder
    from flashcards.trainer.request import LessonRequest

    name = parsed.name or FIRST_DECK
    try:
        find(name)
    except DeckNotFound as no_deck:
        try:
            path = args.find_run(parsed, name)
        except RunError:
            raise RunError(f"{no_deck} (no run is called so either)") from None
        deck = RunFolder.open(path).info.deck
        return LessonRequest(deck=deck, runs=parsed.runs, resume=str(path))
    return LessonRequest(deck=name, runs=parsed.runs)


def register(add: args.Add) -> None:
    command = add("serve", serve, *args.SCREEN)
    command.add_argument("name", nargs="?", metavar="RUN|DECK", help="a run's or a deck's name")
    command.flag("--lan", "let phones in this network in, not only browsers on this machine")
