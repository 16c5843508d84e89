"""A teacher that says what a test scripts, remembers what it is told, and the app around it."""

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from unittest.mock import patch

from textual._compositor import Compositor, LayoutUpdate
from textual.app import App
from textual.events import Key
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widget import Widget

from flashcards.app.app import FlashcardsApp, stylesheets
from flashcards.app.density import Density
from flashcards.runs.commands import AnyCommand
from flashcards.runs.events import AnyEvent
from flashcards.trainer.request import LessonRequest, TravelRequest
from tests.app.resting import rest
from tests.waiting import until

NOWHERE = Path("no-such-folder")

DRAW = Compositor.render_update


def undrawn(compositor: Compositor, full: bool = False, **given: Any) -> object:
    """Textual's own frames, which nobody sees, took two fifths of the time of `tests/app`."""
    return DRAW(compositor, full, **given) if full else None


class ScriptedTeacher:
    """Says `happened` at once, then whatever `say` is given, until it is stopped."""

    def __init__(self, request: LessonRequest, happened: Sequence[AnyEvent]) -> None:
        self.request = request
        self.sent: list[AnyCommand] = []
        self.stopped: list[bool] = []
        self.happened = tuple(happened)
        self.more: asyncio.Queue[AnyEvent | None] = asyncio.Queue()
        self.has_opened = False

    @property
    def is_silent(self) -> bool:
        return self.has_opened and self.more.empty()

    async def events(self) -> AsyncIterator[AnyEvent]:
        for event in self.happened:
            yield event
        self.has_opened = True
        while (later := await self.more.get()) is not None:
            yield later

    def say(self, *events: AnyEvent) -> None:
        for event in events:
            self.more.put_nowait(event)

    def leave(self) -> None:
        self.more.put_nowait(None)

    def send(self, command: AnyCommand) -> None:
        self.sent.append(command)

    async def stop(self, is_saved: bool = True) -> None:
        self.stopped.append(is_saved)
        self.leave()


class ScriptedMachine(ScriptedTeacher):
    def __init__(self, travel: TravelRequest) -> None:
        super().__init__(LessonRequest(deck=""), ())
        self.travel = travel


def pressed(name: str) -> Key:
    if len(name) == 1 and not name.isalnum():
        name = _character_to_key(name)
    typed: str | None
    try:
        typed = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
    except KeyError:
        typed = name if len(name) == 1 else None
    return Key(name, typed)


async def all_there(app: App[Any]) -> None:
    """Wait, a second at most, for every widget of the screen: what is opened comes bit by bit."""
    for _ in range(200):
        if all(node.is_mounted for node in (app.screen, *app.screen.walk_children(Widget))):
            return
        await asyncio.sleep(0.005)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys, or choose commands (`:rate_up`); Textual's pilot would sleep twice for each."""
    for key in keys:
        if len(key) > 1 and key.startswith(":"):
            assert isinstance(pilot.app, FlashcardsApp)
            pilot.app.action_do(key[1:])
        else:
            pilot.app.post_message(pressed(key))
        await pilot.pause(0)
        await rest()
        await all_there(pilot.app)


def said_by(app: App[Any]) -> list[str]:
    return [str(note.message) for note in app._notifications]


def strips(app: App[Any]) -> list[Strip]:
    return app.screen._compositor.render_strips()


@dataclass
class Stage:
    app: FlashcardsApp
    pilot: Pilot[None]
    teachers: list[ScriptedTeacher]
    machines: list[ScriptedMachine] = field(default_factory=list)

    @property
    def sent(self) -> list[AnyCommand]:
        return self.teachers[-1].sent

    async def press(self, *keys: str) -> None:
        await press(self.pilot, *keys)
        await self.settle()

    async def say(self, *events: AnyEvent) -> None:
        self.teachers[-1].say(*events)
        await self.settle()

    def rows(self) -> list[str]:
        drawn = DRAW(self.app.screen._compositor, True, self.app._background_screens)
        assert isinstance(drawn, LayoutUpdate)
        return ["".join(strip.text for strip in row if strip) for row in drawn.strips]

    def lines(self, kind: type[Widget] | str) -> list[str]:
        widget = self.app.screen.query(kind).first(Widget)
        return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]

    def text(self, kind: type[Widget] | str) -> str:
        return " ".join(" ".join(self.lines(kind)).split())

    @property
    def said(self) -> list[str]:
        return said_by(self.app)

    async def resize(self, size: tuple[int, int]) -> None:
        await self.pilot.resize_terminal(*size)
        await self.settle()

    async def settle(self) -> None:
        """Let all that is ready happen, and paint. On a busy machine one pause ends too early."""
        await self.pilot.pause(0)
        await rest()
        if self.app.is_running:
            await all_there(self.app)
            self.app.paint()
            await self.pilot.pause(0)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Paint between two looks, ever more rarely: a thread or a process needs the processor."""
        naps_s = chain((0.0, 0.01, 0.02, 0.04), repeat(0.08))

        async def nap(_: float) -> None:
            await asyncio.sleep(next(naps_s))
            await self.settle()

        await until(is_so, nap)
        await self.settle()


@asynccontextmanager
async def on_stage(
    happened: Sequence[AnyEvent],
    size: tuple[int, int] = (80, 24),
    *,
    theme: str | None = "textual-dark",
    keymap: Path = NOWHERE,
    runs: Path = NOWHERE,
    clock: Callable[[], float] = lambda: 0.0,
    deck: str = "past-tense",
    is_debugging: bool = True,
    beside: Sequence[AnyEvent] | None = None,
    request: LessonRequest | None = None,
    source: Callable[[LessonRequest | TravelRequest], ScriptedTeacher] | None = None,
    is_full: bool = True,
    is_drawn: bool = False,
) -> AsyncIterator[Stage]:
    """The whole app, with scripted teachers, who say `happened`, and no clock of its own.
    It is drawn where its rows or a picture are asked for; `is_drawn`: each frame.
    A run that follows the lesson says `beside`; `source` makes other teachers and time machines.
    `is_full`: all that is known is shown, not only what one asks first."""
    teachers: list[ScriptedTeacher] = []

    def teach(request: LessonRequest) -> ScriptedTeacher:
        is_beside = request.is_following and beside is not None
        told = beside if is_beside and beside else happened
        teachers.append(source(request) if source else ScriptedTeacher(request, told))
        return teachers[-1]

    machines: list[ScriptedMachine] = []

    def machine(request: TravelRequest) -> ScriptedMachine:
        machines.append(ScriptedMachine(request))
        return machines[-1]

    app = FlashcardsApp(
        request or LessonRequest(deck=deck, runs=str(runs)),
        teach,
        theme,
        keymap=keymap,
        machine=source or machine,
        clock=clock,
        is_debugging=is_debugging,
    )
    with patch.object(Compositor, "render_update", DRAW if is_drawn else undrawn):
        async with app.run_test(size=size, notifications=True) as pilot:
            assert app.frame_timer is not None
            app.frame_timer.pause()
            app.session.singleton(Density).is_full = is_full
            app.read_styles(*stylesheets())
            app.has_all_styles = True
            stage = Stage(app, pilot, teachers, machines)

            def has_begun() -> bool:
                is_shown = app.front is not None and app.front.is_there
                return not app.is_running or (is_shown and all(t.is_silent for t in teachers))

            await until(has_begun, lambda _: asyncio.sleep(0))
            if app.is_running:
                app.paint()  # before anything else is drawn
            await stage.settle()
            yield stage
