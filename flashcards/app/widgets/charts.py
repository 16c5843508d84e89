"""Charts over time: of shares, told apart by dash and colour; and of the error."""

import math
from collections.abc import Sequence
from itertools import product

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from flashcards.app.widgets.cells import Row, Sheet, cut_row, flowing, row_width, spread
from flashcards.app.widgets.plot import (
    AXIS_WIDTH,
    Point,
    axis_row,
    column_of,
    dotted_row,
    plot,
    widened,
)
from flashcards.app.widgets.time_line import MARKER_STYLES, weight_of
from flashcards.base.keyed_text import sentences
from flashcards.base.language import format_number, tr
from flashcards.runs import history, verdict
from flashcards.runs.markers import AnyMarker, OrderWasChanged, RateWasChanged, WentBack
from flashcards.runs.state import RunState
from flashcards.wording import lesson, trends
from flashcards.wording.markers import MARKER_SIGNS
from flashcards.wording.numbers import count, rate_factor
from flashcards.wording.run_kinds import kind_of

LINE = "╎"
MIN_EXAMS = 3  # fewer are no history
STEPS_APART = 10  # a cause and its effect that are closer have one mark


def since_chapter(state: RunState, shares: history.History) -> tuple[tuple[int, float], ...]:
    """The points of the chapter that is taught, by its own steps, up to the last exam."""
    begin, exam = state.life.since_step, state.exams.last
    points = [point for point in shares.points if exam is None or point[0] <= exam.step]
    return tuple((step - begin, share) for step, share in points if step >= begin)


class Curve(Struct, frozen=True):
    """A line of (step, share of 0 to 1), oldest first; NaN is a gap. `sample` is what it looks like
    in a legend, in which one without a name is not; `dash` are dots drawn and left out.
    `has_share`: the legend says its last share; else the line is named beside the title."""

    name: str
    points: tuple[Point, ...]
    style: str
    sample: str = "━"
    thickness: int = 1
    dash: tuple[int, int] | None = None
    has_share: bool = True


class Mark(Struct, frozen=True):
    """An event at a step, and the word for it; without one its step is told."""

    step: int
    sign: str
    style: str
    word: str = ""


class SharesView(Struct, frozen=True):
    """Lines in the order of the legend. Where they cross, dashed ones are seen, then earlier ones.
    `begin`, `end`: what the axis says there. `answer`: to the question that is the title, said
    where there is room, and behind it what is `also` asked."""

    title: str = ""
    lines: tuple[Curve, ...] = ()
    waiting: str = ""
    marks: tuple[Mark, ...] = ()
    begin: str = ""
    end: str = ""
    answer: str = ""
    also: str = ""


def getting_better(state: RunState, *, is_past: bool = False) -> SharesView:
    """Right answers over time. The scores below say the shares of both, in the same colours."""
    title = kind_of(state).chart_title(state, is_past=is_past)
    seen, unseen = (
        tuple(rates.points) for rates in (state.exams.seen_rates, state.exams.unseen_rates)
    )
    names = sides(is_text=state.is_reading)
    lines = [  # named, so that a dash is no failure
        Curve(names[0], seen, ".taught", thickness=2, has_share=False),
        Curve(names[1], unseen, ".unseen", "╍", 2, (4, 4), has_share=False),
    ]
    has_taught = any(math.isfinite(share) for _, share in seen)
    is_early = bool(seen) and not (has_taught and max(len(seen), len(unseen)) >= MIN_EXAMS)
    waiting = tr("Too early to say.") if is_early else ""
    last = state.exams.last
    if is_early and not is_past and last is not None and last.known is None:
        waiting = waiting if last.seen.right + last.unseen.right else tr("It knows nothing yet.")
    if state.exams.is_hidden:
        waiting = tr("hidden")
    end = ""
    if (spoilt := taken_back(state)) is not None:
        lines.append(spoilt)
        end = end_of_taken_back(state, spoilt)
    drawn = () if is_early else tuple(lines)
    answer = "" if is_early else trends.is_it_getting_better(state, is_past=is_past)
    return SharesView(title, drawn, waiting, marks=turning_points(state), end=end, answer=answer)


