"""Looking back: every panel as it was, live training behind it, the time machine, the slider."""

import shutil
from pathlib import Path

import pytest

from flashcards.app.memory.memory_view import MemoryView
from flashcards.app.past import past_actions
from flashcards.app.past.past_actions import then_and_now
from flashcards.app.widgets.frame import VerdictLine
from flashcards.app.widgets.time_line import TimeLine, TimeLineView, place_of, step_of
from flashcards.base.language import capital
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.folder import RunFolder
from flashcards.runs.markers import Bookmark
from flashcards.runs.marks import pack
from flashcards.trainer.request import TravelRequest
from flashcards.wording.markers import as_of
from tests import told
from tests.app.asked import answered
from tests.app.card_rows import card, reply
from tests.app.lesson import correction, lesson, marks_of, started
from tests.app.saved_run import a_run
from tests.app.script import Stage, on_stage
from tests.golden import check_words, words

LIVE = 1284


def recorded(root: Path) -> list[ev.AnyEvent]:
    run = a_run(root)
    start = started(folder=str(run))
    happened = [start if isinstance(event, ev.RunStarted) else event for event in lesson()]
    happened[-1:-1] = [
        ev.CorrectionMeasured(step=396, correction=correction("ring", "rang", "ringed")),
        ev.DeckMarked(step=400, marks=pack(marks_of(3680))),
    ]
    happened.append(ev.LearningRateChanged(step=900, factor=2.0))
    (run / "events.jsonl").write_bytes(b"")
    log = RunFolder.open(run).open_log()
    for event in sorted(happened[1:], key=lambda event: event.step):
        log.append(event)
    log.close()
    return sorted(happened[:-1], key=lambda event: event.step)


async def back(stage: Stage, *keys: str) -> None:
    await stage.press(*keys)
    travel = stage.app.session.travel

    def is_read() -> bool:
        return travel.step is None or (travel.loaded == travel.step and not travel.is_seeking)

    await stage.until(is_read)


async def test_a_step_back_shows_the_run_as_it_was_while_live_goes_on(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "shift+left", "left")
        assert stage.app.session.travel.step == LIVE - 11
        assert stage.app.session.shown_state.step <= LIVE - 11
        assert stage.app.session.shown_state.card.now is not None
        assert stage.app.session.shown_state.card.now.prompt == "ring"
        stage.teachers[0].say(ev.RunPaused(step=1300))
        await stage.settle()
        assert stage.app.session.travel.step == LIVE - 11
        header = stage.rows()[0]
        assert words("screen: back at", step="1,273") in header
        assert "EARLIER" in header
        assert stage.sent == []
        await stage.press(":bookmark", *"here", "enter")
        assert stage.sent == [cmd.SetBookmark(step=LIVE - 11, text="here")]
        await stage.say(ev.BookmarkSet(step=1300, text="here", at_step=LIVE - 11))
        here = stage.app.session.travel.marker_here()
        assert here == Bookmark(step=LIVE - 11, text="here")


@pytest.mark.parametrize("comparison", ["", "Right then and now."])
async def test_before_the_first_card_it_knew_nothing_unless_scores_say_what(
    comparison: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_actions, "then_and_now", lambda *_: comparison)
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "home")
        said_now = stage.text(VerdictLine)
        assert (words("screen: knew nothing") in said_now) is not bool(comparison)
        assert comparison in said_now


async def test_home_end_forward_and_a_click_on_the_slider(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "left")
        await stage.pilot.click(TimeLine, offset=(40, 0))
        await stage.until(lambda: stage.app.session.travel.step != LIVE - 1)
        await back(stage)
        assert stage.app.session.travel.step is not None
        assert 0 < stage.app.session.travel.step < LIVE - 1  # its note decides how long it is
        await back(stage, "home")
        assert stage.app.session.travel.step == 0
        await back(stage, "right", "shift+right")
        assert stage.app.session.travel.step == 11
        await back(stage, "end")
        assert stage.app.session.travel.step is None
        assert "LIVE" in stage.rows()[0]
        assert not stage.app.screen.query(TimeLine)
        assert stage.sent == []
        # forward beyond the newest step follows live, and there teaches a card
        await back(stage, "left")
        await back(stage, "right")
        assert stage.app.session.travel.step is None
        assert stage.sent == []
        await stage.press("right")
        assert stage.sent == [cmd.Step()]


async def test_other_views_and_the_stage_show_the_past_too(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "3", "home", "shift+right", "shift+right")
        assert isinstance(stage.app.screen, MemoryView)
        assert stage.app.screen.past is not None
        assert "step 20" in stage.rows()[0]
        await back(stage, "end", "1")
        await back(stage, "f", "shift+left", "left")
        top = stage.rows()[0]
        assert as_of(1273) in top
        assert "EARLIER" in top
        await back(stage, "end")
        assert "as it was" not in stage.rows()[0]
        assert "LIVE" in stage.rows()[0]


async def test_a_log_that_cannot_be_read_is_said_and_live_is_followed(tmp_path: Path) -> None:
    happened = recorded(tmp_path)
    async with on_stage(happened) as stage:
        shutil.rmtree(next(tmp_path.iterdir()))
        await back(stage, "left")
        await stage.until(lambda: stage.app.session.travel.step is None)
        assert stage.app.status_line.text.startswith(words("screen: no run log"))


