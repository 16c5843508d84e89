"""Commands that measure: many seeds and settings, more data, this program on this machine."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from flashcards.base.columns import padded, shortened
from flashcards.base.errors import UserError
from flashcards.base.files import csv_of
from flashcards.base.system import n_cores
from flashcards.base.version import __version__
from flashcards.cards.diagnostics import counted
from flashcards.cards.shelf import find
from flashcards.cards.text import load_either
from flashcards.cli import arguments as args
from flashcards.runs.goal import goal_of, why_never_reached
from flashcards.runs.run_files import MAX_DECK_BYTES
from flashcards.runs.sweep import FORMAT, Sweep, SweepInfo, Task, tasks_of
from flashcards.runs.sweep_scores import Group, Spread, grouped
from flashcards.runs.verdict import percent
from flashcards.terminal.output import print_json, print_line
from flashcards.terminal.progress import loading_torch

PICTURE = "curves.svg"
LABEL_COLUMNS = 24


def sweep(parsed: argparse.Namespace) -> int:
    """Teach a deck with many seeds and settings, on all cores."""
    if parsed.sbatch and parsed.cluster != "slurm":
        raise UserError("--sbatch is for sweeps with --cluster slurm")
    if parsed.cluster is not None and (parsed.json or parsed.csv):
        raise UserError("--cluster leaves before a run is made; print them later, without it")
    swept = _open(parsed)
    tasks = tasks_of(_settings(parsed.set), parsed.seeds)
    i, n = parsed.array
    tasks = tasks[i - 1 :: n]
    if parsed.cluster is not None:
        from flashcards.plain.sweep.cluster import submit

        jobs = submit(swept, tasks, parsed.cluster, parsed.jobs, dict(parsed.sbatch))
        n_jobs = counted(len(jobs), "job")
        print_line(f"{n_jobs} submitted; as they end: flashcards curves {swept.path}")
        return args.OK
    failed = _run(parsed, swept, tasks)
    return _print(parsed, swept, tasks, failed)


def _open(parsed: argparse.Namespace) -> Sweep:
    """The sweep's folder. Raises UserError: the deck, a setting or the device can't be used."""
    from flashcards.learner.settings import LearnerSettings, pick_device

    path = find(parsed.deck)
    deck, _ = load_either(path)
    for task in tasks_of(_settings(parsed.set), (1,)):
        LearnerSettings.for_deck(deck, task.chosen)
    if parsed.device != "cpu":
        pick_device(parsed.device)
    is_copied = path.stat().st_size <= MAX_DECK_BYTES
    data = path.read_bytes() if is_copied else None
    goal = goal_of(parsed.until, needs_both=True)
    n_never_seen = len(deck.never_seen)
    if not deck.is_text and (why := why_never_reached(goal, n_never_seen, path.name)):
        raise UserError(why)
    info = SweepInfo(
        format=FORMAT,
        deck=deck.slug,
        deck_name=deck.name,
        deck_file=path.name,
        deck_sha256=deck.sha256,
        deck_path=str(path.resolve()),
        is_read=deck.is_text,
        goal=goal,
        device=parsed.device,
        version=__version__,
    )
    return Sweep.create(args.runs_root(parsed), info, data)


def _settings(
    given: Sequence[tuple[str, tuple[int | float | str, ...]]],
) -> dict[str, list[int | float | str]]:
    chosen: dict[str, list[int | float | str]] = {}
    for name, values in given:
        chosen.setdefault(name, []).extend(
            value for value in values if value not in chosen.get(name, [])
        )
    return chosen


def _run(parsed: argparse.Namespace, swept: Sweep, tasks: Sequence[Task]) -> dict[Task, str]:
    """Make the runs that are not there yet; why some failed."""
    from flashcards.plain.sweep.live_table import SweepTable
    from flashcards.plain.sweep.pool import run_all

    waiting = [task for task in tasks if swept.phase(task) != "done"]
    n_jobs = min(parsed.jobs or n_cores(), max(1, len(waiting)))
    table = SweepTable(swept.info.deck_name, len(tasks), len(tasks) - len(waiting), n_jobs)
    try:
        with table.painted():
            for went in run_all(swept, waiting, n_jobs):
                table.take(went)
    except KeyboardInterrupt:
        n_done = sum(swept.phase(task) == "done" for task in tasks)
        raise args.Interrupted(
            f"{n_done:,} of {len(tasks):,} runs are done and the others saved; the same command "
            "goes on"
        ) from None
    return table.failed


def _print(
    parsed: argparse.Namespace, swept: Sweep, tasks: Sequence[Task], failed: dict[Task, str]
) -> int:
    from flashcards.charts.curves import draw_sweep

    groups = grouped(swept, tasks)
    if parsed.json:
        print_json(_object(swept, tasks, groups, failed))
    elif parsed.csv:
        sys.stdout.write(_csv(swept, tasks).decode())
    else:
        for line in _table(swept, groups):
            print_line(line)
    for task, why in failed.items():
        print_line(f"{task.name} failed: {why}", is_error=True)
    if groups:
        draw_sweep(swept, groups, swept.path / PICTURE)
    if not (parsed.json or parsed.csv):
        print_line(str(swept.path / PICTURE) if groups else "no run came to its end")
    if failed:
        return args.WRONG_INPUT
    is_reached = all(result.reached for group in groups for result in group.results)
    return args.OK if is_reached else args.NOT_REACHED


NUMBERS = ("step", "cards_taught", "train_seconds", "seen", "unseen")


def _object(
    swept: Sweep, tasks: Sequence[Task], groups: Sequence[Group], failed: dict[Task, str]
) -> dict[str, object]:
    reports = ((task, swept.report(task)) for task in tasks)
    return {
        "sweep": str(swept.path),
        "deck": swept.info.deck,
        "runs": [
            {**report, "settings": task.chosen} for task, report in reports if report is not None
        ],
        "groups": [
            {
                "settings": dict(group.settings),
                "seeds": list(group.seeds),
                **{
                    name: None if (spread := group.spread(name)) is None else spread._asdict()
                    for name in NUMBERS
                },
            }
            for group in groups
        ],
        "failed": [
            {"settings": task.chosen, "seed": task.seed, "why": why} for task, why in failed.items()
        ],
    }


def _csv(swept: Sweep, tasks: Sequence[Task]) -> bytes:
    groups = grouped(swept, tasks)
    names = sorted({name for group in groups for name, _ in group.settings})
    heads = ["seed", "step", "cards_taught", "train_seconds", "reached", "ended"]
    scores = ["seen_right", "seen_total", "unseen_right", "unseen_total"]
    rows: list[list[object]] = [[*names, *heads, *scores]]
    for group in groups:
        chosen = dict(group.settings)
        for result in group.results:
            both = (result.seen, result.unseen)
            row = [chosen.get(name, "") for name in names]
            row += [getattr(result, head) for head in heads]
            rows.append([*row, *(n for score in both for n in (score.right, score.total))])
    return csv_of(rows)


def _table(swept: Sweep, groups: Sequence[Group]) -> Iterator[str]:
    head = f"{'median (range)':{LABEL_COLUMNS}} {'runs':>5} {'cards taught':>22}"
    yield f"{head} {'taught %':>12} {'never taught':>12}"
    for group in groups:
        label = group.label or swept.info.deck
        if len(label) > LABEL_COLUMNS:
            yield label
            label = ""
        n = len(group.results)
        yield (
            f"{padded(shortened(label, LABEL_COLUMNS), LABEL_COLUMNS)} {n:>5} "
            f"{_counts(group.spread('cards_taught')):>22} "
            f"{_shares(group.spread('seen')):>12} {_shares(group.spread('unseen')):>12}"
        )


def _counts(spread: Spread | None) -> str:
    if spread is None:
        return ""
    low, high = f"{spread.low:,.0f}", f"{spread.high:,.0f}"
    return f"{spread.median:,.0f} ({low if low == high else f'{low}–{high}'})"


def _shares(spread: Spread | None) -> str:
    if spread is None:
        return "–"
    low, high = (percent(share).removesuffix(" %") for share in (spread.low, spread.high))
    median = percent(spread.median).removesuffix(" %")
    return median if low == high else f"{median} ({low}–{high})"


def seeds(text: str) -> tuple[int, ...]:
    """Seeds such as 1-20, or 1,2,5-7, each once."""
    numbers: dict[int, None] = {}
    for part in text.split(","):
        first, dash, last = part.partition("-")
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal() and len(first + last) < 24):
            raise argparse.ArgumentTypeError(f"{text!r} is not a list of seeds like 1-20 or 1,2,5")
        if not 0 <= int(last) - int(first) < 10_000:
            raise argparse.ArgumentTypeError(f"{part} is no range of up to 10,000 seeds")
        numbers |= dict.fromkeys(range(int(first), int(last) + 1))
    return tuple(numbers)


def part_of(text: str) -> tuple[int, int]:
    i, _, n = text.partition("/")
    if i.isdecimal() and n.isdecimal() and 1 <= int(i[:6]) <= int(n[:6]):
        return int(i[:6]), int(n[:6])
    raise argparse.ArgumentTypeError(f"{text!r} is not a part like 3/10")


def sbatch_option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if name.replace("-", "_").isidentifier() and equals and value.isprintable() and value:
        return name.replace("-", "_"), value
    raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE like partition=cpu")


def scaling(parsed: argparse.Namespace) -> int:
    """Teach a deck with more and more of its cards; compare the scores."""
    target = None if parsed.output is None else Path(parsed.output)
    if target is not None:
        from flashcards.report.page import check_writable

        check_writable(target)  # before models are trained for it
    with loading_torch():
        from flashcards.plain.more_data import report
        from flashcards.trainer.scaling.measuring import N_STEPS, SHARES

    try:
        return report(
            parsed.deck,
            seed=parsed.seed,
            n_steps=parsed.steps or N_STEPS,
            shares=parsed.shares or ((1.0,) if parsed.diverse else SHARES),
            device=parsed.device,
            form="lines" if parsed.json_lines else "json" if parsed.json else "text",
            target=target,
            is_diverse=parsed.diverse,
        )
    except KeyboardInterrupt:
        raise args.Interrupted("interrupted; only what is printed was measured") from None


def context(parsed: argparse.Namespace) -> int:
    """Ask with taught cards in the prompt: learning without an update."""
    path = args.find_run(parsed)
    with loading_torch():
        from flashcards.plain.in_context import report

    return report(path, parsed.at, parsed.seed, is_json=parsed.json)


def register(add: args.Add) -> None:
    command = add("sweep", sweep, args.DECK, args.DEVICE, args.RUNS, args.LANGUAGE)
    command.option("--seeds", "1-20", "one run each (1-5)", type=seeds, default=tuple(range(1, 6)))
    args.add_settings(command, is_one=False)
    args.add_until(command)
    command.count("--jobs", "N", "runs at a time (one a core)")
    command.option(
        "--array",
        "I/N",
        "only the I-th of N parts, for a scheduler's array of jobs",
        type=part_of,
        default=(1, 1),
    )
    command.choice(
        "--cluster", "submit a job for each run through submitit, and leave", "slurm", "local"
    )
    command.option(
        "--sbatch",
        "NAME=VALUE",
        "an option of sbatch for --cluster slurm, such as partition=cpu or time=2:00:00",
        type=sbatch_option,
        action="append",
        default=[],
    )
    command.one_of(json=args.JSON_AT_END, csv="print a row for each run at the end")

    command = add("scaling", scaling, args.DECK, args.SEED, args.DEVICE)
    command.count("--steps", "N", "updates of each model (1,000)")
    command.option(
        "--shares",
        "0.05,0.1,0.25,0.5,1",
        "the shares of the taught cards; one model is trained on each",
        type=args.shares,
    )
    command.flag("--diverse", "as many cards alike and of all kinds instead, three seeds each")
    command.one_of(json=args.JSON_AT_END, json_lines="print each result as it comes")
    command.option("-o", "FILE.svg", "also draw the curve", dest="output")

    command = add("context", context, args.RUN, args.SEED, args.JSON, args.RUNS, args.LANGUAGE)
    at = "ask the model of this step (the last one; of a --model the first)"
    command.count("--at", "STEP", at, or_zero=True)
