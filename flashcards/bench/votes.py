"""What votes do: a simulated voter, forty votes, and the truth before and after.

    python -m flashcards.bench.votes --seeds 1 2 3

Teaches the past tense until 65 % of what was never seen is right, then votes three ways, each from
that model. Voters: `against-ed` prefers the answer that does not end in -ed, where exactly one
does; `for-true` the right one, where exactly one is; `random` either. Where a voter has nothing to
prefer, it says neither. Prints a JSON line for each.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from pathlib import Path

from flashcards.runs.goal import Goal
from flashcards.runs.votes import Vote
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.opening import open_lesson
from flashcards.trainer.request import LessonRequest
from flashcards.trainer.training_state import TrainingState
from flashcards.trainer.update import Updates
from flashcards.trainer.voting import Pair, pair_of

VOTERS = ("against-ed", "for-true", "random")
SUFFIX = "ed"


def choose(voter: str, pair: Pair, luck: random.Random) -> Vote:
    if voter == "random":
        return "left" if luck.random() < 0.5 else "right"
    if voter == "for-true":
        left, right = (said.text in pair.card.answers for said in (pair.left, pair.right))
    else:
        left, right = (not said.text.endswith(SUFFIX) for said in (pair.left, pair.right))
    if left == right:
        return "neither"
    return "left" if left else "right"


def measured(training: TrainingState) -> tuple[float, float]:
    """Of what was never seen, in per cent: how much is right, how much ends in -ed."""
    cards = [training.deck.cards[i] for i in training.deck.never_seen]
    said = [draw.text for draw in training.learner.say_each([card.prompt for card in cards])]
    n_right = sum(text in card.answers for text, card in zip(said, cards, strict=True))
    n_suffix = sum(text.endswith(SUFFIX) for text in said)
    return round(100 * n_right / len(cards), 1), round(100 * n_suffix / len(cards), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description="what forty votes do to the past tense")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--deck", default="past-tense")
    parser.add_argument("--known", type=float, default=0.65)
    parser.add_argument("--votes", type=int, default=40)
    parser.add_argument("--rate", type=float, default=1.0)
    parser.add_argument("--voters", nargs="+", default=VOTERS)
    args = parser.parse_args()
    for seed in args.seeds:
        with tempfile.TemporaryDirectory() as runs:
            opened = open_lesson(
                LessonRequest(deck=args.deck, seed=seed, speed="full", runs=str(Path(runs))),
                goal=Goal(unseen=args.known),
            )
            opened.lesson.run()
            training = opened.training
            saved, restorer = training.to_bytes(), Restorer(opened.keeper.folder, "cpu")
            for voter in args.voters:
                training.become(restorer.from_saved(saved))
                print(json.dumps(voted(training, seed, voter, args.votes, args.rate)), flush=True)
            opened.keeper.close()


def voted(
    training: TrainingState, seed: int, voter: str, n_votes: int, rate: float
) -> dict[str, object]:
    luck = random.Random(seed)
    training.memory.learning_rate_factor = rate
    updates = Updates(training)
    before, curve, n_cast, n_neither = measured(training), [], 0, 0
    while n_cast < n_votes and n_neither < 20 * n_votes:
        pair = pair_of(training)
        if pair is None:
            break
        choice = choose(voter, pair, luck)
        training.memory.vote = choice
        updates.make(is_single=False)
        if choice == "neither":
            n_neither += 1
            continue
        n_cast += 1
        if n_cast % 10 == 0:
            curve.append(measured(training))
    return {
        "seed": seed,
        "voter": voter,
        "step": training.learner.step,
        "votes": n_cast,
        "neither": n_neither,
        "right_and_suffix_before": before,
        "after_each_10": curve,
    }


if __name__ == "__main__":
    main()
