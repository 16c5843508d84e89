"""View 7: the deck doctor. What is in the lesson's deck, what to change, whether it has a rule."""

import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from rich.cells import cell_len
from textual import work

from flashcards.app.room import StatusLine
from flashcards.app.session import Session
from flashcards.app.view import View, hidden
from flashcards.app.widgets.cells import Row, Sheet, cut, row_width, wrap
from flashcards.app.widgets.frame import VerdictView
from flashcards.base import child_process, system
from flashcards.base.keyed_text import sentences
from flashcards.base.language import capital, tr
from flashcards.doctor.diagnosis import LABEL_WIDTH, Diagnosis, Probe, probed
from flashcards.runs.state import RunState

MAX_LINES_A_FACT = 4

MOST_KNOWN = 64  # so many versions of a deck are examined once; an older one is examined anew
Diagnose = Callable[[Path, str], Awaitable[Diagnosis]]


class DoctorSheetView(msgspec.Struct, frozen=True):
    """The diagnosis, None while the deck is read; which version of the deck it is, of how many."""

    diagnosis: Diagnosis | None = None
    seconds: int = 0
    rule: str = ""
    top: int = 0
    version: tuple[int, int] = (1, 1)
    is_brought: bool = False


class DoctorSheet(Sheet[DoctorSheetView]):
    def draw(self, view: DoctorSheetView, width: int, height: int) -> list[Row]:
        rows = _rows(view, width)
        top = min(view.top, max(0, len(rows) - height))
        n_below = len(rows) - top - height
        if n_below <= 0:
            return rows[top:]
        more = tr("↓ lines: {n}", n=n_below + 1)
        return [*rows[top : top + height - 1], [(more, ".muted")]]

    def n_hidden(self) -> int:
        if self.showing is None:
            return 0
        return max(0, len(_rows(self.showing, self.content_size.width)) - self.content_size.height)


