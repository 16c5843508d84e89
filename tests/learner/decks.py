"""Small decks for the learner's tests."""

from collections.abc import Iterable

from flashcards.cards.card import Card, Deck, DeckMeta, LearnerWishes, card_id
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings


def deck_of(
    pairs: Iterable[tuple[str, str | tuple[str, ...]]],
    held_out: Iterable[tuple[str, str]] = (),
    wishes: LearnerWishes | None = None,
) -> Deck:
    """A deck that teaches `pairs` of prompt and answer (or answers), then asks `held_out`."""
    cards = [_card(prompt, answer, False) for prompt, answer in pairs]
    cards += [_card(prompt, answer, True) for prompt, answer in held_out]
    return Deck(
        slug="test",
        meta=DeckMeta(),
        cards=tuple(cards),
        wishes=wishes or LearnerWishes(),
        text="".join(card.prompt + card.answer for card in cards),
    )


def _card(prompt: str, answer: str | tuple[str, ...], is_never_seen: bool) -> Card:
    answers = (answer,) if isinstance(answer, str) else answers_of(answer)
    return Card(id=card_id(prompt), prompt=prompt, answers=answers, is_never_seen=is_never_seen)


def answers_of(answers: tuple[str, ...]) -> tuple[str, ...]:
    assert answers
    return answers


FRUIT = (
    ("🍎", "apple"),
    ("🍌", "banana"),
    ("🍒", ("cherry", "cherries")),
    ("🍇", "grapes"),
    ("🍐", "pear"),
    ("🥝", "kiwi fruit"),
)


def fruit() -> Deck:
    return deck_of(FRUIT)


def sums(upto: int, n_held_out: int = 0) -> Deck:
    pairs = [(f"{a}+{b}", str(a + b)) for a in range(upto) for b in range(upto)]
    every = len(pairs) // n_held_out if n_held_out else len(pairs) + 1
    held_out = [pair for i, pair in enumerate(pairs, 1) if i % every == 0]
    return deck_of([pair for i, pair in enumerate(pairs, 1) if i % every], held_out)


def taught(deck: Deck, n_steps: int, seed: int = 1, batch_size: int = 16) -> Learner:
    learner = Learner.create(deck, LearnerSettings.for_deck(deck, {"n_layers": 2}), seed)
    order = CardOrder(deck.taught, seed)
    for _ in range(n_steps):
        learner.adjust(learner.study(order.next(batch_size)))
    return learner
