"""The list of cards: what is asked about them, about once a second, for a long list of which a
window is known; and one page of rows. Only what is on screen is drawn."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len
from textual.message import Message

from flashcards.app.widgets import table
from flashcards.app.widgets.bars import history_marks
from flashcards.app.widgets.cells import (
    ListSheet,
    Part,
    Row,
    cut,
    fitting,
    on_cursor,
    row_width,
    wrap,
)
from flashcards.app.widgets.table import Column
from flashcards.base.language import tr
from flashcards.runs import commands, events, values
from flashcards.runs.state import RunState
from flashcards.wording import facts, lesson, numbers

SORTS: dict[values.CardSort, str] = {
    "deck": "in the order of the deck",
    "hardest": "taught cards first, most often wrong on top",
    "forgotten": "most often lost first",
    "section": "by section",
}
"""The orders, each with its name in English."""

REFRESH_S = 1.0
N_PAGES_AHEAD = 2
"""Pages known on each side of the one that is shown, so that leafing needs no waiting."""

MAX_ASKED = 500


class CardQuestions(ABC):
    """Asks one question at a time; the next one asks for what is wanted by then."""

    _under_way: commands.ListCards | None = None
    _step = _asked_at_step = -1
    _asked_at_s = 0.0

    def is_due(self, now_s: float, state: RunState) -> bool:
        """Tell whether to ask now, `now_s` in seconds: about once a second, and at once where a
        lesson stopped at a step that was not asked about."""
        if self._under_way is not None:
            return False
        has_stopped = state.liveness != "learning" and state.step > self._asked_at_step
        is_time = has_stopped or now_s - self._asked_at_s >= REFRESH_S
        return self._is_missing or (state.step > self._step and is_time)

    def wanted(self, now_s: float, state: RunState) -> commands.ListCards | None:
        """Return what to ask for now, `now_s` in seconds; None when nothing is due."""
        if not self.is_due(now_s, state):
            return None
        self._asked_at_s, self._asked_at_step = now_s, state.step
        self._under_way = self._question()
        return self._under_way

    def take(self, question: commands.ListCards, listed: events.CardsListed | None) -> None:
        """Take the reply to a question, None without one; not that to a forgotten question."""
        if question is self._under_way:
            self._under_way = None
            if listed is not None:
                self._learn(question, listed)

    @property
    @abstractmethod
    def _is_missing(self) -> bool: ...
    @abstractmethod
    def _question(self) -> commands.ListCards: ...
    @abstractmethod
    def _learn(self, question: commands.ListCards, listed: events.CardsListed) -> None: ...


class CardList(CardQuestions):
    """The list, and the places in it, from 0, of the chosen card and of the first one shown;
    `total` is None until the first reply."""

    def __init__(self) -> None:
        self.sort: values.CardSort = "deck"
        self.filter = ""
        self.cursor = 0
        self.top = 0
        self.n_visible = 1
        self.total: int | None = None
        self._rows: dict[int, values.CardRow] = {}
        self._listed_as: tuple[values.CardSort, str] | None = None

    @property
    def rows_in_sight(self) -> tuple[values.CardRow | None, ...]:
        n = min(self.n_visible, max(0, (self.total or 0) - self.top))
        return tuple(self._rows.get(place) for place in range(self.top, self.top + n))

    @property
    def chosen(self) -> values.CardRow | None:
        return self._rows.get(self.cursor)

    @property
    def is_current(self) -> bool:
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

    def _question(self) -> commands.ListCards:
        n_around = N_PAGES_AHEAD * self.n_visible
        offset = max(0, self.top - n_around) if self.is_current else 0
        n_rows = min(MAX_ASKED, self.n_visible + 2 * n_around)
        return commands.ListCards(sort=self.sort, filter=self.filter, offset=offset, n_rows=n_rows)

    def _learn(self, question: commands.ListCards, listed: events.CardsListed) -> None:
        listed_as = (question.sort, question.filter)
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


def found_in(cards: CardList) -> str:
    """Say what the first page of those most often wrong has in common; "" for nothing."""
    sections = [row.section for row in cards.rows_in_sight if row and row.history.count("w") > 2]
    is_whole = cards.sort == "hardest" and len(sections) == cards.n_visible
    if not is_whole or cards.top or cards.filter or not sections[0] or len({*sections}) > 1:
        return ""
    text = "These {n} cards, wrong most often, are all “{section}”."
    return tr(text, n=len(sections), section=facts.section_name(sections[0]))


CURSOR = "▸ "
WIDE, WIDER, NARROW = 100, 140, 70
MOST_MARKS = 31  # of a card that are kept
MAX_NAMED = 24  # cells of a prompt in a sentence
N_MARKS = 24  # of these that are shown where their number says nothing
LEAST_MARKS = 8  # that tell right from wrong of late
LEAST_TEXTS = 18  # cells that prompts and answers keep beside marks and words


class TableView(Struct, frozen=True):
    """One page of the list, or a `message`; a row is None while it is on its way. `top` and
    `cursor` are places in the list of `total` rows; `n_cards` make room for the largest number.
    `counts_wrong`: what the list is ordered by has a column of its own."""

    rows: tuple[values.CardRow | None, ...] = ()
    top: int = 0
    cursor: int = 0
    total: int = 0
    n_cards: int = 0
    has_sections: bool = False
    message: str = ""
    counts_wrong: bool = False


def columns(
    width: int,
    n_cards: int,
    has_sections: bool,
    counts_wrong: bool = False,
    rows: Sequence[values.CardRow | None] = (),
) -> tuple[list[Column[values.CardRow]], str]:
    """The columns that fit, and the gap between them; prompt, answer and marks share the rest. What
    is said of these rows in words goes where there is no room for prompts and answers."""
    gap = "  " if width >= WIDE else " "
    number_width = max(4, len(numbers.count(n_cards)), len(tr("card")))
    number = Column(tr("card"), number_width, _number, is_right=True)
    sections = []
    if has_sections and width >= NARROW:
        section_width = 20 if width >= WIDER else 12 if width >= WIDE else 9
        sections = [Column(tr("section"), section_width, _section)]
    stamp = Column(tr("taught"), len(lesson.stamp_label("not_yet_taught", 0)), stamp_of)
    wrong_width = max(len(tr("wrong")), len(numbers.n_of(MOST_MARKS, MOST_MARKS)))
    counted = [Column(tr("wrong"), wrong_width, _wrong, is_right=True)] if counts_wrong else []
    numbered = [] if sections and width < WIDE else [number]
    for last in ([*counted, _course_column(rows)], counted):
        fixed = [*numbered, *sections, stamp, *last]
        left = width - len(CURSOR) - sum(column.width for column in fixed)
        left -= (len(fixed) + 3) * len(gap)
        if left >= LEAST_MARKS + LEAST_TEXTS:
            break
    n_marks = N_MARKS if left > 48 else max(LEAST_MARKS, left // 3)
    if counts_wrong and left >= MOST_MARKS + LEAST_TEXTS:
        n_marks = MOST_MARKS  # as many as are counted
    prompt_width = max(4, (left - n_marks + 1) * 11 // 20)
    answer_width = max(4, left - n_marks - prompt_width)
    newest = fitting(n_marks, tr("last answers"), tr("last {n}", n=numbers.count(n_marks)))
    return [
        *numbered,
        Column(tr("prompt"), prompt_width, _prompt),
        Column(tr("right is"), answer_width, lambda card: (card.answer, "")),
        *sections,
        stamp,
        Column(newest, n_marks, _NewestAnswers(n_marks), is_right=True),
        *last,
    ], gap


def says_courses(drawn: Sequence[Column[values.CardRow]]) -> bool:
    """Tell whether one of these columns says in words how a card went."""
    return any(column.cell is _course for column in drawn)


def n_marks_drawn(drawn: Sequence[Column[values.CardRow]]) -> int:
    """Return how many of a card's answers these columns show as marks, at most."""
    return max(c.cell.n_marks for c in drawn if isinstance(c.cell, _NewestAnswers))


