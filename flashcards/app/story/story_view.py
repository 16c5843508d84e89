"""View 8: the story so far. Every marker with its sentence; Enter goes to its step."""

from rich.cells import cell_len

from flashcards.app.room import StatusLine
from flashcards.app.view import View, hidden
from flashcards.app.widgets.cells import Row, Sheet, cut, spread, wrap
from flashcards.app.widgets.frame import VerdictView
from flashcards.base.language import tr
from flashcards.runs.markers import AnyMarker, ChapterWasBegun
from flashcards.runs.state import RunState
from flashcards.wording.markers import signed
from flashcards.wording.numbers import count

STEP_WIDTH = 10
FEW, MOST_WIDTH = 3, 76  # below so many moments it is said what will be here, in so many cells


Story = tuple[tuple[AnyMarker, ...], int]
"""The markers, oldest first, and the place of the one under the cursor."""


class StorySheet(Sheet[Story]):
    def draw(self, view: Story, width: int, height: int) -> list[Row]:
        markers, chosen = view
        title: Row = [(tr("The story so far"), ".strong")]
        rows = [spread(title, [(tr("↑↓ choose   ⏎ goes to that step"), ".muted")], width)]
        rows.append([(f"{tr('step'):>{STEP_WIDTH}}", ".muted")])
        if not markers:
            return [*rows, [(tr("Nothing has happened yet that is worth a line."), ".muted")]]
        n_lines = max(1, height - len(rows))
        top = min(max(0, chosen - n_lines // 2), max(0, len(markers) - n_lines))
        for place, marker in enumerate(markers[top : top + n_lines], start=top):
            style = ".lit-text" if place == chosen else ".strong"
            room = width - STEP_WIDTH - 2
            text = signed(marker)
            if cell_len(text) > room:
                text = cut(signed(marker, is_brief=True), room)
            rows.append([(f"{count(marker.step):>{STEP_WIDTH}}  ", ".muted"), (text, style)])
        if len(markers) < FEW:
            coming = tr(
                "More will stand here when it happens: the first right answer, a bet, another "
                "deck, what is forgotten."
            )
            lines = wrap(coming, min(width, MOST_WIDTH), height - len(rows) - 1)
            rows += [[], *([(line, ".muted")] for line in lines)]
        return rows


class StoryView(View):
    """Up and down choose; the newest is chosen until then."""

    CSS_PATH = "story.tcss"
    PARTS = (StorySheet,)
    SHOWS_PAST = True
    BINDINGS = hidden(up="choose(-1)", down="choose(1)", enter="go")
    _n_back = 0

    @property
    def _story(self) -> Story:
        """The markers of the run, behind the first deck: what is taught at step 0 is no moment of
        it, so it has none."""
        state = self.session.state
        name = "" if state.start is None else state.start.name or state.start.deck
        name = state.life.earlier[0].name if state.life.earlier else name
        is_text = state.life.earlier[0].is_text if state.life.earlier else state.is_reading
        first = [ChapterWasBegun(step=0, deck=name, is_text=is_text)] if name else []
        later = sorted(self.session.run.markers, key=lambda marker: marker.step)
        markers = (*first, *later)
        self._n_back = min(self._n_back, max(0, len(markers) - 1))
        return markers, len(markers) - 1 - self._n_back

    def draw(self, state: RunState, sentence: VerdictView, notice: StatusLine) -> VerdictView:
        self.query_one(StorySheet).show(self._story)
        return sentence

    def action_choose(self, by: int) -> None:
        self._n_back = max(0, self._n_back - by)
        self._is_changed = True
        self.session.paint()

    def action_go(self) -> None:
        markers, chosen = self._story
        if markers:
            self.session.travel.go(markers[chosen].step)
