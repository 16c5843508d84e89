"""What reading and rewards cost: pieces read, an update by reward, being watched. JSON lines.

    python -m flashcards.bench.chapters --rounds 3 --seconds 6

Pieces read are those of a text's windows a second, against those of cards (prompt and answer), each
updated in turn in full batches. An update by reward is 32 prompts with eight tries each, on a deck
that is half known. Both in CPU time of one thread. Watched and not are measured in turn, as
`measures.watching` does for cards.
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
READ_AGAINST = ("past-tense", "addition")
N_READ = 60
FIRST_STEPS = 300
N_UPDATES = 20


def reading(runs: Path) -> Figure:
    """Pieces of a text that are read a second, against the pieces of cards."""
    from flashcards.runs.goal import Goal
    from flashcards.trainer.opening import open_lesson
    from flashcards.trainer.request import LessonRequest
    from flashcards.trainer.update import Updates

    opened = [
        open_lesson(
            LessonRequest(deck=name, runs=str(runs), settings={"batch_size": batch_size}),
            goal=Goal(step=1),
        )
        for name, batch_size in ((TEXT, 16), *((deck, 32) for deck in READ_AGAINST))
    ]
    lessons = [(one.training.learner, Updates(one.training)) for one in opened]
    times: list[list[float]] = [[] for _ in lessons]
    for _ in range(N_READ):
        for (_, updates), its_times in zip(lessons, times, strict=True):
            started_s = time.thread_time()
            updates.make(is_single=False)
            its_times.append(time.thread_time() - started_s)
    for one in opened:
        one.keeper.close()
    speeds = [
        learner.settings.batch_size * learner.pieces_per_card / statistics.median(its_times)
        for (learner, _), its_times in zip(lessons, times, strict=True)
    ]
    names = (TEXT, *READ_AGAINST)
    told = ", ".join(f"{name} {speed:,.0f}" for name, speed in zip(names, speeds, strict=True))
    return figure(
        "pieces read, against those of cards",
        100 * speeds[0] / max(speeds[1:]),
        "%",
        f"a second of CPU time: {told}; medians of {N_READ} updates in turn",
        at_least=60,
        spread=spread_of(times[0]),
    )


def rewarding(run: Path) -> Figure:
    """CPU seconds of an update by reward, and how much of them is drawing the tries."""
    from flashcards.learner.learner import Learner
    from flashcards.runs.goal import Goal
    from flashcards.trainer.judging import judge_for
    from flashcards.trainer.opening import open_lesson
    from flashcards.trainer.request import LessonRequest
    from flashcards.trainer.rewarding import reward_update

    opened = open_lesson(
        LessonRequest(deck=DECK, after=str(run), runs=str(run.parent), is_rewarded=True),
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
    parser.add_argument("--rounds", type=int, default=3, help="0: only the pieces read")
    parser.add_argument("--seconds", type=float, default=6.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        _tell(reading(Path(runs)))
        if args.rounds == 0:
            return
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
