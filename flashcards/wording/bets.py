"""Bets in words: the question, what one can say, what was said, how it ended. The asker's own words
stand as they were written."""

import math
from collections.abc import Sequence
from statistics import median
from typing import assert_never

import msgspec

from flashcards.base.keyed_text import sentences
from flashcards.base.language import capital, format_number, tr
from flashcards.runs.bets import CHOICES as CHOICES_OF, Outcome
from flashcards.runs.commands import PlaceBet
from flashcards.runs.events import BetPlaced
from flashcards.runs.value_types import BetSide
from flashcards.runs.values import BetChoice, BetQuestion, Score
from flashcards.runs.verdict import percent, shown_percent
from flashcards.wording.facts import quoted, section_name
from flashcards.wording.lesson import nothing, right_of
from flashcards.wording.numbers import count
from flashcards.wording.updates import chance_went

SCORES: dict[BetSide, tuple[str, str]] = {
    "seen": (
        "What share will be right {when}, of all cards TAUGHT by then?",
        "How many of the {n:,} cards TAUGHT will be right {when}?",
    ),
    "unseen": (
        "What share of cards NEVER TAUGHT will be right {when}?",
        "How many of the {n:,} cards NEVER TAUGHT will be right {when}?",
    ),
}
"""The question about a side of the deck: of many cards, and of few."""

N_TENTHS = 10

CLOSE = 5  # percentage points: a share that is off by no more wins


def question(bet: BetQuestion, n_cards: int) -> str:
    """Ask for a bet. `n_cards` are those of the side of a score."""
    if bet.text:
        return bet.text
    match bet.kind:
        case "score":
            share_of, number_of = SCORES[bet.side]
            text = number_of if whole(n_cards) == n_cards else share_of
            return tr(text, when=exam_of(bet), n=n_cards)
        case "first":
            first, second = map(curve, bet.names)
            return tr("Which will be right first: {one}, or {other}?", one=first, other=second)
        case "answer":
            return tr("{prompt}: will the model answer that right?", prompt=bet.prompt)
        case "correction":
            if bet.prompt:
                return tr("{prompt} is corrected once. Will that be enough?", prompt=bet.prompt)
            return tr("One card is corrected once. Will that be enough?")
        case "rate":
            return tr(
                "Each correction now changes {factor} times as much. How many cards will be right "
                "{when}?",
                factor=format_number(bet.factor, "g"),
                when=exam_of(bet),
            )
        case _:
            assert_never(bet.kind)


def exam_of(bet: BetQuestion) -> str:
    """Name the exam that settles a score, behind "right". Seconds of training are what a talk may
    ask by."""
    if bet.is_of_options:
        return tr("afterwards, when it is tested again")
    if bet.at_step is not None:
        return tr("at step {step}", step=count(bet.at_step))
    if bet.at_seconds is not None:
        return tr("after {n} s of training", n=count(round(bet.at_seconds)))
    return tr("when it stops")


def curve(name: str) -> str:
    """The cards of a curve: a side of the deck, or one of its sections."""
    match name:
        case "seen":
            return tr("cards TAUGHT")
        case "unseen":
            return tr("cards NEVER TAUGHT")
        case _:
            return section_name(name)


def open_scores(placed: Sequence[BetPlaced], now_step: int) -> str:
    """Shares that were predicted for one exam, which has not been yet."""
    shares = [f"{percent(bet.share or 0.0)} {_cards_of(bet.bet)}" for bet in placed]
    text = "Your bet, still open: {shares} right {when}."
    if is_of_class(placed[-1]):
        text = "The class's bet, still open: {shares} right {when}."
    return tr(text, shares=", ".join(shares), when=_open_until(placed[-1].bet, now_step))


def _cards_of(bet: BetQuestion) -> str:
    if bet.side == "seen":
        return tr("of the taught cards")
    return tr("of the cards never taught")


def _open_until(bet: BetQuestion, now_step: int) -> str:
    if bet.at_step is None or bet.at_step <= now_step:
        return exam_of(bet)
    text = "at step {step} ({n_steps} steps to go)"
    return tr(text, step=count(bet.at_step), n_steps=count(bet.at_step - now_step))


CHOICES: dict[BetChoice, str] = {
    "both": "both together",
    "neither": "neither",
    "right": "right",
    "wrong": "wrong",
    "better": "better, but still wrong",
    "worse": "worse",
    "more": "more right than before",
    "same": "about as many right",
    "fewer": "fewer right",
}


def choice(bet: BetQuestion, chosen: BetChoice) -> str:
    if chosen in ("one", "other"):
        first, second = bet.names
        return curve(first if chosen == "one" else second)
    if chosen == "right" and bet.kind == "correction":
        return tr("right after it")
    return tr(CHOICES[chosen])


def whole(n_cards: int) -> int:
    """The place of a score of 100 %: every card has one where they are few, else every tenth."""
    return n_cards if 0 < n_cards <= N_TENTHS else N_TENTHS


