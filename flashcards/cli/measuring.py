"""Commands that measure: more data, and this program on this machine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flashcards.cli.arguments import Add, fail, positive, shares


def scaling(parsed: argparse.Namespace) -> int:
    """Teach a deck with more and more of its cards, and compare."""
    from flashcards.trainer.scaling.measuring import N_STEPS, SHARES, ScalingError
    from flashcards.trainer.scaling.report import report

    try:
        return report(
            parsed.deck,
            seed=parsed.seed,
            n_steps=parsed.steps or N_STEPS,
            shares=parsed.shares or SHARES,
            device=parsed.device,
            form="lines" if parsed.json_lines else "json" if parsed.json else "text",
            target=None if parsed.output is None else Path(parsed.output),
        )
    except ScalingError as error:
        return fail(str(error))
    except KeyboardInterrupt:
        return fail("interrupted; only what is printed was measured")


def bench(parsed: argparse.Namespace) -> int:
    """Measure this program on this machine, in under three minutes without --peers."""
    if sys.platform == "win32":
        return fail("bench needs a POSIX terminal")
    from flashcards.bench.report import NO_PEER, can_meet_peers
    from flashcards.bench.report import bench as measure

    if parsed.peers and not can_meet_peers():
        return fail(NO_PEER)
    return measure(is_json=parsed.json, is_with_peers=parsed.peers)


def register(add: Add) -> None:
    """Name these commands and their arguments."""
    command = add("scaling", scaling)
    command.add_argument("deck", metavar="DECK", help="a deck's path or name")
    command.add_argument("--seed", type=int, default=1, metavar="K", help="same seed, same models")
    command.add_argument("--device", default="cpu", metavar="cpu|cuda|mps", help="where to train")
    command.add_argument(
        "--steps", type=positive(int), metavar="N", help="updates of each model (1,000)"
    )
    command.add_argument(
        "--shares",
        type=shares,
        metavar="0.05,0.1,0.25,0.5,1",
        help="of the taught cards, a model each",
    )
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object at the end")
    form.add_argument("--json-lines", action="store_true", help="each fact as it comes")
    command.add_argument("-o", dest="output", metavar="FILE.svg", help="draw it, too")

    command = add("bench", bench)
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.add_argument(
        "--peers",
        action="store_true",
        help="and against a plain transformers loop; ten minutes",
    )