def sides(*, is_text: bool) -> tuple[str, str]:
    """Name what is taught and what is only asked; of a text, what is read and what is not."""
    return (tr("read"), tr("never read")) if is_text else (tr("taught"), tr("never taught"))


def turning_points(state: RunState) -> tuple[Mark, ...]:
    """Mark where the deck became another, what somebody changed, and where the steps broke the
    model."""
    changes = (*changed_order(state), *going_back(state), *breaking(state))
    if not state.life.earlier:
        return changes
    begins = Mark(state.life.since_step, "↑", ".strong", tr("this deck begins"))
    return begins, *changes


def changed_order(state: RunState) -> tuple[Mark, ...]:
    """Mark where the cards began to come in the order in force, if that is not the usual one."""
    if state.order == "shuffled":
        return ()
    begun = [mark.step for mark in state.markers.reached if isinstance(mark, OrderWasChanged)]
    if not begun:
        return ()
    name, step = tr(lesson.ORDERS[state.order][0]), begun[-1]
    word = tr("{order} from step {step} on", order=name, step=count(step))
    return (Mark(step, MARKER_SIGNS["order"], ".strong", word),)


def going_back(state: RunState) -> tuple[Mark, ...]:
    """Mark where the lesson was taken back to last, and what is left of the larger corrections that
    made it necessary."""
    backs = [mark for mark in state.markers.reached if isinstance(mark, WentBack)]
    if not backs or backs[-1].step < state.life.since_step:
        return ()
    back = backs[-1]
    word = tr("taken back from step {step}", step=count(back.from_step))
    went_back = Mark(back.step, MARKER_SIGNS["went_back"], ".strong", word)
    raised = raised_at(state, back.step - 1)
    if raised is None or back.step - raised < STEPS_APART:
        return (went_back,)
    return *_raised(_rate_at(state, back.step - 1), raised, 0), went_back


def taken_back(state: RunState) -> Curve | None:
    """The curve of the taught cards from where the lesson was last taken back to: what went wrong.
    None where no exam saw it, where exams are hidden, and of a chapter before."""
    back = state.rewound
    if back is None or not back.undone or back.step < state.life.since_step:
        return None
    seen = [point for point in state.exams.seen_rates.points if point[0] <= back.step]
    if not seen:
        return None
    points = (seen[-1], *back.undone)
    return Curve(tr("taken back"), points, ".wrong", "─", has_share=False)


def end_of_taken_back(state: RunState, spoilt: Curve) -> str:
    """Name the step where that curve ends: the model as it is was not asked there. "" where
    there was an exam since."""
    last_step = spoilt.points[-1][0]
    if last_step <= state.exams.seen_rates.points[-1][0]:
        return ""
    return f"{tr('step')} {count(last_step)}"


def _rate_at(state: RunState, step: int) -> float:
    """The factor of the learning rate at this step."""
    factors = [
        mark.factor
        for mark in state.markers.reached
        if isinstance(mark, RateWasChanged) and mark.step <= step
    ]
    return factors[-1] if factors else 1.0


def breaking(state: RunState, first_step: int = 0) -> tuple[Mark, ...]:
    """Mark where corrections were made larger and where they broke the model, or only that they
    spoil it since, on an axis that begins at `first_step`.

    A share right may fall before: a break is told from the error of what is taught, a share of
    right answers comes from exams.
    """
    broken = state.steps.broken
    if broken is None:
        raised = raised_at(state, state.step) if state.steps.can_rewind else None
        return _raised(state.steps.factor, raised, first_step)
    word = tr("break noticed: step {step}", step=count(broken.step))
    breaks = Mark(broken.step - first_step, "✗", ".wrong", word)
    raised = raised_at(state, broken.step)
    is_apart = raised is not None and broken.step - raised >= STEPS_APART
    if broken.factor <= 1 or not is_apart:
        return (breaks,)
    return *_raised(broken.factor, raised, first_step), breaks


