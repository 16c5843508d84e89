"""Commands that hand a run on: a page to print or mail, a film."""

from __future__ import annotations

import argparse
from pathlib import Path

from flashcards.cli.arguments import OK, RUNS, Add, fail, positive

RUN_S = 30.0
"""How long a film of a run is unless it is said."""


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
    """Make a film of a run or a rehearsed talk: .cast, .gif, .svg stills or .mp4, offline."""
    if Path(parsed.folder).is_file():
        return _record_talk(parsed)
    from flashcards.record.writing import record as write
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError

    root = Path(parsed.runs) if parsed.runs else catalog.default_root()
    try:
        folder = catalog.find_run(root, parsed.folder)
        target = Path(parsed.output)
        for path in write(folder, target, parsed.size, parsed.seconds or RUN_S, parsed.theme):
            print(path)
    except RunError as error:
        return fail(str(error))
    return OK


def _record_talk(parsed: argparse.Namespace) -> int:
    """A film of a talk's rehearsal."""
    import hashlib

    from flashcards.cli.stage import read_talk, speak

    path = Path(parsed.folder)
    try:
        sheet, problems = read_talk(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, UnicodeDecodeError) as error:
        return fail(f"{path} can't be read: {getattr(error, 'strerror', None) or error}")
    if problems:
        return fail(f"{path}:{problems[0].line}: {problems[0].text}; see `talk --check`")
    speak(sheet, parsed.language)
    from flashcards.record import words
    from flashcards.record.writing import record_talk
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError
    from flashcards.talks import rehearsal

    root = Path(parsed.runs) if parsed.runs else catalog.default_root()
    folder = rehearsal.folder_of(root, path)
    kept = rehearsal.load(folder)
    if kept is None:
        return fail(words.not_rehearsed(str(path)))
    if kept.talk_sha256 != digest:
        return fail(words.has_changed(str(path)))
    target = Path(parsed.output)
    try:
        for written in record_talk(
            sheet, kept, folder, target, parsed.size, parsed.seconds, parsed.theme
        ):
            print(written)
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
    command.add_argument(
        "folder", metavar="RUN|TALK.md", help="a run's path or name, or a rehearsed talk"
    )
    command.add_argument(
        "-o", dest="output", required=True, metavar="FILE.cast|.gif|.svg|.mp4", help="the film"
    )
    command.add_argument(
        "--size", type=size, default=(80, 24), metavar="80x24", help="of the screen"
    )
    command.add_argument(
        "--seconds",
        type=positive(float),
        metavar="S",
        help="how long (30; a talk as long as its rehearsal)",
    )
    command.add_argument("--theme", metavar="NAME", help="a theme of Textual's, say textual-light")
