"""Sweeps as pictures.

One: the curve of each seed thin, their median thick; a panel for each choice of settings. Several,
of one deck: how many cards each run was taught, a column of dots for each choice of settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flashcards.charts.curves import save
from flashcards.charts.scales import Axis, count_axis, share_axis
from flashcards.charts.svg import Kind, Panel, Series, draw
from flashcards.runs.sweep import Sweep, SweepError
from flashcards.runs.sweep_scores import Group, curves_of
from flashcards.runs.verdict import percent

SUBTITLE = (
    "Share of cards answered right, against updates made. Thin: one run each. Thick: the median of "
    "all runs at that update; a run that has ended counts on with its last score."
)
COLUMNS_SUBTITLE = (
    "A column for each sweep, a mark for each of its runs, from left to right by seed. Beside them "
    "their median, and a line from the least to the most."
)
ONE_RUN: tuple[str, Kind] = ("a run that reached it", "unseen")
ENDED: tuple[str, Kind] = ("a run that ended without", "other")
MEDIAN: tuple[str, Kind] = ("median", "seen")
MAX_PANELS = 12


def picture(sweep: Sweep, groups: Sequence[Group]) -> str:
    """The picture as SVG text; of many groups the first twelve.
    Raises OSError: a run's log can't be read.
    Raises ValueError: there is no group."""
    panels = [_panel(sweep, group) for group in groups[:MAX_PANELS]]
    n_runs = sum(len(group.results) for group in groups)
    title = f"{sweep.info.deck_name}: {_runs(n_runs)}"
    return draw(panels, title=title, subtitle=SUBTITLE, source="drawn by flashcards curves")


def _runs(n_runs: int) -> str:
    return "1 run" if n_runs == 1 else f"{n_runs} runs"


def draw_sweep(sweep: Sweep, groups: Sequence[Group], target: Path) -> None:
    """Draw it into a file. Raises RunError: the file can't be written."""
    save(picture(sweep, groups), target)


def draw_columns(columns: Sequence[tuple[str, Sweep, Group]], target: Path) -> None:
    """Draw how many cards each run was taught: (name, sweep, group) for each column.
    Raises SweepError: the sweeps are not of one deck and goal, or the file can't be written.
    Raises ValueError: there is no column."""
    infos = [sweep.info for _, sweep, _ in columns]
    if len({(info.deck_sha256, info.goal) for info in infos}) > 1:
        raise SweepError("sweeps of one deck, until the same goal, can be drawn side by side")
    save(columns_picture(columns), target)


def columns_picture(columns: Sequence[tuple[str, Sweep, Group]]) -> str:
    """The picture of `draw_columns` as SVG text; of many columns the first twelve.
    Raises ValueError: there is no column."""
    columns = columns[:MAX_PANELS]
    lines: list[Series] = []
    for place, (_, _, group) in enumerate(columns):
        for at, result in enumerate(group.results):
            x = place + 0.5 * ((at + 0.5) / len(group.results) - 0.5)
            name, kind = ONE_RUN if result.reached else ENDED
            lines.append(Series(name, ((x, float(result.cards_taught)),), kind))
        spread = group.spread("cards_taught")
        if spread is not None:
            name, kind = MEDIAN
            point, span = (place + 0.36, spread.median), (spread.low, spread.high)
            label = f"{spread.median:,.0f}"
            lines.append(Series(name, (point,), kind, (span,), (label,)))
    most = max((y for line in lines for _, y in line.points), default=0.0)
    ticks = tuple((float(place), name) for place, (name, _, _) in enumerate(columns))
    info, n_runs = columns[0][1].info, sum(len(group.results) for _, _, group in columns)
    wanted = ", ".join(
        f"{percent(share)} {name}"
        for share, name in ((info.goal.seen, "seen"), (info.goal.unseen, "never seen"))
        if share is not None
    )
    panel = Panel(
        f"Cards taught until {wanted}" if wanted else "Cards taught",
        _runs(n_runs),
        Axis(-0.5, len(columns) - 0.5, "", ticks),
        count_axis(1.05 * most),
        tuple(lines),
    )
    return draw(
        [panel],
        title=f"{info.deck_name}: {_runs(n_runs)}",
        subtitle=COLUMNS_SUBTITLE,
        source="drawn by flashcards curves",
    )


def _panel(sweep: Sweep, group: Group) -> Panel:
    lines: list[Series] = []
    kinds: tuple[tuple[str, Kind, str], ...] = (
        ("seen", "seen", "taught cards"),
        ("unseen", "unseen", "cards never seen"),
    )
    last_step = 1
    for score, kind, name in kinds:
        curves, band = curves_of(sweep, group, score)
        lines += [Series("", curve, kind, is_thin=True) for curve in curves]
        if band:
            median = tuple((point.step, point.median) for point in band)
            label = percent(band[-1].median)
            lines.append(Series(f"{name}, median", median, kind, end_label=label))
            last_step = max(last_step, band[-1].step)
    lines.sort(key=lambda line: not line.is_thin)
    seeds = group.seeds
    note = f"{len(seeds)} seeds" if len(seeds) != 1 else f"seed {seeds[0]}"
    x = count_axis(last_step, "updates", n_ticks=3)
    return Panel(group.label or sweep.info.deck_name, note, x, share_axis(), tuple(lines))
