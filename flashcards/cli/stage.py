"""Commands for a room: a talk and its rehearsal, a course, a lesson that phones follow."""

from __future__ import annotations

import argparse
import hashlib
import itertools
import platform
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flashcards.base.errors import UserError
from flashcards.base.extras import HOW_TO_GET_A_MODEL, how_to_install
from flashcards.base.language import LANGUAGES, choose
from flashcards.cards.diagnostics import counted, written
from flashcards.cards.shelf import DeckNotFound, DeckUnusable, find, first_deck, load
from flashcards.cards.text import is_text, load_text
from flashcards.cli import arguments as args
from flashcards.runs.folder import RunFolder
from flashcards.runs.run_files import write_atomically
from flashcards.talks import rehearsal
from flashcards.talks.course import (
    Course,
    find_word,
    lessons_done,
    read_course,
    read_words,
    words,
)
from flashcards.talks.parsing import moved_keys, read_talk
from flashcards.talks.rehearsal import TalkRehearsal
from flashcards.talks.talk import Problem, Talk, with_names
from flashcards.terminal.output import print_line
from flashcards.terminal.progress import progress

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp


def talk(parsed: argparse.Namespace) -> int:
    """Give a talk: a Markdown file that drives the program."""
    path = Path(parsed.file)
    sheet, problems = _read(path)
    if parsed.check or problems:
        for problem in problems:
            print_line(f"{path}:{problem.line}: error: {problem.text}")
        for moved in moved_keys(path.read_text(encoding="utf-8-sig")):
            print_line(f"{path}:{moved.line}: note: {moved.text}")
        if not problems:
            print_line(f"{path}: {counted(len(sheet.cues), 'cue')}, nothing is wrong")
        return args.WRONG_INPUT if problems else args.OK
    args.require_terminal("`--check` and `flashcards rehearse` work without one")
    return args.run_app(_talk_app(parsed, sheet, path))


def _talk_app(parsed: argparse.Namespace, sheet: Talk, path: Path) -> FlashcardsApp:
    speak(sheet, parsed.language)
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.stage.net import Net
    from flashcards.app.stage.stage_actions import StageState
    from flashcards.app.stage.talking import Talking, first_request
    from flashcards.app.textual_fixes.colours import STAGE_DARK
    from flashcards.trainer.client import TrainerClient
    from flashcards.trainer.request import LessonRequest

    recordings = recordings_of(sheet, path, args.runs_root(parsed))
    sheet = with_model(sheet, parsed.model, (folder for *_, folder in recordings))
    like = LessonRequest(deck="apple", runs=parsed.runs, device=parsed.device)
    request = first_request(sheet, like)
    net = Net(recordings, TrainerClient, has_model=parsed.model is not None)
    theme = parsed.theme or STAGE_DARK
    app = FlashcardsApp(request, net.teach, theme, is_debugging=parsed.debug)
    stage = app.session.singleton(StageState)
    stage.net = net
    stage.talking = Talking(app.session, sheet)
    return app


def speak(sheet: Talk, language: str | None) -> None:
    """Use the talk's language, unless --language asked for one."""
    if language is None and sheet.language in LANGUAGES:
        choose(sheet.language)


def recordings_of(sheet: Talk, path: Path, root: Path) -> list[rehearsal.Recording]:
    """The recorded lessons of the talk."""
    return rehearsal.recordings_in(*rehearsal.stored(root, path), sheet)


def with_model(sheet: Talk, name: str | None, recorded: Iterable[Path] | None = None) -> Talk:
    """The talk with the model of this name, else with the one of the recorded runs; with None of
    these it goes without.
    Raises UserError: it wants a model, and there is none."""
    from flashcards.cli.model_choice import path_of

    if name is not None:
        return with_names(sheet, {}, path_of(name))
    if recorded is None or all(lesson.model is None for lesson in sheet.lessons):
        return sheet
    for folder in recorded:
        if (base := RunFolder.open(folder).info.base) is not None:
            return with_names(sheet, {}, base.path)
    wanted = "a model that others have trained is taught in this talk: name it with --model"
    raise UserError(f"{wanted}; {HOW_TO_GET_A_MODEL}")


def rehearse(parsed: argparse.Namespace) -> int:
    """Run a talk by itself, to time it here and to record it."""
    path = Path(parsed.file)
    sheet = with_model(checked_talk(path), parsed.model, ())
    folder = rehearsal.folder_of(args.runs_root(parsed), path)
    before = rehearsal.load(folder)
    try:
        now, problem = _rehearsed(sheet, path, folder, parsed.device)
        if parsed.beside and not problem:
            print_line(str(rehearsal.keep_beside(path, folder, now)))
    except OSError as error:
        return args.fail(f"the rehearsal can't be kept in {folder}: {error.strerror or error}")
    if problem:
        return args.fail(f"the rehearsal stopped early: {problem}")
    for line in rehearsal.report(now, before):
        print_line(line)
    return args.OK


