"""Commands for a room: give a talk, rehearse it."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.cli.arguments import OK, RUNS, WRONG_INPUT, Add, fail

if TYPE_CHECKING:
    from flashcards.talks.rehearsal import Rehearsal
    from flashcards.talks.talk import Problem, Talk


def talk(parsed: argparse.Namespace) -> int:
    """Give a talk: a Markdown file whose blocks drive the program."""
    path = Path(parsed.file)
    try:
        sheet, problems = read_talk(path)
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
    speak(sheet, parsed.language)
    os.environ.setdefault("ESCDELAY", "50")
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.kit.themes import STAGE_DARK
    from flashcards.app.stage.net import Net
    from flashcards.app.stage.talking import Talking, first_request
    from flashcards.trainer.client import TrainerClient
    from flashcards.trainer.request import LessonRequest

    like = LessonRequest(deck="apple", runs=parsed.runs, device=parsed.device)
    request = first_request(sheet, like)
    net = Net(_recordings(path, parsed.runs), TrainerClient)
    app = FlashcardsApp(request, net.teach, theme=parsed.theme or STAGE_DARK)
    app.stage.net = net
    app.stage.talking = Talking(app, sheet)
    app.run()
    return app.return_code or OK


def speak(sheet: Talk, language: str | None) -> None:
    """The language that was asked for is spoken already; else the talk's own."""
    from flashcards.language import LANGUAGES, choose

    if language is None and sheet.language in LANGUAGES:
        choose(sheet.language)


def _recordings(path: Path, runs: str | None) -> list[tuple[str, int, Path]]:
    """What was recorded of the talk's lessons: (deck, seed, run folder)."""
    from flashcards.runs.catalog import default_root
    from flashcards.talks import rehearsal

    root = default_root() if runs is None else Path(runs)
    folder = rehearsal.folder_of(root, path)
    kept = rehearsal.load(folder)
    lessons = () if kept is None else kept.lessons
    return [(lesson.deck, lesson.seed, folder / lesson.run) for lesson in lessons]


def rehearse(parsed: argparse.Namespace) -> int:
    """Run a talk once without waiting for keys: how long it takes here, and its recording."""
    path = Path(parsed.file)
    try:
        sheet, problems = read_talk(path)
    except (OSError, UnicodeDecodeError) as error:
        return fail(f"{path} can't be read: {getattr(error, 'strerror', None) or error}")
    if problems:
        return fail(f"{path}:{problems[0].line}: {problems[0].text}; see `talk --check`")
    from flashcards.runs.catalog import default_root
    from flashcards.talks import rehearsal

    root = default_root() if parsed.runs is None else Path(parsed.runs)
    folder = rehearsal.folder_of(root, path)
    before = rehearsal.load(folder)
    try:
        now, problem = _rehearsed(sheet, path, folder, parsed.device)
    except OSError as error:
        return fail(f"the rehearsal can't be kept in {folder}: {error.strerror or error}")
    if problem:
        return fail(f"the rehearsal broke off: {problem}")
    for line in rehearsal.report(now, before):
        print(line)
    return OK


def _rehearsed(sheet: Talk, path: Path, folder: Path, device: str) -> tuple[Rehearsal, str]:
    """The rehearsal, kept in the folder in place of the one before unless it broke off.

    Raises:
        OSError: it can't be kept.
    """
    import hashlib
    import platform
    import shutil
    import tempfile

    import msgspec

    from flashcards.app.stage.rehearsing import rehearse as run
    from flashcards.runs.atomic import write_atomically
    from flashcards.talks import rehearsal

    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        cues, lessons, problem = run(sheet, fresh, device, lambda line: print(line, flush=True))
        now = rehearsal.Rehearsal(
            format=rehearsal.FORMAT,
            talk_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            machine=f"{platform.node()}, {platform.system()} {platform.machine()}",
            cues=tuple(cues),
            lessons=tuple(lessons),
        )
        if not problem:
            write_atomically(fresh / rehearsal.FILE, msgspec.json.encode(now))
            shutil.rmtree(folder, ignore_errors=True)
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return now, problem


def read_talk(path: Path) -> tuple[Talk, list[Problem]]:
    """The talk, its decks as paths or names that are there, and what is wrong.

    A deck is looked for beside the talk first.

    Raises:
        OSError, UnicodeDecodeError: the file can't be read.
    """
    from flashcards.cards.shelf import DeckNotFound, find
    from flashcards.language import LANGUAGES
    from flashcards.talks.parsing import parse_talk
    from flashcards.talks.talk import Problem, Teach, with_decks

    sheet, problems = parse_talk(path.read_text(encoding="utf-8-sig"))
    if sheet.language and sheet.language not in LANGUAGES:
        said = f"no language is called {sheet.language!r}; there are: {', '.join(LANGUAGES)}"
        problems.append(Problem(1, said))
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

    command = add("rehearse", rehearse, RUNS)
    command.add_argument("file", metavar="FILE", help="a cue sheet in Markdown")
    command.add_argument("--device", default="cpu", metavar="cpu|cuda|mps", help="where to train")
