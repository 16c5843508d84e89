"""The moments of a run: each is found once, where it happened."""

import pytest

from flashcards.runs import events as ev
from flashcards.runs.markers import (
    Bookmark,
    Ended,
    FirstRight,
    Forgotten,
    FoundMarker,
    Healed,
    ModelBroke,
    OrderWasChanged,
    RateWasChanged,
    Recovered,
    WentBack,
)
from flashcards.runs.values import ChapterScore, Score
from tests import told
from tests.app.lesson import folded, started


def exam(step: int, n_seen: int, n_unseen: int = 0) -> ev.ExamTaken:
    return told.exam(step, (n_seen, 100), (n_unseen, 100), is_full=False)


def found(*events: ev.AnyEvent) -> list[FoundMarker]:
    return folded([started(100, 100), *events]).markers.reached


def kinds(markers: list[FoundMarker]) -> list[tuple[int, str]]:
    return [(marker.step, marker.kind) for marker in markers]


def test_first_right_and_all_right_are_marked_once() -> None:
    markers = found(exam(1, 0), exam(2, 3), exam(3, 100), exam(4, 100))
    assert kinds(markers) == [(2, "first_right"), (3, "all_right")]
    assert markers[0] == FirstRight(step=2, seen=Score(3, 100))


@pytest.mark.parametrize(("later", "is_marked"), [(50, False), (40, False), (39, True)])
def test_a_fall_is_marked_once_and_after_it_was_made_good_only_a_deeper_one(
    later: int, is_marked: bool
) -> None:
    markers = found(exam(1, 90), exam(2, 85), exam(3, 40), exam(4, 30), exam(5, 90), exam(6, later))
    falls = [marker for marker in markers if marker.kind == "forgotten"]
    assert kinds(falls) == [(3, "forgotten"), *([(6, "forgotten")] if is_marked else [])]


def test_going_back_is_marked_with_where_it_had_come_to() -> None:
    back = ev.RunRewound(step=2, from_step=9, factor=1.0)
    assert WentBack(step=2, from_step=9) in found(exam(1, 90), back)


def test_an_earlier_deck_is_forgotten_by_half_and_then_wholly_and_each_is_marked_once() -> None:
    began = ev.ChapterBegan(step=5, start=started(name="Second"), file="x", earlier=("First",))
    first = {
        step: ChapterScore(deck="First", seen=Score(right, 50), unseen=Score(0, 9))
        for step, right in ((6, 40), (7, 22), (8, 0), (9, 1), (10, 0), (11, 30), (12, 0))
    }
    after = [told.exam(step, (0, 9), (0, 9), earlier=(score,)) for step, score in first.items()]
    markers = found(exam(1, 10), exam(2, 90), began, *after)
    falls = [marker for marker in markers if marker.kind == "forgotten"]
    assert kinds(falls) == [(7, "forgotten"), (8, "forgotten"), (12, "forgotten")]
    assert falls[0] == Forgotten(step=7, seen=Score(22, 50), best=Score(90, 100), deck="First")
    assert [marker for marker in markers if marker.kind == "recovered"] == []


def test_a_deck_that_was_forgotten_is_marked_once_when_it_is_back() -> None:
    began = ev.ChapterBegan(step=5, start=started(name="Second"), file="x", earlier=("First",))
    first = {
        step: ChapterScore(deck="First", seen=Score(right, 50), unseen=Score(0, 9))
        for step, right in ((6, 45), (7, 2), (8, 40), (9, 41), (10, 44), (11, 3), (12, 50))
    }
    after = [told.exam(step, (0, 9), (0, 9), earlier=(score,)) for step, score in first.items()]
    markers = found(exam(1, 10), exam(2, 90), began, *after)
    back = [marker for marker in markers if marker.kind == "recovered"]
    assert back[0] == Recovered(step=9, seen=Score(41, 50), deck="First")
    assert [marker.step for marker in back] == [9, 12]


def test_never_seen_overtakes_only_by_more_than_chance() -> None:
    markers = found(exam(1, 1, 1), exam(2, 50, 60), exam(3, 60, 70))
    assert [(m.step, m.kind) for m in markers if m.kind == "overtook"] == [(2, "overtook")]


