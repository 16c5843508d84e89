"""The real trainer process, driven through its client: the protocol, its ends and its crashes."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from flashcards.runs import events as ev
from flashcards.runs.catalog import read_summary
from flashcards.runs.commands import AnyCommand, Ask, Pause, Step
from flashcards.runs.folder import RunFolder
from flashcards.runs.run_files import json_line
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.request import LessonRequest
from tests.commands import run_python, start_python
from tests.decks import write_capitals
from tests.golden import words
from tests.posix import send_signal
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.pair

React = Callable[[TrainerClient, ev.AnyEvent], Awaitable[None]]


@pytest.fixture
def request_(tmp_path: Path) -> LessonRequest:
    return LessonRequest(
        deck=str(write_capitals(tmp_path)), speed="full", runs=str(tmp_path / "runs")
    )


async def follow(request: LessonRequest, react: React) -> list[ev.AnyEvent]:
    client = TrainerClient(request)
    seen: list[ev.AnyEvent] = []
    async with asyncio.timeout(PATIENCE_S):
        async for event in client.events():
            seen.append(event)
            await react(client, event)
        await client.stop()
    return seen


def stop_later(client: TrainerClient, tasks: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(client.stop())
    tasks.add(task)


@pytest.mark.slow
async def test_a_lesson_is_taught_paused_asked_and_stopped(request_: LessonRequest) -> None:
    tasks: set[asyncio.Task[None]] = set()

    async def react(client: TrainerClient, event: ev.AnyEvent) -> None:
        match event:
            case ev.RunStarted():
                client.send(Pause())
            case ev.RunPaused():
                client.send(Ask(request=7, prompt="France\x1b]0;owned\x07"))
                client.send(Step())
            case ev.CorrectionMeasured() if event.correction.n_cards == 1 and not tasks:
                stop_later(client, tasks)

    seen = await follow(request_, react)
    kinds = [type(event) for event in seen]
    assert kinds[0] is ev.TrainerWoke
    assert ev.RunStarted in kinds
    (answer,) = (event for event in seen if isinstance(event, ev.PromptAnswered))
    assert answer.request == 7
    assert "\x1b" not in answer.prompt
    assert not any(isinstance(event, ev.TrainerFailed) for event in seen)
    (start,) = (event for event in seen if isinstance(event, ev.RunStarted))
    folder = RunFolder.open(Path(start.folder))
    paused = next(event for event in seen if isinstance(event, ev.RunPaused))
    assert read_summary(folder).step == paused.step + 1
    assert next(folder.states())[0] == paused.step + 1


@pytest.mark.slow
async def test_a_killed_trainer_says_so_and_can_be_gone_on_with(request_: LessonRequest) -> None:
    async def kill(client: TrainerClient, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.StepsTaken) and event.step >= 5:
            assert client.pid is not None
            send_signal(client.pid, "KILL")

    seen = await follow(request_, kill)
    failed = seen[-1]
    assert isinstance(failed, ev.TrainerFailed)
    assert "signal 9" in failed.text
    (start,) = (event for event in seen if isinstance(event, ev.RunStarted))
    tasks: set[asyncio.Task[None]] = set()

    async def stop(client: TrainerClient, event: ev.AnyEvent) -> None:
        if isinstance(event, ev.StepsTaken) and not tasks:
            stop_later(client, tasks)

    resume = LessonRequest(deck="", speed="full", runs=request_.runs, resume=start.folder)
    again = await follow(resume, stop)
    (resumed,) = (event for event in again if isinstance(event, ev.RunResumed))
    assert resumed.step >= 4
    assert not any(isinstance(event, ev.TrainerFailed) for event in again)


@pytest.mark.slow
async def test_a_trainer_stopped_while_it_is_started_is_gone(request_: LessonRequest) -> None:
    client = TrainerClient(request_)
    await client.stop()
    async with asyncio.timeout(PATIENCE_S):
        seen = [event async for event in client.events()]
    assert seen == []
    assert client.pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(client.pid, 0)


def start_bare(request: LessonRequest, *asked: AnyCommand) -> subprocess.Popen[bytes]:
    process = start_python("-m", "flashcards.trainer", encoding=None, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"".join(map(json_line, (request, *asked))))
    process.stdin.flush()
    return process


def test_a_request_that_is_none_is_a_sentence() -> None:
    process = run_python("-m", "flashcards.trainer", given='{"nonsense": 1}\n')
    assert process.returncode == 1
    assert "TrainerFailed" in process.stdout
    assert "Traceback" not in process.stderr


async def test_no_deck_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("raise SystemExit('it was loaded')", "utf-8")
    paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))

    async def look(client: TrainerClient, event: ev.AnyEvent) -> None:
        assert isinstance(event, ev.TrainerWoke | ev.TrainerFailed)

    *_, failed = await follow(LessonRequest(deck="capitls", runs=str(tmp_path)), look)
    assert isinstance(failed, ev.TrainerFailed)
    assert failed.text == words("deck: a name misspelled").replace("capitols", "capitls")


STUCK = """
import io, time
from flashcards.trainer.inbox import Inbox, read_commands
read_commands(io.FileIO(0), Inbox(), leave_after_s={seconds})
{then}
"""


def test_a_process_that_hangs_ends_some_time_after_its_parent_has_gone() -> None:
    hanging = STUCK.format(seconds=0.2, then="time.sleep(9999)")
    ended = subprocess.run([sys.executable, "-c", hanging], input=b"", timeout=PATIENCE_S)
    assert ended.returncode == 1


def test_one_that_ends_by_itself_is_not_held_up() -> None:
    ending = STUCK.format(seconds=9999, then="")
    ended = subprocess.run([sys.executable, "-c", ending], input=b"", timeout=PATIENCE_S)
    assert ended.returncode == 0
