"""`flashcards course`."""

from __future__ import annotations

import argparse
from pathlib import Path

from flashcards.cli import arguments as args
from flashcards.terminal.output import print_line


def course(parsed: argparse.Namespace) -> int:
    """Go through seven short lessons, or through lessons of your own."""
    from flashcards.talks.course import lessons_done, read_course

    path = None if parsed.file is None else Path(parsed.file)
    sheet, problems = read_course(path)
    n_lessons = len(sheet.starts)
    if parsed.check or problems:
        for file, problem in problems:
            print_line(f"{file}:{problem.line}: error: {problem.text}")
        if not problems:
            for number, title in enumerate(sheet.titles, 1):
                print_line(f"{number}  {title}")
        return args.WRONG_INPUT if problems else args.OK
    if parsed.lesson is not None and parsed.lesson > n_lessons:
        return args.fail(f"there is no lesson {parsed.lesson}; the course has {n_lessons}")
    args.require_terminal("`flashcards course --check` lists the lessons")
    from flashcards.cli.stage import speak

    speak(sheet.talk, parsed.language)
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.stage.actions import StageState
    from flashcards.app.stage.course import Attending
    from flashcards.app.stage.talking import first_request
    from flashcards.trainer.request import LessonRequest

    done = lessons_done(sheet.name)
    lesson = (done if done < n_lessons else 0) if parsed.lesson is None else parsed.lesson - 1
    like = LessonRequest(deck="apple", runs=parsed.runs, device=parsed.device)
    request = first_request(sheet.talk, like, sheet.starts[lesson])
    app = FlashcardsApp(request, theme=parsed.theme, is_debugging=parsed.debug)
    app.session.kept(StageState).talking = Attending(app.session, sheet, lesson)
    return args.run_app(app)


def register(add: args.Add) -> None:
    command = add("course", course, args.DEVICE, *args.SCREEN)
    command.option("file", "FILE_OR_FOLDER", "lessons of your own, in Markdown", nargs="?")
    command.count("--lesson", "N", "begin with this lesson, not with the one that is next")
    command.flag("--check", "only list the lessons, or the mistakes by line")
