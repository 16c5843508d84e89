"""Gives a run again from its first state and compares every number it wrote, and its weights.

Where this machine rounds as those did that wrote it, to the bit. Elsewhere from each saved state to
the next, so that rounding can't add up, and within a stated tolerance.
"""

import contextlib
import re
from collections.abc import Callable, Collection
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

import msgspec
import torch

from flashcards.base.decoding import decode_json
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.learner.kernels.compiled import version
from flashcards.learner.learner import Learner
from flashcards.learner.saving import SavedError, averages_of, extra_of, largest_difference
from flashcards.runs import catalog, cursor, events, recording, run_files, values, verdict
from flashcards.runs.folder import RunError, RunFolder, RunInfo, read_state
from flashcards.trainer import beginning, training_state
from flashcards.trainer.again import logged, replaying, tolerance

N_SHAKEN = 2
"""So many more times updates are made from slightly other weights, where differences are large."""

CLOCKS = ("train_seconds", "lesson_seconds")

NOT_COMPARED = {*CLOCKS, "opening", "raised_at_step", "next_confirmation_s"}
"""Of a lesson's memory: read from a clock, or of when somebody's commands and ends were due."""

COMPARED_PARTS = {"ledger", "accounts"}
"""Of a state, beside its weights and memory. An order may be saved while a card is taught."""

WEIGHTS = "weights"
N_DIFFERENCES_KEPT = 20

N_DIFFERENCES_MAX = 2000  # After so many the rest would differ as well: it is not given again

MAX_SILENT_STEPS = 10_000
"""No run makes more updates without a line in its log: a report comes several times a second."""

NOT_SHOWN = {"log_bytes", *CLOCKS}

MAX_KIND_BYTES = 64
KNOWN_KINDS = frozenset(kind.__name__ for kind in get_args(events.AnyEvent))
_KIND = re.compile(rb'"kind":"([A-Za-z]{1,32})"')

MismatchKind = Literal[
    "value",
    "only_in_log",
    "missing_in_log",
    "out_of_order",
    "damaged_line",
    "summary",
    "weights",
    "unnamed_weights",
    "unreached_state",
    "damaged_state",
    "state_part",
]


