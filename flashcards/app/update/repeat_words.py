"""What one update changed, in words: the card it corrected, the others, who taught a pinned one."""

from __future__ import annotations

from flashcards.app.kit.numbers import odds_pair
from flashcards.app.kit.reading_words import quoted
from flashcards.app.kit.ripple_words import _as_before, counts, of_all
from flashcards.language import tr
from flashcards.runs.values import Change, Correction, RippleSide
from flashcards.runs.verdict import MIN_HELD_OUT


def repeat(correction: Correction, change: Change) -> str:
    """REPEAT: the nudge in words, better or worse, and what it did to cards never taught."""
    before, after = odds_pair(change.probability_before, change.probability_after)
    answer = quoted(correction.answer)
    if change.probability_after < change.probability_before:
        said = tr(
            "This time it got worse: {answer} {before} ▸ {after}. One step can miss.",
            answer=answer,
            before=before,
            after=after,
        )
    else:
        said = tr(
            "One nudge: {answer} {before} ▸ {after}.", answer=answer, before=before, after=after
        )
    return f"{said} {ripple(change)}".rstrip()


def ripple(change: Change) -> str:
    """What the update did to the cards that were never taught, or else to the taught ones."""
    unseen, taught = change.ripple_unseen, change.ripple_taught
    if unseen is not None and _is_general(unseen):
        return tr(
            "{unseen} never taught got better by it: it learns relationships.",
            unseen=_better(unseen),
        )
    if unseen is not None and unseen.n_measured:
        return tr(
            "Of {measured} never taught, {counts}.",
            measured=_measured(unseen),
            counts=_counts(unseen),
        )
    if taught is not None and taught.n_measured:
        return tr("Of {measured}, {counts}.", measured=_measured(taught), counts=_counts(taught))
    return ""


def _is_general(unseen: RippleSide) -> bool:
    """At least two cards got better for one that got worse, and the error fell on the whole.

    Of fewer cards than a verdict needs nothing is claimed.
    """
    n_helped, n_hurt = unseen.n_helped, unseen.n_hurt
    is_claim = n_helped > 0 and n_helped >= 2 * n_hurt and unseen.mean_change_nats < 0
    return is_claim and unseen.n_cards >= MIN_HELD_OUT


def _counts(side: RippleSide) -> str:
    said = tr(
        "{n_helped:,} got better, {n_hurt:,} worse", n_helped=side.n_helped, n_hurt=side.n_hurt
    )
    rest = _as_before(side)
    return f"{said}, {rest}" if rest else said


def _better(side: RippleSide) -> str:
    return tr("{n_helped:,} of {measured}", n_helped=side.n_helped, measured=_measured(side))


def _measured(side: RippleSide) -> str:
    noun = tr("card") if side.n_measured == 1 else tr("cards")
    return f"{side.n_measured:,} {noun}{tr(' (a sample)') if side.is_sample else ''}"


def side(ripple_side: RippleSide, name: str, *, has_rest: bool = False) -> str:
    """◆ never seen: 14 better, 4 worse of 20."""
    return f"{name}: {counts(ripple_side, has_rest=has_rest)}{of_all(ripple_side)}"