def places(bet: BetQuestion, n_cards: int) -> tuple[str, ...]:
    """List what can be answered, each in a word or a number."""
    if choices := CHOICES_OF[bet.kind]:
        return tuple(choice(bet, chosen) for chosen in choices)
    all_ = whole(n_cards)
    return tuple(str(n) if all_ == n_cards else percent(n / all_) for n in range(all_ + 1))


def at_place(bet: BetQuestion, place: float, n_cards: int) -> PlaceBet:
    if choices := CHOICES_OF[bet.kind]:
        return PlaceBet(bet=bet, choice=choices[int(place)])
    return PlaceBet(bet=bet, share=place / whole(n_cards))


def of_hands(bet: BetQuestion, hands: tuple[int, ...], n_cards: int) -> PlaceBet:
    """A class's bet: the middle of its answers, or what most chose, of two level ones the first."""
    place: float = hands.index(max(hands))
    if not CHOICES_OF[bet.kind]:
        place = median(n for n, number in enumerate(hands) for _ in range(number))
    return msgspec.structs.replace(at_place(bet, place, n_cards), hands=hands)


def outcome_place(placed: BetPlaced, outcome: Outcome, n_places: int) -> float:
    """Return the place of the outcome, between two places for a share; NaN for none of them."""
    choices = CHOICES_OF[placed.bet.kind]
    if outcome.choice is not None and outcome.choice in choices:
        return choices.index(outcome.choice)
    rate = None if choices or outcome.score is None else outcome.score.rate
    return math.nan if rate is None else rate * (n_places - 1)


def outcome_rows(placed: BetPlaced, outcome: Outcome, n_places: int) -> set[int]:
    """The places that are marked where all are shown: the nearest one, or none."""
    at = outcome_place(placed, outcome, n_places)
    return {place for place in range(n_places) if -0.5 <= place - at < 0.5}


def of_each_place(placed: BetPlaced, outcome: Outcome, hands: tuple[int, ...]) -> dict[int, str]:
    """Tell everybody who gave a place how the bet came out, and how the others did. By place."""
    at = outcome_place(placed, outcome, len(hands))
    texts = {}
    for place in range(len(hands)):
        own = at_place(placed.bet, place, len(hands) - 1)
        own_bet = BetPlaced(step=placed.step, bet=placed.bet, share=own.share, choice=own.choice)
        others = _of_class(at, hands, None if CHOICES_OF[placed.bet.kind] else place)
        texts[place] = f"{result(own_bet, outcome)} {others}"
    return texts


def _of_class(at: float, hands: tuple[int, ...], place: int | None) -> str:
    """Say how many gave the place of the outcome; of a share, how many were nearer than `place`."""
    total = sum(hands)
    if place is None:
        n = sum(hand for other, hand in enumerate(hands) if other == at)
        if n == 0:
            return tr("Nobody guessed it right.")
        return tr("Of {total} phones {n} guessed it right.", n=n, total=total)
    away = abs(place - at)
    match sum(hand for other, hand in enumerate(hands) if abs(other - at) < away):
        case 0:
            return tr("Nobody was nearer.")
        case 1:
            return tr("{n} of {total} was nearer.", n=1, total=total)
        case n:
            return tr("{n} of {total} were nearer.", n=n, total=total)


def wins(placed: PlaceBet, n_cards: int) -> str:
    """Say which range of shares wins; "" for what is chosen in words, or as a number of cards."""
    if placed.share is None or whole(n_cards) == n_cards:
        return ""
    share = shown_percent(placed.share)
    text = "Then {low} to {high} % wins."
    return tr(text, low=max(share - CLOSE, 0), high=min(share + CLOSE, 100))


def is_of_class(placed: BetPlaced | PlaceBet) -> bool:
    """Tell whether a class said it, and not whoever reads the sentence."""
    return placed.is_of_class or bool(placed.hands)


def is_settled(placed: BetPlaced) -> str:
    """Say of whose bet it is that it is settled."""
    return tr("The class's bet is settled." if is_of_class(placed) else "Your bet is settled.")


def prediction(placed: BetPlaced | PlaceBet) -> str:
    if placed.share is not None:
        return percent(placed.share)
    return "" if placed.choice is None else choice(placed.bet, placed.choice)


def question_and_prediction(placed: BetPlaced, n_cards: int) -> str:
    text = "{question} You said {said}."
    if is_of_class(placed):
        text = "{question} The class said {said}."
    return tr(text, question=question(placed.bet, n_cards), said=prediction(placed))


def settled(placed: BetPlaced, outcome: Outcome) -> str:
    return " ".join(part for part in (result(placed, outcome), placed.bet.because) if part)


HOW_MANY_WON = "Both lost.", "One won, one lost.", "Both won."


