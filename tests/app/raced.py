"""Two saved runs, and the app that shows them as a race."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from flashcards.app.race.race_view import RaceView
from flashcards.app.race.replay import RaceReplay
from flashcards.app.run.sources import Viewer
from flashcards.runs import events as ev, values as val
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.folder import RunFolder
from tests.app.lesson import correction, lesson, started, worse
from tests.app.saved_run import a_run
from tests.app.script import Stage
from tests.app.test_viewer import looking as on_screen

LAST, FORK = 1284, 410
DIFFERS = AnswerDiffers(
    step=434, card_index=212, prompt="sing", first_guess="sanged", second_guess="singed"
)
"""The first answer that is different in both of `a_pair`."""


def saved(
    root: Path,
    happened: Sequence[ev.AnyEvent],
    start: ev.RunStarted | None = None,
    name: str = "",
    **info: object,
) -> Path:
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
    return [event for event in lesson()[2:] if event.step <= step]


class Race(Stage):
    @property
    def viewer(self) -> RaceReplay:
        viewer = self.app.session.run.viewer
        assert isinstance(viewer, RaceReplay)
        return viewer

    async def look_at(self, step: int) -> None:
        self.app.session.travel.go(step)
        await self.arrived()

    async def arrived(self) -> None:
        view, travel = self.app.screen, self.app.session.travel
        assert isinstance(view, RaceView)
        await self.until(lambda: travel.step == travel.loaded and travel.state is not None)
        await self.until(lambda: view.has_read)

    @property
    def screen(self) -> str:
        return "\n".join(self.rows())

    def row(self, start: str) -> str:
        found = [line for line in self.screen.split("\n") if line.strip().startswith(start)]
        assert found, self.screen
        return found[0].strip()


@asynccontextmanager
async def looking(viewer: Viewer, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Race]:
    async with on_screen(viewer, size, view="race") as (app, pilot):
        yield Race(app, pilot, [])


@asynccontextmanager
async def racing(
    one: Path, other: Path, size: tuple[int, int] = (80, 24), pace: float = 1.0
) -> AsyncIterator[Race]:
    viewer = RaceReplay(RunFolder.open(one), other, pace)
    async with looking(viewer, size) as race:
        await race.until(lambda: viewer.is_at_end and "━ " in race.screen)
        yield race


def last(path: Path) -> str:
    return path.name[-4:]
