"""Gives a run again from its first state and compares every number it wrote, and its weights.

On the machine and versions that wrote it, to the bit; elsewhere within a stated tolerance.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import torch

from flashcards.learner.saving import SavedError, extra_of, largest_difference
from flashcards.runs.events import AnyEvent, StateSaved
from flashcards.runs.folder import RunError, RunFolder, RunInfo, read_state
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.rerun import CannotRerun
from flashcards.trainer.memory import LessonMemory

TOLERANCE = 0.05
"""Elsewhere numbers may differ by this share, or by this much when they are below 1: other
instructions round otherwise, and an update passes on what the one before it rounded."""

NOT_COMPARED = {"train_seconds", "opening", "raised_at_step", "next_confirmation_s"}
"""Of a lesson's memory: read from a clock, or of when somebody's commands and ends were due."""

COMPARED_PARTS = {"ledger", "accounts"}
"""Of a state, beside its weights and memory. An order may have been saved with a card in hand."""

N_DIFFERENCES_KEPT = 20

N_DIFFERENCES_MAX = 2000
"""After so many the rest would differ as well: it is not given again."""

Leaf = float | int | str | bool | None


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as it was written: `was` in the run, `now` when given again."""

    step: int
    what: str
    was: str
    now: str
    by: float | None = None


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it.

    Attributes:
        n_numbers: Numbers compared, of facts in the log; `n_states`: saved states compared.
        n_different: Things that differ, of which `differences` are the first.
        is_exact: Compared to the bit; else within `TOLERANCE`, because of `elsewhere`.
        problem: Why it could not be given to its end; "" when it was.
    """

    run: str
    last_step: int
    n_numbers: int
    n_states: int
    n_different: int
    differences: tuple[Difference, ...]
    is_exact: bool
    elsewhere: str = ""
    problem: str = ""

    @property
    def is_same(self) -> bool:
        """Whether all of it was given again, and nothing differs."""
        return not self.problem and self.n_different == 0


def verify(
    path: Path, on_step: Callable[[int, int], None] = lambda step, last: None
) -> Verification:
    """Give the run again. `on_step` is told now and then how far it is: step, last step.

    Raises:
        RunError: it is not a run, or has lost what it starts from.
        OSError: it can't be read.
    """
    folder = RunFolder.open(path)
    elsewhere = differs_from_here(folder.info)
    comparison = _Comparison(folder, is_exact=not elsewhere)
    replay = Replay(
        folder,
        compare=comparison.compare,
        on_state=lambda saved: comparison.state(saved, replay),
    )
    problem = ""
    last = replay.last_step
    for event in replay.out_of_order:
        comparison.out_of_order(event)
    try:
        replay.give_start()
        for step in range(last + 1):
            if comparison.n_different >= N_DIFFERENCES_MAX:
                raise CannotRerun(f"From step {step:,} on it was not given again.")
            on_step(step, last)
            replay.give(step)
    except (CannotRerun, RunError) as reason:
        problem = str(reason)
    return Verification(
        run=folder.path.name,
        last_step=last,
        n_numbers=comparison.n_numbers,
        n_states=comparison.n_states,
        n_different=comparison.n_different,
        differences=tuple(comparison.differences),
        is_exact=not elsewhere,
        elsewhere=elsewhere,
        problem=problem,
    )


def differs_from_here(info: RunInfo) -> str:
    """In what this machine and its versions are not those the run was written with; "" if not."""
    here = {"machine": f"{platform.system()} {platform.machine()}", "torch": torch.__version__}
    there = {"machine": info.machine, "torch": info.versions.get("torch", "unknown")}
    return ", ".join(
        f"{name} {there[name]} there, {here[name]} here"
        for name in here
        if there[name] != here[name]
    )


class _Comparison:
    """Compares, and counts."""

    def __init__(self, folder: RunFolder, *, is_exact: bool) -> None:
        self.n_numbers = self.n_states = self.n_different = 0
        self.differences: list[Difference] = []
        self._folder = folder
        self._is_exact = is_exact

    def compare(self, was: AnyEvent | None, now: AnyEvent | None) -> None:
        """A fact as it was written, and as it is."""
        event = was or now
        assert event is not None
        kind = type(event).__name__
        if was is None or now is None:
            said = "in the log" if now is None else "missing in the log"
            self._differ(Difference(event.step, kind, said, "not so when given again"))
            return
        before, after = dict(_leaves(was)), dict(_leaves(now))
        for name in dict.fromkeys((*before, *after)):
            if name.endswith("train_seconds"):
                continue  # read from a clock
            self._compare_leaf(event.step, f"{kind}.{name}", before.get(name), after.get(name))

    def _compare_leaf(self, step: int, what: str, was: Leaf, now: Leaf) -> None:
        is_number = isinstance(was, int | float) and not isinstance(was, bool)
        self.n_numbers += is_number
        if was == now:
            return
        by = None
        if is_number and isinstance(now, int | float):
            by = abs(float(was or 0) - float(now))
            if not self._is_exact and by <= TOLERANCE * max(1.0, abs(float(now))):
                return
        elif not self._is_exact and isinstance(was, str):
            return  # what is said turns on the last digit
        self._differ(Difference(step, what, str(was), str(now), by))

    def out_of_order(self, event: AnyEvent) -> None:
        """A fact whose step is not among those around it."""
        kind = type(event).__name__
        self._differ(Difference(event.step, kind, "out of order in the log", "not so"))

    def state(self, saved: StateSaved, replay: Replay) -> None:
        """A state that was saved here, if it is there still."""
        for path in (self._folder.path / "keyframes" / saved.file, self._folder.path / saved.file):
            if path.exists():
                break
        else:
            return
        state = read_state(path)
        self.n_states += 1
        what = f"the saved state {path.name}"
        try:
            if state is None:
                raise SavedError("damaged")
            parts = extra_of(state)
            again = replay.training.learner.save(parts)
            by = 0.0 if again == state else largest_difference(state, again)
            memory = LessonMemory.from_bytes(parts["memory"])
        except (SavedError, KeyError, msgspec.DecodeError):
            self._differ(Difference(saved.step, what, "damaged", "whole"))
            return
        if again != state and (self._is_exact or by > TOLERANCE):
            self._differ(Difference(saved.step, what, "its weights", "other weights", by))
        before, after = dict(_leaves(memory)), dict(_leaves(replay.training.memory))
        for name in dict.fromkeys((*before, *after)):
            if name.split("[")[0] not in NOT_COMPARED:
                was, now = before.get(name), after.get(name)
                self._compare_leaf(saved.step, f"{what}, {name}", was, now)
        if self._is_exact:  # what a card's marks were turns on the last digit
            known = extra_of(replay.training.to_bytes())
            for part, content in parts.items():
                if part in COMPARED_PARTS and known.get(part) != content:
                    self._differ(Difference(saved.step, f"{what}, {part}", "its own", "another"))

    def _differ(self, difference: Difference) -> None:
        self.n_different += 1
        if len(self.differences) < N_DIFFERENCES_KEPT:
            self.differences.append(difference)


def _leaves(fact: AnyEvent | LessonMemory) -> Iterator[tuple[str, Leaf]]:
    """Every value in it, by its path."""

    def walk(value: object, path: str) -> Iterator[tuple[str, Leaf]]:
        if isinstance(value, dict):
            for name, part in value.items():
                yield from walk(part, f"{path}.{name}" if path else str(name))
        elif isinstance(value, list | tuple):
            for place, part in enumerate(value):
                yield from walk(part, f"{path}[{place}]")
        elif value is None or isinstance(value, int | float | str | bool):
            yield path, value

    facts = msgspec.to_builtins(fact)
    yield from walk({k: v for k, v in facts.items() if k not in ("kind", "step")}, "")
