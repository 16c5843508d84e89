"""Folding: each fact changes what it says and nothing else."""

import math

import msgspec
import pytest
from hypothesis import given, strategies as st

from flashcards.runs import events as ev
from flashcards.runs.history import History, Thinned
from flashcards.runs.marks import pack, unpack
from flashcards.runs.state import N_RECENT_CORRECTIONS, RunState
from tests import told
from tests.runs.test_events import CORRECTION, START


def state() -> RunState:
    begun = RunState()
    begun.fold(START)
    return begun


def test_a_state_starts_knowing_nothing_and_says_what_the_trainer_does() -> None:
    empty = RunState()
    assert (empty.liveness, empty.n_cards, empty.exams.last) == ("starting", 0, None)
    empty.fold(ev.TrainerWoke(step=0, stage="waking the model"))
    assert (empty.liveness, empty.stage) == ("starting", "waking the model")


def test_a_started_run_is_learning_and_knows_which_cards_are_never_seen() -> None:
    begun = RunState()
    begun.fold(msgspec.structs.replace(START, held_out=pack(bytes([0, 0, 1, 0]))))
    assert begun.liveness == "learning"
    assert begun.n_cards == 4
    assert begun.marks.never_seen == bytes([0, 0, 1, 0])


def test_an_exam_extends_the_curves_and_keeps_zero_as_a_number() -> None:
    run = state()
    run.fold(
        told.exam(5, (3, 3), (0, 1), cards_taught=80, seen_loss_nats=0.0, unseen_loss_nats=4.5)
    )
    assert run.exams.seen_losses.points == [(5, 0.0)]
    assert run.exams.unseen_rates.points == [(5, 0.0)]
    assert run.cards_taught == 80


def test_a_card_taught_without_phases_ends_those_of_the_card_before() -> None:
    run = state()
    run.fold(ev.SpeedChanged(step=0, speed="explain"))
    run.fold(ev.PhaseEntered(step=0, phase="adjustment", correction=CORRECTION))
    run.fold(ev.CorrectionMeasured(step=1, correction=CORRECTION))
    phase_after_it_was_measured = run.card.phase
    assert phase_after_it_was_measured == "adjustment"
    run.fold(ev.PhaseEntered(step=1, phase="repeat", correction=CORRECTION, is_held=True))
    run.fold(ev.SpeedChanged(step=1, speed="brisk"))
    run.fold(ev.CorrectionMeasured(step=2, correction=CORRECTION))
    assert (run.card.phase, run.card.details, run.card.is_held) == (None, None, False)


def test_phases_are_lit_only_below_full_speed() -> None:
    run = state()
    run.fold(ev.SpeedChanged(step=0, speed="explain"))
    run.fold(ev.PhaseEntered(step=0, phase="error", correction=CORRECTION))
    assert (run.card.phase, run.card.now) == ("error", CORRECTION)
    run.fold(ev.SpeedChanged(step=1, speed="full"))
    assert run.card.phase is None


def test_corrections_are_kept_bounded_newest_last() -> None:
    run = state()
    for step in range(N_RECENT_CORRECTIONS + 5):
        run.fold(ev.CorrectionMeasured(step=step, correction=CORRECTION))
    assert len(run.card.recent) == N_RECENT_CORRECTIONS
    assert run.card.recent[-1][0] == N_RECENT_CORRECTIONS + 4


def test_pausing_playing_and_ending_change_the_liveness() -> None:
    run = state()
    ended = told.ended("memorised", (3, 3), (0, 1), "no_progress", step=9)
    livenesses = []
    for event in (ev.RunPaused(step=1), ev.RunPlayed(step=1), ended, ev.RunPlayed(step=9)):
        run.fold(event)
        livenesses.append((run.liveness, run.ended))
    assert livenesses == [
        ("paused", None),
        ("learning", None),
        ("finished", ended),
        ("learning", None),
    ]


def test_divergence_is_known_and_a_failure_keeps_its_reason() -> None:
    run = state()
    run.fold(ev.RunDiverged(step=9))
    assert (run.liveness, run.failure) == ("diverged", "")
    run.fold(ev.TrainerFailed(step=9, text="the trainer ended (signal 9)"))
    assert (run.liveness, run.failure) == ("failed", "the trainer ended (signal 9)")


def test_who_taught_a_pin_stays_known_where_a_run_goes_back_to() -> None:
    run = state()
    run.fold(ev.PromptPinned(step=1, prompt="Egypt"))
    first, second = (
        ev.PinTaught(step=step, prompt="Egypt", by=(), is_exact=True, since_step=1)
        for step in (30, 50)
    )
    run.fold(first)
    run.fold(ev.RunPaused(step=45))
    run.fold(ev.RunResumed(step=40, start=START))
    assert run.pins["Egypt"].taught == first
    run.fold(second)
    run.fold(ev.RunResumed(step=40, start=START))
    assert run.pins["Egypt"].taught is None


def test_an_answer_to_a_prompt_that_is_not_pinned_is_nobodys() -> None:
    run = state()
    run.fold(ev.PromptPinned(step=1, prompt="Egypt"))
    for prompt in ("Egypt", "Peru"):
        run.fold(ev.PinAnswered(step=2, prompt=prompt, answer="Cairo", probability=0.5))
        run.fold(ev.PinTaught(step=2, prompt=prompt, by=(), is_exact=True, since_step=1))
    assert run.pins.keys() == {"Egypt"}
    assert run.pins["Egypt"].taught is not None
    assert run.pins["Egypt"].last_step == 2


def test_a_thinned_list_counts_the_newest_one_that_its_stride_leaves_out() -> None:
    things: Thinned[int] = Thinned(4)
    lengths = []
    for thing in range(6):
        things.append(thing)
        lengths.append(len(things))
    assert things.items == [0, 2, 4, 5]
    assert lengths == [1, 2, 3, 4, 3, 4]


def test_up_to_its_capacity_a_history_keeps_every_point() -> None:
    history = History(Thinned(4))
    for step in range(4):
        history.append(step, step / 2)
    assert history.points == [(0, 0.0), (1, 0.5), (2, 1.0), (3, 1.5)]


def test_beyond_its_capacity_every_second_point_goes_and_the_spacing_doubles() -> None:
    history = History(Thinned(4))
    for step in range(9):
        history.append(step, float(step))
    assert history.points == [(0, 0.0), (4, 4.0), (8, 8.0)]


def test_points_stay_within_the_capacity_and_cover_the_run() -> None:
    history = History(Thinned(100))
    for step in range(100_000):
        history.append(step, 1.0)
    assert len(history) <= 101
    assert history.points[0][0] == 0
    assert history.points[-1][0] == 99_999


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_no_number_is_a_gap(value: float | None) -> None:
    history = History(Thinned(4))
    history.append(0, value)
    assert math.isnan(history.points[0][1])
    assert history.last is None


@given(st.lists(st.integers(0, 3)).map(bytes))
def test_marks_come_back_as_they_were(marks: bytes) -> None:
    assert unpack(pack(marks), len(marks)) == marks


def test_a_uniform_deck_of_a_hundred_thousand_cards_packs_into_a_hundred_bytes() -> None:
    assert len(pack(bytes([3]) * 100_000)) < 100


@pytest.mark.parametrize("text", ["", "not base64!", "AAAA", pack(bytes(9))])
def test_damaged_marks_are_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="packed marks"):
        unpack(text, 4)
