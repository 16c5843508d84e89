"""Commands that hand a run on: a page to print or mail."""

from __future__ import annotations

import argparse
from pathlib import Path

from flashcards.cli.arguments import OK, RUNS, Add, fail


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


def register(add: Add) -> None:
    """Name these commands and their arguments."""
    command = add("report", report, RUNS)
    command.add_argument("folder", metavar="RUN", help="a run's path or name")
    command.add_argument("-o", dest="output", metavar="FILE.html", help="the page (RUN.html)")
