"""What goes wrong around a run: killed processes, damaged files, full disks, clocks that jump."""

import ctypes
import errno
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import IO

import pytest

from flashcards.cli import main
from flashcards.runs import events as ev
from flashcards.runs.catalog import find_run
from flashcards.runs.commands import PauseAt, Pin, Play
from flashcards.runs.files import json_line
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer import request as requests
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.opening import LessonError
from flashcards.trainer.request import LessonRequest
from flashcards.wording import facts
from tests.app.saved_run import a_run
from tests.posix import is_root, send_signal
from tests.trainer.lessons import Script, ScriptedInbox, run_lesson
from tests.waiting import PATIENCE_S


def damage(path: Path) -> None:
    """One byte in the middle of the file is another."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_resume_point_is_passed_over_said_and_set_aside(deck: Path) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=60))
    first, _ = run_lesson(deck, deck.parent / "b", goal=Goal(step=40))
    folder = first.keeper.folder
    step, newest = folder.state_files()[-1]
    assert step == 40
    damage(newest)
    again, watched = run_lesson(
        deck, deck.parent / "b", goal=Goal(step=60), resume=str(folder.path)
    )
    (resumed,), (found,) = watched.of(ev.RunResumed), watched.of(ev.DamageFound)
    assert (resumed.step, found.step) == (32, 32)
    assert facts.damaged(found) == (
        "The saved state of step 40 is damaged: that of step 32 was taken instead."
    )
    assert found.file == newest.name
    assert not newest.exists()
    assert newest.with_name(f"{newest.name}.damaged").exists()
    assert again.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
    assert found in folder.events()


def test_the_command_says_that_a_state_is_damaged(
    deck: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = run_lesson(deck, goal=Goal(step=40))
    folder = first.keeper.folder
    damage(folder.state_files()[-1][1])
    words = ["train", "--resume", str(folder.path), "--steps", "42", "--json"]
    assert main(words) == 0
    said = capsys.readouterr().err
    assert said == "The saved state of step 40 is damaged: that of step 32 was taken instead.\n"


def test_a_run_of_which_nothing_was_saved_is_not_offered_to_go_on_with(tmp_path: Path) -> None:
    keeper = Keeper(RunFolder.open(a_run(tmp_path)), lambda event: None, lambda: 0.0)
    full = OSError(errno.ENOSPC, "No space left on device")
    assert keeper.why(full) == (
        "the run can't be written: No space left on device; nothing was saved. "
        "Make room, then begin again"
    )
    keeper.emit(ev.StateSaved(step=8, file="a"))
    assert "step 8 is saved" in keeper.why(full)
    assert f" --runs {tmp_path}`" in keeper.why(full)
    assert find_run(tmp_path, keeper.folder.path.name) == keeper.folder.path
    keeper.close()


PARENT = """
import subprocess, sys
words = [sys.executable, "-m", "flashcards.trainer"]
child = subprocess.Popen(words, stdin=-1, stdout=-1, start_new_session=True)
for line in sys.stdin.buffer.read().splitlines(keepends=True):
    child.stdin.write(line)
child.stdin.flush()
print(child.pid, flush=True)
for line in child.stdout:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
"""
"""Stands between this test and the trainer, as the app does."""

KILLED = ("trainer", "app", "both")


@dataclass
class Heard:
    """What a trainer said until it, its app or both were killed, and when."""

    events: list[ev.AnyEvent] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)

    @property
    def resumed_step(self) -> int | None:
        return next((e.step for e in self.events if isinstance(e, ev.RunResumed)), None)

    @property
    def n_new(self) -> int:
        """Without what is said of pins, which a run that goes on says again."""
        of_pins = (ev.PromptPinned, ev.PinAnswered, ev.PinTaught)
        return sum(not isinstance(event, of_pins) for event in list(self.events))

    @property
    def last_step(self) -> int:
        return max((event.step for event in self.events), default=0)

    @property
    def has_ended(self) -> bool:
        return any(isinstance(event, ev.LessonEnded) for event in self.events)

    @property
    def longest_silence_s(self) -> float:
        """An update, an exam, or another process's turn on a busy machine."""
        taught = [s for e, s in zip(self.events, self.at_s, strict=True) if e.step > 0]
        return max((b - a for a, b in pairwise(taught)), default=0.0)

    def taught_s_after(self, step: int) -> float:
        """Seconds from when it was further than this step to when it was heard last."""
        after = [s for e, s in zip(self.events, self.at_s, strict=True) if e.step > step]
        return self.at_s[-1] - after[0] if after else 0.0


