"""`flashcards ask` and `flashcards runs`: question a saved run, and keep the runs in order."""

from __future__ import annotations

import argparse

from flashcards.cli import arguments as args
from flashcards.output import print_line


def ask(parsed: argparse.Namespace) -> int:
    """Ask the model of a saved run a question."""
    from flashcards.trainer import headless

    ask_run = headless.ask_past if parsed.past else headless.ask
    return ask_run(parsed.folder, parsed.prompt, parsed.runs, parsed.at, is_json=parsed.json)


def runs(parsed: argparse.Namespace) -> int:
    """List, delete or prune saved runs."""
    from flashcards.runs import catalog

    root, budget_bytes = args.runs_root(parsed), int(parsed.budget * 1e9)
    if parsed.delete is not None:
        path = args.find_run(parsed, parsed.delete)
        catalog.delete_run(path)
        print_line(f"deleted {path.name}")
        return args.OK
    if parsed.prune:
        for entry in catalog.prune(root, budget_bytes):
            print_line(f"deleted {entry.path.name} ({_size(entry.size_bytes)})")
    damaged: list[str] = []
    entries = catalog.list_runs(root, lambda path, why: damaged.append(why))
    for entry in entries:
        summary = entry.summary
        scores = " ".join(
            f"{name} {score.right:,}/{score.total:,}"
            for name, score in (("seen", summary.seen), ("never seen", summary.unseen))
            if score is not None
        )
        print_line(
            f"{entry.path.name:<40} {_size(entry.size_bytes):>8}  step {summary.step:<8,} {scores}"
        )
    for why in damaged:
        print_line(why)
    total_bytes = sum(entry.size_bytes for entry in entries)
    print_line(f"{len(entries)} runs, {_size(total_bytes)} in {root}")
    if total_bytes > budget_bytes:
        print_line(
            f"over the budget of {_size(budget_bytes)}: `flashcards runs --prune` makes room"
        )
    return args.OK


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"


def register(add: args.Add) -> None:
    argument = add("ask", ask, args.RUN, args.JSON, args.RUNS, args.LANGUAGE).add_argument
    argument("prompt", metavar="PROMPT", help="the question")
    argument(
        "--at",
        type=args.positive(int, or_zero=True),
        metavar="STEP",
        help="ask the model as it was at this step (the last one)",
    )
    argument("--past", action="store_true", help="ask every saved state of it, oldest first")

    argument = add("runs", runs, args.RUNS, args.LANGUAGE).add_argument
    argument("--delete", metavar="RUN", help="delete this run")
    argument("--prune", action="store_true", help="delete the oldest runs that are over the budget")
    argument(
        "--budget", type=args.positive(float), default=2.0, metavar="GB", help="for all runs (2)"
    )
