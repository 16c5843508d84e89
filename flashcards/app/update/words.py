"""Every sentence and label of the update, walked, and of the model looked into: in one place.

One sentence a phase, for someone who never saw a neural network, with this card's real numbers.
REPEAT, what the update changed, is in `repeat_words`. Long because each phase has its labels and a
level deeper, and they are read together.
"""

from __future__ import annotations

import math

from rich.cells import cell_len

from flashcards.app.kit.cells import cut, visible
from flashcards.app.kit.numbers import count, nats, odds, percent, signed, small_percent
from flashcards.app.kit.reading_words import PART_NAMES, pieces, quoted
from flashcards.language import format_number, tr
from flashcards.runs.details import (
    AdjustmentDetails,
    Expectation,
    PartChange,
    PartName,
    Reading,
)
from flashcards.runs.events import UpdateDetails
from flashcards.runs.values import Change, Correction

RAW = tr("raw weights")


OTHERS = tr("{n} others")

WHERE: dict[PartName, str] = {
    "embedding": tr("how pieces go in"),
    "head": tr("how pieces come out"),
}

KEYS = {
    "next": tr("next phase"),
    "card": tr("next card"),
    "update": tr("next update"),
    "update_before": tr("update before"),
    "back": tr("phase before"),
    "deeper": tr("deeper"),
    "plain": tr("plainer"),
    "place": tr("next piece"),
    "head": tr("next head"),
    "layer": tr("layer"),
    "leave": tr("lesson"),
}


