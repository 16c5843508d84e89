"""Learning curves of saved runs as one picture: what was right at each exam, a panel a deck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec

from flashcards.charts.scales import count_axis, share_axis
from flashcards.charts.svg import Line, Panel, Point, draw
from flashcards.runs.events import ExamTaken, RunStarted
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.values import Score
from flashcards.runs.verdict import percent

TITLE = "Learning curves"
SUBTITLE = (
    "Share of cards answered right, against cards taught so far. Asked of a fixed sample of up to "
    "400 cards of each kind at every exam, of the averaged weights; at the end of a lesson of all."
)
SEEN, NEVER_SEEN = "taught cards", "cards never seen"


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """One run's exams, oldest first."""

    title: str
    n_taught: int
    n_held_out: int
    seed: int
    exams: tuple[ExamTaken, ...]


def read_curve(path: Path) -> Curve:
    """The exams of a run.

    Raises:
        RunError: it is no run, or it has no exam yet.
    """
    folder = RunFolder.open(path)
    happened = folder.events()
    exams = tuple(event for event in happened if isinstance(event, ExamTaken))
    start = next((event for event in happened if isinstance(event, RunStarted)), None)
    if start is None or not exams:
        raise RunError(f"{path.name} has no exam yet; teach it first")
    name = start.name or start.deck
    return Curve(
        title=f"{name}, shuffled" if start.is_shuffled else name,
        n_taught=start.n_taught,
        n_held_out=start.n_held_out,
        seed=start.seed,
        exams=exams,
    )


def curves(of: Sequence[Curve], source: str) -> str:
    """The picture as SVG text: runs with the same title share a panel.

    Raises:
        ValueError: there are none.
    """
    panels: dict[str, list[Curve]] = {}
    for curve in of:
        panels.setdefault(curve.title, []).append(curve)
    return draw(
        [_panel(title, runs) for title, runs in panels.items()],
        title=TITLE,
        subtitle=SUBTITLE,
        source=source,
    )


def _panel(title: str, runs: Sequence[Curve]) -> Panel:
    first = runs[0]
    parts = [f"{first.n_taught:,} taught", f"{first.n_held_out:,} never seen"]
    if not first.n_held_out:
        parts[1] = "none held out"
    seeds = sorted({run.seed for run in runs})
    parts.append(f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}")
    n_cards = max(run.exams[-1].cards_taught for run in runs)
    lines = [
        Line(SEEN, _points(run, is_seen=True), "seen", end_label=_label(runs, i, is_seen=True))
        for i, run in enumerate(runs)
    ]
    if first.n_held_out:
        lines += [
            Line(
                NEVER_SEEN,
                _points(run, is_seen=False),
                "unseen",
                end_label=_label(runs, i, is_seen=False),
            )
            for i, run in enumerate(runs)
        ]
    x = count_axis(n_cards, "cards taught", n_ticks=3)
    return Panel(title, " · ".join(parts), x, share_axis(), tuple(lines))


def _points(run: Curve, *, is_seen: bool) -> tuple[Point, ...]:
    rates = ((exam.cards_taught, _score(exam, is_seen=is_seen).rate) for exam in run.exams)
    return tuple((x, math.nan if rate is None else rate) for x, rate in rates)


def _label(runs: Sequence[Curve], i: int, *, is_seen: bool) -> str:
    """At the end of the first run's line: where all of them ended."""
    if i > 0:
        return ""
    scores = (_score(run.exams[-1], is_seen=is_seen) for run in runs)
    rates = [score.rate for score in scores if score.rate is not None]
    if not rates:
        return ""
    low, high = (100 * rate for rate in (min(rates), max(rates)))
    if percent(min(rates)) == percent(max(rates)):
        return percent(max(rates))
    return f"{math.floor(low)}–{math.floor(high)} %"


def _score(exam: ExamTaken, *, is_seen: bool) -> Score:
    return exam.seen if is_seen else exam.unseen


def draw_runs(paths: Sequence[Path], target: Path, source: str) -> None:
    """Draw these runs into a file.

    Raises:
        RunError: one can't be read or has no exam, or the file can't be written.
    """
    picture = curves([read_curve(path) for path in paths], source)
    try:
        target.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise RunError(f"{target} can't be written: {error.strerror or error}") from error
