"""Two small decks taught one after the other, with every remedy; what was known at each step."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flashcards.learner.learner import Learner
from flashcards.learner.study import Adjustment, Study
from flashcards.runs.commands import AnyCommand, Pin, Play, SetRemedy, Stop, SwitchAdapter
from flashcards.runs.events import AnyEvent
from flashcards.runs.goal import Goal
from flashcards.runs.values import Learns
from flashcards.trainer.opening import OpenedLesson, open_lesson
from flashcards.trainer.request import LessonRequest
from tests.decks import write_capitals
from tests.trainer.kept import copy_of
from tests.trainer.lessons import Clock, ScriptedInbox, Watched, run_lesson

FIRST_STEPS = 20
LATER_STEPS = 55
COINS = {
    "France": "euro",
    "Poland": "zloty",
    "Denmark": "krone",
    "Sweden": "krona",
    "India": "rupee",
    "Kenya": "shilling",
    "Chile": "peso",
}


def write_coins(folder: Path) -> Path:
    """Coins: some of its prompts are those of the capitals; one card is never taught."""
    path = folder / "coins.deck"
    lines = ["+++", 'name = "Coins"', "+++", *(f"{land} :: {coin}" for land, coin in COINS.items())]
    path.write_text("\n".join([*lines, "? Japan :: yen"]) + "\n", encoding="utf-8")
    return path


SCRIPT: list[tuple[int, AnyCommand]] = [
    (FIRST_STEPS, Pin(prompt="Sweden")),
    (FIRST_STEPS + 12, SetRemedy(rehearsal=0.25)),
    (FIRST_STEPS + 20, SetRemedy(learns="last_layer")),
    (FIRST_STEPS + 26, SetRemedy(rehearsal=0.0, learns="adapter")),
    (FIRST_STEPS + 40, SwitchAdapter(is_on=False)),
    (FIRST_STEPS + 40, SwitchAdapter(is_on=True)),
    (FIRST_STEPS + 40, SwitchAdapter(is_on=False)),
    (FIRST_STEPS + 41, Play()),
    (FIRST_STEPS + 50, SetRemedy(rehearsal=0.5, learns="all")),
]


@dataclass
class Later:
    """A second chapter, and the first, its parent."""

    opened: OpenedLesson
    watched: Watched
    parent: Path
    hashes: dict[int, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.opened.keeper.folder.path


def first_chapter(path: Path) -> Path:
    """The capitals, taught; the run's folder in this one."""
    return copy_of(_teach_capitals, path)


def _teach_capitals(path: Path) -> Path:
    opened, _ = run_lesson(write_capitals(path), path / "runs", goal=Goal(step=FIRST_STEPS))
    return opened.keeper.folder.path


def teach_after(
    parent: Path,
    deck: Path,
    *,
    script: list[tuple[int, AnyCommand]] | None = None,
    steps: int = LATER_STEPS,
    rehearsal: float | None = None,
    learns: Learns | None = None,
    on_update: Callable[[Learner], None] = lambda learner: None,
) -> Later:
    """The next chapter of the run, beside it."""
    clock, watched = Clock(), Watched()
    inbox = ScriptedInbox(clock, script or [])
    hashes: dict[int, str] = {}

    def watch(event: AnyEvent) -> None:
        watched.events.append(event)
        inbox.step = max(inbox.step, event.step)

    opened = open_lesson(
        LessonRequest(
            deck=str(deck),
            runs=str(parent.parent),
            after=str(parent),
            speed="full",
            rehearsal=rehearsal,
            learns=learns,
        ),
        inbox=inbox,
        watch=watch,
        on_stage=lambda stage: None,
        goal=Goal(step=steps),
        clock=clock,
    )
    learner = opened.training.learner
    hashes[learner.step] = learner.weights_sha256()
    adjust = Learner.adjust

    def noted(one: Learner, study: Study, *args: object, **kwargs: object) -> Adjustment:
        made: Adjustment = adjust(one, study, *args, **kwargs)  # type: ignore[arg-type]
        if one is learner:
            hashes[one.step] = one.weights_sha256()
            on_update(one)
        return made

    Learner.adjust = noted  # type: ignore[assignment,method-assign]
    try:
        opened.lesson.run()
    finally:
        Learner.adjust = adjust  # type: ignore[method-assign]
        opened.keeper.close()
    return Later(opened, watched, parent, hashes)


def resumed(path: Path, steps: int) -> OpenedLesson:
    """The run gone on with, up to that step."""
    opened, _ = run_lesson(Path("unused"), path.parent, resume=str(path), goal=Goal(step=steps))
    return opened


def copied(run: Path, to: Path) -> Path:
    """A copy of the run's folder."""
    return shutil.copytree(run, to / run.name)


STOP = Stop()
