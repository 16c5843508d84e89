"""What goes wrong around a run: killed processes, damaged files, full disks, clocks that jump."""

import ctypes
import errno
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from flashcards.cli import main
from flashcards.runs import events as ev
from flashcards.runs.catalog import find_run
from flashcards.runs.commands import AnyCommand, PauseAt, Pin, Play
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.keeper import Keeper
from flashcards.trainer.opening import LessonError
from flashcards.trainer.request import LessonRequest
from flashcards.wording import facts
from tests.app.saved_run import a_run
from tests.posix import is_root
from tests.pretrained.tiny import ASK, a_model
from tests.reading.texts import write_text
from tests.trainer.lessons import Clock, Script, ScriptedInbox, run_lesson
from tests.trainer.test_process import start_bare
from tests.waiting import PATIENCE_S


def damage(path: Path) -> None:
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


PINNED = "Egypt"
KILLED = ("trainer", "app", "both")


def taught_until_killed(
    request: LessonRequest, who: str, n_events: int, delay_s: float, *asked: AnyCommand
) -> list[ev.AnyEvent]:
    """What it says until it is killed, or until its stdin ends, so long after so many events."""
    heard: list[ev.AnyEvent] = []

    def hear(n: int) -> None:
        assert trainer.stdout is not None
        while len(heard) < n and (line := trainer.stdout.readline()).endswith(b"\n"):
            heard.append(ev.decode(line))
            if isinstance(heard[-1], ev.LessonEnded):
                return  # it waits

    with start_bare(request, *asked) as trainer:
        hear(n_events)

        time.sleep(delay_s)
        if who != "trainer":
            assert trainer.stdin is not None
            trainer.stdin.close()
        if who != "app":
            trainer.kill()
        hear(sys.maxsize)
    return heard


def lost(heard: list[ev.AnyEvent], step: int) -> tuple[int, float]:
    """Updates that are gone when it goes on from this step, and seconds of them but one."""
    after = [e.train_seconds for e in heard if isinstance(e, ev.StepsTaken) and e.step > step]
    longest_s = max((b - a for a, b in pairwise(after)), default=0.0)
    last = max((event.step for event in heard), default=0)
    return max(0, last - step), (after[-1] - after[0] - longest_s if after else 0.0)


N_FIRST = 60


def taught_first(deck: Path) -> str:
    opened, _ = run_lesson(deck, deck.parent / "first", goal=Goal(step=N_FIRST))
    return str(opened.keeper.folder.path)


KINDS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "cards": lambda deck: {},
    "text": lambda deck: {"deck": str(write_text(deck.parent)), "is_read": True},
    "reward": lambda deck: {"after": taught_first(deck), "is_rewarded": True},
    "real model": lambda deck: {"model": str(a_model("qwen3")), "ask": ASK},
}


@pytest.mark.slow
@pytest.mark.pair
@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.monkey] * (kind != "cards")) for kind in KINDS]
)
def test_a_run_killed_at_random_moments_is_the_run_that_never_was(kind: str, deck: Path) -> None:
    n_kills = int(os.environ.get("FLASHCARDS_KILLS", "3"))
    chosen = random.Random(int(os.environ.get("FLASHCARDS_KILLS_SEED", "6")))
    wishes = {"deck": str(deck), **KINDS[kind](deck)}
    pins = [Pin(prompt=PINNED)] * (kind == "cards")
    n_of, gone, n_runs = Counter[str](), [], 0
    while n_of.total() < n_kills:
        n_runs += 1
        root = deck.parent / f"killed{n_runs}"
        request = LessonRequest(**wishes, speed="full", seed=n_runs, runs=str(root))
        last: list[ev.AnyEvent] = []
        while n_of.total() < n_kills and not any(isinstance(e, ev.LessonEnded) for e in last):
            who = KILLED[n_of.total() % 3]
            n, delay_s = chosen.randint(2, 80), chosen.uniform(0, 0.4)
            heard = taught_until_killed(request, who, n, delay_s, *pins)
            n_of[who] += 1
            step = next((e.step for e in heard if isinstance(e, ev.RunResumed)), None)
            if step is not None:
                gone.append(lost(last, step))
                assert gone[-1][0] <= 50 or gone[-1][1] <= 2.0
            if step is not None or not last:
                last = heard  # else it was killed before it had gone on
            for run in root.glob("2*"):
                if RunFolder.open(run).state_files():  # else it was killed in its first exam
                    request = LessonRequest(deck="", speed="full", runs=str(root), resume=str(run))
        if request.resume is None:
            continue
        run, last_step = Path(request.resume), max(event.step for event in last)
        again, _ = run_lesson(deck, root, goal=Goal(step=last_step + 20), resume=str(run))
        script = pinned_as_in(run) if pins else None
        goal = Goal(step=last_step + 20 - N_FIRST * ("after" in wishes))
        whole, _ = run_lesson(
            runs=deck.parent / "whole", script=script, seed=n_runs, goal=goal, **wishes
        )
        assert again.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
        assert again.training.memory.cards_taught == whole.training.memory.cards_taught
        told = who_taught(run)
        assert told == who_taught(whole.keeper.folder.path)
        assert told or last_step < 100 or not pins
        assert verify(run).differences == ()
    print(f"\n{kind}, killed: {dict(n_of)}; {n_runs} runs; steps and seconds lost: {gone}")


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
    inbox = ScriptedInbox(Clock(), [])

    def jump(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.StepsTaken) and 60 <= event.step < 62:
            inbox.clock.now_s += jump_s

    jumped, _ = run_lesson(deck, deck.parent / "b", goal=Goal(step=140), react=jump, inbox=inbox)
    assert jumped.training.learner.weights_sha256() == whole.training.learner.weights_sha256()
    assert jumped.keeper.folder.state_files()[-1][0] == 140
