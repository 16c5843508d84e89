"""The deck's file is saved while it is taught: taken, or said to be broken."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from flashcards.app.decks import following as deck_file_module
from flashcards.app.decks.following import DeckFile, Followed
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.catalog import note_begun
from flashcards.runs.folder import RunFolder
from tests import told
from tests.app.lesson import lesson, started
from tests.app.saved_run import a_run
from tests.app.script import Stage, on_stage
from tests.golden import words


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deck_file_module, "LOOK_EVERY_S", 0.01)
    follow = DeckFile.follow
    monkeypatch.setattr(
        deck_file_module.DeckFile, "follow", lambda self, every_s=0.01: follow(self, every_s)
    )


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "verbs.deck"
    path.write_text("go :: went\n", "utf-8")
    return path


def lesson_on(path: Path) -> list[ev.AnyEvent]:
    start = started(deck_path=str(path))
    return [start if isinstance(event, ev.RunStarted) else event for event in lesson()]


def is_followed(stage: Stage) -> bool:
    followed = stage.app.session.singleton(Followed).file
    return followed is not None and followed.followed is not None


@pytest.mark.parametrize(
    ("counts", "prompts", "said"),
    [
        ((1, 2, 0), ("see",), "+1 card (see), 2 changed, 0 gone"),
        ((2, 9, 0), ("go", "a, b", "see"), "+2 cards (go, a, b), 9 changed (see), 0 gone"),
        (
            (13, 0, 5),
            ("Bayern", "Hessen", "Sachsen"),
            "+13 cards (Bayern, Hessen, Sachsen), 0 changed, 5 gone. "
            + words("screen: starts over"),
        ),
    ],
)
async def test_a_save_names_what_came_and_what_changed_and_never_what_went(
    deck: Path, counts: tuple[int, int, int], prompts: tuple[str, ...], said: str
) -> None:
    start = started(10, 3, deck_path=str(deck))
    added, n_changed, removed = counts
    changed = ev.DeckChanged(
        step=1290,
        start=start,
        file="f",
        n_added=added,
        n_changed=n_changed,
        n_removed=removed,
        prompts=prompts,
    )
    async with on_stage(lesson_on(deck)) as stage:
        await stage.say(changed)
        assert stage.said == [words("screen: deck saved", said=said)]


async def test_a_broken_save_is_not_taught_and_said_until_it_is_mended(deck: Path) -> None:
    async with on_stage(lesson_on(deck)) as stage:
        await stage.until(lambda: is_followed(stage))
        deck.write_text("go :: went\nsee :\n", "utf-8")
        followed = stage.app.session.singleton(Followed).file
        assert followed is not None
        await stage.until(lambda: followed.problem != "")
        assert followed.problem.startswith("verbs.deck:2:1: error")
        assert "verbs.deck:2:1" in stage.app.status_line.text
        assert not [c for c in stage.sent if isinstance(c, cmd.TakeDeck)]
        deck.write_text("go :: went\nsee :: saw\n", "utf-8")
        await stage.until(lambda: cmd.TakeDeck(text="go :: went\nsee :: saw\n") in stage.sent)
        assert "verbs.deck" not in stage.app.status_line.text


async def test_lines_that_were_broken_before_do_not_stop_a_save(deck: Path) -> None:
    deck.write_text("nothing\ngo :: went\n", "utf-8")
    async with on_stage(lesson_on(deck)) as stage:
        await stage.until(lambda: is_followed(stage))
        deck.write_text("nothing\ngo :: went\nsee :: saw\n", "utf-8")
        await stage.until(lambda: any(isinstance(c, cmd.TakeDeck) for c in stage.sent))


async def test_a_lesson_that_had_ended_goes_on_when_its_new_cards_are_taken(deck: Path) -> None:
    ended = told.ended("too_early", (1, 1), (0, 0))
    saved = "go :: went\nsee :: saw\n"
    async with on_stage([*lesson_on(deck), ended]) as stage:
        await stage.until(lambda: is_followed(stage))
        deck.write_text(saved, "utf-8")
        await stage.until(lambda: cmd.TakeDeck(text=saved) in stage.sent)
        await stage.say(ev.TeachingRefused(step=1284, request=0, text="Not like this."))
        assert cmd.Play() not in stage.sent
        start = started(2, 0, deck_path=str(deck))
        await stage.say(ev.DeckChanged(step=1284, start=start, file="f", n_added=1))
        assert cmd.Play() in stage.sent


async def test_a_file_that_is_gone_ends_nothing(deck: Path) -> None:
    async with on_stage(lesson_on(deck)) as stage:
        await stage.until(lambda: is_followed(stage))
        deck.unlink()
        await asyncio.sleep(0.05)
        await stage.settle()
        deck.write_text("see :: saw\n", "utf-8")
        await stage.until(lambda: cmd.TakeDeck(text="see :: saw\n") in stage.sent)


@pytest.mark.parametrize(
    "judge", [lambda path: path.write_bytes(b"\xff\xfe"), lambda path: path.mkdir()]
)
async def test_what_is_no_deck_is_said_too(deck: Path, judge: Callable[[Path], object]) -> None:
    async with on_stage(lesson_on(deck)) as stage:
        await stage.until(lambda: is_followed(stage))
        deck.unlink()
        judge(deck)
        followed = stage.app.session.singleton(Followed).file
        assert followed is not None
        await stage.until(lambda: followed.problem != "")
        assert not [c for c in stage.sent if isinstance(c, cmd.TakeDeck)]


@pytest.mark.parametrize("is_branch", [True, False])
async def test_a_branch_with_another_deck_keeps_it(deck: Path, *, is_branch: bool) -> None:
    run = a_run(deck.parent)
    kept, info = run / "deck" / "0000-past-tense.deck", run / "run.json"
    kept.write_bytes(deck.read_bytes())
    RunFolder.open(run).save_deck("past-tense.deck", b"see :: saw\n")
    if is_branch:
        info.write_text(info.read_text().replace('"parent":""', '"parent":"another"'))
    start = started(deck_path=str(deck), folder=str(run))
    note_begun(start.run, start.deck_path)
    happened = [start if isinstance(event, ev.RunStarted) else event for event in lesson()]
    async with on_stage(happened) as stage:
        stage.app.session.open(replace(stage.app.session.run.request, resume=str(run)))
        await stage.until(lambda: len(stage.teachers) == 2)
        await stage.until(lambda: is_followed(stage))
        untouched = cmd.TakeDeck(text="go :: went\n")
        if not is_branch:
            await stage.until(lambda: untouched in stage.sent)
        deck.write_text("go :: went\nfly :: flew\n", "utf-8")
        await stage.until(lambda: cmd.TakeDeck(text="go :: went\nfly :: flew\n") in stage.sent)
        assert (untouched in stage.sent) is not is_branch


async def test_a_run_that_was_not_begun_here_follows_no_file_of_the_user(deck: Path) -> None:
    run = a_run(deck.parent)
    start = started(deck_path=str(deck), folder=str(run), run="another-run")
    happened = [start if isinstance(event, ev.RunStarted) else event for event in lesson()]
    async with on_stage(happened) as stage:
        stage.app.session.open(replace(stage.app.session.run.request, resume=str(run)))
        await stage.until(lambda: len(stage.teachers) == 2)
        deck.write_text("my :: secret\n", "utf-8")
        await asyncio.sleep(0.2)
        assert not is_followed(stage)
        assert not [c for c in stage.sent if isinstance(c, cmd.TakeDeck)]
