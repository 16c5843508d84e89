"""What a time machine tells of an update, and of the model from within: numbers of that step."""

import math
from pathlib import Path

import msgspec
import pytest

from flashcards.runs.commands import GoTo, LookInside, ShowUpdate, Step, Stop
from flashcards.runs.events import CorrectionMeasured, InsideSeen, StepReached, UpdateDetails
from flashcards.runs.log import rounded
from flashcards.trainer.again.replaying import Replay
from flashcards.trainer.again.traveller import N_NEAR
from flashcards.trainer.questions.insight import Insight
from flashcards.trainer.training_state import TrainingState
from tests.decks import write_sums
from tests.trainer.eventful import Eventful
from tests.trainer.lessons import Script, run_lesson
from tests.trainer.test_explained import nats
from tests.trainer.test_traveller import Travelling, make_nothing_again


def lesson_at(eventful: Eventful, step: int) -> TrainingState:
    """The lesson at this step, made again from the last saved state before it."""
    replay = Replay(eventful.folder, at_most=max(0, step - 1))
    replay.give(step)
    assert replay.training.learner.weights_sha256() == eventful.hashes[step]
    return replay.training


@pytest.mark.parametrize(
    "step",
    [30, pytest.param(42, marks=pytest.mark.slow), pytest.param(129, marks=pytest.mark.slow)],
)
def test_an_update_of_the_past_from_within_is_that_of_the_weights_around_it(
    eventful: Eventful, step: int
) -> None:
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=step))
    travelling.traveller.take(ShowUpdate(step=step))
    travelling.arrive()
    details, told = travelling.of(UpdateDetails)[-1], travelling.of(CorrectionMeasured)[-1]
    correction = told.correction
    assert (details.step, told.step, details.phase) == (step, step, "repeat")
    assert (correction.n_cards == 1) == (step == 42)
    before, after = (lesson_at(eventful, at).learner for at in (step - 1, step))
    old, new = (
        nats(learner.anatomy.weights, learner, correction.card_index) for learner in (before, after)
    )
    assert details.expectations is not None
    assert [e.error_nats for e in details.expectations] == pytest.approx(old, abs=1e-3)
    assert details.error_nats == pytest.approx(sum(old), abs=1e-3)
    assert correction.change is not None
    assert correction.change.probability_after == pytest.approx(math.exp(-sum(new)), abs=1e-3)
    assert details.reading is not None
    said_last = details.reading.emerging[-1].right
    assert said_last == pytest.approx([e.probability for e in details.expectations], abs=1e-4)
    made = details.adjustment
    assert made is not None
    moved = (after.flat - before.flat).detach()
    assert made.change_norm == pytest.approx(moved.norm().item(), rel=1e-4)
    assert made.n_moved == int(moved.count_nonzero())
    relative = (moved.norm() / before.flat.norm()).item()
    assert correction.change.relative_change == pytest.approx(relative, rel=1e-3)
    assert correction.guess_after == after.guess(correction.card_index)


def test_a_walked_update_is_told_again_as_it_was_then(tmp_path: Path) -> None:
    script: Script = [(32, Step(n_cards=1)), (33, Stop())]
    opened, watched = run_lesson(write_sums(tmp_path), script=script)
    then = watched.of(UpdateDetails)[-1]
    travelling = Travelling(opened.keeper.folder)
    travelling.traveller.take(GoTo(step=then.step))
    travelling.traveller.take(ShowUpdate(step=then.step))
    travelling.arrive()
    assert travelling.of(UpdateDetails)[-1] == then
    now = rounded(travelling.of(CorrectionMeasured)[-1])
    assert now == watched.of(CorrectionMeasured)[-1]


@pytest.mark.parametrize("step", [0, 26, 71])
def test_a_look_inside_the_past_is_of_the_weights_of_that_step(
    eventful: Eventful, step: int
) -> None:
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=step))
    travelling.traveller.take(LookInside(request=7))
    travelling.arrive()
    (seen,) = travelling.of(InsideSeen)
    assert (seen.step, seen.request) == (step, 7)
    lesson = lesson_at(eventful, step)
    index = 0
    if step > 0:
        travelling.traveller.take(ShowUpdate(step=step))
        travelling.arrive()
        index = travelling.of(CorrectionMeasured)[-1].correction.card_index
    here = Insight(eventful.folder.info.seed)
    assert seen == here.look(LookInside(request=7), lesson.learner, lesson.deck, index)
    assert all(one.relative_moved == 0 for one in seen.weights) == (step == 0)


def test_a_map_of_the_past_is_turned_like_the_one_it_is_compared_with(eventful: Eventful) -> None:
    here = Insight(eventful.folder.info.seed)
    lesson = lesson_at(eventful, 100)
    learner, deck = lesson.learner, lesson.deck
    seen = here.look(LookInside(request=1), learner, deck, 0)
    turned = tuple(msgspec.structs.replace(p, x=-p.y, y=p.x) for p in seen.points)
    there = Insight(eventful.folder.info.seed)
    again = there.look(LookInside(request=2, like=turned), learner, deck, 0)
    for like, point in zip(turned, again.points, strict=True):
        # the scale is each map's own: only the direction is taken over
        assert point.x * like.y - point.y * like.x == pytest.approx(0, abs=2e-3)
        assert point.x * like.x + point.y * like.y >= -1e-6


@pytest.mark.slow
def test_updates_near_the_one_looked_at_are_made_before_somebody_asks(
    eventful: Eventful, monkeypatch: pytest.MonkeyPatch
) -> None:
    travelling = Travelling(eventful.folder)
    travelling.traveller.take(GoTo(step=70))
    travelling.settle()
    make_nothing_again(monkeypatch)
    for step in (70, 70 + N_NEAR, 70 - N_NEAR, 90):
        travelling.traveller.take(GoTo(step=step))
        travelling.traveller.take(ShowUpdate(step=step))
        travelling.traveller.work()
        travelling.traveller.work()
        assert travelling.of(UpdateDetails)[-1].step == step
    assert not any(reached.text for reached in travelling.of(StepReached))
