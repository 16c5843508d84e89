"""Gives a run again from its first state and compares every number it wrote, and its weights.

On the machine and versions that wrote it, to the bit; elsewhere within a stated tolerance.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import msgspec
import torch

from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.learner.compiled import version
from flashcards.learner.saving import SavedError, extra_of, largest_difference
from flashcards.runs.cursor import decoded, whole_lines
from flashcards.runs.events import AnyEvent, RunResumed, StateSaved
from flashcards.runs.files import open_file
from flashcards.runs.folder import RunError, RunFolder, RunInfo, read_state
from flashcards.runs.recording import Recording
from flashcards.runs.snapshots import pack_state
from flashcards.runs.summary import read_summary, summary_of
from flashcards.runs.values import Score
from flashcards.runs.verdict import counted
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.rerun import CannotRerun
from flashcards.trainer.beginning import this_machine
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

MAX_SILENT_STEPS = 10_000
"""No run makes more updates without a line in its log: a report comes several times a second."""

NOT_SHOWN = {"log_bytes", "train_seconds"}

MAX_KIND_BYTES = 64
KNOWN_KINDS = frozenset(kind.__name__ for kind in get_args(AnyEvent))
_KIND = re.compile(rb'"kind":"([A-Za-z]{1,32})"')

Leaf = float | int | str | bool | None

DifferenceKind = Literal[
    "value",
    "only_in_log",
    "missing_in_log",
    "out_of_order",
    "damaged_line",
    "summary",
    "index",
    "weights",
    "unnamed_weights",
    "unreached_state",
    "damaged_state",
    "state_part",
]


class Difference(msgspec.Struct, frozen=True):
    """One thing that is not as it was written.

    Attributes:
        what: The kind of fact, with the path of its value, or the file.
        was: A value in the run, `now` when repeated; "" for other kinds of differences.
        by: How far two numbers, or the weights farthest from each other, are apart.
    """

    kind: DifferenceKind
    step: int
    what: str
    was: str = ""
    now: str = ""
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
    Raises RunError: it is not a run, or has lost what it starts from. Raises OSError: it can't be
    read."""
    folder = RunFolder.open(path)
    elsewhere = differs_from_here(folder.info)
    comparison = _Comparison(folder, is_exact=not elsewhere)
    replay = Replay(
        folder,
        compare=comparison.compare,
        on_state=lambda saved: comparison.state(saved, replay),
    )
    problem = ""
    last = replay.log.last_step
    for event in replay.log.out_of_order:
        comparison.out_of_order(event)
    comparison.log()
    comparison.shown()
    comparison.beyond(last)
    for before, after in pairwise([0, *(event.step for event in replay.log.events)]):
        if after - before > MAX_SILENT_STEPS:
            problem = tr(
                "No line of the log is of the steps from {before:,} to {after:,}; in a run that "
                "was taught, lines are never so far apart.",
                before=before,
                after=after,
            )
            last = before
            break
    try:
        replay.give_start()
        for step in range(last + 1):
            if comparison.n_different >= N_DIFFERENCES_MAX:
                raise CannotRerun(
                    tr(
                        "So much differs that step {step:,} and later ones were not made.",
                        step=step,
                    )
                )
            on_step(step, last)
            replay.give(step)
            comparison.unnamed_states(step, replay)
    except (CannotRerun, RunError) as reason:
        problem = problem or str(reason)
    if not comparison.n_numbers and not problem:
        problem = tr("Its log has no number to compare, so repeating it proves nothing.")
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
    """In what this machine and its versions are not those the run was written with; "" if not.

    Earlier versions did not write which instructions the processor has: so it may be another.
    """
    here = {"machine": this_machine(), "torch": str(torch.__version__)}
    there = {"machine": info.machine, "torch": info.versions.get("torch", "unknown")}
    if info.settings.get("is_compiled"):
        here["kernels"], there["kernels"] = version(), info.versions.get("kernels", "unknown")
    return ", ".join(
        f"{name} {printable(there[name])} there, {here[name]} here"
        for name in here
        if there[name] != here[name]
    )


