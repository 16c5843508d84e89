"""Commands for saved runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from flashcards.cli.arguments import OK, RUNS, Add, fail, positive


def runs(parsed: argparse.Namespace) -> int:
    """List, delete or prune runs."""
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError

    root = Path(parsed.runs) if parsed.runs else catalog.default_root()
    try:
        if parsed.delete is not None:
            path = catalog.find_run(root, parsed.delete)
            catalog.delete_run(path)
            print(f"deleted {path.name}")
            return OK
    except RunError as error:
        return fail(str(error))
    budget_bytes = int(parsed.budget * 1e9)
    if parsed.prune:
        for entry in catalog.prune(root, budget_bytes):
            print(f"deleted {entry.path.name} ({_size(entry.size_bytes)})")
    entries = catalog.list_runs(root)
    for entry in entries:
        seen, unseen = entry.summary.seen, entry.summary.unseen
        scores = " ".join(
            f"{name} {score.right:,}/{score.total:,}"
            for name, score in (("seen", seen), ("never seen", unseen))
            if score is not None
        )
        print(
            f"{entry.path.name:<40} {_size(entry.size_bytes):>8}  "
            f"step {entry.summary.step:<8,} {scores}"
        )
    total = sum(entry.size_bytes for entry in entries)
    print(f"{len(entries)} runs, {_size(total)} in {root}")
    if total > budget_bytes:
        print(f"over the budget of {_size(budget_bytes)}: `flashcards runs --prune` makes room")
    return OK


def curves(parsed: argparse.Namespace) -> int:
    """Draw the learning curves of saved runs as an SVG picture."""
    from flashcards.charts.curves import draw_runs
    from flashcards.runs import catalog
    from flashcards.runs.folder import RunError

    root = Path(parsed.runs) if parsed.runs else catalog.default_root()
    try:
        paths = [catalog.find_run(root, name) for name in parsed.folders]
        draw_runs(paths, Path(parsed.output), "drawn by flashcards curves from the runs' own logs")
    except RunError as error:
        return fail(str(error))
    print(f"{parsed.output}: {len(paths)} run{'s' if len(paths) > 1 else ''}")
    return OK


def register(add: Add) -> None:
    """Name these commands and their arguments."""
    command = add("runs", runs, RUNS)
    command.add_argument("--delete", metavar="RUN", help="delete one run")
    command.add_argument("--prune", action="store_true", help="delete the oldest over the budget")
    command.add_argument(
        "--budget", type=positive(float), default=2.0, metavar="GB", help="for all runs (2)"
    )

    command = add("curves", curves, RUNS)
    command.add_argument("folders", nargs="+", metavar="RUN", help="runs' paths or names")
    command.add_argument("-o", dest="output", required=True, metavar="FILE.svg")


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"
