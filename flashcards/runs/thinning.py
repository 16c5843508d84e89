"""Which saved states of a run stay when its lesson was left. Steps between are trained again.

A state of the first decks has 3 MB, and what it takes to train again is counted in seconds: one
state for every so many seconds of training is enough to be anywhere soon.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Collection, Iterator
from pathlib import Path

from flashcards.runs.cursor import read_run
from flashcards.runs.events import RecipeChanged
from flashcards.runs.folder import RunFolder
from flashcards.runs.markers import Bookmark, ModelBroke, RateWasChanged
from flashcards.runs.recording import Recording

N_STATES = 3
"""Of ten seconds of capitals: 9 MB."""

SECONDS_A_STATE = 12.0


def thin(folder: RunFolder) -> None:
    """Delete states that can be trained again; only its one writer may.

    Those stay: the first, the last, bookmarked ones, that where a branch began or the learning rate
    was raised, that before a break, and some evenly between, at marked moments if possible. On a
    processor that does not give the same bits again all stay, as do those from before the log says
    how updates were made.
    Raises OSError: the log can't be read.
    """
    if folder.info.device != "cpu":
        return
    recipes = [event.step for event in read_run(folder.log_path, [RecipeChanged])]
    states = folder.state_files()
    if not recipes or len(states) <= N_STATES:
        return
    recording = Recording.open(folder)
    steps = sorted({step for step, _ in states if step >= min(recipes)})
    needed = {folder.info.branch_step}
    for mark in recording.markers:
        if isinstance(mark, Bookmark | RateWasChanged):
            needed.add(mark.step)
        elif isinstance(mark, ModelBroke):  # this is where to go back to
            needed.add(max((step for step in steps if step < mark.step), default=0))
    n_wanted = N_STATES + int(recording.state.train_seconds // SECONDS_A_STATE)
    kept = chosen(steps, n_wanted, needed, {mark.step for mark in recording.markers})
    for path in _surplus(states, steps, kept):
        with contextlib.suppress(OSError):
            path.unlink()


def chosen(
    steps: list[int], n_wanted: int, needed: Collection[int], marked: Collection[int]
) -> set[int]:
    """The steps to keep of these, ascending: the first, the last, the needed ones, `n_wanted` at
    least if there are so many, each further one near the middle of the widest gap."""
    kept = {*steps[:1], *steps[-1:]}
    n_wanted += len({*needed}.intersection(steps) - kept)
    kept |= {*needed}.intersection(steps)
    while len(kept) < n_wanted:
        gaps = sorted(itertools.pairwise(sorted(kept)), key=lambda gap: gap[0] - gap[1])
        found = next(filter(None, (_between(steps, gap, marked) for gap in gaps)), None)
        if found is None:
            break
        kept.add(found)
    return kept


def _between(steps: list[int], gap: tuple[int, int], marked: Collection[int]) -> int | None:
    """The step in the gap that is nearest to its middle; a marked one in its middle half first."""
    start, end = gap
    inside = [step for step in steps if start < step < end]
    middle, quarter = (start + end) / 2, (end - start) / 4
    near = [step for step in inside if step in marked and abs(step - middle) <= quarter]
    return min(near or inside, key=lambda step: abs(step - middle), default=None)


def _surplus(
    states: list[tuple[int, Path]], steps: list[int], kept: Collection[int]
) -> Iterator[Path]:
    """Of several states of one step the last one counts."""
    last_of = dict(states)
    for step, path in states:
        if step in steps and (step not in kept or last_of[step] != path):
            yield path
