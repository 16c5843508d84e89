"""A course: lessons in order, each a file like a talk's; and how far one has come in it. Those that
come along are in `flashcards/course/LANGUAGE`. The words of the week are a course too, by weeks;
their files in `flashcards/course/words` have all languages."""

import contextlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import msgspec
from msgspec import Struct

from flashcards.base.decoding import decode_json
from flashcards.base.errors import UserError
from flashcards.base.language import chosen
from flashcards.runs.goal import WrittenError
from flashcards.runs.run_files import read_file, write_atomically
from flashcards.talks.claims import hyphened, read_figure
from flashcards.talks.parsing import in_language, parse_talk, read_talk, read_text
from flashcards.talks.rehearsal import Recording, recordings_beside
from flashcards.talks.talk import Problem, Talk

SHIPPED = Path(__file__).parents[1] / "course"
WORDS = SHIPPED / "words"
OF_WORDS = "words"  # the name of their course
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
CURVE = "curve"  # as `{LABEL.curve}`: of an exam, how sure the model was, and how often right
IN_BRACES = re.compile(r"\{([a-z_]+|[a-z][a-z0-9-]*(?:\.[\w-]+)+)\}")
"""A number of the run that is followed; or, as `{plain.unseen}`, a score of a run with a label."""


LessonKey = int | str
"""The place of a lesson in its course, from 0; a word is kept by its name, so that others may come
before it later."""


class Course(Struct, frozen=True, kw_only=True):
    """Lesson i begins with cue `starts[i]`, titled `titles[i]`; progress is kept under `name`, and
    there lesson i as `keys[i]`. `recordings` lie beside the files, for who has no model that others
    have trained."""

    name: str
    talk: Talk
    starts: tuple[int, ...]
    titles: tuple[str, ...]
    keys: tuple[LessonKey, ...]
    recordings: tuple[Recording, ...] = ()

    def lesson_of(self, cue: int) -> int:
        """The lesson, from 0, that this cue is in."""
        return max((i for i, start in enumerate(self.starts) if start <= cue), default=0)


def read_course(path: Path | None) -> tuple[Course, list[tuple[Path, Problem]]]:
    """The course of a file or folder, None for the one that comes along; what is wrong in it.
    Raises UserError: it can't be read, or has no lesson."""
    files = _files(SHIPPED / chosen() if path is None else path)
    keys = tuple(range(len(files)))
    return _course_of(files, "" if path is None else str(path.resolve()), keys)


def read_words() -> tuple[Course, list[tuple[Path, Problem]]]:
    """The words of the week, by their weeks, as `read_course` gives a course."""
    every = words()
    return _course_of([word.path for word in every], OF_WORDS, [word.name for word in every])


class Word(Struct, frozen=True):
    """A word of the week: its file's name, title and first sentence, in one language."""

    week: int
    name: str
    title: str
    about: str
    path: Path


def words(folder: Path | None = None, language: str | None = None) -> list[Word]:
    """The words, by week, in this language, None for the one that is spoken.
    Raises UserError: there are none, or one can't be read."""
    read = [word_of(path, language) for path in _files(folder or WORDS)]
    return sorted(read, key=lambda word: (word.week, word.name))


def word_of(path: Path, language: str | None = None) -> Word:
    """The word that a file is about. Raises UserError: it can't be read."""
    try:
        changed_ns = path.stat().st_mtime_ns
    except OSError:
        changed_ns = 0
    return _read_word(path, language or chosen(), changed_ns)


@lru_cache(512)  # the search lists all of them, in every language
def _read_word(path: Path, language: str, changed_ns: int) -> Word:
    talk = parse_talk(read_text(path), language)[0]
    first = next((text for cue in talk.cues for text in cue.text), "")
    sentence = re.match(r".+?[.!?](?=\s|$)", first)
    about = first if sentence is None else sentence[0]
    return Word(talk.week, path.stem, talk.title, about, path)


def find_word(name: str) -> Path:
    """The file of a word, by its name, its title in the language that is spoken, or its path.
    Raises UserError: there is none."""
    from flashcards.cards.diagnostics import did_you_mean

    if name.endswith(".md"):
        return Path(name)
    every = words()
    known = {word.name: word.path for word in every}
    titled = {hyphened(word.title.partition(" (")[0]): word.path for word in every}
    if (path := titled.get(hyphened(name))) is not None:
        return path
    if name not in known:
        hint = did_you_mean(name, known) or "; `flashcards word` lists them"
        raise UserError(f"no word of the week is called {name!r}{hint}")
    return known[name]


def _course_of(
    files: Sequence[Path], name: str, keys: Sequence[LessonKey]
) -> tuple[Course, list[tuple[Path, Problem]]]:
    lessons: list[Talk] = []
    problems: list[tuple[Path, Problem]] = []
    recordings: list[Recording] = []
    for file in files:
        talk, mistakes = read_talk(file)
        lessons.append(talk)
        if talk.wants_model:
            recordings += recordings_beside(talk, file)
        problems += [(file, problem) for problem in (*mistakes, *unknown_numbers(talk, file))]
    starts = accumulate((len(lesson.cues) for lesson in lessons[:-1]), initial=0)
    whole = Talk(
        title=lessons[0].title,
        language=lessons[0].language,
        cues=tuple(cue for lesson in lessons for cue in lesson.cues),
    )
    titles = tuple(lesson.title for lesson in lessons)
    course = Course(
        name=name,
        talk=whole,
        starts=tuple(starts),
        titles=titles,
        keys=tuple(keys),
        recordings=tuple(recordings),
    )
    return course, problems


def unknown_numbers(talk: Talk, file: Path, language: str | None = None) -> Iterator[Problem]:
    """Names in braces on a slide that are no number of a run, by line."""
    lines = in_language(read_text(file), language or chosen())[0].splitlines()
    for cue in talk.cues:
        for name in dict.fromkeys(IN_BRACES.findall("\n".join(cue.text))):
            if sentence := _why_unknown(name, talk):
                written = (
                    i for i in range(cue.line, len(lines) + 1) if f"{{{name}}}" in lines[i - 1]
                )
                yield Problem(next(written, cue.line), sentence)


def _why_unknown(name: str, talk: Talk) -> str:
    from flashcards.cards.diagnostics import did_you_mean

    labels: Sequence[str] = talk.labels
    if name.endswith(f".{CURVE}"):
        label, exams = name.removesuffix(f".{CURVE}"), talk.exams
        known = ", ".join(exams) or "none"
        return "" if label in exams else f"no exam is called {label}; there are {known}"
    if "." in name:
        try:
            label = read_figure(name).label
        except WrittenError as error:
            return str(error)
        return "" if label in labels else f"no run is called {label}; there are {', '.join(labels)}"
    if name in NUMBERS:
        return ""
    hint = did_you_mean(name, NUMBERS) or f"; there are {', '.join(NUMBERS)}"
    return f"no number of a run is called {{{name}}}{hint}"


def _files(path: Path) -> list[Path]:
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


class _Progress(Struct):
    """A course's next lesson and all that are done, by course; the course used last is last."""

    lessons: dict[str, int] = {}
    done: dict[str, set[LessonKey]] = {}


def lessons_done(name: str) -> int:
    """The lesson of this course to go on with, from 0; 0 where that is not known."""
    return max(0, _load().lessons.get(name, 0))


def all_done(name: str) -> set[LessonKey]:
    """The lessons of this course that were gone through."""
    known = _load()
    return known.done.get(name, set(range(known.lessons.get(name, 0))))


def note_done(name: str, next_lesson: int, done: set[LessonKey]) -> None:
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
