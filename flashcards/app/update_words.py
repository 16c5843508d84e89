"""Every sentence and label of the update, walked, and of the model looked into: in one place.

One sentence a phase, for someone who never saw a neural network, with this card's real numbers.
"""

from __future__ import annotations

import math

from flashcards.app.numbers import count, nats, odds_pair, percent, signed
from flashcards.app.widgets.cells import cut, visible
from flashcards.runs.details import (
    AdjustmentDetails,
    Candidate,
    Expectation,
    PartChange,
    PartName,
    Reading,
)
from flashcards.runs.events import PinTaught, UpdateDetails
from flashcards.runs.values import Change, Correction, OrderName, RippleSide

TITLE = "One update, step by step"
RAW = "raw weights"
NOT_WALKED = "Nothing is in hand."
WAITING = "the next card is coming"

FRONT = "the front, which it sees, in {n}"
BACK = "the back, hidden until it has guessed, in {n}"
CARD_AS_IDS = "under each piece its number: all the model ever gets"
CARD_AS_PIECES = "to the model each piece is only a number: enter shows which"
SIGNS = "→ asks for the answer   ⏎ the answer ends here"

STOPPED_HERE = "if it stopped here, it would say"
RIGHT_HERE = "chance of the right piece"
EMBEDDED = "start"
LAYER = "layer"
AFTER = "after"
AT_ONCE = "first piece"
SAYS = "◂ its guess"
RIGHT = "✓ right"
GUESS_IS_RIGHT = "✓ right, and its guess"
HEAD = "head"
LOOKS_AT = "columns: what it looks at ▸"
LOOKS_FROM = "rows: reading"
LOWEST, HIGHEST = "none", "all"

PIECE, GAVE, SURPRISE, SUM = "piece", "gave it", "surprise", "sum"
OTHERS = "{n} others"
ERROR_TITLE = "the less it expected a piece, the longer its bar"

PART_NAMES: dict[PartName, str] = {
    "attention": "attention",
    "mlp": "MLP",
    "embedding": "embedding",
    "head": "output head",
    "gains": "gains",
}
MOVED_TITLE = "how far the numbers of each part moved, against their size"
PLAIN_PARTS: dict[PartName, str] = {"embedding": "pieces in", "head": "pieces out"}
WHERE: dict[PartName, str] = {"embedding": "how pieces go in", "head": "how pieces come out"}
MOVED_UP, MOVED_DOWN = "pushed up", "pushed down"
N_NUMBERS, GRADIENT, STEP, MOVED, DIRECTION = "numbers", "gradient", "step", "moved", "direction"
DIRECTION_MEANS = (
    "direction: 1 is straight down the raw gradient, 0 at right angles to it. The optimizer evens "
    "out how far each number goes, so it is below 1."
)

SAID, ANSWER, NOW_SAYS = "it said", "right", "now it says"
BEFORE_AFTER = "piece by piece: how probable each was, before ▸ after"
LEARNED_FROM = "learned from"
HELPED, HURT = "helped most", "hurt most"
NOBODY = "no other card"
TAUGHT_SIDE, UNSEEN_SIDE = "■ taught", "◆ never seen"
RIPPLE_TITLE = "what the same nudge did to other cards: change of their error, in nats"

WOULD_SAY, RANK = "it would say", "its place in the list"
NOTHING = "(nothing)"
ALL_OF_IT = "all of it"
MOVED_LESS = "they moved less"
ANSWER_SO_FAR = "read so far:"
COMING = "this is being done just now"
LEGEND = "a row looks at columns: · little ░▒▓ █ all"
NOT_BROKEN = "Nothing broke: there is nothing to rewind from."
KEYS = {
    "next": "next phase",
    "card": "next card",
    "back": "phase before",
    "deeper": "deeper",
    "plain": "plainer",
    "place": "next piece",
    "head": "next head",
    "layer": "layer",
    "leave": "lesson",
}

