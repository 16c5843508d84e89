"""Two saved runs as a race: opens at the end, plays, is looked through, and needs no torch.

Long because the one screen has two runs, and each may grow, lack a part, or be damaged.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from flashcards import sentences
from flashcards.app.app import FlashcardsApp
from flashcards.app.race import saved_words as words
from flashcards.app.race.replay import RaceReplay
from flashcards.app.race.view import RaceView
from flashcards.app.run.replay_teacher import ReplayTeacher
from flashcards.app.run.viewer import NoMachine, Viewer, no_model
from flashcards.bench.terminal import Terminal
from flashcards.cli import main
from flashcards.runs import events as ev
from flashcards.runs import values as val
from flashcards.runs.comparison import compare
from flashcards.runs.folder import RunFolder
from flashcards.trainer.request import LessonRequest
from tests.app.lesson import correction, lesson, started, worse
from tests.app.pictures import check_picture
from tests.app.test_app import a_run
from tests.app.test_viewer import hidden
from tests.waiting import PATIENCE_S, until

LAST, FORK = 1284, 410
FORKED = "⋎ {other} left {one} at step 410 and went on with learning rate ×0.5"

AT_END = "Both at their end: space plays the race from its start, ← goes back in it."


def saved(
    root: Path,
    happened: Sequence[ev.AnyEvent],
    start: ev.RunStarted | None = None,
    name: str = "",
    **info: object,
) -> Path:
    """A run's folder with this log, by step, after its start."""
    root.mkdir(exist_ok=True)
    run = a_run(root)
    if name:
        run = run.rename(root / f"2026-11-24-past-tense-{name}")
    about = RunFolder.open(run).info
    about = msgspec.structs.replace(about, **info)
    (run / "run.json").write_bytes(msgspec.json.encode(about))
    events = [start or started(), *sorted(happened, key=lambda event: event.step)]
    (run / "events.jsonl").write_bytes(b"".join(map(ev.encode, events)))
    return run


def answered(guess: str) -> ev.CorrectionMeasured:
    """The card that tells them apart."""
    return ev.CorrectionMeasured(step=434, correction=correction(guess=guess))


HALF_THE_RATE = val.BranchChange(learning_rate_factor=0.5)


def a_pair(root: Path) -> tuple[Path, Path]:
    """A run and its branch that left at step 410, with half the rate, and knows less."""
    happened = lesson()[2:]
    one = saved(root, [*happened, answered("sanged")], name="7f3a")
    branched = ev.RunBranched(step=FORK, start=started(), parent=one.name, change=HALF_THE_RATE)
    rest = [*map(worse, happened), branched, answered("singed")]
    return one, saved(root, rest, name="c899", parent=one.name, branch_step=FORK)


def until_step(step: int) -> list[ev.AnyEvent]:
    """The lesson as far as that."""
    return [event for event in lesson()[2:] if event.step <= step]


