"""Opens real lessons on small decks, in this process, with a clock and an inbox of the test's."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from flashcards.learner.learner import Learner
from flashcards.runs.commands import AnyCommand
from flashcards.runs.events import AnyEvent
from flashcards.runs.goal import Goal
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest

E = TypeVar("E")
Script = list[tuple[int, AnyCommand]]  # commands, and the step at which each is given


class Clock:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class ScriptedInbox(Inbox):
    """Commands appear when the learner has made so many updates; waiting only moves the clock.
    Waiting when nothing is left to come is an error: a real lesson would wait for ever."""

    def __init__(self, clock: Clock, script: Script) -> None:
        super().__init__()
        self.clock = clock
        self.script = list(script)
        self.step = 0
        self.n_idle = 0

    def drain(self) -> list[AnyCommand]:
        while self.script and self.script[0][0] <= self.step:
            self.put(self.script.pop(0)[1])
        return super().drain()

    def wait(self, timeout_s: float) -> None:
        self.clock.now_s += timeout_s
        self.n_idle += 1  # nobody else can end a wait
        if self.n_idle > 200 and self.script:
            self.step = self.script[0][0]
        assert self.n_idle < 2000, "the lesson waits for a command that never comes"


@dataclass
class Watched:
    """Events as they came, and the hash of the weights by step, where that was asked for."""

    events: list[AnyEvent] = field(default_factory=list)
    hashes: dict[int, str] = field(default_factory=dict)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


@contextlib.contextmanager
def noted(
    hashes: dict[int, str], then: Callable[[Learner], None] = lambda learner: None
) -> Iterator[None]:
    """The weights of each step of what learns meanwhile; `then` is called after each update."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("adjust", "reinforce"):
            patched.setattr(Learner, name, _noting(getattr(Learner, name), hashes, then))
        yield


def _noting(
    update: Callable[..., object], hashes: dict[int, str], then: Callable[[Learner], None]
) -> Callable[..., object]:
    def made(learner: Learner, *args: object, **kwargs: object) -> object:
        hashes[learner.step] = learner.weights_sha256()
        told = update(learner, *args, **kwargs)
        hashes[learner.step] = learner.weights_sha256()
        then(learner)
        return told

    return made


def run_lesson(
    deck: Path | str,
    runs: Path | None = None,
    *,
    script: Script | None = None,
    goal: Goal | None = None,
    react: Callable[[AnyEvent], None] = lambda event: None,
    inbox: ScriptedInbox | None = None,
    is_noted: bool = False,
    **wishes: Any,
) -> tuple[OpenedLesson, Watched]:
    """Teach the deck to the goal, or until the script says Stop; the run's folder is released.
    `runs`: beside the deck, where none is named. `is_noted`: hash the weights of every step."""
    inbox = inbox or ScriptedInbox(Clock(), script or [])
    watched = Watched()

    def watch(event: AnyEvent) -> None:
        watched.events.append(event)
        inbox.step = max(inbox.step, event.step)
        react(event)

    asked = {"speed": "full", **wishes}
    opened = open_lesson(
        LessonRequest(deck=str(deck), runs=str(runs or Path(deck).parent / "runs"), **asked),
        inbox=inbox,
        watch=watch,
        on_stage=lambda stage, percent=None: None,
        goal=goal,
        clock=inbox.clock,
    )
    try:
        with noted(watched.hashes) if is_noted else contextlib.nullcontext():
            opened.lesson.run()
    finally:
        opened.keeper.close()
    return opened, watched


@dataclass
class Chapter:
    opened: OpenedLesson
    watched: Watched
    parent: Path

    @property
    def path(self) -> Path:
        return self.opened.keeper.folder.path

    @property
    def hashes(self) -> dict[int, str]:
        return self.watched.hashes
