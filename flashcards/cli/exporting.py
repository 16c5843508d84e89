"""`flashcards export`: a deck's cards, a run's model or its numbers, for another program."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.cli import arguments as args
from flashcards.terminal.output import print_line
from flashcards.terminal.progress import loading_torch

if TYPE_CHECKING:
    from flashcards.export.model import ExportedModel

CARDS = ("tsv", "csv", "jsonl", "messages", "apkg")
RUN = ("hf", "gguf", "tensorboard")
"""What is written of a run; csv is written of both."""

FOLDERS = ("hf", "tensorboard", "csv")


def export(parsed: argparse.Namespace) -> int:
    """Write cards, a run's model or its numbers for another program."""
    path = _run(parsed)
    from flashcards.base.files import Refused, save, save_folder

    if parsed.at is not None and (path is None or parsed.to not in ("hf", "gguf")):
        raise Refused("--at is for a run's model: --to hf and --to gguf")
    if path is None:
        from flashcards.exchange.exporting import export_deck

        out = parsed.output
        return export_deck(parsed.name, parsed.to, out, only=parsed.only, is_forced=parsed.force)
    if parsed.to not in (*RUN, "csv"):
        raise Refused(f"--to {parsed.to} is for a deck's cards, and {path.name} is a run")
    if parsed.output is None:
        kind = "a folder" if parsed.to in FOLDERS else "a file"
        raise Refused(f"--to {parsed.to} writes {kind}; name it with -o")
    if parsed.only is not None:
        raise Refused("--only is for a deck's cards; a run is exported whole")
    target = Path(parsed.output)
    match parsed.to:
        case "hf":
            from flashcards.export.hf import folder_of
            from flashcards.runs.folder import RunFolder
            from flashcards.runs.recording import Recording

            model = _model(path, parsed.at)
            state = Recording.open(RunFolder.open(path)).state_at(model.step)
            save_folder(folder_of(model, state), target, is_forced=parsed.force)
        case "gguf":
            from flashcards.export.gguf_file import gguf_of, library

            library()
            save(gguf_of(_model(path, parsed.at)), target, is_forced=parsed.force)
        case "tensorboard":
            from flashcards.export.event_file import event_file_of
            from flashcards.export.numbers import numbers_of

            name, content = event_file_of(numbers_of(path))
            save_folder({name: content}, target, is_forced=parsed.force)
        case "csv":
            from flashcards.export.numbers import numbers_of, tables_of
            from flashcards.report.story import gather

            tables = tables_of(numbers_of(path), gather(path).cards)
            save_folder(tables, target, is_forced=parsed.force)
    print_line(str(target))
    return args.OK


def _run(parsed: argparse.Namespace) -> Path | None:
    """The run that is named; None where it is a deck, whose cards are wanted.
    Raises UserError: it is no run, and only a run can be written so; or it is neither."""
    from flashcards.cards.shelf import DeckNotFound, find
    from flashcards.runs.folder import RunError

    if (Path(parsed.name) / "run.json").is_file():
        return args.find_run(parsed, parsed.name)
    if parsed.to == "csv":
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


def _model(path: Path, at: int | None) -> ExportedModel:
    """The model, with a line on stderr where the run never came to the step."""
    with loading_torch():
        from flashcards.export.model import open_model
        from flashcards.wording.facts import last_step

    model = open_model(path, at)
    if at is not None and model.step != at:
        print_line(last_step(at, model.step), is_error=True)
    return model


def register(add: args.Add) -> None:
    command = add("export", export, args.FORCE, args.RUNS)
    command.option("name", "DECK|RUN", "a deck's or a run's name or path")
    to = (
        "the format; of cards: tsv, csv, jsonl, messages, apkg; of a run's model: hf, gguf; "
        "of a run's numbers: tensorboard, csv"
    )
    command.choice("--to", to, *CARDS, *RUN, required=True)
    command.option("-o", "FILE|DIR", "where to; cards: standard output", dest="output")
    command.choice("--only", "which cards of a deck", "all", "taught", "held-out")
    command.count("--at", "STEP", "the model as it was at this step (the last one)", or_zero=True)
