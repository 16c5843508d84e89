"""Every card as a cell, or those of the last exam: squares are taught, diamonds never taught,
circles what a model knew before it was taught."""

from collections.abc import Sequence
from itertools import compress, groupby
from math import ceil

from msgspec import Struct
from rich.cells import cell_len

from flashcards.app.widgets.cells import LIT, Row, Sheet, cut, fitting, spread
from flashcards.base.language import tr
from flashcards.runs.marks import NOT_ASKED, ONE_OFF, RIGHT, WRONG, Marks, shown_in_cells
from flashcards.runs.values import OrderName
from flashcards.wording import lesson
from flashcards.wording.numbers import count

TAUGHT_SIGNS = {WRONG: "·", ONE_OFF: "▪", RIGHT: "■"}
NEVER_SEEN_SIGNS = {WRONG: "◇", ONE_OFF: "◈", RIGHT: "◆"}
KNOWN_SIGNS = {WRONG: "○", ONE_OFF: "◐", RIGHT: "●"}
SIGNS = (TAUGHT_SIGNS, NEVER_SEEN_SIGNS, KNOWN_SIGNS)
TAUGHT, NEVER_SEEN, KNOWN = range(3)
SHOWN = (TAUGHT, KNOWN, NEVER_SEEN)  # the kinds of cards, and from top to bottom how they stand
LONG_AND_SHORT = ["the cards asked last", "asked last"]
STYLES = {WRONG: ".wrong", ONE_OFF: "", RIGHT: ".right"}  # orange are here the never taught


class WallView(Struct, frozen=True):
    """One mark a card (see `runs.marks`) and its kind (`kinds_of`), 1 byte each. `current` is the
    card being explained, `order` that in which cards are given out, `as_of` the step of marks that
    are older than the scores. `is_first_round`: not all of them were taught yet."""

    marks: bytes = b""
    kinds: bytes = b""
    current: int | None = None
    order: OrderName = "shuffled"
    as_of: int | None = None
    is_first_round: bool = False


def kinds_of(marks: Marks) -> bytes:
    kinds = bytearray(marks.never_seen.ljust(len(marks.known), b"\0"))
    for place in compress(range(len(kinds)), marks.known):
        kinds[place] = KNOWN
    return bytes(kinds)


class CardWall(Sheet[WallView]):
    def draw(self, view: WallView, width: int, height: int) -> list[Row]:
        kinds = view.kinds or bytes(len(view.marks))
        sides = [_without_unasked(_of_kind(kind, view.marks, kinds)) for kind in SHOWN]
        n_rows = height - 2
        order = "" if view.order == "shuffled" else tr(lesson.ORDERS[view.order][0])
        is_all = sum(map(len, sides)) == len(view.marks)
        name = _wall_title(order, view, width, is_all=is_all)
        head: list[Row] = [[(cut(name, width), ".title")]]
        if not view.marks or n_rows < 1:
            return head
        n_cards, pitch, n_apart = fit([*map(len, sides)], width, n_rows)
        if n_cards > 1:
            note = _of_several(n_cards, width - cell_len(name) - 1)
            if not note and n_rows > 2:
                n_rows -= 1
                n_cards, pitch, n_apart = fit([*map(len, sides)], width, n_rows)
                head.append([(cut(_of_several(n_cards, width), width), ".muted")])
            else:
                head = [spread(head[0], [(note, ".muted")] if note else [], width)]
        cells: list[Row] = []
        for kind, side in zip(SHOWN, sides, strict=True):
            lit = _place(view, kinds, kind) if n_cards == 1 else None
            cells += _rows(in_cells(side, n_cards), width, pitch, SIGNS[kind], lit)
        rows: list[Row] = [[] for _ in range(n_rows)]
        for i, row in enumerate(cells[: -(-n_rows // n_apart)]):
            rows[i * n_apart] = row
        kinds_there = [kind for kind, side in zip(SHOWN, sides, strict=True) if side]
        return [*head, *rows, _legend(kinds_there, width)]


def _wall_title(order: str, view: WallView, width: int, *, is_all: bool) -> str:
    names = [tr(text) for text in (["every card"] if is_all else LONG_AND_SHORT)]
    if view.is_first_round:  # the score of those taught counts fewer cards
        names = [f"{name}, {tr('not all taught yet')}" for name in names]
    titles = [f"{order}: {name}" if order else name for name in names]
    if view.as_of is not None:
        step = tr("as of step {step}", step=count(view.as_of))
        titles = [f"{title}, {step}" for title in (*titles, *names)] + [step]
    return fitting(width, *titles) or titles[-1]


def _of_several(n: int, width: int) -> str:
    """Say for how many cards a cell stands, and in which order; "" without room."""
    texts = ("1 sign = {n:,} cards, right ones first", "1 sign = {n:,} cards")
    return fitting(width, *(tr(text, n=n) for text in texts))


def fit(sizes: Sequence[int], width: int, n_rows: int) -> tuple[int, int, int]:
    """Return how many cards a cell stands for, its columns and its rows, so that all fit."""

    def rows_needed(n_cards: int, pitch: int) -> int:
        per_row = _per_row(width, pitch)
        return sum(ceil(ceil(n / n_cards) / per_row) for n in sizes)

    for pitch, n_apart in ((6, 3), (4, 2), (3, 2), (2, 2), (2, 1)):
        if rows_needed(1, pitch) <= -(-n_rows // n_apart):
            return 1, pitch, n_apart
    n_cards = max(1, sum(sizes) // (width * n_rows))
    while rows_needed(n_cards, 1) > n_rows and n_cards < sum(sizes):
        n_cards += 1
    return n_cards, 1, 1


def _per_row(width: int, pitch: int) -> int:
    return (width + pitch - 1) // pitch


def in_cells(marks: bytes, n_cards: int) -> bytes:
    """The mark of each cell. Where one stands for several cards, none has a place of its own: the
    best come first."""
    if n_cards == 1:
        return marks
    best_first = bytes(sorted(marks, reverse=True))
    return bytes(best_first[at] for at in shown_in_cells(len(marks), n_cards))


def _without_unasked(marks: bytes) -> bytes:
    return marks.translate(None, bytes([NOT_ASKED]))


def _of_kind(kind: int, marks: bytes, kinds: bytes) -> bytes:
    return bytes(mark for mark, of in zip(marks, kinds, strict=False) if of == kind)


def _place(view: WallView, kinds: bytes, kind: int) -> int | None:
    """Find the place of the current card among the cards of its kind that are shown."""
    index = view.current
    if index is None or kinds[index : index + 1] != bytes((kind,)):
        return None
    if view.marks[index] == NOT_ASKED:
        return None
    return len(_without_unasked(_of_kind(kind, view.marks[:index], kinds)))


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


def _legend(kinds: Sequence[int], width: int) -> Row:
    row: Row = []
    names = {RIGHT: tr("right"), ONE_OFF: tr("nearly"), WRONG: tr("wrong")}
    if KNOWN in kinds:  # that name needs the room
        kinds, names = [KNOWN], {RIGHT: names[RIGHT], WRONG: names[WRONG]}
    for mark, name in names.items():
        signs = "".join(SIGNS[TAUGHT if kind == KNOWN else kind][mark] for kind in kinds)
        row += [("  " if row else "", ""), (signs, STYLES[mark]), (f" {name}", ".muted")]
    named: Row = []
    if KNOWN in kinds:
        named = [(f"● {tr('knew before')}", ".strong")]
    elif NEVER_SEEN in kinds:
        named = [(tr("diamonds: never taught"), ".muted")]
    return spread(row, named, width)