def card_line(correction: Correction, stamp: str, width: int) -> str:
    """Which card it is, and how often it was taught; of a long one the start of either side.

    Where that would leave the card less than half of the width, the stamp is cut instead.
    """
    prompt, answer = visible(correction.prompt), visible(correction.answer)
    room = width - cell_len(f" →    {stamp}")
    if room >= width // 2 and cell_len(prompt) + cell_len(answer) > room:
        answer = cut(answer, max(room // 2, room - cell_len(prompt)))
        prompt = cut(prompt, room - cell_len(answer))
    return cut(f"{prompt} → {answer}   {stamp}", width)


def weights_of(n_cards: int) -> str:
    """Which weights the numbers are of; that the update had other cards as well."""
    if n_cards == 1:
        return RAW
    return tr("1 of {n} cards · {raw}", n=count(n_cards), raw=RAW)


def remaking(step: int) -> str:
    """What stands where the update of a step of the past will be."""
    if step == 0:
        return tr("At step 0 nothing was corrected yet.")
    return tr("Update {step} is shown here once it has been made again.", step=count(step))


def data(details: UpdateDetails) -> str:
    """DATA, in one sentence."""
    n_front = sum(piece.role == "prompt" for piece in details.pieces)
    n_back = sum(piece.role == "answer" for piece in details.pieces)
    return tr(
        "The card is cut into pieces: {n_front:,} for the front, {n_back:,} for the "
        "back. The model sees the front and has to guess the back, choosing each time "
        "among {n_choices}.",
        n_front=n_front,
        n_back=n_back,
        n_choices=pieces(details.n_choices),
    )


def model(reading: Reading, place: int, right: str) -> str:
    """MODEL: how the guess comes about, layer by layer."""
    first, last = reading.emerging[0], reading.emerging[-1]
    if not last.places or place >= len(last.places):
        return ""
    early, final = first.places[place][0], last.places[place][0]
    settled = _settled(reading, place)
    if settled == 0:
        turn = tr("It says {text} from the start", text=quoted(final.text))
    else:
        turn = tr(
            "Before layer 1 it would say {early}; from layer {settled} on {final}",
            early=quoted(early.text),
            settled=settled,
            final=quoted(final.text),
        )
    before, after = percent(first.right[place]), percent(last.right[place])
    numbers = tr("To it a piece is {width} numbers", width=reading.width)
    if before == after:
        return tr(
            "{turn}. {numbers}; its {n_layers} layers hardly change them here: the right "
            "{right} stays at {after}.",
            turn=turn,
            numbers=numbers,
            n_layers=reading.n_layers,
            right=quoted(right),
            after=after,
        )
    return tr(
        "{turn}. {numbers}, which each of the {n_layers} layers changes a little; the "
        "chance of the right {right} goes from {before} to {after}.",
        turn=turn,
        numbers=numbers,
        n_layers=reading.n_layers,
        right=quoted(right),
        before=before,
        after=after,
    )


def _settled(reading: Reading, place: int) -> int:
    """From which layer on the likeliest piece stays what it is at the end."""
    final = reading.emerging[-1].places[place][0].text
    settled = len(reading.emerging) - 1
    while settled > 0 and reading.emerging[settled - 1].places[place][0].text == final:
        settled -= 1
    return reading.emerging[settled].layer


def attention(text: str, target: str, share: float, layer: int, head: int) -> str:
    """MODEL, one level deeper: what one head looks at while the piece is read."""
    return tr(
        "Layer {layer}, head {head}: reading {text} it looks mostly at {target} "
        "({share}). The fuller a cell, the more the row's piece takes from the "
        "column's.",
        layer=layer,
        head=head,
        text=quoted(text),
        target=target,
        share=percent(share),
    )


def prediction(expected: Expectation, given: str) -> str:
    """PREDICTION: what it would say next, and what it gives the right piece."""
    best = expected.candidates[0]
    where = tr("After {given}", given=quoted(given)) if given else tr("First")
    if best.is_right:
        return tr(
            "{where} it finds {text} most probable, {probability}. That is right.",
            where=where,
            text=quoted(best.text),
            probability=percent(best.probability),
        )
    return tr(
        "{where} it would say {text} ({chance}). Right is {right}: it gives that "
        "{given}, place {rank:,} of all it could say.",
        where=where,
        text=quoted(best.text),
        chance=percent(best.probability),
        right=quoted(expected.right),
        given=percent(expected.probability),
        rank=expected.rank,
    )


def error(expectations: tuple[Expectation, ...], total_nats: float) -> str:
    """ERROR: where the surprise comes from."""
    worst = max(expectations, key=lambda e: e.error_nats)
    share = worst.error_nats / total_nats if total_nats > 0 else 0.0
    start = tr(
        "All surprises added up are its error: {total_nats} nats", total_nats=nats(total_nats)
    )
    if total_nats < 0.1:
        return tr(
            "{start}. It was nearly certain of the right answer; there is little to correct.",
            start=start,
        )
    if share < 0.5 or len(expectations) < 2:
        return tr(
            "{start}. Being certain and right would be 0; training makes this number smaller.",
            start=start,
        )
    where = tr("the end (⏎)") if worst.right == "⏎" else quoted(worst.right)
    return tr(
        "{start}, {share} of it because it did not expect {where}.",
        start=start,
        share=percent(share),
        where=where,
    )


def adjustment(details: AdjustmentDetails, change: Change | None, most: str) -> str:
    """ADJUSTMENT: what was moved, by how much, where most, and what that pushed."""
    mean = small_percent(details.relative_mean, 2)
    if details.n_moved == details.n_numbers:
        said = tr(
            "It moved all {n_numbers:,} numbers by {mean} on average",
            n_numbers=details.n_numbers,
            mean=mean,
        )
    else:
        said = tr(
            "It moved {n_moved:,} of its {n_numbers:,} numbers by {mean} on average",
            n_moved=details.n_moved,
            n_numbers=details.n_numbers,
            mean=mean,
        )
    if most:
        said += tr(", most in {most}", most=most)
    pushed = []
    if change is not None:
        for verb, pushes in ((tr("pushed up"), change.up), (tr("pushed down"), change.down)):
            if pushes:
                named = ", ".join(f"{visible(p.text)} ({signed(p.change)})" for p in pushes[:2])
                pushed.append(f"{verb} {named}")
    return said + "".join(f"; {text}" for text in pushed) + "."


def optimizer(details: AdjustmentDetails) -> str:
    """ADJUSTMENT, one level deeper."""
    cosine = "–" if details.cosine is None else format_number(details.cosine, ".2f")
    return tr(
        "The gradient says which way is down; the optimizer's step goes that way only "
        "in part (direction {cosine}; 1 is straight down) and evens out how far each "
        "number moves.",
        cosine=cosine,
    )


def part(change: PartChange) -> str:
    """layer 3 attention."""
    name = tr(PART_NAMES[change.name])
    return f"{tr('layer')} {change.layer} {name}" if change.layer else name


def which_place(before: str, place: int, right: str) -> str:
    """Which place of the answer the stairs are of."""
    asked = (
        tr("What comes first in the answer?")
        if place == 0
        else tr("What comes after {before}?", before=quoted(before))
    )
    return tr("{asked} Right is {right}.", asked=asked, right=quoted(right))


def pushed_at(piece: str) -> str:
    """Where the pushes were read: at the piece it erred most on."""
    return tr("its leanings at {piece}, where it erred most (logits)", piece=quoted(piece))


def shares(expectations: tuple[Expectation, ...], n_choices: int) -> tuple[tuple[str, str], ...]:
    """ERROR, one level deeper: the number reached another way, and what a blind guess costs."""
    total = sum(e.error_nats for e in expectations)
    whole = math.exp(-total)
    blind = math.log(n_choices) if n_choices > 1 else 0.0
    product = " × ".join(percent(e.probability) for e in expectations[:5])
    more = " × …" if len(expectations) > 5 else ""
    return (
        (tr("whole answer"), f"{product}{more} ≈ {odds(whole)}"),
        (tr("its surprise"), tr("−ln of that = {total} nats: the same sum", total=nats(total))),
        (
            tr("per piece"),
            _quotient(total, len(expectations), ","),
        ),
        (
            tr("blind guess"),
            tr(
                "ln {n_choices:,} = {blind} a piece, {all_of_it} in all",
                n_choices=n_choices,
                blind=nats(blind),
                all_of_it=nats(blind * len(expectations)),
            ),
        ),
        (
            tr("in bits"),
            tr("{quotient} bits", quotient=_quotient(total, math.log(2), ".3f")),
        ),
    )


def _quotient(total: float, by: float, spec: str) -> str:
    """A division with ≈ where the rounded numbers give another result than the one shown."""
    result = nats(total / by)
    shown_by = float(format(by, spec).replace(",", ""))
    sign = "=" if nats(round(total, 2) / shown_by) == result else "≈"
    return f"{nats(total)} / {format_number(by, spec)} {sign} {result}"


def error_deeper(expectations: tuple[Expectation, ...], n_choices: int) -> str:
    """ERROR, one level deeper, in one sentence."""
    total = sum(e.error_nats for e in expectations)
    blind = math.log(n_choices) * len(expectations) if n_choices > 1 else 0.0
    if nats(total) == nats(blind):
        return tr("It has {total} nats, as many as a blind guess.", total=nats(total))
    if total < blind:
        return tr(
            "Somebody who guesses blindly would have {blind} nats; it has {total}. Chances "
            "multiply, their logarithms add up: that is why surprises are added.",
            blind=nats(blind),
            total=nats(total),
        )
    return tr(
        "It has {total} nats, more than the {blind} of a blind guess: on the whole it leaned to "
        "other pieces than the right ones.",
        total=nats(total),
        blind=nats(blind),
    )


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
