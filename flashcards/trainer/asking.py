"""What the model says to a prompt, and what is known of that prompt. Changes nothing."""

from __future__ import annotations

import unicodedata

from flashcards.cards.printable import printable
from flashcards.rivals.nearest import nearest
from flashcards.runs.commands import Ask
from flashcards.runs.events import PromptAnswered, Stamp
from flashcards.trainer.teaching import Taught


def answer(ask: Ask, taught: Taught) -> PromptAnswered:
    """The answer of the averaged weights as they are now."""
    prompt = unicodedata.normalize("NFC", printable(ask.prompt.strip()))
    said = taught.learner.answer(prompt)
    cards = taught.deck.cards
    same = [i for i, card in enumerate(cards) if card.prompt == prompt]
    times_seen = max((taught.ledger.times_seen[i] for i in same), default=0)
    stamp: Stamp
    if times_seen:
        stamp = "seen"
    elif not same:
        stamp = "new"
    else:
        stamp = "held_out" if all(cards[i].is_held_out for i in same) else "not_yet_taught"
    near = nearest(prompt, [cards[i] for i in taught.deck.taught], 3)
    return PromptAnswered(
        step=taught.learner.step,
        request=ask.request,
        prompt=prompt,
        answer=said.text,
        pieces=said.pieces,
        alternatives=said.alternatives,
        probability=said.probability,
        stamp=stamp,
        times_seen=times_seen,
        correct_answers=cards[same[0]].answers if same else (),
        nearest=tuple(card.prompt for card in near),
    )
