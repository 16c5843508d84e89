"""`flashcards serve`: a lesson on the screen that the people in the room follow on their phones."""

from __future__ import annotations

import argparse

from flashcards.cli import arguments as args
from flashcards.terminal.output import print_line


def serve(parsed: argparse.Namespace) -> int:
    """Teach on the screen, followed and asked from phones in the room; Enter starts."""
    from flashcards.audience.client import lan_address, missing
    from flashcards.base.extras import how_to_install
    from flashcards.runs.folder import RunFolder
    from flashcards.trainer.request import LessonRequest

    lacking = missing()
    if lacking:
        return args.fail(f"serve needs {', '.join(lacking)}: {how_to_install('serve')}")
    address = lan_address() if parsed.lan else ""
    if parsed.lan and not address:
        return args.fail("this machine is in no network; without --lan only it sees the page")
    name = parsed.name or "apple"
    if (run := args.run_unless_deck(parsed, name)) is None:
        request = LessonRequest(deck=name, runs=parsed.runs, speed=parsed.speed, is_paused=True)
    else:
        deck = RunFolder.open(run).info.deck
        request = LessonRequest(
            deck=deck, runs=parsed.runs, resume=str(run), speed=parsed.speed, is_paused=True
        )
    args.require_terminal("phones follow what is on the screen")
    if parsed.lan:
        print_line(
            f"--lan opens a port of {address} to everyone in this network who has the link",
            is_error=True,
        )
    else:
        print_line("without --lan no phone can reach the page", is_error=True)
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.audience.sharing import Sharing

    app = FlashcardsApp(request, theme=parsed.theme, is_debugging=parsed.debug)
    app.session.kept(Sharing).wanted = "lan" if parsed.lan else "here"
    return args.run_app(app)


def register(add: args.Add) -> None:
    command = add("serve", serve, *args.SCREEN)
    command.option("name", "RUN|DECK", "a run's or a deck's name", nargs="?")
    args.add_speed(command)
    command.flag("--lan", "let phones in this network in, not only browsers on this machine")
