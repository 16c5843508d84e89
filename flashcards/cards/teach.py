"""One card taught by hand: the deck's text with that card, or a sentence that says why not."""

from __future__ import annotations

import msgspec

from flashcards.cards.audit import near
from flashcards.cards.card import Deck
from flashcards.cards.diagnostics import quoted
from flashcards.cards.format import Document, parse, write
from flashcards.cards.grammar import as_taught
from flashcards.cards.writing import CannotWrite, with_answers, with_card, without_mark


class HandTaught(msgspec.Struct, frozen=True):
    """The deck's file with the card in it; whether the card was never taught until now."""

    data: bytes
    was_never_seen: bool


def taught_by_hand(data: bytes, name: str, prompt: str, answer: str) -> HandTaught:
    """The bytes of the deck file of this name, with a card that teaches this answer to this prompt.

    A card that has the prompt gets the answer; one marked `?` loses the mark, so that it is taught
    from then on. Raises CannotWrite: it can't be taught like this; the text is a sentence.
    """
    prompt, answer = as_taught(prompt), as_taught(answer)
    parsed = parse(data, name)
    if parsed.deck is None:
        raise CannotWrite("The deck can't be read as it is.")
    deck = parsed.deck
    if not prompt or not answer:
        raise CannotWrite("The answer is empty." if prompt else "The prompt is empty.")
    n_characters, most = len(prompt) + len(answer), deck.wishes.max_characters
    if n_characters > most:
        text = f"That is {n_characters:,} characters; prompt and answer together can be {most:,}."
        raise CannotWrite(text)
    same = [index for index, card in enumerate(deck.cards) if card.prompt == prompt]
    was_never_seen = False
    if same:
        cards = [deck.cards[index] for index in same]
        if all(card.answer == answer and not card.is_never_seen for card in cards):
            raise CannotWrite(f"The deck teaches that already: {quoted(prompt)} is {answer}.")
        document = _with_answer(parsed.document, deck, same, answer)
        was_never_seen = any(card.is_never_seen for card in cards)
    else:
        _check_leak(deck, prompt, answer)
        try:
            document = with_card(parsed.document, prompt, [answer])
        except CannotWrite as problem:
            raise CannotWrite(_sentence(problem)) from None
    new = parse(write(document), name).deck
    if new is None or any(card.is_never_seen for card in new.cards if card.prompt == prompt):
        why = "it is asked, never taught, so that NEVER SEEN stays true."
        raise CannotWrite(f"{quoted(prompt)} belongs to the share that the deck holds out: {why}")
    return HandTaught(write(document), was_never_seen)


def _check_leak(deck: Deck, prompt: str, answer: str) -> None:
    keys = (near(prompt), near(answer))
    for card in deck.cards:
        if card.is_never_seen and (near(card.prompt), near(card.answer)) in (keys, keys[::-1]):
            why = "which is asked and never taught: it would be NEVER SEEN no longer."
            raise CannotWrite(f"That gives {quoted(card.prompt)} away, {why}")


def _with_answer(document: Document, deck: Deck, same: list[int], answer: str) -> Document:
    for index in same:
        card = deck.cards[index]
        others = tuple(other for other in card.answers if other != answer)
        answers = (answer, *others) if answer in card.answers else (answer,)
        try:
            if answers != card.answers:
                document = with_answers(document, index, answers)
            if card.is_never_seen:
                document = without_mark(document, index)
        except IndexError:
            text = f"{quoted(card.prompt)} is half of a ::: card; change it in the deck's file."
            raise CannotWrite(text) from None
        except CannotWrite as problem:
            raise CannotWrite(_sentence(problem)) from None
    return document


def _sentence(problem: CannotWrite) -> str:
    text = str(problem)
    return f"{text[:1].upper()}{text[1:]}."
