"""Memory or understanding, in words: what the measured scores allow one to say, and no more."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from flashcards.language import format_number, say
from flashcards.runs.values import Rival, Score, VerdictKind

MIN_HELD_OUT = 20
"""Fewer held-out cards than this say nothing: at 20, even 20 of 20 has a lower bound of 84 %."""

MEMORISED_SEEN = 0.95
UNDERSTOOD_LOWER = 0.75
MEMORISED_UPPER = 0.25

RIVAL_NAMES = {
    "lookup": say("lookup table"),
    "ngram": say("n-gram model"),
    "nearest": say("nearest card"),
}


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
    return f"{format_number(min(max(100 * rate, 0.1), 99.9), '.1f')} %"


def difference(a: Score, b: Score) -> tuple[float, float]:
    """The 95 % interval of the share of `a` less that of `b`, both ends -1 to 1.

    R. G. Newcombe, "Interval estimation for the difference between independent proportions:
    comparison of eleven methods", Statistics in Medicine 17 (1998), method 10: of the two Wilson
    intervals. (-1, 1) when one of them was asked nothing.
    """
    if a.total == 0 or b.total == 0:
        return -1.0, 1.0
    p, q = a.right / a.total, b.right / b.total
    (p_low, p_high), (q_low, q_high) = wilson(a), wilson(b)
    low = p - q - math.hypot(p - p_low, q_high - q)
    high = p - q + math.hypot(p_high - p, q - q_low)
    return low, high


def is_better(a: Score, b: Score) -> bool:
    """Whether the share of `a` is above that of `b` by more than chance."""
    return difference(a, b)[0] > 0


def best_of(rivals: Iterable[Rival]) -> Rival | None:
    """The rival with the largest share of cards never seen; None when none has a single one."""
    able = [rival for rival in rivals if rival.unseen.right]
    return max(able, key=lambda rival: rival.unseen.rate or 0.0, default=None)


def verdict(seen: Score, unseen: Score, rivals: Iterable[Rival] = ()) -> Verdict:
    """What these scores say. `seen` is the taught cards, `unseen` the held-out ones.

    Understood: the lower end of the interval of `unseen` is at least 75 %, and `unseen` is above
    the best rival's by more than chance. Memorised: nearly all seen right, and either the upper
    end of `unseen` at most 25 %, or below 75 % and the share no larger than the best rival's.
    Anything else, or fewer than 20 held out: too early.
    """
    if unseen.total < MIN_HELD_OUT:
        return _without_held_out(seen, unseen)
    low, high = wilson(unseen)
    best = best_of(rivals)
    has_learned = seen.total > 0 and seen.right >= MEMORISED_SEEN * seen.total
    if low >= UNDERSTOOD_LOWER:
        return _much(unseen, best)
    if has_learned and high <= MEMORISED_UPPER:
        return _little(seen, unseen, best)
    scores = say("{seen} seen, {unseen} never seen", seen=counted(seen), unseen=counted(unseen))
    if has_learned and high < UNDERSTOOD_LOWER and best is not None and _is_level(unseen, best):
        than = say(
            "no better than the {best} with {score}",
            best=rival_name(best.name),
            score=counted(best.unseen),
        )
        return Verdict(
            "memorised",
            say("It has memorised this deck: {scores}, {than}.", scores=scores, than=than),
        )
    if has_learned:
        return Verdict(
            "too_early",
            say(
                "Between memory and understanding: {scores} ({interval}).",
                scores=scores,
                interval=_interval(unseen),
            ),
        )
    return Verdict("too_early", say("Too early to say: {scores} are right so far.", scores=scores))


def _without_held_out(seen: Score, unseen: Score) -> Verdict:
    match unseen.total:
        case 0:
            why = say("No card was")
        case 1:
            why = say("Only 1 card was")
        case n:
            why = say("Only {n} cards were", n=n)
    return Verdict(
        "too_early",
        say(
            "{seen} taught cards right. {why} held out, so memory and understanding "
            "can't be told apart.",
            seen=counted(seen),
            why=why,
        ),
    )


def _much(unseen: Score, best: Rival | None) -> Verdict:
    """Most cards never seen are right: by understanding, unless a rival can do it too."""
    rate = percent(unseen.rate or 0.0)
    if best is None:
        others = say("no rival has any")
    else:
        name, share = rival_name(best.name), percent(best.unseen.rate or 0.0)
        others = say("the {name} has {share}", name=name, share=share)
        if not is_better(unseen, best.unseen):
            return Verdict(
                "too_early",
                say(
                    "It can't be told: {rate} of {total:,} never seen are right ({interval}), "
                    "not clearly more than the {name}'s {share}.",
                    rate=rate,
                    total=unseen.total,
                    interval=_interval(unseen),
                    name=name,
                    share=share,
                ),
            )
    return Verdict(
        "understood",
        say(
            "It has understood: {rate} of {total:,} cards it was never shown are right "
            "({interval}); {others}.",
            rate=rate,
            total=unseen.total,
            interval=_interval(unseen),
            others=others,
        ),
    )


def _little(seen: Score, unseen: Score, best: Rival | None) -> Verdict:
    """Nearly all taught cards and few others are right: remembered, whatever else could be done."""
    fact = say(
        "It has memorised this deck: {seen} seen, {unseen} never seen",
        seen=counted(seen),
        unseen=counted(unseen),
    )
    if best is not None and is_better(best.unseen, unseen):
        return Verdict(
            "memorised",
            say(
                "{fact}, of which the {best} has {score}.",
                fact=fact,
                best=rival_name(best.name),
                score=counted(best.unseen),
            ),
        )
    so_far = (
        say("Nothing it learned so far answers new prompts.")
        if unseen.right == 0
        else say("Hardly anything it learned so far answers new prompts.")
    )
    return Verdict("memorised", say("{fact}. {so_far}", fact=fact, so_far=so_far))


def _is_level(unseen: Score, best: Rival) -> bool:
    """Whether the rival answers as large a share of the cards never seen, or a larger one."""
    return unseen.right * best.unseen.total <= best.unseen.right * unseen.total


def rival_name(name: str) -> str:
    """A rival's name in words."""
    return RIVAL_NAMES.get(name, name)


def counted(score: Score) -> str:
    """How many of how many, as text."""
    return f"{format_number(score.right, ',')}/{format_number(score.total, ',')}"


def _interval(score: Score) -> str:
    """Rounded outwards: never narrower than it is."""
    low, high = wilson(score)
    return say(
        "95 % interval {low}–{high} %", low=math.floor(100 * low), high=math.ceil(100 * high)
    )
