"""An update is a generator: where it pauses, when the model is another one, and who waits."""

from pathlib import Path

import pytest

from flashcards.learner.learner import Learner
from flashcards.learner.order import CardOrder
from flashcards.learner.settings import LearnerSettings
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.goal import Goal
from flashcards.runs.values import PHASES
from flashcards.trainer.again.logged import LoggedRun
from flashcards.trainer.again.visited import Journey
from flashcards.trainer.ledger import CardLedger
from flashcards.trainer.pace import MINUTE_S, Pace, SpreadUpdates
from flashcards.trainer.training_state import LessonMemory, TrainingState
from flashcards.trainer.update import (
    DeckTools,
    Moment,
    Observed,
    PhaseBegins,
    PhaseEnds,
    UpdateMade,
    Updates,
)
from tests.learner.decks import sums
from tests.trainer.eventful import Eventful
from tests.trainer.lessons import run_lesson
from tests.trainer.reward_runs import write_pairs
from tests.trainer.test_traveller import Travelling


def begun(deck: Path, runs: Path) -> TrainingState:
    return run_lesson(deck, runs, goal=Goal(step=3))[0].training


def test_the_six_phases_begin_and_end_in_order_and_the_fifth_changes_the_model(
    deck: Path, tmp_path: Path
) -> None:
    training = begun(deck, tmp_path / "runs")
    before = training.learner.weights_sha256()
    moments: list[Moment] = []
    for moment in Updates(training).make(is_single=True, observed="everything"):
        is_made = any(isinstance(earlier, UpdateMade) for earlier in [*moments, moment])
        assert (training.learner.weights_sha256() != before) == is_made, moment
        assert training.learner.step == 3 + is_made
        moments.append(moment)
    named = [(type(m), m.phase) for m in moments if not isinstance(m, UpdateMade)]
    assert named == [(kind, phase) for phase in PHASES for kind in (PhaseBegins, PhaseEnds)]
    (place,) = [i for i, m in enumerate(moments) if isinstance(m, UpdateMade)]
    assert moments[place + 1] == PhaseEnds("adjustment")


@pytest.mark.parametrize("is_single", [True, False])
def test_however_closely_it_is_observed_the_model_is_the_same(
    deck: Path, tmp_path: Path, is_single: bool
) -> None:
    kinds: tuple[Observed, ...] = ("nothing", "correction", "everything")
    hashes = set()
    for observed in kinds:
        training = begun(deck, tmp_path / observed)
        *_, made = (
            moment
            for moment in Updates(training).make(is_single=is_single, observed=observed)
            if isinstance(moment, UpdateMade)
        )
        assert (made.correction is None) == (observed == "nothing")
        assert (made.details is None) == (observed != "everything")
        hashes.add(training.learner.weights_sha256())
    assert len(hashes) == 1


def test_an_update_by_reward_is_one_step(tmp_path: Path) -> None:
    opened, _ = run_lesson(write_pairs(tmp_path), goal=Goal(step=3), is_rewarded=True)
    updates, memory = Updates(opened.training), opened.training.memory
    nominal_s, n_tries = memory.nominal_s, memory.reward.n_tries
    first, made = updates.make(is_single=False, observed="correction")
    assert first == PhaseBegins("adjustment")
    assert isinstance(made, UpdateMade)
    assert made.tries is not None
    assert made.study is None
    tries_s = updates.tools.cost.exam_s(memory.reward.n_tries - n_tries)
    assert memory.nominal_s - nominal_s > tries_s > 0


def test_half_of_the_cards_read_around_an_update_are_never_taught() -> None:
    deck = sums(12, 30)
    learner = Learner.create(deck, LearnerSettings.for_deck(deck), seed=1)
    order, ledger = CardOrder(deck.taught, seed=1), CardLedger(len(deck.cards))
    around = DeckTools(TrainingState(deck, learner, order, ledger, LessonMemory())).ripple
    assert len(set(around)) == len(around) == 48
    assert sum(deck.cards[i].is_never_seen for i in around) == 24


