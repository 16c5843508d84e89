"""A small first lesson, and chapters of rewards after it; what was known at each step."""

from pathlib import Path
from typing import Any

from flashcards.runs.goal import Goal
from tests.trainer.kept import copy_of
from tests.trainer.lessons import Chapter, Script, run_lesson

FIRST_STEPS = 40
REWARD_STEPS = 24


def write_pairs(folder: Path) -> Path:
    """Two letters in order; `known.deck` teaches 25 pairs. The path of the deck with the rest."""
    letters = "abcdefghij"
    pairs = [a + b for a in letters for b in letters if a != b]
    cards = [f"{pair} :: {''.join(sorted(pair))}" for pair in pairs]
    held_out = [f"? {card}" for card in cards[::3]]
    rest = cards[1::3] + cards[2::3]
    front = ["+++", 'judge = "sorted"', "batch_size = 8", "n_layers = 1", "width = 32", "+++"]
    for name, taught in (("known", rest[:25]), ("pairs", rest[25:])):
        lines = [*front, *taught, *held_out]
        (folder / f"{name}.deck").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "pairs.deck"


def first_lesson(folder: Path) -> Path:
    return copy_of(_teach_pairs, folder)


def _teach_pairs(folder: Path) -> Path:
    known = write_pairs(folder).with_name("known.deck")
    opened, _ = run_lesson(known, folder / "runs", goal=Goal(step=FIRST_STEPS))
    return opened.keeper.folder.path


def practise(
    deck: Path,
    runs: Path,
    *,
    after: Path | None,
    script: Script | None = None,
    steps: int = REWARD_STEPS,
    **wishes: Any,
) -> Chapter:
    wishes |= {"after": after and str(after), "is_rewarded": True}
    opened, watched = run_lesson(
        deck, runs, script=script, goal=Goal(step=steps), is_noted=True, **wishes
    )
    return Chapter(opened, watched, after or runs)
