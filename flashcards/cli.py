"""The commands. Each imports its own side inside, so that `flashcards` paints at once.

Exit codes: 0 done, 1 the user's input is wrong, 2 usage, 3 `--until` not reached.
Long because it is a list: each command once as a function of a few lines, once with its arguments.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards import __version__

if TYPE_CHECKING:
    from flashcards.trainer.ending import Goal

OK, WRONG_INPUT, NOT_REACHED = 0, 1, 3

Command = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser()
    if not words or (words[0] not in _COMMANDS and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "play")
    parsed = parser.parse_args(words)
    run: Command = parsed.run
    try:
        return run(parsed)
    except BrokenPipeError:
        sys.stderr.close()
        return OK


def fail(message: str) -> int:
    """Say on one line of stderr what is wrong with the input."""
    print(f"flashcards: {message}", file=sys.stderr)
    return WRONG_INPUT


# Commands ----------------------------------------------------------------------------------------


def play(parsed: argparse.Namespace) -> int:
    """The app."""
    if not sys.stdout.isatty() or not sys.stdin.isatty():
        return fail("the screen needs a terminal; without one use `flashcards train DECK`")
    # Textual waits this long to tell the escape key from a sequence; its own 100 ms can be felt.
    os.environ.setdefault("ESCDELAY", "50")
    from flashcards.app.app import FlashcardsApp
    from flashcards.trainer.request import LessonRequest

    request = LessonRequest(
        deck=parsed.deck or _first_deck(),
        seed=parsed.seed,
        speed=parsed.speed,
        runs=parsed.runs,
        device=parsed.device,
    )
    app = FlashcardsApp(request, theme=parsed.theme)
    app.run()
    return app.return_code or OK


def train(parsed: argparse.Namespace) -> int:
    """The same training without a screen."""
    if (parsed.deck is None) == (parsed.resume is None):
        print("flashcards train: name a DECK, or a run with --resume RUN", file=sys.stderr)
        return 2
    if parsed.resume is not None and parsed.shuffled:
        print("flashcards train: a run is shuffled from its start, or never", file=sys.stderr)
        return 2
    from flashcards.trainer.headless import train as train_headless
    from flashcards.trainer.opening import LessonError
    from flashcards.trainer.request import LessonRequest

    request = LessonRequest(
        deck=parsed.deck or "",
        seed=parsed.seed,
        speed=parsed.speed or "full",
        runs=parsed.runs,
        device=parsed.device,
        resume=parsed.resume,
        is_shuffled=parsed.shuffled,
    )
    try:
        return train_headless(request, _goal(parsed), is_json=parsed.json)
    except LessonError as error:
        return fail(str(error))


def ask(parsed: argparse.Namespace) -> int:
    """What a saved run's model answers."""
    from flashcards.trainer.headless import ask as ask_now
    from flashcards.trainer.headless import ask_past
    from flashcards.trainer.opening import LessonError

    ask_run = ask_past if parsed.past else ask_now
    try:
        return ask_run(parsed.folder, parsed.prompt, parsed.runs, parsed.at, is_json=parsed.json)
    except LessonError as error:
        return fail(str(error))


def check(parsed: argparse.Namespace) -> int:
    """Every problem of the decks."""
    from flashcards.cards.check import check as check_decks

    if not (parsed.explain or parsed.probe):
        return check_decks(parsed.decks, sys.stdout)
    from flashcards.cards.card import Deck
    from flashcards.cards.diagnostics import Diagnostic
    from flashcards.doctor import diagnose, lines

    def explain(name: str, deck: Deck, problems: Sequence[Diagnostic]) -> Iterable[str]:
        if not parsed.probe:
            return lines(diagnose(deck, problems))
        from flashcards.trainer.opening import LessonError
        from flashcards.trainer.probe import probe

        try:
            return lines(diagnose(deck, problems, probe(name)))
        except LessonError as error:
            return (*lines(diagnose(deck, problems)), f"  no probe: {error}")

    return check_decks(parsed.decks, sys.stdout, explain=explain)


def import_cards(parsed: argparse.Namespace) -> int:
    """Make a deck of another program's cards: Anki, CSV, TSV, Quizlet, JSON, Markdown."""
    from flashcards.exchange.importing import import_file
    from flashcards.exchange.notes import Options

    options = Options(
        form=parsed.form,
        delimiter=parsed.delimiter,
        columns=parsed.columns,
        front=parsed.front,
        back=parsed.back,
        has_header=parsed.header,
        is_html=parsed.html,
        has_quotes=parsed.quotes,
    )
    return import_file(parsed.file, parsed.output, options, is_forced=parsed.force)