PINNED = "Egypt"


def taught_until_killed(request: LessonRequest, who: str, n_events: int, delay_s: float) -> Heard:
    """Kill it this long after it has said so much. A card is pinned, unless it is already."""
    heard = Heard()
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as app:
        assert app.stdin is not None
        assert app.stdout is not None
        assert app.stderr is not None
        app.stdin.write(requests.encode(request) + json_line(Pin(prompt=PINNED)))
        app.stdin.close()
        trainer = int(app.stdout.readline())
        hearing = Thread(target=_hear, args=(app.stdout, heard))
        hearing.start()
        while heard.n_new < n_events and not heard.has_ended:
            time.sleep(0.005)
            assert hearing.is_alive(), heard.events[-1:]
        time.sleep(delay_s)
        if who in ("app", "both"):
            app.kill()
        if who in ("trainer", "both"):
            send_signal(trainer, "KILL")
        hearing.join()
        app.stderr.read()  # ends when the trainer has ended, too
    return heard


def _hear(lines: IO[bytes], heard: Heard) -> None:
    for line in lines:
        if not line.endswith(b"\n"):
            return
        heard.at_s.append(time.perf_counter())
        heard.events.append(ev.decode(line))


@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_run_killed_at_random_moments_is_the_run_that_never_was(deck: Path) -> None:
    n_kills = int(os.environ.get("FLASHCARDS_KILLS", "3"))
    chosen = random.Random(int(os.environ.get("FLASHCARDS_KILLS_SEED", "6")))
    n_of, lost, seconds, n_runs, n_told = Counter[str](), [], [], 0, 0
    while n_of.total() < n_kills:
        n_runs += 1
        root = deck.parent / f"killed{n_runs}"
        request = LessonRequest(deck=str(deck), speed="full", seed=n_runs, runs=str(root))
        last = Heard()
        while n_of.total() < n_kills and not last.has_ended:
            who = KILLED[n_of.total() % 3]
            heard = taught_until_killed(request, who, chosen.randint(1, 60), chosen.uniform(0, 0.4))
            n_of[who] += 1
            step = heard.resumed_step
            if step is not None:
                lost.append(max(0, last.last_step - step))
                seconds.append(last.taught_s_after(step))
                assert lost[-1] <= 50 or seconds[-1] <= 2.0 + last.longest_silence_s
            if step is not None or last.last_step == 0:
                last = heard  # else it was killed before it had gone on
            for path in root.glob("*/run.json"):
                run = path.parent
                request = LessonRequest(deck="", speed="full", runs=str(root), resume=str(run))
        goal = Goal(step=last.last_step + 20)
        again, _ = run_lesson(deck, root, goal=goal, resume=str(run))
        whole, _ = run_lesson(
            deck, deck.parent / "whole", script=pinned_as_in(run), seed=n_runs, goal=goal
        )
        assert again.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
        assert again.training.memory.cards_taught == whole.training.memory.cards_taught
        told = who_taught(run)
        assert told == who_taught(whole.keeper.folder.path)
        assert told or last.last_step < 100
        n_told += len(told)
        assert verify(run).differences == ()
    print(f"\nkilled: {dict(n_of)}; {n_runs} runs; gone on with {len(lost)} times")
    print(f"who taught the pinned card was told {n_told} times, as if never killed")
    print(f"steps lost: {lost}\nseconds lost: {[round(s, 2) for s in seconds]}")