def test_cards_that_were_asked_for_are_taught_while_it_is_paused() -> None:
    pace = Pace(is_paused=False)
    assert pace.pause()
    assert not pace.pause()
    assert pace.is_waiting
    pace.step(2, step=7)
    for n_left in (1, 0):
        assert not pace.is_waiting
        pace.begin_update()
        assert pace.is_stepping
        pace.end_card(is_finite=True)
        assert pace.n_cards_asked == n_left
    assert pace.is_waiting


def test_who_walks_through_phases_walks_on_in_the_next_card_until_it_is_played() -> None:
    pace = Pace(is_paused=False)
    pace.begin_walk()
    pace.begin_update()
    pace.begin_card(step=7)
    assert pace.is_held_by_hand
    assert not pace.take_phase()
    assert not pace.walk_on()
    assert pace.take_phase()
    pace.end_card(is_finite=True)
    assert pace.is_card_in_progress
    assert pace.play()
    assert not pace.is_card_in_progress


def test_a_phase_that_was_asked_for_is_forgotten_by_a_pause_or_a_step() -> None:
    for leave in (Pace.halt, lambda pace: pace.step(0, step=8)):
        pace = Pace(is_paused=False)
        pace.begin_walk()
        pace.begin_update()
        pace.begin_card(step=7)
        pace.walk_on()
        leave(pace)
        assert not pace.take_phase()


def test_a_step_asked_for_while_a_card_is_held_finishes_that_card_first() -> None:
    pace = Pace(is_paused=False)
    pace.begin_update()
    pace.begin_card(step=7)
    pace.step(1, step=7)
    assert (pace.is_hurried, pace.n_cards_asked) == (True, 0)
    pace.step(1, step=8)  # the card in progress was taught already
    assert pace.n_cards_asked == 1


@pytest.mark.parametrize("took_s", [0.5, 4.0])
def test_updates_of_a_minute_end_with_it_and_a_slow_one_shortens_later_waits(took_s: float) -> None:
    spread = SpreadUpdates(20)
    waits = [spread.rest_s(took_s) for _ in range(20)]
    assert sum(waits) == pytest.approx(max(0.0, MINUTE_S - 20 * took_s))
    assert spread.rest_s(took_s) == 0.0
    late = SpreadUpdates(20)
    assert late.rest_s(5.0) == 0.0
    assert late.rest_s(0.0) == pytest.approx(2 * MINUTE_S / 20 - 5.0)


def test_a_journey_arrives_though_another_one_moved_the_replay_meanwhile(
    eventful: Eventful,
) -> None:
    journey = Journey(eventful.folder, LoggedRun(eventful.folder.log_path), lambda damage: None)
    first = journey.go(40, centre=40)
    next(first)
    for _ in journey.go(12, centre=12):
        pass
    assert journey.step == 12
    for _ in first:
        pass
    assert journey.step == 40
    assert journey.visited[40].weights.step == 40


@pytest.mark.slow
def test_a_question_on_its_way_is_answered_though_the_run_goes_back_meanwhile(
    deck: Path, tmp_path: Path
) -> None:
    opened, _ = run_lesson(deck, tmp_path / "runs", goal=Goal(step=20))
    folder = opened.keeper.folder
    travelling = Travelling(folder)
    travelling.traveller.take(cmd.GoTo(step=20))
    travelling.settle()
    travelling.traveller.take(cmd.ListCards(request=5))
    travelling.traveller.work()
    assert not travelling.of(ev.CardsListed)
    run_lesson("unused", folder.path.parent, resume=str(folder.path), goal=Goal(step=25))
    travelling.clock.now_s += 1.0
    travelling.arrive()
    assert [listed.request for listed in travelling.of(ev.CardsListed)] == [5]