def export_cards(parsed: argparse.Namespace) -> int:
    """Write a deck's cards as another program reads them."""
    from flashcards.exchange.exporting import export_deck

    return export_deck(
        parsed.deck, parsed.to, parsed.output, only=parsed.only, is_forced=parsed.force
    )


def new(parsed: argparse.Namespace) -> int:
    """Begin a deck, or with --python a program that makes one."""
    import shlex

    from flashcards.cards import own_decks, template

    folder = None if parsed.output is None else Path(parsed.output)
    try:
        if parsed.python:
            name = own_decks.checked_name(parsed.name, ".py")
            path = (folder or Path()) / f"{name}.py"
            own_decks.create(path, template.program_text(name, path.name).encode())
        else:
            path = own_decks.new_deck(parsed.name, folder)
    except own_decks.Refusal as refusal:
        return fail(str(refusal))
    print(path)
    shown = shlex.quote(str(path))
    print(f"next: flashcards {'generate ' if parsed.python else ''}{shown}", file=sys.stderr)
    return OK


def generate(parsed: argparse.Namespace) -> int:
    """Run a program that makes a deck: only then, and within limits."""
    from flashcards.exchange.generating import generate as make

    return make(parsed.file, parsed.output, parsed.seconds, is_forced=parsed.force)


def decks(parsed: argparse.Namespace) -> int:
    """The decks that can be taught by name."""
    from flashcards.cards.shelf import shelf

    for entry in shelf():
        print(f"{entry.slug:<18} {entry.meta.shows or entry.meta.name}")
    return OK


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


def scaling(parsed: argparse.Namespace) -> int:
    """Teach a deck with more and more of its cards, and compare."""
    from flashcards.trainer.scaling import N_STEPS, SHARES, ScalingError
    from flashcards.trainer.scaling_report import report

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


