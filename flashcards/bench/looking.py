"""What looking costs the training: the ledger of who taught what, the view from within, a walk.

`python -m flashcards.bench.looking` prints the figures as JSON: a process of its own, because it
imports torch. Times are CPU times of its one thread.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable

import msgspec

from flashcards.bench.figures import Figure, figure, spread_of
from flashcards.cards.card import Deck
from flashcards.cards.shelf import find, load
from flashcards.learner import inspection
from flashcards.learner.learner import Learner
from flashcards.runs.commands import MAX_PINS, LookInside, Pin
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.questions.handler import QuestionHandler
from flashcards.trainer.questions.rival_table import RivalTable
from flashcards.trainer.request import LessonRequest

DECK = "past-tense"
WARM_STEPS, N_STEPS, N_LOOKS = 20, 320, 15
LOOKS_PER_S = 2.0


def looking(n_steps: int = N_STEPS, n_looks: int = N_LOOKS) -> list[Figure]:
    """The shares of a lesson's time, with all pins on never seen cards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
        opened = open_lesson(
            LessonRequest(deck=DECK, speed="full", runs=runs),
        )
        taught, keeper = opened.training, opened.keeper
        learner, deck = taught.learner, load(find(DECK))[0]
        questions = QuestionHandler(taught, keeper, RivalTable(taught, keeper, lambda: None))
        for card_index in deck.never_seen[:MAX_PINS]:
            questions.take(Pin(prompt=deck.cards[card_index].prompt))
        updates: list[float] = []
        noted: list[float] = []
        for step in range(WARM_STEPS + n_steps):
            study = None

            def update() -> None:
                nonlocal study
                study = learner.study(taught.order.next(learner.settings.batch_size))
                learner.adjust(study)

            update_s = timed(update)
            assert study is not None
            made = study
            note_s = timed(lambda made=made: questions.adjusted(made, is_explained=False))  # type: ignore[misc]
            taught.memory.nominal_s += 0.02
            if step >= WARM_STEPS:
                updates.append(update_s)
                noted.append(note_s)
        looks = [timed(lambda: questions.take(LookInside(request=1))) for _ in range(n_looks)]
        walked, plain = walks(learner, deck, n_looks)
        keeper.close()
    return figures(updates, noted, looks, walked, plain)


def walks(learner: Learner, deck: Deck, n: int) -> tuple[list[float], list[float]]:
    """CPU seconds of single updates with everything a walk shows but the ripple, and without."""
    walked: list[float] = []
    plain: list[float] = []

    def walk(card_index: int) -> None:
        inspection.cut(learner.anatomy, card_index)
        study = learner.study([card_index])
        inspection.read(learner.anatomy, card_index)
        inspection.expect(learner.anatomy, study, 0)
        learner.adjust(study, 1.0, 0, is_detailed=True)

    for card_index in deck.taught[:n]:
        plain.append(timed(lambda i=card_index: learner.adjust(learner.study([i]), 1.0, 0)))  # type: ignore[misc]
        walked.append(timed(lambda i=card_index: walk(i)))  # type: ignore[misc]
    return walked, plain


def timed(work: Callable[[], object]) -> float:
    started_s = time.thread_time()
    work()
    return time.thread_time() - started_s


def figures(
    updates: list[float],
    noted: list[float],
    looks: list[float],
    walked: list[float],
    plain: list[float],
) -> list[Figure]:
    """What came of the times in seconds of updates, of noting them, of looks and of walks."""
    ledger = 100 * sum(noted) / sum(updates)
    look = 100 * LOOKS_PER_S * statistics.median(looks)
    return [
        figure(
            "who taught it this",
            ledger,
            "% of an update",
            f"{MAX_PINS} pinned cards, {1000 * statistics.mean(noted):.2f} ms an update of "
            f"{1000 * statistics.mean(updates):.1f} ms; nothing without pins",
            at_most=5,
            spread=spread_of(updates),
        ),
        figure(
            "looking inside",
            look,
            "% of the time",
            f"{1000 * statistics.median(looks):.1f} ms a look, {LOOKS_PER_S:.0f} looks a "
            "second; nothing while the view is closed",
            at_most=5,
            spread=spread_of(looks),
        ),
        figure(
            "an explained update",
            1000 * statistics.median(walked),
            "ms",
            f"with all its details but the ripple; {1000 * statistics.median(plain):.1f} ms "
            "without them",
            spread=spread_of(walked),
        ),
    ]


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(looking()))
