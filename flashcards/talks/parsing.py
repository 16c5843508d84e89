"""Reads a cue sheet: Markdown whose ```flashcards blocks hold one directive a line. Never raises. A
headline begins a slide, prose and list items fill it; `---` begins one without a headline. A
comment (`<!-- … -->`) is a note for the speaker; `<!-- language: de -->` says what the program
shall speak. `wait` in a block ends a cue there.

One file may have its texts in several languages: what follows `<!-- in de -->`, up to the next such
comment or block, is read in German alone."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from flashcards.base.errors import UserError
from flashcards.base.language import LANGUAGES, chosen
from flashcards.base.system import refuse_device
from flashcards.runs.goal import WrittenError, read_whole
from flashcards.talks.claims import figures_of
from flashcards.talks.directives import read_directive
from flashcards.talks.talk import (
    AnyDirective,
    Claim,
    Cue,
    GoOn,
    Guessing,
    Problem,
    StepPhases,
    Talk,
    Teach,
)

FENCE = "```"
LANGUAGE = "flashcards"
WAIT = "wait"
MAX_CHARACTERS = 200_000

MAX_DIRECTIVE_CHARACTERS = 2_000
MAX_PROBLEMS = 100

# Each of these takes a time that is linear in the text: nothing it skips can begin another match.
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_SECTION = re.compile(r"\s*<!--\s*in\s+(\S+?)\s*-->\s*")
_SETTING = re.compile(r"\w+:\s*\S+|in\s+\S+")  # of the whole talk, or a section's language
_RULE = re.compile(r"\s*(?:-\s*){3,}|\s*(?:\*\s*){3,}")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)")
_STRONG = re.compile(r"(\*\*|__|`)(.+?)\1")


def parse_talk(text: str, language: str = "en") -> tuple[Talk, list[Problem]]:
    """The talk in a language, and every problem by line. What has a problem is left out of it."""
    if len(text) > MAX_CHARACTERS:
        return Talk(title="", cues=()), [Problem(1, "this is too long for any talk")]
    own_text, problems = in_language(text, language)
    try:
        week = read_whole("week", _noted("week", text) or "0")
    except WrittenError as error:
        problems.append(Problem(1, str(error)))
        week = 0
    reader = _Reader(_noted("language", text), week, problems)
    # Lines stay where they are: what is in a comment goes, its line ends stay.
    without_comments = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), own_text)
    for number, line in enumerate(without_comments.splitlines(), 1):
        reader.read(number, line)
    talk, problems = reader.end()
    return msgspec.structs.replace(talk, cues=_with_notes(talk.cues, own_text)), problems


def _with_notes(cues: tuple[Cue, ...], text: str) -> tuple[Cue, ...]:
    """Give each cue the comments from its first line up to the next cue's, settings left out; those
    above all cues are the first one's."""
    notes: dict[int, list[str]] = {}
    for comment in _COMMENT.finditer(text):
        note = " ".join(comment[0].removeprefix("<!--").removesuffix("-->").split())
        line = text.count("\n", 0, comment.start()) + 1
        index = max(0, sum(cue.line <= line for cue in cues) - 1)
        if note and not _SETTING.fullmatch(note):
            notes.setdefault(index, []).append(note)
    return tuple(
        msgspec.structs.replace(cue, notes=tuple(notes.get(index, ())))
        for index, cue in enumerate(cues)
    )


def in_language(text: str, language: str) -> tuple[str, list[Problem]]:
    """The text with the lines of other languages' sections blank, and sections of no language.
    Where the language has no section between two blocks, the first one there is read."""
    lines = text.splitlines()
    problems: list[Problem] = []
    sections: dict[str, list[int]] = {}  # since the last block: lines by language, from 0
    section: list[int] | None = None
    is_fenced = False

    def choose() -> None:
        wanted = language if language in sections else next(iter(sections), "")
        for name, numbers in sections.items():
            for number in numbers if name != wanted else ():
                lines[number] = ""
        sections.clear()

    for number, line in enumerate(lines):
        bare = line.strip()
        if is_fenced:
            is_fenced = bare != FENCE
        elif bare.startswith(FENCE):
            is_fenced = True
            if bare.removeprefix(FENCE).strip() == LANGUAGE:
                section = None
                choose()
        elif (begun := _SECTION.fullmatch(line)) is not None:
            if begun[1] not in LANGUAGES:
                sentence = f"no language is called {begun[1]!r}; there are: {', '.join(LANGUAGES)}"
                problems.append(Problem(number + 1, sentence))
            section = sections.setdefault(begun[1], [])
        if section is not None:
            section.append(number)
    choose()
    return "\n".join(lines), problems


