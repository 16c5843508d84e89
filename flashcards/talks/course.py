"""A course: lessons in order, each a file like a talk's; and how far one has come in it. Those that
come along are in `flashcards/course/LANGUAGE`."""

import contextlib
import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import msgspec

from flashcards.base.decoding import decode_json
from flashcards.base.errors import UserError
from flashcards.base.language import chosen
from flashcards.runs.run_files import read_file, write_atomically
from flashcards.talks.parsing import read_talk
from flashcards.talks.talk import Problem, Talk

SHIPPED = Path(__file__).parents[1] / "course"
MAX_LESSONS = 100

PROGRESS_FILE = "course.json"
MAX_PROGRESS_BYTES = 100_000
MAX_COURSES = 100

NUMBERS = (  # in braces on a lesson's slide, filled in from the run that is followed
    "seen",
    "unseen",
    "step",
    "cards",
    "seconds",
    "numbers",
    "taught",
    "held_out",
    "known",
    "bets",
    "best_rival",
    "prompt",
    "answer",
    "guess",
    "before",
    "after",
)
IN_BRACES = re.compile(r"\{([a-z_]+)\}")


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """Lesson i begins with cue `starts[i]`, titled `titles[i]`; progress is kept under `name`."""

    name: str
    talk: Talk
    starts: tuple[int, ...]
    titles: tuple[str, ...]

    def lesson_of(self, cue: int) -> int:
        """The lesson, from 0, that this cue is in."""
        return max((i for i, start in enumerate(self.starts) if start <= cue), default=0)


def read_course(path: Path | None) -> tuple[Course, list[tuple[Path, Problem]]]:
    """The course of a file or folder, None for the one that comes along; what is wrong in it.
    Raises UserError: it can't be read, or has no lesson."""
    files = _files(path)
    lessons: list[Talk] = []
    problems: list[tuple[Path, Problem]] = []
    for file in files:
        talk, mistakes = read_talk(file)
        lessons.append(talk)
        problems += [(file, problem) for problem in (*mistakes, *_unknown_numbers(talk, file))]
    starts = accumulate((len(lesson.cues) for lesson in lessons[:-1]), initial=0)
    whole = Talk(
        title=lessons[0].title,
        language=lessons[0].language,
        cues=tuple(cue for lesson in lessons for cue in lesson.cues),
    )
    titles = tuple(lesson.title for lesson in lessons)
    name = "" if path is None else str(path.resolve())
    return Course(name=name, talk=whole, starts=tuple(starts), titles=titles), problems


def _unknown_numbers(talk: Talk, file: Path) -> Iterator[Problem]:
    from flashcards.cards.diagnostics import did_you_mean

    lines = file.read_text(encoding="utf-8-sig").splitlines()
    for cue in talk.cues:
        for name in dict.fromkeys(IN_BRACES.findall("\n".join(cue.text))):
            if name not in NUMBERS:
                written = (
                    i for i in range(cue.line, len(lines) + 1) if f"{{{name}}}" in lines[i - 1]
                )
                hint = did_you_mean(name, NUMBERS) or f"; there are {', '.join(NUMBERS)}"
                sentence = f"no number of a run is called {{{name}}}{hint}"
                yield Problem(next(written, cue.line), sentence)


def _files(path: Path | None) -> list[Path]:
    if path is None:
        path = SHIPPED / chosen()
    if path.is_file():
        return [path]
    try:
        files = sorted((file for file in path.iterdir() if file.suffix == ".md"), key=_order)
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror or error}") from error
    if not files:
        raise UserError(f"no lesson is in {path}: a lesson is a file such as 1-first.md")
    if len(files) > MAX_LESSONS:
        raise UserError(f"{path} has {len(files)} lessons; a course has at most {MAX_LESSONS}")
    return files


def _order(file: Path) -> tuple[list[tuple[int, str]], str]:
    """Return the key that sorts files by the numbers in their names: 10 comes after 9."""
    parts = re.findall(r"\d{1,9}|\D+", file.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], file.name


class _Progress(msgspec.Struct):
    """A course's next lesson and all that are done, by course; the course used last is last."""

    lessons: dict[str, int] = {}
    done: dict[str, set[int]] = {}


def lessons_done(name: str) -> int:
    """The lesson of this course to go on with, from 0; 0 where that is not known."""
    return max(0, _load().lessons.get(name, 0))


def all_done(name: str) -> set[int]:
    """The lessons of this course that were gone through, from 0."""
    known = _load()
    return known.done.get(name, set(range(known.lessons.get(name, 0))))


def note_done(name: str, next_lesson: int, done: set[int]) -> None:
    """Remember it; where that can't be written, the course begins where it began."""
    known = _load()
    every = all_done(name) | done
    for courses, value in ((known.lessons, next_lesson), (known.done, every)):
        courses.pop(name, None)
        courses[name] = value  # type: ignore[assignment]
        for old in [*courses][:-MAX_COURSES]:
            del courses[old]
    path = _file()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, msgspec.json.encode(known))


def _load() -> _Progress:
    try:
        return decode_json(read_file(_file(), MAX_PROGRESS_BYTES), _Progress)
    except (OSError, msgspec.DecodeError):
        return _Progress()


def _file() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("flashcards", appauthor=False)) / PROGRESS_FILE