ORDERS: dict[OrderName, str] = {
    "shuffled": "shuffled",
    "hardest": "hardest first",
    "boxes": "Leitner boxes",
    "deck": "deck order",
}
ORDER_MEANINGS: dict[OrderName, str] = {
    "shuffled": "every card once a round, in random order",
    "hardest": "what it gets wrong comes more often",
    "boxes": "a right answer puts a card in a box that is asked less often",
    "deck": "as they stand in the deck file",
}


def order(name: OrderName) -> str:
    """What `o` says after it was pressed."""
    return f"Order of cards: {ORDERS[name]} ({ORDER_MEANINGS[name]})"


def pieces(n: int) -> str:
    """5 pieces."""
    return f"{count(n)} piece" if n == 1 else f"{count(n)} pieces"


def quoted(text: str, width: int = 24) -> str:
    """A piece or a prompt within a sentence."""
    return f"“{cut(visible(text), width)}”"


def card_line(correction: Correction, stamp: str) -> str:
    """Which card it is, and how often it was taught."""
    return f"{visible(correction.prompt)} → {visible(correction.answer)}   {stamp}"


def data(details: UpdateDetails) -> str:
    """DATA, in one sentence."""
    n_front = sum(piece.role == "prompt" for piece in details.pieces)
    n_back = sum(piece.role == "answer" for piece in details.pieces)
    return (
        f"The card is cut into pieces: {n_front:,} for the front, {n_back:,} for the back. The "
        "model sees the front and has to guess the back, choosing each time among "
        f"{pieces(details.n_choices)}."
    )


def model(reading: Reading, place: int, right: str) -> str:
    """MODEL: how the guess comes about, layer by layer."""
    first, last = reading.emerging[0], reading.emerging[-1]
    if not last.places or place >= len(last.places):
        return ""
    early, final = first.places[place][0], last.places[place][0]
    settled = _settled(reading, place)
    if settled == 0:
        turn = f"It says {quoted(final.text)} from the start"
    else:
        turn = (
            f"Before layer 1 it would say {quoted(early.text)}; from layer {settled} on "
            f"{quoted(final.text)}"
        )
    before, after = percent(first.right[place]), percent(last.right[place])
    numbers = f"To it a piece is {reading.width} numbers"
    if before == after:
        return (
            f"{turn}. {numbers}; its {reading.n_layers} layers hardly change them here: the right "
            f"{quoted(right)} stays at {after}."
        )
    return (
        f"{turn}. {numbers}, which each of the {reading.n_layers} layers changes a little; the "
        f"chance of the right {quoted(right)} goes from {before} to {after}."
    )


def _settled(reading: Reading, place: int) -> int:
    """From which layer on the likeliest piece stays what it is at the end."""
    final = reading.emerging[-1].places[place][0].text
    settled = len(reading.emerging) - 1
    while settled > 0 and reading.emerging[settled - 1].places[place][0].text == final:
        settled -= 1
    return reading.emerging[settled].layer


def attention(text: str, looked: str, share: float, layer: int, head: int) -> str:
    """MODEL, one level deeper: what one head looks at while the piece is read."""
    target = "itself" if looked == "" else quoted(looked)
    return (
        f"Layer {layer}, head {head}: reading {quoted(text)} it looks mostly at {target} "
        f"({percent(share)}). The fuller a cell, the more the row's piece takes from the column's."
    )


def prediction(expected: Expectation, given: str) -> str:
    """PREDICTION: what it would say next, and what it gives the right piece."""
    best = expected.candidates[0]
    where = f"After {quoted(given)}" if given else "First"
    if best.is_right:
        return (
            f"{where} it finds {quoted(best.text)} most probable, {percent(best.probability)}. "
            "That is right."
        )
    return (
        f"{where} it would say {quoted(best.text)} ({percent(best.probability)}). Right is "
        f"{quoted(expected.right)}: it gives that {percent(expected.probability)}, place "
        f"{expected.rank:,} of all it could say."
    )