async def test_before_anything_was_taught_there_is_nothing_to_go_back_to() -> None:
    async with on_stage([started()]) as stage:
        await stage.press("left", "home")
        assert stage.app.session.travel.step is None


async def test_who_stays_in_the_past_sees_that_very_update_made_again(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "shift+left")
        assert stage.app.session.shown_state.card.step == 1244
        await stage.until(lambda: len(stage.machines) == 1)
        machine, step = stage.machines[0], LIVE - 10
        assert machine.travel == TravelRequest(run=str(next(tmp_path.iterdir())))
        machine.say(ev.TrainerWoke(step=0, stage="reading"))
        machine.say(ev.StepReached(step=812, target=step))
        await stage.until(lambda: bool(machine.sent))
        await stage.settle()
        assert words("screen: computing", step=812, target="1,274") in stage.rows()[1]
        assert machine.sent == [cmd.GoTo(step=step), cmd.ShowUpdate(step=step)]
        again = ev.CorrectionMeasured(step=step, correction=correction("drink", "drank", "drinked"))
        machine.say(ev.StepReached(step=step, target=step, is_arrived=True), again)
        await stage.until(lambda: "you can ask it" in stage.rows()[1])
        assert stage.app.session.shown_state.card.now == again.correction
        assert stage.app.session.state.card.now != again.correction
        assert stage.sent == []


async def test_a_time_machine_that_dies_is_said_and_the_record_stays(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "left")
        await stage.until(lambda: len(stage.machines) == 1)
        stage.machines[0].leave()
        await stage.until(lambda: bool(stage.app.session.travel.problem))
        assert capital(words("screen: machine died")) in stage.app.status_line.text
        assert stage.app.session.shown_state.step <= LIVE - 1
        assert stage.app.session.travel.is_past
        await back(stage, "left")
        await stage.until(lambda: len(stage.machines) == 2)


def test_a_place_on_the_slider_is_the_step_it_shows() -> None:
    for last_step in (1, 7, 1284, 1_000_000):
        for place in range(60):
            step = step_of(place, last_step, 60)
            assert 0 <= step <= last_step
            assert abs(place_of(step, last_step, 60) - place) <= (1 if last_step > 3600 else 60)
    assert place_of(0, 0, 10) == 0


def test_a_slider_without_room_shows_the_step_at_least() -> None:
    line = TimeLine()
    for width in (8, 20, 40, 120):
        (row,) = line.draw(TimeLineView(12, 1284, note="as it was then"), width, 1)
        assert "12" in row[0][0]


async def test_the_past_is_asked_what_it_knew(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "shift+left")
        await stage.press("a", *"sing", "enter")
        await stage.until(lambda: len(stage.machines) == 1)
        machine, step = stage.machines[0], LIVE - 10
        machine.say(ev.StepReached(step=40, target=step))
        await stage.until(lambda: len(machine.sent) == 3)
        assert machine.sent[-1] == cmd.Ask(request=1, prompt="sing")
        computing = words("screen: computing", step=40, target="1,274")
        await stage.until(lambda: computing in " ".join(stage.rows()))
        machine.say(
            ev.StepReached(step=step, target=step, is_arrived=True),
            answered(1, "sing", "singed", step=step, stamp="seen", correct_answers=("sang",)),
        )
        await stage.until(lambda: "wrong" in " ".join(stage.rows()))
        assert f"{as_of(1274)}  F4 earlier answers" in " ".join(stage.rows())
        assert stage.sent == []


async def test_a_card_is_not_taught_to_the_past(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "left")
        await stage.press("a", *"sing", "f3", "enter")
        await stage.until(lambda: bool(stage.machines))
        assert not any(isinstance(command, cmd.TeachCard) for command in stage.sent)


async def test_the_list_of_cards_is_of_the_step_that_is_shown(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "shift+left")
        await stage.press("2")
        await stage.until(lambda: len(stage.machines) == 1)
        machine, step = stage.machines[0], LIVE - 10
        machine.say(ev.StepReached(step=step, target=step, is_arrived=True))
        await stage.until(lambda: any(isinstance(c, cmd.ListCards) for c in machine.sent))
        await stage.settle()
        asked = [c for c in machine.sent if isinstance(c, cmd.ListCards)][-1]
        machine.say(reply(asked, 1, lambda i: card(i, prompt="go", answer="went"), step))
        await stage.until(lambda: "went" in " ".join(stage.rows()))
        assert not any(isinstance(command, cmd.ListCards) for command in stage.sent)


def test_a_score_that_is_the_same_then_and_now_is_told_once() -> None:
    now = told.exam(115, (30, 30), (0, 10))
    check_words("screen: as then", then_and_now(told.exam(56, (30, 30), (0, 10)), now, 56))
    check_words("screen: unlike then", then_and_now(told.exam(56, (3, 30), (5, 10)), now, 56))


def test_an_exam_before_the_step_that_is_shown_says_when_it_was() -> None:
    now = told.exam(115, (30, 30), (0, 10))
    check_words("screen: as before", then_and_now(told.exam(56, (30, 30), (0, 10)), now, 60))
    check_words("screen: unlike before", then_and_now(told.exam(56, (3, 30), (5, 10)), now, 60))


def test_before_any_card_was_asked_no_score_is_compared() -> None:
    assert then_and_now(told.exam(0, (0, 0), (0, 0)), told.exam(115, (30, 30), (0, 0)), 0) == ""