def settled_at_once(bets: Sequence[tuple[BetPlaced, Outcome]]) -> str:
    """Say what bets come to that one exam settles. Two scores, one of each side of the deck, are
    said in short: both have room in two lines of a narrow screen."""
    are_scores = all(bet.bet.kind == "score" and not bet.bet.is_of_options for bet, _ in bets)
    if len(bets) != 2 or not are_scores:
        return " ".join(settled(*bet) for bet in bets)
    first, second = bets
    parts = [
        _score_at_step(*first),
        _score_briefly(*second),
        tr(HOW_MANY_WON[sum(is_won(*bet) for bet in bets)]),
        *(bet.bet.because for bet, _ in bets),
    ]
    return sentences(*parts)


def _score_at_step(placed: BetPlaced, outcome: Outcome) -> str:
    text = "{cards}: you said {said}; at step {step} it was {is_now}."
    if is_of_class(placed):
        text = "{cards}: the class said {said}; at step {step} it was {is_now}."
    return tr(text, step=count(outcome.step), **_figures(placed, outcome))


def _score_briefly(placed: BetPlaced, outcome: Outcome) -> str:
    text = "{cards}: you said {said}; it was {is_now}."
    if is_of_class(placed):
        text = "{cards}: the class said {said}; it was {is_now}."
    return tr(text, **_figures(placed, outcome))


def _figures(placed: BetPlaced, outcome: Outcome) -> dict[str, str]:
    return {
        "cards": capital(curve(placed.bet.side)),
        "said": prediction(placed),
        "is_now": percent(_share_right(outcome)),
    }


def is_won(placed: BetPlaced, outcome: Outcome) -> bool:
    """Tell whether a choice came out, or a predicted score is off by no more than `CLOSE`."""
    if placed.bet.kind != "score":
        return placed.choice == outcome.choice
    percent_off = shown_percent(_share_right(outcome)) - shown_percent(placed.share or 0.0)
    return abs(percent_off) <= CLOSE


def _share_right(outcome: Outcome) -> float:
    rate = None if outcome.score is None else outcome.score.rate
    return rate or 0.0


def result(placed: BetPlaced, outcome: Outcome) -> str:
    """The same without a reason."""
    match placed.bet.kind:
        case "score":
            return _score(placed, outcome)
        case "first":
            at = capital(tr("at step {step}", step=count(outcome.step)))
            return f"{at}: {_compared(placed, outcome)}"
        case "answer":
            said_now = tr(
                "It says {prompt} → {answer}.",
                prompt=outcome.prompt,
                answer=outcome.answer or nothing(),
            )
            return f"{said_now} {_compared(placed, outcome)}"
        case "correction":
            chance = chance_went(outcome.probability_before, outcome.probability_after)
            return f"{_compared(placed, outcome)} {quoted(outcome.prompt)}: {chance}"
        case "rate":
            return _rate(placed, outcome)
        case _:
            assert_never(placed.bet.kind)


def _score(placed: BetPlaced, outcome: Outcome) -> str:
    score = outcome.score or Score(0, 0)
    text = "You said {said}; at step {step} it was {is_now} ({score})."
    if is_of_class(placed):
        text = "The class said {said}; at step {step} it was {is_now} ({score})."
    if placed.bet.is_of_options:  # what stands beside it is the score of the model as it is
        text = "You said {said}; tested again, it is {is_now} ({score})."
        if is_of_class(placed):
            text = "The class said {said}; tested again, it is {is_now} ({score})."
    figures = {
        "said": prediction(placed),
        "is_now": percent(_share_right(outcome)),
        "step": count(outcome.step),
        "score": right_of(score),
    }
    won = "Lost: not near enough."
    if is_won(placed, outcome):
        won = "The class wins." if is_of_class(placed) else "You win."
    return f"{capital(curve(placed.bet.side))}: {tr(text, **figures)} {tr(won)}"


def _rate(placed: BetPlaced, outcome: Outcome) -> str:
    counts = tr(
        "{before} were right before, {now} are now.",
        before=right_of(outcome.before or Score(0, 0)),
        now=right_of(outcome.score or Score(0, 0)),
    )
    return f"{_compared(placed, outcome)} {counts}"


def _compared(placed: BetPlaced, outcome: Outcome) -> str:
    if is_won(placed, outcome):
        text = "You said: {said}. So it is."
        if is_of_class(placed):
            text = "The class said: {said}. So it is."
        return tr(text, said=prediction(placed))
    text = "You said: {said}. It is: {result}."
    if is_of_class(placed):
        text = "The class said: {said}. It is: {result}."
    return tr(text, said=prediction(placed), result=came_out(placed, outcome))


def came_out(placed: BetPlaced, outcome: Outcome) -> str:
    """Give the outcome in a word or a number; "" where there is none."""
    if placed.share is not None and outcome.score is not None:
        return percent(outcome.score.rate or 0.0)
    return "" if outcome.choice is None else choice(placed.bet, outcome.choice)
