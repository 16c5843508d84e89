"""Every sentence of the plain lesson, so that it can be translated."""

from __future__ import annotations

from flashcards.language import format_number, say
from flashcards.runs.markers import MarkerKind
from flashcards.runs.values import Change, Correction, Mark, Score, Speed
from flashcards.runs.verdict import counted, percent

NOTHING = say("(nothing)")
NOT_SEEN = say("never shown before")
HELD_OUT = say("held out")
STOPPING = say("Stopping; what was learned is being saved.")
PAUSED, GOES_ON = say("Paused."), say("The lesson goes on.")
TINY, ALMOST = 0.0001, 0.99
MARKS: dict[Mark, str] = {
    "right": say("right"),
    "nearly": say("nearly right"),
    "wrong": say("wrong"),
}
SPEEDS: dict[Speed, str] = {
    "explain": say("a card every few seconds, explained"),
    "slow": say("a card a second"),
    "brisk": say("ten cards a second"),
    "full": say("as fast as it can; from here only some corrections are told"),
}


def quoted(text: str) -> str:
    """A deck's or a model's text among the program's own words."""
    return f"“{text.strip() or NOTHING}”"


def share_of(share: float) -> str:
    """A probability of 0 to 1: 36.1 %, 0.042 %, one in 434,000,000."""
    if 0 < share < TINY:
        return say("one in {n:,}", n=int(float(f"{1 / max(share, 1e-300):.2e}")))
    return f"{format_number(100 * share, '.3g')} %" if share < ALMOST else percent(share)


def saved(step: int | None, run: str) -> str:
    """Where the run is."""
    if step is None:
        return say("Nothing was saved.")
    return say(
        "Saved up to step {step:,}. Go on: flashcards train --resume {run}", step=step, run=run
    )


def begins(name: str, n_taught: int, n_held_out: int, n_numbers: int, seed: int) -> str:
    """Who is taught what."""
    return say(
        "{name}: {n_taught:,} cards are taught, {n_held_out:,} are held out and never taught. The "
        "model is {n_numbers:,} numbers, random at first. Seed {seed}.",
        name=name,
        n_taught=n_taught,
        n_held_out=n_held_out,
        n_numbers=n_numbers,
        seed=seed,
    )


def blind(nats: float, n_pieces: int) -> str:
    """What knowing nothing costs."""
    return say(
        "A blind guess among {n:,} pieces has an error of {nats:.2f} nats a piece.",
        n=n_pieces,
        nats=nats,
    )


def card(number: int, n_cards: int, correction: Correction) -> str:
    """The card in hand."""
    seen = correction.times_seen
    known = NOT_SEEN if seen == 0 else say("seen {n:,} times", n=seen)
    section = f", {correction.section}" if correction.section else ""
    return say(
        "Card {number:,} of {n_cards:,}{section}: {prompt}, {known}.",
        number=number,
        n_cards=n_cards,
        section=section,
        prompt=quoted(correction.prompt),
        known=known,
    )


def guess(correction: Correction) -> str:
    """What the model says, and what is right."""
    said = quoted("".join(piece.text for piece in correction.guess or ()))
    if correction.mark == "right":
        return say("It says {said}: right.", said=said)
    return say(
        "It says {said}: {mark}. The answer is {answer}.",
        said=said,
        mark=MARKS[correction.mark or "wrong"],
        answer=quoted(correction.answer),
    )


def by_rule() -> str:
    """An exception answered by the rule."""
    return say("That is what the rule of the other cards gives.")


def error(correction: Correction) -> str:
    """How wrong it was, and where most."""
    total = say("Error {nats:.2f} nats", nats=correction.error_nats or 0.0)
    worst = min(correction.pieces or (), key=lambda piece: piece.before, default=None)
    if worst is None:
        return f"{total}."
    return say(
        "{total}; least expected is {piece}, with {share}.",
        total=total,
        piece=quoted(worst.text),
        share=share_of(worst.before),
    )


def change(change: Change, n_cards: int) -> str:
    """What the correction changed."""
    what = (
        say("This correction")
        if n_cards == 1
        else say("The batch of {n:,} cards with it", n=n_cards)
    )
    parts = [
        say(
            "{what} moved {n:,} numbers by {share}; the right answer's probability went from "
            "{before} to {after}.",
            what=what,
            n=change.n_parameters,
            share=share_of(change.relative_change),
            before=share_of(change.probability_before),
            after=share_of(change.probability_after),
        )
    ]
    pushes = ((say("Likelier now"), change.up), (say("Less likely"), change.down))
    parts += [
        f"{name}: {', '.join(quoted(push.text) for push in pushed)}."
        for name, pushed in pushes
        if pushed
    ]
    ripples = ((say("It helped"), change.helped), (say("It hurt"), change.hurt))
    parts += [
        f"{name} {', '.join(quoted(ripple.prompt) for ripple in rippled)}."
        for name, rippled in ripples
        if rippled
    ]
    return " ".join(parts)


def marks(history: str) -> str:
    """How the card was answered so far."""
    names = {"r": MARKS["right"], "n": MARKS["nearly"], "w": MARKS["wrong"]}
    return say("Its last times: {marks}.", marks=", ".join(names.get(m, m) for m in history[-8:]))


