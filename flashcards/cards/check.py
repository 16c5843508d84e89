"""`flashcards check`: every problem of a deck, a line each, as an editor or a script reads it."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import TextIO

from flashcards.cards.audit import floor_nats, near, near_leaks
from flashcards.cards.card import Card, Deck
from flashcards.cards.diagnostics import Diagnostic, diagnostic, in_order, quoted, written
from flashcards.cards.exceptions import exception_sections, rule_forms
from flashcards.cards.format import parse
from flashcards.cards.printable import printable
from flashcards.cards.shelf import DeckNotFound, DeckUnusable, find, read

MAX_PAIRS_SHOWN = 10


def check(names: Sequence[str], out: TextIO, *, explain: bool = False) -> int:
    """Write every problem of the decks, and a summary line each.

    Args:
        names: Paths, or names of decks on the shelf.
        explain: Write as well what is in the deck: counts, lengths, floor, near duplicates.

    Returns:
        0, or 1 when a deck has an error or cannot be used.
    """
    is_good = True
    for name in names:
        shown, deck, problems = _examined(name)
        for problem in problems:
            out.write(written(problem, shown) + "\n")
        out.write(_summary(shown, deck, problems) + "\n")
        if explain and deck is not None:
            for label, text in _explained(deck):
                out.write(f"  {label:<11} {text}\n")
        is_good = is_good and all(problem.level == "warning" for problem in problems)
    return 0 if is_good else 1


def _examined(name: str) -> tuple[str, Deck | None, tuple[Diagnostic, ...]]:
    """How the deck is called in messages, the deck if it is usable, and all its problems."""
    try:
        path = find(name)
        data = read(path)
    except DeckNotFound as error:
        return printable(name), None, (diagnostic("not-found", 1, 1, str(error)),)
    except DeckUnusable as error:
        return _shown(path), None, error.diagnostics
    parsed = parse(data, path.name)
    if parsed.deck is None:
        return _shown(path), None, parsed.diagnostics
    return _shown(path), parsed.deck, in_order([*parsed.diagnostics, *near_leaks(parsed.deck)])


def _shown(path: Path) -> str:
    """The path as short as a user can still open it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:
        relative = str(path)
    return printable(str(path) if relative.startswith("..") else relative)


def _summary(shown: str, deck: Deck | None, problems: Sequence[Diagnostic]) -> str:
    n_warnings = sum(problem.level == "warning" for problem in problems)
    n_errors = len(problems) - n_warnings
    found = f"{_counted(n_errors, 'error')}, {_counted(n_warnings, 'warning')}"
    found = found if problems else "no problems"
    if deck is None:
        return f"{shown}: cannot be used; {found}"
    n_held_out = len(deck.held_out)
    cards = f"{_counted(len(deck.cards), 'card')}, {len(deck.cards) - n_held_out:,} taught"
    floor = floor_nats(deck)
    unavoidable = f"; error floor {floor:.2f} nats a card" if floor else ""
    return f"{shown}: {cards}, {n_held_out:,} held out; {found}{unavoidable}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _explained(deck: Deck) -> Iterator[tuple[str, str]]:
    """What is in the deck, a label and a sentence each."""
    prompts, answers = [c.prompt for c in deck.cards], [c.answer for c in deck.cards]
    sections = Counter(card.section for card in deck.cards if card.section)
    if sections:
        listed = ", ".join(f"{name} {count:,}" for name, count in sections.items())
        yield "sections", listed
    exceptions = exception_sections(deck)
    if exceptions:
        n_with = len(rule_forms(deck))
        yield "exceptions", f"{', '.join(exceptions)}; a rule would answer {n_with:,} of them"
    yield "prompts", f"{_lengths(prompts)}; {len(set(prompts)):,} different"
    yield "answers", f"{_lengths(answers)}; {len(set(answers)):,} different"
    n_letters = len(set().union(*prompts, *answers))
    yield "letters", _counted(n_letters, "different character")
    share = deck.meta.held_out
    how = f"a share of {share:g} by hash, and those marked ?" if share else "those marked ?"
    n_groups = len({card.group for card in deck.cards})
    yield "held out", f"{len(deck.held_out):,} ({how}); {n_groups:,} groups"
    floor = floor_nats(deck)
    yield "floor", f"{floor:.4f} nats a card" if floor else "0 nats: no two cards contradict"
    pairs = _near_pairs(deck.cards)
    yield "near twins", f"{len(pairs):,}" if pairs else "none"
    for one, other in pairs[:MAX_PAIRS_SHOWN]:
        yield "", f"{quoted(one.prompt)} line {one.line}, {quoted(other.prompt)} line {other.line}"
    if len(pairs) > MAX_PAIRS_SHOWN:
        yield "", f"and {len(pairs) - MAX_PAIRS_SHOWN:,} more"


def _lengths(texts: Sequence[str]) -> str:
    lengths = [len(text) for text in texts]
    return f"{min(lengths)} to {max(lengths)} characters, median {median(lengths):g}"


def _near_pairs(cards: Sequence[Card]) -> list[tuple[Card, Card]]:
    """Cards whose prompts a person would call the same, each with the first such card."""
    first: dict[str, Card] = {}
    others: defaultdict[str, set[str]] = defaultdict(set)
    pairs: list[tuple[Card, Card]] = []
    for card in cards:
        key = near(card.prompt)
        twin = first.setdefault(key, card)
        if twin.prompt != card.prompt and card.prompt not in others[key]:
            others[key].add(card.prompt)
            pairs.append((twin, card))
    return pairs
