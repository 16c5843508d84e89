"""Runs the measurements and says what came out, as a table or as one JSON object."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable

import msgspec

from flashcards.bench import measures
from flashcards.bench.measures import Figure

MEASURES: tuple[Callable[[], Figure | list[Figure]], ...] = (
    measures.first_frame,
    measures.first_card,
    measures.watching,
    measures.key_press,
    lambda: measures.mastery("capitals", "seen=1.0", 1_200),
    lambda: measures.mastery("addition", "unseen=0.99", 40_000),
    lambda: measures.mastery("number-words", "unseen=0.98", 10_000),
)


def bench(*, is_json: bool) -> int:
    """Measure everything; 0 whatever comes out, for a slow machine is not a mistake."""
    figures: list[Figure] = []
    for measure in MEASURES:
        measured = measure()
        new = measured if isinstance(measured, list) else [measured]
        figures += new
        if not is_json:
            for figure in new:
                print(_line(figure), flush=True)
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


def _line(figure: Figure) -> str:
    mark = {None: " ", True: "✓", False: "✗"}[figure.is_met]
    noisy = "  noisy: measure again" if figure.is_noisy else ""
    wanted = f"  ({figure.wanted})" if figure.wanted else ""
    return (
        f"{mark} {figure.name:<28} {figure.value:>10,} {figure.unit}{wanted}\n"
        f"  {'':<28} {figure.detail}{noisy}"
    )
