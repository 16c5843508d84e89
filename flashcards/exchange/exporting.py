"""`flashcards export`: write a deck for another program; say what that has no place for."""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from flashcards.base.files import Refused, save
from flashcards.cards.card import Card, Deck, DeckMeta
from flashcards.cards.diagnostics import counted
from flashcards.cards.format import ParsedDeck, parse
from flashcards.cards.shelf import DeckNotFound, DeckUnusable, find, read
from flashcards.exchange.notes import Losses
from flashcards.exchange.writers import (
    as_csv,
    as_jsonl,
    as_messages,
    as_package,
    as_parquet,
    as_tsv,
)
from flashcards.terminal.output import print_line

Form = Literal["tsv", "csv", "jsonl", "parquet", "messages", "apkg"]
Only = Literal["all", "taught", "held-out"]

_WRITERS: dict[Form, Callable[[Deck, Sequence[Card]], bytes]] = {
    "tsv": as_tsv,
    "csv": as_csv,
    "jsonl": as_jsonl,
    "messages": as_messages,
    "parquet": as_parquet,
}
_KEEPS_NAME = ("tsv", "apkg")


def export_deck(
    name: str,
    form: Form,
    output: str | None,
    *,
    only: Only | None = None,
    is_forced: bool = False,
    now_s: int | None = None,
) -> int:
    """Write a deck's cards in another form; 0, or 1 when nothing was written. Stderr says what the
    form has no place for, or why not.
    `output` None is standard output. `only` None is all cards, or those that are taught where
    `form` has no mark for the others. `now_s`: seconds since 1970; None asks the clock."""
    losses = Losses()
    try:
        path = find(name)
        parsed = parse(read(path), path.name)
        deck = parsed.deck
        if deck is None:
            raise Refused("the deck can't be used; `flashcards check` says why")
        cards = _cards(deck, form, only, losses)
        if form == "apkg":
            data = as_package(deck, cards, int(time.time()) if now_s is None else now_s)
        else:
            data = _WRITERS[form](deck, cards)
        if output is None and form in ("apkg", "parquet") and sys.stdout.isatty():
            raise Refused(f"{form} is no text for a terminal; name a file with -o FILE.{form}")
        save(data, None if output is None else Path(output), is_forced=is_forced)
    except (Refused, DeckNotFound, DeckUnusable) as refusal:
        place = "" if isinstance(refusal, DeckUnusable) else f"{name}: "
        print_line(f"flashcards export: {place}{refusal}", is_error=True)
        return 1
    target = "standard output" if output is None else output
    print_line(f"{path}: {counted(len(cards), 'card')} → {target}", is_error=True)
    for line in [*losses.lines(), *_notes(parsed, deck, form)]:
        print_line(f"  {line}", is_error=True)
    return 0


def _cards(deck: Deck, form: Form, only: Only | None, losses: Losses) -> list[Card]:
    wanted = only or ("taught" if form == "messages" else "all")
    cards: list[Card] = []
    for card in deck.cards:
        where = f"line {card.line}"
        if wanted != "all" and card.is_never_seen != (wanted == "held-out"):
            losses.add("held-out" if only is None else "only", "card", where, card.prompt)
            continue
        cards.append(card)
        if form == "messages":
            if card.section:
                losses.add("sections", "card", where, card.section)
            if len(card.answers) > 1:
                losses.add("alternatives", "card", where, card.answers[1])
    if not cards:
        raise Refused(f"it has no {'never-taught' if wanted == 'held-out' else wanted} card")
    return cards


def _notes(parsed: ParsedDeck, deck: Deck, form: Form) -> list[str]:
    lines: list[str] = []
    n_pairs = sum(entry.is_two for entry in parsed.document.entries)
    if n_pairs:
        lines.append(f"{counted(n_pairs, 'card')} taught in both directions: two cards each")
    meta = msgspec.to_builtins(deck.meta)
    keys = [field for field in DeckMeta.__struct_fields__ if field in meta]
    keys = [key for key in keys if not (key == "name" and form in _KEEPS_NAME)]
    keys += list(msgspec.to_builtins(deck.wishes))
    if keys:
        lines.append(f"of the front matter this format has no place for {', '.join(keys)}")
    n_errors = sum(problem.level == "error" for problem in parsed.diagnostics)
    if n_errors:
        lines.append(f"the deck has {counted(n_errors, 'error')}; `flashcards check` names them")
    return lines
