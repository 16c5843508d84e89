"""What one update changed, in words: the card it corrected, the others, who taught a pinned one."""

from __future__ import annotations

from flashcards.app.kit.cells import visible
from flashcards.app.kit.numbers import count, odds_pair, signed
from flashcards.app.update.words import quoted
from flashcards.language import say
from flashcards.runs.events import PinTaught
from flashcards.runs.values import Change, Correction, RippleSide
from flashcards.runs.verdict import MIN_HELD_OUT

SAID, ANSWER, NOW_SAYS = say("it said"), say("right"), say("now it says")
BEFORE_AFTER = say("piece by piece: how probable each was, before ▸ after")
LEARNED_FROM = say("learned from")
HELPED, HURT = say("helped most"), say("hurt most")
NOBODY = say("no other card")
BARELY = say("none by 0.001 nats or more")
TAUGHT_SIDE, UNSEEN_SIDE = say("■ taught"), say("◆ never seen")
RIPPLE_TITLE = say("what the same nudge did to other cards: change of their error, in nats")


def repeat(correction: Correction, change: Change) -> str:
    """REPEAT: the nudge in words, better or worse, and what it did to cards never taught."""
    before, after = odds_pair(change.probability_before, change.probability_after)
    answer = quoted(correction.answer)
    if change.probability_after < change.probability_before:
        said = say(
            "This time it got worse: {answer} {before} ▸ {after}. One step can miss.",
            answer=answer,
            before=before,
            after=after,
        )
    else:
        said = say(
            "One nudge: {answer} {before} ▸ {after}.", answer=answer, before=before, after=after
        )
    return f"{said} {ripple(change)}".rstrip()


def ripple(change: Change) -> str:
    """What the update did to the cards that were never taught, or else to the taught ones."""
    unseen, taught = change.ripple_unseen, change.ripple_taught
    if unseen is not None and _is_general(unseen):
        return say(
            "{unseen} never taught got better by it: it learns relationships.",
            unseen=_better(unseen),
        )
    if unseen is not None and unseen.n_measured:
        return say(
            "Of {measured} never taught, {counts}.",
            measured=_measured(unseen),
            counts=_counts(unseen),
        )
    if taught is not None and taught.n_measured:
        return say("Of {measured}, {counts}.", measured=_measured(taught), counts=_counts(taught))
    return ""


def _is_general(unseen: RippleSide) -> bool:
    """At least two cards got better for one that got worse, and the error fell on the whole.

    Of fewer cards than a verdict needs nothing is claimed.
    """
    n_helped, n_hurt = unseen.n_helped, unseen.n_hurt
    is_claim = n_helped > 0 and n_helped >= 2 * n_hurt and unseen.mean_change_nats < 0
    return is_claim and unseen.n_cards >= MIN_HELD_OUT


def _counts(side: RippleSide) -> str:
    said = say(
        "{n_helped:,} got better, {n_hurt:,} worse", n_helped=side.n_helped, n_hurt=side.n_hurt
    )
    rest = _as_before(side)
    return f"{said}, {rest}" if rest else said


def _as_before(side: RippleSide) -> str:
    """The rest: what moved by no more than a rounding; "" when there is none."""
    n = side.n_measured - side.n_helped - side.n_hurt
    return say("{n:,} as before", n=n) if n > 0 else ""


def _better(side: RippleSide) -> str:
    return say("{n_helped:,} of {measured}", n_helped=side.n_helped, measured=_measured(side))


def _measured(side: RippleSide) -> str:
    noun = say("card") if side.n_measured == 1 else say("cards")
    return f"{side.n_measured:,} {noun}{say(' (a sample)') if side.is_sample else ''}"


def side(ripple_side: RippleSide, name: str, *, has_rest: bool = False) -> str:
    """◆ never seen: 14 better, 4 worse of 20."""
    return f"{name}: {counts(ripple_side, has_rest=has_rest)}{of_all(ripple_side)}"


def of_all(ripple_side: RippleSide) -> str:
    """Of how many cards those that were read are a sample; "" when they are all."""
    if not ripple_side.is_sample:
        return ""
    return say(" (of {n_cards:,})", n_cards=ripple_side.n_cards)


def counts(ripple_side: RippleSide, *, has_rest: bool = False) -> str:
    """14 better, 4 worse of 20; `has_rest`: 14 better, 4 worse, 2 as before, of 20."""
    rest = _as_before(ripple_side) if has_rest else ""
    if rest:
        return say(
            "{n_helped:,} better, {n_hurt:,} worse, {rest}, of {n_measured:,}",
            n_helped=ripple_side.n_helped,
            n_hurt=ripple_side.n_hurt,
            rest=rest,
            n_measured=ripple_side.n_measured,
        )
    return say(
        "{n_helped:,} better, {n_hurt:,} worse of {n_measured:,}",
        n_helped=ripple_side.n_helped,
        n_hurt=ripple_side.n_hurt,
        n_measured=ripple_side.n_measured,
    )


def taught_by(told: PinTaught, n: int) -> str:
    """Learned from: drink −0.31, ring −0.22 nats (exact since step 12)."""
    if not told.by:
        return say(
            "no card yet (since step {since_step})",
            since_step=count(told.since_step),
        )
    named = ", ".join(f"{visible(by.prompt)} {signed(by.change_nats)}" for by in told.by[:n])
    how = say("exact") if told.is_exact else say("about")
    return say(
        "{named} nats ({how}, since step {since_step})",
        named=named,
        how=how,
        since_step=count(told.since_step),
    )
