"""An update of several versions of this program, side by side: blocks of updates in turn.

    python -m tools.side_by_side addition 32 ../old . .,is_compiled=True
    python -m tools.side_by_side capitals 4 .,n_adapted_layers=0 . --model FILE.gguf

A deck, cards an update, then trees of this program, each with settings of its own behind commas.
With `--model` a model that others have trained is taught; with `--exam` cards are asked instead.
Prints the thread's CPU milliseconds of an update, and the ratio to the first tree: the median over
blocks, and the smallest and largest. Other work on the machine disturbs blocks, not ratios.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys

from flashcards.base.system import python

# Runs in each tree, so it uses nothing that a version may lack
CHILD = """
import ast, sys, time
import msgspec
from flashcards.cards.shelf import find, load
from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
name, n_cards, model, is_exam, *texts = sys.argv[1:]
deck, _ = load(find(name))
pairs = (text.partition("=") for text in texts)
chosen = {key: ast.literal_eval(value) for key, _, value in pairs}
if model:
    from flashcards.learner.brought.opener import bring
    deck = msgspec.structs.replace(deck, ask=deck.meta.ask)
    learner = Learner.bring(deck, bring(model, deck, chosen))
else:
    settings = msgspec.structs.replace(LearnerSettings.for_deck(deck), **chosen)
    learner = Learner.create(deck, settings, 1)
order = CardOrder(deck.taught, 1)
def update():
    cards = order.next(int(n_cards))
    if is_exam:
        learner.grade(cards)
    else:
        learner.adjust(learner.study(cards))
update()
print(flush=True)
for line in sys.stdin:
    n = int(line)
    started = time.thread_time()
    for _ in range(n):
        update()
    print(1000 * (time.thread_time() - started) / n, flush=True)
"""


class Tree:
    """A version of the program in a process of its own."""

    def __init__(self, where: str, options: argparse.Namespace) -> None:
        self.name = where
        self.times_ms: list[float] = []
        path, *chosen = where.split(",")
        paths = [os.path.realpath(path), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._child = subprocess.Popen(
            python(
                *("-c", CHILD, options.deck, str(options.cards)),
                *(options.model, "exam" if options.exam else "", *chosen),
            ),
            cwd=path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def block(self, n_updates: int) -> None:
        assert self._child.stdin is not None
        print(n_updates, file=self._child.stdin, flush=True)
        self.times_ms.append(float(self._read()))

    def _read(self) -> str:
        assert self._child.stdout is not None
        return self._child.stdout.readline() or sys.exit(f"{self.name} ended; see above")


def main() -> None:
    parser = argparse.ArgumentParser(description="An update of several versions, in turn.")
    parser.add_argument("deck")
    parser.add_argument("cards", type=int)
    parser.add_argument("trees", nargs="+", metavar="TREE[,SETTING=VALUE]")
    parser.add_argument("--model", default="", help="a model that others have trained")
    parser.add_argument("--exam", action="store_true", help="ask the cards, teach nothing")
    parser.add_argument("--blocks", type=int, default=9)
    parser.add_argument("--updates", type=int, default=12, help="in a block")
    options = parser.parse_args()
    trees = [Tree(where, options) for where in options.trees]
    for place in range(options.blocks):
        for tree in trees if place % 2 == 0 else trees[::-1]:
            tree.block(options.updates)
    for tree in trees:
        ratios = [its / of for its, of in zip(tree.times_ms, trees[0].times_ms, strict=True)]
        print(
            f"{statistics.median(tree.times_ms):6.2f} ms, best {min(tree.times_ms):6.2f}; of the "
            f"first {statistics.median(ratios):.3f}, {min(ratios):.3f} to {max(ratios):.3f}  "
            f"{tree.name}"
        )


if __name__ == "__main__":
    main()