class _Reader:
    """Cues as they are read, and the slide or block being read."""

    def __init__(self, language: str, week: int, problems: list[Problem]) -> None:
        self._language = language
        self._week = week
        self._cues: list[Cue] = []
        self._claims: list[Claim] = []
        self._problems = problems
        self._title = ""
        self._slide_line: int | None = None
        self._text: list[list[str]] = []
        self._is_paragraph = False
        self._fence_line: int | None = None
        self._is_ours = False
        self._directives: list[AnyDirective] = []
        self._written: list[str] = []
        self._cue_line = 0

    def read(self, number: int, line: str) -> None:
        bare = line.strip()
        if self._fence_line is not None:
            if bare == FENCE:
                self._end_block()
            elif self._is_ours:
                self._direct(number, bare)
            else:
                self._text.append([line.rstrip()])
        elif bare.startswith(FENCE):
            self._begin_block(number, bare.removeprefix(FENCE).strip())
        elif (headline := _headline(bare)) is not None:
            self._end_slide()
            self._slide_line = number
            self._title = _plain(headline)
        elif _RULE.fullmatch(line):
            self._end_slide()
        elif bare:
            self._prose(number, bare)
        else:
            self._is_paragraph = False

    def end(self) -> tuple[Talk, list[Problem]]:
        if self._fence_line is not None:
            sentence = f"this block is never ended: a line with {FENCE} alone is missing"
            self._problems.append(Problem(self._fence_line, sentence))
            self._end_block()
        self._end_slide()
        cues = tuple(self._cues)
        if not cues and not self._problems:
            sentence = "there is nothing in this talk: write a headline, # like this"
            self._problems.append(Problem(1, sentence))
        title = next((cue.title for cue in cues if cue.title), "")
        talk = Talk(
            title=title,
            cues=cues,
            language=self._language,
            claims=tuple(self._claims),
            week=self._week,
        )
        return talk, sorted(self._problems, key=lambda p: p.line)

    def _prose(self, number: int, bare: str) -> None:
        if self._slide_line is None:
            self._slide_line = number
        is_item = bare.startswith(("- ", "* ", "+ "))
        text = _plain(f"• {bare[2:].strip()}" if is_item else bare.removeprefix("> "))
        if self._is_paragraph and not is_item:
            self._text[-1].append(text)
        else:
            self._text.append([text])
        self._is_paragraph = True

    def _end_slide(self) -> None:
        if self._slide_line is not None:
            text = tuple(map(" ".join, self._text))
            self._cues.append(Cue(line=self._slide_line, title=self._title, text=text))
        self._slide_line = None
        self._title = ""
        self._text = []
        self._is_paragraph = False

    def _begin_block(self, number: int, language: str) -> None:
        self._fence_line = number
        self._is_ours = language == LANGUAGE
        self._is_paragraph = False
        if self._is_ours:
            self._end_slide()
            self._cue_line = number
        elif self._slide_line is None:
            self._slide_line = number

    def _end_block(self) -> None:
        if self._is_ours:
            self._end_cue()
        self._fence_line = None
        self._is_ours = False

    def _direct(self, number: int, bare: str) -> None:
        if not bare or bare.startswith("#") or len(self._problems) >= MAX_PROBLEMS:
            return
        if bare == WAIT:
            self._end_cue()
            self._cue_line = number
            return
        try:
            if len(bare) > MAX_DIRECTIVE_CHARACTERS:
                raise WrittenError("this line is too long for a directive")
            directive = read_directive(bare, number)
        except WrittenError as error:
            self._problems.append(Problem(number, str(error)))
            return
        if isinstance(directive, Claim):
            self._claims.append(directive)
        else:
            self._directives.append(directive)
            self._written.append(bare)

    def _end_cue(self) -> None:
        for directive, after in pairwise(self._directives):
            if isinstance(directive, Guessing):
                sentence = f"humans is the last of its cue: write {WAIT} before this line"
                self._problems.append(Problem(after.line, sentence))
        if self._directives:
            cue = Cue(
                line=self._cue_line,
                directives=tuple(self._directives),
                written=tuple(self._written),
            )
            self._cues.append(cue)
        self._directives = []
        self._written = []


