"""Class mode: no screen and no phone says how a lesson comes out before the class has bet."""

from weakref import WeakSet

import msgspec

from flashcards.app.run.run import Run
from flashcards.runs.exam_history import ExamHistory
from flashcards.runs.markers import Markers
from flashcards.runs.marks import Marks
from flashcards.runs.state import RunState

OUTCOME_KEYS = frozenset(
    (
        *("view_cards", "view_memory", "view_race", "view_inside", "view_story"),
        *("branch", "go_on", "more"),
    )
)
"""The ids of keys that show how it comes out, however little the state of the run says."""


class ClassMode:
    """`is_on`: how lessons come out is hidden, each until its bet is closed, or none is wanted."""

    def __init__(self) -> None:
        self.is_on = False
        self._shown_runs = WeakSet[Run]()

    def hides(self, run: Run) -> bool:
        """Tell whether nobody may see yet how this lesson comes out. What somebody watches or plays
        again has come out already; a bet on one card's correction says nothing of the lesson."""
        if any(bet.placed.bet.kind != "correction" for bet in run.state.bets):
            self.show(run)  # also after a rewind to before the bet
        return self.is_on and run.viewer is None and run not in self._shown_runs

    def show(self, run: Run) -> None:
        """Hide nothing of this lesson from here on."""
        self._shown_runs.add(run)


def without_outcomes(state: RunState) -> RunState:
    """The state as if no exam had been held: no scores, curves, marks, markers, verdict."""
    return msgspec.structs.replace(
        state,
        exams=ExamHistory(is_hidden=True, under_way=state.exams.under_way),
        marks=Marks(),
        markers=Markers(),
        rivals=(),
        ended=None,
        end_verdict=None,
    )
