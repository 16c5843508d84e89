"""One learning experiment without a run folder: how many cards until what is known.

    python -m flashcards.learner.trial decks/addition.deck --until unseen=0.99 --seeds 1 2 3
        --set batch_size=16 --constant model.EMBEDDING_SPREAD=0.5

Prints one JSON line a seed. `--set` changes a learner setting, `--constant` a number of a learner
module. docs/experiments.md tells what was tried.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.format import parse
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.learner.shapes import shapes_of
from flashcards.runs.marks import RIGHT
from flashcards.runs.values import ORDERS

SAMPLE = 500
LEVELS = (0.5, 0.9, 0.91, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description="Cards until what is known.")
    parser.add_argument("deck", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--cards", type=int, default=100_000, help="stop at this many")
    parser.add_argument("--until", default="", help="stop at seen=X or unseen=X on all cards")
    parser.add_argument("--every", type=int, default=0, help="cards between exams")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--constant", nargs="*", default=[], metavar="MODULE.NAME=VALUE")
    parser.add_argument("--order", choices=ORDERS, default="shuffled")
    parser.add_argument("--explained", type=int, default=0, help="then this many, one an update")
    options = parser.parse_args()
    for text in options.constant:
        path, _, value = text.partition("=")
        module, _, name = path.partition(".")
        setattr(
            importlib.import_module(f"flashcards.learner.{module}"), name, ast.literal_eval(value)
        )
    deck = parse(options.deck.read_bytes(), options.deck.name).deck
    if deck is None:
        sys.exit(f"{options.deck} has no card to teach; see flashcards check")
    settings = LearnerSettings.for_deck(deck)
    for text in options.set:
        name, _, value = text.partition("=")
        settings = msgspec.structs.replace(settings, **{name: _literal(value)})
    for seed in options.seeds:
        learner = Learner.create(deck, settings, seed)
        order = CardOrder(deck.taught, seed, shapes=shapes_of(deck, settings))
        order.choose(options.order, [0] * len(deck.cards), [0] * len(deck.cards))
        outcome = run(learner, order, deck, options.cards, options.until, options.every)
        if options.explained:
            outcome |= explain(learner, order, deck, options.explained)
        print(json.dumps({"deck": deck.slug, "seed": seed, **outcome}), flush=True)


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except ValueError:
        return text


def run(
    learner: Learner, order: CardOrder, deck: Deck, n_cards: int, until: str, every: int
) -> dict[str, object]:
    """Teaches until the goal is reached on all cards, or `n_cards` are taught.

    Gives, for seen and unseen, the cards at which each level was first reached on a sample, and at
    the end the shares right on all cards, the cards taught, the steps and the CPU seconds of it.
    """
    settings = learner.settings
    every = every or max(settings.batch_size, min(640, len(deck.taught)))
    parts = {"seen": deck.taught, "unseen": deck.never_seen}
    goal, _, text = until.partition("=")
    reached: dict[str, dict[float, int]] = {name: {} for name in parts}
    shares = dict.fromkeys(parts, 0.0)
    seconds, n_exams, n_taught, is_reached = 0.0, 0, 0, False
    while n_taught < n_cards and not is_reached and learner.is_finite:
        start = time.process_time()
        study = learner.study(order.next(settings.batch_size_at(learner.step)))
        learner.adjust(study)
        order.studied(study.card_indices, study.marks, study.piece_nats)
        n_taught += len(study.card_indices)
        seconds += time.process_time() - start
        if n_taught // every == n_exams:
            continue
        n_exams = n_taught // every
        for name, cards in parts.items():
            shares[name] = _share(learner, _sample(cards))
            for level in LEVELS:
                if shares[name] >= level:
                    reached[name].setdefault(level, n_taught)
        if goal and shares[goal] >= float(text):
            is_reached = _share(learner, parts[goal]) >= float(text)
    return {
        "cards": n_taught,
        "steps": learner.step,
        "seconds": round(seconds, 1),
        "reached": is_reached,
        **{name: round(_share(learner, cards), 4) for name, cards in parts.items()},
        **{f"{name}_levels": levels for name, levels in reached.items()},
    }


def explain(learner: Learner, order: CardOrder, deck: Deck, n_cards: int) -> dict[str, object]:
    """What `n_cards` single-card updates cost the others: shares right before and after.

    On the averaged and on the raw weights, of a sample of taught and never-seen cards.
    """
    cards = _sample(deck.taught) + _sample(deck.never_seen)
    weights = {"averaged": learner.averaged, "raw": learner._weights}

    def shares() -> dict[str, float]:
        return {
            name: learner._grade(w, cards).marks.count(RIGHT) / len(cards)
            for name, w in weights.items()
        }

    before = shares()
    for _ in range(n_cards):
        learner.adjust(learner.study(order.next(1)))
    return {"before": before, "after": shares()}


def _sample(cards: Sequence[int]) -> tuple[int, ...]:
    return tuple(cards[:: max(1, len(cards) // SAMPLE)])


def _share(learner: Learner, cards: Sequence[int]) -> float:
    return learner.grade(cards).marks.count(RIGHT) / len(cards) if cards else 0.0


if __name__ == "__main__":
    main()
