"""Updates made again: the same weights at every step, whatever was done to the run."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from flashcards.runs.events import DeckChanged, RecipeChanged
from flashcards.runs.folder import RunFolder
from flashcards.trainer.ending import Goal
from flashcards.trainer.plan import Plan
from flashcards.trainer.rerun import CannotRerun, Rerun
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


def test_every_step_from_the_first_state_has_the_weights_it_had(eventful: Eventful) -> None:
    rerun = Rerun(eventful.folder, plan_of(eventful.folder), at_most=0)
    assert rerun.step == 0
    for step in range(1, N_STEPS + 1):
        rerun.forward()
        assert rerun.step == step
        assert rerun.taught.learner.weights_sha256() == eventful.hashes[step], step
    original = eventful.opened.taught
    assert rerun.taught.deck == original.deck
    assert rerun.taught.ledger.times_seen == original.ledger.times_seen
    assert rerun.taught.memory.cards_taught == original.memory.cards_taught


def test_random_steps_from_the_nearest_state_have_the_weights_they_had(eventful: Eventful) -> None:
    before = contents(eventful.folder.path)
    plan = plan_of(eventful.folder)
    chosen = random.Random(6)
    for _ in range(25):
        target = chosen.randint(0, N_STEPS)
        rerun = Rerun(eventful.folder, plan, at_most=target)
        while rerun.step < target:
            rerun.forward()
        assert rerun.taught.learner.weights_sha256() == eventful.hashes[target], target
    assert contents(eventful.folder.path) == before


def test_a_run_goes_no_further_than_its_log(eventful: Eventful) -> None:
    rerun = Rerun(eventful.folder, plan_of(eventful.folder), at_most=N_STEPS)
    with pytest.raises(CannotRerun, match=r"has come to step 130"):
        rerun.forward()


def test_a_log_from_before_recipes_is_said_not_guessed(eventful: Eventful) -> None:
    log = eventful.folder.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"RecipeChanged"' not in line))
    rerun = Rerun(eventful.folder, plan_of(eventful.folder), at_most=0)
    with pytest.raises(CannotRerun, match=r"update 1 can't be made again"):
        rerun.forward()


def test_a_plan_reads_on_as_the_log_grows_and_goes_back_with_a_resume(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    opened, _ = run_lesson(deck, tmp_path / "runs", goal=Goal(steps=20))
    folder = opened.keeper.folder
    plan = Plan(folder)
    assert plan.refresh() is None
    assert plan.last_step == 20
    assert plan.refresh() is None
    run_lesson(deck, tmp_path / "runs", goal=Goal(steps=30), resume=str(folder.path))
    assert plan.refresh() == 20
    assert plan.last_step == 30
    with folder.log_path.open("ab") as log:
        log.write(b'{"kind":"RunResumed","step":12,"start"')
        log.flush()
        assert plan.refresh() is None
    whole = plan_of(folder)
    assert (whole.last_step, whole.recipe(25)) == (30, plan.recipe(25))
