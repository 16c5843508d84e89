"""Is what is on the screen luck? The band of a sweep of this deck with these settings."""

from __future__ import annotations

import asyncio
from pathlib import Path

from flashcards.app.run.run import Run
from flashcards.app.session import Session
from flashcards.app.widgets.share_chart import Band
from flashcards.base.language import tr
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.share import settings_chosen
from flashcards.runs.sweep import SweepError, sweeps
from flashcards.runs.sweep_scores import curves_of, grouped

SCORES = (("unseen", ".unseen"), ("seen", ".taught"))


class Luck:
    """The bands that are shown, and of which run."""

    run: Run | None = None
    bands: tuple[Band, ...] = ()


def toggle(session: Session) -> None:
    """Show what a sweep's runs gave behind the live curves, or take it away."""
    luck, start = session.kept(Luck), session.state.start
    if luck.run is session.run and luck.bands:
        luck.run, luck.bands = None, ()
    elif start is None:
        session.notify(tr("The lesson is still starting."))
        return
    else:
        session.spawn(_show(session, Path(start.folder)), "luck")
    session.show("memory")
    session.paint()


async def _show(session: Session, folder: Path) -> None:
    run, start = session.run, session.state.start
    bands = await asyncio.to_thread(bands_of, folder, session.runs_root)
    if bands:
        luck = session.kept(Luck)
        luck.run, luck.bands = run, bands
        session.paint()
        return
    text = tr(
        "There is no sweep of this deck with these settings. This makes one: "
        "flashcards sweep {deck} --seeds 1-20",
        deck=" ".join([run.deck, *([] if start is None else settings_chosen(start))]),
    )
    session.notify(text, timeout=15)


def bands_of(folder: Path, root: Path) -> tuple[Band, ...]:
    """The bands of the sweep's runs that began as this one did, but for the seed; () without any.

    Of several sweeps the one with the most runs.
    """
    try:
        info = RunFolder.open(folder).info
    except RunError:
        return ()
    best: tuple[int, tuple[Band, ...]] = (0, ())
    if info.is_shuffled or info.chapter:
        return ()
    for sweep in sweeps(root):
        if sweep.info.deck_sha256 != info.deck_sha256:
            continue
        try:
            for group in grouped(sweep, sweep.tasks()):
                path = sweep.run_path(group.tasks[0])
                is_same = path is not None and RunFolder.open(path).info.settings == info.settings
                n_runs = len(group.results)
                if is_same and n_runs > max(1, best[0]):
                    told = tr("{n} seeds, least to most", n=n_runs)
                    curves = [
                        (curves_of(sweep, group, score).band, score, style)
                        for score, style in SCORES
                    ]
                    bands = tuple(
                        Band(
                            told if score == "seen" else "",
                            tuple((point.step, point.low, point.high) for point in band),
                            style,
                        )
                        for band, score, style in curves
                        if band
                    )
                    best = n_runs, bands
        except (SweepError, RunError, OSError):
            continue
    return best[1]
