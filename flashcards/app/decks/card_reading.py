"""The reading of a deck that is being written, line by line, without widgets or a tokenizer."""

import bisect
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import HEADING, MUTED, Row, cut, wrap
from flashcards.base.language import tr
from flashcards.cards.card import Card, Deck
from flashcards.cards.diagnostics import Diagnostic
from flashcards.cards.format import Document, parse
from flashcards.cards.grammar import WHITE, is_never_seen, split_lines
from flashcards.cards.printable import printable
from flashcards.cards.split import KeepBack, to_keep_back
from flashcards.runs.events import TextsCut

LABEL = 9
_SPACE, _END = "·", "⏎"


class Pieces(Struct, frozen=True):
    """The way a lesson cuts text. `is_filled`: prompts are filled up, and words may be pieces."""

    kind: str
    letters: frozenset[str]
    is_filled: bool = False


class DeckReading(Struct, frozen=True):
    """A deck's text as it is read. `problems`: those of each line, the worst first. `offer`: what
    could be kept back, where all its cards are taught."""

    deck: Deck | None
    document: Document
    diagnostics: tuple[Diagnostic, ...] = ()
    problems: dict[int, list[Diagnostic]] = {}
    pieces: Pieces = Pieces("char", frozenset())
    offer: KeepBack = KeepBack(0.0, 0)

    def cards_at(self, line: int) -> Sequence[Card]:
        """The cards of a line, from 1: none, one, or both directions of a `:::`."""
        if self.deck is None:
            return ()
        entries = self.document.entries
        index = bisect.bisect_right(entries, line, key=lambda entry: entry.line) - 1
        if index < 0 or entries[index].last_line < line:
            return ()
        entry = entries[index]
        return self.deck.cards[entry.card_index : entry.card_index + 1 + entry.is_two]

    def next_problem(self, line: int) -> Diagnostic | None:
        """The first problem below a line, else the first of all; warnings once no error is left."""
        errors = [problem for problem in self.diagnostics if problem.level != "warning"]
        problems = errors or self.diagnostics
        below = [problem for problem in problems if problem.line > line]
        return next(iter(below or problems), None)


def read_text(text: str, name: str, pieces: Pieces | None = None) -> DeckReading:
    """Read a deck's text, cut as a lesson on it cuts. A hundred thousand cards take a second."""
    parsed = parse(text.encode("utf-8", "surrogatepass"), name)
    problems: dict[int, list[Diagnostic]] = {}
    for problem in sorted(parsed.diagnostics, key=lambda p: p.level == "warning"):
        problems.setdefault(problem.line, []).append(problem)
    if pieces is None:
        pieces = pieces_of(parsed.deck)
    deck = parsed.deck
    offer = KeepBack(0.0, 0)
    if deck is not None and not deck.never_seen:
        offer = to_keep_back(deck.groups)
    return DeckReading(deck, parsed.document, parsed.diagnostics, problems, pieces, offer)


def pieces_of(deck: Deck | None) -> Pieces:
    """Return how a lesson that begins with this deck cuts: its letters are the taught cards'."""
    if deck is None:
        return Pieces("char", frozenset())
    taught = [card for card in deck.cards if not card.is_never_seen]
    letters = frozenset().union(*(text for card in taught for text in (card.prompt, *card.answers)))
    return Pieces(deck.wishes.tokenizer or "char", letters)


def pieces_of_run(folder: Path) -> Pieces | None:
    """Return how a run cuts: its tokenizer is of the deck as it began. None without such a file."""
    first = next(iter(sorted((folder / "deck").glob("0000-*"))), None)
    if first is None:
        return None
    try:
        return pieces_of(parse(first.read_bytes(), first.name).deck)
    except OSError:
        return None


def preview(
    reading: DeckReading, line: int, width: int, cut_by_lesson: TextsCut | None = None
) -> list[Row]:
    """Show how the card of this line is read, a row a fact; cut as the lesson cuts it, if known."""
    cards = reading.cards_at(line)
    if not cards:
        return [[(tr("no card in this line"), MUTED)]] if reading.deck is not None else []
    rows: list[Row] = []
    for card in cards:
        answer, *others = (_one_line(text) for text in card.answers)
        also = "".join(f" | {other}" for other in others)
        prompt = cut(_one_line(card.prompt), max(8, width // 2 - LABEL))
        rows.append(
            [
                (tr("asks").ljust(LABEL), HEADING),
                (prompt, "bold"),
                (" → ", MUTED),
                (cut(answer + also, max(8, width - LABEL - 3 - cell_len(prompt))), "bold"),
            ]
        )
    first = cards[0]
    fate = tr("taught")
    if first.is_never_seen:
        by_share = tr("never taught, by the deck's share: only asked")
        written = split_lines(reading.document.text)[first.line - 1].strip(WHITE + "\r\n")
        fate = tr("never taught: only asked") if is_never_seen(written) else by_share
    section = f" · [{printable(first.section)}]" if first.section else ""
    rows.append([(tr("is").ljust(LABEL), HEADING), (cut(fate + section, width - LABEL), "")])
    return [*rows, *_cut_rows(reading.pieces, first, width, cut_by_lesson)]


def texts_at(reading: DeckReading, line: int) -> tuple[str, ...]:
    """Return the texts only a tokenizer can cut: this line's prompt and answer; () for nothing."""
    cards = reading.cards_at(line)
    if not cards or (reading.pieces.kind == "char" and not reading.pieces.is_filled):
        return ()
    return (cards[0].prompt, cards[0].answer)


def _cut_rows(pieces: Pieces, card: Card, width: int, cut_by_lesson: TextsCut | None) -> list[Row]:
    label = (tr("pieces").ljust(LABEL), HEADING)
    texts = (card.prompt, card.answer)
    strange: Iterable[str]
    cuts: tuple[Iterable[str], ...] = texts
    if cut_by_lesson is not None:
        cuts, strange = cut_by_lesson.cuts, cut_by_lesson.unlearned
    elif pieces.kind == "char":
        strange = dict.fromkeys(c for c in "".join(texts) if c not in pieces.letters)
    else:
        later = tr(
            "{kind} pieces, learned from the whole deck when its lesson begins", kind=pieces.kind
        )
        if pieces.kind == "word":
            later = tr("whole words, learned from the whole deck when its lesson begins")
        return [[label, (cut(later, width - LABEL), MUTED)]]
    joined = " → ".join("│".join(map(_piece, pieces_of_text)) for pieces_of_text in cuts)
    row: Row = [label, (cut(f"{joined}│{_END}", width - LABEL), "")]
    if not strange:
        return [row]
    letters = ", ".join(_piece(char) for char in strange)
    remark = wrap(tr("{letters} not learned: cut into bytes", letters=letters), width - LABEL, 1)
    return [row, [(" " * LABEL, ""), (remark[0], "$text-warning")]]


def _piece(piece: str) -> str:
    # A mark that stands on a letter would stand on the line between the pieces.
    mark = "◌" if piece and unicodedata.category(piece[0])[0] == "M" else ""
    return mark + printable(piece.replace(" ", _SPACE))


def _one_line(text: str) -> str:
    return text.replace("\n", " ⏎ ")
