"""View 8: the story so far. Every marker with its sentence; Enter goes to its step."""

from operator import attrgetter

from msgspec import Struct

from flashcards.app.room import NO_LINE, LineRank, StatusLine
from flashcards.app.view import View, hidden
from flashcards.app.widgets.cells import ListSheet, Row, cut, on_cursor, row_width, spread, wrap
from flashcards.app.widgets.frame import VerdictView
from flashcards.app.widgets.time_line import MARKER_STYLES
from flashcards.base.language import tr
from flashcards.runs.markers import AnyMarker, ChapterWasBegun, Ended
from flashcards.runs.state import RunState
from flashcards.wording import facts
from flashcards.wording.markers import signed
from flashcards.wording.numbers import count

CURSOR, CURSOR_WIDTH = "▸", 2
STEP_WIDTH, SIGN_WIDTH = 10, 2  # the cursor is part of the first
MOST_LINES = 4  # of a moment
NO_VERDICT = VerdictView("")
FEW, MOST_WIDTH = 3, 76  # below so many moments it is said what will be here, in so many cells


class StorySoFar(Struct, frozen=True):
    """The markers, oldest first, and the place of the one under the cursor; the step that is shown,
    and what was `right` in the last exam by then."""

    markers: tuple[AnyMarker, ...]
    chosen: int
    step: int
    right: str


class StorySheet(ListSheet[StorySoFar]):
    def draw(self, view: StorySoFar, width: int, height: int) -> list[Row]:
        markers = view.markers
        title: Row = [(tr("The story so far"), ".strong")]
        rows = [spread(title, [(tr("↑↓ choose   enter goes to that step"), ".muted")], width)]
        rows.append([(f"{tr('step'):>{STEP_WIDTH}}", ".muted")])
        if not markers:
            return [*rows, [(tr("Nothing has happened yet that is worth a line."), ".muted")]]
        room, n_lines = width - STEP_WIDTH - 2, max(1, height - len(rows))
        moments = [
            _moment(moment, room, is_chosen=i == view.chosen) for i, moment in enumerate(markers)
        ]
        if view.step > markers[-1].step:
            text = tr("now")
            if view.right:
                text = tr("now; last exam, right: {scores}", scores=view.right)
            at = f"{count(view.step):>{STEP_WIDTH}}  "
            moments.append([[(at, ".muted"), (cut(text, width - STEP_WIDTH - 2), ".strong")]])
        rows += _around(moments, view.chosen, n_lines)
        if len(markers) < FEW:
            coming = tr(
                "More will stand here when it happens: the first right answer, a bet, another "
                "deck, what is forgotten."
            )
            lines = wrap(coming, min(width, MOST_WIDTH), height - len(rows) - 1)
            rows += [[], *([(line, ".muted")] for line in lines)]
        return rows


def _moment(moment: AnyMarker, width: int, *, is_chosen: bool) -> list[Row]:
    """A moment in as many lines as it takes, the first one with its step; in the colour that it has
    on the time line."""
    style = MARKER_STYLES[moment.kind]
    sign, _, text = signed(moment).partition(" ")
    cursor = CURSOR if is_chosen else ""
    rows: list[Row] = []
    for line in wrap(text, width - SIGN_WIDTH, MOST_LINES):
        step, mark = ("", "") if rows else (count(moment.step), sign)
        at = f"{'' if rows else cursor:{CURSOR_WIDTH}}{step:>{STEP_WIDTH - CURSOR_WIDTH}}  "
        row: Row = [(at, ".muted"), (f"{mark:{SIGN_WIDTH}}{line}", style)]
        row.append((" " * max(0, STEP_WIDTH + 2 + width - row_width(row)), ""))
        rows.append(on_cursor(row) if is_chosen else row)
    return rows


def _around(moments: list[list[Row]], chosen: int, n_lines: int) -> list[Row]:
    """As many whole moments as fit: the chosen one in the middle, unless that leaves lines free."""
    first = last = chosen
    n_rows = len(moments[chosen])
    while True:
        is_room_above = first > 0 and n_rows + len(moments[first - 1]) <= n_lines
        is_room_below = last < len(moments) - 1 and n_rows + len(moments[last + 1]) <= n_lines
        if not is_room_above and not is_room_below:
            return [row for moment in moments[first : last + 1] for row in moment]
        if is_room_above and (chosen - first <= last - chosen or not is_room_below):
            first -= 1
            n_rows += len(moments[first])
        else:
            last += 1
            n_rows += len(moments[last])


class StoryView(View):
    """Up and down choose; the newest is chosen until then."""

    CSS_PATH = "story.tcss"
    PARTS = (StorySheet,)
    SHOWS_PAST = True
    BINDINGS = hidden(up="choose(-1)", down="choose(1)", enter="go")
    _n_back = 0

    @property
    def _story(self) -> tuple[tuple[AnyMarker, ...], int]:
        """The markers of the run, behind the first deck: what is taught at step 0 is no moment of
        it, so it has none."""
        state = self.session.state
        name = "" if state.start is None else state.start.name or state.start.deck
        name = state.life.earlier[0].name if state.life.earlier else name
        is_text = state.life.earlier[0].is_text if state.life.earlier else state.is_reading
        first = [ChapterWasBegun(step=0, deck=name, is_text=is_text)] if name else []
        later = sorted(self.session.run.markers, key=attrgetter("step"))
        markers = (*first, *later)
        self._n_back = min(self._n_back, max(0, len(markers) - 1))
        return markers, len(markers) - 1 - self._n_back

    def sentence(self, state: RunState, is_stalled: bool, notice: StatusLine) -> VerdictView:
        """Say how it stands now, unless the story ends with just that. That cards are being asked
        is no part of it."""
        is_exam = notice.rank == LineRank.EXAM
        sentence = super().sentence(state, is_stalled, NO_LINE if is_exam else notice)
        markers, _ = self._story
        is_end = bool(markers) and isinstance(markers[-1], Ended) and markers[-1].step == state.step
        is_said_above = is_end and sentence.tone == "verdict" and notice.about != "forgotten"
        return NO_VERDICT if is_said_above else sentence

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        scores = state.latest_scores
        right = ""
        if scores is not None and self.session.kind.share(scores.seen):
            right = facts.both_scores(scores.seen, scores.unseen)
        self.query_one(StorySheet).show(StorySoFar(*self._story, step=state.step, right=right))
        return sentence

    def action_choose(self, by: int) -> None:
        self._n_back = max(0, self._n_back - by)
        self._is_changed = True
        self.session.paint()

    def action_go(self) -> None:
        markers, chosen = self._story
        if markers:
            self.session.travel.go(markers[chosen].step)
