"""`flashcards import`: make a deck of another program's file; say what was lost."""

from __future__ import annotations

import sys
from pathlib import Path, PurePath

from flashcards.cards.diagnostics import counted, quoted
from flashcards.cards.front_matter import one_line
from flashcards.cards.printable import printable
from flashcards.cards.shelf import MAX_FILE_BYTES
from flashcards.exchange.deck_file import NewDeck, compose
from flashcards.exchange.detect import read
from flashcards.exchange.notes import Options, Refused, Source
from flashcards.exchange.saving import save
from flashcards.exchange.source import opened
from flashcards.terminal.output import print_line
from flashcards.terminal.progress import progress


def import_file(
    name: str,
    output: str | None,
    options: Options,
    *,
    is_forced: bool = False,
) -> int:
    """Read a file, write the deck, say on stderr what was read and what was lost.

    Args:
        name: The file's path; `-` is standard input.
        output: The deck's path, with or without .deck; None writes it to standard output.
        is_forced: Whether a deck of that name is replaced.

    Returns:
        0, or 1 when nothing was written; then one line on stderr says why.
    """
    shown = "standard input" if name == "-" else printable(name)
    try:
        if output is not None:
            output = _deck_path(output)
        with progress(f"reading {shown}"):
            with opened(name, getattr(sys.stdin, "buffer", None)) as file:
                source = read(file, name, options)
            deck = _deck(source, name)
            data = deck.text.encode("utf-8")
            _check(source, deck, data)
        save(data, None if output is None else Path(output), is_forced=is_forced)
    except Refused as refusal:
        print_line(f"flashcards import: {shown}: {refusal}", is_error=True)
        return 1
    target = "standard output" if output is None else printable(output)
    for line in summary(source, deck, shown, target):
        print_line(line, is_error=True)
    return 0


def _deck_path(output: str) -> str:
    """The deck's path: without a suffix it gets the one by which decks are found."""
    suffix = PurePath(output).suffix.lower()
    if suffix == ".tsv":
        raise Refused(f"-o {printable(output)}: a deck's name ends in .deck")
    is_name = suffix == "" and PurePath(output).name != "" and not Path(output).is_dir()
    return f"{output}.deck" if is_name else output


def _deck(source: Source, name: str) -> NewDeck:
    stem = "" if name == "-" else one_line(PurePath(name).stem)
    front = {
        "name": source.name or stem or "Imported cards",
        "source": "" if name == "-" else f"imported from {PurePath(name).name}",
    }
    return compose(source.notes, front, source.losses, source.noun, is_asking_unseen=True)


def _check(source: Source, deck: NewDeck, data: bytes) -> None:
    """There is a deck that can be taught. Raises Refused."""
    if deck.n_cards == 0:
        reasons = "; ".join(source.losses.lines())
        raise Refused(f"no card in it ({source.form})" + (f": {reasons}" if reasons else ""))
    if deck.n_cards == deck.n_held_out:
        raise Refused("every card in it is never taught, so there is nothing to teach")
    if len(data) > MAX_FILE_BYTES:
        raise Refused(
            f"{counted(deck.n_cards, 'card')} make a deck of {len(data) / 1e6:.0f} MB and decks "
            f"have at most {MAX_FILE_BYTES / 1e6:.0f}; import it in parts"
        )


def summary(source: Source, deck: NewDeck, shown: str, target: str) -> list[str]:
    """What was read, what was written, and a line for each kind of loss."""
    lines = [f"{shown}: read as {printable(source.form)}"]
    parts = [counted(deck.n_cards, "card")]
    if deck.n_sections:
        parts.append(f"in {counted(deck.n_sections, 'section')}")
    if deck.n_held_out:
        parts.append(f"{deck.n_held_out:,} never seen")
    lines.append(f"{counted(source.n_read, source.noun)} read, {', '.join(parts)} → {target}")
    if deck.first is not None:
        answers = " | ".join(deck.first.answers)
        lines.append(f"the first: {quoted(deck.first.prompt, 60)} → {quoted(answers, 60)}")
    lines += [f"  {line}" for line in source.losses.lines()]
    if deck.share:
        lines.append(
            f"  {100 * deck.share:g} % of the cards are never taught, to see whether the model "
            f"understands: held_out = {deck.share:g} in the deck; take that line out to teach all"
        )
    return lines
