"""The outcome of a lesson as an object: each deck that was taught, with its scores."""

from flashcards.plain.outcome import _chapters
from flashcards.runs.state import RunState
from tests.app.lesson import folded, lesson


def test_the_last_chapter_has_the_scores_of_the_last_exam() -> None:
    state = folded(lesson())
    exam, start = state.exams.last, state.start
    assert exam is not None
    assert start is not None
    (chapter,) = _chapters(state)
    assert (chapter["seen"], chapter["unseen"]) == (exam.seen, exam.unseen)
    assert (chapter["deck"], chapter["from_step"]) == (start.name, 0)
    assert (chapter["to_step"], chapter["cards_taught"]) == (state.step, state.cards_taught)


def test_of_a_lesson_without_an_exam_nothing_is_known() -> None:
    (chapter,) = _chapters(RunState())
    assert (chapter["deck"], chapter["seen"], chapter["unseen"]) == ("", None, None)
