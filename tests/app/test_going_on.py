"""Going on with a run: its curves, marks and pins are there again."""

from pathlib import Path

import msgspec

from flashcards.runs import events as ev
from tests.app.lesson import lesson, started
from tests.app.script import on_stage
from tests.written_run import written_run


def saved_run(root: Path) -> tuple[ev.RunStarted, int]:
    """A run in a folder, logged up to step 1,284 and resumed at 700; how many exams count."""
    folder = written_run(root, "past-tense")
    start = started(folder=str(folder.path))
    log = folder.open_log()
    pins: list[ev.AnyEvent] = [
        ev.PromptPinned(step=3, prompt="go"),
        ev.PinAnswered(step=3, prompt="go", answer="goed", probability=0.5),
    ]
    logged = [start if isinstance(e, ev.RunStarted) else e for e in lesson()[1:]]
    for event in [logged[0], *pins, *logged[1:], ev.RunResumed(step=700, start=start)]:
        log.append(event)
    log.close()
    folder.release()
    return start, sum(isinstance(e, ev.ExamTaken) and e.step <= 700 for e in logged)


async def test_a_run_that_goes_on_shows_all_of_its_curves(tmp_path: Path) -> None:
    start, n_exams = saved_run(tmp_path)
    async with on_stage([ev.RunResumed(step=700, start=start)], runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.session.state.start is not None)
        state = stage.app.session.state
        assert len(state.exams.seen_losses) == n_exams > 10
        assert state.step == 700
        assert state.liveness == "learning"
        said_again = ev.PinAnswered(step=3, prompt="go", answer="goed", probability=0.5)
        await stage.say(ev.PromptPinned(step=700, prompt="go"), said_again)
        assert [a.step for a in state.pins["go"].answers.items] == [3]


async def test_a_run_whose_log_can_not_be_read_goes_on_all_the_same(tmp_path: Path) -> None:
    start = msgspec.structs.replace(started(), folder=str(tmp_path / "gone"))
    async with on_stage([ev.RunResumed(step=700, start=start)], runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.session.state.start is not None)
        assert len(stage.app.session.state.exams.seen_losses) == 0
        assert stage.app.session.state.liveness == "learning"


async def test_a_damaged_state_is_said_once_and_not_when_the_run_goes_on_again(
    tmp_path: Path,
) -> None:
    start, _ = saved_run(tmp_path)
    file = "resume-00000760-0123456789abcdef.safetensors"
    damage = ev.DamageFound(step=700, file=file)
    async with on_stage([ev.RunResumed(step=700, start=start)], runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.session.state.start is not None)
        await stage.say(damage)
        await stage.say(ev.RunPaused(step=700))
        said = "The saved state of step 760 is damaged: that of step 700 was taken instead."
        assert stage.said == [said]
        await stage.say(ev.RunResumed(step=700, start=start))
        await stage.until(lambda: stage.app.session.state.liveness == "learning")