class Mismatch(msgspec.Struct, frozen=True):
    """One thing that is not as it was written.
    `what`: the kind of fact, with the path of its value, or the file.
    `was`: a value in the run, `now` when repeated; "" for other kinds of differences.
    `by`: how far two numbers, or the weights farthest from each other, are apart."""

    kind: MismatchKind
    step: int
    what: str
    was: str = ""
    now: str = ""
    by: float | None = None


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome.

    Attributes:
        n_numbers: Numbers compared, of facts in the log; `n_states`: saved states compared.
        n_different: Things that differ, of which `differences` are the first.
        is_exact: Compared to the bit; else within what `tolerance` says, because of `elsewhere`.
        problem: Why it could not be given to its end; "" when it was.
    """

    run: str
    last_step: int
    n_numbers: int
    n_states: int
    n_different: int
    differences: tuple[Mismatch, ...]
    is_exact: bool
    elsewhere: str = ""
    problem: str = ""

    @property
    def is_same(self) -> bool:
        return not self.problem and self.n_different == 0


def verify(
    path: Path, on_step: Callable[[int, int], None] = lambda step, last: None
) -> Verification:
    """Give the run again. `on_step` is told now and then how far it is: step, last step.
    Raises RunError: it is not a run, or has lost its start. Raises OSError: it can't be read."""
    folder = RunFolder.open(path)
    comparison = _Comparison(folder)
    replay = replaying.Replay(folder, compare=comparison.compare)
    elsewhere = elsewhere_than(folder.info, replay.training.learner.rounding)
    comparison.is_exact = not elsewhere
    problem = ""
    last = replay.log.last_step
    for event in replay.log.out_of_order:
        comparison.out_of_order(event)
    comparison.log()
    comparison.compare_summary()
    comparison.beyond(last)
    for before, after in pairwise([0, *(event.step for event in replay.log.events)]):
        if after - before > MAX_SILENT_STEPS:
            problem = tr(
                "The log has no line for the steps from {before:,} to {after:,}; in a run that "
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
                raise logged.CannotReplay(
                    tr(
                        "So much differs that step {step:,} and later ones were not repeated.",
                        step=step,
                    )
                )
            on_step(step, last)
            try:
                for saved in replay.play(step):
                    with logged.as_impossible(saved):
                        comparison.state(saved, replay)
            except logged.UpdateBroke:
                if not elsewhere:
                    raise
                comparison.end_stretch(replay.step, replay.training.learner)
                if not replay.skip_to_state():
                    break
                comparison.stretch_step = replay.step
            comparison.unnamed_states(step, replay)
        comparison.end_stretch(last, replay.training.learner)
    except RunError as reason:
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


def elsewhere_than(info: RunInfo, rounding: str) -> str:
    """In what this machine, which rounds so, differs from those that wrote the run; "" if all of
    them round alike."""
    if set(info.roundings) == {rounding}:
        return ""
    ours = {"machine": beginning.this_machine(), "torch": str(torch.__version__)}
    theirs = {"machine": info.machine, "torch": info.versions.get("torch", "unknown")}
    if info.settings.get("is_compiled"):
        ours["kernels"], theirs["kernels"] = version(), info.versions.get("kernels", "unknown")
    named = ", ".join(
        f"{name} {printable(theirs[name])} there, {ours[name]} here"
        for name in ours
        if theirs[name] != ours[name]
    )
    return named or tr("the last digit of products and sums")


class _Comparison:
    """Counts what differs. `is_exact`: to the bit.
    Elsewhere, a difference beyond the tolerance is held until its stretch ends, at the next saved
    state; then it counts, unless rounding alone makes as large ones there. `stretch_step` is where
    the stretch began."""

    def __init__(self, folder: RunFolder) -> None:
        self.n_numbers = self.n_states = self.n_different = 0
        self.differences: list[Mismatch] = []
        self.is_exact = True
        self._folder = folder
        self._unnamed = folder.state_files(is_to_ask=True)
        self.stretch_step = 0
        self._facts_made: list[tolerance.Fact] = []
        self._held: list[tuple[str, Mismatch]] = []

    def compare(self, was: events.AnyEvent | None, now: events.AnyEvent | None) -> None:
        event = was or now
        assert event is not None
        kind = type(event).__name__
        if was is None or now is None:
            if self.is_exact or not isinstance(event, tolerance.MAY_BE_MISSING):
                where: MismatchKind = "only_in_log" if now is None else "missing_in_log"
                self._differ(Mismatch(where, event.step, kind))
            return
        self._compare_leaves(event.step, f"{kind}.", was, now, set())

    def _compare_leaves(
        self,
        step: int,
        what: str,
        was: tolerance.Fact,
        now: tolerance.Fact,
        left_out: Collection[str],
    ) -> None:
        before = tolerance.leaves(was)
        after = tolerance.leaves(now)
        fact = type(was)
        if not self.is_exact:
            self._facts_made.append(now)
        for name in dict.fromkeys((*before, *after)):
            if name.endswith(CLOCKS) or name.split("[")[0] in left_out:
                continue  # read from a clock
            leaf, leaf_now = before.get(name), after.get(name)
            self.n_numbers += tolerance.is_number(leaf)
            if leaf == leaf_now:
                continue
            by = None
            if tolerance.is_number(leaf) and tolerance.is_number(leaf_now):
                by = abs(float(leaf or 0) - float(leaf_now or 0))
            mismatch = Mismatch("value", step, f"{what}{name}", str(leaf), str(leaf_now), by)
            total = after.get(f"{name.rpartition('.')[0]}.total")
            if self.is_exact or not tolerance.is_within(fact, name, leaf, leaf_now, total):
                may_be_held = tolerance.is_rounded(fact, name, leaf, leaf_now)
                self._differ(mismatch, tolerance.kind_of_leaf(fact, name) if may_be_held else "")

    def out_of_order(self, event: events.AnyEvent) -> None:
        self._differ(Mismatch("out_of_order", event.step, type(event).__name__))

    def log(self) -> None:
        """Facts that can't be read any more; which states no line names.
        Garbage and kinds of another version are left out here as everywhere."""
        named = set()
        with run_files.open_file(self._folder.log_path) as file:
            for number, (_, line) in enumerate(cursor.whole_lines(file, 0), 1):
                event = cursor.decoded(line)
                if event is None:
                    kind = _KIND.search(line[:MAX_KIND_BYTES])
                    if kind is not None and kind[1].decode() in KNOWN_KINDS:
                        what = f"{kind[1].decode()} in line {number:,}"
                        self._differ(Mismatch("damaged_line", 0, what))
                elif isinstance(event, events.StateSaved | events.RunResumed):
                    named.add(event.file)
        self._unnamed = [(k, path) for k, path in self._unnamed if path.name not in named]

    def compare_summary(self) -> None:
        """Compare what lists read in place of the log: the summary."""
        state = recording.Recording.open(self._folder).state
        step = state.step
        before = catalog.read_summary(self._folder)
        now = catalog.summary_of(state)
        for name, was in msgspec.structs.asdict(before).items():
            is_now = getattr(now, name)
            if name not in NOT_SHOWN and was != is_now:
                what = f"summary.json, {name}"
                self._differ(Mismatch("summary", step, what, _as_text(was), _as_text(is_now)))

    def unnamed_states(self, step: int, replay: replaying.Replay) -> None:
        """States that no line of the log names: saved just before a crash, or somebody else's."""
        for _, path in [state for state in self._unnamed if state[0] == step]:
            self.n_states += 1
            saved, what = read_state(path), printable(path.name)
            try:
                by = largest_difference(saved or b"", replay.training.learner.save({}))
            except SavedError:
                self._differ(Mismatch("damaged_state", step, what))
                continue
            if by > (0.0 if self.is_exact else tolerance.TOLERANCE):
                self._differ(Mismatch("unnamed_weights", step, what, by=by), WEIGHTS)

    def beyond(self, last: int) -> None:
        for step, path in self._unnamed:
            if step > last:
                self._differ(Mismatch("unreached_state", step, printable(path.name)))

    def state(self, saved: events.StateSaved, replay: replaying.Replay) -> None:
        """A state that was saved here, if it is there still; elsewhere a new stretch begins."""
        paths = [path for _, path in self._folder.state_files() if path.name == saved.file]
        if not paths:
            return
        path = paths[0]
        state = read_state(path)
        self.n_states += 1
        what = path.name
        try:
            if state is None:
                raise SavedError("damaged")
            parts = extra_of(state)
            state_again = replay.training.learner.save(parts)
            if state_again == averages_of(state):  # of step 0, whole in runs written before
                state = state_again
            by = 0.0 if state_again == state else largest_difference(state, state_again)
            memory = decode_json(parts["memory"], training_state.LessonMemory)
        except (SavedError, KeyError, msgspec.DecodeError):
            self._differ(Mismatch("damaged_state", saved.step, what))
            return
        if state_again != state and (self.is_exact or by > tolerance.TOLERANCE):
            self._differ(Mismatch("weights", saved.step, what, by=by), WEIGHTS)
        known = replay.training.memory
        self._compare_leaves(saved.step, f"{what}, ", memory, known, NOT_COMPARED)
        if self.is_exact:  # what a card's marks were turns on the last digit
            again_parts = extra_of(replay.training.to_bytes())
            for part, content in parts.items():
                if part in COMPARED_PARTS and again_parts.get(part) != content:
                    self._differ(Mismatch("state_part", saved.step, f"{what}, {part}"))
            return
        self.end_stretch(saved.step, replay.training.learner)
        replay.go_on_from(state)

    def end_stretch(self, step: int, learner: Learner) -> None:
        """Decide what was held; the next stretch begins at this step. `learner`: as made again."""
        held = self._held
        facts_made = self._facts_made
        start = self.stretch_step
        self._held = []
        self._facts_made = []
        self.stretch_step = step
        if not held:
            return
        reached = learner.save({})
        apart = 0.0
        for seed in range(N_SHAKEN):
            facts, shaken = _shaken(self._folder, start, step, seed)
            facts_made += facts
            apart = max(apart, largest_difference(reached, shaken))
        usual = {**tolerance.ranges(facts_made), WEIGHTS: apart} if apart > tolerance.CHAOS else {}
        for kind, difference in held:
            by = difference.by
            if by is None or by > tolerance.CHAOS_FACTOR * usual.get(kind, 0.0):
                self._count(difference)

    def _differ(self, difference: Mismatch, kind: str = "") -> None:
        """`kind`: of leaf, where rounding may explain the difference."""
        if self.is_exact or not kind:
            self._count(difference)
        else:
            self._held.append((kind, difference))

    def _count(self, difference: Mismatch) -> None:
        self.n_different += 1
        if len(self.differences) < N_DIFFERENCES_KEPT:
            self.differences.append(difference)


def _shaken(
    folder: RunFolder, start: int, until: int, seed: int
) -> tuple[list[tolerance.Fact], bytes]:
    """The facts from a saved state to step `until`, made again from slightly other weights; and the
    state after them."""
    facts: list[tolerance.Fact] = []

    def hear(was: events.AnyEvent | None, now: events.AnyEvent | None) -> None:
        if was is not None and now is not None:
            facts.append(now)

    replay = replaying.Replay(folder, at_most=start, compare=hear)
    replay.training.learner.shake(seed)
    with contextlib.suppress(logged.CannotReplay):
        replay.give(until)
    return facts, replay.training.learner.save({})


def _as_text(value: values.Score | float | None) -> str:
    return verdict.fraction(value) if isinstance(value, values.Score) else str(value)
