"""Two saved runs as a race: opens at the end, plays, is looked through, and needs no torch."""

from pathlib import Path

import pytest

from flashcards.app.race.replay import RaceReplay
from flashcards.app.run.replay_teacher import ReplayTeacher
from flashcards.cli import main
from flashcards.runs import events as ev, values as val
from flashcards.runs.folder import RunFolder
from flashcards.wording import races
from flashcards.wording.comparison import compare
from flashcards.wording.markers import first_differs
from tests.app.lesson import lesson, started, worse
from tests.app.raced import (
    DIFFERS,
    FORK,
    HALF_THE_RATE,
    LAST,
    a_pair,
    answered,
    last,
    looking,
    racing,
    saved,
    until_step,
)
from tests.golden import check_words, words
from tests.waiting import PATIENCE_S


async def test_it_opens_at_the_end_with_both_beside_each_other(tmp_path: Path) -> None:
    one, other = a_pair(tmp_path)
    async with racing(one, other) as race:
        check_words("screen: race forked", race.row("├"), one=last(one), other=last(other))
        assert "94 %" in race.row(f"━ {last(one)}  ")
        assert "85 %" in race.row(f"╍ {last(other)}  ")
        assert race.row("≠") == f"≠ {first_differs(DIFFERS, last(other))}"
        assert "REPLAY" in race.screen
        assert words("screen: race over") in race.screen


async def test_space_plays_it_from_the_start_by_cards_taught(tmp_path: Path) -> None:
    one, other = a_pair(tmp_path)
    async with racing(one, other) as race:
        viewer = race.viewer
        await race.press("space")
        await race.until(lambda: 50 < race.app.session.state.step < LAST)
        main, beside = race.app.session.state, viewer.beside.state
        assert not viewer.is_at_end
        assert main.liveness == "learning"
        assert beside.cards_taught == main.cards_taught
        assert words("screen: one run", step=FORK) in race.screen or main.step >= FORK
        await race.press("space")
        held = race.app.session.state.step
        await race.pilot.pause(0.3)
        assert race.app.session.state.step == held
        viewer.pace = 1024.0
        await race.press("space")
        await race.until(lambda: viewer.is_at_end)
        assert viewer.beside.state.step == main.step == LAST
        await race.press("plus")
        assert viewer.is_at_end
        viewer.pace = 1.0
        await race.press("space")
        await race.until(lambda: not viewer.is_at_end)


async def test_scrubbing_moves_both_and_brackets_find_where_they_part(tmp_path: Path) -> None:
    one, other = a_pair(tmp_path)
    async with racing(one, other) as race:
        await race.look_at(400)
        assert "60 %              56 %" in race.row("━ ")
        assert race.row("━ ").split()[2:] == race.row("╍ ").split()[2:]
        assert races.same_so_far() in race.screen
        assert "≠" not in race.screen.split("\n", 2)[2]
        await race.press("ctrl+right")
        await race.arrived()
        assert race.app.session.travel.step == FORK
        await race.press("ctrl+right")
        await race.arrived()
        assert race.app.session.travel.step == 434
        assert "63 %              59 %" in race.row("━ ")
        assert "62 %              58 %" in race.row("╍ ")
        assert race.row("━ ").split()[2:] != race.row("╍ ").split()[2:]
        assert race.row("≠") == f"≠ {first_differs(DIFFERS, last(other))}"
        await race.press("end")
        assert words("screen: race over") in race.screen


async def test_space_plays_on_from_a_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a slow machine stays so long at a step that it would be asked for, where none answers
    monkeypatch.setattr("flashcards.app.run.travel.STAYS_AFTER_S", PATIENCE_S)
    async with racing(*a_pair(tmp_path), pace=1 / 16) as race:
        viewer = race.viewer
        await race.look_at(400)
        await race.until(lambda: words("screen: race then", step=400) in race.screen)
        await race.press("space")
        await race.until(lambda: 400 < race.app.session.state.step < 500)
        assert race.app.session.travel.step is None
        assert viewer.beside.state.step <= race.app.session.state.step
        await race.look_at(200)  # and once more, while it is played
        await race.press("space")
        await race.until(lambda: 200 < race.app.session.state.step < 300)
        assert viewer.beside.state.cards_taught == race.app.session.state.cards_taught
        assert not viewer.is_at_end
        await race.look_at(LAST)
        await race.press("space")
        await race.until(lambda: 0 <= race.app.session.state.step < 100 and not viewer.is_at_end)


async def test_a_second_run_that_was_taught_less_stands_at_its_end(tmp_path: Path) -> None:
    one = saved(tmp_path, lesson()[2:])
    other = saved(tmp_path, until_step(700))
    async with racing(one, other) as race:
        assert "79 %              74 %" in race.row("╍ ")
        assert words("screen: run ends", run=last(other), step=690) in race.screen
        await race.look_at(500)
        assert "68 %              63 %" in race.row("╍ ")
        assert "ends at step" not in race.screen
    async with racing(other, one) as race:
        assert "79 %              74 %" in race.row("━ ")
        assert "79 %              74 %" in race.row("╍ ")
        assert words("screen: run longer", run=last(one), step="1,284") in race.screen


async def test_runs_that_share_nothing_say_what_is_different(tmp_path: Path) -> None:
    one = saved(tmp_path, lesson()[2:])
    other = saved(tmp_path, lesson()[2:], started(learning_rate=0.01), seed=2)
    async with racing(one, other) as race:
        title = f"{last(one)} (seed 1, learning rate 0.02) against {last(other)} (seed 2, learning"
        assert title in race.screen
        assert "├" not in race.screen
        assert races.no_answer(compare(one, other), is_all=True) in race.screen