def _course_column(rows: Sequence[values.CardRow | None]) -> Column[values.CardRow]:
    """As wide as its words need with numbers of up to four digits, so that it rarely moves."""
    head = tr("how it went")
    courses = [tr(text, step="9,999", n="99") for text in COURSES]
    courses += [course_of(row) for row in rows if row is not None]
    return Column(head, max(map(cell_len, (head, *courses))), _course)


def _number(card: values.CardRow) -> Part:
    return numbers.count(card.card_index + 1), ".muted"


def _section(card: values.CardRow) -> Part:
    return facts.section_name(card.section), ".muted"


def _prompt(card: values.CardRow) -> Part:
    return card.prompt, ".wrong" if _is_wrong_now(card) else ".strong"


def was_wrong(card: values.CardRow | None) -> bool:
    """Tell whether any of its last answers was not right, or nobody knows yet (None)."""
    return card is None or card.history.count("r") < len(card.history)


def _is_wrong_now(card: values.CardRow) -> bool:
    return bool(card.history) and not card.history.endswith("r")


class _NewestAnswers(Struct, frozen=True):
    """A card's newest answers, at most so many, as marks."""

    n_marks: int

    def __call__(self, card: values.CardRow) -> Part | Row:
        if card.is_never_seen and not card.history:
            return "–", ".muted"
        return history_marks(card.history, self.n_marks)