def one_of(step: int, correction: Correction) -> str:
    """One correction of many that went by."""
    return f"{at(step)} {quoted(correction.prompt)}. {guess(correction)} {error(correction)}"


def at(step: int) -> str:
    """When."""
    return say("Step {step:,}.", step=step)


def score(name: str, value: Score) -> str:
    """One score: 2,712/2,880 right, 94.2 %."""
    if value.rate is None:
        return say("{name}: not asked", name=name)
    return say(
        "{name}: {score} right, {share}", name=name, score=counted(value), share=percent(value.rate)
    )


def seen_and_unseen(seen: Score, unseen: Score, *, is_sample: bool) -> str:
    """Both scores."""
    sample = say(" (of a sample)") if is_sample else ""
    return f"{score(say('Seen'), seen)}. {score(say('Never seen'), unseen)}{sample}."


def losses(seen: float | None, unseen: float | None) -> str:
    """Both errors, in nats a piece."""
    parts = [
        say("{name} {nats:.3f}", name=name, nats=nats)
        for name, nats in ((say("taught"), seen), (say("never seen"), unseen))
        if nats is not None
    ]
    return say("Error a piece, in nats: {errors}.", errors=", ".join(parts)) if parts else ""


def pace(cards_taught: int, train_seconds: float) -> str:
    """How far and how fast."""
    rate = cards_taught / train_seconds if train_seconds else 0.0
    return say(
        "{n:,} cards in {s:.1f} s, {rate:,.0f} a second.",
        n=cards_taught,
        s=train_seconds,
        rate=rate,
    )


def wall(n_right: int, n_nearly: int, n_wrong: int) -> str:
    """All cells of the wall."""
    return say(
        "Of the cards asked last: {n_right:,} right, {n_nearly:,} nearly, {n_wrong:,} wrong.",
        n_right=n_right,
        n_nearly=n_nearly,
        n_wrong=n_wrong,
    )


def rival(name: str, seen: Score, unseen: Score) -> str:
    """What one scores that doesn't learn."""
    return say(
        "{name}, without learning: {seen} seen, {unseen} never seen.",
        name=name,
        seen=counted(seen),
        unseen=counted(unseen),
    )


def answered(prompt: str, answer: str, probability: float) -> str:
    """An answer to what was asked or pinned."""
    return say(
        "Asked {prompt} it says {answer}, {share} sure.",
        prompt=quoted(prompt),
        answer=quoted(answer),
        share=share_of(probability),
    )


def speed(value: Speed) -> str:
    """How fast from here on."""
    return say("Speed: {speed}.", speed=SPEEDS[value])


def rate(factor: float) -> str:
    """The learning rate's factor."""
    return say("The learning rate is now {factor:g} times the deck's own.", factor=factor)


def changed(n_added: int, n_changed: int, n_removed: int) -> str:
    """The deck was saved."""
    return say(
        "The deck was saved: {n_added:,} cards came, {n_changed:,} changed, {n_removed:,} went.",
        n_added=n_added,
        n_changed=n_changed,
        n_removed=n_removed,
    )


def first_right(prompt: str) -> str:
    """A milestone."""
    return say("{prompt} is right for the first time.", prompt=quoted(prompt))


def first_of_all(prompt: str) -> str:
    """The very first right answer."""
    return say("The first right answer of all: {prompt}.", prompt=quoted(prompt))


def milestone(kind: MarkerKind, text: str) -> str:
    """A moment that the screen marks on its time line; `text` says what happened in a few words."""
    _, _, facts = text.partition(": ")
    match kind:
        case "first_right":
            return say("The first right answers: {facts}.", facts=facts)
        case "all_right":
            return say("Every taught card that was asked is right: {facts}.", facts=facts)
        case "forgotten":
            return say("It has forgotten: {facts}.", facts=facts)
        case "overtook":
            return say("It has overtaken the rivals; {facts}.", facts=text)
        case "diverged":
            return say("The steps broke the model: {facts}.", facts=facts)
        case "order":
            return say("The order of the cards is another one: {facts}.", facts=facts)
        case _:
            return f"{text}."


def broke_down(what: str) -> str:
    """The numbers are no numbers any more."""
    return say("The lesson broke down: {facts}", facts=what)


def ended(verdict: str, broken_since: int | None = None) -> str:
    """The last word; that the model was broken then."""
    if broken_since is not None:
        return say(
            "The lesson is over, and its model broken since step {broken_since:,}. {verdict}",
            broken_since=broken_since,
            verdict=verdict,
        )
    return say("The lesson is over. {verdict}", verdict=verdict)


def careful(leak: str) -> str:
    """A held-out card that a taught card gives away."""
    return say("Careful: {leak}", leak=leak)


def so_far(sentence: str) -> str:
    """What the scores say before the lesson is over."""
    return say("So far: {verdict}", verdict=sentence)


def again(line: str) -> str:
    """How to do it again elsewhere."""
    return say("The same again elsewhere: {line}", line=line)