def pinned_as_in(run: Path) -> Script:
    """The same card pinned at the same step: as soon as it was heard, and durable."""
    events = RunFolder.open(run).events()
    step = next(event.step for event in events if isinstance(event, ev.PromptPinned))
    if step == 0:
        return [(0, Pin(prompt=PINNED))]
    return [
        (0, PauseAt(request=1, goal=Goal(step=step))),
        (step, Pin(prompt=PINNED)),
        (step, Play()),
    ]


def who_taught(run: Path) -> list[ev.PinTaught]:
    return [event for event in RunFolder.open(run).events() if isinstance(event, ev.PinTaught)]


def without_the_power_over_files() -> None:
    """For root, too, a folder that is read-only is that from here on."""
    if is_root():
        drop_from_bounding_set, may_write_anywhere = 24, 1
        assert ctypes.CDLL(None).prctl(drop_from_bounding_set, may_write_anywhere, 0, 0, 0) == 0


@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.skipif(sys.platform != "linux", reason="takes a power from root")
def test_a_folder_that_is_read_only_is_a_sentence_and_is_left_as_it_is(deck: Path) -> None:
    first, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=20))
    run = first.keeper.folder.path
    was = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    folders = [run, run / "keyframes", run / "deck"]
    for path in (*was, *folders):
        path.chmod(path.stat().st_mode & 0o555)
    words = ["train", "--resume", str(run), "--runs", str(run.parent), "--steps", "40"]
    refused = subprocess.run(
        [sys.executable, "-m", "flashcards", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        preexec_fn=without_the_power_over_files,
    )
    for path in (*was, *folders):
        path.chmod(path.stat().st_mode | 0o200)
    assert refused.returncode == 1, refused.stderr
    assert "Traceback" not in refused.stderr
    assert "Permission denied" in refused.stderr
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == was
    run_lesson(deck, deck.parent / "a", goal=Goal(step=40), resume=str(run))
    assert verify(run).is_same


@pytest.mark.slow
def test_torn_and_garbage_lines_are_left_out_and_the_run_goes_on(deck: Path) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=60))
    first, _ = run_lesson(deck, deck.parent / "b", goal=Goal(step=40))
    log = first.keeper.folder.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    lines.insert(5, b"\x00\xff garbage \x1b[31m\n")
    lines.insert(9, b'{"kind":"Unheard","step":3}\n')
    log.write_bytes(b"".join(lines) + b'{"kind":"StepsTaken","st')
    again, _ = run_lesson(deck, deck.parent / "b", goal=Goal(step=60), resume=str(log.parent))
    assert again.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
    assert verify(log.parent).is_same


def test_two_programs_on_one_run_the_second_is_told_so(deck: Path) -> None:
    first, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=20))
    held = RunFolder.open(first.keeper.folder.path, is_writer=True)
    with pytest.raises(LessonError, match="is being written by another program"):
        run_lesson(deck, deck.parent / "a", goal=Goal(step=30), resume=str(held.path))
    held.release()
    run_lesson(deck, deck.parent / "a", goal=Goal(step=30), resume=str(held.path))


@pytest.mark.slow
@pytest.mark.parametrize("jump_s", [-1e9, 1e9])
def test_a_clock_that_jumps_changes_no_step_and_still_saves(deck: Path, jump_s: float) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(step=140))
    inboxes: list[ScriptedInbox] = []

    def jump(event: ev.AnyEvent) -> None:
        if inboxes and isinstance(event, ev.StepsTaken) and 60 <= event.step < 62:
            inboxes[0].clock.now_s += jump_s

    jumped, _ = run_lesson(
        deck, deck.parent / "b", goal=Goal(step=140), react=jump, inboxes=inboxes
    )
    assert jumped.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
    assert jumped.keeper.folder.state_files()[-1][0] == 140
