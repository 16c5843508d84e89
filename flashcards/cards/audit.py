"""Problems between cards: repeats, contradictions, leaks; and the lowest possible error.

Every figure is exact. `repeated` is part of reading a deck; `near_leaks` reads
every text again and is for `check`.
"""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from typing import Literal, NamedTuple

from flashcards.cards.card import Card, Deck
from flashcards.cards.diagnostics import Diagnostic, diagnostic, excerpt
from flashcards.cards.split import commuted

_TOKEN = re.compile(r"\w+|\S")


def repeated(first: tuple[Card, bool], second: tuple[Card, bool], column: int) -> Diagnostic:
    """Report the second of two cards with one prompt, each with whether it carries the never-taught
    mark itself: the same card again, another answer, or taught here and kept back there. `column`:
    of the second."""
    (earlier, is_first_marked), (card, is_marked) = first, second
    prompt = excerpt(card.prompt)
    if is_marked != is_first_marked:
        taught, held = (earlier, card) if is_marked else (card, earlier)
        where = f"taught on line {taught.line} and as never taught on line {held.line}"
        text, code = f"{prompt} is {where}; it is never taught until one of them goes", "leak"
    elif card.answer != earlier.answer:
        both = (f"{excerpt(side.answer)} on line {side.line}" for side in (earlier, card))
        text, code = f"{prompt} is {' and '.join(both)}; join them with |, or drop one", "conflict"
    else:
        text, code = f"{prompt} is already on line {earlier.line}", "duplicate-card"
    return diagnostic(code, card.line, column, text)


def floor_nats(deck: Deck) -> float:
    """The mean error per taught card that no learner can get below, in nats; 0 without conflicts.
    The conditional entropy of the taught answer given the prompt: a prompt with two answers costs
    ln 2 on average, however long it is learned."""
    taught = [card for card in deck.cards if not card.is_never_seen]
    n_taught = len(taught)
    counted = Counter(card.prompt for card in taught)
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for card in taught if len(counted) < n_taught else ():
        if counted[card.prompt] > 1:
            answers[card.prompt][card.answer] += 1
    total = 0.0
    for counts in answers.values():
        n = counts.total()
        total -= sum(count * math.log(count / n) for count in counts.values())
    return total / n_taught if n_taught else 0.0


class Commonest(NamedTuple):
    """The answer that most taught cards have, and how many of each side it would be right for."""

    answer: str
    n_taught: int
    n_never_seen: int


def commonest(deck: Deck) -> Commonest | None:
    """Count for how many cards one answer would do; None where no two taught cards share one.
    Of equally common answers it is the one that comes first in the deck."""
    counted = Counter(deck.cards[i].answer for i in deck.taught)
    answer, n_taught = counted.most_common(1)[0] if counted else ("", 0)
    if n_taught < 2:
        return None
    right = [
        sum(answer in deck.cards[i].answers for i in side)
        for side in (deck.taught, deck.never_seen)
    ]
    return Commonest(answer, *right)


def is_one_sign(prompt: str) -> bool:
    """Tell whether a prompt is a single character, or one with marks that change its looks."""
    return sum(unicodedata.category(char)[0] not in "MC" for char in prompt) == 1


def near(text: str) -> str:
    """The same for texts a person would call the same.
    Case, accents, spacing, punctuation and leading zeros of numbers are left out; signs between two
    numbers stay, so that `1-23` and `12-3` differ."""
    if text.isascii() and text.isalnum():
        # One word or number: what the loop below would make of it, for the price of a look.
        return (text.lstrip("0") or "0") if text.isdecimal() else text.casefold()
    text = text.casefold()
    if not text.isascii():
        apart = unicodedata.normalize("NFD", text)
        text = "".join(char for char in apart if not unicodedata.combining(char))
    tokens = _TOKEN.findall(text)
    words: list[str] = []
    for index, token in enumerate(tokens):
        if token[0].isdecimal():
            words.append(token.lstrip("0") or "0" if token.isdecimal() else token)
            continue
        is_punctuation = len(token) == 1 and unicodedata.category(token)[0] == "P"
        if not is_punctuation or _is_between_numbers(tokens, index):
            words.append(token)
    return " ".join(words or tokens)


def _is_between_numbers(tokens: list[str], index: int) -> bool:
    around = (tokens[index - 1][-1:] if index else "", *tokens[index + 1 : index + 2])
    return len(around) == 2 and all(token[:1].isdecimal() for token in around)


class Leak(NamedTuple):
    card: Card
    twin: Card
    how: Literal["near", "reversed", "swapped"]


_HOW = {
    "near": "nearly the same",
    "reversed": "the same card reversed",
    "swapped": "the same with operands swapped",
}


def near_leaks(deck: Deck) -> list[Diagnostic]:
    problems = []
    for card, twin, how in leaks(deck):
        taught = f"{excerpt(twin.prompt)} on line {twin.line} is: {_HOW[how]}"
        text = f"{excerpt(card.prompt)} is never taught, but {taught}"
        text += "; put both in one group, or teach neither"
        problems.append(diagnostic("leak-near", card.line, 1, text))
    return problems


def leaks(deck: Deck) -> list[Leak]:
    """Never-taught cards that a taught card gives away: nearly the same, reversed, or commuted.
    Only where the answer agrees as well: `Polish` and `polish` with two answers are two cards."""
    taught = [card for card in deck.cards if not card.is_never_seen]
    held = [card for card in deck.cards if card.is_never_seen]
    if not taught or not held:
        return []
    candidates = [(card, near(card.prompt), near(card.answer)) for card in held]
    # Only a taught card whose answer is one of these give a never-taught card away: of most decks
    # that leaves few whose prompt has to be read again.
    answers = {text for _, prompt, answer in candidates for text in (prompt, answer)}
    keys: dict[tuple[str, str], Card] = {}
    by_operands: dict[tuple[str, str], Card] = {}
    for card in taught:
        if (answer := near(card.answer)) not in answers:
            continue
        prompt = near(card.prompt)
        keys.setdefault((prompt, answer), card)
        if any(operator in prompt for operator in "+*×·⋅"):
            by_operands.setdefault((commuted(prompt), answer), card)
    gifts: list[Leak] = []
    for card, prompt, answer in candidates:
        if (twin := keys.get((prompt, answer))) is not None:
            if twin.prompt == card.prompt:
                continue
            gifts.append(Leak(card, twin, "near"))
        elif prompt != answer and (twin := keys.get((answer, prompt))) is not None:
            gifts.append(Leak(card, twin, "reversed"))
        elif by_operands and (twin := by_operands.get((commuted(prompt), answer))) is not None:
            gifts.append(Leak(card, twin, "swapped"))
    return gifts
