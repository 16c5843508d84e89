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
from pathlib import Path

import msgspec

from flashcards.cards.card import Deck
from flashcards.cards.format import parse
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.runs.marks import RIGHT

SAMPLE = 500
LEVELS = (0.5, 0.9, 0.91, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Cards until what is known.")
    parser.add_argument("deck", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--cards", type=int, default=100_000, help="stop at this many")
    parser.add_argument("--until", default="", help="stop at seen=X or unseen=X on all cards")
    parser.add_argument("--every", type=int, default=0, help="cards between exams")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--constant", nargs="*", default=[], metavar="MODULE.NAME=VALUE")
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
        outcome = run(deck, settings, seed, options.cards, options.until, options.every)
        print(json.dumps({"deck": deck.slug, "seed": seed, **outcome}), flush=True)


def _literal(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except ValueError:
        return text


def run(
    deck: Deck, settings: LearnerSettings, seed: int, n_cards: int, until: str, every: int
) -> dict[str, object]:
    """Teaches until the goal is reached on all cards, or `n_cards` are taught.

    Gives, for seen and unseen, the cards at which each level was first reached on a sample, and at
    the end the shares right on all cards, the cards taught, the steps and the training seconds.
    """
    learner = Learner.create(deck, settings, seed)
    order = CardOrder(deck.taught, seed)
    every = every or max(settings.batch_size, min(640, 4 * len(deck.taught)) // 8)
    parts = {"seen": deck.taught, "unseen": deck.held_out}
    goal, _, text = until.partition("=")
    reached: dict[str, dict[float, int]] = {name: {} for name in parts}
    shares = dict.fromkeys(parts, 0.0)
    seconds, n_exams, is_reached = 0.0, 0, False
    while order.position < n_cards and not is_reached and learner.is_finite:
        start = time.perf_counter()
        learner.adjust(learner.study(order.next(settings.batch_size)))
        seconds += time.perf_counter() - start
        if order.position // every == n_exams:
            continue
        n_exams = order.position // every
        for name, cards in parts.items():
            shares[name] = _share(learner, cards[:SAMPLE])
            for level in LEVELS:
                if shares[name] >= level:
                    reached[name].setdefault(level, order.position)
        if goal and shares[goal] >= float(text):
            is_reached = _share(learner, parts[goal]) >= float(text)
    return {
        "cards": order.position,
        "steps": learner.step,
        "seconds": round(seconds, 1),
        "reached": is_reached,
        **{name: round(_share(learner, cards), 4) for name, cards in parts.items()},
        **{f"{name}_levels": levels for name, levels in reached.items()},
    }


def _share(learner: Learner, cards: tuple[int, ...]) -> float:
    return learner.grade(cards).marks.count(RIGHT) / len(cards) if cards else 0.0


if __name__ == "__main__":
    main()
