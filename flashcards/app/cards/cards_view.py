"""View 2: every card with its history, as a list; Enter opens one, with all it was heard to say.
It asks for a window of the list, about once a second; closed, it costs nothing."""

import asyncio
import contextlib
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widgets import Input

from flashcards.app.cards.card_page import CardFacts, CardStory, GuessesView, GuessList
from flashcards.app.cards.card_table import (
    SORTS,
    CardList,
    CardTable,
    TableView,
    as_many_as_fit,
    columns,
    found_in,
    legend,
    n_marks_drawn,
    says_courses,
    stamp_of,
    was_wrong,
)
from flashcards.app.room import NO_LINE, LineRank, StatusLine
from flashcards.app.run.run import NoAnswer
from flashcards.app.run.travel import PastShown
from flashcards.app.session import Session
from flashcards.app.textual_fixes.screens import PromptInput
from flashcards.app.view import KeyedView, hidden, sentence_of
from flashcards.app.widgets.card_face import CardFace, CardView
from flashcards.app.widgets.cells import Row
from flashcards.app.widgets.frame import (
    KeysLine,
    RunHeader,
    TitleLine,
    VerdictLine,
    VerdictView,
)
from flashcards.base.language import tr
from flashcards.runs.commands import AskPast, ListCards
from flashcards.runs.events import CardsListed, PastAnswered
from flashcards.runs.guesses import PastGuesses, read_guesses
from flashcards.runs.markers import AnyMarker
from flashcards.runs.state import RunState
from flashcards.wording.facts import quoted, section_name
from flashcards.wording.numbers import count

MAX_FILTER_LENGTH = 100
WHEEL_ROWS = 3


def _computing(step: int) -> str:
    text = "This is the past, step {step}: its cards are being computed, one moment."
    return tr(text, step=count(step))


