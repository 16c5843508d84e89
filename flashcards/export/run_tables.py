"""A run's measurements in rows: its updates, its exams, and what the model said meanwhile.

From the log alone, with what a resume or a rewind took back left out. Also as CSV or Parquet.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from flashcards.base.files import csv_of, parquet_of
from flashcards.cards.printable import as_cell
from flashcards.learner.brought.pretrained_settings import settings_of
from flashcards.learner.settings import LearnerSettings
from flashcards.report.story import CardRecord
from flashcards.runs import events
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.marks import NOT_ASKED, ONE_OFF, RIGHT, WRONG
from flashcards.runs.state import RunState
from flashcards.runs.values import Score, text_of

MAX_SAMPLES = 500  # of a run's answers so many are told, spread evenly over it

Part = Literal["deck", "section", "earlier"]


class Steps(msgspec.Struct, frozen=True, kw_only=True):
    """Some updates, up to `step`: as `events.StepsTaken`. `learning_rate` is that of an update with
    several cards: the deck's, as far as it has risen and fallen, times what the user set."""

    step: int
    cards_taught: int
    train_seconds: float
    loss_nats: float
    gradient_norm: float
    relative_change: float
    learning_rate: float


STEPS_TOLD = Steps.__struct_fields__[:-1]


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """One score of an exam: of the deck, one of its sections or a deck taught before it.
    Losses are those of the deck alone."""

    step: int
    cards_taught: int
    train_seconds: float
    is_full: bool
    part: Part
    name: str
    seen: Score
    unseen: Score
    seen_loss_nats: float | None = None
    unseen_loss_nats: float | None = None


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A text of the model: for a card, for a pinned prompt ("pin"), or by itself ("written")."""

    step: int
    train_seconds: float
    about: str
    text: str


@dataclass(frozen=True)
class Numbers:
    run: str
    started_s: float
    steps: tuple[Steps, ...]
    exams: tuple[Examined, ...]
    samples: tuple[Sample, ...]


def numbers_of(path: Path) -> Numbers:
    """Raises RunError: it is no run, its log can't be read, or nothing was taught."""
    folder = RunFolder.open(path)
    name = path.resolve().name
    try:
        happened = folder.events()
        settings = settings_of(folder.info.settings)
        started_s = datetime.fromisoformat(folder.info.started).timestamp()
    except OSError as error:
        raise RunError(f"{name} has lost its log: {error.strerror or error}") from error
    except (ValueError, OverflowError) as error:
        raise RunError(f"{path / 'run.json'} is damaged: {error}") from error
    steps: list[Steps] = []
    exams: list[Examined] = []
    samples: list[Sample] = []
    state = RunState()
    for event in happened:
        if isinstance(event, events.RunResumed) and event.step < state.step:
            steps = [row for row in steps if row.step <= event.step]
            exams = [row for row in exams if row.step <= event.step]
            samples = [row for row in samples if row.step <= event.step]
        try:
            state.fold(event)
        except ValueError as error:
            raise RunError(f"the log of {name} is damaged: {error}") from error
        if isinstance(event, events.StepsTaken):
            steps.append(_steps(event, state, settings))
        elif isinstance(event, events.ExamTaken):
            exams += _examined(event, state)
        elif (sample := _sample(event, state.train_seconds)) is not None:
            samples.append(sample)
    if not steps and not exams:
        raise RunError(f"nothing was taught in {name} yet; teach it first")
    return Numbers(name, started_s, tuple(steps), tuple(exams), tuple(_spread(samples)))


def _steps(event: events.StepsTaken, state: RunState, settings: LearnerSettings) -> Steps:
    base = 0.0 if state.start is None else state.start.learning_rate
    warmth = settings.warmth_at(max(0, event.step - 1 - state.life.since_step))
    rate = base * warmth * state.learning_rate_factor
    numbers = {name: getattr(event, name) for name in STEPS_TOLD}
    return Steps(learning_rate=rate, **numbers)


