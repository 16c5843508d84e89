"""`flashcards check`: every problem of a deck, a line each, as an editor or a script reads it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from flashcards.cards.audit import floor_nats, near_leaks
from flashcards.cards.card import Deck
from flashcards.cards.chapters import in_both_problems
from flashcards.cards.diagnostics import (
    Diagnostic,
    counted,
    diagnostic,
    in_order,
    too_long,
    written,
)
from flashcards.cards.format import parse
from flashcards.cards.printable import printable
from flashcards.cards.shelf import DeckNotFound, DeckUnusable, find, read

Find = Callable[[Deck], Iterable[Diagnostic]]
"""Problems of a deck that only the learner knows."""

Explain = Callable[[str, Deck, Sequence[Diagnostic]], Iterable[str]]
"""Lines about a deck, of its name as given, the deck and its problems."""


def check(
    names: Sequence[str],
    out: TextIO,
    *,
    find_more: Find | None = None,
    explain: Explain | None = None,
    earlier: Sequence[Deck] = (),
) -> int:
    """Write every problem of the decks, and a summary line each.

    Args:
        names: Paths, or names of decks on the shelf.
        earlier: Decks that a model was taught before: prompts that are in both are named.
        find_more: Finds what else is wrong with a deck that could be read.
        explain: Says more about a deck that can be used, in lines that are written under it.

    Returns:
        0, or 1 when a deck has an error or cannot be used.
    """
    is_good = True
    for name in names:
        shown, deck, problems = _read_deck(name)
        if deck is not None and earlier:
            both = [problem for one in earlier for problem in in_both_problems(deck, one)]
            problems = in_order([*problems, *both])
        if deck is not None and find_more is not None and (more := tuple(find_more(deck))):
            problems = in_order([*problems, *more])
            deck = None if any(problem.level == "fatal" for problem in more) else deck
        for problem in problems:
            out.write(written(problem, shown) + "\n")
        out.write(_summary(shown, deck, problems) + "\n")
        if explain is not None and deck is not None:
            for line in explain(name, deck, problems):
                out.write(line + "\n")
        is_good = is_good and not _counted(problems)[0] and deck is not None
    return 0 if is_good else 1


def _read_deck(name: str) -> tuple[str, Deck | None, tuple[Diagnostic, ...]]:
    """How the deck is called in messages, the deck if it is usable, and all its problems."""
    try:
        path = find(name)
        data = read(path)
    except DeckNotFound as error:
        return printable(name), None, (diagnostic("not-found", 1, 1, str(error)),)
    except DeckUnusable as error:
        return _short_path(path), None, error.diagnostics
    parsed = parse(data, path.name)
    if parsed.deck is None:
        return _short_path(path), None, parsed.diagnostics
    return _short_path(path), parsed.deck, in_order([*parsed.diagnostics, *near_leaks(parsed.deck)])


def _short_path(path: Path) -> str:
    """The path as short as a user can still open it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        relative = str(path)
    return printable(str(path) if relative.startswith("..") else relative)


def _summary(shown: str, deck: Deck | None, problems: Sequence[Diagnostic]) -> str:
    n_errors, n_warnings = _counted(problems)
    found = f"{counted(n_errors, 'error')}, {counted(n_warnings, 'warning')}"
    found = found if problems else "no problems"
    if deck is None:
        return f"{shown}: cannot be used; {found}"
    n_held_out = len(deck.never_seen)
    cards = f"{counted(len(deck.cards), 'card')}, {len(deck.cards) - n_held_out:,} taught"
    long = too_long(problems)
    floor = floor_nats(deck)
    unavoidable = f"; error never below {floor:.2f} a card" if floor else ""
    lost = f"; {long}" if long else ""
    return f"{shown}: {cards}, {n_held_out:,} never seen; {found}{lost}{unavoidable}"


def _counted(problems: Sequence[Diagnostic]) -> tuple[int, int]:
    """How many errors and warnings."""
    n_warnings = sum(problem.level == "warning" for problem in problems)
    return len(problems) - n_warnings, n_warnings
