"""One update in words: a sentence a phase for beginners, and what it changed in other cards."""

import math

from flashcards.base.language import format_number, tr
from flashcards.runs.details import AdjustmentDetails, Expectation, PartChange, Reading
from flashcards.runs.events import PinTaught, UpdateDetails
from flashcards.runs.values import Change, Correction, Push
from flashcards.runs.verdict import MIN_NEVER_SEEN
from flashcards.wording import numbers as num
from flashcards.wording.pieces import PART_NAMES, pieces, quoted_piece, visible

LEAST_PUSH = 0.0005  # of a logit; the piece then weighs ×1.001

UNSURE = 0.5  # what is less likely than this it would not say

MOST_LETTERS = 40  # of an answer whose chance is told as a whole

SETTLED = 0.99  # the chance of an answer that can hardly become more probable

NEARLY_AS_MANY = 0.1  # a difference of less than this share of both says nothing


def others(n: int) -> str:
    return tr("{n} others", n=format_number(n, ","))


def data(details: UpdateDetails) -> str:
    n_front = sum(piece.role == "prompt" for piece in details.pieces)
    n_back = sum(piece.role == "answer" for piece in details.pieces)
    return tr(
        "The card is cut into pieces: {n_front:,} for the front, {n_back:,} for the "
        "back, ⏎ to end it. The model sees the front and has to guess the back, choosing each time "
        "among the {n_choices} that answers are made of.",
        n_front=n_front,
        n_back=n_back,
        n_choices=pieces(details.n_choices),
    )


def model(reading: Reading, place: int, right: str) -> str:
    """MODEL: how the guess comes about, layer by layer."""
    first, last = reading.emerging[0], reading.emerging[-1]
    if not last.places or place >= len(last.places):
        return ""
    early, final = first.places[place][0].text, last.places[place][0].text
    settled = _settled(reading, place)
    text = "Before its first round it would guess {early}; from round {settled} on it is {final}."
    if settled == 0:
        text = "Before its first round it would guess {final} already."
    elif early == final:
        text = "Before its first round it would guess {final}, then others, and again at the end."
    turn = tr(text, early=quoted_piece(early), settled=settled, final=quoted_piece(final))
    before = num.whole_percent_in_words(first.right[place])
    after = num.whole_percent_in_words(last.right[place])
    names: dict[str, str | float] = {
        "turn": turn,
        "n_layers": reading.n_layers,
        "right": quoted_piece(right),
        "after": after,
    }
    if before == after:
        return tr(
            "{turn} Its {n_layers} rounds of working out this answer (its layers) hardly matter: "
            "the chance of {right}, which is right, stays {after}.",
            **names,
        )
    if last.right[place] < first.right[place]:
        return tr(
            "Here thinking made it worse: {right}, which is right, falls from {before} to {after}. "
            "What it learned of other cards misleads it. That gets corrected.",
            before=before,
            **names,
        )
    return tr(
        "{turn} In its {n_layers} rounds of working out this answer (its layers) the chance of "
        "{right}, which is right, rises from {before} to {after}.",
        before=before,
        **names,
    )


def _settled(reading: Reading, place: int) -> int:
    """Return the layer from which on the likeliest piece stays what it is at the end."""
    final = reading.emerging[-1].places[place][0].text
    settled = len(reading.emerging) - 1
    while settled > 0 and reading.emerging[settled - 1].places[place][0].text == final:
        settled -= 1
    return reading.emerging[settled].layer


def prediction(expected: Expectation, given: str, n_choices: int) -> str:
    """PREDICTION: what it would say next, and what it gives the right piece, one of `n_choices`."""
    best = expected.candidates[0]
    where = tr("After {given}", given=quoted_piece(given)) if given else tr("As its first piece")
    if best.is_right:
        return tr(
            "{where} it finds {text} most probable, {probability}. That is right.",
            where=where,
            text=quoted_piece(best.text),
            probability=num.chance(best.probability),
        )
    return tr(
        "{where} it would say {text} ({chance}). Right is {right}: it gives that "
        "{given}, place {rank:,} of its {n_choices:,} pieces.",
        where=where,
        text=quoted_piece(best.text),
        chance=num.chance(best.probability),
        right=quoted_piece(expected.right),
        given=num.chance(expected.probability),
        rank=expected.rank,
        n_choices=n_choices,
    )


SMALL_NATS = 0.1  # a card whose error is less has hardly any
NEARLY_ALL, MOST, HALF = 0.9, 0.6, 0.45  # shares of an error that words tell well enough


