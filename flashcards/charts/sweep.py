"""A sweep as one picture: the curve of each seed thin, their median thick; a panel for each choice
of settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flashcards.charts.scales import count_axis, share_axis
from flashcards.charts.svg import Kind, Panel, Series, draw
from flashcards.runs.sweep import Sweep, SweepError
from flashcards.runs.sweep_scores import Group, curves_of
from flashcards.runs.verdict import percent

SUBTITLE = (
    "Share of cards answered right, against updates made. Thin: one run each. Thick: the median of "
    "all runs at that update; a run that has ended counts on with its last score."
)
MAX_PANELS = 12


def picture(sweep: Sweep, groups: Sequence[Group]) -> str:
    """The picture as SVG text; of many groups the first twelve.

    Raises:
        OSError: a run's log can't be read.
        ValueError: there is no group.
    """
    panels = [_panel(sweep, group) for group in groups[:MAX_PANELS]]
    n_runs = sum(len(group.results) for group in groups)
    title = f"{sweep.info.deck_name}: {n_runs} runs"
    return draw(panels, title=title, subtitle=SUBTITLE, source="drawn by flashcards curves")


def draw_sweep(sweep: Sweep, groups: Sequence[Group], target: Path) -> None:
    """Draw it into a file.

    Raises:
        SweepError: a run can't be read, or the file can't be written.
    """
    try:
        target.write_text(picture(sweep, groups), encoding="utf-8")
    except OSError as error:
        raise SweepError(f"{target} can't be written: {error.strerror or error}") from error


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
