"""Looking back from views 4 and 6: the update and the look of `tests/app/recorded.py`."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from flashcards.app.inside.inside_view import InsideSheet, InsideView
from flashcards.app.rooms import BY_ID
from flashcards.app.update.sheet import UpdateSheet
from flashcards.app.update.update_view import CardLine, UpdateView
from flashcards.app.widgets.frame import KeysLine, LoopView, LoopWords, VerdictLine
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.folder import RunFolder
from flashcards.runs.values import PHASES
from tests import told
from tests.app import recorded
from tests.app.lesson import correction
from tests.app.recorded import text_of
from tests.app.saved_run import a_run
from tests.app.script import ScriptedMachine, Stage, on_stage
from tests.app.test_travel import back
from tests.golden import words

MADE = next(e for e in recorded.in_phase("repeat") if isinstance(e, ev.UpdateDetails))
STEP = MADE.step
LIVE = STEP + 294


def taken(step: int) -> ev.StepsTaken:
    return told.steps(step, train_seconds=14.0, loss_nats=0.2)


@asynccontextmanager
async def looking_back(root: Path) -> AsyncIterator[Stage]:
    """The recorded lesson, 294 steps after the update; its run folder has the log of it."""
    run = a_run(root)
    happened = recorded.before_walking()
    start = next(e for e in happened if isinstance(e, ev.RunStarted))
    start = msgspec.structs.replace(start, folder=str(run), run=run.name)
    later = taken(LIVE)
    logged = [e for e in happened if not isinstance(e, ev.RunStarted | ev.RunPaused)]
    (run / "events.jsonl").write_bytes(b"")
    log = RunFolder.open(run).open_log()
    for event in (start, *logged, later):
        log.append(event)
    log.close()
    async with on_stage([start, *logged, ev.RunPlayed(step=STEP), later]) as stage:
        yield stage


async def machine_of(stage: Stage) -> ScriptedMachine:
    await stage.until(lambda: len(stage.machines) == 1)
    machine = stage.machines[0]
    machine.say(ev.TrainerWoke(step=0, stage="waking"))
    return machine


async def remade(stage: Stage) -> None:
    machine = await machine_of(stage)
    measured = next(e for e in recorded.in_phase("repeat") if isinstance(e, ev.PhaseEntered))
    machine.say(
        ev.StepReached(step=STEP, target=STEP, is_arrived=True),
        MADE,
        ev.CorrectionMeasured(step=STEP, correction=measured.correction),
    )
    await stage.until(lambda: "you can ask it" in "".join(stage.rows()[:4]))


async def test_an_update_of_the_past_is_walked_alone_until_live_is_followed(tmp_path: Path) -> None:
    async with looking_back(tmp_path) as stage:
        stage.app.session.travel.go(STEP)
        await back(stage, "4")
        past = words("screen: past update", step=f"{STEP:,}", last=f"{LIVE:,}")
        assert past in " ".join(text_of(stage, UpdateSheet).split())
        loop = stage.app.screen.query_one(LoopWords)
        assert loop.showing == LoopView(None)
        await remade(stage)
        assert loop.showing == LoopView("repeat")
        view = stage.app.screen
        assert isinstance(view, UpdateView)
        assert view.phase == "repeat"
        assert "lead → led" in text_of(stage, CardLine)
        for phase in reversed(PHASES[:-1]):
            await stage.press("comma")
            assert view.phase == phase
            assert text_of(stage, VerdictLine).startswith(phase.upper())
        assert "next phase" in text_of(stage, KeysLine)
        assert "phase before" in text_of(stage, KeysLine)
        await stage.press(*itertools.repeat("full_stop", 5))
        assert view.phase == "repeat"
        assert stage.sent == []
        await stage.press("end")
        assert view.phase is None
        assert "lead" not in text_of(stage, CardLine)
        await stage.press("full_stop")
        assert stage.sent == [cmd.NextPhase()]


async def test_beyond_its_ends_the_updates_beside_it_are_walked(tmp_path: Path) -> None:
    async with looking_back(tmp_path) as stage:
        stage.app.session.travel.go(STEP)
        await back(stage, "full_stop")
        view = stage.app.screen
        assert isinstance(view, UpdateView)
        await remade(stage)
        assert view.phase == "data"
        await back(stage, "comma")
        assert (stage.app.session.travel.step, view.phase) == (STEP - 1, "repeat")
        past = words("screen: past update", step=f"{STEP - 1:,}", last=f"{LIVE:,}")
        assert past in " ".join(text_of(stage, UpdateSheet).split())
        await back(stage, "full_stop")
        assert (stage.app.session.travel.step, view.phase) == (STEP, "data")
        assert "lead → led" in text_of(stage, CardLine)
        assert stage.sent == []


async def test_scrubbing_stays_at_the_phase_and_its_depth(tmp_path: Path) -> None:
    async with looking_back(tmp_path) as stage:
        stage.app.session.travel.go(STEP - 1)
        await back(stage, "4")
        await stage.press("comma", "comma", "comma", "enter")
        view = stage.app.screen
        assert isinstance(view, UpdateView)
        await back(stage, "right")
        await remade(stage)
        assert (stage.app.session.travel.step, view.phase) == (STEP, "prediction")
        assert "it would say" in text_of(stage, UpdateSheet)


async def test_a_card_of_a_batch_is_one_of_many_and_step_0_has_no_update(tmp_path: Path) -> None:
    async with looking_back(tmp_path) as stage:
        stage.app.session.travel.go(STEP)
        await back(stage, "4")
        machine = await machine_of(stage)
        machine.say(MADE, ev.CorrectionMeasured(step=STEP, correction=correction(n_cards=32)))
        await stage.until(lambda: "you can ask it" in "".join(stage.rows()[:4]))
        assert "one of 32 cards" in text_of(stage, CardLine)
        await back(stage, "home")
        assert words("screen: step zero") in text_of(stage, UpdateSheet)


async def test_the_model_from_inside_is_that_of_the_step_that_is_shown(tmp_path: Path) -> None:
    seen = recorded.inside()
    async with looking_back(tmp_path) as stage:
        await stage.press("6")
        (live,) = stage.sent
        assert live == cmd.LookInside(request=1)
        await stage.say(msgspec.structs.replace(seen, step=LIVE, request=1))
        stage.app.session.travel.go(seen.step)
        await back(stage)
        machine = await machine_of(stage)
        await stage.until(lambda: any(isinstance(c, cmd.LookInside) for c in machine.sent))
        looks = [c for c in machine.sent if isinstance(c, cmd.LookInside)]
        assert looks == [cmd.LookInside(request=looks[0].request, like=seen.points)]
        coming = words("screen: model coming", step=f"{seen.step:,}")
        assert coming in text_of(stage, InsideSheet), "no picture of another step beside this one"
        machine.say(msgspec.structs.replace(seen, request=looks[0].request))
        await stage.until(lambda: coming not in text_of(stage, InsideSheet))
        assert stage.sent == [live]
        await back(stage, "left")
        await stage.settle()
        again = [c for c in machine.sent if isinstance(c, cmd.LookInside)][-1]
        assert again.request > looks[0].request
        assert again.like == ()
        await stage.press("end")
        assert isinstance(stage.sent[-1], cmd.LookInside)
        assert stage.sent[-1].like == seen.points


async def test_a_reply_that_is_of_another_step_is_not_shown(tmp_path: Path) -> None:
    seen = recorded.inside()
    async with looking_back(tmp_path) as stage:
        stage.app.session.travel.go(STEP - 5)
        await back(stage)
        await back(stage, "6")
        machine = await machine_of(stage)
        await stage.until(lambda: any(isinstance(c, cmd.LookInside) for c in machine.sent))
        (look,) = [c for c in machine.sent if isinstance(c, cmd.LookInside)]
        machine.say(msgspec.structs.replace(seen, step=STEP - 6, request=look.request))
        await stage.settle()
        assert isinstance(stage.app.screen, InsideView)
        assert "looking inside" in " ".join(stage.rows())


async def test_what_is_written_of_a_step_later_is_shown_too(tmp_path: Path) -> None:
    async with looking_back(tmp_path) as stage:
        start = stage.app.session.state.start
        assert start is not None
        live = stage.app.session.state.step
        later = [taken(live + 10), taken(live + 20)]
        await stage.say(*later)
        await stage.until(lambda: stage.app.session.state.step == live + 20)
        await back(stage, "left")
        assert stage.app.session.travel.step == live + 19
        assert stage.app.session.shown_state.cards_taught < later[0].cards_taught
        log = RunFolder.open(Path(start.folder)).open_log()
        for event in later:
            log.append(event)
        log.close()
        await stage.until(
            lambda: stage.app.session.shown_state.cards_taught == later[0].cards_taught
        )
        assert stage.app.session.travel.step == live + 19


async def test_what_a_run_did_before_it_went_back_is_not_shown_again(tmp_path: Path) -> None:
    async with looking_back(tmp_path) as stage:
        stage.app.session.travel.go(STEP)
        await back(stage, "4")
        await remade(stage)
        machine = stage.machines[0]
        start = stage.app.session.state.start
        assert start is not None
        resumed = ev.RunResumed(step=STEP - 100, start=start)
        log = RunFolder.open(Path(start.folder)).open_log()
        log.append(resumed)
        other = ev.CorrectionMeasured(step=STEP, correction=correction("ring", "rang", "rung"))
        log.append(other)
        log.close()
        await stage.say(resumed, taken(STEP + 10))
        await stage.until(lambda: stage.app.session.state.step == STEP + 10)
        n_sent = len(machine.sent)
        await back(stage, "left", "right")
        assert stage.app.session.shown_state.card.now == other.correction
        assert "lead" not in text_of(stage, CardLine)
        await stage.until(lambda: cmd.ShowUpdate(step=STEP) in machine.sent[n_sent:])


@pytest.mark.parametrize("key", ["4", "6", "a", "2"])
async def test_a_recording_is_looked_into_where_there_is_a_model_to_be_had(key: str) -> None:
    from flashcards.app.run.sources import Viewer

    action = {"4": "phase_next", "6": "view_inside", "a": "ask", "2": "view_cards"}[key]
    needs = BY_ID[action].needs
    viewer = Viewer.__new__(Viewer)
    assert viewer.can(needs, is_past=True, has_machine=True)
    assert not viewer.can(needs, is_past=False, has_machine=True)
    assert not viewer.can(needs, is_past=True, has_machine=False)
    assert not viewer.can(BY_ID["edit"].needs, is_past=True, has_machine=True)


async def test_at_a_step_of_the_past_it_looks_inside_once(tmp_path: Path) -> None:
    async with looking_back(tmp_path) as stage:
        stage.app.session.travel.go(STEP)
        await back(stage)
        await stage.press("6")
        machine = await machine_of(stage)
        await stage.until(lambda: any(isinstance(c, cmd.LookInside) for c in machine.sent))
        (look,) = [c for c in machine.sent if isinstance(c, cmd.LookInside)]
        machine.say(msgspec.structs.replace(recorded.inside(), request=look.request))
        sheet = stage.app.screen.query_one(InsideSheet)
        await stage.until(lambda: sheet.showing is not None and sheet.showing.seen is not None)
        assert [c for c in machine.sent if isinstance(c, cmd.LookInside)] == [look]


async def test_a_look_that_another_takes_the_place_of_is_not_asked_for_again(
    tmp_path: Path,
) -> None:
    async with looking_back(tmp_path) as stage:
        await stage.press("6")  # a look at the model as it is now, which nobody answers
        stage.app.session.travel.go(STEP)
        await back(stage)
        machine = await machine_of(stage)
        await stage.until(lambda: any(isinstance(c, cmd.LookInside) for c in machine.sent))
        n_asked = sum(isinstance(c, cmd.LookInside) for c in machine.sent)
        for _ in range(4):
            stage.app.paint()
            await stage.settle()
        assert sum(isinstance(c, cmd.LookInside) for c in machine.sent) == n_asked


@pytest.mark.slow
async def test_the_inside_of_the_past_is_that_of_the_step_that_was_gone_to(tmp_path: Path) -> None:
    seen = recorded.inside()
    async with looking_back(tmp_path) as stage:
        stage.app.session.travel.go(STEP)
        await back(stage, "4")
        await remade(stage)
        await stage.press("comma", "comma", "comma", "comma")
        await stage.press("6")
        machine = stage.machines[0]
        await stage.until(lambda: any(isinstance(c, cmd.LookInside) for c in machine.sent))
        (look,) = [c for c in machine.sent if isinstance(c, cmd.LookInside)]
        machine.say(msgspec.structs.replace(seen, request=look.request))
        sheet = stage.app.screen.query_one(InsideSheet)
        await stage.until(lambda: sheet.showing is not None and sheet.showing.seen is not None)
        assert sheet.showing is not None
        assert sheet.showing.seen is not None
        assert (sheet.showing.seen.step, stage.app.session.travel.step) == (STEP, STEP)