def error(expectations: tuple[Expectation, ...], total_nats: float) -> str:
    """ERROR: where the surprise comes from."""
    worst = max(expectations, key=lambda e: e.error_nats)
    share = worst.error_nats / total_nats if total_nats > 0 else 0.0
    start = f"All surprises added up are its error: {nats(total_nats)} nats"
    if total_nats < 0.1:
        return f"{start}. It was nearly certain of the right answer; there is little to correct."
    if share < 0.5 or len(expectations) < 2:
        return f"{start}. Being certain and right would be 0; training makes this number smaller."
    where = "the end (⏎)" if worst.right == "⏎" else quoted(worst.right)
    return f"{start}, {percent(share)} of it because it did not expect {where}."


def adjustment(details: AdjustmentDetails, change: Change | None, most: str) -> str:
    """ADJUSTMENT: what was moved, by how much, where most, and what that pushed."""
    moved = "all" if details.n_moved == details.n_numbers else f"{details.n_moved:,} of its"
    said = (
        f"It moved {moved} {details.n_numbers:,} numbers by {percent(details.relative_mean)} on "
        "average"
    )
    if most:
        said += f", most in {most}"
    pushed = []
    if change is not None:
        for verb, pushes in (("pushed up", change.up), ("pushed down", change.down)):
            if pushes:
                named = ", ".join(f"{visible(p.text)} ({signed(p.change)})" for p in pushes[:2])
                pushed.append(f"{verb} {named}")
    return said + "".join(f"; {text}" for text in pushed) + "."


def optimizer(details: AdjustmentDetails) -> str:
    """ADJUSTMENT, one level deeper."""
    cosine = "–" if details.cosine is None else f"{details.cosine:.2f}"
    return (
        f"The gradient says which way is down; the optimizer's step goes that way only in part "
        f"(direction {cosine}; 1 is straight down) and evens out how far each number moves."
    )


def part(change: PartChange) -> str:
    """layer 3 attention."""
    name = PART_NAMES[change.name]
    return f"{LAYER} {change.layer} {name}" if change.layer else name


def repeat(correction: Correction, change: Change) -> str:
    """REPEAT: the nudge in words, better or worse, and what it did to cards never taught."""
    before, after = odds_pair(change.probability_before, change.probability_after)
    answer = quoted(correction.answer)
    if change.probability_after < change.probability_before:
        said = f"This time it got worse: {answer} {before} ▸ {after}. One step can miss."
    else:
        said = f"One nudge: {answer} {before} ▸ {after}."
    return f"{said} {ripple(change)}".rstrip()


def ripple(change: Change) -> str:
    """What the update did to the cards that were never taught, or else to the taught ones."""
    unseen, taught = change.ripple_unseen, change.ripple_taught
    if unseen is not None and _is_general(unseen):
        return f"{_better(unseen)} never taught got better by it: it learns relationships."
    if unseen is not None and unseen.n_measured:
        return f"Of {_measured(unseen)} never taught, {_counts(unseen)}."
    if taught is not None and taught.n_measured:
        return f"Of {_measured(taught)}, {_counts(taught)}."
    return ""


def _is_general(unseen: RippleSide) -> bool:
    """At least two cards got better for one that got worse, and the error fell on the whole."""
    n_helped, n_hurt = unseen.n_helped, unseen.n_hurt
    return n_helped > 0 and n_helped >= 2 * n_hurt and unseen.mean_change_nats < 0


def _counts(side: RippleSide) -> str:
    return f"{side.n_helped:,} got better, {side.n_hurt:,} worse"


def _better(side: RippleSide) -> str:
    return f"{side.n_helped:,} of {_measured(side)}"


def _measured(side: RippleSide) -> str:
    noun = "card" if side.n_measured == 1 else "cards"
    return f"{side.n_measured:,} {noun}{' (a sample)' if side.is_sample else ''}"