def _rehearsed(sheet: Talk, path: Path, folder: Path, device: str) -> tuple[TalkRehearsal, str]:
    """The rehearsal, kept in place of the one before unless it broke off. Raises OSError."""
    from flashcards.app.rehearsing import rehearse as run

    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".new-"))
    try:
        with progress(f"rehearsing {path.name}", len(sheet.cues)) as display:
            n_done = itertools.count(1)

            def say(line: str) -> None:
                with display.hidden():
                    print_line(line)
                display.at(next(n_done))

            cues, lessons, problem = run(sheet, fresh, device, say)
        now = rehearsal.TalkRehearsal(
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


def checked_talk(path: Path) -> Talk:
    """A talk without a mistake. Raises UserError: it can't be read, or has one."""
    sheet, problems = _read(path)
    if problems:
        raise UserError(
            f"{path}:{problems[0].line}: {problems[0].text}; "
            "`flashcards talk --check` lists every mistake"
        )
    return sheet


def _read(path: Path) -> tuple[Talk, list[Problem]]:
    """The talk and its mistakes by line, unusable decks too. Raises UserError: it can't be read."""
    sheet, problems = read_talk(path)
    checked: set[str] = set()
    for lesson in sheet.lessons:
        if lesson.deck not in checked:
            checked.add(lesson.deck)
            if why := _why_unusable(lesson.deck):
                problems.append(Problem(lesson.line, why))
    return sheet, sorted(problems, key=lambda problem: problem.line)


def _why_unusable(name: str) -> str:
    """Say why no lesson can begin with this deck, as `check` writes it; "" when one can. Not asked
    of a deck that is not there, which the talk's reader says."""
    from flashcards.learner.lengths import long_cards
    from flashcards.learner.settings import LearnerSettings, SettingsError

    try:
        path = find(name)
        if is_text(path):
            LearnerSettings.for_deck(load_text(path))
        else:
            problems = long_cards(load(path)[0])
            return written(problems[0], path.name) if problems else ""
    except DeckNotFound:
        pass
    except (DeckUnusable, SettingsError) as error:
        return str(error)
    return ""


def serve(parsed: argparse.Namespace) -> int:
    """Teach a deck, a talk or the course, followed and asked from phones."""
    from flashcards.audience.audience_client import lan_addresses, missing

    if missing():
        return args.fail(f"serve needs more packages: {how_to_install('serve')}")
    addresses = lan_addresses() if parsed.lan else {}
    if parsed.lan and not addresses:
        return args.fail("this machine is in no network; without --lan only it sees the page")
    name = parsed.name or first_deck()
    is_course = parsed.lesson is not None or any(Path(name).glob("*.md"))
    is_course = is_course or parsed.word is not None
    is_talk = name.lower().endswith(".md") and not is_course
    if parsed.speed is not None and (is_talk or is_course):
        return args.fail("a talk and a course have their own speed; leave out --speed")
    refused = _words(parsed.refuse)
    if is_course:
        lesson = None if parsed.lesson is None else parsed.lesson - 1
        if parsed.word is not None:
            app = word_app(parsed, parsed.word)
        else:
            app = course_app(parsed, _checked_course(parsed.name), lesson)
    elif is_talk:
        app = _talk_app(parsed, checked_talk(Path(name)), Path(name))
    else:
        app = _lesson_app(parsed, name)
    args.require_terminal("phones follow what is on the screen")
    text = "--lan opens a port to everyone in this network who has the link"
    print_line(text if addresses else "without --lan no phone can reach the page", is_error=True)
    from flashcards.app.audience.shared_lesson import Sharing
    from flashcards.app.session import OnStage

    sharing = app.session.singleton(Sharing)
    sharing.wanted = "lan" if parsed.lan else "here"
    sharing.refused = refused
    app.session.class_mode.is_on = True
    app.session.singleton(OnStage).lobby.clear()
    return args.run_app(app)


def _checked_course(name: str | None) -> Course:
    """A course without a mistake. Raises UserError: it can't be read, or there is one in it."""
    return _without_mistake(read_course(None if name is None else Path(name)))


def _without_mistake(read: tuple[Course, list[tuple[Path, Problem]]]) -> Course:
    sheet, problems = read
    if problems:
        file, problem = problems[0]
        raise UserError(f"{file}:{problem.line}: {problem.text}")
    return sheet


def _words(path: str | None) -> tuple[str, ...]:
    """The lines of a file. Raises UserError: it can't be read."""
    if path is None:
        return ()
    try:
        return tuple(filter(None, Path(path).read_text(encoding="utf-8").splitlines()))
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise UserError(f"the words of {path} can't be read: {why}") from error


def _lesson_app(parsed: argparse.Namespace, name: str) -> FlashcardsApp:
    from flashcards.trainer.request import LessonRequest

    run = args.run_unless_deck(parsed, name)
    if run is None and (why := _why_unusable(name)):
        raise UserError(why)
    request = LessonRequest(
        deck=name if run is None else RunFolder.open(run).info.deck,
        runs=parsed.runs,
        resume=None if run is None else str(run),
        device=parsed.device,
        speed="full" if parsed.speed == "minute" else parsed.speed,
        is_paused=True,
    )
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.lesson.lesson_actions import Minute

    app = FlashcardsApp(request, theme=parsed.theme, is_debugging=parsed.debug)
    app.session.singleton(Minute).is_wanted = parsed.speed == "minute"
    return app


def course(parsed: argparse.Namespace) -> int:
    """Go through eight short lessons, or through lessons of your own."""
    sheet, problems = read_course(None if parsed.file is None else Path(parsed.file))
    if parsed.check or problems:
        for file, problem in problems:
            print_line(f"{file}:{problem.line}: error: {problem.text}")
        if not problems:
            for number, title in enumerate(sheet.titles, 1):
                print_line(f"{number}  {title}")
        return args.WRONG_INPUT if problems else args.OK
    app = course_app(parsed, sheet, None if parsed.lesson is None else parsed.lesson - 1)
    args.require_terminal("`flashcards course --check` lists the lessons")
    return args.run_app(app)


def word_app(parsed: argparse.Namespace, name: str) -> FlashcardsApp:
    """The screen on a word of the week, by its name or file, among all words.
    Raises UserError: there is none, or a mistake is in it."""
    file = find_word(name)
    paths = [word.path for word in words()]
    is_shipped = file in paths
    sheet = _without_mistake(read_words() if is_shipped else read_course(file))
    return course_app(parsed, sheet, paths.index(file) if is_shipped else 0)


def course_app(parsed: argparse.Namespace, sheet: Course, lesson: int | None) -> FlashcardsApp:
    """The screen on a lesson of the course, from 0; on the next one for None.
    Raises UserError: there is no such lesson."""
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.stage.course_talk import Attending
    from flashcards.app.stage.stage_actions import StageState
    from flashcards.app.stage.talking import first_request
    from flashcards.trainer.request import LessonRequest

    n_lessons = len(sheet.starts)
    if lesson is not None and lesson >= n_lessons:
        raise UserError(f"there is no lesson {lesson + 1}; the course has {n_lessons}")
    speak(sheet.talk, parsed.language)
    sheet = msgspec.structs.replace(sheet, talk=with_model(sheet.talk, parsed.model))
    done = lessons_done(sheet.name)
    is_choosing = lesson is None and done > 0
    if lesson is None:
        lesson = done if done < n_lessons else 0
    like = LessonRequest(deck="apple", runs=parsed.runs, device=parsed.device)
    request = first_request(sheet.talk, like, sheet.starts[lesson])
    app = FlashcardsApp(request, theme=parsed.theme, is_debugging=parsed.debug)
    talking = Attending(app.session, sheet, lesson, is_choosing=is_choosing)
    app.session.singleton(StageState).talking = talking
    return app


def register(add: args.Add) -> None:
    common = (
        args.argument("file", metavar="TALK.md", help="the talk's Markdown file"),
        args.DEVICE,
        args.RUNS,
    )
    command = add("talk", talk, *common, args.MODEL, args.LANGUAGE, args.DEBUG)
    command.option("--theme", "NAME", "stage-dark, stage-light or a Textual theme")
    command.flag("--check", "only list the mistakes, by line")

    command = add("rehearse", rehearse, *common, args.MODEL, args.LANGUAGE)
    beside = "also keep the recording beside the talk, small: it plays where there is no --model"
    command.flag("--beside", beside)

    command = add("serve", serve, args.MODEL, args.DEVICE, *args.SCREEN)
    command.option("name", "RUN|DECK|TALK.md", "a run, deck, talk or a course's folder", nargs="?")
    speeds = ("explain", "slow", "brisk", "minute", "full")
    command.choice("--speed", "how fast; minute: what it needs, spread over one", *speeds)
    command.count("--lesson", "N", "this lesson of the course")
    command.option("--word", "WORD", "this word of the week")
    command.option("--refuse", "FILE", "words, one a line, that no text from a phone may have")
    command.flag("--lan", "let phones in this network in, not only browsers on this machine")

    command = add("course", course, args.MODEL, args.DEVICE, *args.SCREEN)
    command.option("file", "FILE_OR_FOLDER", "lessons of your own, in Markdown", nargs="?")
    command.count("--lesson", "N", "begin with this lesson, not with the one that is next")
    command.flag("--check", "only list the lessons, or the mistakes by line")
