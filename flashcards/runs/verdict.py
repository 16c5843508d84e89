"""Memory or understanding: what the measured scores allow one to say, and no more.

Knows no sentence: `flashcards.wording.facts` puts a verdict into words.
"""

import math
from collections.abc import Iterable
from typing import Literal

import msgspec

from flashcards.base.language import format_number
from flashcards.runs.values import CommonAnswer, Knowledge, Rival, Score, VerdictKind

MIN_NEVER_SEEN = 20
"""Fewer never-taught cards say nothing: at 20, even 20 of 20 has a lower bound of 84 %."""

MEMORISED_SEEN = 0.95
UNDERSTOOD_LOWER = 0.75
MEMORISED_UPPER = 0.25
LEAD = 0.05  # A share that is above a rival's by less is not called ahead of it

VerdictCase = Literal[
    "few_never_seen",
    "learning",
    "between",
    "understood",
    "understood_by_rival",
    "memorised",
    "no_better_than_rival",
    "read",
    "knew",
]

KINDS: dict[VerdictCase, VerdictKind] = {
    "few_never_seen": "too_early",
    "learning": "too_early",
    "between": "too_early",
    "understood": "understood",
    "understood_by_rival": "too_early",
    "memorised": "memorised",
    "no_better_than_rival": "memorised",
    "read": "read",
    "knew": "knew",
}


class Verdict(msgspec.Struct, frozen=True):
    """The meaning of two scores beside the best rival, that with the largest share never taught.

    Attributes:
        case: The rule that decided, see `verdict`.
        best: None when no rival has a single card never taught right.
        because: The deck's own reason why a card never taught can't be answered; "" without one.
        known: What the model knew before it was taught: the scores are of the other cards.
    """

    case: VerdictCase
    seen: Score
    unseen: Score
    best: Rival | None = None
    because: str = ""
    known: Knowledge | None = None
    is_later_chapter: bool = False

    @property
    def kind(self) -> VerdictKind:
        return KINDS[self.case]


def wilson(score: Score, z: float = 1.96) -> tuple[float, float]:
    """The 95 % Wilson score interval of a share, both ends 0 to 1.
    E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22
    (1927). (0, 1) when nothing was asked."""
    n = score.total
    if n == 0:
        return 0.0, 1.0
    p = score.right / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def percent(rate: float) -> str:
    """A share right, 0 to 1, as it is said everywhere; "<1 %" if it is not none."""
    if 0 < rate < 0.01:
        return "<1 %"
    return f"{shown_percent(rate)} %"


def shown_percent(rate: float) -> int:
    """Rounded, but 100 only when all are right."""
    return min(math.floor(rate * 100 + 0.5 + 1e-9), 100 if rate >= 1 else 99)


def give_or_take(score: Score) -> int:
    """Return by how many per cents the shown share may be off either way, 95 % sure: the farther
    end of the Wilson interval, rounded up."""
    shown_share = shown_percent(score.rate or 0.0)
    low, high = wilson(score)
    return math.ceil(max(shown_share - 100 * low, 100 * high - shown_share) - 1e-9)


def difference(a: Score, b: Score) -> tuple[float, float]:
    """The 95 % interval of the share of `a` less that of `b`, both ends -1 to 1.
    R. G. Newcombe, "Interval estimation for the difference between independent proportions:
    comparison of eleven methods", Statistics in Medicine 17 (1998), method 10: of the two Wilson
    intervals. (-1, 1) when one of them was asked nothing."""
    if a.total == 0 or b.total == 0:
        return -1.0, 1.0
    p, q = a.right / a.total, b.right / b.total
    (p_low, p_high), (q_low, q_high) = wilson(a), wilson(b)
    low = p - q - math.hypot(p - p_low, q_high - q)
    high = p - q + math.hypot(p_high - p, q - q_low)
    return low, high


def is_better(a: Score, b: Score) -> bool:
    """Tell whether the share of `a` is above that of `b` by more than chance."""
    return difference(a, b)[0] > 0


def is_ahead(unseen: Score, best: Rival | None) -> bool:
    """Tell whether clearly more cards never taught are right than the best rival has; None: than
    none."""
    rival = Score(0, unseen.total) if best is None else best.unseen
    return (unseen.rate or 0.0) - (rival.rate or 0.0) >= LEAD and is_better(unseen, rival)


def best_of(rivals: Iterable[Rival]) -> Rival | None:
    """The rival with the largest share of cards never taught; None when none has a single one."""
    able = [rival for rival in rivals if rival.unseen.right]
    return max(able, key=lambda rival: rival.unseen.rate or 0.0, default=None)


ALWAYS = "always-"  # the name of such a rival begins so


def always_saying(common: CommonAnswer) -> Rival:
    return Rival(ALWAYS + common.answer, common.seen, common.unseen)


def verdict(
    seen: Score,
    unseen: Score,
    rivals: Iterable[Rival] = (),
    *,
    common: CommonAnswer | None = None,
    is_text: bool = False,
    because: str = "",
    known: Knowledge | None = None,
    is_later_chapter: bool = False,
) -> Verdict:
    """Judge these scores. `seen` is the taught cards, `unseen` the never-taught ones.

    Of a text they are its pieces, and nothing is judged. Whoever always says the `common` answer
    is a rival, too.

    Understood: the lower end of the interval of `unseen` is at least 75 %, and `unseen` is above
    the best rival's by more than chance. Memorised: nearly all seen right, and either the upper
    end of `unseen` at most 25 %, or below 75 % and the share no larger than the best rival's.
    Anything else, or fewer than 20 never taught: too early.

    With `known` nothing is judged: what a model that others have trained answers and was never
    taught it may have read. `is_later_chapter`: another deck was taught to it before.
    """
    best = best_of(rivals if common is None else (*rivals, always_saying(common)))
    if is_text:
        return Verdict("read", seen, unseen, best)
    if known is not None:
        return Verdict("knew", seen, unseen, best, known=known, is_later_chapter=is_later_chapter)
    return Verdict(_case(seen, unseen, best), seen, unseen, best, because)


def _case(seen: Score, unseen: Score, best: Rival | None) -> VerdictCase:
    if unseen.total < MIN_NEVER_SEEN:
        return "few_never_seen"
    low, high = wilson(unseen)
    if low >= UNDERSTOOD_LOWER:
        is_ahead = best is None or is_better(unseen, best.unseen)
        return "understood" if is_ahead else "understood_by_rival"
    if seen.total == 0 or seen.right < MEMORISED_SEEN * seen.total:
        return "learning"
    if high <= MEMORISED_UPPER:
        return "memorised"
    if high < UNDERSTOOD_LOWER and best is not None:
        rival = best.unseen
        if unseen.right * rival.total <= rival.right * unseen.total:
            return "no_better_than_rival"
    return "between"


def fraction(score: Score) -> str:
    return f"{format_number(score.right, ',')}/{format_number(score.total, ',')}"
