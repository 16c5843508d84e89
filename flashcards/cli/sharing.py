"""Commands that show a run to others, or write it or a deck for other programs."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.base.files import Refused
from flashcards.base.language import tr
from flashcards.cards.diagnostics import counted
from flashcards.cards.shelf import DeckNotFound, find
from flashcards.cards.text import why_not
from flashcards.cli import arguments as args
from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.sweep import Sweep, find_sweep
from flashcards.runs.sweep_scores import grouped
from flashcards.talks import rehearsal
from flashcards.terminal.output import print_line
from flashcards.terminal.progress import loading_torch, opening_run, progress
from flashcards.wording.facts import last_step

if TYPE_CHECKING:
    from flashcards.export.pretrained import TaughtModel
    from flashcards.export.qwen3_names import ExportedModel

RUN_S = 30.0  # of the film of a run, unless --seconds says it


def report(parsed: argparse.Namespace) -> int:
    """Write a run as one page to print or mail, with ten questions."""
    from flashcards.report.page import check_writable, write_report
    from flashcards.report.story import gather

    folder = args.find_run(parsed)
    # Named by the folder itself: what the run calls itself may lead out of this folder.
    kind = "-worksheet" if parsed.worksheet else ""
    target = Path(parsed.output or f"{folder.resolve().name}{kind}.html")
    check_writable(target)
    with progress(f"writing {target.name}", is_told=True):
        story = gather(folder)
        write_report(folder, story, target, is_worksheet=parsed.worksheet)
    return _done(target)


def page(parsed: argparse.Namespace) -> int:
    """Write a run as one page with its model inside, to ask it anything."""
    from flashcards.charts.curves import save as write
    from flashcards.report import lesson_page
    from flashcards.report.page import check_writable, exams_of
    from flashcards.report.story import gather

    folder = args.find_run(parsed)
    target = Path(parsed.output)
    check_writable(target)  # before states are trained again for it
    story = gather(folder)
    if story.state.is_reading:
        return args.fail(why_not("page", folder.name))
    with loading_torch():
        from flashcards.trainer.again.portable_states import portable_of
    exams = exams_of(folder)

    with progress("reading states", is_told=True) as display:

        def on_begin(n_states: int, n_updates: int) -> None:
            states = f"{n_states} states that were not kept are"
            if n_states == 1:
                states = "1 state that was not kept is"
            with display.hidden():
                print_line(f"{states} trained again: {counted(n_updates, 'update')}")
            display.at(0, what="training states again")

        inside = portable_of(
            RunFolder.open(folder),
            lesson_page.most_bytes_of(story),
            n_states=parsed.states,
            is_quick=parsed.quick,
            on_begin=on_begin,
            on_step=display.at,
        )
    write(lesson_page.lesson_page(story, exams, inside), target)
    size = target.stat().st_size / 1e6
    print_line(f"{target}: {counted(len(inside.steps), 'state')}, {size:.1f} MB")
    return args.OK


def record(parsed: argparse.Namespace) -> int:
    """Make a film of a run or a rehearsed talk (.cast .gif .svg .mp4)."""
    if Path(parsed.folder).is_file():
        return _record_talk(parsed)
    from flashcards.record.film import record as write

    target = Path(parsed.output)
    seconds = parsed.seconds or RUN_S
    for path in write(args.find_run(parsed), target, parsed.size, seconds, parsed.theme):
        print_line(str(path))
    return args.OK


def _record_talk(parsed: argparse.Namespace) -> int:
    from flashcards.cli.stage import checked_talk, speak

    path = Path(parsed.folder)
    sheet = checked_talk(path)
    speak(sheet, parsed.language)
    from flashcards.record.film import record_talk

    folder, stored = rehearsal.stored(args.runs_root(parsed), path)
    if stored is None:
        text = tr(
            "{name} was not rehearsed, and a film shows the rehearsal: flashcards rehearse {name}",
            name=str(path),
        )
        return args.fail(text)
    if stored.talk_sha256 != hashlib.sha256(path.read_bytes()).hexdigest():
        text = tr(
            "{name} has changed since its rehearsal: flashcards rehearse {name} again",
            name=str(path),
        )
        return args.fail(text)
    target = Path(parsed.output)
    for written in record_talk(
        sheet, stored, folder, target, parsed.size, parsed.seconds, parsed.theme
    ):
        print_line(str(written))
    return args.OK


def curves(parsed: argparse.Namespace) -> int:
    """Draw the learning curves of runs, or of sweeps."""
    from flashcards.charts.curves import draw_runs

    names = parsed.folders
    several = [find_sweep(args.runs_root(parsed), name) for name in names]
    sweeps = [sweep for sweep in several if sweep is not None]
    if len(sweeps) == len(several):
        return _sweep_curves(parsed, sweeps[0]) if len(sweeps) == 1 else _columns(parsed, sweeps)
    both = zip(names, several, strict=True)
    paths = [args.find_run(parsed, name) for name, known_sweep in both if known_sweep is None]
    if sweeps:
        return args.fail("sweeps and runs can't be drawn together")
    source = "drawn by flashcards curves from the runs' own logs"
    draw_runs(paths, Path(parsed.output), source)
    print_line(f"{parsed.output}: {len(paths)} run{'s' if len(paths) > 1 else ''}")
    return args.OK


def _sweep_curves(parsed: argparse.Namespace, sweep: Sweep) -> int:
    from flashcards.charts.curves import draw_columns, draw_sweep

    groups = grouped(sweep, sweep.tasks(_warn))
    if not groups:
        return args.fail(f"no run of {sweep.path.name} has come to its end yet")
    goal = sweep.info.goal
    target = Path(parsed.output)
    has_goal = not (goal.seen is None and goal.unseen is None)
    if has_goal and len(groups) == 1 and len(groups[0].results) > 1:
        draw_columns([("", sweep, groups[0])], target)
    else:
        draw_sweep(sweep, groups, target)
    n_runs = sum(len(group.results) for group in groups)
    print_line(f"{parsed.output}: {counted(n_runs, 'run')}")
    return args.OK


def _warn(why: str) -> None:
    print_line(f"flashcards: {why}", is_error=True)


def _columns(parsed: argparse.Namespace, sweeps: Sequence[Sweep]) -> int:
    from flashcards.charts.curves import draw_columns

    is_named = len({sweep.path.name for sweep in sweeps}) == len(sweeps)
    columns = []
    for sweep in sweeps:
        name = sweep.path.name if is_named else sweep.path.resolve().parent.name
        groups = grouped(sweep, sweep.tasks(_warn))
        columns += [(group.label or name, sweep, group) for group in groups]
    if not columns:
        return args.fail("no run of these sweeps has come to its end yet")
    draw_columns(columns, Path(parsed.output))
    n_runs = sum(len(group.results) for _, _, group in columns)
    print_line(f"{parsed.output}: {counted(n_runs, 'run')}")
    return args.OK


def size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    if columns.isdecimal() and rows.isdecimal():
        size = int(columns[:4]), int(rows[:4])
        if 40 <= size[0] <= 240 and 12 <= size[1] <= 80:
            return size
    raise argparse.ArgumentTypeError(f"{text!r} is not a size from 40x12 to 240x80")


def n_states(text: str) -> int:
    if text.isdecimal() and 2 <= int(text[:4]) <= 24:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 2 to 24")


CARDS = ("tsv", "csv", "jsonl", "parquet", "messages", "apkg")
RUN = ("hf", "gguf", "onnx", "tensorboard")
BOTH = ("csv", "parquet")
"""Formats of a run alone, and of a run or a deck."""

MODEL = ("hf", "gguf", "onnx")
FOLDERS = ("hf", "onnx", "tensorboard", *BOTH)


def export(parsed: argparse.Namespace) -> int:
    """Write cards, a run's model or its numbers for another program."""
    from flashcards.export.formats import export_run

    path = _run(parsed)
    if parsed.at is not None and (path is None or parsed.to not in MODEL):
        raise Refused(f"--at is for a run's model: --to {', '.join(MODEL)}")
    if parsed.adapter and (path is None or parsed.to != "hf"):
        raise Refused("--adapter needs --to hf and a run that began with --model")
    if path is None:
        from flashcards.exchange.exporting import export_deck

        out = parsed.output
        return export_deck(parsed.name, parsed.to, out, only=parsed.only, is_forced=parsed.force)
    if parsed.to not in (*RUN, *BOTH):
        raise Refused(f"--to {parsed.to} is for a deck's cards, and {path.name} is a run")
    if parsed.output is None:
        kind = "a folder" if parsed.to in FOLDERS else "a file"
        raise Refused(f"--to {parsed.to} writes {kind}; name it with -o")
    if parsed.only is not None:
        raise Refused("--only is for a deck's cards; a run is exported whole")
    target = Path(parsed.output)
    to = "adapter" if parsed.adapter else parsed.to
    export_run(path, to, target, at=parsed.at, is_forced=parsed.force, opened=_model)
    return _done(target)


