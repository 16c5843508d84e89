"""Runs the measurements and says what came out, as a table or as one JSON object."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from functools import partial

import msgspec

from flashcards.bench import folders, measures
from flashcards.bench.figures import SCALE_PARTS, Figure
from flashcards.terminal.progress import progress

MEASURES: tuple[Callable[[], Figure | list[Figure]], ...] = (
    measures.first_frame,
    measures.first_card,
    lambda: measures.figures_of("speed"),
    lambda: measures.figures_of("looking"),
    measures.watching,
    measures.key_press,
    folders.long_run,
    folders.log_growth,
    lambda: measures.mastery("capitals", "seen=1.0", 1_200),
    lambda: measures.mastery("addition", "unseen=0.99", 40_000),
    lambda: measures.mastery("number-words", "unseen=0.98", 10_000),
)


NO_PEER = (
    "--peers needs transformers, which is not installed here; "
    "`pip install transformers` adds it (it is a development dependency)"
)
PEERS_TAKE = "against transformers: the peer takes some minutes, at most ten times ours"


def can_meet_peers() -> bool:
    return importlib.util.find_spec("transformers") is not None


def bench(*, is_json: bool, is_with_peers: bool = False, is_of_scale: bool = False) -> int:
    """Measure everything; 0 whatever comes out, for a slow machine is not a mistake.

    `is_with_peers` needs `can_meet_peers`. `is_of_scale`: only what more cores and larger models
    bring.
    """
    figures: list[Figure] = []
    chosen = (*MEASURES, _peers) if is_with_peers else MEASURES
    if is_of_scale:
        chosen = tuple(partial(measures.figures_of, "scale", part) for part in SCALE_PARTS)
    with progress("measuring this program", len(chosen)) as shown:
        for n_done, measure in enumerate(chosen):
            shown.at(n_done)
            measured = measure()
            new = measured if isinstance(measured, list) else [measured]
            figures += new
            if not is_json:
                with shown.hidden():
                    for figure in new:
                        print(written(figure), flush=True)
    if is_json:
        machine = {
            "system": platform.platform(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        }
        sys.stdout.buffer.write(
            msgspec.json.encode({"machine": machine, "figures": figures}) + b"\n"
        )
    return 0


def _peers() -> list[Figure]:
    print(PEERS_TAKE, file=sys.stderr, flush=True)
    return measures.figures_of("peers", "--json")


def written(figure: Figure) -> str:
    """Two lines: the figure with what it should be, and what is behind it."""
    mark = {None: " ", True: "✓", False: "✗"}[figure.is_met]
    noisy = ""
    if figure.spread is not None:
        noisy = f"  ± {50 * figure.spread:.0f} %"
        noisy += "  noisy: measure again" if figure.is_noisy else ""
    wanted = f"  ({figure.wanted})" if figure.wanted else ""
    return (
        f"{mark} {figure.name:<28} {figure.value:>10,} {figure.unit}{wanted}\n"
        f"  {'':<28} {figure.detail}{noisy}"
    )