def _wrong(card: values.CardRow) -> Part:
    n_wrong = _n_wrong(card)
    style = ".wrong" if n_wrong else ".muted"
    return numbers.n_of(n_wrong, len(card.history)) if card.history else "", style


def stamp_of(card: values.CardRow) -> Part:
    if card.is_known_before:
        return tr("knew it before").upper(), ".strong"
    if card.is_never_seen:
        return lesson.stamp_label("held_out", 0), ".unseen"
    if card.times_seen:
        return lesson.stamp_label("seen", card.times_seen), ".taught"
    return lesson.stamp_label("not_yet_taught", 0), ".muted"


def _is_not_yet_taught(card: values.CardRow) -> bool:
    return not (card.times_seen or card.is_never_seen or card.is_known_before)


def legend(
    rows: Sequence[values.CardRow | None],
    *,
    n_marks: int = MOST_MARKS,
    says_courses: bool = True,
    counts_wrong: bool = False,
    n_kept_back: int = 0,
    is_of_several: bool = False,
) -> list[str]:
    """Explain the signs and columns of these rows, of a deck with so many cards kept back, in
    sentences; where there is no room for all, the last ones can be left out. `n_marks`: so many of
    a card's answers are shown. `says_courses`: a column says how each card went. `is_of_several`:
    earlier decks have cards in the list, too."""
    parts = [tr("✓ right, ✗ wrong, the newest last.")]
    if hardest := _hardest(rows, MOST_MARKS if counts_wrong else n_marks):
        parts.append(hardest)
    if is_of_several and n_kept_back:
        parts.append(
            tr("NEVER TAUGHT: kept back, asked in exams; {n:,} of this deck.", n=n_kept_back)
        )
    elif not n_kept_back:
        parts.append(tr("No card of this deck is kept back."))
    elif n_here := sum(row is not None and row.is_never_seen for row in rows):
        text = "NEVER TAUGHT: kept back, asked in exams; {n:,} of {of:,} in sight."
        parts.append(tr(text, n=n_here, of=n_kept_back))
    else:
        parts.append(tr("None of these is kept back; {n:,} of the deck are.", n=n_kept_back))
    if any(row is not None and _is_not_yet_taught(row) for row in rows):
        parts.append(tr("NOT YET TAUGHT: its turn comes."))
    if same := _same_answer(rows):
        parts.append(same)
    if counts_wrong:
        are_all_kept = all(row is None or len(row.history) < MOST_MARKS for row in rows)
        text = "Wrong: in how many of its last {n} answers."
        if are_all_kept:
            text = "Wrong: in how many of its answers so far."
        parts.append(tr(text, n=MOST_MARKS))
    has_lost = any(row is not None and row.n_forgotten for row in rows)
    if has_lost and says_courses:
        parts.append(tr("Lost: it was right and became wrong."))
    wrong = [row.prompt for row in rows if row is not None and _is_wrong_now(row)]
    # a picture has its own colour
    if not says_courses and any(char.isalnum() for prompt in wrong for char in prompt):
        parts.append(tr("Coloured prompt: wrong when last asked."))
    return parts


def as_many_as_fit(parts: Sequence[str], width: int, n_lines: int) -> str:
    """The first of these sentences, as many as can be read whole in so many lines."""
    fits = [
        text
        for n in range(1, len(parts) + 1)
        if len(wrap(text := " ".join(parts[:n]), width, n_lines + 1)) <= n_lines
    ]
    return fits[-1] if fits else " ".join(parts[:1])


COURSES = (
    "never right",
    "right, asked once",
    "right each time",
    "right since step {step}",
    "lost {n}×, right again",
    "lost {n}×, wrong now",
)
"""Words for how a card went, in English."""