def _done(target: Path) -> int:
    print_line(str(target))
    return args.OK


def _run(parsed: argparse.Namespace) -> Path | None:
    """The run that is named; None where it is a deck, whose cards are wanted.
    Raises UserError: it is no run, and only a run can be written so; or it is neither."""
    if (Path(parsed.name) / "run.json").is_file():
        return args.find_run(parsed, parsed.name)
    if parsed.to in BOTH:
        return args.run_unless_deck(parsed, parsed.name)
    try:
        find(parsed.name)
    except DeckNotFound:
        # of cards the export says itself that there is no such deck
        return args.find_run(parsed, parsed.name) if parsed.to in RUN else None
    if parsed.to in RUN:
        raise RunError(
            f"{parsed.name} is a deck; --to {parsed.to} writes a run of it: "
            "`flashcards runs` lists them"
        )
    return None


def _model(path: Path, at: int | None) -> ExportedModel | TaughtModel:
    """The model, with a line on stderr where the run never came to the step."""
    with loading_torch():
        from flashcards.export.pretrained import open_taught
        from flashcards.export.qwen3_names import open_model

    with opening_run() as on_step:
        model = open_taught(path, at, on_step) or open_model(path, at, on_step)
    if at is not None and model.step != at:
        print_line(last_step(at, model.step), is_error=True)
    return model


