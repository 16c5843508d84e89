"""What is asked about cards, about once a second; a long list of which a window is known."""

from abc import ABC, abstractmethod

from flashcards.runs.commands import ListCards
from flashcards.runs.events import CardsListed
from flashcards.runs.values import CardRow, CardSort

IN_GENERAL = "A mark for each time it was taught; never seen: for each exam that asked it."
SORTS: dict[CardSort, tuple[str, str]] = {
    "deck": ("as in the deck", IN_GENERAL),
    "hardest": (
        "hardest first",
        "Most of its last 31 marks not right; then never right; then most taught.",
    ),
    "forgotten": (
        "most forgotten first",
        "Forgotten: a right answer, then one that was not. Relearned: right again.",
    ),
    "section": ("by section", IN_GENERAL),
}
"""The orders, each with its name and what it means, in English."""

REFRESH_S = 1.0
N_PAGES_AHEAD = 2
"""Pages known on each side of the one that is shown, so that leafing needs no waiting."""

MAX_ASKED = 500


class CardQuestions(ABC):
    """Asks one question at a time; the next one asks for what is wanted by then."""

    def __init__(self) -> None:
        self._under_way: ListCards | None = None
        self._step = -1
        self._asked_at_s = 0.0

    def is_due(self, now_s: float, step: int) -> bool:
        if self._under_way is not None:
            return False
        return self._is_missing or (step > self._step and now_s - self._asked_at_s >= REFRESH_S)

    def wanted(self, now_s: float, step: int) -> ListCards | None:
        """What to ask for now, `now_s` in seconds; None when nothing is due."""
        if not self.is_due(now_s, step):
            return None
        self._asked_at_s = now_s
        self._under_way = self._question()
        return self._under_way

    def take(self, asked: ListCards, listed: CardsListed | None) -> None:
        """Take the reply to a question, None without one; not that to a forgotten question."""
        if asked is self._under_way:
            self._under_way = None
            if listed is not None:
                self._learn(asked, listed)

    @property
    @abstractmethod
    def _is_missing(self) -> bool: ...
    @abstractmethod
    def _question(self) -> ListCards: ...
    @abstractmethod
    def _learn(self, asked: ListCards, listed: CardsListed) -> None: ...


class CardList(CardQuestions):
    """The list, and the places in it, from 0, of the chosen card and of the first one shown;
    `total` is None until the first reply."""

    def __init__(self) -> None:
        super().__init__()
        self.sort: CardSort = "deck"
        self.filter = ""
        self.cursor = 0
        self.top = 0
        self.n_visible = 1
        self.total: int | None = None
        self._rows: dict[int, CardRow] = {}
        self._listed_as: tuple[CardSort, str] | None = None

    @property
    def shown(self) -> tuple[CardRow | None, ...]:
        """The rows on screen; None for one that is still on its way."""
        n = min(self.n_visible, max(0, (self.total or 0) - self.top))
        return tuple(self._rows.get(place) for place in range(self.top, self.top + n))

    @property
    def chosen(self) -> CardRow | None:
        return self._rows.get(self.cursor)

    @property
    def is_current(self) -> bool:
        """Whether what is known is of the order and filter that are wanted."""
        return self._listed_as == (self.sort, self.filter)

    def show(self, n_visible: int) -> None:
        self.n_visible = max(1, n_visible)
        self._keep_in_sight()

    def move(self, by: int) -> None:
        self.move_to(self.cursor + by)

    def page(self, by: int) -> None:
        """Move by so many pages; what was at the edge stays in sight."""
        n = by * max(1, self.n_visible - 1)
        self.top += n
        self.move(n)

    def move_to(self, place: int) -> None:
        self.cursor = min(max(0, place), max(0, (self.total or 0) - 1))
        self._keep_in_sight()

    def next_sort(self) -> None:
        sorts = list(SORTS)
        self.sort = sorts[(sorts.index(self.sort) + 1) % len(sorts)]

    def _question(self) -> ListCards:
        n_around = N_PAGES_AHEAD * self.n_visible
        offset = max(0, self.top - n_around) if self.is_current else 0
        n_rows = min(MAX_ASKED, self.n_visible + 2 * n_around)
        return ListCards(sort=self.sort, filter=self.filter, offset=offset, n_rows=n_rows)

    def _learn(self, asked: ListCards, listed: CardsListed) -> None:
        listed_as = (asked.sort, asked.filter)
        if listed_as != (self.sort, self.filter):
            return
        if listed_as != self._listed_as:
            self.cursor = self.top = 0
        self._listed_as = listed_as
        self.total = listed.total
        self._step = min(listed.step, listed.sorted_step)
        self._rows = {listed.offset + i: row for i, row in enumerate(listed.rows)}
        self.move_to(self.cursor)

    def forget(self) -> None:
        """Drop what is known and what was asked: another moment is shown now."""
        self._rows = {}
        self._under_way = None
        self._step = -1

    @property
    def _is_missing(self) -> bool:
        first = max(0, self.top - self.n_visible)
        last = min(self.total or 0, self.top + 2 * self.n_visible) - 1
        is_covered = last < first or (first in self._rows and last in self._rows)
        return not (self.is_current and is_covered)

    def _keep_in_sight(self) -> None:
        last_top = max(0, (self.total or 0) - self.n_visible)
        top = min(max(self.top, self.cursor - self.n_visible + 1), self.cursor)
        self.top = min(max(0, top), last_top)
