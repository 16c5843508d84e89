"""Whether what a view paints in a test, and what its sheets then show, can be in any run."""

import math
from collections import Counter
from collections.abc import Iterator
from functools import wraps
from typing import Any

import msgspec
import pytest

from flashcards.app.lesson.card_wall import WallView
from flashcards.app.lesson.guess_sheet import answer_letters
from flashcards.app.view import View
from flashcards.app.widgets.bars import ScoresView, bar
from flashcards.app.widgets.cells import Sheet
from flashcards.app.widgets.frame import HeaderView
from flashcards.runs import events as ev, values as val
from flashcards.runs.marks import NOT_ASKED, RIGHT
from flashcards.runs.state import RunState
from flashcards.wording.numbers import percent_right

N_CHECKED: Counter[str] = Counter()  # states and values in them, by class


def check_views(patch: pytest.MonkeyPatch) -> None:
    """Every view when it is painted, every other sheet of a lesson when it shows something."""
    paint, show = View.paint, Sheet.show
    painting: list[View] = []

    @wraps(paint)
    def painted(view: View, state: RunState, **rest: Any) -> None:
        painting.append(view)
        paint(view, state, **rest)
        painting.pop()
        check(faults(state))
        for sheet in view.query(Sheet):
            check(faults_of(sheet.showing, state))

    @wraps(show)
    def shown(sheet: Sheet[Any], value: Any) -> None:
        show(sheet, value)
        session = vars(sheet.app).get("session")
        if session is not None and not painting:
            check(faults_of(value, session.shown_state))

    patch.setattr(View, "paint", painted)
    patch.setattr(Sheet, "show", shown)


def check(found: Iterator[str]) -> None:
    text = "\n".join(dict.fromkeys(found))
    assert not text, text


def faults(state: RunState, *, is_recorded: bool = False) -> Iterator[str]:
    """What can't be in a state; a made-up wall may have more right than the made-up scores."""
    N_CHECKED["RunState"] += 1
    start, exam, marks = state.start, state.exams.last, state.marks
    steps = [state.card.step, marks.step, *(at for at, _ in state.card.recent)]
    steps += [] if exam is None else [exam.step]
    if max(steps) > state.step:
        yield f"something is of step {max(steps)}, the run at {state.step}"
    yield from faults_of((state.card.now, state.card.recent, exam), state)
    last_before = state.steps.changed_at - (state.deck_change is None)  # before the deck changed
    if start is None or exam is None or start.text or exam.step <= last_before:
        return
    sides = (exam.seen, start.n_taught), (exam.unseen, start.n_held_out)
    yield from (f"{score} of {n} cards" for score, n in sides if score.total > n)
    if not marks.latest or marks.step != exam.step or exam.known is not None:
        return
    mask = marks.never_seen.ljust(len(marks.latest), b"\0")
    for side, score in enumerate((exam.seen, exam.unseen)):
        of_side = [mark for mark, kind in zip(marks.latest, mask, strict=True) if kind == side]
        n_right, n_asked = of_side.count(RIGHT), len(of_side) - of_side.count(NOT_ASKED)
        is_same = (n_right, n_asked) == (score.right, score.total)
        has_more = n_right >= score.right and n_asked > score.total  # exceptions, unseen so far
        is_scripted = n_right >= score.right and not is_recorded
        if not (is_same or has_more or is_scripted):
            yield f"{n_right} of {n_asked} are right on the wall, {score} in the exam of this step"


