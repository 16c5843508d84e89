"""Folding: each fact changes what it says and nothing else."""

import msgspec

from flashcards.runs import events as ev
from flashcards.runs.marks import pack
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


def test_a_deck_without_never_seen_cards_has_no_unseen_curve() -> None:
    run = state()
    run.fold(told.exam(5, (3, 3), (0, 0), cards_taught=80, unseen_loss_nats=None))
    assert len(run.exams.unseen_losses) == 0


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


def test_marks_are_unpacked_for_the_number_of_cards() -> None:
    run = state()
    run.fold(ev.DeckMarked(step=1, marks=pack(bytes([3, 2, 1, 0]))))
    assert run.marks.latest == bytes([3, 2, 1, 0])


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


def test_a_resume_goes_back_to_its_step() -> None:
    run = state()
    run.fold(ev.CorrectionMeasured(step=50, correction=CORRECTION))
    run.fold(ev.RunResumed(step=40, start=START))
    assert (run.step, run.liveness) == (40, "learning")


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


def test_a_save_is_remembered() -> None:
    run = state()
    assert run.last_saved_step is None
    run.fold(ev.StateSaved(step=0, file="00000000-0000000000000000.safetensors"))
    assert run.last_saved_step == 0