class Race:
    """The app with two saved runs, painted by hand."""

    def __init__(self, app: FlashcardsApp, pilot: Pilot[None], viewer: Viewer) -> None:
        self.app, self.pilot, self.viewer = app, pilot, viewer

    async def until(self, is_so: Callable[[], bool]) -> None:
        await until(is_so, self.settle)

    async def settle(self, _: float = 0.0) -> None:
        await self.pilot.pause()
        self.app.paint()
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def look_at(self, step: int) -> None:
        """Go there, and wait until both were read."""
        self.app.session.travel.go(step)
        await self.arrived()

    async def arrived(self) -> None:
        """Both were read of the step that is wanted."""
        view, travel = self.app.screen, self.app.session.travel
        assert isinstance(view, RaceView)
        await self.until(lambda: travel.step == travel._loaded and travel.state is not None)
        await self.until(lambda: view._then._shown is not None and view._then._is_read)

    @property
    def screen(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    def row(self, start: str) -> str:
        """The row that begins with this."""
        found = [line for line in self.screen.split("\n") if line.strip().startswith(start)]
        assert found, self.screen
        return found[0].strip()

    @property
    def said(self) -> list[str]:
        """What was said in a corner."""
        return [str(note.message) for note in self.app._notifications]


@asynccontextmanager
async def looking(viewer: Viewer, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Race]:
    request = LessonRequest(deck="past-tense", runs="no-such-folder")
    app = FlashcardsApp(
        request,
        lambda _: viewer,
        "textual-dark",
        keymap=Path("no-such-folder"),
        machine=NoMachine,
        view="race",
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        assert app.frame_timer is not None
        app.frame_timer.pause()
        yield Race(app, pilot, viewer)


@asynccontextmanager
async def racing(
    one: Path, other: Path, size: tuple[int, int] = (80, 24), pace: float = 1.0
) -> AsyncIterator[Race]:
    """The race of two runs, at its end."""
    viewer = RaceReplay(RunFolder.open(one), other, pace)
    async with looking(viewer, size) as race:
        await race.until(lambda: viewer.is_at_end and "━ " in race.screen)
        yield race


def last(path: Path) -> str:
    """What the run is called on the screen."""
    return path.name[-4:]


async def test_it_opens_at_the_end_with_both_beside_each_other(tmp_path: Path) -> None:
    one, other = a_pair(tmp_path)
    async with racing(one, other) as race:
        assert race.row("⋎") == FORKED.format(one=last(one), other=last(other))
        assert "1,284   41,088   94 % 2,708/2,880" in race.row(f"━ {last(one)}  ")
        assert "1,284   41,088   84 % 2,4" in race.row(f"╍ {last(other)}  ")
        assert race.row("≠") == "≠ First different answer: step 434, sing → sanged | singed"
        assert "REPLAY" in race.screen
        assert AT_END in race.screen


async def test_space_plays_it_from_the_start_with_as_many_cards_taught_to_both(
    tmp_path: Path,
) -> None:
    one, other = a_pair(tmp_path)
    async with racing(one, other, pace=4.0) as race:
        viewer = race.viewer
        assert isinstance(viewer, RaceReplay)
        await race.press("space")
        await race.until(lambda: not viewer.is_at_end and race.app.session.state.step > 50)
        main, beside = race.app.session.state, viewer.beside.state
        assert 0 < main.step < LAST
        assert main.liveness == "learning"
        assert beside.cards_taught == main.cards_taught
        assert "they are one run until step 410" in race.screen or main.step >= FORK
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
        assert "400   12,800" in race.row("━ ")
        assert race.row("━ ").split()[2:] == race.row("╍ ").split()[2:]
        assert "No answer was different so far." in race.screen
        assert "≠" not in race.screen.split("\n", 2)[2]
        await race.press("right_square_bracket")
        await race.arrived()
        assert race.app.session.travel.step == FORK
        await race.press("right_square_bracket")
        await race.arrived()
        assert race.app.session.travel.step == 434
        assert "434   13,888" in race.row("━ ")
        assert "434   13,888" in race.row("╍ ")
        assert race.row("━ ").split()[2:] != race.row("╍ ").split()[2:]
        assert "≠ First different answer: step 434" in race.screen
        await race.press("end")
        assert AT_END in race.screen


async def test_space_plays_on_from_the_step_that_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a slow machine stays so long at a step that it would be asked for, where none answers
    monkeypatch.setattr("flashcards.app.run.travel.STAYS_AFTER_S", PATIENCE_S)
    one, other = a_pair(tmp_path)
    async with racing(one, other, pace=1 / 16) as race:
        viewer = race.viewer
        assert isinstance(viewer, RaceReplay)
        await race.look_at(400)
        await race.until(
            lambda: (
                "Both as they were when the first was at step 400; space plays on" in race.screen
            )
        )
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
        assert "690   22,080" in race.row("╍ ")
        assert f"{last(other)} ends at step 690" in race.screen
        await race.look_at(500)
        assert "500   16,000" in race.row("╍ ")
        assert "ends at step" not in race.screen
    async with racing(other, one) as race:
        assert "690   22,080" in race.row("━ ")
        assert "690   22,080" in race.row("╍ ")
        assert f"{last(one)} goes on to step 1,284" in race.screen


async def test_runs_that_share_nothing_say_what_is_different(tmp_path: Path) -> None:
    one = saved(tmp_path, lesson()[2:])
    other = saved(tmp_path, lesson()[2:], started(learning_rate=0.01), seed=2)
    async with racing(one, other) as race:
        title = f"{last(one)} (seed 1, learning rate 0.02) against {last(other)} (seed 2, learning"
        assert title in race.screen
        assert "⋎" not in race.screen
        assert "No answer is different, as far as both were recorded." in race.screen


async def test_runs_of_two_decks_are_shown_and_their_answers_not_compared(tmp_path: Path) -> None:
    one = saved(tmp_path, [*lesson()[2:], answered("sanged")])
    other = saved(tmp_path, [*lesson()[2:], answered("singed")], deck="verbs", deck_sha256="1")
    async with racing(one, other) as race:
        assert f"{last(one)} (deck past-tense) against {last(other)} (deck verbs)" in race.screen
        assert "Their decks differ, so no answer of one is held against" in race.screen


async def test_one_run_twice_says_so(tmp_path: Path) -> None:
    one = saved(tmp_path, lesson()[2:])
    async with racing(one, one) as race:
        assert "One run twice: nothing can differ." in race.screen
        assert race.row("━ A")
        assert race.row("╍ B")


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_run_of_no_step_at_all_is_shown_as_it_is(tmp_path: Path, is_first: bool) -> None:
    runs = saved(tmp_path, []), saved(tmp_path, lesson()[2:])
    one, other = runs if is_first else runs[::-1]
    async with racing(one, other) as race:
        assert race.row("━ " if is_first else "╍ ").split()[2:4] == ["0", "0"]
        await race.press("space")
        await race.settle()
        assert race.row("╍ ")


async def test_damaged_lines_are_left_out(tmp_path: Path) -> None:
    one, other = a_pair(tmp_path)
    for run in (one, other):
        with (run / "events.jsonl").open("ab") as file:
            file.write(b'\x00\xff{"kind":"StepsTaken","step":-4}\n{"kind":"Nothing"}\n{"kind":')
    async with racing(one, other) as race:
        assert "1,284   41,088" in race.row("━ ")
        assert "1,284   41,088" in race.row("╍ ")


async def test_what_was_written_meanwhile_is_there_when_it_is_played_again(tmp_path: Path) -> None:
    one, other = saved(tmp_path, until_step(700)), saved(tmp_path, until_step(700))
    async with racing(one, other, pace=1024.0) as race:
        viewer = race.viewer
        assert isinstance(viewer, RaceReplay)
        assert "690   22,080" in race.row("━ ")
        for run in (one, other):
            with (run / "events.jsonl").open("ab") as file:
                file.writelines(ev.encode(e) for e in lesson()[2:] if 700 < e.step < 1240)
        assert "690   22,080" in race.row("━ ")
        await race.press("space")
        await race.until(lambda: viewer.is_at_end and race.app.session.state.step > 700)
        assert "1,230   39,360" in race.row("━ ")
        assert "1,230   39,360" in race.row("╍ ")


async def test_a_second_run_that_goes_away_is_a_sentence(tmp_path: Path) -> None:
    one, other = a_pair(tmp_path)
    viewer = RaceReplay(RunFolder.open(one), other)
    (other / "events.jsonl").unlink()
    async with looking(viewer) as race:
        await race.until(lambda: race.app.session.state.liveness == "failed")
        await race.until(lambda: "No such file" in " ".join(race.screen.split()))


@pytest.mark.parametrize("key", ["b", "enter", "a", "2", "6"])
async def test_what_needs_weights_says_that_there_are_none(tmp_path: Path, key: str) -> None:
    async with racing(*a_pair(tmp_path)) as race:
        await race.press(key)
        assert race.said == [no_model("replay")]
        assert isinstance(race.app.screen, RaceView)


async def test_a_replay_of_one_run_has_no_race_and_says_how_to_get_one(tmp_path: Path) -> None:
    one = saved(tmp_path, lesson()[2:])
    async with looking(ReplayTeacher(RunFolder.open(one), 1024.0)) as race:
        await race.until(lambda: race.app.session.state.step == LAST)
        assert (
            "A recording has no branch. Two runs: flashcards compare RUN RUN --screen"
            in race.screen
        )
        await race.press("left")
        await race.until(lambda: race.app.session.travel.is_past)
        assert "1,283" in race.row("◂")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_pictures_of_two_saved_runs(tmp_path: Path, size: tuple[int, int]) -> None:
    async with racing(*a_pair(tmp_path), size) as race:
        await check_picture(race.app, f"race-saved-{size[0]}x{size[1]}")


@pytest.mark.slow
def test_two_runs_race_without_torch_in_the_process(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path;"
        "from tests.app.test_race_replay import a_pair, played;"
        f"asyncio.run(played(*a_pair(Path({str(tmp_path / 'runs')!r}))));"
        "assert 'torch' not in sys.modules"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=hidden(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


async def played(one: Path, other: Path) -> None:
    """The whole race on the screen, in whatever process this is."""
    async with racing(one, other, pace=1024.0) as race:
        await race.press("space")
        await race.until(lambda: race.app.session.state.step == LAST)


def test_the_command_opens_the_race_in_a_terminal_without_torch(tmp_path: Path) -> None:
    one, other = a_pair(tmp_path / "runs")
    path = hidden(tmp_path)["PYTHONPATH"]
    command = (sys.executable, "-m", "flashcards", "compare", str(one), str(other), "--screen")
    terminal = Terminal(("env", f"PYTHONPATH={path}", *command))
    try:
        terminal.wait_for("REPLAY", PATIENCE_S)
        terminal.wait_for("Both at their end", PATIENCE_S)
    finally:
        terminal.close()


def test_what_cannot_be_shown_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = saved(tmp_path, lesson()[2:])
    empty, torn, gone = (saved(tmp_path, []) for _ in range(3))
    (empty / "events.jsonl").write_bytes(b"")
    (torn / "events.jsonl").write_bytes(b'garbage\n{"kind":"RunPaused","step":4}\n')
    (gone / "events.jsonl").unlink()
    no_run = tmp_path / "no-run"
    for other, why in (
        (empty, "its log doesn't say which deck was taught"),
        (torn, "its log doesn't say which deck was taught"),
        (gone, "is not a run: No such file"),
        (no_run, "no run is called"),
    ):
        for pair in ((one, other), (other, one)):
            assert main(["compare", *map(str, pair), "--screen", "--runs", str(tmp_path)]) == 1
            said = capsys.readouterr().err
            assert why in said
            assert said.startswith("flashcards: ")
            assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (HALF_THE_RATE, "with learning rate ×0.5"),
        (val.BranchChange(seed=9, order="hardest"), "with seed 9, in another order: hardest"),
        (val.BranchChange(without_prompt="a, b"), "without a, b"),
        (val.BranchChange(), "as before"),
    ],
)
def test_what_a_branch_does_otherwise_is_said_as_where_it_was_chosen(
    change: val.BranchChange, said: str
) -> None:
    assert sentences.branch(change) == said


def test_two_branches_of_one_run_part_where_the_first_left(tmp_path: Path) -> None:
    parent = saved(tmp_path, lesson()[2:])
    branches = []
    for step, change in ((300, HALF_THE_RATE), (200, val.BranchChange(seed=9))):
        left = ev.RunBranched(step=step, start=started(), parent=parent.name, change=change)
        branches.append(saved(tmp_path, [*until_step(400), left], parent=parent.name))
    found = compare(*branches)
    assert words.fork_step(found) == 200
    title = f"Two branches of {last(parent)}: x with learning rate ×0.5 | y with seed 9"
    assert words.title(found, ("x", "y")) == title


def test_runs_set_up_alike_say_until_when_they_were_the_same(tmp_path: Path) -> None:
    one = saved(tmp_path, [*lesson()[2:], answered("sanged")])
    other = saved(tmp_path, [*map(worse, lesson()[2:]), answered("singed")])
    found = compare(one, other)
    step = words.fork_step(found)
    assert step == found.same_until_step == 410
    assert words.title(found, ("x", "y")) == "x against y: the same until step 410"
    assert "set up alike" in words.title(compare(one, one), ("A", "B"))


def test_names_are_the_ends_of_runs_or_the_folders_own() -> None:
    one, other = Path("2026-11-24-past-tense-7f3a"), Path("a/my-best-run-of-them-all")
    assert words.names(one, other) == ("7f3a", "my-best-run-of-…")
    assert words.names(one, Path("copy") / one) == ("A", "B")
