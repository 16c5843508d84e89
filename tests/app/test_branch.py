"""Branching: what is asked, that it follows, how it ends."""

import asyncio
import re
from pathlib import Path

import msgspec
import pytest

from flashcards.app.race.race_branch import Branch
from flashcards.app.race.race_view import RaceTable, RaceView
from flashcards.app.widgets.charts import ShareChart
from flashcards.app.widgets.frame import VerdictLine
from flashcards.runs import events as ev
from flashcards.runs.commands import Pin
from flashcards.runs.values import Score
from flashcards.runs.verdict import percent
from flashcards.wording import races
from tests import told
from tests.app.branches import branched, with_branch
from tests.app.pictures import check_picture
from tests.app.script import ScriptedTeacher, Stage, on_stage
from tests.app.test_travel import LIVE, back, recorded
from tests.golden import check_words, words

CHANGES: dict[str, dict[str, object]] = {  # what is different, by the key that chooses it
    "1": {"learning_rate_factor": 0.5},
    "2": {"learning_rate_factor": 2.0},
    "3": {"without_prompt": "sing"},
    "4": {"branch_seed": 8},
    "5": {"order": "hardest"},
}


@pytest.mark.slow
async def test_a_branch_is_the_run_with_one_thing_different(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        (run,) = tmp_path.iterdir()
        for number, changes in CHANGES.items():
            teacher = await with_branch(stage, number)
            assert teacher.request == branched(str(run), LIVE, **changes)
            assert stage.teachers[0].sent == []
            assert isinstance(stage.app.screen, RaceView)
            await stage.press("b", "2")  # no: it stays
            assert stage.app.session.run.followers.get("branch") is not None
            await stage.press("b", "1")
            await ended(stage, teacher)
            await stage.press("1")


def shown(stage: Stage) -> str:
    return " ".join(" ".join(stage.rows()).split())


async def ended(stage: Stage, teacher: ScriptedTeacher) -> None:
    await stage.until(lambda: teacher.stopped == [True])
    assert stage.app.session.run.followers.get("branch") is None


async def test_a_branch_of_the_past_leaves_at_the_step_that_is_shown(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await back(stage, "shift+left")
        teacher = await with_branch(stage, "3")
        (run,) = tmp_path.iterdir()
        assert teacher.request == branched(str(run), LIVE - 10, without_prompt="ring")
        assert stage.app.session.travel.step is None


async def test_enter_goes_on_with_the_branch_as_the_lesson(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await with_branch(stage, "1")
        (run,) = tmp_path.iterdir()
        await stage.press("enter")
        await stage.until(lambda: len(stage.teachers) == 3)
        assert stage.teachers[-1].request.resume == str(run)
        assert stage.teachers[1].stopped == [True]
        await stage.until(lambda: stage.teachers[0].stopped == [True])


async def test_a_copy_that_was_not_asked_since_has_no_scores_and_no_line(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        branch = await with_branch(stage, "1")
        run = stage.app.session.run
        fork, n_cards = run.state.step, run.state.cards_taught
        went_on = told.steps(fork + 9, cards_taught=n_cards + 9)
        branch.say(told.exam(fork - 1, (9, 9), (1, 9)), went_on)
        stage.teachers[0].say(went_on)
        await stage.settle()
        row = next(row for row in stage.rows() if "╍ the copy" in row)
        assert row.count("not asked yet") == 2
        chart = stage.app.screen.query_one("#race-curves", ShareChart).showing
        assert chart is not None
        assert chart.lines[1].points == ()
        assert words("screen: copy not asked") in shown(stage)
        branch.say(told.exam(fork + 9, (9, 9), (1, 9)))
        await stage.settle()
        row = next(row for row in stage.rows() if "╍ the copy" in row)
        assert "9 of 9" in row
        assert words("screen: copy not asked") not in shown(stage)


async def test_while_a_branch_catches_up_its_scores_say_of_how_many_cards_they_are(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        branch = await with_branch(stage, "1")
        n_cards = stage.app.session.state.cards_taught
        assert not any("the copy ×1/2," in row for row in stage.rows())
        stage.teachers[0].say(told.steps(5000, cards_taught=4 * n_cards))
        await stage.settle()
        remark = f"the copy ×1/2, {races.catches_up(25, 100)}"
        assert any(remark in row for row in stage.rows())
        assert words("screen: not comparable") in shown(stage)
        branch.say(told.steps(5000, cards_taught=4 * n_cards))
        await stage.settle()
        assert not any("the copy ×1/2," in row for row in stage.rows())
        assert words("screen: not comparable") not in shown(stage)


async def test_a_branch_of_a_lesson_that_is_over_says_how_both_are_taught_more(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await with_branch(stage, "1")
        assert words("screen: race has begun") in shown(stage)
        step = stage.app.session.state.step
        stage.teachers[0].say(told.ended("memorised", (9, 9), (0, 9), step=step))
        await stage.until(lambda: stage.app.session.state.liveness == "finished")
        await stage.settle()
        assert words("screen: race waits") in shown(stage)


async def test_two_that_were_asked_at_one_step_are_compared_though_the_copy_is_behind(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        branch = await with_branch(stage, "1")
        so_far = "So far the copy ×1/2."
        run = stage.app.session.run
        fork, n_cards = run.state.step, run.state.cards_taught
        exam = told.exam(fork + 9, (900, 900), (100, 900))
        stage.teachers[0].say(exam, told.steps(fork + 5000, cards_taught=4 * n_cards))
        stage.teachers[0].say(told.exam(fork + 5000, (900, 900), (300, 900)))
        branch.say(told.steps(fork + 9, cards_taught=n_cards + 9))
        branch.say(told.exam(fork + 9, (900, 900), (400, 900)))
        await stage.settle()
        assert words("screen: copy ahead and behind", n="4,991") in shown(stage)
        assert words("screen: which learns more", leader=so_far) in shown(stage)
        assert words("screen: not comparable") not in shown(stage)
        assert words("screen: copy so far", step=f"{fork + 9:,}") in shown(stage)
        assert sum(f"at step {fork + 9:,}" in row for row in stage.rows()) == 2
        branch.say(ev.TrainerFailed(step=fork + 9, text="out of memory"))
        await stage.until(lambda: words("screen: steps behind", n="4,991") not in shown(stage))
        assert words("screen: which learns more", leader="The copy ×1/2.") in shown(stage)


async def test_a_lesson_that_is_over_and_its_copy_are_compared_all_the_while(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        branch = await with_branch(stage, "1")
        so_far = "So far the copy ×1/2."
        run = stage.app.session.run
        fork, n_cards = run.state.step, run.state.cards_taught
        exam = told.exam(fork + 9, (900, 900), (100, 900))
        end = told.ended("memorised", (9, 9), (0, 9), step=fork + 5000)
        last = told.steps(fork + 5000, cards_taught=4 * n_cards)
        stage.teachers[0].say(exam, last, end)
        branch.say(told.exam(fork + 9, (900, 900), (400, 900)))
        for share in (0.85, 0.95):
            at_step = fork + round(5000 * share)
            branch.say(told.steps(at_step, cards_taught=round(4 * n_cards * share)))
            await stage.settle()
            assert words("screen: which learns more", leader=so_far) in shown(stage)
            assert words("screen: steps behind", n=f"{fork + 5000 - at_step:,}") in shown(stage)


async def test_a_lesson_that_is_over_is_not_called_finished_while_its_branch_catches_up(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        branch = await with_branch(stage, "1")
        n_cards = 4 * stage.app.session.state.cards_taught
        stage.teachers[0].say(
            told.steps(5000, cards_taught=n_cards),
            told.ended("memorised", (9, 9), (0, 9), step=5000),
        )
        await stage.until(lambda: stage.app.session.state.liveness == "finished")
        await stage.settle()
        assert "COPY CATCHES UP" in stage.rows()[0]
        assert "FINISHED" not in stage.rows()[0]
        assert words("screen: branch late") in shown(stage)
        branch.say(told.steps(5000, cards_taught=n_cards))
        await stage.settle()
        assert "FINISHED" in stage.rows()[0]


async def test_a_race_that_has_not_begun_says_so_in_its_heading_and_in_the_branchs_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Branch, "listen", lambda self: asyncio.sleep(3600))
    async with on_stage(recorded(tmp_path)) as stage:
        await stage.press("b", "1")
        await stage.until(lambda: isinstance(stage.app.screen, RaceView))
        await stage.settle()
        assert "From step" in shown(stage)
        remark = f"the copy ×1/2, {words('screen: branch unstarted')}"
        assert any(remark in row for row in stage.rows())
        assert words("screen: branch coming") in shown(stage)
        assert not stage.text(VerdictLine).strip(), "the sentence is of one run alone"


async def test_a_branch_that_fails_says_so_and_the_lesson_goes_on(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        teacher = await with_branch(stage, "1")
        teacher.say(ev.TrainerFailed(step=3, text="no room left"))
        teacher.leave()
        await stage.until(lambda: "no room left" in "".join(stage.rows()))
        assert stage.app.session.state.liveness == "learning"


async def test_a_long_choice_is_indented_and_escape_branches_nothing(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await stage.press("b")
        (row,) = (row for row in stage.rows() if "kept?" in row)
        assert "│      kept?" in row
        await check_picture(stage.app, "branch-80x24")
        await stage.press("escape")
        assert stage.app.session.run.followers.get("branch") is None
        assert len(stage.teachers) == 1


async def asked_beside_branch(stage: Stage) -> tuple[ScriptedTeacher, ev.ExamTaken]:
    """The teacher of a branch, and the last exam of the lesson beside it."""
    branch = await with_branch(stage, "1")
    exam = stage.app.session.state.exams.last
    assert exam is not None
    return branch, exam


async def test_where_one_of_the_two_was_asked_all_cards_the_other_says_that_it_was_a_sample(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        branch, exam = await asked_beside_branch(stage)
        branch.say(msgspec.structs.replace(exam, is_full=exam.is_full))
        await stage.settle()
        sample = words("screen: a sample")
        assert not any(sample in row for row in stage.rows())
        branch.say(msgspec.structs.replace(exam, is_full=not exam.is_full))
        await stage.settle()
        (row,) = (row for row in stage.rows() if sample in row)
        assert ("copy" in row) == exam.is_full
        assert not any("at step" in text for text in stage.text(RaceTable).splitlines())


async def test_where_one_of_the_two_was_asked_since_both_are_shown_at_one_step(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        branch, exam = await asked_beside_branch(stage)
        branch.say(exam, msgspec.structs.replace(exam, step=exam.step + 1, seen=Score(0, 9)))
        await stage.settle()
        table = stage.text(RaceTable)
        share = percent(exam.seen.rate or 0.0)
        for name in ("this lesson ×1", "the copy ×1/2"):
            asked = words("screen: asked at", step=f"{exam.step:,}")
            assert re.search(rf"{re.escape(f'{name}, {asked}')}\s+{share}", table)


async def test_where_none_is_kept_back_both_are_shown_at_one_step_too(tmp_path: Path) -> None:
    happened: list[ev.AnyEvent] = [
        msgspec.structs.replace(event, n_taught=3680, n_held_out=0)
        if isinstance(event, ev.RunStarted)
        else event
        for event in recorded(tmp_path)
    ]
    async with on_stage(happened) as stage:
        branch, exam = await asked_beside_branch(stage)
        later = msgspec.structs.replace(exam, step=exam.step + 1, seen=Score(0, 9))
        branch.say(exam, later)
        await stage.settle()
        share = percent(exam.seen.rate or 0.0)
        assert [row.count(share) for row in stage.lines(RaceTable)[1:]] == [1, 1]


async def test_the_key_for_a_copy_is_in_the_last_line_as_long_as_there_is_none(
    tmp_path: Path,
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await stage.press("5")
        await stage.until(lambda: "b branch" in " ".join(stage.rows()[-1].split()))
        await with_branch(stage, "1")
        await stage.until(lambda: "b branch" not in " ".join(stage.rows()[-1].split()))


@pytest.mark.parametrize(("added", "key"), [("", "knows"), ("x", "says")])
async def test_whether_a_copy_still_knows_the_card_it_is_not_taught_is_said(
    added: str, key: str, tmp_path: Path
) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        copy = await with_branch(stage, "3")
        branch = stage.app.session.run.followers.get("branch")
        assert isinstance(branch, Branch)
        branch.follow()
        prompt = branch.change.without_prompt or ""
        assert copy.sent.count(Pin(prompt=prompt)) == 1
        assert branch.dropped_outcome(branch.state) == ""
        answer = branch.dropped_answer + added
        said = ev.PinAnswered(step=LIVE, prompt=prompt, answer=answer, probability=0.5)
        copy.say(ev.PromptPinned(step=LIVE, prompt=prompt), said)
        await stage.until(lambda: branch.dropped_outcome(branch.state) != "")
        outcome = branch.dropped_outcome(branch.state)
        check_words(f"copy without a card: {key}", outcome, prompt=prompt)
        await stage.until(lambda: outcome in shown(stage))