def test_a_hundredth_above_none_is_no_lead_though_it_is_more_than_chance() -> None:
    few, more = (told.exam(step, (50, 100), (n, 1_000)) for step, n in ((2, 10), (3, 60)))
    markers = found(few, more)
    assert [marker.step for marker in markers if marker.kind == "overtook"] == [3]


def test_what_was_done_by_hand_is_marked() -> None:
    markers = found(
        ev.LearningRateChanged(step=4, factor=0.5),
        ev.OrderChanged(step=5, order="hardest"),
        ev.BookmarkSet(step=9, at_step=2, text="here"),
        ev.RunDiverged(step=10),
    )
    assert kinds(markers) == [(4, "learning_rate"), (5, "order"), (2, "bookmark"), (10, "diverged")]
    assert markers[:3] == [
        RateWasChanged(step=4, factor=0.5),
        OrderWasChanged(step=5, order="hardest"),
        Bookmark(step=2, text="here"),
    ]


def test_a_learning_rate_that_is_set_to_what_it_is_is_no_change() -> None:
    factors = (1.0, 64.0, 64.0, 1.0)
    changes = [ev.LearningRateChanged(step=n, factor=factor) for n, factor in enumerate(factors)]
    assert kinds(found(*changes)) == [(1, "learning_rate"), (3, "learning_rate")]


def report(step: int, loss: float) -> ev.StepsTaken:
    return told.steps(step, loss_nats=loss, relative_change=0.004)


def broken(*after: ev.AnyEvent) -> list[ev.AnyEvent]:
    """Learned up to step 112, raised to ×32, broken from there on."""
    learning = [report(7 * i, 3.6 * 0.7**i) for i in range(1, 17)]
    raised = ev.LearningRateChanged(step=112, factor=32.0)
    return [*learning, raised, *(report(112 + 7 * i, 4.0) for i in range(1, 6)), *after]


def test_where_the_steps_broke_the_model_is_marked_once_at_its_step() -> None:
    markers = found(*broken(*(report(200 + 7 * i, 2.9) for i in range(50))))
    assert kinds(markers) == [(112, "learning_rate"), (113, "diverged")]
    assert markers[0] == RateWasChanged(step=112, factor=32.0)
    assert isinstance(markers[1], ModelBroke)
    cause = markers[1].broken
    assert (cause.step, cause.sign, cause.factor) == (113, "forgot", 32.0)
    assert cause.before_nats is not None
    assert cause.before_nats < 0.1


def test_numbers_that_end_in_a_broken_model_are_the_same_break() -> None:
    markers = found(*broken(ev.RunDiverged(step=150)))
    assert [m.step for m in markers if m.kind == "diverged"] == [113]


def test_a_model_that_recovered_can_break_again() -> None:
    well: list[ev.AnyEvent] = [ev.LearningRateChanged(step=150, factor=1.0)]
    well += [report(150 + 7 * i, 0.3) for i in range(1, 20)]
    again: list[ev.AnyEvent] = [ev.LearningRateChanged(step=300, factor=64.0)]
    again += [report(307, 9.0), report(314, 9.0)]
    markers = found(*broken(*well, *again))
    assert [m.step for m in markers if m.kind == "diverged"] == [113, 284]
    healed = [m for m in markers if isinstance(m, Healed)]
    assert len(healed) == 1
    assert 150 < healed[0].step < 284
    assert 0.3 <= healed[0].loss_nats < 2.0, "its error is near what it was again"


def test_a_model_that_was_taken_back_did_not_heal_by_itself() -> None:
    markers = found(*broken(ev.RunRewound(step=100, from_step=147, factor=1.0)))
    assert [m.kind for m in markers][-1] == "went_back"
    assert not [m for m in markers if m.kind == "healed"]


def test_a_broken_model_at_the_end_is_said_there() -> None:
    ended = told.ended("too_early", (0, 10), (0, 10), "no_progress", step=147)
    end = found(*broken(ended))[-1]
    assert isinstance(end, Ended)
    assert (end.broken_since, end.verdict.case) == (113, "few_never_seen")