def _raised(factor: float, at_step: int | None, first_step: int) -> tuple[Mark, ...]:
    """Mark where the learning rate rose, up to this factor by now; nothing before `first_step`."""
    if at_step is None or at_step < first_step:
        return ()
    word = tr("larger corrections: learning rate {factor}", factor=rate_factor(factor))
    return (Mark(at_step - first_step, "↑", ".strong", word),)


def raised_at(state: RunState, before_step: int) -> int | None:
    """The step at which the learning rate rose above the usual one, and stayed there until this
    step; None where it did not."""
    raised: int | None = None
    for mark in state.markers.reached:
        if isinstance(mark, RateWasChanged) and mark.step <= before_step:
            is_new = raised is None
            raised = (mark.step if is_new else raised) if mark.factor > 1 else None
    return raised


class ShareChart(Sheet[SharesView]):
    def draw(self, view: SharesView, width: int, height: int) -> list[Row]:
        n_points = [sum(math.isfinite(v) for _, v in line.points) for line in view.lines]
        drawn = [line for line, n in zip(view.lines, n_points, strict=True) if n > 1]
        lone = [line for line in view.lines if line not in drawn and _is_named_early(line, drawn)]
        named = [line if line in (*drawn, *lone) else _coming(line, drawn) for line in view.lines]
        answers = sentences(view.answer, view.also), view.answer
        rows = _legend(view.title, answers, [line for line in named if line is not None], width)
        drawn = sorted(drawn, key=lambda line: line.dash is None)[::-1]
        n_columns, n_rows = width - AXIS_WIDTH, height - len(rows) - 1
        if n_columns < 4 or n_rows < 2:
            return rows
        if not drawn:
            waiting = view.waiting or tr("too early for a curve")
            return [*rows, [], [(" " * AXIS_WIDTH + waiting, ".muted")]]
        ends = [line.points[-1][0] for line in drawn]
        last_step = max(1, *ends, *(mark.step for mark in view.marks))
        box = last_step, 1.0, n_columns, n_rows
        grids = [
            plot(line.points, *box, thickness=line.thickness, dash=line.dash) for line in drawn
        ]
        grids += [widened(plot(line.points, *box, thickness=line.thickness)) for line in lone]
        styles = [line.style for line in (*drawn, *lone)]
        marked = columns(view.marks, last_step, n_columns)
        blanks = [(LINE, ".muted") if x in marked else (" ", "") for x in range(n_columns)]
        for y in range(n_rows):
            label = {0: "100 % ", n_rows - 1: "  0 % "}.get(y, "")
            if y == n_rows // 2 and n_rows >= 5 and n_rows % 2:
                label = " 50 % "
            label = f"{label[:AXIS_WIDTH]:{AXIS_WIDTH}}"
            lines = [grid[y] for grid in grids]
            rows.append(dotted_row(label, lines, styles, blanks))
        signs = {x: (mark.sign, mark.style) for x, mark in marked.items()}
        words = {x: mark.word or count(mark.step) for x, mark in marked.items()}
        axis = last_step, n_columns, signs, words
        return [*rows, axis_row(*axis, begin=view.begin, end=view.end)]


def _is_named_early(line: Curve, drawn: list[Curve]) -> bool:
    """Tell whether a line that has only begun is named beside others: nobody should take one of
    them for it."""
    has_points = any(math.isfinite(share) for _, share in line.points)
    return bool(drawn) and has_points and not line.has_share


def _coming(line: Curve, drawn: list[Curve]) -> Curve | None:
    """A line without a point yet, named beside others as one that comes; None where it is not."""
    if not drawn or line.has_share or not line.points:
        return None
    return replace(line, name=tr("{name}: no line yet", name=line.name))


