"""View 6: the model from inside: a map of its pieces, its weights, its attention. It asks twice a
second while it is open and the lesson goes on; closed, it costs nothing."""

import math
import unicodedata
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual import work

from flashcards.app.room import StatusLine
from flashcards.app.run.run import NoAnswer
from flashcards.app.session import Session
from flashcards.app.view import KeyedView, hidden
from flashcards.app.widgets.cells import Row, Sheet, cut, merged, padded, wrap
from flashcards.app.widgets.emoji import pictured
from flashcards.app.widgets.frame import TitleLine, VerdictView
from flashcards.app.widgets.heat import blocks
from flashcards.base.keyed_text import sentences
from flashcards.base.language import format_number, tr
from flashcards.runs import commands, details, events
from flashcards.runs.state import RunState
from flashcards.wording import numbers, pieces

MAX_LABEL_WIDTH = 8
_AROUND = ((0, 0), (0, 1), (0, -1), (2, 0), (-2, 0), (2, 1), (-2, 1), (2, -1), (-2, -1))
"""Offsets at which a label is tried, nearest first: columns and rows off its place."""


def map_rows(
    points: Sequence[details.MapPoint], width: int, height: int, bright: Collection[str] = ()
) -> tuple[list[Row], int]:
    """The map in that many cells, and how many labels had no room (dots stand for them). Pieces
    that can be said get room first, then those further out."""
    cells: list[list[tuple[str, str] | None]] = [[None] * width for _ in range(height)]
    ranked = sorted(points, key=lambda p: (not p.is_sayable, -math.hypot(p.x, p.y)))
    n_left = 0
    for point in ranked:
        text = pieces.visible(point.text) or "·"
        text = cut(text, MAX_LABEL_WIDTH)
        if cell_len(text) == 0:
            text = "◌" + text
        x = round((point.x + 1) / 2 * (width - 1)) - cell_len(text) // 2
        y = round((1 - point.y) / 2 * (height - 1))
        style = ".strong" if point.is_sayable else ".muted"
        if point.text in bright:
            style = ".lit-text"
        if not any(_put(cells, x + dx, y + dy, text, style) for dx, dy in _AROUND):
            n_left += 1
            _put(cells, x + cell_len(text) // 2, y, "·", ".track")
    drawn = [merged([cell or (" ", "") for cell in line]) for line in cells]
    return [row[:-1] if not row[-1][1] else row for row in drawn], n_left


LEAST_GAP, MOST_APART = 0.25, 8  # of the map, from -1 to 1; of the pieces


def apart_on_map(points: Sequence[details.MapPoint]) -> list[str]:
    """The few letters, at least three, on one side of the widest gap; [] where none is wide."""
    letters = sorted((point for point in points if point.text.isalnum()), key=lambda point: point.x)
    gaps = [(b.x - a.x, i) for i, (a, b) in enumerate(pairwise(letters), 1)]
    few = [
        (gap, min(letters[:i], letters[i:], key=len))
        for gap, i in gaps
        if gap >= LEAST_GAP and 3 <= min(i, len(letters) - i) <= MOST_APART
    ]
    return sorted(point.text for point in max(few, key=lambda group: group[0])[1]) if few else []


def _put(cells: list[list[tuple[str, str] | None]], x: int, y: int, text: str, style: str) -> bool:
    """Write the text there if nothing is in the way, a blank on both sides left free."""
    width, height = len(cells[0]), len(cells)
    n = cell_len(text)
    x = min(max(0, x), max(0, width - n))
    if n > width or not 0 <= y < height:
        return False
    if any(cells[y][i] is not None for i in range(max(0, x - 1), min(width, x + n + 1))):
        return False
    cells[y][x] = (text, style)
    for i in range(x + 1, x + n):
        cells[y][i] = ("", "")
    return True


LABEL_WIDTH = 20
N_PURPOSE = 3  # lines of what a page shows, at most
GAP = 2


def weight_rows(maps: tuple[details.WeightMap, ...], width: int, height: int) -> list[Row]:
    if not maps:
        return []
    half = max(4, (width - LABEL_WIDTH - GAP) // 2)
    half = min(half, max(weight_map.n_columns for weight_map in maps))
    heading: Row = [
        (" " * LABEL_WIDTH, ""),
        (padded(tr("size now"), half), ".muted"),
        (" " * GAP, ""),
        (padded(tr("moved since the start"), half), ".muted"),
    ]
    rows: list[Row] = [heading]
    n_each = max(1, (height - 1) // len(maps))
    has_gap = n_each >= 3
    for weight_map in maps:
        rows += _part(weight_map, half, n_each - has_gap)
        rows += [[]] if has_gap else []
    return rows[:height]


def _part(weight_map: details.WeightMap, half: int, n_lines: int) -> list[Row]:
    size, moved = (
        blocks(details.unpacked(levels), weight_map.n_columns, half, n_lines)
        for levels in (weight_map.size, weight_map.moved)
    )
    moved_by = moved_share(weight_map.relative_moved)
    name = padded(part(weight_map), LABEL_WIDTH - 1 - cell_len(moved_by)) + moved_by
    labels = [
        name,
        tr("numbers up to {top}", top=numbers.small(weight_map.size_top)),
        *[""] * n_lines,
    ]
    return [
        [
            (padded(cut(label, LABEL_WIDTH - 1), LABEL_WIDTH), ".strong" if i == 0 else ".muted"),
            (padded(left, half), ".taught"),
            (" " * GAP, ""),
            (padded(right, half), ".lit-text"),
        ]
        for i, (label, left, right) in enumerate(zip(labels, size, moved, strict=False))
    ]


def part(weight_map: details.WeightMap) -> str:
    """1 attention; pieces in."""
    if weight_map.layer:
        return f"{weight_map.layer} {tr(pieces.PART_NAMES[weight_map.name])}"
    return tr(pieces.PART_NAMES[weight_map.name])


def moved_share(share: float) -> str:
    """A distance against a size: 31 %, or 4.2 times."""
    if not math.isfinite(share):
        return "–"
    return numbers.chance(share) if share < 0.995 else f"{format_number(share, '.1f')}×"


LOOK_EVERY_S = 0.5
MOVED_LITTLE = 0.1  # of their length: letters still stand where chance put them
PATIENCE_S = 60.0  # a look waits for an exam of a model of others, which takes seconds
Page = Literal["map", "weights"]
PAGES: dict[Page, str] = {
    "map": "What did it find out about letters?",
    "weights": "All its numbers, and how far each moved",
}
PURPOSES: dict[Page, str] = {
    "map": "Letters near each other: it tends to treat them alike. Nobody told it to.",
    "weights": "Where is a card kept? Nowhere alone: one correction moves nearly all.",
}
"""Sentences about what each page shows, and what for."""
OF_OTHERS: dict[str, str] = {
    PAGES["map"]: "What did it find out about words and their parts?",
    PURPOSES["map"]: "Parts near each other: it tends to treat them alike. Nobody told it to.",
}
"""The same of a model that others have trained, whose pieces are longer than a letter."""


class InsideShown(Struct, frozen=True):
    page: Page = "map"
    seen: events.InsideSeen | None = None
    message: str = ""
    is_from_chance: bool = True
    is_part_learned: bool = False  # the others of its numbers stay as they are
    is_of_others: bool = False

    @property
    def title(self) -> str:
        return self._text(PAGES[self.page])

    def _text(self, text: str) -> str:
        return tr(OF_OTHERS.get(text, text) if self.is_of_others else text)

    @property
    def is_by_chance(self) -> bool:
        """True while the letters still stand about where chance put them."""
        parts = () if self.seen is None else self.seen.weights
        moved = next((part.relative_moved for part in parts if part.name == "embedding"), 1.0)
        return self.is_from_chance and moved < MOVED_LITTLE

    @property
    def apart(self) -> list[str]:
        """The few letters that stand apart, once that is more than chance."""
        return [] if self.seen is None or self.is_by_chance else apart_on_map(_letters(self.seen))

    @property
    def purpose(self) -> str:
        """A sentence on what this page shows."""
        parts = () if self.seen is None else self.seen.weights
        has_moved = {part.relative_moved > 0 for part in parts}
        if self.page == "weights" and (self.is_part_learned or has_moved == {True, False}):
            return tr(
                "Where is a card kept? Nowhere alone: one correction moves all numbers that learn. "
                "The others stay."
            )
        purpose = self._text(PURPOSES[self.page])
        if self.page == "map" and self.is_by_chance:
            purpose = tr(
                "Nothing yet: chance put them here. Later those that it treats alike come near "
                "each other, though nobody tells it to."
            )
        letters = () if self.seen is None else _letters(self.seen)
        drawn_grey = {not letter.is_sayable for letter in letters if not pictured(letter.text)}
        if self.page == "map" and drawn_grey == {True, False}:  # a picture keeps its colours
            return sentences(purpose, tr("Grey ones occur in no answer."))
        return purpose


class InsideSheet(Sheet[InsideShown]):
    def draw(self, view: InsideShown, width: int, height: int) -> list[Row]:
        seen = view.seen
        if seen is None or (view.page == "weights" and not seen.weights):
            return [[], *([(line, ".muted")] for line in wrap(view.message, width, height - 1))]
        purpose: list[Row] = [[(line, "")] for line in wrap(view.purpose, width, N_PURPOSE)]
        height -= len(purpose) + 1
        match view.page:
            case "map":
                letters = _letters(seen)
                rows = map_rows(letters, width, max(1, height), view.apart)[0]
            case "weights":
                rows = weight_rows(seen.weights, width, height)
        return [*purpose, [], *rows]

    def n_left(self) -> int:
        if self.showing is None or self.showing.seen is None:
            return 0
        width, height = self.content_size
        height -= len(wrap(self.showing.purpose, width, N_PURPOSE)) + 1
        letters = _letters(self.showing.seen)
        return map_rows(letters, width, height)[1] if width and height > 0 else 0


class InsideView(KeyedView):
    SHOWS_PAST = True
    SHOWS_CARD = True
    CSS_PATH = "inside.tcss"
    PARTS = (TitleLine, InsideSheet)
    BINDINGS = hidden(tab="turn(1)", shift_tab="turn(-1)")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._inside = InsideShown(message=tr("looking inside…"))
        self._question: commands.LookInside | None = None  # that is not answered yet
        self._asked_at_s = 0.0
        self._asked_past: int | None = None
        self._n_maps: int | None = None  # that are drawn of a model of others; None for all
        self._asked_n_maps: int | None = None
        self._step = -1

    @property
    def is_due(self) -> bool:
        return self._is_changed or self._is_time()

    def _is_time(self) -> bool:
        past = None if self.past is None else self.past.step
        seen = self._inside.seen
        if past != self._asked_past or self._question is not None:
            return past != self._asked_past
        if seen is None or self._n_maps != self._asked_n_maps:
            return True
        if past is not None:
            return seen.step != past
        waited_s = self.session.clock() - self._asked_at_s
        return waited_s >= LOOK_EVERY_S and seen.step != self._step

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        self._step = state.step
        if state.liveness == "failed" and self._inside.seen is None:
            self._inside = replace(self._inside, message=tr("The trainer has stopped."))
        if state.start is not None:
            start = state.start
            self._inside = replace(
                self._inside,
                is_from_chance=not start.base and not state.life.earlier,
                is_part_learned=start.is_part_learned,
                is_of_others=bool(start.base),
            )
            self._n_maps = self._n_drawn() if start.base else None
        if state.start is not None and state.liveness != "failed" and self._is_time():
            self._ask()
        inside = self._inside
        seen = inside.seen
        if self.past is not None and seen is not None and seen.step != self.past.step:
            step = numbers.count(self.past.step)
            message = tr("The model of step {step} is being computed…", step=step)
            inside = replace(inside, seen=None, message=message)
        self.query_one(TitleLine).show(([(inside.title, ".strong")], ""))
        sheet = self.query_one(InsideSheet)
        sheet.show(inside)
        n_numbers = 0 if state.start is None else state.start.n_parameters
        self.name_keys((tr("tab"), tr("map, numbers")))
        if sentence.tone == "bad":
            return sentence
        meaning = _meaning(inside, sheet.n_left, n_numbers)
        return replace(meaning, tail=notice.enter) if meaning.text else VerdictView(notice.whole)

    def _n_drawn(self) -> int:
        """The heat maps that this page has room for: those of a large model take seconds."""
        if self._inside.page == "map":
            return 0
        width, height = self.query_one(InsideSheet).content_size
        return max(1, height - len(wrap(self._inside.purpose, width, 2)) - 2)

    def _ask(self) -> None:
        """Ask for the model, with the map it is to resemble: past and live are other processes."""
        past = None if self.past is None else self.past.step
        is_elsewhere = (past is None) != (self._asked_past is None)
        seen = self._inside.seen
        like = seen.points if is_elsewhere and seen is not None else ()
        self._asked_at_s = self.session.clock()
        self._asked_past = past
        self._asked_n_maps = self._n_maps
        self._question = commands.LookInside(like=like, n_maps=self._n_maps)
        self._look(self._question)

    @work(group="look", exclusive=True)
    async def _look(self, question: commands.LookInside) -> None:
        try:
            seen = await self.session.ask(question, events.InsideSeen, PATIENCE_S)
        except NoAnswer:
            return
        finally:
            if self._question is question:  # else a newer one is in its place
                self._question = None
        self._change(seen=seen)
        self.session.paint()

    def _change(self, **changes: Any) -> None:
        self._inside = replace(self._inside, **changes)
        self._is_changed = True

    # Keys

    def action_turn(self, by: int) -> None:
        pages = list(PAGES)
        self._change(page=pages[(pages.index(self._inside.page) + by) % len(pages)])


def _letters(seen: events.InsideSeen) -> list[details.MapPoint]:
    """The pieces without the two that begin and end each answer, and without bytes, the parts of
    letters that have no piece."""
    points = [point for point in seen.points if point.text not in ("→", "⏎")]
    return [point for point in points if not pieces.is_byte(point.text)]


def _meaning(inside: InsideShown, n_left: Callable[[], int], n_numbers: int) -> VerdictView:
    """Explain the page; letters that stand apart come first, in the colour of the map."""
    seen = inside.seen
    if seen is None:
        return VerdictView()
    match inside.page:
        case "map":
            dots = tr("Dots have no room for their names")
            apart = inside.apart
            sentences = (
                kept_apart(apart) if apart else "",
                f"{dots}." if n_left() else "",
            )
            lead = f"{', '.join(map(pieces.visible, apart))}:" if apart else ""
            return VerdictView(" ".join(filter(None, sentences)), lead=lead)
        case "weights":
            if not seen.weights:
                return VerdictView()
            most = max(seen.weights, key=lambda weight_map: weight_map.relative_moved)
            text = (
                "All it knows is in these {n_numbers:,} numbers: a fuller cell has larger ones "
                "(left), or ones that learning moved further since the start (right). Moved most, "
                "compared with their size then: {where}, {by}."
            )
            if seen.n_left:
                text = (
                    "Some of its {n_numbers:,} numbers: a fuller cell has larger ones (left), or "
                    "ones that learning moved further since the start (right). Of these moved "
                    "most, compared with their size then: {where}, {by}."
                )
            text = tr(
                text,
                n_numbers=n_numbers,
                where=tr("layer {part}", part=part(most)) if most.layer else part(most),
                by=moved_share(most.relative_moved),
            )
            return VerdictView(text)


VOWELS = frozenset("aeiouyæœøаеёиоуыэюяαεηιουω")


def kept_apart(letters: Sequence[str]) -> str:
    """Say that it keeps these letters apart, and what they are where that has a name."""
    bases = [unicodedata.normalize("NFD", letter)[0] for letter in letters]
    if all(base.casefold() in VOWELS for base in bases):
        return tr("vowels. It keeps them apart from the other letters.")
    if all(base.isdigit() for base in bases):
        return tr("digits. It keeps them apart from the letters.")
    if all(base.isupper() for base in bases):
        return tr("capital letters. It keeps them apart from the other letters.")
    return tr("it keeps these apart from the rest.")
