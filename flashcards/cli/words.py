"""`flashcards word`: the words of the week, listed, opened on the screen, or checked without it."""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from flashcards.base.columns import cut
from flashcards.cli import arguments as args
from flashcards.cli.stage import with_model, word_app
from flashcards.talks.claims import hyphened
from flashcards.talks.course import OF_WORDS, all_done, find_word, unknown_numbers, words
from flashcards.talks.parsing import read_talk
from flashcards.talks.talk import Talk
from flashcards.terminal.output import print_json, print_line
from flashcards.terminal.progress import loading_torch, progress

if TYPE_CHECKING:
    from flashcards.plain.word_check import WordResult

SEEDS = 3


def word(parsed: argparse.Namespace) -> int:
    """Do a word of the week live, or list the words."""
    if parsed.check:
        return _check(parsed)
    if parsed.json or parsed.seeds or parsed.first_seed:
        return args.fail("--seeds, --first-seed and --json are for --check", args.USAGE)
    if len(parsed.names) > 1:
        return args.fail("one word at a time is opened; --check takes several", args.USAGE)
    if not parsed.names:
        return _list()
    app = word_app(parsed, parsed.names[0])
    args.require_terminal("`flashcards word --check` teaches its models without one")
    return args.run_app(app)


def _list() -> int:
    """Print a line for each word; on a terminal what fits in it, so that thirty fit one screen."""
    done = all_done(OF_WORDS)
    every = words()
    width = max(len(known.name) for known in every)
    n_columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    for known in every:
        mark = "✓" if known.name in done else " "
        title = "" if hyphened(known.title) == known.name else f"{known.title}. "
        line = f"{known.week:>3} {mark} {known.name:{width}}  {title}{known.about}"
        print_line(cut(line, n_columns))
    return args.OK


def _check(parsed: argparse.Namespace) -> int:
    files = [find_word(name) for name in parsed.names] or [known.path for known in words()]
    read = [(file, *read_talk(file)) for file in files]
    mistakes = [
        (file, problem)
        for file, sheet, problems in read
        for problem in (*problems, *unknown_numbers(sheet, file))
    ]
    for file, problem in mistakes:
        print_line(f"{file}:{problem.line}: error: {problem.text}")
    if mistakes:
        return args.WRONG_INPUT
    first = parsed.first_seed or 1
    seeds = range(first, first + (parsed.seeds or SEEDS))
    with loading_torch():
        from flashcards.plain.word_check import lines_of, report_of
    results = []
    is_all = not parsed.names and parsed.model is None
    left_out = [file.stem for file, sheet, _ in read if is_all and sheet.wants_model]
    for file, sheet, _ in read:
        if file.stem in left_out:
            continue
        result = _check_word(file.stem, with_model(sheet, parsed.model, ()), seeds, parsed.device)
        results.append(result)
        for line in () if parsed.json else lines_of(result):
            print_line(line)
    holds = all(result.holds for result in results)
    if parsed.json:
        words_checked = [report_of(result) for result in results]
        print_json({"holds": holds, "words": words_checked, "left_out": left_out})
    elif left_out:
        print_line(f"not checked, since they want --model: {', '.join(left_out)}")
    return args.OK if holds else args.NOT_REACHED


def _check_word(name: str, sheet: Talk, seeds: Sequence[int], device: str) -> WordResult:
    with progress(name, len(seeds) * len(sheet.lessons)) as display:
        n_begun = itertools.count()

        def on_run(label: str, seed: int) -> None:
            display.at(next(n_begun), what=f"{name}: {label}, seed {seed}")

        from flashcards.plain.word_check import check

        return check(name, sheet, seeds, device, on_run)


def register(add: args.Add) -> None:
    command = add("word", word, args.MODEL, args.DEVICE, *args.SCREEN)
    command.option("names", "WORD", "a word's name; without one they are listed", nargs="*")
    command.flag("--check", "teach its models without a screen: do its claims hold? (3: no)")
    command.count("--seeds", "N", f"with --check: so many seeds ({SEEDS})")
    command.count("--first-seed", "K", "with --check: from this seed on (1)")
    command.one_of(json=args.JSON_AT_END)