def faults_of(value: object, state: RunState) -> Iterator[str]:
    for part in parts(value):
        match part:
            case val.Correction():
                yield from _of_correction(part, state)
            case val.CardRow():
                yield from _of_row(part, state)
            case ev.PromptAnswered():
                is_seen = part.stamp == "seen"
                if is_seen != bool(part.times_seen):
                    yield f"{part.prompt} is {part.stamp}, and was seen {part.times_seen} times"
            case HeaderView():
                is_past = part.badge in ("past", "replay")
                if not is_past and part.step not in (None, state.step):
                    yield f"the header says step {part.step}, the run is at {state.step}"
            case ScoresView():
                shown = state.exams.last if state.ended is None else state.ended
                scores = (None, None) if shown is None else (shown.seen, shown.unseen)
                if state.start is not None and (part.seen, part.unseen) != scores:
                    yield f"the bars say {part.seen} and {part.unseen}, the exam {scores}"
            case WallView():
                exam = state.exams.last
                is_right = exam is None or exam.seen.right == exam.seen.total
                is_older = exam is not None and state.marks.step < exam.step and not is_right
                if part.marks and is_older and part.as_of is None:
                    yield "the wall is older than the scores, and does not say so"
            case val.Score() if part.total:
                is_all, said = part.right == part.total, percent_right(part)
                is_full = len(bar(part.rate, 40, "")[0][0]) == 40
                if (is_full, said == "100 %") != (is_all, is_all):
                    yield f"{part} has a bar that is full, or not, and {said}"
                whole = (200 * part.right + part.total) // (2 * part.total)
                if said not in (f"{whole if is_all else min(99, whole)} %", "<1 %"):
                    yield f"{part} is not {said}"
            case _:
                continue
        N_CHECKED[type(part).__name__] += 1


def parts(value: object) -> Iterator[object]:
    yield value
    if isinstance(value, msgspec.Struct):
        inside = [getattr(value, name) for name in value.__struct_fields__]
    else:
        inside = [*value] if isinstance(value, tuple | list) else []
    for one in inside:
        if not isinstance(one, str | bytes | int | float | None):
            yield from parts(one)


LEAST_TOLD = 1e-30  # a broken model's odds are smaller, and 32 bits hold 0 in place of them


def _of_correction(card: val.Correction, state: RunState) -> Iterator[str]:
    mask, name = state.marks.never_seen, f"{card.prompt} → {card.answer}"
    is_own = not card.rehearsed and not state.life.earlier and state.deck_change is None
    if is_own and mask[card.card_index : card.card_index + 1] == b"\1":
        yield f"{name} is never taught, and corrected"
    if len(card.history) > card.times_seen:
        yield f"{name} was seen {card.times_seen} times and has {len(card.history)} marks"
    is_answer = card.guess is not None and val.text_of(card.guess) == card.answer
    if is_answer and card.mark not in (None, "right"):
        yield f"{name} is right, and marked {card.mark}"
    if card.pieces is None or not card.pieces:
        return
    odds = [piece.before for piece in card.pieces]
    nats = -sum(map(math.log, odds)) if all(odds) else math.inf
    said = card.error_nats or nats
    is_told = min(odds) > LEAST_TOLD and math.isfinite(said)
    if is_told and not math.isclose(said, nats, rel_tol=0.01, abs_tol=0.01):
        yield f"{name}: the error is not that of its pieces"
    change = card.change
    if (
        change is not None
        and math.isfinite(math.prod(odds))
        and not math.isclose(change.probability_before, math.prod(odds), rel_tol=0.05, abs_tol=1e-3)
    ):
        yield f"{name}: {change.probability_before} is not the product of its pieces"
    surprises = {letter.piece: letter.surprise_nats for letter in answer_letters(card)}
    for place, odd in enumerate(odds if all(piece.text for piece in card.pieces) else ()):
        shown = surprises.get(place)
        if (
            shown is not None
            and 0 < odd < 1
            and not math.isclose(math.exp(-shown), odd, rel_tol=1e-6)
        ):
            yield f"{name}: the bar under {card.pieces[place].text} is not its error"


def _of_row(row: val.CardRow, state: RunState) -> Iterator[str]:
    mask = state.marks.never_seen
    if row.card_index < len(mask) and (mask[row.card_index] == 1) != row.is_never_seen:
        yield f"{row.prompt} is never taught in one place, and seen in another"
    if row.is_never_seen and row.times_seen:
        yield f"{row.prompt} is never taught, and was seen {row.times_seen} times"
    if not row.is_never_seen and len(row.history) > row.times_seen:
        yield f"{row.prompt} was seen {row.times_seen} times and has {len(row.history)} marks"
    if ("r" in row.history) and row.first_right_step is None:
        yield f"{row.prompt} was right, and never first"
