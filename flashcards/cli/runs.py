"""Commands for saved runs: play one again, follow one, question one, and keep them in order."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.base import columns
from flashcards.base.errors import UserError
from flashcards.cli import arguments as args
from flashcards.runs import catalog, pruning
from flashcards.runs.catalog import RunEntry
from flashcards.runs.folder import RunError, RunFolder, RunTakenError
from flashcards.runs.values import AskOptions
from flashcards.terminal.output import print_line
from flashcards.terminal.progress import loading_torch

if TYPE_CHECKING:
    from flashcards.app.run.sources import Viewer

NAME_COLUMNS = 30
HEADER = (
    f" {'written':11} {'run':{NAME_COLUMNS}} {'size':>9} {'step':>6} {'taught':>6} {'never':>5}"
)
"""With them a row has 80 columns: 12 of time, 9 of size, 7 of step, 5 of each score, 5 between, and
6 of what the model knew before, or that it reads a text."""


def ask(parsed: argparse.Namespace) -> int:
    """Ask the model of a saved run a question."""
    args.find_run(parsed)  # before torch is loaded, which takes seconds
    with loading_torch():
        from flashcards.plain import ask

    if [parsed.prompt, parsed.file, parsed.deck].count(None) != 2:
        text = "one of these is needed: a PROMPT, --file FILE or --deck DECK"
        return args.fail(text, args.USAGE)
    options = _options(parsed)
    if parsed.deck is not None:
        is_as_usual = options == AskOptions(temperature=options.temperature)
        if parsed.past or parsed.json or parsed.tool or not is_as_usual:
            text = "--deck prints a deck; of the other options it takes --at and --temperature"
            return args.fail(text, args.USAGE)
        return ask.ask_deck(parsed.folder, parsed.deck, parsed.runs, parsed.at, options)
    is_plain = options == AskOptions() and parsed.tool is None
    if (parsed.file is not None or parsed.past) and not is_plain:
        text = "--n, --temperature, --bits, --without and --tool ask one PROMPT"
        return args.fail(text, args.USAGE)
    if parsed.file is not None:
        if parsed.past:
            return args.fail("--past asks one PROMPT", args.USAGE)
        return ask.ask_each(parsed.folder, parsed.file, parsed.runs, parsed.at, is_json=parsed.json)
    folder, runs, at = parsed.folder, parsed.runs, parsed.at
    if parsed.past:
        return ask.ask_past(folder, parsed.prompt, runs, at, is_json=parsed.json)
    tool = None if parsed.tool is None else Path(parsed.tool)
    return ask.ask(folder, parsed.prompt, runs, at, options, tool, is_json=parsed.json)


def _options(parsed: argparse.Namespace) -> AskOptions:
    """Raises UserError: an option is out of its range."""
    n, temperature = parsed.n or 1, parsed.temperature
    if temperature is None:
        temperature = 1.0 if n > 1 else 0.0
    try:
        return AskOptions(
            n_answers=n,
            temperature=temperature,
            bits=parsed.bits or 0,
            without=parsed.without or "",
        )
    except ValueError as error:
        raise UserError(str(error)) from None


def exam(parsed: argparse.Namespace) -> int:
    """Examine a saved run: how many are right, and how sure it is."""
    args.find_run(parsed)
    with loading_torch():
        from flashcards.plain.exam import exam

    return exam(parsed.folder, parsed.runs, parsed.at, _options(parsed), is_json=parsed.json)


def runs(parsed: argparse.Namespace) -> int:
    """List, keep, delete or prune saved runs."""
    root = args.runs_root(parsed)
    budget_bytes = parsed.budget * 1e9 if parsed.budget else pruning.budget_of(os.environ)
    if parsed.keep is not None:
        path = args.find_run(parsed, parsed.keep)
        pruning.keep(path.parent, path.name)
        print_line(f"{path.name} is kept: it is never pruned")
        return args.OK
    if parsed.delete is not None:
        print_line(f"deleted {_delete(parsed, root)}")
        return args.OK
    if parsed.prune:
        for entry in pruning.prune(root, budget_bytes, time.time()):
            print_line(f"deleted {entry.path.name} ({_size(entry.size_bytes)})")
        for path in pruning.remains(root):
            pruning.delete_damaged(path)
            print_line(f"deleted {path.name}, what was left of a run")
    damaged: list[str] = []
    entries = catalog.list_runs(root, lambda path, why: damaged.append(why))
    kept_names = pruning.kept_runs(root)
    if entries:
        print_line(HEADER)
    for entry in sorted(entries, key=lambda entry: entry.written_at_s, reverse=True):
        print_line(_row(entry, is_kept=entry.path.name in kept_names))
    for why in damaged:
        print_line(why)
    _print_total(root, entries, budget_bytes)
    return args.OK


def _delete(parsed: argparse.Namespace, root: Path) -> str:
    """Delete the run that was named, one that can't be opened too; its folder's name."""
    try:
        path = args.find_run(parsed, parsed.delete)
        pruning.delete_run(path)
    except RunTakenError:
        raise
    except RunError as error:
        path = root / parsed.delete
        if path.parent != root or not path.is_dir():
            raise
        try:
            pruning.delete_damaged(path)
        except RunError:
            raise error from None
    return path.name


def _row(entry: RunEntry, *, is_kept: bool) -> str:
    summary = entry.summary
    seen, unseen = (
        "" if score is None or score.rate is None else f"{100 * score.rate:.0f} %"
        for score in (summary.seen, summary.unseen)
    )
    written = time.strftime("%m-%d %H:%M", time.localtime(entry.written_at_s))
    name = entry.path.name
    if sys.stdout.isatty():
        name = columns.shortened(name, NAME_COLUMNS)
    mark = "text" if summary.is_text else ""
    if summary.knew is not None and summary.knew.rate is not None:
        mark = f"●{100 * summary.knew.rate:.0f} %"
    return (
        f"{'*' if is_kept else ' '}{written} {columns.padded(name, NAME_COLUMNS)} "
        f"{_size(entry.size_bytes):>9} {summary.step:>7,} {seen:>5} {unseen:>5} {mark:>6}"
    ).rstrip()


def _print_total(root: Path, entries: list[RunEntry], budget_bytes: float) -> None:
    total_bytes = sum(entry.size_bytes for entry in entries)
    if pruning.kept_runs(root):
        print_line("* kept: never pruned")
    if any(entry.summary.knew is not None for entry in entries):
        print_line("● right now, of the cards that the model knew before the first one was taught")
    n_remains = len(pruning.remains(root))
    if n_remains:
        count = "1 folder is" if n_remains == 1 else f"{n_remains:,} folders are"
        runs = "a deleted run" if n_remains == 1 else "deleted runs"
        print_line(f"{count} what is left of {runs}: `flashcards runs --prune` removes that")
    if total_bytes > budget_bytes:
        over_bytes = pruning.counted_bytes(root, entries) - budget_bytes
        if over_bytes > 0:
            print_line(
                f"{_size(over_bytes)} over the budget of {_size(budget_bytes)}: "
                "`flashcards runs --prune` makes room"
            )
    if sweeps_bytes := pruning.sweeps_bytes(root):
        print_line(f"sweeps take {_size(sweeps_bytes)} more; their models go first")
    runs = "1 run" if len(entries) == 1 else f"{len(entries):,} runs"
    print_line(f"{runs}, {_size(total_bytes)} in {root}")


def _size(size_bytes: float) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"


def replay(parsed: argparse.Namespace) -> int:
    """Play a recorded run on the screen again; needs no PyTorch."""
    if parsed.plain:
        from flashcards.plain.narrator import retell

        for line in retell(args.find_run(parsed)):
            print_line(line)
        return args.OK
    from flashcards.app.run.replay_teacher import ReplayTeacher

    return _look(parsed, lambda folder: ReplayTeacher(folder, parsed.speed))


def watch(parsed: argparse.Namespace) -> int:
    """Follow a run that another program or machine is writing."""
    from flashcards.app.run.sources import WatchTeacher

    return _look(parsed, WatchTeacher)


def _look(parsed: argparse.Namespace, new_viewer: Callable[[RunFolder], Viewer]) -> int:
    folder = RunFolder.open(args.find_run(parsed))
    return look(parsed, folder, lambda: new_viewer(folder))


def look(
    parsed: argparse.Namespace,
    folder: RunFolder,
    new_viewer: Callable[[], Viewer],
    view: str = "lesson",
) -> int:
    args.require_terminal("without one use `flashcards replay RUN --plain`")
    from flashcards.app.app import FlashcardsApp
    from flashcards.app.run.sources import NoMachine
    from flashcards.trainer.client import TimeMachineClient
    from flashcards.trainer.request import LessonRequest

    has_torch = importlib.util.find_spec("torch") is not None
    return args.run_app(
        FlashcardsApp(
            LessonRequest(deck=folder.info.deck, runs=parsed.runs),
            lambda _: new_viewer(),
            theme=parsed.theme,
            machine=TimeMachineClient if has_torch else NoMachine,
            view=view,
            is_debugging=parsed.debug,
        )
    )


def _add_options(command: args.Parser) -> None:
    command.count("--n", "N", "draw so many answers; the most frequent one counts (1)")
    temperature = "draw answers: 0 the likeliest, 1 as likely as it finds them (0; with --n 1)"
    command.option("--temperature", "T", temperature, type=args.positive(float, or_zero=True))
    command.count("--bits", "B", "round each number of the model's matrices to so many bits")
    heads = "leave heads of attention out: attention (all), 2 (those of layer 2), 2.3 (its head 3)"
    command.option("--without", "HEADS", heads)


def register(add: args.Add) -> None:
    common = (args.RUN, args.THEME, args.RUNS, args.LANGUAGE, args.DEBUG)
    command = add("replay", replay, *common)
    command.number("--speed", "N", "how many times as fast as it was taught (1)", 1.0)
    command.flag("--plain", "print it at once, in lines of text")

    add("watch", watch, *common)

    command = add("ask", ask, args.RUN, args.JSON, args.RUNS, args.LANGUAGE)
    command.option("prompt", "PROMPT", "the question", nargs="?")
    command.option("--file", "FILE|-", "ask every line of it, text or JSON with a prompt")
    deck = "ask every card that it teaches, and print the deck with these answers"
    command.option("--deck", "DECK", deck)
    at = "ask the model as it was at this step (the last one)"
    command.count("--at", "STEP", at, or_zero=True)
    command.flag("--past", "ask it at steps of its past, oldest first")

    _add_options(command)
    tool = "a program with tool(text), which answers call by its name: FILE(text)"
    command.option("--tool", "FILE.py", tool)

    command = add("exam", exam, args.RUN, args.JSON, args.RUNS, args.LANGUAGE)
    command.count("--at", "STEP", at.replace("ask", "examine"), or_zero=True)
    _add_options(command)

    command = add("runs", runs, args.RUNS, args.LANGUAGE)
    command.option("--keep", "RUN", "never prune this run")
    command.option("--delete", "RUN", "delete this run")
    command.flag("--prune", "delete the oldest runs that are over the budget")
    budget = "for all runs that are not kept (2, or what FLASHCARDS_RUNS_GB says)"
    command.number("--budget", "GB", budget)
