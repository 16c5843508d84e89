"""A race in the past: both models as they were, and how its pairs are read."""

import asyncio
import shutil
import threading
from pathlib import Path

import pytest

from flashcards.app.race.race_branch import Branch, RacePast
from flashcards.app.race.race_view import RaceTable, RaceView
from flashcards.app.run.sources import SavedRun
from flashcards.runs import events as ev
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.state import RunState
from flashcards.wording.markers import first_differs, race_title
from flashcards.wording.races import same_so_far
from tests.app.branches import race, with_branch
from tests.app.lesson import started
from tests.app.raced import DIFFERS, HALF_THE_RATE
from tests.app.script import Stage, on_stage
from tests.app.test_travel import LIVE, back, recorded
from tests.golden import words
from tests.waiting import PATIENCE_S


async def test_a_race_of_the_past_shows_both_and_where_they_part(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await race(stage, tmp_path)
        await looking_at(stage, 420)
        (main, branch), screen = table_rows(stage), "\n".join(stage.rows())
        assert "62 %" in main
        assert "61 %" in branch
        assert same_so_far() in screen
        assert "copy from step 410 ├" in axis_row(stage)
        await looking_at(stage, 434)
        assert f"≠ {first_differs(DIFFERS, words('screen: slow copy'))}" in "\n".join(stage.rows())
        assert "copy from step 410 ├   ≠" in axis_row(stage)
        await looking_at(stage, 200)
        assert words("screen: one run", step=410) in "\n".join(stage.rows())
        assert "├" not in axis_row(stage)
        shares = [row.split()[-4:] for row in table_rows(stage)]
        assert shares[0] == shares[1]
        await back(stage, "end")
        assert "87 %" in "".join(stage.rows())
        assert stage.sent[1:] == []
        await looking_at(stage, 500)
        await back(stage, "ctrl+left")
        assert stage.app.session.travel.step == 434
        assert f"≠ {first_differs(DIFFERS)}" in stage.app.status_line.text
        await back(stage, "ctrl+left")
        assert stage.app.session.travel.step == 410
        assert f"├ {race_title(410, HALF_THE_RATE)}" in stage.app.status_line.text


async def test_a_branch_that_is_behind_or_cannot_be_read_says_so(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await race(stage, tmp_path)
        branch = stage.app.session.run.followers.get("branch")
        assert branch is not None
        branch.state.cards_taught = 500 * 32
        await looking_at(stage, 600)
        assert words("screen: branch behind") in "\n".join(stage.rows())
        shutil.rmtree(tmp_path / "other")
        stage.app.session.travel.go(601)
        await stage.until(lambda: words("screen: no run log") in "".join(stage.rows()))
        assert "this lesson" in "".join(stage.rows())


async def test_the_newest_wish_is_read_and_the_pair_before_stays_until_then() -> None:
    class Slow(SavedRun):
        cards_taught = 100

        def __init__(self) -> None:
            super().__init__(Path())
            self.asked: list[int] = []
            self.may_go = threading.Event()

        def state_by(self, n_cards: int) -> RunState:
            self.asked.append(n_cards)
            self.may_go.wait(PATIENCE_S)
            return RunState(cards_taught=n_cards)

    other, n_changes = Slow(), []
    past = RacePast(lambda: n_changes.append(past.version))
    wished = [RunState(step=1, cards_taught=n) for n in (10, 20, 30)]
    for state in wished:
        assert past.at(state, 1, state.cards_taught, other) == (state, None)
        await asyncio.sleep(0.01)
    other.may_go.set()
    async with asyncio.timeout(PATIENCE_S):
        while past.version < 2:
            await asyncio.sleep(0.01)
    assert other.asked == [10, 30]
    main, beside = past.at(wished[-1], 1, 30, other)
    assert beside is not None
    assert (main.step, main.cards_taught, beside.cards_taught) == (1, 30, 30)
    assert n_changes == [1, 2]


async def test_what_the_branch_had_not_come_to_is_read_when_it_has() -> None:
    class Behind(SavedRun):
        cards_taught = 20

        def state_by(self, n_cards: int) -> RunState:
            return RunState(cards_taught=min(n_cards, self.cards_taught))

    other, then = Behind(Path()), RunState()
    past = RacePast(lambda: None)

    async def beside(version: int) -> int:
        past.at(then, 1, 30, other)
        async with asyncio.timeout(PATIENCE_S):
            while past.version < version:
                await asyncio.sleep(0.01)
        _, read = past.at(then, 1, 30, other)
        assert read is not None
        return read.cards_taught

    assert await beside(1) == 20
    other.cards_taught = 40
    assert await beside(2) == 30


async def test_a_new_branch_has_no_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Branch, "listen", lambda self: asyncio.sleep(3600))
    async with on_stage(recorded(tmp_path)) as stage:
        stage.app.session.travel.go(1000)
        await back(stage)
        await stage.press("b", "1")
        await stage.until(lambda: stage.app.session.run.followers.get("branch") is not None)
        await back(stage, "left")
        await stage.settle()
        (main,), screen = table_rows(stage), "\n".join(stage.rows())
        assert "94 %              88 %" in main
        assert words("screen: branch coming") in screen
        assert "can't be read" not in screen
        branch = stage.app.session.run.followers.get("branch")
        assert branch is not None
        (run,) = tmp_path.iterdir()
        branch.state.start = started(folder=str(run))
        branch.state.cards_taught = LIVE * 32
        await stage.settle()
        await stage.until(lambda: len(table_rows(stage)) == 2)


@pytest.mark.parametrize(("step", "n_branched"), [(500, 1), (400, 0)])
async def test_going_back_keeps_a_branchs_sign(tmp_path: Path, step: int, n_branched: int) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        stage.app.session.travel.go(410)
        await back(stage)
        await with_branch(stage, "1")
        (run,) = tmp_path.iterdir()
        differs = AnswerDiffers(step=434, card_index=1, prompt="sing")
        branch = stage.app.session.run.followers["branch"]
        assert isinstance(branch, Branch)
        branch.differs = differs
        stage.teachers[0].say(ev.RunResumed(step=step, start=started(folder=str(run))))
        await stage.until(lambda: stage.app.session.state.step == step)
        assert branch.differs == (differs if n_branched else None)
        kinds = [marker.kind for marker in stage.app.session.run.markers]
        assert kinds.count("branch") == n_branched
        assert kinds.count("first_right") == 1


async def test_without_a_branch_the_row_is_of_the_step_that_is_shown(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "5")
        (before,) = table_rows(stage)
        await back(stage, *["shift+left"] * 8)
        (main,) = table_rows(stage)
        assert main != before


async def looking_at(stage: Stage, step: int) -> None:
    view = stage.app.screen
    assert isinstance(view, RaceView)
    stage.app.session.travel.go(step)
    await back(stage)
    await stage.until(lambda: view.has_read)


def table_rows(stage: Stage) -> list[str]:
    return [row for row in stage.lines(RaceTable)[1:] if row.strip()]


def axis_row(stage: Stage) -> str:
    chart = stage.app.screen.query_one("#race-curves").region
    return stage.rows()[chart.bottom - 1]
