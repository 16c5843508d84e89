"""Recordings of the real program, played again: no model computes, every processor shows the same.
`tests/app/record.py` makes them: `recordings/NAME.jsonl`, a `Line` each, and beside it, where
somebody looked back, `recordings/NAME/` with the logs of its runs."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import msgspec
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from flashcards.app.app import FlashcardsApp
from flashcards.app.decks.picker import DecksScreen
from flashcards.cards.shelf import shipped
from flashcards.runs import events as ev
from flashcards.runs.commands import AnyCommand
from flashcards.runs.run_files import json_line
from flashcards.trainer.request import LessonRequest, TravelRequest
from tests.app.script import ScriptedTeacher, Stage, press
from tests.waiting import until

SIZE = (80, 24)
FOLDER = Path(__file__).with_name("recordings")
RUNS, DECKS = "/RUNS", "/DECKS"  # stand for the folders of the runs and the shipped decks


class Line(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Base of what a recording consists of."""


class Asked(Line, frozen=True):
    """The lesson that was asked for; the first line."""

    request: LessonRequest


class Did(Line, frozen=True):
    """What a key of the app does, by its id: another key may do it by the time of the replay."""

    id: str


class Pressed(Line, frozen=True):
    keys: tuple[str, ...]


class Shot(Line, frozen=True):
    name: str
    size: tuple[int, int]


class Told(Line, frozen=True):
    """Process `by` said this: teachers are 0, 1 … as they were started, time machines m0, m1 …"""

    by: str
    event: ev.AnyEvent


class Answered(Line, frozen=True):
    """What process `by` says to this question, until it answers the same again."""

    by: str
    command: AnyCommand
    events: Sequence[ev.AnyEvent]


AnyLine = Asked | Did | Pressed | Shot | Told | Answered
Act = Did | Pressed | Shot
_decoder: msgspec.json.Decoder[AnyLine] = msgspec.json.Decoder(AnyLine)


def read(name: str, runs: Path = Path(RUNS)) -> list[AnyLine]:
    text = placed((FOLDER / f"{name}.jsonl").read_text("utf-8"), runs)
    return [_decoder.decode(line) for line in text.splitlines()]


def placed(text: str, runs: Path) -> str:
    return text.replace(RUNS, runs.as_posix()).replace(DECKS, shipped().as_posix())


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def shots_of(name: str) -> list[Shot]:
    return [line for line in read(name) if isinstance(line, Shot)]


def told(name: str) -> list[ev.AnyEvent]:
    return [line.event for line in read(name) if isinstance(line, Told) and line.by == "0"]


def logs(name: str) -> Iterator[list[ev.AnyEvent]]:
    """What the process of the lesson said, and the whole logs of the runs that are kept."""
    yield told(name)
    for path in sorted((FOLDER / name).glob("*/events.jsonl")):
        yield [*map(ev.decode, path.read_bytes().splitlines())]


def put(name: str, runs: Path) -> None:
    if (FOLDER / name).exists():
        shutil.copytree(FOLDER / name, runs, dirs_exist_ok=True)
        for path in (*runs.glob("*/events.jsonl"), *runs.glob("*/run.json")):
            path.write_text(placed(path.read_text("utf-8"), runs), "utf-8")


def question(command: AnyCommand) -> bytes:
    """A command without its number."""
    is_numbered = hasattr(command, "request")
    return json_line(msgspec.structs.replace(command, request=0) if is_numbered else command)


async def do(app: FlashcardsApp, pilot: Pilot[None], act: Act) -> None:
    match act:
        case Did():
            app.action_do(act.id)
        case Pressed():
            screen = app.screen
            if isinstance(screen, DecksScreen):
                await until(lambda: screen.query_one(OptionList).option_count > 0)
            await press(pilot, *act.keys)
        case Shot():
            app.clear_notifications()
            await pilot.resize_terminal(*act.size)
            for line in app.screen.query(Input):
                line.cursor_blink = False


class RecordedTeacher(ScriptedTeacher):
    def __init__(self, request: LessonRequest) -> None:
        super().__init__(request, ())
        self.answers: dict[bytes, Sequence[ev.AnyEvent]] = {}

    def send(self, command: AnyCommand) -> None:
        super().send(command)
        for event in self.answers.get(question(command), ()):
            self.say(msgspec.structs.replace(event, request=getattr(command, "request", 0)))


class Replay:
    def __init__(self, name: str, runs: Path) -> None:
        self.sources: dict[str, RecordedTeacher] = {}
        self.lines = read(name, runs)
        asked = self.lines[0]
        assert isinstance(asked, Asked)
        self.request = msgspec.structs.replace(asked.request, runs=str(runs))
        put(name, runs)

    def source(self, request: LessonRequest | TravelRequest) -> RecordedTeacher:
        is_machine = isinstance(request, TravelRequest)
        n = sum(name.startswith("m") == is_machine for name in self.sources)
        asked = LessonRequest(deck="") if isinstance(request, TravelRequest) else request
        source = self.sources[name_of(n, is_machine=is_machine)] = RecordedTeacher(asked)
        return source

    async def pictures(self, stage: Stage) -> AsyncIterator[Shot]:
        for act, after in self._parts():
            for line in after:
                if isinstance(line, Answered):
                    await stage.until(self._has(line.by) if act is None else lambda: True)
                    self.sources[line.by].answers[question(line.command)] = line.events
            if act is not None:
                await do(stage.app, stage.pilot, act)
                await stage.settle()
            for line in after:
                if isinstance(line, Told):
                    if line.by not in self.sources:
                        await stage.until(self._has(line.by))
                    self.sources[line.by].say(line.event)
                    await asyncio.sleep(0)  # who listens to both runs hears them in turn
            await stage.until(
                lambda: all(one.is_silent or one.stopped for one in self.sources.values())
            )
            if isinstance(act, Shot):
                yield act

    def _has(self, name: str) -> Callable[[], bool]:
        return lambda: name in self.sources

    def _parts(self) -> Iterator[tuple[Act | None, list[AnyLine]]]:
        """Each act, None is the beginning, and what was said and answered until the next one."""
        act: Act | None = None
        after: list[AnyLine] = []
        for line in self.lines[1:]:
            if isinstance(line, Act):
                yield act, after
                act, after = line, []
            else:
                after.append(line)
        yield act, after


def name_of(n: int, *, is_machine: bool) -> str:
    """What a recording calls the nth process that teaches, or the nth time machine."""
    return f"m{n}" if is_machine else str(n)
