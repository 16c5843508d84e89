"""Updates made again: the same weights at every step, whatever was done to the run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from flashcards.runs.events import (
    AnyEvent,
    DeckChanged,
    DeckMarked,
    ExamTaken,
    RecipeChanged,
    RunResumed,
    RunStarted,
    StateSaved,
    encode,
)
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.trainer.again.plan import Plan
from flashcards.trainer.again.rerun import CannotRerun, Rerun
from tests.decks import write_capitals
from tests.trainer.eventful import N_STEPS, Eventful, eventful_run
from tests.trainer.lessons import run_lesson


@pytest.fixture
def eventful(tmp_path: Path) -> Eventful:
    return eventful_run(tmp_path)


def plan_of(folder: RunFolder) -> Plan:
    plan = Plan(folder)
    plan.refresh()
    return plan


def without_marks(folder: RunFolder) -> None:
    """The log with every exam's scores, and of none which cards were right."""
    lines = folder.log_path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if b'"DeckMarked"' not in line]
    assert len(kept) < len(lines)
    folder.log_path.write_bytes(b"".join(kept))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_run_is_as_eventful_as_it_should_be(eventful: Eventful) -> None:
    events = eventful.folder.events()
    recipes = [event for event in events if isinstance(event, RecipeChanged)]
    assert sum(isinstance(event, DeckChanged) for event in events) == 3
    assert {recipe.learning_rate_factor for recipe in recipes} == {1.0, 2.0, 0.25}
    assert [recipe.is_single for recipe in recipes[:2]] == [True, False]
    assert (recipes[0].step, recipes[1].step) == (0, 15)
    assert sorted(eventful.hashes) == list(range(N_STEPS + 1))


@pytest.mark.parametrize("are_marks_logged", [True, False])
def test_every_step_from_the_first_state_is_as_it_was(
    eventful: Eventful, are_marks_logged: bool
) -> None:
    if not are_marks_logged:
        without_marks(eventful.folder)
    rerun = Rerun(eventful.folder, plan_of(eventful.folder), at_most=0)
    assert rerun.step == 0
    assert rerun.training.ledger.to_bytes() == eventful.ledgers[0]
    for step in range(1, N_STEPS + 1):
        rerun.forward()
        assert rerun.step == step
        assert rerun.training.learner.weights_sha256() == eventful.hashes[step], step
        assert rerun.training.ledger.to_bytes() == eventful.ledgers[step], step
    assert rerun.training.deck == eventful.deck
    assert tuple(rerun.training.ledger.times_seen) == eventful.times_seen
    assert rerun.training.memory.cards_taught == eventful.cards_taught


@pytest.mark.slow
def test_random_steps_from_the_nearest_state_have_the_weights_they_had(eventful: Eventful) -> None:
    before = contents(eventful.folder.path)
    plan = plan_of(eventful.folder)
    chosen = random.Random(6)
    for _ in range(25):
        target = chosen.randint(0, N_STEPS)
        rerun = Rerun(eventful.folder, plan, at_most=target)
        while rerun.step < target:
            rerun.forward()
        assert rerun.training.learner.weights_sha256() == eventful.hashes[target], target
        assert rerun.training.ledger.to_bytes() == eventful.ledgers[target], target
    assert contents(eventful.folder.path) == before


def test_a_run_goes_no_further_than_its_log(eventful: Eventful) -> None:
    rerun = Rerun(eventful.folder, plan_of(eventful.folder), at_most=N_STEPS)
    with pytest.raises(CannotRerun, match=r"ends at step 130"):
        rerun.forward()


def test_a_log_from_before_recipes_is_said_not_guessed(eventful: Eventful) -> None:
    log = eventful.folder.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"RecipeChanged"' not in line))
    rerun = Rerun(eventful.folder, plan_of(eventful.folder), at_most=0)
    with pytest.raises(CannotRerun, match=r"update 1 can't be made again"):
        rerun.forward()


def test_a_plan_knows_which_exams_a_state_knows_of(tmp_path: Path) -> None:
    opened, _ = run_lesson(write_capitals(tmp_path), tmp_path / "runs", goal=Goal(step=20))
    folder = opened.keeper.folder
    events = folder.events()
    held = [event for event in events if isinstance(event, ExamTaken)]
    last = held[-1]
    assert last.step == 20
    plan = plan_of(folder)
    saved, n_held = StateSaved(step=20, file="a"), len(plan.exams)
    assert [exam.step for exam in plan.exams] == [exam.step for exam in held]

    def goes_on(*more: AnyEvent) -> int | None:
        with folder.log_path.open("ab") as log:
            log.writelines(encode(event) for event in more)
        return plan.refresh()

    goes_on(saved, last)
    assert plan.n_exams_in("a", 20) == n_held == len(plan.exams) - 1
    start = next(event for event in events if isinstance(event, RunStarted))
    assert goes_on(RunResumed(step=20, start=start, file="a")) == 20
    assert len(plan.exams) == n_held
    goes_on(last, DeckMarked(step=20, marks="AA=="))
    assert plan.marks(plan.exams[-1]) == "AA=="
    assert plan.n_exams_in("of a version that named no file", 20) == n_held


def test_a_plan_reads_on_as_the_log_grows_and_goes_back_with_a_resume(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    opened, _ = run_lesson(deck, tmp_path / "runs", goal=Goal(step=20))
    folder = opened.keeper.folder
    plan = Plan(folder)
    assert plan.refresh() is None
    assert plan.last_step == 20
    assert plan.refresh() is None
    run_lesson(deck, tmp_path / "runs", goal=Goal(step=30), resume=str(folder.path))
    assert plan.refresh() == 20
    assert plan.last_step == 30
    with folder.log_path.open("ab") as log:
        log.write(b'{"kind":"RunResumed","step":12,"start"')
        log.flush()
        assert plan.refresh() is None
    whole = plan_of(folder)
    assert (whole.last_step, whole.recipe(25)) == (30, plan.recipe(25))
