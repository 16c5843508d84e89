"""Learning curves of saved runs as one picture: the share right at each exam, a panel per deck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec

from flashcards.base.language import tr
from flashcards.charts.scales import count_axis, share_axis
from flashcards.charts.svg import Kind, Panel, Series, draw
from flashcards.runs.events import ExamTaken, RunStarted
from flashcards.runs.files import write_atomically
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.values import Score
from flashcards.runs.verdict import percent


class SavedCurve(msgspec.Struct, frozen=True, kw_only=True):
    """One run's exams, oldest first."""

    title: str
    n_taught: int
    n_held_out: int
    seed: int
    exams: tuple[ExamTaken, ...]


def read_curve(path: Path) -> SavedCurve:
    """The exams of a run. Raises RunError: it is no run, or it has no exam yet."""
    folder = RunFolder.open(path)
    happened = folder.events()
    exams = tuple(event for event in happened if isinstance(event, ExamTaken))
    start = next((event for event in happened if isinstance(event, RunStarted)), None)
    if start is None or not exams:
        raise RunError(f"{path.name} has no exam yet; teach it first")
    name = start.name or start.deck
    return SavedCurve(
        title=tr("{name}, shuffled", name=name) if start.is_shuffled else name,
        n_taught=start.n_taught,
        n_held_out=start.n_held_out,
        seed=start.seed,
        exams=exams,
    )


def curves(of: Sequence[SavedCurve], source: str) -> str:
    """The picture as SVG text: runs with the same title share a panel.
    Raises ValueError: there are none."""
    panels: dict[str, list[SavedCurve]] = {}
    for curve in of:
        panels.setdefault(curve.title, []).append(curve)
    drawn = [_panel(title, runs) for title, runs in panels.items()]
    subtitle = tr(
        "Share of cards answered right, against cards taught so far. Asked of a fixed sample of up "
        "to 400 cards of each kind at every exam, of the averaged weights; at the end of a lesson "
        "of all."
    )
    return draw(drawn, title=tr("Learning curves"), subtitle=subtitle, source=source)


def _panel(title: str, runs: Sequence[SavedCurve]) -> Panel:
    first = runs[0]
    never_seen = tr("{n:,} never seen", n=first.n_held_out)
    if not first.n_held_out:
        never_seen = tr("none never seen")
    seeds = sorted({run.seed for run in runs})
    text = "seed {seeds}" if len(seeds) == 1 else "seeds {seeds}"
    drawn = tr(text, seeds=", ".join(map(str, seeds)))
    parts = tr("{n:,} taught", n=first.n_taught), never_seen, drawn
    lines = _lines(
        tr("taught cards"), "seen", runs, [[exam.seen for exam in run.exams] for run in runs]
    )
    if first.n_held_out:
        unseen = [[exam.unseen for exam in run.exams] for run in runs]
        lines += _lines(tr("cards never seen"), "unseen", runs, unseen)
    most = max(run.exams[-1].cards_taught for run in runs)
    x = count_axis(most, tr("taught cards"), n_ticks=3)
    return Panel(title, " · ".join(parts), x, share_axis(), tuple(lines))


def _lines(
    name: str, kind: Kind, runs: Sequence[SavedCurve], scores: Sequence[Sequence[Score]]
) -> list[Series]:
    """A line for each run; the first one's label says where all of them ended."""
    label = _range([run_scores[-1] for run_scores in scores])
    lines = []
    for run, run_scores in zip(runs, scores, strict=True):
        rates = (math.nan if score.rate is None else score.rate for score in run_scores)
        xs = (exam.cards_taught for exam in run.exams)
        lines.append(Series(name, tuple(zip(xs, rates, strict=True)), kind, end_label=label))
        label = ""
    return lines


def _range(scores: Sequence[Score]) -> str:
    rates = [score.rate for score in scores if score.rate is not None]
    if not rates:
        return ""
    low, high = min(rates), max(rates)
    if percent(low) == percent(high):
        return percent(high)
    return f"{math.floor(100 * low)}–{math.floor(100 * high)} %"


def draw_runs(paths: Sequence[Path], target: Path, source: str) -> None:
    """Draw these runs into a file.
    Raises RunError: one can't be read or has no exam, or the file can't be written."""
    save(curves([read_curve(path) for path in paths], source), target)


def save(picture: str, target: Path) -> None:
    """Write a picture into a file. Raises RunError: that can't be done."""
    try:
        write_atomically(target, picture.encode("utf-8", "replace"), mode=0o644)
    except OSError as error:
        raise RunError(f"{target} can't be written: {error.strerror or error}") from error
