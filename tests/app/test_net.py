"""The net under a talk: the trainer is killed, held up or sent away, and the show goes on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from flashcards.app.app import FlashcardsApp
from flashcards.app.run.replay_teacher import is_same_run, stretch_after
from flashcards.app.stage.net import Net, NettedTeacher
from flashcards.app.stage.stage_actions import StageState
from flashcards.app.stage.talking import Talking, first_request
from flashcards.cli import main
from flashcards.runs.commands import PlaceBet
from flashcards.runs.events import ExamTaken, RunStarted
from flashcards.runs.folder import RunFolder
from flashcards.runs.values import BetQuestion, Score
from flashcards.talks import rehearsal
from flashcards.talks.parsing import parse_talk
from flashcards.trainer.client import TrainerClient
from flashcards.trainer.opening import open_learner
from flashcards.trainer.request import LessonRequest
from tests.app.script import NOWHERE
from tests.app.test_talking import done, weights_of
from tests.decks import write_capitals
from tests.held import Hold
from tests.posix import send_signal
from tests.waiting import until

pytestmark = pytest.mark.slow

SHEET = """\
# Hello

```flashcards
teach DECK seed=3 speed=brisk until step=40
wait
speed full
go on until step=60
```
# The end
"""


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    folder = tmp_path_factory.mktemp("talk")
    deck, path, runs = write_capitals(folder), folder / "talk.md", folder / "runs"
    path.write_text(SHEET.replace("DECK", str(deck)), encoding="utf-8")
    assert main(["rehearse", str(path), "--runs", str(runs)]) == 0
    kept = rehearsal.load(rehearsal.folder_of(runs, path))
    assert kept is not None
    return path, runs, rehearsal.folder_of(runs, path) / kept.lessons[0].run


@pytest.fixture
def hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hold:
    """The first cue stands still on its way until the test has done what it is about."""
    return Hold(tmp_path / "hold", monkeypatch, step=8)


@asynccontextmanager
async def given(rehearsed: tuple[Path, Path, Path]) -> AsyncIterator[tuple[FlashcardsApp, Talking]]:
    path, runs, recording = rehearsed
    sheet, _ = parse_talk(path.read_text(encoding="utf-8"))
    request = first_request(sheet, LessonRequest(deck="x", runs=str(runs)))
    net = Net([(request.deck, 3, recording)], TrainerClient)
    app = FlashcardsApp(request, net.teach, theme="stage-dark", keymap=NOWHERE)
    talking = app.session.singleton(StageState).talking = Talking(app.session, sheet)
    app.session.singleton(StageState).net = net
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await done(talking, 0)
        yield app, talking
        await app.session.run.close()


def netted(app: FlashcardsApp) -> NettedTeacher:
    net = app.session.singleton(StageState).net
    assert net is not None
    assert net.current is not None
    return net.current


def pid_of(app: FlashcardsApp) -> int:
    live = netted(app).live
    assert isinstance(live, TrainerClient)
    assert live.pid is not None
    return live.pid


async def test_a_talk_outlives_its_trainer(rehearsed: tuple[Path, Path, Path], hold: Hold) -> None:
    async with given(rehearsed) as (app, talking):
        talking.move(1)
        await until(lambda: app.session.state.step >= 5)
        at = app.session.state.step
        assert at < 40, "the trainer is held on its way"
        send_signal(pid_of(app), "KILL")
        await until(lambda: netted(app).is_replaying)
        await until(lambda: app.session.state.step > at)
        app.paint()
        assert "REPLAY" in app.export_screenshot()
        hold.let_go()
        await done(talking, 1)
        assert app.session.state.step == 40
        # the trainer was started again behind it, and comes back by itself
        await until(lambda: not netted(app).is_replaying)
        assert app.session.state.step == 40
        assert app.session.state.liveness == "paused"
        talking.move(1)
        await done(talking, 2)
        assert app.session.state.step == 60
        rehearsed_to = open_learner(rehearsed[2], 60).learner.weights_sha256()
        assert await weights_of(app) == rehearsed_to


@pytest.mark.parametrize("is_ahead", [False, True])
async def test_f9_goes_to_the_recording_and_back(
    rehearsed: tuple[Path, Path, Path], hold: Hold, monkeypatch: pytest.MonkeyPatch, is_ahead: bool
) -> None:
    """Also where the trainer is at the goal already, and hears of the bet only then."""
    if is_ahead:
        monkeypatch.setattr(NettedTeacher, "release", lambda self: None)
    async with given(rehearsed) as (app, talking):
        talking.move(1)
        await until(lambda: app.session.state.step >= 3)
        app.action_do("net")
        hold.let_go()
        assert netted(app).is_replaying
        at = app.session.state.step
        app.session.send(PlaceBet(bet=BetQuestion(kind="score", at_step=40), share=0.9))
        await until(lambda: app.session.state.step > at + 2)
        assert len(app.session.state.bets) == 1
        if is_ahead:
            await until(lambda: netted(app).live_step == 40)
        app.action_do("net")
        assert not netted(app).is_replaying
        await done(talking, 1)
        assert app.session.state.step == 40
        await until(lambda: len(app.session.state.bets) == 1)


async def test_a_trainer_that_hangs_is_noticed(
    rehearsed: tuple[Path, Path, Path], hold: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flashcards.app.stage.net.STALLED_AFTER_S", 0.8)
    async with given(rehearsed) as (app, talking):
        talking.move(1)
        await until(lambda: app.session.state.step >= 5)
        send_signal(pid_of(app), "STOP")
        hold.let_go()
        try:
            await until(lambda: netted(app).is_replaying)
            await done(talking, 1)
            assert app.session.state.step == 40
            assert netted(app).is_replaying
        finally:
            send_signal(pid_of(app), "CONT")
        await until(lambda: not netted(app).is_replaying)
        assert app.session.state.step == 40


def test_a_recording_is_read_from_step_to_pause(rehearsed: tuple[Path, Path, Path]) -> None:
    folder = RunFolder.open(rehearsed[2])
    stretch = stretch_after(folder, 5)
    assert stretch.stop_step == 40
    assert next(moment[0].step for _, moment in stretch.moments if moment) == 6
    assert stretch.seconds > 2.0
    assert stretch_after(folder, 40).stop_step == 60
    assert stretch_after(folder, 60).moments == []


def test_a_recording_of_another_run_is_no_net(rehearsed: tuple[Path, Path, Path]) -> None:
    folder = RunFolder.open(rehearsed[2])
    happened = folder.events()
    start = next(event for event in happened if isinstance(event, RunStarted))
    exam = [event for event in happened if isinstance(event, ExamTaken)][2]
    assert is_same_run(folder, start, exam)
    assert not is_same_run(folder, msgspec.structs.replace(start, seed=9), exam)
    other = msgspec.structs.replace(exam, seen=Score(exam.seen.right + 1, exam.seen.total))
    assert not is_same_run(folder, start, other)
