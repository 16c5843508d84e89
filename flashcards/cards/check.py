"""`flashcards check`: every problem of a deck, a line each, as an editor or a script reads it."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from flashcards.cards import audit, card, chapters, diagnostics as diag, shelf
from flashcards.cards.format import parse
from flashcards.cards.printable import printable


def check(
    names: Sequence[str],
    out: TextIO,
    *,
    find_more: Callable[[card.Deck], Iterable[diag.Diagnostic]] = lambda deck: (),
    explain: Callable[[str, card.Deck, Sequence[diag.Diagnostic]], Iterable[str]] = lambda *_: (),
    earlier: Sequence[card.Deck] = (),
) -> int:
    """Write every problem of the decks, by path or name, and a summary line each; 1 when a deck has
    an error or cannot be used, else 0.
    `find_more`: problems of a deck that only the learner knows, passed in as `cards` imports none.
    `explain`: lines written under a usable deck. `earlier`: decks that a model was taught before:
    prompts in both are named."""
    is_good = True
    for name in names:
        path, deck, problems = _read_deck(name)
        if deck is not None:
            both = [
                problem for before in earlier for problem in chapters.in_both_problems(deck, before)
            ]
            more = tuple(find_more(deck))
            problems = diag.in_order([*problems, *both, *more])
            deck = None if any(problem.level == "fatal" for problem in more) else deck
        for problem in problems:
            out.write(diag.written(problem, path) + "\n")
        out.write(_summary(path, deck, problems) + "\n")
        for line in () if deck is None else explain(name, deck, problems):
            out.write(line + "\n")
        is_good = is_good and not _n_errors_and_warnings(problems)[0] and deck is not None
    return 0 if is_good else 1


def _read_deck(name: str) -> tuple[str, card.Deck | None, tuple[diag.Diagnostic, ...]]:
    try:
        path = shelf.find(name)
        data = shelf.read(path)
    except shelf.DeckNotFound as error:
        return printable(name), None, (diag.diagnostic("not-found", 1, 1, str(error)),)
    except shelf.DeckUnusable as error:
        return _short_path(path), None, error.diagnostics
    parsed = parse(data, path.name)
    if parsed.deck is None:
        return _short_path(path), None, parsed.diagnostics
    return (
        _short_path(path),
        parsed.deck,
        diag.in_order([*parsed.diagnostics, *audit.near_leaks(parsed.deck)]),
    )


def _short_path(path: Path) -> str:
    try:
        relative = os.path.relpath(path)
    except ValueError:
        relative = str(path)
    return printable(str(path) if relative.startswith("..") else relative)


def _summary(path: str, deck: card.Deck | None, problems: Sequence[diag.Diagnostic]) -> str:
    n_errors, n_warnings = _n_errors_and_warnings(problems)
    totals = f"{diag.counted(n_errors, 'error')}, {diag.counted(n_warnings, 'warning')}"
    totals = totals if problems else "no problems"
    if deck is None:
        return f"{path}: cannot be used; {totals}"
    n_held_out = len(deck.never_seen)
    cards = f"{diag.counted(len(deck.cards), 'card')}, {len(deck.cards) - n_held_out:,} taught"
    parts = [f"{path}: {cards}, {n_held_out:,} never taught", totals]
    if long := diag.too_long(problems):
        parts.append(long)
    if floor := audit.floor_nats(deck):
        parts.append(f"error never below {floor:.2f} a card")
    return "; ".join(parts)


def _n_errors_and_warnings(problems: Sequence[diag.Diagnostic]) -> tuple[int, int]:
    n_warnings = sum(problem.level == "warning" for problem in problems)
    return len(problems) - n_warnings, n_warnings
