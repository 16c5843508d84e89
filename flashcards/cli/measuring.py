"""Commands that measure: what more data brings, and this program on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from flashcards.cli import arguments as args
from flashcards.terminal.progress import loading_torch


def scaling(parsed: argparse.Namespace) -> int:
    """Teach a deck with more and more of its cards; compare the scores."""
    target = None if parsed.output is None else Path(parsed.output)
    if target is not None:
        from flashcards.report.page import check_writable

        check_writable(target)  # before models are trained for it
    with loading_torch():
        from flashcards.plain.scaling import report
        from flashcards.trainer.scaling.measuring import N_STEPS, SHARES

    try:
        return report(
            parsed.deck,
            seed=parsed.seed,
            n_steps=parsed.steps or N_STEPS,
            shares=parsed.shares or SHARES,
            device=parsed.device,
            form="lines" if parsed.json_lines else "json" if parsed.json else "text",
            target=target,
        )
    except KeyboardInterrupt:
        raise args.Interrupted("interrupted; only what is printed was measured") from None


def bench(parsed: argparse.Namespace) -> int:
    """Measure this program on this machine, in under three minutes."""
    from flashcards.bench import report

    if parsed.peers and (why := report.why_no_peer()):
        return args.fail(why)
    return report.bench(is_json=parsed.json, is_with_peers=parsed.peers, is_of_scale=parsed.scale)


def register(add: args.Add) -> None:
    command = add("scaling", scaling, args.DECK, args.SEED, args.DEVICE)
    command.count("--steps", "N", "updates of each model (1,000)")
    command.option(
        "--shares",
        "0.05,0.1,0.25,0.5,1",
        "the shares of the taught cards; one model is trained on each",
        type=args.shares,
    )
    command.one_of(json=args.JSON_AT_END, json_lines="print each result as it comes")
    command.option("-o", "FILE.svg", "also draw the curve", dest="output")

    peers = "also measure a plain loop over transformers; takes ten minutes"
    command = add("bench", bench, args.JSON)
    command.flag("--peers", peers)
    command.flag("--scale", "measure only what more cores, processes and larger models bring")
