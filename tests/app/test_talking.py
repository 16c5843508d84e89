"""A talk drives the real program; going back gives back the very model."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from flashcards.app.app import FlashcardsApp
from flashcards.app.session import OnStage
from flashcards.app.stage.cue_checkpoints import CueCheckpoints
from flashcards.app.stage.presenter import PresenterView, SlideView
from flashcards.app.stage.stage_actions import StageState
from flashcards.app.stage.talking import Talking, first_request
from flashcards.runs import events as ev
from flashcards.runs.catalog import list_runs
from flashcards.runs.commands import Ask
from flashcards.runs.folder import RunFolder
from flashcards.talks.parsing import parse_talk
from flashcards.trainer.opening import open_learner
from flashcards.trainer.request import LessonRequest
from tests.app.asked import answered_walk
from tests.app.lesson import lesson
from tests.app.saved_run import logged
from tests.app.script import NOWHERE, on_stage
from tests.decks import write_capitals
from tests.waiting import until

SHEET = """\
# Hello

```flashcards
teach DECK seed=3 until step=8
wait
rate x4
go on until step=14
wait
ask "France"
```
# The end
"""


@asynccontextmanager
async def talk(tmp_path: Path, text: str = SHEET) -> AsyncIterator[tuple[FlashcardsApp, Talking]]:
    deck = write_capitals(tmp_path)
    sheet, problems = parse_talk(text.replace("DECK", str(deck)))
    assert problems == []
    request = first_request(sheet, LessonRequest(deck=str(deck), runs=str(tmp_path / "runs")))
    app = FlashcardsApp(request, theme="stage-dark", keymap=NOWHERE)
    talking = app.session.singleton(StageState).talking = Talking(app.session, sheet)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await done(talking, 0)
        yield app, talking
        await app.session.run.close()


async def done(talking: Talking, index: int) -> None:
    await until(lambda: talking.done == index)


async def weights_of(app: FlashcardsApp) -> str:
    state = app.session.state
    await until(lambda: state.last_saved_step == state.step)
    assert state.start is not None
    path = Path(state.start.folder)
    assert RunFolder.open(path).state_files()[-1][0] == state.step
    return open_learner(path, state.step).learner.weights_sha256()


@pytest.mark.slow
async def test_cues_are_gone_through_and_back_to_the_very_model(tmp_path: Path) -> None:
    async with talk(tmp_path) as (app, talking):
        assert isinstance(app.screen, SlideView)
        talking.move(1)
        await done(talking, 1)
        assert isinstance(app.screen, PresenterView)
        assert app.session.state.step == 8
        at_8 = await weights_of(app)
        talking.move(1)
        await done(talking, 2)
        assert (app.session.state.step, app.session.state.learning_rate_factor) == (14, 4.0)
        at_14 = await weights_of(app)
        first_run = app.session.state.start
        talking.move(1)
        await done(talking, 3)
        asked = app.session.singleton(OnStage).answered
        assert asked is not None
        assert asked.prompt == "France"
        # one back asks again with the same model; one more teaches the second part again
        talking.move(-1)
        await done(talking, 2)
        assert (app.session.state.step, app.session.state.learning_rate_factor) == (14, 4.0)
        assert app.session.state.start != first_run
        assert await weights_of(app) == at_14
        talking.move(-1)
        await done(talking, 1)
        assert (app.session.state.step, app.session.state.learning_rate_factor) == (8, 1.0)
        assert await weights_of(app) == at_8
    kept = [path.name for path in (tmp_path / "runs").iterdir()]
    assert not [name for name in kept if name.startswith(".talk")]


@pytest.mark.slow
@pytest.mark.pair
async def test_a_key_while_it_teaches_cuts_the_cue_short(tmp_path: Path) -> None:
    text = "# A\n```flashcards\nteach DECK until step=100000\n```\n# B\n"
    async with talk(tmp_path, text) as (app, talking):
        talking.move(1)
        await until(lambda: app.session.state.step >= 5)
        talking.move(1)
        await done(talking, 2)
        assert isinstance(app.screen, SlideView)
        await until(lambda: app.session.state.liveness == "paused")
        assert app.session.state.step < 100000


async def test_the_keys_of_a_clicker_move_a_talk(tmp_path: Path) -> None:
    sheet, _ = parse_talk("# One\n# Two\n\nfirst\n\nsecond\n# Three\n")
    async with on_stage([*lesson(), ev.RunPaused(step=1284)], runs=tmp_path) as stage:
        await stage.press("pagedown")
        assert not isinstance(stage.app.screen, SlideView)
        talking = stage.app.session.singleton(StageState).talking = Talking(
            stage.app.session, sheet
        )
        task = asyncio.create_task(talking.run())
        await done(talking, 0)
        for key, index in (("pagedown", 1), ("pagedown", 2), ("pageup", 1)):
            await stage.press(key)
            await done(talking, index)
        await stage.settle()
        assert talking.slide().title == "Two"
        task.cancel()


async def test_keys_back_that_come_at_once_show_only_where_they_lead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet, _ = parse_talk("# One\n# Two\n# Three\n")
    async with on_stage([*lesson(), ev.RunPaused(step=1284)], runs=tmp_path) as stage:
        session = stage.app.session
        talking = Talking(session, sheet)
        task = asyncio.create_task(talking.run())
        for index in range(3):
            talking.move(1)
            await done(talking, index)
        shown: list[int] = []
        monkeypatch.setattr(session, "show", lambda view: shown.append(talking.index))
        for _ in range(2):
            talking.move(-1)
        await done(talking, 0)
        assert set(shown) == {0}
        task.cancel()


async def test_an_answer_asked_in_a_talk_is_huge(tmp_path: Path) -> None:
    sheet, _ = parse_talk('```flashcards\nask "blick"\n```\n')
    happened = [*lesson(), ev.RunPaused(step=1284)]
    async with on_stage(happened, theme="stage-dark", runs=tmp_path) as stage:
        talking = stage.app.session.singleton(StageState).talking = Talking(
            stage.app.session, sheet
        )
        task = asyncio.create_task(talking.run())
        await stage.until(lambda: any(isinstance(c, Ask) for c in stage.sent))
        request = next(c.request for c in stage.sent if isinstance(c, Ask))
        await stage.say(answered_walk(request, "blick", "blicked"))
        await done(talking, 0)
        await stage.settle()
        assert isinstance(stage.app.screen, PresenterView)
        task.cancel()


async def test_between_cues_that_teach_nothing_one_copy_of_the_saved_run_is_kept(
    tmp_path: Path,
) -> None:
    happened = logged(tmp_path, [*lesson(), ev.RunPaused(step=1284)])
    (entry,) = list_runs(tmp_path)
    RunFolder.open(entry.path).save_keyframe(1284, b"the weights")

    async def cut() -> None:
        raise AssertionError

    async with on_stage(happened, runs=tmp_path) as stage:
        session = stage.app.session
        checkpoints = CueCheckpoints(session, lambda: None, cut)
        first = await checkpoints.take()
        assert (first.run, first.step) == (session.run, 1284)
        assert first.copy is not None
        assert RunFolder.open(first.copy).state_files()[-1][0] == 1284
        assert await checkpoints.take() == first
        checkpoints.clear()
        assert not first.copy.exists()


@pytest.mark.slow
async def test_several_cues_back_are_one_way_and_open_nothing_again(tmp_path: Path) -> None:
    text = (
        "# A\n```flashcards\nteach DECK seed=3 until step=8\n```\n# B\n# C\n"
        "```flashcards\nview memory\ngo on until step=14\n```\n"
    )
    async with talk(tmp_path, text) as (app, talking):
        for index in (1, 2, 3, 4):
            talking.move(1)
            await done(talking, index)
        assert app.session.state.step == 14
        for _ in range(2):
            talking.move(-1)
        # the slide is read while its model is woken
        await until(lambda: talking.index == 2 and isinstance(app.screen, SlideView))
        await done(talking, 2)
        assert app.session.state.step == 8
        opened = app.session.run
        talking.move(1)
        await done(talking, 3)
        assert app.session.run is opened
        talking.move(-1)
        await done(talking, 2)
        assert app.session.run is opened
        assert isinstance(app.screen, SlideView)


async def test_a_talk_whose_run_is_its_own_begins_once(tmp_path: Path) -> None:
    class Rehearsed(Talking):
        n_begun = 0

        async def run(self) -> None:
            self.n_begun += 1

    sheet, _ = parse_talk("# One\n")
    async with on_stage(lesson(), runs=tmp_path) as stage:
        session = stage.app.session
        talking = session.singleton(StageState).talking = Rehearsed(session, sheet)
        for deck in ("capitals", "plurals"):
            session.open_deck(deck)
            await stage.settle()
        assert talking.n_begun == 1
