"""A deck of cards as a program holds it: opened by name, or made of pairs."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from flashcards.base.errors import UserError
from flashcards.base.files import save
from flashcards.cards import card, shelf
from flashcards.cards.card_edits import CannotWrite
from flashcards.cards.diagnostics import written
from flashcards.cards.format import parse
from flashcards.cards.grammar import as_taught
from flashcards.cards.own_decks import checked_name
from flashcards.cards.text import is_text
from flashcards.exchange.deck_file import compose
from flashcards.exchange.notes import Losses, Note

Answers = str | Sequence[str]
"""One answer, or all that count as right; the first is taught."""


@dataclass(frozen=True)
class Deck:
    """Cards in their order, and what a deck's file says about them.

    Attributes:
        name: Of the deck; a run is called after it.
        text: The file as it is read, or as it would be written.
        cards: Each has `prompt`, `answer`, `answers`, `section` and `is_never_seen`.
        problems: What to know of single lines or of all cards, in sentences; a line that is no card
            is left out.
        path: Where its file lies; None for a deck made of pairs.
    """

    name: str
    text: str
    cards: Sequence[card.Card]
    problems: tuple[str, ...] = ()
    path: Path | None = None

    @classmethod
    def open(cls, name: str | Path) -> Self:
        """Read a deck by the name of a shipped one, or by its path.
        Raises UserError: there is none, or it can't be used."""
        path = shelf.find(str(name))
        if is_text(path):
            raise UserError(f"{path.name} is a text, which has no cards; `Training` reads it")
        deck, diagnostics = shelf.load(path)
        problems = tuple(written(problem, path.name) for problem in diagnostics)
        return cls(deck.slug, deck.text, deck.cards, problems, path)

    @classmethod
    def of(
        cls,
        cards: Mapping[str, Answers] | Iterable[tuple[str, Answers]],
        *,
        name: str = "cards",
        keep_back: float = 0.0,
        never_taught: Collection[str] = (),
    ) -> Self:
        """Make a deck of pairs: a prompt, and its answer or answers.

        Args:
            cards: `{"one": "un"}`, or pairs in their order. What stands twice is one card; another
                answer to the same prompt counts as right, too.
            name: Of the deck and of the runs that are taught it.
            keep_back: The share of the cards that is asked and never taught, from 0 to 1.
            never_taught: Prompts that are asked and never taught.

        Raises:
            UserError: A card has no text or one that no deck can hold, or there are no cards.
        """
        if not 0.0 <= keep_back < 1.0:
            raise UserError(f"{keep_back!r} of the cards can't be kept back: say 0 to below 1")
        pairs = list(cards.items() if isinstance(cards, Mapping) else cards)
        held_out = frozenset(never_taught)
        notes = [_note(place, pair, held_out) for place, pair in enumerate(pairs, 1)]
        unknown = sorted(held_out - {note.prompt for note in notes})
        if unknown:
            raise UserError(f"no card has the prompt {unknown[0]!r}, which is to be never taught")
        losses = Losses()
        try:
            new = compose(notes, {"name": name}, losses, "card", share=keep_back)
        except CannotWrite as error:
            raise UserError(str(error)) from error
        parsed = parse(new.text.encode(), f"{checked_name(name)}.deck")
        wrong = [problem.text for problem in parsed.diagnostics if problem.level != "warning"]
        if parsed.deck is None or wrong:
            raise UserError(f"no deck can be made of these cards: {'; '.join(wrong)}")
        problems = tuple(problem.text for problem in parsed.diagnostics)
        return cls(parsed.deck.slug, new.text, parsed.deck.cards, problems)

    @classmethod
    def from_text(cls, name: str, text: str) -> Self:
        """The deck that a file of this name with this text is.
        Raises UserError: it can't be used."""
        parsed = parse(text.encode("utf-8", "surrogateescape"), f"{name}.deck")
        problems = tuple(written(problem, name) for problem in parsed.diagnostics)
        if parsed.deck is None:
            raise UserError("; ".join(problems))
        return cls(parsed.deck.slug, text, parsed.deck.cards, problems)

    @property
    def taught(self) -> tuple[card.Card, ...]:
        """The cards that a lesson teaches."""
        return tuple(taught_card for taught_card in self.cards if not taught_card.is_never_seen)

    @property
    def never_seen(self) -> tuple[card.Card, ...]:
        """The cards that are kept back (held out): they are asked and never taught."""
        return tuple(kept_back for kept_back in self.cards if kept_back.is_never_seen)

    def __len__(self) -> int:
        return len(self.cards)

    def save(self, path: str | Path, *, is_forced: bool = False) -> Path:
        """Write the deck's file, and return its path. `is_forced`: replace a file of that name.
        Raises UserError: the name is taken, or the file can't be written."""
        target = Path(path)
        save(self.text.encode("utf-8", "surrogateescape"), target, is_forced=is_forced)
        return target

    @contextlib.contextmanager
    def as_file(self) -> Iterator[Path]:
        """The path of a file with this deck: its own, or one that is gone after the block."""
        if self.path is not None:
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="flashcards-") as folder:
            yield self.save(Path(folder) / f"{self.name}.deck")


def _note(place: int, pair: object, held_out: frozenset[str]) -> Note:
    """Raises UserError: it is no pair of a prompt and its answers."""
    where = f"card {place}"
    if not (isinstance(pair, Sequence) and not isinstance(pair, str) and len(pair) == 2):
        raise UserError(f"{where} is {pair!r}, and not a prompt and its answer")
    prompt, answers = pair
    answers = (answers,) if isinstance(answers, str) else answers
    texts = (prompt, *answers) if isinstance(answers, Sequence) else (prompt, answers)
    for text in texts:
        if not isinstance(text, str) or not as_taught(text):
            raise UserError(f"{where} has {text!r} where a text is needed")
    if len(texts) < 2:
        raise UserError(f"{where}, {prompt!r}, has no answer")
    prompt, *answers = map(as_taught, texts)
    return Note(prompt, tuple(answers), where, is_never_seen=prompt in held_out)