def _legend(title: str, answers: Sequence[str], lines: list[Curve], width: int) -> list[Row]:
    """Name the lines behind the title and the first of these answers that has room."""
    parts: list[Row] = []
    beside: Row = []
    for line in lines:
        value = line.points[-1][1]
        share = f" {verdict.percent(value)}" if math.isfinite(value) else ""
        if line.name and line.has_share:
            parts.append([(f"{line.sample} {line.name}", line.style), (share, ".strong")])
        elif line.name:
            beside += [("  ", ""), (f"{line.sample} {line.name}", line.style)]
    head: Row = [(title, ".strong")]
    for answer in filter(None, answers):
        answered: Row = [*head, (f" {answer}", ".strong")]
        if row_width(answered) + row_width(beside) <= width:
            head = answered
            break
    if beside and row_width(head) + row_width(beside) <= width:
        head = spread(head, beside, width)
    rows: list[Row] = [head] if title else []
    return [cut_row(row, width) for row in (*rows, *flowing(parts, width)) if row]


def columns(marks: tuple[Mark, ...], last_step: int, n_columns: int) -> dict[int, Mark]:
    placed: dict[int, Mark] = {}
    for mark in sorted(marks, key=lambda mark: mark.step):
        if 0 <= mark.step <= last_step:
            wanted = column_of(mark.step, last_step, n_columns)
            free = [x for x in (*range(wanted, n_columns), *range(wanted)[::-1]) if x not in placed]
            placed |= dict.fromkeys(free[:1], mark)
    return dict(sorted(placed.items()))


TICK_SHIFT = 3  # a marker's sign moves by less than so many cells to where no other is
AFTER_ZERO = 2  # the first column of a sign: before it is the 0 of the axis


class ChartView(Struct, frozen=True):
    """Points of (step, nats per piece), oldest first, NaN where there is none. `floor_nats`: the
    error that contradicting cards make unavoidable; `is_over`: no exam comes any more; `is_text`:
    a text is read; `is_hidden`: nobody is to see the points yet."""

    seen: tuple[Point, ...] = ()
    unseen: tuple[Point, ...] = ()
    guessing_nats: float | None = None
    floor_nats: float = 0.0
    markers: tuple[AnyMarker, ...] = ()
    is_over: bool = False
    is_text: bool = False
    is_hidden: bool = False


def losses_of(state: RunState, markers: tuple[AnyMarker, ...]) -> ChartView:
    if state.start is None:
        return ChartView(is_over=state.liveness == "failed")
    return ChartView(
        tuple(state.exams.seen_losses.points),
        tuple(state.exams.unseen_losses.points),
        state.start.guessing_nats,
        state.start.floor_nats,
        tuple(m for m in markers if m.kind == "diverged" and m.step <= state.step),
        is_text=state.is_reading,
        is_hidden=state.exams.is_hidden,
    )


