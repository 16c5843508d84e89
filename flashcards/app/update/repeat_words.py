"""What one update changed, in words: the card it corrected, the others, who taught a pinned one."""

from __future__ import annotations

from flashcards.app.kit.reading_words import quoted
from flashcards.app.kit.ripple_words import counts, of_all
from flashcards.base.language import tr
from flashcards.runs.values import Change, Correction, RippleSide
from flashcards.runs.verdict import MIN_NEVER_SEEN
from flashcards.wording.numbers import odds_pair

HALF = (0.4, 0.6)
"""What share is called about half."""


def repeat(correction: Correction, change: Change) -> str:
    """REPEAT: the outcome first, whether the card is right now, what became of the others."""
    before, after = odds_pair(change.probability_before, change.probability_after)
    said = tr(
        "{answer}: {before} ▸ {after}.",
        answer=quoted(correction.answer),
        before=before,
        after=after,
    )
    is_moved = before != after.removesuffix(" %")
    if is_moved and change.probability_after < change.probability_before:
        said += " " + tr("This time it got worse: one step can miss.")
    elif correction.guess_after is not None:
        is_right = "".join(p.text for p in correction.guess_after) == correction.answer
        text = tr("Still wrong. That is normal: it takes hundreds of corrections.")
        if is_right:
            text = tr("Now it is right.")
            if correction.mark == "right":
                surer = tr("It was right already; now it is surer.")
                text = surer if is_moved else tr("It was right already.")
        said += f" {text}"
    return f"{said} {ripple(change)}".rstrip()


def ripple(change: Change) -> str:
    """What the update did to other cards, taught and never seen."""
    unseen, taught = change.ripple_unseen, change.ripple_taught
    if unseen is not None and _is_general(unseen):
        better = tr(
            "{n_helped:,} of {measured}", n_helped=unseen.n_helped, measured=_measured(unseen)
        )
        return tr("{unseen} never seen got better by it: it learns relationships.", unseen=better)
    sides = [side for side in (taught, unseen) if side is not None]
    n, n_better = sum(s.n_measured for s in sides), sum(s.n_helped for s in sides)
    if not n:
        return ""
    n_worse = sum(s.n_hurt for s in sides)
    counts = tr("{n_better:,} better, {n_worse:,} worse", n_better=n_better, n_worse=n_worse)
    if any(side.is_sample for side in sides):
        counts += tr(" (a sample)")
    if HALF[0] <= n_better / n <= HALF[1]:
        return tr("Of the other cards about half got better: {counts}.", counts=counts)
    if n == 1:
        return tr("Of 1 other card: {counts}.", counts=counts)
    return tr("Of {n:,} other cards: {counts}.", n=n, counts=counts)


def _is_general(unseen: RippleSide) -> bool:
    """At least two cards got better for one that got worse, and the error fell on the whole.

    Of fewer cards than a verdict needs nothing is claimed.
    """
    n_helped, n_hurt = unseen.n_helped, unseen.n_hurt
    is_claim = n_helped > 0 and n_helped >= 2 * n_hurt and unseen.mean_change_nats < 0
    return is_claim and unseen.n_cards >= MIN_NEVER_SEEN


def _measured(side: RippleSide) -> str:
    noun = tr("card") if side.n_measured == 1 else tr("cards")
    return f"{side.n_measured:,} {noun}{tr(' (a sample)') if side.is_sample else ''}"


def side(ripple_side: RippleSide, name: str, *, has_rest: bool = False) -> str:
    """◆ never seen: 14 better, 4 worse of 20."""
    return f"{name}: {counts(ripple_side, has_rest=has_rest)}{of_all(ripple_side)}"
