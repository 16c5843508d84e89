"""More data, better model: one deck taught with more and more of its cards, all else the same.

All models begin with the same weights and the same tokenizer, those of the whole deck, make the
same updates of the same sizes, and are asked the same never-taught cards. A model with fewer
cards sees each of them more often. The smaller sets are parts of the larger ones.

More diverse, not only more: as many cards, drawn from those that are alike and from all.
"""

import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal

from flashcards.base.errors import UserError
from flashcards.cards.card import Card, Deck
from flashcards.cards.split import sample_by_hash
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder, shapes_of
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.marks import RIGHT
from flashcards.runs.scaling import (
    AnyScalingFact,
    Kind,
    ScalingPoint,
    ScalingStarted,
    ScalingWent,
)
from flashcards.runs.values import Score

SHARES = (0.05, 0.1, 0.25, 0.5, 1.0)
N_SEEDS = 3  # Models for each draw of cards that is compared: the draw itself is luck, too

N_STEPS = 1000  # Past what most shipped decks take as a whole (docs/figures.md)

TELL_EVERY_STEPS = 10


class ScalingError(UserError):
    """There is nothing to measure; the message says why, in a sentence for the user."""


def scale(
    deck: Deck,
    *,
    seed: int = 1,
    n_steps: int = N_STEPS,
    shares: Sequence[float] = SHARES,
    device: str = "cpu",
    is_diverse: bool = False,
) -> Iterator[AnyScalingFact]:
    """Teach a model for each share, smallest first, and yield what happens as it does.
    `seed`: of the weights and of the order of cards.
    `shares`: of the taught cards, above 0 to 1. Those that come to the same cards are one.
    `is_diverse`: of those that are alike instead, with as many drawn from all beside them.
    Raises ScalingError: nothing is taught, or all of it, no part of it is alike where that is
    compared, or the numbers broke down.
    Raises SettingsError: the deck asks for what can't be."""
    n_taught = len(deck.taught)
    never_seen = deck.never_seen
    if not never_seen:
        raise ScalingError(
            f"every card of {deck.name} is taught, so there is nothing to measure: mark cards with "
            "`? `, or write `held_out = 0.2` at its top"
        )
    if not n_taught:
        raise ScalingError(f"{deck.name} teaches no card, so there is nothing to measure")
    kind = kind_of(deck) if is_diverse else None
    if is_diverse and kind is None:
        raise ScalingError(
            f"no part of {deck.name} is alike: a tenth to a half of its taught cards must be one "
            "section, one range of numbers, or have prompts with one ending"
        )
    whole = [i for i in deck.taught if kind is None or has(kind, deck.cards[i])]
    settings = LearnerSettings.for_deck(deck)
    sizes = {max(1, round(share * len(whole))): share for share in sorted(shares, reverse=True)}
    start = ScalingStarted(
        deck=deck.slug,
        name=deck.name,
        seed=seed,
        n_steps=n_steps,
        batch_size=settings.batch_size,
        n_taught=n_taught,
        n_held_out=len(never_seen),
        n_parameters=Learner.create(deck, settings, seed, device).n_parameters,
        shares=tuple(sorted(sizes.values())),
        alike=kind,
        n_seeds=1 if kind is None else N_SEEDS,
        examples=() if kind is None else _examples(deck, kind),
    )
    yield start
    for (share, draw), place in itertools.product(start.rows, range(start.n_seeds)):
        n_cards = max(1, round(share * len(whole)))
        cards = nested(deck, n_cards)
        if draw:
            chance = random.Random(f"{draw}/{seed + place}")
            of = whole if draw == "narrow" else deck.taught
            cards = tuple(sorted(chance.sample(of, n_cards)))
        learner = Learner.create(deck, settings, seed + place, device)
        order = CardOrder(cards, seed + place, shapes=shapes_of(deck, settings, cards))
        while learner.step < n_steps:
            if learner.step % TELL_EVERY_STEPS == 0:
                yield ScalingWent(share=share, n_cards=n_cards, step=learner.step, draw=draw)
            learner.adjust(learner.study(order.next(settings.batch_size_at(learner.step))))
            if not learner.is_finite:
                raise ScalingError(
                    f"training with {n_cards:,} cards broke down after step {learner.step:,}: "
                    "the steps were too large"
                )
        alike = [i for i in never_seen if kind is not None and has(kind, deck.cards[i])]
        yield ScalingPoint(
            share=share,
            n_cards=n_cards,
            seen=_score(learner, cards),
            unseen=_score(learner, never_seen),
            draw=draw,
            alike=_score(learner, alike) if alike else None,
        )


def nested(deck: Deck, n_cards: int) -> tuple[int, ...]:
    """So many of the taught cards, by hash: a smaller number's are among a larger one's."""
    return tuple(sorted(sample_by_hash(deck, deck.taught, n_cards)))


def _examples(deck: Deck, kind: Kind) -> tuple[tuple[str, str], ...]:
    """A card of the kind, and one of another whose answer adds something else, if there is one."""
    cards = [deck.cards[i] for i in deck.taught]
    example = next(card for card in cards if has(kind, card))
    added = example.answer.removeprefix(example.prompt)
    others = (card for card in cards if not has(kind, card))
    other = min(others, key=lambda card: card.answer.removeprefix(card.prompt) == added)
    return (example.prompt, example.answer), (other.prompt, other.answer)


def _score(learner: Learner, cards: Sequence[int]) -> Score:
    return Score(learner.grade(cards).marks.count(RIGHT), len(cards))


LEAST_SHARE, LARGEST_SHARE = 0.1, 0.5
"""Bounds of the share of taught cards that are alike; fewer teach too little, more are too many."""

RANGE_SHARE = 0.25  # Of the taught cards whose numbers are in the range


def has(kind: Kind, card: Card) -> bool:
    match kind.by:
        case "section":
            return card.section == kind.value
        case "numbers":
            return _largest(card) <= int(kind.value)
        case "ending":
            return card.prompt[-1] == kind.value


def kind_of(deck: Deck) -> Kind | None:
    """The first of sections, numbers and endings by which a part of the taught cards is alike, no
    less than a tenth and no more than half; None without such a part."""
    cards = [deck.cards[i] for i in deck.taught]
    largest = sorted(map(_largest, cards))
    kinds = [
        *_commonest("section", [card.section for card in cards if card.section]),
        *([] if largest[0] < 0 else [Kind("numbers", str(largest[int(RANGE_SHARE * len(cards))]))]),
        *_commonest("ending", [card.prompt[-1] for card in cards if card.prompt[-1].isalpha()]),
    ]
    for kind in kinds:
        if LEAST_SHARE <= sum(has(kind, card) for card in cards) / len(cards) <= LARGEST_SHARE:
            return kind
    return None


def _commonest(by: Literal["section", "ending"], values: list[str]) -> list[Kind]:
    return [Kind(by, value) for value, _ in Counter(values).most_common()]


def _largest(card: Card) -> int:
    """The largest number in the prompt, in the answer if that has none; -1 without any."""
    numbers = re.findall("[0-9]+", card.prompt) or re.findall("[0-9]+", card.answer)
    return max(map(int, numbers), default=-1)