class CardsView(KeyedView):
    CSS_PATH = "cards.tcss"
    SHOWS_PAST = True
    SHOWS_CARD = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *hidden(enter="open", slash="filter", s="next_sort", escape="back"),
        *hidden(up="move(-1)", down="move(1)", pageup="page(-1)", pagedown="page(1)"),
        *hidden(home="end_of_list(-1)", end="end_of_list(1)"),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._list = CardList()
        self._past_step: int | None = None
        self._state = RunState()
        self._trouble: VerdictView | None = None
        self._story: CardStory | None = None

    def compose(self) -> ComposeResult:
        yield RunHeader()
        with Vertical(id="card-list"):
            yield TitleLine(id="cards-title")
            yield PromptInput(
                placeholder=tr("text in prompt, answer or section"),
                max_length=MAX_FILTER_LENGTH,
                select_on_focus=False,
                id="card-filter",
            )
            yield CardTable()
            yield VerdictLine(id="cards-note")
        with Vertical(id="card-page"):
            with Container(id="card-top"):
                yield CardFace()
                yield CardFacts()
            yield GuessList()
        yield KeysLine()

    def on_mount(self) -> None:
        self.query_one("#card-filter").display = False
        self._show_page(False)

    @property
    def is_due(self) -> bool:
        return self._source.is_due(self.session.clock(), self._state)

    @property
    def _source(self) -> CardList | CardStory:
        return self._list if self._story is None else self._story

    def show_past(self, past: PastShown | None, markers: tuple[AnyMarker, ...]) -> None:
        step = None if past is None else past.step
        if step != self._past_step:
            self._past_step = step
            self._list.forget()
        super().show_past(past, markers)

    def paint(
        self, state: RunState, *, is_stalled: bool = False, notice: StatusLine = NO_LINE
    ) -> None:
        self._state = state
        sentence = sentence_of(state, is_stalled, notice)
        self._trouble = None
        if sentence.tone == "bad":
            self._trouble = replace(sentence, tail="")
        elif notice.rank == LineRank.REGIME and state.steps.can_rewind:
            self._trouble = VerdictView(notice.whole)  # a learning rate that does harm
        if self._story is not None:
            self._story.follow(state)
        with self.app.batch_update():
            self.query_one(RunHeader).show(self.header(state, is_stalled))
            self._draw()
        self._ask()

    def _draw(self) -> None:
        if not self.query(KeysLine) or not self.app.is_running:
            return  # an answer that came as the program ends: the widgets are gone, or going
        own_keys = [(tr("enter"), tr("open")), ("/", tr("filter")), ("s", tr("order"))]
        if self._story is not None:
            own_keys = [("↑↓", tr("scroll"))]
        self.name_keys(*own_keys, back=tr("back"))
        if self._story is None:
            self._draw_list()
        else:
            self._draw_page(self._story)

    def _draw_list(self) -> None:
        cards = self._list
        table = self.query_one(CardTable)
        state = self._state
        cards.show(table.n_rows)
        rows, total = cards.rows_in_sight, cards.total
        computing = "" if self.past is None else _computing(self.past.step)
        message = tr("No card matches. Backspace widens the search, esc ends it.")
        places = tr("0 of {count}", count=count(0))
        if total is None or not (total or cards.is_current):
            message = tr("the cards are coming…") if self.past is None else computing
            places = ""
            if state.liveness == "failed":
                message = tr("The trainer has stopped.")
        elif total:
            first = count(cards.top + 1)
            last = count(cards.top + len(rows))
            places = tr("{first}–{last} of {total}", first=first, last=last, total=count(total))
            if total == 1:
                places = tr("1 card")
            message = "" if self.past is None else computing
            places = places if any(rows) else ""
        sections = () if state.start is None else state.start.sections
        counts_wrong = cards.sort == "hardest"
        table.show(
            TableView(
                rows,
                cards.top,
                cards.cursor,
                total or 0,
                state.n_cards,
                bool(sections),
                message,
                counts_wrong,
            )
        )
        order = tr(SORTS[cards.sort])
        is_taught_alone = state.start is not None and not state.start.n_held_out
        if cards.sort == "hardest" and is_taught_alone and not state.life.earlier:
            order = tr("most often wrong on top")
        has_answers = any(row is not None and row.history for row in rows)
        if counts_wrong and has_answers and not cards.top and not any(map(was_wrong, rows)):
            order = tr("none was wrong of late")
        name = tr("every card")
        has_more = bool(cards.filter) or (total or 0) > state.n_cards
        is_of_several = bool(state.life.earlier) and has_more
        if is_of_several:
            name = tr("every card of this deck and of earlier ones")
            order = tr("this deck's first") if cards.sort == "deck" else order
        if cards.filter:
            name = tr("only cards with {text}, front or back", text=quoted(cards.filter))
        title: Row = [(name, ".title"), ("   ", ""), (order, ".strong")]
        self.query_one("#cards-title", TitleLine).show((title, places))
        note = VerdictView("")
        if any(rows):
            n_kept_back = 0 if state.start is None else state.start.n_held_out
            drawn, _ = columns(
                self.size.width - 1, state.n_cards, bool(sections), counts_wrong, rows
            )
            explained = legend(
                rows,
                n_marks=n_marks_drawn(drawn),
                says_courses=says_courses(drawn),
                counts_wrong=counts_wrong,
                n_kept_back=n_kept_back,
                is_of_several=is_of_several,
            )
            room = self.query_one("#cards-note").size
            note = VerdictView(as_many_as_fit(explained, room.width, max(1, room.height)))
        if self._trouble is not None:
            note = self._trouble
        elif len(sections) > 1 and (pattern := found_in(cards)):
            note = VerdictView(pattern, "verdict", tail=tr("✓ right ✗ wrong"))
        self.query_one("#cards-note", VerdictLine).show(note)

    def _draw_page(self, story: CardStory) -> None:
        row = story.row
        stamp = stamp_of(row)[0].lower()
        self.query_one(CardFace).show(CardView(row.prompt, section_name(row.section), stamp))
        self.query_one(CardFacts).show(row)
        guesses = self.query_one(GuessList)
        top = story.show(guesses.n_rows(story.note))
        guesses.show(
            GuessesView(story.guesses, row.first_right_step, top, story.message, story.note)
        )

    def _ask(self) -> None:
        if not self.query_one(CardTable).size:
            return  # before it is laid out nobody knows how many rows fit
        wanted = self._source.wanted(self.session.clock(), self._state)
        if wanted is not None:
            self._fetch(self._source, wanted)

    @work(group="list")
    async def _fetch(self, source: CardList | CardStory, wanted: ListCards) -> None:
        try:
            listed = await self.session.ask(wanted, CardsListed)
        except NoAnswer:
            listed = None
        source.take(wanted, listed)
        self._draw()

    @work(group="states", exclusive=True)
    async def _ask_states(self, story: CardStory) -> None:
        with contextlib.suppress(NoAnswer):
            async for past in self.session.replies(AskPast(prompt=story.row.prompt)):
                if isinstance(past, PastAnswered) and past.prompt == story.row.prompt:
                    story.take_states(past)
                    self._draw()

    def _moved(self) -> None:
        self._draw()
        self._ask()

    # Keys

    def action_move(self, by: int) -> None:
        self._source.move(by)
        self._moved()

    def action_page(self, by: int) -> None:
        self._source.page(by)
        self._moved()

    def action_end_of_list(self, way: int) -> None:
        if self._story is None:
            self._list.move_to(0 if way < 0 else (self._list.total or 1) - 1)
        else:
            self._story.move(way * len(self._story.guesses))
        self._moved()

    def action_next_sort(self) -> None:
        if self._story is None:
            self._list.next_sort()
            self._moved()

    def action_filter(self) -> None:
        if self._story is None:
            line = self.query_one("#card-filter", Input)
            line.display = True
            line.focus()

    def action_back(self) -> None:
        line = self.query_one("#card-filter", Input)
        if self._story is not None:
            self._close_card()
        elif line.display or self._list.filter:
            line.value = ""
            self._hide_filter()
            self._set_filter("")
        else:
            self.session.show("lesson")

    def action_open(self) -> None:
        row = self._list.chosen
        if self._story is None and row is not None:
            self._story = CardStory(row)
            self._show_page(True)
            self._read_log(self._story)
            self._story.follow(self._state)
            self._ask_states(self._story)
            self._moved()

    def _close_card(self) -> None:
        self._story = None
        self._show_page(False)
        self._moved()

    def _show_page(self, is_shown: bool) -> None:
        self.query_one("#card-list").display = not is_shown
        self.query_one("#card-page").display = is_shown

    @work(group="log", exclusive=True)
    async def _read_log(self, story: CardStory) -> None:
        start = self._state.start
        if start is None:
            return
        row = story.row
        log = Path(start.folder) / "events.jsonl"
        try:
            read = await asyncio.to_thread(read_guesses, log, row.card_index, row.prompt)
        except OSError as error:
            why = error.strerror or error
            story.failure = tr("The log can't be read") + f": {why}."
            read = PastGuesses()
        story.take_log(read)
        if story is self._story:
            self._draw()

    # What the widgets say

    @on(Input.Changed, "#card-filter")
    def filter_cards(self, event: Input.Changed) -> None:
        event.stop()
        self._set_filter(event.value)

    @on(Input.Submitted, "#card-filter")
    def leave_filter(self, event: Input.Submitted) -> None:
        event.stop()
        self._hide_filter()

    def _set_filter(self, text: str) -> None:
        if self._list.filter != text.strip():
            self._list.filter = text.strip()
            self._moved()

    def _hide_filter(self) -> None:
        self.query_one("#card-filter", Input).display = False
        self.set_focus(None)

    def on_click(self, event: events.Click) -> None:
        table = self.query_one(CardTable)
        place = table.place_at(event.screen_y) if event.widget is table else None
        if place is not None:
            self._list.move_to(place)
            self._moved()
            if event.chain > 1:
                self.action_open()

    def on_mouse_scroll_down(self) -> None:
        self.action_move(WHEEL_ROWS)

    def on_mouse_scroll_up(self) -> None:
        self.action_move(-WHEEL_ROWS)

    @on(CardTable.Resized)
    def fit(self, event: CardTable.Resized) -> None:
        event.stop()
        self._moved()
