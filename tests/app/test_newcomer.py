"""A model that learned something before races with one that did not: on how many cards."""

from pathlib import Path

import pytest

from flashcards.app.race.race_branch import BRANCH_DUTY
from flashcards.app.race.replay import RaceReplay
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.folder import RunFolder
from flashcards.trainer.request import LessonRequest
from flashcards.wording.before import learned_before
from flashcards.wording.comparison import compare
from tests.app import recordings
from tests.app.raced import last, looking
from tests.app.script import Stage, on_stage
from tests.golden import words


def pair(root: Path) -> tuple[list[ev.AnyEvent], list[ev.AnyEvent]]:
    """Recorded answers of a model that has read, and of a new one; the runs are in this folder."""
    recordings.put("valley", root)
    logs = [RunFolder.open(run).events() for run in sorted(root.glob("*-questions-*"))]
    read = next(log for log in logs if any(isinstance(e, ev.ChapterBegan) for e in log))
    new = next(log for log in logs if log is not read)
    return [event for event in read if not isinstance(event, ev.RunPaused)], list(new)


async def race(stage: Stage) -> None:
    await stage.press("b", "1")
    await stage.until(lambda: len(stage.teachers) > 1)
    follower = stage.app.session.run.followers["branch"]
    await stage.until(lambda: follower.state.cards_taught == 5_056)


async def test_a_new_model_is_taught_the_same_deck_from_its_first_card(tmp_path: Path) -> None:
    read, new = pair(tmp_path)
    (deck,) = tmp_path.glob("*/deck/0001-valley-questions.deck")
    deck.write_text("Who? :: Bela\n", "utf-8")
    async with on_stage(read, beside=new[:1]) as stage:
        await stage.press("b", "1")
        await stage.until(lambda: len(stage.teachers) > 1)
        teacher = stage.teachers[-1]
        assert teacher.request == LessonRequest(
            deck=str(deck),
            seed=1,
            speed="full",
            runs="no-such-folder",
            duty=BRANCH_DUTY,
            is_following=True,
        )
        await stage.until(lambda: bool(teacher.sent))
        assert teacher.sent == [cmd.FollowTo(limit_step=5_056 // 32)]


async def test_nothing_is_beside_a_first_chapter(tmp_path: Path) -> None:
    _, new = pair(tmp_path)
    async with on_stage(new) as stage:
        await stage.press("b")
        assert "not read" not in "\n".join(stage.rows())


@pytest.mark.slow
async def test_before_both_know_it_says_how_far_they_are(tmp_path: Path) -> None:
    read, new = pair(tmp_path)
    n_early = next(i for i, e in enumerate(read) if isinstance(e, ev.ChapterBegan)) + 4
    async with on_stage(read[:n_early], beside=new[:3]) as stage:
        await stage.press("b", "1")
        await stage.until(lambda: len(stage.teachers) > 1)
        follower = stage.app.session.run.followers["branch"]
        await stage.until(lambda: follower.state.exams.last is not None)
        question = learned_before("The valley", is_text=True).question()
        assert question in "\n".join(stage.rows())
        stage.teachers[0].say(*read[n_early:])
        await stage.until(lambda: stage.teachers[0].is_silent)
        assert words("screen: new behind", n=0, of="5,056") in "\n".join(stage.rows())


@pytest.mark.slow
async def test_before_the_cards_began_there_is_no_race(tmp_path: Path) -> None:
    read, new = pair(tmp_path)
    async with on_stage(read, beside=new) as stage:
        await race(stage)
        stage.app.session.travel.go(200)
        begins = words("screen: race begins", step=392)
        await stage.until(lambda: begins in "\n".join(stage.rows()))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_two_saved_runs_say_it_as_well(tmp_path: Path, order: tuple[int, int]) -> None:
    pair(tmp_path)
    runs = sorted(tmp_path.glob("*-questions-*"))
    one, other = (runs[i] for i in order)
    comparison = compare(one, other)
    assert comparison.cards_apart == (392 * 16, -392 * 16)[order[0]]
    assert comparison.at_equal_cards is not None
    viewer = RaceReplay(RunFolder.open(one), other)
    async with looking(viewer) as shown:
        said = words("screen: perhaps luck", n=30, right="8 of 30", right_new="3 of 30")
        await shown.until(lambda: viewer.is_at_end and said in " ".join(shown.screen.split()))
        (read,) = (run for run in runs if RunFolder.open(run).info.parent)
        assert learned_before("The valley", is_text=True).title(last(read)) in shown.screen
