"""The longer sentences of the plain lesson, each about one value; `narrator.py` has the others."""

from __future__ import annotations

from pathlib import Path
from typing import assert_never

from flashcards.base.columns import unbroken
from flashcards.base.language import format_number, tr
from flashcards.runs import markers as mk
from flashcards.runs.catalog import named_from_outside
from flashcards.runs.values import Change, Correction, Mark, Score
from flashcards.runs.verdict import counted, percent
from flashcards.wording import facts, markers
from flashcards.wording.numbers import small_percent

TINY, ALMOST, LEAST = 0.0001, 0.99, 1e-300
MARKS: dict[Mark, str] = {"right": "right", "nearly": "nearly right", "wrong": "wrong"}
HISTORY_MARKS: dict[str, Mark] = {"r": "right", "n": "nearly", "w": "wrong"}


def share_of(share: float) -> str:
    """A probability of 0 to 1: 36.1 %, 0.042 %, one in 25,400, one in 434 million."""
    if 0 < share < TINY:
        return _one_in(float(f"{1 / max(share, LEAST):.2e}"))
    return f"{format_number(100 * share, '.3g')} %" if share < ALMOST else percent(share)


def _one_in(n: float) -> str:
    """One in so many, in words that can be read aloud."""
    if n < 1e6:
        return tr("one in {n:,}", n=int(n))
    if n < 1e9:
        return tr("one in {n} million", n=format_number(n / 1e6, "g"))
    if n < 1e12:
        return tr("one in {n} billion", n=format_number(n / 1e9, "g"))
    if n < 1e15:
        return tr("one in {n} trillion", n=format_number(n / 1e12, "g"))
    return tr("less than one in a thousand trillion")


def saved(step: int | None, run: Path) -> str:
    """Where the run in this folder is, and the commands that go on with it and show it."""
    if step is None:
        return tr("Nothing was saved.")
    named = named_from_outside(run)
    return tr(
        "Saved up to step {step:,} as {run}. Go on: {go_on}, again: {again}, as a page: {page}",
        step=step,
        run=run.name,
        go_on=unbroken(f"flashcards train --resume {named}"),
        again=unbroken(f"flashcards replay {named}"),
        page=unbroken(f"flashcards report {named}"),
    )


def card(n_cards: int, correction: Correction) -> str:
    seen = correction.times_seen
    return tr(
        "Card {number:,} of {n_cards:,}{section}: {prompt}, {known}.",
        number=correction.card_index + 1,
        n_cards=n_cards,
        section=f", {facts.section_name(correction.section)}" if correction.section else "",
        prompt=facts.quoted(correction.prompt),
        known=tr("seen {n:,} times", n=seen) if seen else tr("a new card"),
    )


def guess(correction: Correction) -> str:
    """What the model answered, and what is right."""
    said = facts.quoted("".join(piece.text for piece in correction.guess or ()))
    if correction.mark == "right":
        return tr("It says {said}: right.", said=said)
    return tr(
        "It says {said}: {mark}. The answer is {answer}.",
        said=said,
        mark=tr(MARKS[correction.mark or "wrong"]),
        answer=facts.quoted(correction.answer),
    )


def error(correction: Correction) -> str:
    n_pieces = len(correction.pieces or ()) or 1
    total = tr(
        "Error {error:.2f} (0: expected it)", error=(correction.error_nats or 0.0) / n_pieces
    )
    worst = min(correction.pieces or (), key=lambda piece: piece.before, default=None)
    if worst is None:
        return f"{total}."
    return tr(
        "{total}; least expected is {piece}, with {share}.",
        total=total,
        piece=facts.quoted(worst.text),
        share=share_of(worst.before),
    )


def change(change: Change, n_cards: int) -> str:
    batch = tr("The batch of {n:,} cards with it", n=n_cards)
    before, after = share_of(change.probability_before), share_of(change.probability_after)
    text = (
        "{what} moved {n:,} numbers by {share}; the right answer's probability went from "
        "{before} to {after}."
    )
    if before == after:
        text = (
            "{what} moved {n:,} numbers by {share}; the right answer's probability is still "
            "{after}."
        )
    what = tr("This correction") if n_cards == 1 else batch
    share = small_percent(change.relative_change)
    parts = [tr(text, what=what, n=change.n_parameters, share=share, before=before, after=after)]
    for name, pushes in ((tr("Likelier now"), change.up), (tr("Less likely"), change.down)):
        if pushes:
            parts.append(f"{name}: {', '.join(facts.quoted(push.text) for push in pushes)}.")
    for name, ripples in ((tr("It helped"), change.helped), (tr("It hurt"), change.hurt)):
        if ripples:
            parts.append(f"{name} {', '.join(facts.quoted(ripple.prompt) for ripple in ripples)}.")
    return " ".join(parts)


def history(marks: str) -> str:
    names = (tr(MARKS[HISTORY_MARKS[m]]) if m in HISTORY_MARKS else m for m in marks[-8:])
    return tr("Its last times: {marks}.", marks=", ".join(names))


def scores(seen: Score, unseen: Score, *, is_sample: bool) -> str:
    """Both scores: Seen: 2,712/2,880 right, 94.2 %. Never seen: not asked."""
    sample = tr(" (of a sample)") if is_sample else ""
    return f"{_score(tr('Seen'), seen)}. {_score(tr('Never seen'), unseen)}{sample}."


def _score(name: str, score: Score) -> str:
    if score.rate is None:
        return tr("{name}: not asked", name=name)
    return tr(
        "{name}: {score} right, {share}", name=name, score=counted(score), share=percent(score.rate)
    )


def losses(seen: float | None, unseen: float | None) -> str:
    """Both errors, the mean of a piece; empty when neither was measured."""
    parts = [
        tr("{name} {nats:.3f}", name=name, nats=nats)
        for name, nats in ((tr("taught"), seen), (tr("never seen"), unseen))
        if nats is not None
    ]
    return tr("Error (0: expected it): {errors}.", errors=", ".join(parts)) if parts else ""


def milestone(found: mk.FoundMarker) -> str:
    """A moment that the screen marks on its time line; "" where its event was told at length."""
    told = markers.marker_facts(found)
    match found:
        case mk.FirstRight():
            if found.seen is None:
                prompt = facts.quoted(found.prompt)
                return tr("The first right answer of all: {prompt}.", prompt=prompt)
            return tr("The first right answers: {facts}.", facts=told)
        case mk.AllRight():
            return tr("Every taught card that was asked is right: {facts}.", facts=told)
        case mk.Forgotten():
            return tr("It has forgotten: {facts}.", facts=told)
        case mk.Overtook():
            return tr("It has overtaken the rivals; {facts}.", facts=told)
        case mk.ModelBroke():
            if found.loss_nats is None:
                return ""
            return tr("The steps broke the model: {facts}.", facts=told)
        case mk.DeckWasChanged() | mk.ChapterWasBegun() | mk.RateWasChanged() | mk.Ended():
            return ""
        case mk.OrderWasChanged():
            return tr("The order of the cards is another one: {facts}.", facts=told)
        case mk.Bookmark():
            return f"{told}."
        case mk.BetWasSettled():
            return told
        case _:
            assert_never(found)