def error(expectations: tuple[Expectation, ...], total_nats: float, n_ahead: int) -> str:
    """ERROR: where the surprise comes from, and what is corrected besides."""
    worst = max(expectations, key=lambda e: e.error_nats)
    share = worst.error_nats / total_nats if total_nats > 0 else 0.0
    mean = num.least_nats(total_nats / len(expectations))
    text = (
        "The smaller the chance, the larger the error. The mean of these errors is the card's: "
        "{mean}"
    )
    if total_nats < SMALL_NATS:
        text = (
            "Hardly any: it was nearly certain of the right answer. The card's error is the mean "
            "of these: {mean}"
        )
    start = tr(text, mean=mean)
    text = "{start}."
    if total_nats >= SMALL_NATS and len(expectations) > 1 and share >= HALF:
        text = "{start}. About half of it comes from {where}."
        if share >= MOST:
            text = "{start}. Most of it comes from {where}."
        if share >= NEARLY_ALL:
            text = "{start}. Nearly all of it comes from {where}."
    sentence = tr(text, start=start, where=quoted_piece(worst.right))
    if not n_ahead:
        return sentence
    besides = tr(
        "It should also predict the {n} pieces that follow each of these. That is corrected, too.",
        n=n_ahead,
    )
    return f"{sentence} {besides}"


MOST_MOVED = 0.8  # share of the numbers from which on most of them are said to have moved


def adjustment(
    details: AdjustmentDetails, correction: Correction, most: tuple[str, float] | None
) -> str:
    """ADJUSTMENT: how little was changed, and what for; its bars and pushes say where.
    `most`: the part that moved furthest, and how far as a share of its size."""
    which = numbers_moved(details)
    aim = tr("the right answer")
    change = correction.change
    if change is not None and correction.pieces:
        worst = min(correction.pieces, key=lambda piece: piece.before).text
        aim = quoted_piece(worst) if worst in [push.text for push in noticeable(change.up)] else aim
    if most is None:
        text = "A small change to {which}, to make {aim} likelier here next time."
        return tr(text, which=which, aim=aim)
    return tr(
        "A small change to {which} (in no part by more than {size}), to make {aim} likelier here "
        "next time.",
        which=which,
        size=num.small_percent(most[1], 3),
        aim=aim,
    )


def numbers_moved(details: AdjustmentDetails) -> str:
    """Name the numbers of the model that a correction moved: how many, or most, or all."""
    n_moved, n_numbers = details.n_moved, details.n_numbers
    text = "{n_moved:,} of its {n_numbers:,} numbers"
    if details.n_staying:
        text = "{n_moved:,} of the {n_numbers:,} numbers that learn"
        text = "the {n_moved:,} numbers that learn" if n_moved == n_numbers else text
    elif n_moved == n_numbers:
        text = "all of the model's numbers"
    elif n_moved >= MOST_MOVED * n_numbers:
        text = "most of the model's numbers"
    return tr(text, n_moved=n_moved, n_numbers=n_numbers)


def noticeable(pushes: tuple[Push, ...]) -> tuple[Push, ...]:
    """Return those of which a factor says something: ×1.000 would be no push."""
    return tuple(push for push in pushes if abs(push.change) >= LEAST_PUSH)


def part(change: PartChange) -> str:
    name = tr(PART_NAMES[change.name])
    return f"{tr('layer')} {change.layer} {name}" if change.layer else name


def shares(expectations: tuple[Expectation, ...], n_choices: int) -> tuple[tuple[str, str], ...]:
    """ERROR, one level deeper: the number reached another way, and what a blind guess costs."""
    total = sum(e.error_nats for e in expectations)
    whole = math.exp(-total)
    blind = math.log(n_choices) if n_choices > 1 else 0.0
    product = " × ".join(num.chance(e.probability) for e in expectations[:5])
    more = " × …" if len(expectations) > 5 else ""
    guess = tr(
        "ln {n_choices:,} = {blind} a piece, {all_of_it} in all",
        n_choices=n_choices,
        blind=num.nats(blind),
        all_of_it=num.nats(blind * len(expectations)),
    )
    return (
        (tr("whole answer"), f"{product}{more} ≈ {num.odds(whole)}"),
        (tr("its surprise"), tr("−ln of that = {total}: the same sum", total=num.nats(total))),
        (tr("per piece"), _quotient(total, len(expectations), ",")),
        (tr("blind guess"), guess),
        (tr("in bits"), tr("{quotient} bits", quotient=_quotient(total, math.log(2), ".3f"))),
    )


