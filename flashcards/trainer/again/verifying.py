"""Gives a run again from its first state and compares every number it wrote, and its weights.

To the bit, where this machine rounds as those did that wrote it. Where it does not, `elsewhere.py`
checks what does not depend on that.
"""

import re
from collections.abc import Callable, Collection
from itertools import pairwise
from pathlib import Path
from typing import get_args

import msgspec
import torch

from flashcards.base.decoding import decode_json
from flashcards.base.language import tr
from flashcards.cards.printable import printable
from flashcards.learner.kernels.compiled import version
from flashcards.learner.saving import SavedError, averages_of, extra_of, largest_difference
from flashcards.runs import catalog, cursor, events, recording, run_files, values, verdict
from flashcards.runs.folder import RunError, RunFolder, RunInfo, read_state
from flashcards.trainer import beginning, training_state
from flashcards.trainer.again import logged, replaying
from flashcards.trainer.again.elsewhere import Elsewhere
from flashcards.trainer.again.mismatch import Fact, Mismatch, MismatchKind, is_number, leaves

CLOCKS = ("train_seconds", "lesson_seconds")

NOT_COMPARED = {*CLOCKS, "opening", "raised_at_step", "next_confirmation_s"}
"""Of a lesson's memory: read from a clock, or of when somebody's commands and ends were due."""

COMPARED_PARTS = {"ledger", "accounts"}
"""Of a state, beside its weights and memory. An order may be saved while a card is taught."""

N_DIFFERENCES_KEPT = 20

N_DIFFERENCES_MAX = 2000  # After so many the rest would differ as well: it is not given again

MAX_SILENT_STEPS = 10_000
"""No run makes more updates without a line in its log: a report comes several times a second."""

NOT_SHOWN = {"log_bytes", *CLOCKS}

MAX_KIND_BYTES = 64
KNOWN_KINDS = frozenset(kind.__name__ for kind in get_args(events.AnyEvent))
_KIND = re.compile(rb'"kind":"([A-Za-z]{1,32})"')


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome.

    Attributes:
        n_numbers: Numbers compared, of facts in the log; `n_states`: saved states compared.
        n_exams: Exams that saved states were asked again; 0 where updates were made again.
        n_different: Things that differ, of which `differences` are the first.
        is_exact: Made again and compared to the bit; else checked without that, because of
            `elsewhere`.
        problem: Why it could not be given to its end; "" when it was.
    """

    run: str
    last_step: int
    n_numbers: int
    n_states: int
    n_exams: int
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
    checked = Elsewhere(folder, replay, comparison.differ)
    try:
        if elsewhere and not problem:
            checked.check(comparison.unnamed, on_step)
        elif not elsewhere:
            _play_again(replay, comparison, last, on_step)
    except RunError as reason:
        problem = problem or str(reason)
    if not comparison.n_numbers and not problem:
        problem = tr("Its log has no number to compare, so repeating it proves nothing.")
    return Verification(
        run=folder.path.name,
        last_step=last,
        n_numbers=comparison.n_numbers,
        n_states=comparison.n_states + checked.n_states,
        n_exams=checked.n_exams,
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
    """Counts what differs, to the bit."""

    def __init__(self, folder: RunFolder) -> None:
        self.n_numbers = self.n_states = self.n_different = 0
        self.differences: list[Mismatch] = []
        self._folder = folder
        self.unnamed = folder.state_files(is_to_ask=True)

    def compare(self, was: events.AnyEvent | None, now: events.AnyEvent | None) -> None:
        event = was or now
        assert event is not None
        kind = type(event).__name__
        if was is None or now is None:
            where: MismatchKind = "only_in_log" if now is None else "missing_in_log"
            self.differ(Mismatch(where, event.step, kind))
            return
        self._compare_leaves(event.step, f"{kind}.", was, now, set())

    def _compare_leaves(
        self, step: int, what: str, was: Fact, now: Fact, left_out: Collection[str]
    ) -> None:
        before = leaves(was)
        after = leaves(now)
        for name in dict.fromkeys((*before, *after)):
            if name.endswith(CLOCKS) or name.split("[")[0] in left_out:
                continue  # read from a clock
            leaf, leaf_now = before.get(name), after.get(name)
            self.n_numbers += is_number(leaf)
            if leaf == leaf_now:
                continue
            by = None
            if is_number(leaf) and is_number(leaf_now):
                by = abs(float(leaf or 0) - float(leaf_now or 0))
            self.differ(Mismatch("value", step, f"{what}{name}", str(leaf), str(leaf_now), by))

    def out_of_order(self, event: events.AnyEvent) -> None:
        self.differ(Mismatch("out_of_order", event.step, type(event).__name__))

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
                        self.differ(Mismatch("damaged_line", 0, what))
                elif isinstance(event, events.StateSaved | events.RunResumed):
                    named.add(event.file)
        self.unnamed = [(k, path) for k, path in self.unnamed if path.name not in named]

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
                self.differ(Mismatch("summary", step, what, _as_text(was), _as_text(is_now)))

    def compare_unnamed(self, step: int, replay: replaying.Replay) -> None:
        """States that no line of the log names: saved just before a crash, or somebody else's."""
        for _, path in [state for state in self.unnamed if state[0] == step]:
            self.n_states += 1
            saved, what = read_state(path), printable(path.name)
            try:
                by = largest_difference(saved or b"", replay.training.learner.save({}))
            except SavedError:
                self.differ(Mismatch("damaged_state", step, what))
                continue
            if by > 0.0:
                self.differ(Mismatch("unnamed_weights", step, what, by=by))

    def beyond(self, last: int) -> None:
        for step, path in self.unnamed:
            if step > last:
                self.differ(Mismatch("unreached_state", step, printable(path.name)))

    def state(self, saved: events.StateSaved, replay: replaying.Replay) -> None:
        """Compare a state that was saved here, if it is there still."""
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
            self.differ(Mismatch("damaged_state", saved.step, what))
            return
        if state_again != state:
            self.differ(Mismatch("weights", saved.step, what, by=by))
        known = replay.training.memory
        self._compare_leaves(saved.step, f"{what}, ", memory, known, NOT_COMPARED)
        again_parts = extra_of(replay.training.to_bytes())
        for part, content in parts.items():
            if part in COMPARED_PARTS and again_parts.get(part) != content:
                self.differ(Mismatch("state_part", saved.step, f"{what}, {part}"))

    def differ(self, difference: Mismatch) -> None:
        self.n_different += 1
        if len(self.differences) < N_DIFFERENCES_KEPT:
            self.differences.append(difference)


def _play_again(
    replay: replaying.Replay,
    comparison: _Comparison,
    last: int,
    on_step: Callable[[int, int], None],
) -> None:
    """Make every update again. Raises RunError: one can't be made."""
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
        for saved in replay.play(step):
            with logged.as_impossible(saved):
                comparison.state(saved, replay)
        comparison.compare_unnamed(step, replay)


def _as_text(value: values.Score | float | None) -> str:
    return verdict.fraction(value) if isinstance(value, values.Score) else str(value)