class _Comparison:
    def __init__(self, folder: RunFolder, *, is_exact: bool) -> None:
        self.n_numbers = self.n_states = self.n_different = 0
        self.differences: list[Difference] = []
        self._folder = folder
        self._is_exact = is_exact
        self._unnamed = folder.state_files()

    def compare(self, was: AnyEvent | None, now: AnyEvent | None) -> None:
        """A fact as it was written, and as it is."""
        event = was or now
        assert event is not None
        kind = type(event).__name__
        if was is None or now is None:
            where: DifferenceKind = "only_in_log" if now is None else "missing_in_log"
            self._differ(Difference(where, event.step, kind))
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
        self._differ(Difference("value", step, what, str(was), str(now), by))

    def out_of_order(self, event: AnyEvent) -> None:
        """A fact whose step is not among those around it."""
        self._differ(Difference("out_of_order", event.step, type(event).__name__))

    def log(self) -> None:
        """Facts that can't be read any more; which states no line names.

        Garbage and kinds of another version are left out here as everywhere.
        """
        named = set()
        with open_file(self._folder.log_path) as file:
            for number, (_, line) in enumerate(whole_lines(file, 0), 1):
                event = decoded(line)
                if event is None:
                    kind = _KIND.search(line[:MAX_KIND_BYTES])
                    if kind is not None and kind[1].decode() in KNOWN_KINDS:
                        what = f"{kind[1].decode()} in line {number:,}"
                        self._differ(Difference("damaged_line", 0, what))
                elif isinstance(event, StateSaved | RunResumed):
                    named.add(event.file)
        self._unnamed = [(k, path) for k, path in self._unnamed if path.name not in named]

    def shown(self) -> None:
        """What lists and jumps read in place of the log: the summary and the index."""
        known, read = Recording.open(self._folder), Recording(self._folder)
        read.refresh()
        step = read.last_step
        before, now = read_summary(self._folder), summary_of(read.state)
        for name, was in msgspec.structs.asdict(before).items():
            is_now = getattr(now, name)
            if name not in NOT_SHOWN and was != is_now:
                what = f"summary.json, {name}"
                self._differ(Difference("summary", step, what, _shown(was), _shown(is_now)))
        if (pack_state(known.state), known.markers) != (pack_state(read.state), read.markers):
            self._differ(Difference("index", step, "index.msgpack"))

    def unnamed_states(self, step: int, replay: Replay) -> None:
        """States of this step that no line of the log names: one saved just before a crash, or
        somebody else's."""
        for _, path in [found for found in self._unnamed if found[0] == step]:
            self.n_states += 1
            saved, what = read_state(path), printable(path.name)
            try:
                by = largest_difference(saved or b"", replay.training.learner.save({}))
            except SavedError:
                self._differ(Difference("damaged_state", step, what))
                continue
            if by > (0.0 if self._is_exact else TOLERANCE):
                self._differ(Difference("unnamed_weights", step, what, by=by))

    def beyond(self, last: int) -> None:
        """States of steps that the log has not come to."""
        for step, path in self._unnamed:
            if step > last:
                self._differ(Difference("unreached_state", step, printable(path.name)))

    def state(self, saved: StateSaved, replay: Replay) -> None:
        """A state that was saved here, if it is there still."""
        found = [path for _, path in self._folder.state_files() if path.name == saved.file]
        if not found:
            return
        path = found[0]
        state = read_state(path)
        self.n_states += 1
        what = path.name
        try:
            if state is None:
                raise SavedError("damaged")
            parts = extra_of(state)
            again = replay.training.learner.save(parts)
            by = 0.0 if again == state else largest_difference(state, again)
            memory = LessonMemory.from_bytes(parts["memory"])
        except (SavedError, KeyError, msgspec.DecodeError):
            self._differ(Difference("damaged_state", saved.step, what))
            return
        if again != state and (self._is_exact or by > TOLERANCE):
            self._differ(Difference("weights", saved.step, what, by=by))
        before, after = dict(_leaves(memory)), dict(_leaves(replay.training.memory))
        left_out = NOT_COMPARED | ({"next_exam_s"} if replay.has_early_exams else set())
        for name in dict.fromkeys((*before, *after)):
            if name.split("[")[0] not in left_out:
                was, now = before.get(name), after.get(name)
                self._compare_leaf(saved.step, f"{what}, {name}", was, now)
        if self._is_exact:  # what a card's marks were turns on the last digit
            known = extra_of(replay.training.to_bytes())
            for part, content in parts.items():
                if part in COMPARED_PARTS and known.get(part) != content:
                    self._differ(Difference("state_part", saved.step, f"{what}, {part}"))

    def _differ(self, difference: Difference) -> None:
        self.n_different += 1
        if len(self.differences) < N_DIFFERENCES_KEPT:
            self.differences.append(difference)


def _shown(value: Score | float | None) -> str:
    return counted(value) if isinstance(value, Score) else str(value)


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
