"""Opens real lessons on small decks, in this process, with a clock and an inbox of the test's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from flashcards.learner.settings import NO_SETTINGS
from flashcards.runs.commands import AnyCommand
from flashcards.runs.events import AnyEvent
from flashcards.runs.goal import Goal
from flashcards.runs.values import Settings, Speed
from flashcards.trainer.inbox import Inbox
from flashcards.trainer.opening import OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest

E = TypeVar("E")


class Clock:
    """Seconds that pass only when somebody waits."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class ScriptedInbox(Inbox):
    """An inbox in which commands appear when the learner has made so many updates.

    Waiting takes no time but moves the clock. Waiting when there is nothing left to come is an
    error: a real lesson would wait for ever.
    """

    def __init__(self, clock: Clock, script: list[tuple[int, AnyCommand]]) -> None:
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
    """Events as they came."""

    events: list[AnyEvent] = field(default_factory=list)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


def run_lesson(
    deck: Path,
    runs: Path,
    *,
    script: list[tuple[int, AnyCommand]] | None = None,
    goal: Goal | None = None,
    seed: int = 1,
    speed: Speed | None = "full",
    resume: str | None = None,
    is_shuffled: bool = False,
    duty: float = 1.0,
    is_following: bool = False,
    settings: Settings = NO_SETTINGS,
    react: Callable[[AnyEvent], None] = lambda event: None,
    inboxes: list[ScriptedInbox] | None = None,
) -> tuple[OpenedLesson, Watched]:
    """Teach the deck to the goal, or until the script says Stop; the run's folder is released."""
    clock = Clock()
    inbox = ScriptedInbox(clock, script or [])
    if inboxes is not None:
        inboxes.append(inbox)
    watched = Watched()

    def watch(event: AnyEvent) -> None:
        watched.events.append(event)
        inbox.step = max(inbox.step, event.step)
        react(event)

    opened = open_lesson(
        LessonRequest(
            deck=str(deck),
            seed=seed,
            speed=speed,
            runs=str(runs),
            resume=resume,
            is_shuffled=is_shuffled,
            duty=duty,
            is_following=is_following,
            settings=settings,
        ),
        inbox=inbox,
        watch=watch,
        on_stage=lambda stage: None,
        goal=goal,
        clock=clock,
    )
    try:
        opened.lesson.run()
    finally:
        opened.keeper.close()
    return opened, watched
