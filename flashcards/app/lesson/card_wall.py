"""Every card as a cell: taught cards as squares, never-seen ones apart as diamonds.

Of a deck too large to ask at every exam only the cards of the last exam are shown, and it says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress, groupby

from rich.cells import cell_len

from flashcards.app.widgets.cells import LIT, Row, Sheet, cut, fitting, spread
from flashcards.base.language import tr
from flashcards.runs.marks import NEARLY, NOT_ASKED, RIGHT, WRONG
from flashcards.runs.values import OrderName
from flashcards.wording.numbers import count

TAUGHT_SIGNS = {WRONG: "·", NEARLY: "▪", RIGHT: "■"}
NEVER_SEEN_SIGNS = {WRONG: "◇", NEARLY: "◈", RIGHT: "◆"}
ORDERS: dict[OrderName, tuple[str, str]] = {
    "shuffled": ("shuffled", "every card once a round, in random order"),
    "hardest": ("hardest first", "what it gets wrong comes more often"),
    "boxes": ("Leitner boxes", "a right answer puts a card in a box that is asked less often"),
    "deck": ("deck order", "as they stand in the deck file"),
}
"""The orders of cards, each with its name and what it means, in English."""

LONG_AND_SHORT = ["{n_shown} of {n_cards} cards", "{n_shown} of {n_cards}"]
STYLES = {WRONG: ".wrong", NEARLY: ".nearly", RIGHT: ".right"}


@dataclass(frozen=True, slots=True)
class WallView:
    """One mark a card (see `runs.marks`), and which cards are never taught, 1 byte each.

    `current` is the card being explained; it is lit where a cell is a card. `order` is that in
    which cards are given out; the usual one is not named. `as_of` is the step of marks that are
    older than the scores.
    """

    marks: bytes = b""
    never_seen_mask: bytes = b""
    current: int | None = None
    order: OrderName = "shuffled"
    as_of: int | None = None


class CardWall(Sheet[WallView]):
    """Title, cells, legend. Each kind has the rows its share of the deck asks for."""

    def draw(self, view: WallView, width: int, height: int) -> list[Row]:
        mask = view.never_seen_mask or bytes(len(view.marks))
        never_seen = _asked(bytes(compress(view.marks, mask)))
        taught = _asked(bytes(compress(view.marks, mask.translate(bytes([1]) + bytes(255)))))
        n_rows = height - 2
        order = "" if view.order == "shuffled" else tr(ORDERS[view.order][0])
        name = _wall_title(len(taught) + len(never_seen), len(view.marks), order, view.as_of, width)
        head: list[Row] = [[(cut(name, width), ".title")]]
        if not view.marks or n_rows < 1:
            return head
        n_cards, pitch, n_apart = fit(len(taught), len(never_seen), width, n_rows)
        if n_cards > 1:
            note = _all_right(n_cards, width - cell_len(name) - 1)
            if not note and n_rows > 2:
                n_rows -= 1
                n_cards, pitch, n_apart = fit(len(taught), len(never_seen), width, n_rows)
                head.append([(cut(_all_right(n_cards, width), width), ".muted")])
            else:
                head = [spread(head[0], [(note, ".muted")] if note else [], width)]
        lit_taught, lit_never_seen = _places(view, mask) if n_cards == 1 else (None, None)
        cells = _rows(worst(taught, n_cards), width, pitch, TAUGHT_SIGNS, lit_taught)
        cells += _rows(worst(never_seen, n_cards), width, pitch, NEVER_SEEN_SIGNS, lit_never_seen)
        rows: list[Row] = [[] for _ in range(n_rows)]
        for i, row in enumerate(cells[: -(-n_rows // n_apart)]):
            rows[i * n_apart] = row
        return [*head, *rows, _legend(bool(never_seen), width)]


def _wall_title(n_shown: int, n_cards: int, order: str, as_of: int | None, width: int) -> str:
    """In which order cards are given out, "" for the usual one, and what the cells are.

    That is every card, or those of the last exam; or as of which step they are, before all else.
    """
    texts = ["every card"] if n_shown == n_cards else LONG_AND_SHORT
    names = [tr(text, n_shown=count(n_shown), n_cards=count(n_cards)) for text in texts]
    titles = [f"{order}: {name}" if order else name for name in names]
    if as_of is not None:
        step = tr("as of step {step}", step=count(as_of))
        titles = [f"{title}, {step}" for title in (*titles, *names)] + [step]
    return fitting(width, *titles) or titles[-1]


def _all_right(n: int, width: int) -> str:
    """When a cell of several cards is a right one: it shows the worst; "" without room."""
    texts = ("■ = all of {n:,} cards right", "■ = all {n:,} right")
    return fitting(width, *(tr(text, n=n) for text in texts))


def fit(n_taught: int, n_held_out: int, width: int, n_rows: int) -> tuple[int, int, int]:
    """How many cards a cell stands for, and how many columns and rows it takes, so that all fit."""

    def rows_needed(n_cards: int, pitch: int) -> int:
        per_row = _per_row(width, pitch)
        taught, never_seen = -(-n_taught // n_cards), -(-n_held_out // n_cards)
        return -(-taught // per_row) + -(-never_seen // per_row)

    for pitch, n_apart in ((6, 3), (4, 2), (3, 2), (2, 2), (2, 1)):
        if rows_needed(1, pitch) <= -(-n_rows // n_apart):
            return 1, pitch, n_apart
    n_cards = max(1, (n_taught + n_held_out) // (width * n_rows))
    while rows_needed(n_cards, 1) > n_rows and n_cards < n_taught + n_held_out:
        n_cards += 1
    return n_cards, 1, 1


def _per_row(width: int, pitch: int) -> int:
    return (width + pitch - 1) // pitch


def worst(marks: bytes, n_cards: int) -> bytes:
    if n_cards == 1:
        return marks
    return bytes(min(marks[i : i + n_cards]) for i in range(0, len(marks), n_cards))


def _asked(marks: bytes) -> bytes:
    return marks.translate(None, bytes([NOT_ASKED]))


def _places(view: WallView, mask: bytes) -> tuple[int | None, int | None]:
    """Where the current card is among the taught cards shown, and among those never seen."""
    index = view.current
    if index is None or index >= len(mask) or view.marks[index] == NOT_ASKED:
        return None, None
    before = zip(view.marks[:index], mask[:index], strict=True)
    place = sum(mark != NOT_ASKED and kind == mask[index] for mark, kind in before)
    return (None, place) if mask[index] else (place, None)


def _rows(
    cells: bytes, width: int, pitch: int, signs: dict[int, str], lit: int | None
) -> list[Row]:
    space, per_row = " " * (pitch - 1), _per_row(width, pitch)
    rows: list[Row] = []
    for start in range(0, len(cells), per_row):
        line = cells[start : start + per_row]
        row: Row = []
        for mark, run in groupby(line):
            row.append(((signs[mark] + space) * len(list(run)), STYLES[mark]))
        if lit is not None and start <= lit < start + per_row:
            row = _lit_at(row, (lit - start) * pitch)
        rows.append(row)
    return rows


def _lit_at(row: Row, x: int) -> Row:
    parts: Row = []
    for text, style in row:
        if 0 <= x < len(text):
            parts += [(text[:x], style), (text[x], LIT), (text[x + 1 :], style)]
        else:
            parts.append((text, style))
        x -= len(text)
    return parts


def _legend(has_never_seen: bool, width: int) -> Row:
    def both(mark: int) -> str:
        return TAUGHT_SIGNS[mark] + (NEVER_SEEN_SIGNS[mark] if has_never_seen else "")

    row: Row = []
    for mark, name in ((RIGHT, tr("right")), (NEARLY, tr("nearly")), (WRONG, tr("wrong"))):
        row += [("  " if row else "", ""), (both(mark), STYLES[mark]), (f" {name}", ".muted")]
    never_seen: Row = [(f"◆ {tr('never seen')}", ".unseen")] if has_never_seen else []
    return spread(row, never_seen, width)
