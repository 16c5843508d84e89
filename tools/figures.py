"""The first answers of docs/figures.md, measured anew: `python -m tools.figures`.

Teaches decks to their goals, seeds 1 to 3, each in a process of its own, and prints a Markdown
table. `--decks capitals --seeds 1` measures less.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from flashcards.base.system import python


class Target(NamedTuple):
    """A deck, what is to be reached, and how many cards may be taught for it at most."""

    deck: str
    goal: str
    at_most: int


TARGETS = (
    Target("capitals", "seen=1.0", 1_200),
    Target("addition", "unseen=0.99", 40_000),
    Target("number-words", "unseen=0.98", 10_000),
)
SEEDS = (1, 2, 3)

HEAD = (
    "| deck | goal | bound | seed | cards taught | s | seen | never taught | rivals, never "
    "taught |",
    "|---|---|---|---|---|---|---|---|---|",
)


class Score(msgspec.Struct, frozen=True):
    right: int
    total: int


class Scores(msgspec.Struct, frozen=True):
    seen: Score
    unseen: Score


class LessonReport(msgspec.Struct, frozen=True):
    """The part of `flashcards train --json` that is measured here."""

    cards_taught: int
    train_seconds: float
    reached: bool
    seen: Score
    unseen: Score
    rivals: Mapping[str, Scores]


def teach(target: Target, seed: int) -> LessonReport:
    """Teach a deck until its goal is reached, in a process and a folder of its own.
    Raises CalledProcessError: it ended with neither the goal nor the end of the lesson."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        words = ("train", target.deck, "--until", target.goal, "--seed", str(seed))
        command = python("-m", "flashcards", *words, "--runs", runs, "--json")
        ended = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if not ended.stdout:
        raise subprocess.CalledProcessError(ended.returncode, command)
    return msgspec.json.decode(ended.stdout, type=LessonReport)


def row(target: Target, seed: int, report: LessonReport) -> str:
    """One line of the table. A goal that was not reached is marked."""
    missed = "" if report.reached else " (goal not reached)"
    rivals = ", ".join(
        f"{name} {scores.unseen.right:,}/{scores.unseen.total:,}"
        for name, scores in report.rivals.items()
    )
    cells = (
        target.deck,
        target.goal,
        f"{target.at_most:,}",
        str(seed),
        f"{report.cards_taught:,}{missed}",
        f"{report.train_seconds:.1f}",
        f"{report.seen.right:,}/{report.seen.total:,}",
        f"{report.unseen.right:,}/{report.unseen.total:,}",
        rivals,
    )
    return f"| {' | '.join(cells)} |"


def print_table(targets: Sequence[Target], seeds: Sequence[int]) -> None:
    print(*HEAD, sep="\n", flush=True)
    for target in targets:
        for seed in seeds:
            print(row(target, seed, teach(target, seed)), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.figures")
    names = [target.deck for target in TARGETS]
    parser.add_argument("--decks", nargs="+", choices=names, default=names)
    parser.add_argument("--seeds", nargs="+", type=int, default=SEEDS)
    parsed = parser.parse_args()
    print_table([target for target in TARGETS if target.deck in parsed.decks], parsed.seeds)


if __name__ == "__main__":
    main()