class LossChart(Sheet[ChartView]):
    def draw(self, view: ChartView, width: int, height: int) -> list[Row]:
        values = [v for _, v in (*view.seen, *view.unseen) if math.isfinite(v)]
        blind = view.guessing_nats or 0.0
        highest = max(values, default=0.0)
        top = max(blind * 1.05, min(highest, blind * 1.5 if blind else math.inf), 1e-3)
        rows = [_error_legend(view, top, width)]
        n_columns, n_rows = width - AXIS_WIDTH, height - 2
        if n_columns < 4 or n_rows < 2:
            return rows
        if not values:
            coming = "" if view.is_over else tr("too early for a curve")
            if view.is_hidden:
                coming = tr("hidden")
            return [*rows, [], [(" " * AXIS_WIDTH + coming, ".muted")]]
        last_step = max(1, *(p[-1][0] for p in (view.seen, view.unseen) if p))
        seen = plot(view.seen, last_step, top, n_columns, n_rows, thickness=2)
        unseen = plot(view.unseen, last_step, top, n_columns, n_rows, dash=(4, 4))
        lines = _level_lines(view, top, n_rows)
        covered = ""
        for y in range(n_rows):
            label = " " * AXIS_WIDTH
            name = lines.get(y, "")
            if name == tr("blind guess"):
                label = f"{format_number(blind, '.1f'):>{AXIS_WIDTH - 1}} "
            if y == n_rows - 1:
                label = "   0 "
                name = name or tr("no error")
            drawn = [
                bool(seen_dots or unseen_dots)
                for seen_dots, unseen_dots in zip(seen[y], unseen[y], strict=True)
            ]
            ground = " " * n_columns
            if name:
                ground = _ground(name, drawn)
                covered = f" ↑ {name}" if name not in ground else ""
            elif not any(drawn[: len(covered)]):
                ground, covered = f"{covered:{n_columns}.{n_columns}}", ""
            blanks = [(char, ".muted") for char in ground]
            rows.append(dotted_row(label, [seen[y], unseen[y]], [".taught", ".unseen"], blanks))
        return [*rows, marked_axis(view.markers, last_step, n_columns)]


def marked_axis(markers: tuple[AnyMarker, ...], last_step: int, n_columns: int) -> Row:
    signs: dict[int, AnyMarker] = {}
    placed = {
        (max(AFTER_ZERO, column_of(marker.step, last_step, n_columns)), marker.kind): marker
        for marker in markers
    }
    for (at, _), marker in sorted(placed.items(), key=lambda item: weight_of(item[1])):
        free = [x for x in range(at, min(at + TICK_SHIFT, n_columns)) if x not in signs]
        if free:
            signs[free[0]] = marker
    broke = [x for x, marker in signs.items() if marker.kind == "diverged"]
    words = f"{tr('broke here')} "
    # of the signs that the words cover the break is the one that must be seen
    start = broke[-1] - cell_len(words) if broke else -1
    columns = range(start, broke[-1]) if start >= AFTER_ZERO else range(0)
    parts = {x: (MARKER_SIGNS[m.kind], MARKER_STYLES[m.kind]) for x, m in signs.items()}
    parts |= {x: (char, MARKER_STYLES["diverged"]) for x, char in zip(columns, words, strict=False)}
    return axis_row(last_step, n_columns, parts)


def _level_lines(view: ChartView, top: float, n_rows: int) -> dict[int, str]:
    """By row: the name of what the error starts at and can't get below."""
    lines: dict[int, str] = {}
    for value, name in (
        (view.floor_nats, tr("floor: cards contradict")),
        (view.guessing_nats, tr("blind guess")),
    ):
        if value:
            row = min(n_rows - 1, int((1 - value / top) * n_rows))
            lines[row] = name
    return lines


def _ground(name: str, drawn: list[bool]) -> str:
    n_columns = len(drawn)
    named = f" {name} "
    places = range(2, n_columns - len(named) - 1)
    if name == tr("blind guess"):
        places = places[::-1]
    line = ("┄" if name != tr("no error") else " ") * n_columns
    for at in places:
        if not any(drawn[at : at + len(named)]):
            return line[:at] + named + line[at + len(named) :]
    return line


def _error_legend(view: ChartView, top: float, width: int) -> Row:
    names = sides(is_text=view.is_text)
    titles = "How wrong is it? Lower is better.", "How wrong is it?", "error"
    for above, text in product((tr(" ▲ off the top"), tr(" ▲ higher"), " ▲"), titles):
        row: Row = [(tr(text), ".title")]
        for sample, name, style, points in (
            ("━", names[0], ".taught", view.seen),
            ("╍", names[1], ".unseen", view.unseen),
        ):
            if points:
                sign = above if points[-1][1] > top else ""
                row += [("  ", ""), (f"{sample} {name}{sign}", style)]
        if row_width(row) <= width:
            return row
    return [(tr("error"), ".title")]