def _examined(exam: events.ExamTaken, state: RunState) -> Iterator[Examined]:
    whole = Examined(
        step=exam.step,
        cards_taught=exam.cards_taught,
        train_seconds=state.train_seconds,
        is_full=exam.is_full,
        part="deck",
        name="" if state.start is None else state.start.name,
        seen=exam.seen,
        unseen=exam.unseen,
    )
    yield msgspec.structs.replace(
        whole, seen_loss_nats=exam.seen_loss_nats, unseen_loss_nats=exam.unseen_loss_nats
    )
    parts: list[tuple[Part, str, Score, Score]] = [
        *(("section", section.name, section.seen, section.unseen) for section in exam.sections),
        *(("earlier", chapter.deck, chapter.seen, chapter.unseen) for chapter in exam.earlier),
    ]
    for part, name, seen, unseen in parts:
        yield msgspec.structs.replace(whole, part=part, name=name, seen=seen, unseen=unseen)


def _sample(event: events.AnyEvent, train_seconds: float) -> Sample | None:
    match event:
        case events.CorrectionMeasured(correction=card) if card.guess is not None:
            guess = f"{card.prompt} → {text_of(card.guess)}"
            about = "card"
            text = f"{guess} ({card.mark or ''}: {card.answer})"
        case events.PinAnswered():
            about = "pin"
            text = f"{event.prompt} → {event.answer}"
        case events.TextWritten():
            about = "written"
            text = "\n".join(event.lines)
        case _:
            return None
    return Sample(step=event.step, train_seconds=train_seconds, about=about, text=text)


def _spread(samples: list[Sample]) -> list[Sample]:
    """Choose at most `MAX_SAMPLES`, the first and the last among them."""
    last = len(samples) - 1
    most = MAX_SAMPLES - 1
    places = range(last + 1) if last <= most else [round(i * last / most) for i in range(most + 1)]
    return [samples[place] for place in places]


EXAM_COLUMNS = (
    "step",
    "cards_taught",
    "train_seconds",
    "is_full",
    "part",
    "name",
    "seen_right",
    "seen_total",
    "unseen_right",
    "unseen_total",
    "seen_loss_nats",
    "unseen_loss_nats",
)
CARD_COLUMNS = (
    "card_index",
    "prompt",
    "answer",
    "is_held_out",
    "was_known",
    "n_asked",
    "n_wrong",
    "first_right_step",
    "n_forgotten",
    "last_mark",
    "also",
)
MARKS = {NOT_ASKED: "", WRONG: "wrong", ONE_OFF: "one piece off", RIGHT: "right"}


def tables_of(
    numbers: Numbers, cards: Sequence[CardRecord], form: Literal["csv", "parquet"]
) -> dict[str, bytes]:
    """The files by name; one of cards where there are any. Raises Refused: pyarrow is missing."""
    steps = [msgspec.structs.astuple(row) for row in numbers.steps]
    exams = [list(_cells(msgspec.structs.astuple(row))) for row in numbers.exams]
    tables: dict[str, tuple[Sequence[str], Iterable[Sequence[object]]]]
    tables = {"steps": (Steps.__struct_fields__, steps), "exams": (EXAM_COLUMNS, exams)}
    if cards:
        as_text = as_cell if form == "csv" else str
        tables["cards"] = (CARD_COLUMNS, [_card(card, as_text) for card in cards])
    if form == "csv":
        return {f"{name}.csv": csv_of([header, *rows]) for name, (header, rows) in tables.items()}
    return {f"{name}.parquet": parquet_of(*table) for name, table in tables.items()}


def _card(card: CardRecord, as_text: Callable[[str], str]) -> list[object]:
    *values, mark, also = dataclasses.astuple(card)
    cells = (as_text(value) if isinstance(value, str) else value for value in values)
    return [*_cells(cells), MARKS[mark], as_text(also)]


def _cells(values: Iterable[object]) -> Iterator[object]:
    """The values in the order of the columns: a score takes two, a truth is 0 or 1."""
    for value in values:
        if isinstance(value, Score):
            yield from (value.right, value.total)
        else:
            yield int(value) if isinstance(value, bool) else value
