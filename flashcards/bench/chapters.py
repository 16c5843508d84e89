"""What reading and rewards cost: an update by reward, and being watched. Prints JSON lines.

    python -m flashcards.bench.chapters --rounds 3 --seconds 6

An update is 32 prompts with eight tries each, on a deck that is half known; its time is CPU time of
one thread. Watched and not are measured in turn, as `measures.watching` does for cards.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from flashcards.bench.figures import Figure, figure, spread_of
from flashcards.bench.measures import watching
from flashcards.bench.terminal import FLASHCARDS
from flashcards.runs.catalog import list_runs

FIRST_DECK, DECK, TEXT = "few-sorted", "sort-these", "valley"
FIRST_STEPS = 300
N_UPDATES = 20


def rewarding(run: Path) -> Figure:
    """CPU seconds of an update by reward, and how much of them is drawing the tries."""
    from flashcards.learner.learner import Learner
    from flashcards.runs.goal import Goal
    from flashcards.trainer.inbox import Inbox
    from flashcards.trainer.judging import judge_for
    from flashcards.trainer.opening import open_lesson
    from flashcards.trainer.request import LessonRequest
    from flashcards.trainer.rewarding import reward_update

    opened = open_lesson(
        LessonRequest(deck=DECK, after=str(run), runs=str(run.parent), is_rewarded=True),
        inbox=Inbox(),
        watch=lambda event: None,
        on_stage=lambda stage: None,
        goal=Goal(step=1),
    )
    training, judge = opened.training, judge_for(opened.training.deck)
    drawing: list[float] = []
    draw = Learner.draw

    def timed(*arguments: object) -> object:
        started_s = time.thread_time()
        drawn = draw(*arguments)  # type: ignore[arg-type]
        drawing.append(time.thread_time() - started_s)
        return drawn

    Learner.draw = timed  # type: ignore[assignment,method-assign]
    times: list[float] = []
    n_cards = training.learner.settings.batch_size
    try:
        for _ in range(N_UPDATES):
            card_indices = training.order.next(n_cards)
            started_s = time.thread_time()
            reward_update(training, card_indices, judge, is_shown=False)
            times.append(time.thread_time() - started_s)
    finally:
        Learner.draw = draw  # type: ignore[method-assign]
        opened.keeper.close()
    return figure(
        "update by reward",
        statistics.median(times),
        "s of CPU time",
        f"{n_cards} prompts × 8 tries, one thread, {statistics.median(drawing):.3f} s of it "
        f"drawing; median of {N_UPDATES}, longest {max(times):.3f} s",
        digits=3,
        at_most=0.2,
        spread=spread_of(times),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="what reading and rewards cost")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=6.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        words = ("train", FIRST_DECK, "--steps", str(FIRST_STEPS), "--runs", runs)
        subprocess.run([*FLASHCARDS, *words], stdout=subprocess.DEVNULL, check=True)
        run = list_runs(Path(runs))[0].path
        _tell(rewarding(run))
        endless = ("--steps", "1000000")
        lessons = {"reading": ("read", TEXT), "reward": ("reward", DECK, "--after", str(run))}
        for name, lesson in lessons.items():
            _tell(watching(args.rounds, args.seconds, name, (*lesson, *endless), lesson))


def _tell(found: Figure) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