# The command line --------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="flashcards",
        description="Teach a small language model with flashcards, live. `flashcards DECK` opens "
        "the screen on a deck; without DECK on the first one.",
    )
    parser.add_argument("--version", action="version", version=f"flashcards {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--seed", type=int, default=1, metavar="K", help="same seed, same run")
    common.add_argument("--device", default="cpu", metavar="cpu|cuda|mps", help="where to train")
    common.add_argument("--speed", choices=("explain", "slow", "brisk", "full"), default=None)
    runs_option = argparse.ArgumentParser(add_help=False)
    runs_option.add_argument("--runs", metavar="DIR", help="where runs are kept")

    def add(name: str, run: Command, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, help=run.__doc__, description=run.__doc__, parents=list(parents)
        )
        command.set_defaults(run=run)
        return command

    command = add("play", play, common, runs_option)
    command.add_argument("deck", nargs="?", metavar="DECK", help="a deck's path or name")
    command.add_argument("--theme", metavar="NAME", help="a theme of Textual's, say textual-light")

    command = add("train", train, common, runs_option)
    command.add_argument("deck", nargs="?", metavar="DECK", help="a deck's path or name")
    command.add_argument("--resume", metavar="RUN", help="go on with a run")
    command.add_argument(
        "--shuffled",
        action="store_true",
        help="shuffle the answers among the cards first: what is left can only be memorised",
    )
    command.add_argument("--seconds", type=_positive(float), metavar="S", help="training time")
    command.add_argument("--steps", type=_positive(int), metavar="N", help="from the run's start")
    command.add_argument(
        "--until",
        type=_until,
        action="append",
        default=[],
        metavar="seen=1.0|unseen=0.95",
        help="stop when this share is right, confirmed on all cards",
    )
    command.add_argument("--json", action="store_true", help="one JSON object at the end")

    command = add("ask", ask, runs_option)
    command.add_argument("folder", metavar="RUN", help="a run's path or name")
    command.add_argument("prompt", metavar="PROMPT")
    command.add_argument("--at", type=_positive(int, or_zero=True), metavar="STEP")
    command.add_argument("--past", action="store_true", help="of every saved state, oldest first")
    command.add_argument("--json", action="store_true", help="one JSON object")

    command = add("check", check)
    command.add_argument("decks", nargs="+", metavar="DECK", help="a deck's path or name")
    command.add_argument("--explain", action="store_true", help="say what is in it, too")
    command.add_argument(
        "--probe",
        action="store_true",
        help="explain, and train for 10 s to see whether there is a rule",
    )

    command = add("import", import_cards)
    command.add_argument("file", metavar="FILE", help="a file's path; - is standard input")
    command.add_argument("-o", dest="output", metavar="DECK", help="the deck (standard output)")
    command.add_argument("--force", action="store_true", help="replace the deck if it is there")
    forms = ("anki", "table", "json", "markdown")
    command.add_argument("--from", dest="form", choices=forms, default="", help="what FILE is")
    command.add_argument("--front", default="", metavar="FIELD", help="the field that is asked")
    command.add_argument("--back", default="", metavar="FIELD", help="the field that answers")
    command.add_argument("--columns", type=_columns, metavar="1,2", help="the same for a table")
    command.add_argument("--delimiter", default="", metavar="CHAR", help="what parts the columns")
    for name, text in (
        ("--header", "whether the first row names the columns"),
        ("--html", "whether fields are HTML"),
        ("--quotes", "whether quotation marks enclose fields"),
    ):
        command.add_argument(name, action=argparse.BooleanOptionalAction, help=text)

    command = add("new", new)
    command.add_argument("name", metavar="NAME", help="what it is called")
    command.add_argument("--python", action="store_true", help="a program that yields the cards")
    command.add_argument("-o", dest="output", metavar="DIR", help="where (your own decks' folder)")

    command = add("generate", generate)
    command.add_argument("file", metavar="FILE.py", help="its function `cards` yields the cards")
    command.add_argument("-o", dest="output", metavar="DECK", help="the deck (FILE.deck)")
    command.add_argument("--force", action="store_true", help="replace the deck if it is there")
    command.add_argument(
        "--seconds", type=_positive(float), default=30.0, metavar="S", help="ended after these (30)"
    )

    command = add("export", export_cards)
    command.add_argument("deck", metavar="DECK", help="a deck's path or name")
    formats = ("tsv", "csv", "jsonl", "messages", "apkg")
    command.add_argument("--to", required=True, choices=formats, help="the format")
    command.add_argument("-o", dest="output", metavar="FILE", help="the file (standard output)")
    command.add_argument("--force", action="store_true", help="replace the file if it is there")
    command.add_argument("--only", choices=("all", "taught", "held-out"), help="which cards")

    command = add("runs", runs, runs_option)
    command.add_argument("--delete", metavar="RUN", help="delete one run")
    command.add_argument("--prune", action="store_true", help="delete the oldest over the budget")
    command.add_argument(
        "--budget", type=_positive(float), default=2.0, metavar="GB", help="for all runs (2)"
    )
    add("decks", decks)

    command = add("curves", curves, runs_option)
    command.add_argument("folders", nargs="+", metavar="RUN", help="runs' paths or names")
    command.add_argument("-o", dest="output", required=True, metavar="FILE.svg")

    command = add("scaling", scaling)
    command.add_argument("deck", metavar="DECK", help="a deck's path or name")
    command.add_argument("--seed", type=int, default=1, metavar="K", help="same seed, same models")
    command.add_argument("--device", default="cpu", metavar="cpu|cuda|mps", help="where to train")
    command.add_argument(
        "--steps", type=_positive(int), metavar="N", help="updates of each model (1,000)"
    )
    command.add_argument(
        "--shares",
        type=_shares,
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
        "--peers", action="store_true", help="and against a plain transformers loop: minutes more"
    )
    return parser


_COMMANDS = (
    *("play", "train", "ask", "check", "import", "export", "new", "generate"),
    *("runs", "decks", "curves", "scaling", "bench"),
)


def _positive(kind: type[int] | type[float], *, or_zero: bool = False) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            number = kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
        if not (0 <= number < float("inf")) or (number == 0 and not or_zero):
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return number

    return parse


def _columns(text: str) -> tuple[int, int]:
    front, _, back = text.partition(",")
    if not (front.isdecimal() and back.isdecimal() and "0" not in (front, back)):
        raise argparse.ArgumentTypeError(f"{text!r} is not two columns like 1,2")
    return int(front[:4]), int(back[:4])


def _until(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        rate = float(number)
    except ValueError:
        rate = -1.0
    if name not in ("seen", "unseen") or not 0 < rate <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not seen=SHARE or unseen=SHARE, 0 to 1")
    return name, rate


def _shares(text: str) -> tuple[float, ...]:
    try:
        shares = tuple(sorted({float(part) for part in text.split(",")}))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a list like 0.1,0.5,1") from error
    if not all(0 < share <= 1 for share in shares):
        raise argparse.ArgumentTypeError(f"{text!r}: shares are above 0, at most 1")
    return shares


def _goal(parsed: argparse.Namespace) -> Goal:
    from flashcards.trainer.ending import Goal

    rates = dict(parsed.until)
    return Goal(
        steps=parsed.steps,
        seconds=parsed.seconds,
        seen=rates.get("seen"),
        unseen=rates.get("unseen"),
    )


def _first_deck() -> str:
    return "apple"


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"


if __name__ == "__main__":
    sys.exit(main())