def _quotient(total: float, by: float, spec: str) -> str:
    """A division with ≈ where the rounded numbers give another result than the one shown."""
    result = num.nats(total / by)
    shown_by = float(format(by, spec).replace(",", ""))
    sign = "=" if num.nats(round(total, 2) / shown_by) == result else "≈"
    return f"{num.nats(total)} / {format_number(by, spec)} {sign} {result}"


def error_deeper(expectations: tuple[Expectation, ...], n_choices: int) -> str:
    total = sum(e.error_nats for e in expectations)
    blind = math.log(n_choices) * len(expectations) if n_choices > 1 else 0.0
    text = "In all its error is {total}; a blind guess would have {blind}."
    sentence = tr(text, total=num.nats(total), blind=num.nats(blind))
    if total >= blind or num.nats(total) == num.nats(blind):
        return sentence
    why = tr("Chances multiply, their logarithms add up: that is why errors are added.")
    return f"{sentence} {why}"


def prediction_deeper(expectations: tuple[Expectation, ...]) -> str:
    """PREDICTION, one level deeper: how many places of the answer it would get right."""
    n_right = sum(e.rank == 1 for e in expectations)
    if n_right == len(expectations):
        n = format_number(len(expectations), ",")
        return tr("At all {n} places its first choice is right: it would answer this card.", n=n)
    return tr(
        "At {n_right:,} of {n:,} places its first choice is right. Before "
        "each it is given the right pieces, so that one slip does not spoil the rest.",
        n_right=n_right,
        n=len(expectations),
    )


def end_counted(correction: Correction) -> str:
    """The sign of the answer's end where the chance of the whole answer is that of its end above
    all. A model that others have trained may give a right answer and go on writing."""
    if not correction.pieces or correction.mark != "right":
        return ""
    end = correction.pieces[-1]
    is_unsure = end.before == min(piece.before for piece in correction.pieces) < UNSURE
    return f" {end.text}" if is_unsure else ""


def made_likelier(correction: Correction | None) -> str:
    """Say that a correction made its right answer likelier; "" where it did not, or hardly."""
    change = None if correction is None else correction.change
    if correction is None or change is None:
        return ""
    is_likelier = change.probability_after >= 1.05 * max(change.probability_before, num.LEAST)
    before, after = num.odds_apart(change.probability_before, change.probability_after)
    answer = quoted_piece(correction.answer) + end_counted(correction)
    named = {"answer": answer, "before": before, "after": after}
    text = (
        "Its answer above is from before the correction. The chance of saying {answer} rose from "
        "{before} to {after}. It takes many steps."
    )
    return tr(text, **named) if is_likelier else ""


def expected(correction: Correction | None) -> str:
    """Say what chance it gave the right answer; "" where that is not known, and of a passage, of
    which a chance as a whole says nothing."""
    if correction is None or correction.error_nats is None:
        return ""
    if len(correction.answer) > MOST_LETTERS:
        return ""
    if not math.isfinite(correction.error_nats):
        return ""
    chance = num.odds(math.exp(-correction.error_nats))
    return tr("It gave the right answer a chance of {chance}.", chance=chance)


def nothing_left(correction: Correction | None) -> str:
    """Say of a correction that it had hardly anything to do; "" of others."""
    change = None if correction is None else correction.change
    if change is None or not change.probability_before >= SETTLED:
        return ""
    return tr("It expected this answer already: hardly anything is left to correct.")


def chance_went(before: float, after: float) -> str:
    """Say what a correction did to the probability of its right answer."""
    first, second = num.odds_apart(before, after)
    if first == second:
        return tr("The chance of the right answer stays {after}.", after=second)
    text = "The chance of the right answer went from {before} to {after}."
    return tr(text, before=first, after=second)


OUTCOMES = {
    "worse": "This time it got worse: one step can miss.",
    "less_sure": "It is still right, only less sure: one step can miss.",
    "still_wrong": "Still wrong: one correction is a small step.",
    "right_already": "It was right already.",
    "right_now": "Now it is right.",
    "not_yet_sure": "Now it is right, but not sure: only the likeliest of many answers.",
}
"""Sentences on what a correction came to; the page with the model inside has them, too."""


