"""The net under a trainer that is too slow, by a clock that the test turns."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flashcards.app.run.replay_teacher import Stretch, stretch_after
from flashcards.app.stage.net import STALLED_AFTER_S, TOO_SLOW_BY, TOO_SLOW_BY_S, NettedTeacher
from flashcards.runs import events as ev
from flashcards.runs.commands import PauseAt
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.state import RunState
from flashcards.trainer.request import LessonRequest
from tests import told
from tests.app.script import ScriptedTeacher
from tests.report.test_report import a_run, start
from tests.waiting import PATIENCE_S, until

N_STEPS, STEP_S = 10, 0.02
REQUEST = LessonRequest(deck="capitals", seed=7, is_paused=True)


def taken(step: int, train_s: float) -> ev.StepsTaken:
    return told.steps(step, train_seconds=train_s)


@pytest.fixture
def recording(tmp_path: Path) -> RunFolder:
    """A rehearsal that paused at step 1 and reached step 10 after a fifth of a second."""
    steps = [taken(step, step * STEP_S) for step in range(1, N_STEPS + 1)]
    pauses: tuple[ev.AnyEvent, ...] = (
        ev.RunPaused(step=1),
        ev.RunPlayed(step=1),
        *steps[1:],
        ev.RunPaused(step=N_STEPS),
    )
    return RunFolder.open(a_run(tmp_path, (steps[0], *pauses)))


def test_a_pause_of_another_goal_is_passed_over(recording: RunFolder) -> None:
    assert stretch_after(recording, 0).stop_step == 1
    assert (
        stretch_after(recording, 0, PauseAt(request=1, goal=Goal(step=N_STEPS))).stop_step
        == N_STEPS
    )
    by_share = PauseAt(request=1, goal=Goal(unseen=0.6, seconds=0.5))
    assert stretch_after(recording, 0, by_share).stop_step == N_STEPS


async def test_a_slow_cue_is_played(recording: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flashcards.app.stage.net.WATCH_S", 0.005)
    n_read = 0

    def read(*asked: Any) -> Stretch:
        nonlocal n_read
        found = stretch_after(*asked)
        n_read += 1
        return found

    monkeypatch.setattr("flashcards.app.stage.net.stretch_after", read)
    now_s, live, shown = [100.0], ScriptedTeacher(REQUEST, ()), RunState()
    reached: list[ev.GoalReached] = []
    net = NettedTeacher(REQUEST, lambda request: live, recording, live, lambda: now_s[0])
    goal = PauseAt(request=1, goal=Goal(step=N_STEPS))
    expected_s = stretch_after(recording, 0, goal).seconds
    assert expected_s == pytest.approx(N_STEPS * STEP_S)
    late_s = expected_s * TOO_SLOW_BY + TOO_SLOW_BY_S
    assert late_s < STALLED_AFTER_S, "else silence would be noticed first"

    async def watch() -> None:
        async for event in net.events():
            shown.fold(event)
            if isinstance(event, ev.GoalReached):
                reached.append(event)

    watching = asyncio.create_task(watch())
    live.say(start())
    await until(lambda: shown.start is not None)
    net.send(goal)
    await until(lambda: n_read > 0)  # a later step has fewer seconds to go
    # it goes on speaking, slowly: step 3 when the rehearsal had long come to step 10
    for step in (1, 2, 3):
        now_s[0] = 100.0 + (late_s - 0.01) * step / 3
        live.say(taken(step, 1.0 * step))
        await until(lambda step=step: shown.step == step)  # type: ignore[misc]
        await asyncio.sleep(0.1)
        assert not net.is_replaying
    now_s[0] = 100.0 + late_s + 0.01
    await until(lambda: net.is_replaying)
    assert shown.step == 3

    async def tick() -> None:
        while not reached:
            now_s[0] += 0.01
            await asyncio.sleep(0.005)

    async with asyncio.timeout(PATIENCE_S):
        await tick()
    assert [event.request for event in reached] == [1]
    assert (shown.step, shown.liveness) == (N_STEPS, "paused")
    assert net.is_replaying
    # the trainer comes to the same step at last, and is on stage again
    live.say(taken(N_STEPS, 30.0))
    live.say(ev.GoalReached(step=N_STEPS, request=1))
    live.say(ev.RunPaused(step=N_STEPS))
    await until(lambda: not net.is_replaying)
    assert live.sent == [goal]
    await net.stop()
    await watching