class DoctorView(View):
    CSS_PATH = "decks.tcss"
    PARTS = (DoctorSheet,)
    SHOWS_PAST = True

    BINDINGS = hidden(
        down="scroll(1)", up="scroll(-1)", pagedown="scroll(10)", pageup="scroll(-10)"
    )

    def __init__(
        self, deck_name: str, diagnose: Diagnose, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(deck_name=deck_name)
        self._diagnose = diagnose
        self._clock = clock
        self._began_at_s = clock()
        self._shown_seconds = 0
        self._version: tuple[str, str] | None = None
        self._known: dict[tuple[str, str], Diagnosis] = {}
        self._top = 0

    @property
    def is_due(self) -> bool:
        return self._is_changed or self._seconds != self._shown_seconds

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        self._look_at(state)
        self._shown_seconds, diagnosis = self._seconds, self._diagnosis
        if state.liveness == "failed" and diagnosis is None:
            diagnosis = Diagnosis(problem=tr("no deck could be read"))
        self.query_one(DoctorSheet).show(
            DoctorSheetView(
                diagnosis,
                self._seconds,
                _rule(state),
                self._top,
                self._numbered(),
                state.is_brought,
            )
        )
        if diagnosis is None or diagnosis.problem or sentence.tone != "calm":
            return sentence
        n = len(diagnosis.advised(is_brought=state.is_brought))
        text = tr("Change nothing, watch it learn.")
        if n == 1:
            text = tr("Follow the advice and save: the lesson takes it up at once.")
        elif n:
            text = tr("Change the first thing and save: the lesson takes it up at once.")
        return VerdictView(text)

    def _look_at(self, state: RunState) -> None:
        start = state.start
        change = state.deck_change or state.life.began
        if start is None:
            return
        version = start.folder, "" if change is None else change.file
        if version == self._version:
            return
        self._version, self._began_at_s = version, self._clock()
        if version not in self._known:
            self._examine(version)

    def _numbered(self) -> tuple[int, int]:
        changed_at = [marker.step for marker in self.markers if marker.kind == "deck"]
        step = None if self.past is None else self.past.step
        n_before = sum(step is None or at <= step for at in changed_at)
        return n_before + 1, len(changed_at) + 1

    def action_scroll(self, by: int) -> None:
        n_hidden = self.query_one(DoctorSheet).n_hidden()
        self._top = max(0, min(self._top + by, n_hidden))
        self._is_changed = True

    @property
    def _diagnosis(self) -> Diagnosis | None:
        return None if self._version is None else self._known.get(self._version)

    @property
    def _seconds(self) -> int:
        return 0 if self._diagnosis is not None else int(self._clock() - self._began_at_s)

    @work(exclusive=True)
    async def _examine(self, version: tuple[str, str]) -> None:
        folder, file = version
        self._known[version] = await self._diagnose(Path(folder), file)
        while len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        self._is_changed = True


def _rule(state: RunState) -> str:
    exam = state.latest_scores
    if exam is None or exam.seen.total == 0:
        return tr("the lesson itself will show it: no card has been asked yet")
    return probed(Probe(int(state.lesson_seconds), exam.seen, exam.unseen, state.rivals))


def _rows(view: DoctorSheetView, width: int) -> list[Row]:
    diagnosis = view.diagnosis
    title: Row = [(cut(tr("Deck doctor"), width), ".strong")]
    number, of = view.version
    about = tr(" · version {number} of {n}", number=number, n=of) if of > 1 else ""
    if diagnosis is None:
        text = "reading the deck… {seconds} s so far; the lesson goes on meanwhile"
        is_long = view.seconds >= 3
        reading = tr(text, seconds=view.seconds) if is_long else tr("reading the deck") + "…"
        return [_titled(title, about, width), [(cut(reading, width), ".muted")]]
    if diagnosis.problem:
        problem = wrap(diagnosis.problem, width, 4)
        return [_titled(title, about, width), *([(line, ".wrong")] for line in problem)]
    rows: list[Row] = [_titled(title, about, width)]
    advised = diagnosis.advised(is_brought=view.is_brought)
    rows += [
        [(cut(_verdict(len(advised), diagnosis.n_problems), width), ".strong")],
        *_bullets(advised, width),
    ]
    rows += _problem_rows(diagnosis, width)
    so_far = f"{tr('Is there a rule to find?')} {capital(view.rule)}"
    rows += [[], *([(line, "")] for line in wrap(so_far, width, MAX_LINES_A_FACT))]
    rows += [[], [(cut(tr("what is in the deck"), width), ".muted")]]
    away = diagnosis.for_own if view.is_brought else ()
    facts = [fact for fact in diagnosis.facts if fact.text not in away]
    label_width = max([LABEL_WIDTH, *(cell_len(fact.label) + 1 for fact in facts)])
    for fact in facts:
        lines = wrap(fact.text, max(1, width - label_width), MAX_LINES_A_FACT)
        for i, line in enumerate(lines):
            label = fact.label if i == 0 else ""
            rows.append([(f"{label:<{label_width}}", ".strong"), (line, "")])
    return rows


MANY_THINGS = 3  # from so many on that would help it is not said to be nearly good


def _verdict(n_things: int, n_problems: int) -> str:
    """Answer whether the deck is good to learn from. `n_things`: so many things would help.
    `n_problems`: so many its file has."""
    question = tr("Is this deck in order?")
    if n_things >= MANY_THINGS:
        return sentences(question, tr("Not yet: {n} things would help.", n=n_things))
    if not n_things and n_problems:
        return sentences(question, tr("Nearly: its file has a problem, see below."))
    if not n_things:
        return sentences(question, tr("Yes: nothing to change."))
    if n_things == 1:
        return sentences(question, tr("Nearly: one thing would help."))
    return sentences(question, tr("Nearly: {n} things would help.", n=n_things))


def _problem_rows(diagnosis: Diagnosis, width: int) -> list[Row]:
    if not diagnosis.problems:
        return []
    rows: list[Row] = [[], [(cut(tr("problems in the file"), width), ".muted")]]
    rows += _bullets(diagnosis.problems, width)
    n_more = diagnosis.n_problems - len(diagnosis.problems)
    if n_more:
        rows.append([("  " + tr("and {n:,} more", n=n_more), ".muted")])
    return rows


def _bullets(sentences: Iterable[str], width: int) -> Iterator[Row]:
    for sentence in sentences:
        for i, line in enumerate(wrap(sentence, width - 2, MAX_LINES_A_FACT)):
            yield [("• " if i == 0 else "  ", ".title"), (line, "")]


def _titled(title: Row, rest: str, width: int) -> Row:
    return [*title, (cut(rest, width - row_width(title)), ".muted")]


def make(session: Session) -> DoctorView:
    return DoctorView(session.run.deck, diagnosis_of)


async def diagnosis_of(folder: Path, version: str) -> Diagnosis:
    """Diagnose a version of a run's deck; "" is the one that the run began with."""
    try:
        versions = sorted(path for path in (folder / "deck").iterdir() if path.is_file())
        deck = next(path for path in versions if version in ("", path.name))
    except (OSError, StopIteration):
        return Diagnosis(problem=tr("the run's deck can't be read"))
    child = child_process.JsonLinesProcess(
        system.python("-m", "flashcards.doctor.diagnosis", str(deck)),
        msgspec.json.Decoder(Diagnosis).decode,
    )
    try:
        async for diagnosis in child.values():
            return diagnosis
        return Diagnosis(problem=tr("the deck could not be examined"))
    finally:
        await child.end()
