"""The longer sentences of the plain lesson, each about one value; `narrator.py` has the others."""

from pathlib import Path

from flashcards.base.columns import unbroken
from flashcards.base.language import capital, format_number, tr
from flashcards.runs import markers as mk
from flashcards.runs.catalog import named_from_outside
from flashcards.runs.values import Change, Correction, Mark, Score, text_of
from flashcards.runs.verdict import fraction, percent
from flashcards.wording import facts, markers, numbers

TINY = 0.0001
ALMOST = 0.99
LEAST = 1e-300
MARKS: dict[Mark, str] = {"right": "right", "nearly": "nearly right", "wrong": "wrong"}
TOLD = (mk.DeckWasChanged, mk.ChapterWasBegun, mk.RateWasChanged, mk.Ended)  # told at length

LARGE = (  # up to which number, in what, and how it is said
    (1e6, 1, "one in {n}"),
    (1e9, 1e6, "one in {n} million"),
    (1e12, 1e9, "one in {n} billion"),
    (1e15, 1e12, "one in {n} trillion"),
)


def share_of(share: float) -> str:
    """A probability of 0 to 1: 36.1 %, 0.042 %, one in 25,400, one in 434 million."""
    if not 0 < share < TINY:
        return f"{format_number(100 * share, '.3g')} %" if share < ALMOST else percent(share)
    n = float(f"{1 / max(share, LEAST):.2e}")
    for limit, unit, text in LARGE:
        if n < limit:
            return tr(text, n=format_number(n / unit, ",g"))
    return tr("less than one in a thousand trillion")


def saved(step: int | None, run: Path) -> str:
    """Say up to which step a run was saved, and the commands that go on with it and show it."""
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
    quoted_guess = facts.quoted(text_of(correction.guess))
    if correction.mark == "right":
        return tr("It says {said}: right.", said=quoted_guess)
    return tr(
        "It says {said}: {mark}. The answer is {answer}.",
        said=quoted_guess,
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
    share = numbers.small_percent(change.relative_change)
    parts = [tr(text, what=what, n=change.n_parameters, share=share, before=before, after=after)]
    for name, pushes in ((tr("Likelier now"), change.up), (tr("Less likely"), change.down)):
        if pushes:
            parts.append(f"{name}: {', '.join(facts.quoted(push.text) for push in pushes)}.")
    for name, ripples in ((tr("It helped"), change.helped), (tr("It hurt"), change.hurt)):
        if ripples:
            parts.append(f"{name}: {', '.join(facts.quoted(ripple.prompt) for ripple in ripples)}.")
    return " ".join(parts)


def history(marks: str) -> str:
    names = (tr("right") if mark == "r" else tr("wrong") for mark in marks[-8:])
    return tr("Its last times: {marks}.", marks=", ".join(names))


def scores(seen: Score, unseen: Score, *, is_sample: bool, has_never_seen: bool = True) -> str:
    """Both scores: Seen: 2,712/2,880 right, 94.2 %. Never seen: none kept back."""
    missing = tr("not asked")
    first = _score(capital(tr("seen")), seen, missing)
    missing = missing if has_never_seen else tr("none kept back")
    second = _score(capital(tr("never seen")), unseen, missing)
    sample = tr(" (a sample)") if is_sample else ""
    return f"{first}. {second}{sample}."


def _score(name: str, score: Score, missing: str) -> str:
    if score.rate is None:
        return f"{name}: {missing}"
    return tr(
        "{name}: {score} right, {share}",
        name=name,
        score=fraction(score),
        share=percent(score.rate),
    )


def losses(seen: float | None, unseen: float | None) -> str:
    """Both errors, the mean of a piece; empty when neither was measured."""
    parts = [
        tr("{name} {nats:.3f}", name=name, nats=nats)
        for name, nats in ((tr("taught"), seen), (tr("never seen"), unseen))
        if nats is not None
    ]
    return tr("Error (0: expected it): {errors}.", errors=", ".join(parts)) if parts else ""


def milestone(mark: mk.FoundMarker) -> str:
    """A moment that the screen marks on its time line; "" where its event was told at length."""
    if isinstance(mark, TOLD) or (isinstance(mark, mk.ModelBroke) and mark.loss_nats is None):
        return ""
    text = markers.marker(mark)
    text = text if isinstance(mark, mk.Bookmark) else capital(text)
    return f"{text}{'' if text.endswith('.') else '.'}"