def course_of(card: values.CardRow) -> str:
    """Say how this card went, in a few words; "" where its turn comes, and of one that a model of
    others knew before. What is known of a taught card is from before it was last taught."""
    history = card.history
    if not history and card.is_never_seen:
        return tr("not asked yet")
    if not history or card.is_known_before:
        return ""
    never, once, each_time, since, lost_and_right, lost = COURSES
    if card.first_right_step is None:
        return tr(never)
    if _is_wrong_now(card):
        return tr(lost, n=numbers.count(card.n_forgotten))
    if card.n_forgotten:
        return tr(lost_and_right, n=numbers.count(card.n_forgotten))
    if not _n_wrong(card) and len(history) < MOST_MARKS:
        return tr(once if len(history) == 1 else each_time)
    return tr(since, step=numbers.count(card.first_right_step))


def _course(card: values.CardRow) -> Part:
    return course_of(card), ".wrong" if _is_wrong_now(card) else ""


FEW_ANSWERS = 3  # with fewer, chance says which card is hardest


def _hardest(rows: Sequence[values.CardRow | None], n_newest: int) -> str:
    """Say which of these taught cards was wrong in the largest share of its newest answers, of so
    many as the page shows or counts; "" where none was wrong, or two were wrong as often."""
    known = [
        replace(row, history=row.history[-n_newest:])
        for row in rows
        if row is not None and row.history and not row.is_never_seen
    ]
    if len(known) < 2:
        return ""
    hardest, second = sorted(known, key=_share_wrong, reverse=True)[:2]
    is_clear = _share_wrong(hardest) > _share_wrong(second)
    if not is_clear or len(hardest.history) < FEW_ANSWERS:
        return ""
    return tr(
        "Hardest here: {prompt}, {n} of its last {of} answers were wrong.",
        prompt=facts.quoted(cut(hardest.prompt, MAX_NAMED)),
        n=_n_wrong(hardest),
        of=len(hardest.history),
    )


def _n_wrong(card: values.CardRow) -> int:
    return len(card.history) - card.history.count("r")


def _share_wrong(card: values.CardRow) -> float:
    return _n_wrong(card) / len(card.history)


MANY_ALIKE, ALIKE = 6, 0.4
"""So many rows, and such a share of those listed, have one answer: then that is said."""


def _same_answer(rows: Sequence[values.CardRow | None]) -> str:
    """Say which answer many of these cards share; "" where they don't."""
    answers = Counter(row.answer for row in rows if row is not None)
    for answer, n in answers.most_common(1):
        if n >= max(MANY_ALIKE, ALIKE * len(rows)):
            text = "{n} of these have the same answer, {answer}: a good guess."
            return tr(text, n=numbers.n_of(n, len(rows)), answer=facts.quoted(answer))
    return ""


class CardTable(ListSheet[TableView]):
    class Resized(Message):
        """Another number of rows fits."""

    @property
    def n_rows(self) -> int:
        return max(0, self.size.height - 1)

    def draw(self, view: TableView, width: int, height: int) -> list[Row]:
        drawn, gap = columns(
            width - 1,
            view.n_cards,
            view.has_sections,
            view.counts_wrong,
            view.rows,
        )
        head: Row = [(" " * len(CURSOR), ""), *table.heading(drawn, gap)]
        if not any(view.rows) and view.message:
            return [head, [], [(" " * len(CURSOR), ""), (cut(view.message, width), ".muted")]]
        bar = scroll_bar(view.top, len(view.rows), view.total, height - 1)
        rows = [head]
        for i in range(height - 1):
            row: Row = [(" " * (width - 1), "")]
            if i < len(view.rows):
                card = view.rows[i]
                is_chosen = view.top + i == view.cursor
                row = [(CURSOR if is_chosen else "  ", ".strong")]
                row += [("·", ".muted")] if card is None else table.line(drawn, card, gap)
                row.append((" " * (width - 1 - row_width(row)), ""))
                if is_chosen:
                    row = on_cursor(row)
            rows.append([*row, bar[i]])
        return rows

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def place_at(self, screen_y: int) -> int | None:
        row = screen_y - self.region.y - 1
        if self.showing is None or not 0 <= row < len(self.showing.rows):
            return None
        return self.showing.top + row


def scroll_bar(top: int, n_shown: int, total: int, height: int) -> Row:
    """A cell a row: where the page is in the list. Blank when all of it is shown."""
    if n_shown >= total or height <= 0:
        return [(" ", "")] * max(0, height)
    size = max(1, round(height * n_shown / total))
    start = round((height - size) * top / max(1, total - n_shown))
    return [
        ("█", ".title") if start <= i < start + size else ("│", ".track") for i in range(height)
    ]
