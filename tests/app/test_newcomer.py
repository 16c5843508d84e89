"""A model that learned something before races with one that did not: on how many cards."""

import math
from pathlib import Path

import msgspec
import pytest

from flashcards.app.race.branching import BRANCH_DUTY
from flashcards.app.race.replay import RaceReplay
from flashcards.runs import commands as cmd
from flashcards.runs import events as ev
from flashcards.runs.folder import RunFolder
from flashcards.trainer.request import LessonRequest
from flashcards.wording.comparison import compare
from tests import told
from tests.app.lesson import started
from tests.app.raced import looking
from tests.app.saved_run import a_run
from tests.app.script import Stage, on_stage
from tests.app.test_reading import reading

READ, WINDOWS = 390, 6_240
TITLE = "The same cards for both; only one read The valley before."


def cards(first: int, before: int, every: int, knows_at: int, unseen: int) -> list[ev.AnyEvent]:
    """66 questions, from this step on, and exams: 80 % right after so many cards, as was measured
    of seed 1 (docs/figures.md, "Taught after reading"), and some of 30 never taught in the end."""
    happened: list[ev.AnyEvent] = []
    for n_cards in range(0, 1_441, every):
        right = round(66 / (1 + math.exp((knows_at - 115 - n_cards) / 80)))
        step = first + n_cards // 32
        happened += [
            told.steps(
                step,
                cards_taught=before + n_cards,
                train_seconds=60.0 + n_cards / 96,
                loss_nats=1.0,
            ),
            told.exam(
                step,
                (right, 66),
                (unseen * n_cards // 1_440, 30),
                cards_taught=before + n_cards,
                seen_loss_nats=2.0 / (1 + n_cards / 96),
            ),
        ]
    return happened


def questions(folder: str) -> ev.RunStarted:
    return started(
        66,
        30,
        deck="valley-questions",
        name="Questions about the valley",
        folder=folder,
        chosen={"size": "medium"},
    )


def pair(root: Path) -> tuple[list[ev.AnyEvent], list[ev.AnyEvent]]:
    """What happened to a model that has read, and to a new one, with their runs' folders."""
    logs: list[list[ev.AnyEvent]] = []
    for name in ("7f3a", "c899"):
        (root / name).mkdir()
        run = a_run(root / name, "valley-questions").rename(root / f"2026-11-24-questions-{name}")
        start = questions(str(run))
        if name == "7f3a":
            (run / "deck" / "0001-valley-questions.deck").write_text("Who? :: Bela\n")
            text = msgspec.structs.replace(reading()[0], folder=str(run))
            began = ev.ChapterBegan(
                step=READ,
                start=start,
                file="0001-valley-questions.deck",
                earlier=("The valley",),
                after_cards=WINDOWS,
            )
            log = [text, *reading()[1:], began, *cards(READ, WINDOWS, 96, 672, 8)]
        else:
            log = [start, *cards(0, 0, 48, 432, 2)]
        log.sort(key=lambda event: event.step)
        (run / "events.jsonl").write_bytes(b"".join(map(ev.encode, log)))
        logs.append(log)
    return logs[0], logs[1]


async def race(stage: Stage) -> None:
    """Choose the new model, and wait until it has come as far."""
    await stage.press("b", "1")
    await stage.until(lambda: len(stage.teachers) > 1)
    follower = stage.app.session.run.followers["branch"]
    await stage.until(lambda: follower.state.cards_taught == 1_440)


async def test_a_new_model_is_taught_the_same_deck_from_its_first_card(tmp_path: Path) -> None:
    read, new = pair(tmp_path)
    async with on_stage(read, beside=new[:1]) as stage:
        await stage.press("b", "1")
        await stage.until(lambda: len(stage.teachers) > 1)
        run = tmp_path / "2026-11-24-questions-7f3a"
        teacher = stage.teachers[-1]
        assert teacher.request == LessonRequest(
            deck=str(run / "deck" / "0001-valley-questions.deck"),
            seed=7,
            speed="full",
            runs="no-such-folder",
            duty=BRANCH_DUTY,
            is_following=True,
            settings={"size": "medium"},
        )
        await stage.until(lambda: bool(teacher.sent))
        assert teacher.sent == [cmd.FollowTo(limit_step=1_440 // 32)]


async def test_nothing_is_beside_a_first_chapter(tmp_path: Path) -> None:
    _, new = pair(tmp_path)
    async with on_stage(new) as stage:
        await stage.press("b")
        assert "not read" not in "\n".join(stage.rows())


async def test_the_race_says_what_reading_brought_in_cards(tmp_path: Path) -> None:
    read, new = pair(tmp_path)
    async with on_stage(read, beside=new) as stage:
        await race(stage)
        screen = "\n".join(stage.rows())
        said = "It does not help. Cards (updates): 672 (21) with reading, 432 (13) without."
        assert said in screen
        assert TITLE in screen
        assert "Never taught: 8 of 30 right with reading, 2 of 30 without." in screen


async def test_before_both_know_it_says_how_far_they_are(tmp_path: Path) -> None:
    read, new = pair(tmp_path)
    n_early = len(reading()) + 9
    async with on_stage(read[:n_early], beside=new[:3]) as stage:
        await stage.press("b", "1")
        await stage.until(lambda: len(stage.teachers) > 1)
        follower = stage.app.session.run.followers["branch"]
        await stage.until(lambda: follower.state.exams.last is not None)
        assert "Does it help to have read The valley before?" in "\n".join(stage.rows())
        stage.teachers[0].say(*read[n_early:])
        await stage.until(lambda: stage.app.session.state.exams.known_seen is not None)
        said = "Cards (updates): 672 (21) with reading, not yet (1 %) without."
        screen = "\n".join(stage.rows())
        assert said in screen
        assert "The new one was taught 0 of these 1,440 cards so far." in screen


async def test_before_the_cards_began_there_is_no_race(tmp_path: Path) -> None:
    read, new = pair(tmp_path)
    async with on_stage(read, beside=new) as stage:
        await race(stage)
        stage.app.session.travel.go(200)
        await stage.until(lambda: "the race begins at step 390" in "\n".join(stage.rows()))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_two_saved_runs_say_it_as_well(tmp_path: Path, order: tuple[int, int]) -> None:
    pair(tmp_path)
    runs = sorted(tmp_path.glob("2026*"))
    one, other = (runs[i] for i in order)
    found = compare(one, other)
    assert found.cards_apart == (WINDOWS, -WINDOWS)[order[0]]
    assert found.at_equal_cards is not None
    assert [at.cards_taught for at in found.at_equal_cards] == [1_440, 1_440]
    viewer = RaceReplay(RunFolder.open(one), other)
    async with looking(viewer) as shown:
        await shown.until(lambda: viewer.is_at_end and "━ " in shown.screen)
        assert "Cards (updates): 672 (21) with reading, 432 (13) without." in shown.screen
        assert "The same cards for both; only 7f3a read The valley before." in shown.screen
