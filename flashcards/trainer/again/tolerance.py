"""Differences in the facts of a run that rounding alone explains, and how large they may be.

Another processor, or another version of torch, adds up in another order: the last digit differs,
and every update passes the difference on. What follows from the deck and the commands does not.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from flashcards.runs import events
from flashcards.trainer.training_state import LessonMemory

TOLERANCE = 0.05  # Numbers may differ by this share, or by this much when they are below 1

COUNT_TOLERANCE = 2  # And counts of what the model got right by this many

CHAOS = 0.01
"""Some updates enlarge rounding a thousandfold: weights a millionth apart end this far apart."""

CHAOS_FACTOR = 4.0
"""After such updates weights may differ by so many times that distance, and any other number by so
many times the range of its kind there."""

OF_THE_MODEL = (
    events.CorrectionMeasured,
    events.StepsTaken,
    events.TriesRewarded,
    events.ExamTaken,
    events.TextWritten,
    events.DeckMarked,
    events.PromptAnswered,
    events.PinAnswered,
    events.PinTaught,
    events.LessonEnded,
    events.VoteCast,
    LessonMemory,
)
"""Facts that say what the model computed. All others are compared exactly."""

COUNTED = {
    "right",
    "n_helped",
    "n_hurt",
    "n_cards",
    "n_known",
    "n_same",
    "rule_seen",
    "rule_unseen",
    "n_updates",
    "n_skipped",
    "n_groups",
    "n_all_rewarded",
    "n_none_rewarded",
    "n_alike",
    "n_right",
    "n_exploits",
}
"""Whole numbers that the model decides."""

UNDECIDED = {
    "LessonMemory.best_seen",
    "LessonMemory.best_unseen",
    "LessonMemory.best_loss_nats",
    "LessonMemory.best_at_s",
    "LessonMemory.marks_bytes",
    "LessonMemory.next_marks_s",
    "LessonMemory.gradient_norm",
    "LessonMemory.pending_loss_nats",  # in the next StepsTaken
    "CorrectionMeasured.correction.change.up",
    "CorrectionMeasured.correction.change.down",
}
"""Facts that may change altogether when one answer, or one piece, turns out otherwise."""

MAY_BE_MISSING = (events.DeckMarked,)

Leaf = float | int | str | bool | None
Fact = events.AnyEvent | LessonMemory


def leaves(fact: Fact) -> dict[str, Leaf]:
    def walk(value: object, path: str) -> Iterator[tuple[str, Leaf]]:
        if isinstance(value, dict):
            for name, part in value.items():
                yield from walk(part, f"{path}.{name}" if path else str(name))
        elif isinstance(value, list | tuple):
            for place, part in enumerate(value):
                yield from walk(part, f"{path}[{place}]")
        elif value is None or isinstance(value, int | float | str | bool):
            yield path, value

    parts = msgspec.to_builtins(fact)
    return dict(walk({k: v for k, v in parts.items() if k not in ("kind", "step")}, ""))


def is_number(value: Leaf) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_within(fact: type[object], name: str, was: Leaf, now: Leaf, total: Leaf = None) -> bool:
    """Tell whether rounding elsewhere may make `now` of `was`, at this path of such a fact.
    `total`: out of how many, where both are scores."""
    if f"{fact.__name__}.{name.split('[')[0]}" in UNDECIDED:
        return True
    if not (is_number(was) and is_number(now)):
        return was == now or is_rounded(fact, name, was, now)
    by = abs(float(was or 0) - float(now or 0))
    size = abs(float(now or 0))
    if isinstance(was, float) or isinstance(now, float):
        return by <= TOLERANCE * max(1.0, size)
    if not is_rounded(fact, name, was, now):
        return was == now
    return by <= max(COUNT_TOLERANCE, TOLERANCE * max(size, float(total or 0)))


def is_rounded(fact: type[object], name: str, was: Leaf, now: Leaf) -> bool:
    """Tell whether the model decides what is at this path: a chaotic update changes it at will."""
    is_whole = is_number(was) and isinstance(was, int) and isinstance(now, int)
    return fact in OF_THE_MODEL and (not is_whole or name.rpartition(".")[2] in COUNTED)


def kind_of_leaf(fact: type[object], name: str) -> str:
    """Name what leaves that may be compared with each other have in common: `change.up`."""
    return f"{fact.__name__}.{''.join(part.partition(']')[2] for part in f']{name}'.split('['))}"


def ranges(facts: Iterable[Fact]) -> dict[str, float]:
    """From the smallest to the largest number of each kind of leaf."""
    numbers_of: dict[str, list[float]] = defaultdict(list)
    for fact in facts:
        for name, leaf in leaves(fact).items():
            if is_number(leaf):
                numbers_of[kind_of_leaf(type(fact), name)].append(float(leaf or 0))
    return {kind: max(numbers) - min(numbers) for kind, numbers in numbers_of.items()}
