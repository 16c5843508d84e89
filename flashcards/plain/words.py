"""The longer sentences of the plain lesson, each about one value; `narrator.py` has the others."""

from pathlib import Path

from flashcards.base.columns import unbroken
from flashcards.base.language import capital, tr
from flashcards.runs.catalog import named_from_outside
from flashcards.runs.events import PinAnswered, PromptAnswered
from flashcards.runs.values import Change, Correction, text_of
from flashcards.wording import facts, lesson, numbers, updates


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
    return tr(
        "Card {number:,} of {n_cards:,}{section}: {prompt}, {known}.",
        number=correction.card_index + 1,
        n_cards=n_cards,
        section=f", {facts.section_name(correction.section)}" if correction.section else "",
        prompt=facts.quoted(correction.prompt),
        known=lesson.stamp(correction.times_seen, is_never_seen=False),
    )


def guess(correction: Correction) -> str:
    quoted_guess = facts.quoted(text_of(correction.guess))
    mark = correction.mark or "wrong"
    named = {"said": quoted_guess, "mark": tr(lesson.MARKS[mark])}
    if mark == "right":
        return tr("It says {said}: {mark}.", **named)
    text = "It says {said}: {mark}. The answer is {answer}."
    return tr(text, **named, answer=facts.quoted(correction.answer))


def answered(answer: PinAnswered | PromptAnswered) -> str:
    """Say what it answered to a prompt that somebody asked or pinned, and how sure it was."""
    mark = answer.mark if isinstance(answer, PinAnswered) else answer.mark_of(answer.answer)
    return tr(
        "Asked {prompt} it says {answer}: {judgement}.",
        prompt=facts.quoted(answer.prompt),
        answer=facts.quoted(answer.answer),
        judgement=lesson.judgement(mark, answer.probability),
    )


def error(correction: Correction) -> str:
    n_pieces = len(correction.pieces or ()) or 1
    error_nats = numbers.nats((correction.error_nats or 0.0) / n_pieces)
    total = f"{capital(tr('error'))} {error_nats} ({tr('0 = expected it')})"
    worst = min(correction.pieces or (), key=lambda piece: piece.before, default=None)
    if worst is None:
        return f"{total}."
    return tr(
        "{total}; least expected is {piece}, with {share}.",
        total=total,
        piece=facts.quoted(worst.text),
        share=numbers.odds(worst.before),
    )


def change(change: Change, n_cards: int, n_learned: int = 0) -> str:
    """`n_learned`: the numbers that learn, where that is a part of a model that was brought."""
    batch = tr("The batch of {n:,} cards with it", n=n_cards)
    what = tr("This correction") if n_cards == 1 else batch
    share = numbers.small_percent(change.relative_change)
    n = n_learned or change.n_parameters
    parts = [
        tr("{what} moved {n:,} numbers by {share}.", what=what, n=n, share=share),
        updates.chance_went(change.probability_before, change.probability_after),
    ]
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
