"""What is said of how an update changed other cards, and of the cards that taught a pinned one."""

from __future__ import annotations

from flashcards.app.widgets.cells import visible
from flashcards.base.language import tr
from flashcards.runs.events import PinTaught
from flashcards.runs.values import RippleSide
from flashcards.wording.numbers import count, signed


def _as_before(side: RippleSide) -> str:
    """The rest: what moved by no more than a rounding; "" when there is none."""
    n = side.n_measured - side.n_helped - side.n_hurt
    return tr("{n:,} as before", n=n) if n > 0 else ""


def of_all(ripple_side: RippleSide) -> str:
    """Of how many cards those that were read are a sample; "" when they are all."""
    if not ripple_side.is_sample:
        return ""
    return tr(" (of {n_cards:,})", n_cards=ripple_side.n_cards)


def counts(ripple_side: RippleSide, *, has_rest: bool = False) -> str:
    """14 better, 4 worse of 20; `has_rest`: 14 better, 4 worse, 2 as before, of 20."""
    rest = _as_before(ripple_side) if has_rest else ""
    counts = {name: getattr(ripple_side, name) for name in ("n_helped", "n_hurt", "n_measured")}
    if rest:
        return tr(
            "{n_helped:,} better, {n_hurt:,} worse, {rest}, of {n_measured:,}", rest=rest, **counts
        )
    return tr("{n_helped:,} better, {n_hurt:,} worse of {n_measured:,}", **counts)


def taught_by(told: PinTaught, n: int) -> str:
    """Learned from: drink (error −0.31), ring (−0.22); measured, since step 12."""
    if not told.by:
        return tr(
            "no card yet (since step {since_step})",
            since_step=count(told.since_step),
        )
    first, *others = told.by[:n]
    change = tr("error {change}", change=signed(first.change_nats))
    named = [f"{visible(first.prompt)} ({change})"]
    named += [f"{visible(by.prompt)} ({signed(by.change_nats)})" for by in others]
    how = tr("measured") if told.is_exact else tr("estimated")
    return tr(
        "{named}; {how}, since step {since_step}",
        named=", ".join(named),
        how=how,
        since_step=count(told.since_step),
    )
