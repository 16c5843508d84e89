"""Two small decks taught one after the other, with every remedy; what was known at each step."""

import shutil
from pathlib import Path
from typing import Any

from flashcards.runs.commands import Pin, Play, SetRemedy, SwitchAdapter
from flashcards.runs.goal import Goal
from flashcards.trainer.opening import OpenedLesson
from tests.decks import write_capitals
from tests.trainer.kept import copy_of
from tests.trainer.lessons import Chapter, Script, run_lesson

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


SCRIPT: Script = [
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


def first_chapter(path: Path) -> Path:
    return copy_of(_teach_capitals, path)


def _teach_capitals(path: Path) -> Path:
    opened, _ = run_lesson(write_capitals(path), goal=Goal(step=FIRST_STEPS))
    return opened.keeper.folder.path


def teach_after(
    parent: Path,
    deck: Path,
    *,
    script: Script | None = None,
    steps: int = LATER_STEPS,
    **wishes: Any,
) -> Chapter:
    goal, after = Goal(step=steps), str(parent)
    opened, watched = run_lesson(
        deck, parent.parent, script=script, goal=goal, is_noted=True, after=after, **wishes
    )
    return Chapter(opened, watched, parent)


def resumed(path: Path, steps: int) -> OpenedLesson:
    opened, _ = run_lesson("unused", path.parent, resume=str(path), goal=Goal(step=steps))
    return opened


def copied(run: Path, to: Path) -> Path:
    return shutil.copytree(run, to / run.name)