def register(add: args.Add) -> None:
    command = add("report", report, args.RUN, args.RUNS, args.LANGUAGE)
    command.option("-o", "FILE.html", "the page (RUN.html)", dest="output")
    command.flag("--worksheet", "only the ten questions, with room to write, and their answers")

    command = add("page", page, args.RUN, args.RUNS, args.LANGUAGE)
    command.option("-o", "FILE.html", "the page", dest="output", required=True)
    command.option(
        "--states",
        "N",
        "how many saved states (12); with fewer their numbers are rounded less",
        type=n_states,
        default=12,
    )
    command.flag("--quick", "only kept states: train none again")

    command = add("record", record, args.THEME, args.RUNS, args.LANGUAGE)
    command.option("folder", "RUN|TALK.md", "a run's name or path, or the file of a rehearsed talk")
    command.option("-o", "FILE.cast|.gif|.svg|.mp4", "the film", dest="output", required=True)
    command.option("--size", "80x24", "the size of the screen", type=size, default=(80, 24))
    seconds = "how long the film is (30; for a talk, as long as its rehearsal)"
    command.number("--seconds", "S", seconds)

    command = add("curves", curves, args.RUNS, args.LANGUAGE)
    command.option("folders", "RUN|SWEEP", "runs, or sweeps: names or paths", nargs="+")
    command.option("-o", "FILE.svg", "the picture", dest="output", required=True)

    command = add("export", export, args.FORCE, args.RUNS)
    command.option("name", "DECK|RUN", "a deck's or a run's name or path")
    to = (
        "the format; of cards: tsv, csv, jsonl, parquet, messages, apkg; of a run's model: hf, "
        "gguf, onnx; of a run's numbers: tensorboard, csv, parquet"
    )
    command.choice("--to", to, *CARDS, *RUN, required=True)
    command.option("-o", "FILE|DIR", "where to; cards: standard output", dest="output")
    command.flag("--adapter", "with --to hf: the adapter alone, in the format of peft")
    command.choice("--only", "which cards of a deck", "all", "taught", "held-out")
    command.count("--at", "STEP", "the model as it was at this step (the last one)", or_zero=True)
