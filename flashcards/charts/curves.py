"""Pictures of saved runs (the share right at each exam, a panel per deck) and of sweeps."""

import math
from collections.abc import Sequence
from pathlib import Path

import msgspec

from flashcards.base.language import tr
from flashcards.charts.svg import Axis, Kind, Panel, Series, count_axis, draw, share_axis
from flashcards.runs import events, run_files, values
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.sweep import Sweep, SweepError
from flashcards.runs.sweep_scores import Group, curves_of
from flashcards.runs.verdict import percent
from flashcards.wording import facts


class SavedCurve(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    n_taught: int
    n_held_out: int
    seed: int
    exams: tuple[events.ExamTaken, ...]


def read_curve(path: Path) -> SavedCurve:
    """The exams of a run. Raises RunError: it is no run, or it has no exam yet."""
    folder = RunFolder.open(path)
    happened = folder.events()
    exams = tuple(event for event in happened if isinstance(event, events.ExamTaken))
    start = next((event for event in happened if isinstance(event, events.RunStarted)), None)
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
    """SVG text: runs with the same title share a panel. Raises ValueError: there are none."""
    panels: dict[str, list[SavedCurve]] = {}
    for curve in of:
        panels.setdefault(curve.title, []).append(curve)
    drawn = [_panel(title, runs) for title, runs in panels.items()]
    subtitle = tr(
        "Share of cards answered right, against cards taught so far. Every exam asks a fixed "
        "sample of up to 400 cards of each kind, with the averaged weights; the one at the end of "
        "a lesson asks all cards."
    )
    return draw(drawn, title=tr("Learning curves"), subtitle=subtitle, source=source)


def _panel(title: str, runs: Sequence[SavedCurve]) -> Panel:
    first = runs[0]
    never_seen = facts.n_never_seen(first.n_held_out)
    seeds = sorted({run.seed for run in runs})
    text = "seed {seeds}" if len(seeds) == 1 else "seeds {seeds}"
    drawn = tr(text, seeds=", ".join(map(str, seeds)))
    parts = tr("{n:,} taught", n=first.n_taught), never_seen, drawn
    lines = _lines(
        tr("taught cards"), "seen", runs, [[exam.seen for exam in run.exams] for run in runs]
    )
    if first.n_held_out:
        unseen = [[exam.unseen for exam in run.exams] for run in runs]
        lines += _lines(tr("cards never taught"), "unseen", runs, unseen)
    most = max(run.exams[-1].cards_taught for run in runs)
    x = count_axis(most, tr("taught cards"), n_ticks=3)
    return Panel(title, " · ".join(parts), x, share_axis(), tuple(lines))


def _lines(
    name: str, kind: Kind, runs: Sequence[SavedCurve], scores: Sequence[Sequence[values.Score]]
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


def _range(scores: Sequence[values.Score]) -> str:
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
    """Write it whole, or leave what is there. Raises RunError: it can't be written."""
    try:
        run_files.write_atomically(target, picture.encode("utf-8", "replace"), mode=0o644)
    except OSError as error:
        raise RunError(f"{target} can't be written: {error.strerror or error}") from error


SUBTITLE = (
    "Share of cards answered right, against steps made. Thin: one lesson each, begun from "
    "other random numbers. Thick: half of them are below; one that has ended counts on with its "
    "last score."
)
ONE_RUN: tuple[str, Kind] = ("one lesson", "unseen")
ENDED: tuple[str, Kind] = ("one that ended without getting there", "other")
MEDIAN: tuple[str, Kind] = ("the middle: half took fewer cards", "seen")
MAX_PANELS = 12


def picture(sweep: Sweep, groups: Sequence[Group]) -> str:
    """The picture as SVG text; of many groups the first twelve.
    Raises OSError: a run's log can't be read.
    Raises ValueError: there is no group."""
    panels = [_sweep_panel(sweep, group) for group in groups[:MAX_PANELS]]
    return draw(
        panels,
        title=tr("{deck}: how much is luck?", deck=sweep.info.deck_name),
        subtitle=SUBTITLE,
        follows=_follows(groups),
        source="drawn by flashcards curves",
    )


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
    """SVG text; of many columns the first twelve. Raises ValueError: there is no column."""
    columns = columns[:MAX_PANELS]
    lines: list[Series] = []
    ticks: list[tuple[float, str]] = []
    for place, (column, _, group) in enumerate(columns):
        results = sorted(group.results, key=lambda result: result.cards_taught)
        xs = [place + 0.7 * ((at + 0.5) / len(results) - 0.5) for at in range(len(results))]
        for x, result in zip(xs, results, strict=True):
            name, kind = ONE_RUN if result.reached else ENDED
            lines.append(Series(name, ((x, float(result.cards_taught)),), kind))
        spread = group.spread("cards_taught")
        if spread is not None:
            name, kind = MEDIAN
            ends = tuple((place + side, spread.median) for side in (-0.4, 0.4))
            lines.append(Series(name, ends, kind, labels=("", f"{spread.median:,.0f}")))
            text = "{column}: {low:,.0f} – {high:,.0f}"
            if column:
                ticks.append((place, tr(text, column=column, low=spread.low, high=spread.high)))
                continue
            ticks.append((xs[0], tr("the quickest: {n:,.0f} cards", n=spread.low)))
            ticks.append((xs[-1], tr("the slowest: {n:,.0f} cards", n=spread.high)))
    most = max((y for line in lines for _, y in line.points), default=0.0)
    info = columns[0][1].info
    wanted = tr(" and ").join(
        tr(text, share=percent(share))
        for share, text in (
            (info.goal.seen, "{share} of the cards it was taught were right"),
            (info.goal.unseen, "{share} of the cards it was never taught were right"),
        )
        if share is not None
    )
    panel = Panel(
        tr("Cards taught until {wanted}", wanted=wanted) if wanted else tr("Cards taught"),
        tr("the higher, the longer it took"),
        Axis(-0.5, len(columns) - 0.5, "", tuple(ticks)),
        count_axis(1.1 * most),
        tuple(lines),
    )
    text = (
        "The same lesson again and again. Those of one column differ in chance alone: in the "
        "random numbers that they begin with. The quickest stand on the left."
    )
    if len(columns) == 1:
        text = (
            "The same lesson {n} times. Nothing differs but the random numbers that it begins with."
        )
    return draw(
        [panel],
        title=tr("{deck}: how much is luck?", deck=info.deck_name),
        subtitle=tr(text, n=len(columns[0][2].results)),
        follows=_follows([group for _, _, group in columns]),
        source="drawn by flashcards curves",
    )


def _follows(groups: Sequence[Group]) -> str:
    """Say what is luck among the lessons of each group, and what is more: ranges that don't
    overlap."""
    spreads = [group.spread("cards_taught") for group in groups]
    known = [spread for spread in spreads if spread is not None]
    if not all(result.reached for group in groups for result in group.results) or not known:
        return ""
    widest = max(known, key=lambda spread: spread.high / max(1.0, spread.low))
    sentence = facts.luck(widest.low, widest.high)
    if len(known) == 1:
        return sentence
    if max(spread.low for spread in known) > min(spread.high for spread in known):
        return f"{sentence} {tr('Where two columns do not overlap, more than luck is at work.')}"
    return f"{sentence} {tr('All columns overlap: their difference may be luck, too.')}"


def _sweep_panel(sweep: Sweep, group: Group) -> Panel:
    lines: list[Series] = []
    kinds: tuple[tuple[str, Kind, str], ...] = (
        ("seen", "seen", "taught cards"),
        ("unseen", "unseen", "cards never taught"),
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
    x = count_axis(last_step, "steps", n_ticks=3)
    return Panel(group.label or sweep.info.deck_name, note, x, share_axis(), tuple(lines))
