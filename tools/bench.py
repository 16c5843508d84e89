"""Measure this program on this machine, from outside, as a user drives it: `python -m tools.bench`.

Takes under three minutes. Prints a table, or with `--json` one object. `--peers` also measures a
plain loop over transformers, which takes ten minutes. `--scale` measures only what more cores,
processes and larger models bring. Each measurement runs in a process of its own.
"""

import argparse
import importlib.util
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from flashcards.base.extras import how_to_install
from flashcards.base.system import python
from flashcards.terminal.progress import progress
from tools.figures import TARGETS, Target, teach

ROOT = Path(__file__).parents[1]
FLASHCARDS = python("-m", "flashcards")
TRAINING = "tools.training"
TOOLS = ("screen", "folders")
SCALE_PARTS = ("sweeps", "processes", "sizes")
NOISY_SPREAD = 0.2
PEERS_TAKE = "against transformers: the peer takes some minutes, at most ten times ours"


class Figure(msgspec.Struct, frozen=True):
    """One measured number. `spread`: how far the middle half of the runs behind it reaches, as a
    share of their median; None for a single run."""

    name: str
    value: float
    unit: str
    detail: str
    wanted: str = ""  # what it should be, in words; "" when it is only for information
    is_met: bool | None = None
    spread: float | None = None

    @property
    def written(self) -> str:
        """Two lines: the figure with what it should be, and what is behind it."""
        mark = {None: " ", True: "✓", False: "✗"}[self.is_met]
        spread = "" if self.spread is None else f"  ± {50 * self.spread:.0f} %"
        spread += "  noisy: measure again" if (self.spread or 0.0) > NOISY_SPREAD else ""
        wanted = f"  ({self.wanted})" if self.wanted else ""
        return (
            f"{mark} {self.name:<28} {self.value:>10,} {self.unit}{wanted}\n"
            f"  {'':<28} {self.detail}{spread}"
        )


def figure(
    name: str,
    value: float,
    unit: str,
    detail: str,
    *,
    digits: int = 1,
    at_most: float | None = None,
    at_least: float | None = None,
    spread: float | None = None,
) -> Figure:
    """A figure with this many digits after the point, held against its limit before rounding."""
    wanted, is_met = "", None
    if at_most is not None:
        wanted, is_met = f"at most {at_most:,}", value <= at_most
    elif at_least is not None:
        wanted, is_met = f"at least {at_least:,}", value >= at_least
    return Figure(name, round(value, digits), unit, detail, wanted, is_met, spread)


def spread_of(*series: Sequence[float]) -> float | None:
    """The widest spread among these: middle half over median; None when none has three runs."""
    spreads = []
    for numbers in series:
        if len(numbers) >= 3:
            low, median, high = statistics.quantiles(numbers, n=4, method="inclusive")
            spreads.append(round((high - low) / median, 3) if median else 0.0)
    return max(spreads, default=None)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--scale", action="store_true")
    parsed = parser.parse_args()
    if parsed.peers and importlib.util.find_spec("transformers") is None:
        parser.error(f"--peers needs transformers: {how_to_install('test')}")
    bench(is_json=parsed.json, is_with_peers=parsed.peers, is_of_scale=parsed.scale)


def bench(*, is_json: bool, is_with_peers: bool, is_of_scale: bool) -> None:
    """Measure everything, or with `is_of_scale` only what more cores and larger models bring."""
    figures: list[Figure] = []
    chosen = measures(is_with_peers=is_with_peers)
    if is_of_scale:
        chosen = [partial(figures_of, TRAINING, part) for part in SCALE_PARTS]
    with progress("measuring this program", len(chosen)) as display:
        for n_done, measure in enumerate(chosen):
            display.at(n_done)
            new = measure()
            figures += new
            if not is_json:
                with display.hidden():
                    for new_figure in new:
                        print(new_figure.written, flush=True)
    if is_json:
        machine = {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        }
        report = msgspec.json.encode({"machine": machine, "figures": figures})
        sys.stdout.buffer.write(report + b"\n")


def measures(*, is_with_peers: bool) -> Sequence[Callable[[], list[Figure]]]:
    """Return what can be measured here: the screen and run folders only where a pty is."""
    measures_here = [partial(figures_of, TRAINING, "speed")]
    if sys.platform != "win32":
        measures_here += [partial(figures_of, f"tools.{name}") for name in TOOLS]
    measures_here += [partial(mastery, target) for target in TARGETS]
    return [*measures_here, peers] if is_with_peers else measures_here


def figures_of(module: str, *arguments: str) -> list[Figure]:
    """Return what a module of `tools/` measures and prints."""
    ended = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True
    )
    return msgspec.json.decode(ended.stdout, type=list[Figure])


def peers() -> list[Figure]:
    print(PEERS_TAKE, file=sys.stderr, flush=True)
    return figures_of("tools.peers")


def mastery(target: Target) -> list[Figure]:
    """Cards taught until the goal is reached on all cards, seed 1."""
    report = teach(target, seed=1)
    missed = "" if report.reached else ", not reached"
    detail = f"{report.train_seconds:.1f} s, seed 1{missed}"
    mastery_figure = figure(
        f"{target.deck} to {target.goal}",
        report.cards_taught,
        "cards taught",
        detail,
        at_most=target.at_most,
    )
    return [
        msgspec.structs.replace(mastery_figure, is_met=mastery_figure.is_met and report.reached)
    ]


if __name__ == "__main__":
    main()
