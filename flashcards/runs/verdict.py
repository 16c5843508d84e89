"""Memory or understanding, in words: what the measured scores allow one to say, and no more."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from flashcards.runs.events import Rival, Score, VerdictKind

MIN_HELD_OUT = 20
"""Fewer held-out cards than this say nothing: at 20, even 20 of 20 has a lower bound of 84 %."""

MEMORISED_SEEN = 0.95
UNDERSTOOD_LOWER = 0.75
MEMORISED_UPPER = 0.25


class Verdict(msgspec.Struct, frozen=True):
    """A kind for programs and a sentence for people, with the numbers that justify it."""

    kind: VerdictKind
    sentence: str


def wilson(score: Score, z: float = 1.96) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share, both ends 0 to 1.

    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22
    (1927). (0, 1) when nothing was asked.
    """
    n = score.total
    if n == 0:
        return 0.0, 1.0
    p = score.right / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def percent(rate: float) -> str:
    """A rate of 0 to 1 as text, never rounded up to 100 % nor down to 0 %."""
    if rate in (0.0, 1.0):
        return f"{rate:.0%}".replace("%", " %")
    return f"{min(max(100 * rate, 0.1), 99.9):.1f} %"


def verdict(seen: Score, unseen: Score, rivals: Iterable[Rival] = ()) -> Verdict:
    """What these scores say. `seen` is the taught cards, `unseen` the held-out ones.

    Understood: the lower end of the interval of `unseen` is at least 75 % and above the upper end
    of the best rival's. Memorised: nearly all seen right, and the upper end of `unseen` at most
    25 % or no better than the best rival. Anything else, or fewer than 20 held out: too early.
    """
    n_seen = f"{seen.right:,}/{seen.total:,}"
    n_unseen = f"{unseen.right:,}/{unseen.total:,}"
    has_learned = seen.total > 0 and seen.right >= MEMORISED_SEEN * seen.total
    if unseen.total < MIN_HELD_OUT:
        why = "No card was" if unseen.total == 0 else f"Only {unseen.total} cards were"
        fact = f"{n_seen} taught cards right."
        return Verdict(
            "too_early",
            f"{fact} {why} held out, so memory and understanding can't be told apart.",
        )
    low, high = wilson(unseen)
    best_name, best_high = "", 0.0
    for rival in rivals:
        upper = wilson(rival.unseen)[1] if rival.unseen.right else 0.0
        if upper > best_high:
            best_name, best_high = rival.name, upper
    interval = f"95 % interval {100 * low:.0f}–{100 * high:.0f} %"
    rate = unseen.right / unseen.total
    if low >= UNDERSTOOD_LOWER and low > best_high:
        return Verdict(
            "understood",
            f"It has understood: {percent(rate)} of {unseen.total:,} cards it was never shown are "
            f"right ({interval}).",
        )
    if has_learned and high <= MEMORISED_UPPER:
        return Verdict(
            "memorised",
            f"It has memorised this deck: {n_seen} seen, {n_unseen} never seen. "
            "Nothing in these prompts gave the answers away.",
        )
    if has_learned and low <= best_high and best_name:
        return Verdict(
            "memorised",
            f"It has memorised this deck: {n_seen} seen, {n_unseen} never seen, "
            f"no better than the {best_name} rival.",
        )
    if has_learned:
        return Verdict(
            "too_early",
            f"Too early to say: {n_seen} seen, but {percent(rate)} of {unseen.total:,} never seen "
            f"({interval}), between memory and understanding.",
        )
    return Verdict(
        "too_early", f"Too early to say: {n_seen} seen, {n_unseen} never seen are right so far."
    )
