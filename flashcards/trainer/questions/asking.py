"""What the model says to a prompt, and what is known of that prompt. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from flashcards.cards.grammar import as_taught
from flashcards.runs.commands import Ask
from flashcards.runs.events import PromptAnswered
from flashcards.runs.values import Stamp
from flashcards.trainer.questions.prompts import PromptIndex
from flashcards.trainer.training_state import TrainingState

N_NEAREST = 3


def answer(ask: Ask, training: TrainingState, index: PromptIndex) -> PromptAnswered:
    """The answer of the averaged weights as they are now; `index` is of the taught deck."""
    prompt = as_taught(ask.prompt)
    said = training.learner.answer(prompt)
    same = index.same(prompt)
    stamp, times_seen = stamp_of(training, same)
    near = index.nearly(prompt)
    near_stamp, near_times_seen = stamp_of(training, [] if near is None else [near])
    return PromptAnswered(
        step=training.learner.step,
        request=ask.request,
        prompt=prompt,
        answer=said.text,
        pieces=said.pieces,
        alternatives=said.alternatives,
        probability=said.probability,
        is_cut=said.is_cut,
        stamp=stamp,
        times_seen=times_seen,
        correct_answers=training.deck.cards[same[0]].answers if same else (),
        nearest=index.nearest(prompt, N_NEAREST),
        near_duplicate="" if near is None else training.deck.cards[near].prompt,
        near_stamp=near_stamp,
        near_times_seen=near_times_seen,
    )


def stamp_of(training: TrainingState, card_indices: Sequence[int]) -> tuple[Stamp, int]:
    """The stamp of these cards, which share a prompt, and how often one was taught."""
    times_seen = max((training.ledger.times_seen[i] for i in card_indices), default=0)
    if times_seen:
        return "seen", times_seen
    if not card_indices:
        return "new", 0
    is_never_seen = all(training.deck.cards[i].is_never_seen for i in card_indices)
    return "held_out" if is_never_seen else "not_yet_taught", 0