def times_as_likely(before: float, after: float) -> str:
    """Say how many times as likely it became; "" where it hardly changed, or nobody can tell."""
    if not (math.isfinite(before + after) and before > 0) or 0.95 < after / before < 1.05:
        return ""
    times = num.times(after / before)
    if after < before:
        return tr("▼ {times} times as likely", times=times)
    return tr("▲ {times} times as likely", times=times)


def mean_change(nats: float, n_helped: int = 0, n_hurt: int = 0) -> str:
    """Say whether the error of other cards fell on average, and why, where most of them went the
    other way."""
    if not math.isfinite(nats) or float(format(nats, ".3f")) == 0:
        return tr("On average it stayed as sure of them as before.")
    helped, hurt = num.count(n_helped), num.count(n_hurt)
    if nats < 0 and n_helped < n_hurt:
        text = "On the whole it became surer: the {helped} gained more than the {hurt} lost."
        return tr(text, helped=helped, hurt=hurt)
    if nats > 0 and n_helped > n_hurt:
        text = "On the whole it became less sure: the {hurt} lost more than the {helped} gained."
        return tr(text, helped=helped, hurt=hurt)
    if nats < 0:
        return tr("On the whole it became surer of them.")
    return tr("On the whole it became less sure of them.")


def repeat(correction: Correction, change: Change) -> str:
    """REPEAT: the outcome first, whether the card is right now, how the others changed."""
    before, after = num.chances_apart(change.probability_before, change.probability_after)
    now = change.probability_after
    was_right = correction.mark == "right"
    guess = correction.guess_after
    is_right = guess is not None and correction.mark_of(guess) == "right"
    sentence = ""
    if before != after and now < change.probability_before:
        sentence = tr(OUTCOMES["less_sure" if was_right and is_right else "worse"])
    elif guess is not None:
        outcome = "still_wrong"
        if is_right:
            outcome = "right_now" if now >= 0.5 else "not_yet_sure"
            outcome = "right_already" if was_right else outcome
        sentence = tr(OUTCOMES[outcome])
        if outcome == "right_already" and not correction.times_seen:
            sentence = tr("It was right already, before this card was ever taught.")
    return f"{sentence} {ripple(change)}".strip()


def ripple(change: Change) -> str:
    unseen, taught = change.ripple_unseen, change.ripple_taught
    # Twice as many as were hurt, and the error fell on the whole; of few nothing is claimed.
    is_claim = unseen is not None and unseen.n_helped >= max(1, 2 * unseen.n_hurt)
    if unseen and is_claim and unseen.n_cards >= MIN_NEVER_SEEN and unseen.mean_change_nats < 0:
        helped = unseen.n_helped
        n = unseen.n_measured
        return tr(
            "It even helped {helped:,} of {n:,} cards it was never taught.", helped=helped, n=n
        )
    sides = [side for side in (taught, unseen) if side is not None]
    n_hurt = sum(side.n_hurt for side in sides)
    n_helped = sum(side.n_helped for side in sides)
    if n_hurt > 0 and abs(n_helped - n_hurt) <= NEARLY_AS_MANY * (n_helped + n_hurt):
        return tr("Only hundreds of steps together make it better.")
    has_fallen = all(side.mean_change_nats <= 0 for side in sides)
    if 0 < n_hurt < n_helped and all(side.mean_change_nats > 0 for side in sides):
        return tr(
            "More cards were helped than hurt, but those that were hurt lost more. Only hundreds "
            "of steps together make it better."
        )
    if 0 < n_hurt < n_helped and has_fallen:
        return tr("And it helped more cards than it hurt: so hundreds of steps make it better.")
    if n_hurt:
        return tr(
            "What helps one card can hurt another. Only hundreds of steps together make it better."
        )
    return ""


def taught_by(taught: PinTaught, n: int) -> str:
    """Learned from: drink (error −0.31), ring (−0.22); measured, since step 12."""
    if not taught.by:
        return tr(
            "no card yet (since step {since_step})",
            since_step=num.count(taught.since_step),
        )
    first, *others = taught.by[:n]
    change = tr("error {change}", change=num.signed(first.change_nats))
    named = [f"{visible(first.prompt)} ({change})"]
    named += [f"{visible(by.prompt)} ({num.signed(by.change_nats)})" for by in others]
    how = tr("measured") if taught.is_exact else tr("estimated")
    return tr(
        "{named}; {how}, since step {since_step}",
        named=", ".join(named),
        how=how,
        since_step=num.count(taught.since_step),
    )