def _noted(name: str, text: str) -> str:
    """Return the value of the first comment `<!-- name: value -->`; "" when there is none."""
    for comment in _COMMENT.finditer(text):
        note = comment[0].removeprefix("<!--").removesuffix("-->").strip()
        if note.startswith(f"{name}:") and len(words := note.removeprefix(f"{name}:").split()) == 1:
            return words[0]
    return ""


def _headline(bare: str) -> str | None:
    text = bare.lstrip("#")
    is_headline = 1 <= len(bare) - len(text) <= 6 and text[:1].isspace()
    return text.strip().rstrip("#").rstrip() if is_headline else None


def _plain(text: str) -> str:
    """The text without Markdown's marks for links, strong and code."""
    return _STRONG.sub(r"\2", _LINK.sub(r"\1", text))


def read_text(path: Path) -> str:
    """The text of a talk's file. Raises UserError: it can't be read."""
    try:
        refuse_device(path)
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UserError(f"{path}:{line}: not UTF-8; save the file as UTF-8") from error
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror or error}") from error


def read_talk(path: Path, language: str | None = None) -> tuple[Talk, list[Problem]]:
    """The talk in this language, None for the one that is spoken, with decks as paths (one beside
    it first) or names that exist; its mistakes by line.
    Raises UserError: the file can't be read."""
    from flashcards.cards.shelf import DeckNotFound, find, is_there
    from flashcards.talks.talk import with_names

    sheet, problems = parse_talk(read_text(path), language or chosen())
    if sheet.language and sheet.language not in LANGUAGES:
        sentence = f"no language is called {sheet.language!r}; there are: {', '.join(LANGUAGES)}"
        problems.append(Problem(1, sentence))
    problems += _mistaken_claims(sheet)
    decks: dict[str, str] = {}
    for lesson in sheet.lessons:
        if lesson.deck in decks or len(problems) >= MAX_PROBLEMS:
            continue
        beside = path.parent / lesson.deck
        try:
            decks[lesson.deck] = str(find(str(beside) if is_there(beside) else lesson.deck))
        except DeckNotFound as error:
            problems.append(Problem(lesson.line, str(error)))
    return with_names(sheet, decks), sorted(problems, key=lambda problem: problem.line)


def _mistaken_claims(sheet: Talk) -> Iterator[Problem]:
    """Claims about runs that are not there, or that don't end at the same step each time."""
    labels = sheet.labels
    for claim in sheet.claims:
        for label in dict.fromkeys(figure.label for figure in figures_of(claim.comparisons)):
            if labels.count(label) != 1:
                sentence = f"no run is called {label}; there are {', '.join(labels)}"
                if label in labels:
                    sentence = f"several runs are called {label}: name them with as LABEL"
                yield Problem(claim.line, sentence)
    for number, lesson in enumerate(sheet.lessons):
        before = [earlier.label for earlier in sheet.lessons[:number]]
        if lesson.answered_by and lesson.answered_by not in before:
            sentence = f"no run before this one is called {lesson.answered_by}"
            yield Problem(lesson.line, sentence)
    for directive in (directive for cue in sheet.cues for directive in cue.directives):
        match directive:
            case Teach(goal=None) | GoOn(goal=None) if sheet.claims:
                yield Problem(directive.line, "a run that claims are about wants until")
            case StepPhases() if sheet.claims:
                yield Problem(directive.line, "no claim can be about a run that goes by phases")


_NOW = """
B p, E e, T s, e :own editor, p :pin, m :bookmark, L :double, l :halve, z :rewind, o :order,
N :N cards, R :rehearse, P :part, J :reward, v :vote, h :humans, Q :phones, i ?,
F1 ?, S :more data, C :examples, t 3 and then t, < Home, > End
"""
MOVED = dict(key.strip().split(" ", 1) for key in _NOW.split(","))  # what does it now

_KEY = r"(F1|[A-Za-z<>])(?![\w'’.-])"
_NAMED = re.compile(
    rf"`{_KEY}`|(?i:\b(?:press|key|taste|drück\w*|tecla|pulsa\w*))\s+`?{_KEY}"
    rf"|(?<![\w'’`.-]){_KEY}\s+(?:halves|doubles|goes back|rewinds|bets)\b"
)


def moved_keys(text: str) -> Iterator[Problem]:
    """Keys that a talk names and that do something else by now, or nothing, by line."""
    for number, line in enumerate(text.splitlines(), 1):
        for match in _NAMED.finditer(line):
            key = match[match.lastindex or 0]
            if key in MOVED:
                yield Problem(number, f"the key {key} has moved: now it is {MOVED[key]}")