def side(ripple_side: RippleSide, name: str) -> str:
    """◆ never seen: 14 better, 4 worse of 20."""
    sample = f" (of {ripple_side.n_cards:,})" if ripple_side.is_sample else ""
    return f"{name}: {counts(ripple_side)}{sample}"


def counts(ripple_side: RippleSide) -> str:
    """14 better, 4 worse of 20."""
    return (
        f"{ripple_side.n_helped:,} better, {ripple_side.n_hurt:,} worse of "
        f"{ripple_side.n_measured:,}"
    )


def which_place(before: str, place: int, right: str) -> str:
    """Which place of the answer the stairs are of."""
    asked = (
        "What comes first in the answer?" if place == 0 else f"What comes after {quoted(before)}?"
    )
    return f"{asked} Right is {quoted(right)}."


def pushed_at(piece: str) -> str:
    """Where the pushes were read: at the piece it erred most on."""
    return f"its leanings at {quoted(piece)}, where it erred most (logits)"


def shares(expectations: tuple[Expectation, ...], n_choices: int) -> tuple[tuple[str, str], ...]:
    """ERROR, one level deeper: the number reached another way, and what a blind guess costs."""
    total = sum(e.error_nats for e in expectations)
    whole = math.exp(-total)
    blind = math.log(n_choices) if n_choices > 1 else 0.0
    product = " × ".join(percent(e.probability) for e in expectations[:5])
    more = " × …" if len(expectations) > 5 else ""
    return (
        ("whole answer", f"{product}{more} = {percent(whole)}"),
        ("its surprise", f"−ln of that = {nats(total)} nats: the same sum"),
        ("per piece", f"{nats(total)} / {len(expectations):,} = {nats(total / len(expectations))}"),
        (
            "blind guess",
            f"ln {n_choices:,} = {nats(blind)} a piece, {nats(blind * len(expectations))} in all",
        ),
        ("in bits", f"{nats(total)} / 0.693 = {nats(total / math.log(2))} bits"),
    )


def error_deeper(expectations: tuple[Expectation, ...], n_choices: int) -> str:
    """ERROR, one level deeper, in one sentence."""
    total = sum(e.error_nats for e in expectations)
    blind = math.log(n_choices) * len(expectations) if n_choices > 1 else 0.0
    if total < blind:
        return (
            f"Somebody who guesses blindly would have {nats(blind)} nats; it has {nats(total)}. "
            "Chances multiply, their logarithms add up: that is why surprises are added."
        )
    return (
        f"It has {nats(total)} nats, more than the {nats(blind)} of a blind guess: it was sure of "
        "something wrong."
    )


def prediction_deeper(expectations: tuple[Expectation, ...]) -> str:
    """PREDICTION, one level deeper: how many places of the answer it would get right."""
    n_right = sum(e.rank == 1 for e in expectations)
    if n_right == len(expectations):
        n = f"{len(expectations):,}"
        return f"At all {n} places its first choice is right: it would answer this card."
    return (
        f"At {n_right:,} of {len(expectations):,} places its first choice is right. Before each it "
        f"is given the right pieces, so that one slip does not spoil the rest."
    )


def taught_by(told: PinTaught, n: int) -> str:
    """Learned from: drink −0.31, ring −0.22 nats (exact since step 12)."""
    if not told.by:
        return f"nobody has taught it anything yet (since step {count(told.since_step)})"
    named = ", ".join(f"{visible(by.prompt)} {signed(by.change_nats)}" for by in told.by[:n])
    how = "exact" if told.is_exact else "about"
    return f"{named} nats ({how}, since step {count(told.since_step)})"


def walk_offer(key: str) -> str:
    """What the view says when no update is in hand."""
    return f"{key} takes the next card and shows, phase by phase, what one correction does."


def best_text(candidates: tuple[Candidate, ...]) -> str:
    """The likeliest of them."""
    return candidates[0].text if candidates else ""
