"""Commands that hand a run on: a page to print or mail, a film."""

from __future__ import annotations

import argparse
from pathlib import Path

from flashcards.cli.arguments import OK, RUNS, Add, fail, positive


def report(parsed: argparse.Namespace) -> int:
    """Write a run as one page to print or mail, with ten questions to a class."""
    from flashcards.report.page import write_report
    from flashcards.report.story import gather
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError

    root = Path(parsed.runs) if parsed.runs else catalog.default_root()
    try:
        folder = catalog.find_run(root, parsed.folder)
        story = gather(folder)
        target = Path(parsed.output or f"{story.info.run}.html")
        write_report(folder, story, target)
    except RunError as error:
        return fail(str(error))
    print(target)
    return OK


def record(parsed: argparse.Namespace) -> int:
    """Make a film of a run: .cast, .gif, .svg stills or .mp4, offline."""
    from flashcards.record.writing import record as write
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError

    root = Path(parsed.runs) if parsed.runs else catalog.default_root()
    try:
        folder = catalog.find_run(root, parsed.folder)
        target = Path(parsed.output)
        for path in write(folder, target, parsed.size, parsed.seconds, parsed.theme):
            print(path)
    except RunError as error:
        return fail(str(error))
    return OK


def size(text: str) -> tuple[int, int]:
    """Columns and rows: 80x24."""
    columns, _, rows = text.partition("x")
    if columns.isdecimal() and rows.isdecimal():
        size = int(columns[:4]), int(rows[:4])
        if 40 <= size[0] <= 240 and 12 <= size[1] <= 80:
            return size
    raise argparse.ArgumentTypeError(f"{text!r} is not a size from 40x12 to 240x80")


def register(add: Add) -> None:
    """Name these commands and their arguments."""
    command = add("report", report, RUNS)
    command.add_argument("folder", metavar="RUN", help="a run's path or name")
    command.add_argument("-o", dest="output", metavar="FILE.html", help="the page (RUN.html)")

    command = add("record", record, RUNS)
    command.add_argument("folder", metavar="RUN", help="a run's path or name")
    command.add_argument(
        "-o", dest="output", required=True, metavar="FILE.cast|.gif|.svg|.mp4", help="the film"
    )
    command.add_argument(
        "--size", type=size, default=(80, 24), metavar="80x24", help="of the screen"
    )
    command.add_argument(
        "--seconds", type=positive(float), default=30.0, metavar="S", help="how long (30)"
    )
    command.add_argument("--theme", metavar="NAME", help="a theme of Textual's, say textual-light")
