"""What goes wrong around a run: killed processes, damaged files, full disks, clocks that jump."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from flashcards.runs.events import AnyEvent, DamageFound, RunResumed, StepsTaken, decode
from flashcards.runs.folder import RunFolder
from flashcards.trainer.ending import Goal
from flashcards.trainer.opening import LessonError
from flashcards.trainer.request import LessonRequest
from flashcards.trainer.verifying import verify
from tests.decks import write_capitals
from tests.trainer.lessons import ScriptedInbox, run_lesson
from tests.trainer.test_process import start_bare


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_capitals(tmp_path)


def damage(path: Path) -> None:
    """One byte in the middle of the file is another."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_damaged_resume_point_is_passed_over_said_and_set_aside(deck: Path) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(steps=60))
    first, _ = run_lesson(deck, deck.parent / "b", goal=Goal(steps=40))
    folder = first.keeper.folder
    step, newest = folder.state_files()[-1]
    assert step == 40
    damage(newest)
    again, watched = run_lesson(
        deck, deck.parent / "b", goal=Goal(steps=60), resume=str(folder.path)
    )
    (resumed,), (found,) = watched.of(RunResumed), watched.of(DamageFound)
    assert (resumed.step, found.step) == (32, 32)
    assert "step 40 is damaged" in found.text
    assert "step 32" in found.text
    assert found.file == newest.name
    assert not newest.exists()
    assert newest.with_name(f"{newest.name}.damaged").exists()
    assert again.taught.learner.weights_sha256() == whole.taught.learner.weights_sha256()
    assert found in folder.events()


def taught_by_a_process(request: LessonRequest, until_step: int, delay_s: float) -> list[AnyEvent]:
    """What a trainer said until it came to this step, and a moment more: then it is killed."""
    said: list[AnyEvent] = []
    with start_bare(request) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(decode(line))
            if isinstance(said[-1], StepsTaken) and said[-1].step >= until_step:
                break
        time.sleep(delay_s)
        process.kill()
        said += [decode(line) for line in process.stdout.read().splitlines(keepends=True)[:-1]]
    return said


@pytest.mark.pair
def test_a_run_killed_at_random_moments_is_the_run_that_never_was(deck: Path) -> None:
    n_kills = int(os.environ.get("FLASHCARDS_KILLS", "4"))
    chosen = random.Random(int(os.environ.get("FLASHCARDS_KILLS_SEED", "6")))
    request = LessonRequest(deck=str(deck), speed="full", runs=str(deck.parent / "a"))
    step, lost = 0, []
    for kill in range(n_kills):
        said = taught_by_a_process(request, step + chosen.randint(1, 80), chosen.uniform(0, 0.3))
        if kill:
            (resumed,) = (event for event in said if isinstance(event, RunResumed))
            lost.append(step - resumed.step)
        (run,) = (deck.parent / "a").iterdir()
        step = max(event.step for event in said)
        request = LessonRequest(deck="", speed="full", runs=request.runs, resume=str(run))
    saved_every = 2.0 / 0.002  # a step takes longer than two milliseconds anywhere
    assert all(-50 <= steps <= max(50, saved_every) for steps in lost), lost
    goal = Goal(steps=step + 20)
    again, _ = run_lesson(deck, deck.parent / "a", goal=goal, resume=str(run))
    whole, _ = run_lesson(deck, deck.parent / "b", goal=goal)
    assert again.taught.learner.weights_sha256() == whole.taught.learner.weights_sha256()
    assert again.taught.memory.cards_taught == whole.taught.memory.cards_taught
    found = verify(run)
    assert found.differences == ()
    print(f"\n{n_kills} kills, {step} steps; steps lost: {lost}")


def test_torn_and_garbage_lines_are_left_out_and_the_run_goes_on(deck: Path) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(steps=60))
    first, _ = run_lesson(deck, deck.parent / "b", goal=Goal(steps=40))
    log = first.keeper.folder.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    lines.insert(5, b"\x00\xff garbage \x1b[31m\n")
    lines.insert(9, b'{"kind":"Unheard","step":3}\n')
    log.write_bytes(b"".join(lines) + b'{"kind":"StepsTaken","st')
    again, _ = run_lesson(deck, deck.parent / "b", goal=Goal(steps=60), resume=str(log.parent))
    assert again.taught.learner.weights_sha256() == whole.taught.learner.weights_sha256()
    assert verify(log.parent).is_same


def test_two_programs_on_one_run_the_second_is_told_so(deck: Path) -> None:
    first, _ = run_lesson(deck, deck.parent / "a", goal=Goal(steps=20))
    held = RunFolder.open(first.keeper.folder.path, is_writer=True)
    with pytest.raises(LessonError, match="is being written by another program"):
        run_lesson(deck, deck.parent / "a", goal=Goal(steps=30), resume=str(held.path))
    held.release()
    run_lesson(deck, deck.parent / "a", goal=Goal(steps=30), resume=str(held.path))


@pytest.mark.parametrize("jump_s", [-1e9, 1e9])
def test_a_clock_that_jumps_changes_no_step_and_still_saves(deck: Path, jump_s: float) -> None:
    whole, _ = run_lesson(deck, deck.parent / "a", goal=Goal(steps=140))
    inboxes: list[ScriptedInbox] = []

    def jump(event: AnyEvent) -> None:
        if inboxes and isinstance(event, StepsTaken) and 60 <= event.step < 62:
            inboxes[0].clock.now_s += jump_s

    jumped, _ = run_lesson(
        deck, deck.parent / "b", goal=Goal(steps=140), react=jump, inboxes=inboxes
    )
    assert jumped.taught.learner.weights_sha256() == whole.taught.learner.weights_sha256()
    assert jumped.keeper.folder.state_files()[-1][0] == 140