async def test_runs_of_two_decks_are_shown_and_their_answers_not_compared(tmp_path: Path) -> None:
    one = saved(tmp_path, [*lesson()[2:], answered("sanged")])
    other = saved(tmp_path, [*lesson()[2:], answered("singed")], deck="verbs", deck_sha256="1")
    async with racing(one, other) as race:
        assert f"{last(one)} (deck past-tense) against {last(other)} (deck verbs)" in race.screen
        assert races.no_answer(compare(one, other), is_all=True) in race.screen


async def test_one_run_twice_says_so(tmp_path: Path) -> None:
    one = saved(tmp_path, lesson()[2:])
    async with racing(one, one) as race:
        assert words("screen: run twice") in race.screen
        assert race.row("━ A")
        assert race.row("╍ B")


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_run_of_no_step_at_all_is_shown_as_it_is(tmp_path: Path, is_first: bool) -> None:
    runs = saved(tmp_path, []), saved(tmp_path, lesson()[2:])
    one, other = runs if is_first else runs[::-1]
    async with racing(one, other) as race:
        assert race.row("━ " if is_first else "╍ ").split()[2:5] == ["not", "asked", "yet"]
        await race.press("space")
        await race.settle()
        assert race.row("╍ ")


async def test_what_was_written_meanwhile_is_there_when_it_is_played_again(tmp_path: Path) -> None:
    one, other = saved(tmp_path, until_step(700)), saved(tmp_path, until_step(700))
    async with racing(one, other, pace=1024.0) as race:
        viewer = race.viewer
        assert "79 %              74 %" in race.row("━ ")
        for run in (one, other):
            with (run / "events.jsonl").open("ab") as file:
                file.writelines(ev.encode(e) for e in lesson()[2:] if 700 < e.step < 1240)
        assert "79 %              74 %" in race.row("━ ")
        await race.press("space")
        await race.until(lambda: viewer.is_at_end and race.app.session.state.step > 700)
        assert race.row("━ ").split()[2:] == race.row("╍ ").split()[2:] == ["93", "%", "87", "%"]


async def test_a_second_run_that_goes_away_is_a_sentence(tmp_path: Path) -> None:
    one, other = a_pair(tmp_path)
    viewer = RaceReplay(RunFolder.open(one), other)
    (other / "events.jsonl").unlink()
    async with looking(viewer) as race:
        await race.until(lambda: race.app.session.state.liveness == "failed")
        await race.until(lambda: "No such file" in " ".join(race.screen.split()))


async def test_a_replay_of_one_run_has_no_race_and_says_how_to_get_one(tmp_path: Path) -> None:
    one = saved(tmp_path, lesson()[2:])
    async with looking(ReplayTeacher(RunFolder.open(one), 1024.0)) as race:
        await race.until(lambda: race.app.session.state.step == LAST)
        assert words("screen: no race") in race.screen
        await race.press("left")
        await race.until(lambda: "◂" in race.screen)
        assert "1,283" in race.row("◂")


def test_what_is_not_shown_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = saved(tmp_path, lesson()[2:])
    empty, torn, gone = (saved(tmp_path, []) for _ in range(3))
    (empty / "events.jsonl").write_bytes(b"")
    (torn / "events.jsonl").write_bytes(b'garbage\n{"kind":"RunPaused","step":4}\n')
    (gone / "events.jsonl").unlink()
    no_run = tmp_path / "no-run"
    for other, why in (
        (empty, words("screen: no start")),
        (torn, words("screen: no start")),
        (gone, "is not a run: No such file"),
        (no_run, "no run is called"),
    ):
        for pair in ((one, other), (other, one)):
            assert main(["compare", *map(str, pair), "--screen", "--runs", str(tmp_path)]) == 1
            errors = capsys.readouterr().err
            assert why in errors
            assert errors.startswith("flashcards: ")
            assert errors.count("\n") == 1


def test_two_branches_of_one_run_part_where_the_first_left(tmp_path: Path) -> None:
    parent = saved(tmp_path, lesson()[2:])
    branches = []
    for step, change in ((300, HALF_THE_RATE), (200, val.BranchChange(seed=9))):
        left = ev.RunBranched(step=step, start=started(), parent=parent.name, change=change)
        branches.append(saved(tmp_path, [*until_step(400), left], parent=parent.name))
    comparison = compare(*branches)
    assert races.fork_step(comparison) == 200
    title = races.title(comparison, ("x", "y"))
    check_words("screen: two branches", title, run=last(parent))


def test_runs_set_up_alike_say_until_when_they_were_the_same(tmp_path: Path) -> None:
    one = saved(tmp_path, [*lesson()[2:], answered("sanged")])
    other = saved(tmp_path, [*map(worse, lesson()[2:]), answered("singed")])
    comparison = compare(one, other)
    step = races.fork_step(comparison)
    assert step == comparison.same_until_step == 410
    check_words("screen: same until", races.title(comparison, ("x", "y")), step=step)
    assert "set up alike" in races.title(compare(one, one), ("A", "B"))


def test_runs_that_left_different_runs_are_not_said_to_be_set_up_alike(tmp_path: Path) -> None:
    sides = []
    for run in ("one", "two"):
        left = ev.RunBranched(
            step=0, start=started(), parent=run, change=val.BranchChange(after="verbs")
        )
        sides.append(saved(tmp_path, [left], parent=run))
    title = "x (from step 0 of one) against y (from step 0 of two)"
    assert races.title(compare(*sides), ("x", "y")) == title


def test_names_are_the_ends_of_runs_or_the_folders_own() -> None:
    one, other = Path("2026-11-24-past-tense-7f3a"), Path("a/my-best-run-of-them-all")
    assert races.names(one, other) == ("7f3a", "my-best-run-of-…")
    assert races.names(one, Path("copy") / one) == ("A", "B")
