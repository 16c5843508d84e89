"""What the bench makes of its measurements: exact numbers from made-up times."""

import importlib.util
import sys

import msgspec
import pytest
import torch

from flashcards.learner.encoding import Batch
from flashcards.learner.settings import LearnerSettings
from tests.golden import check_words
from tools import bench, figures, training
from tools.bench import Figure, spread_of


def test_the_spread_is_the_middle_half_over_the_median() -> None:
    assert spread_of([1.0, 2.0, 3.0, 4.0, 5.0]) == round(2 / 3, 3)
    assert spread_of([1.0, 1.0, 1.0], [8.0, 10.0, 12.0]) == 0.2
    assert spread_of([1.0, 2.0]) is None


def test_a_figure_is_noisy_above_a_fifth() -> None:
    quiet, noisy = (Figure("x", 1, "", "", spread=spread).written for spread in (0.2, 0.21))
    assert quiet.endswith("± 10 %")
    assert "noisy: measure again" in noisy
    assert "±" not in Figure("x", 1, "", "").written


def test_the_operations_of_a_batch_are_counted_by_hand() -> None:
    settings = LearnerSettings(n_layers=2, width=16, n_heads=2, hidden=10)
    batch = Batch(
        ids=torch.zeros(5, 4, dtype=torch.int64),
        asked_at=torch.zeros(7, dtype=torch.int64),
        targets=torch.zeros(7, dtype=torch.int64),
        row_of=torch.zeros(7, dtype=torch.int64),
        n_asked=(1, 1, 1, 2, 2),
    )
    qkv = 2 * 20 * (16 * 48)
    after_mixing = (20 + 7) * (16 * 16 + 3 * 16 * 10)
    attention = 2 * 5 * (1 + 2 + 3 + 4) * 2 * 16
    head = 7 * 11 * 16
    assert training.flops_of(batch, 11, settings) == 6 * (qkv + after_mixing + attention + head)


def test_speeds_are_ratios_of_what_was_timed_in_turn() -> None:
    product_s = 2 * training.SGEMM_SIZE**3 / 100e9
    times = {
        "ours": [0.011] * 3,
        "bare": [0.010] * 3,
        "gradients": [0.005] * 3,
        "sgemm": [product_s] * 3,
    }
    step, share = training.speeds(times, flops=0.25e9)
    assert (step.value, step.is_met) == (1.1, True)
    assert (share.value, share.is_met) == (50.0, True)
    slow, low = training.speeds({**times, "ours": [0.012] * 3, "gradients": [0.01] * 3}, 0.25e9)
    assert (slow.value, slow.is_met) == (1.2, False)
    assert (low.value, low.is_met) == (25.0, False)


@pytest.mark.slow
def test_one_short_turn_measures_something() -> None:
    step, share = training.speed(n_rounds=1, works_a_round=1)
    assert step.value > 0
    assert 0 < share.value < 100


def test_without_the_peer_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["bench", "--peers"])
    with pytest.raises(SystemExit):
        bench.main()
    check_words("bench: no peer", capsys.readouterr().err.splitlines()[-1])


def test_a_sweep_that_takes_no_longer_on_more_cores_uses_all_of_them() -> None:
    assert training.sweeps(10.0, 10.0, 8).value == 100
    assert training.sweeps(10.0, 12.5, 8).value == 80
    check_words("bench: a sweep", training.sweeps(10.0, 12.5, 8).detail)


def test_processes_are_compared_in_wall_time_and_shards_in_cpu_time() -> None:
    plain = training.Timed([9.0], [4.0], 0)
    one, two = (
        training.Timed([5.0, 6.0, 7.0], [4.4] * 3, 0),
        training.Timed([3.0, 4.0, 5.0], [2.0] * 3, 0),
    )
    speed_up, cost = training.together(plain, one, two, 2)
    assert speed_up.value == 1.5
    check_words("bench: two processes", f"{speed_up.name}: {speed_up.detail}")
    assert cost.value == 10.0


def report(*, is_reached: bool) -> figures.LessonReport:
    scores = {"seen": {"right": 2000, "total": 2000}, "unseen": {"right": 0, "total": 20}}
    found = {
        "cards_taught": 1432,
        "train_seconds": 0.94,
        "reached": is_reached,
        "seen": {"right": 50, "total": 50},
        "unseen": {"right": 1, "total": 20},
        "rivals": {"lookup": scores, "nearest": scores},
        "verdict_kind": "of no concern here",
    }
    return msgspec.json.decode(msgspec.json.encode(found), type=figures.LessonReport)


def test_a_lesson_is_one_row_under_the_head_of_the_table() -> None:
    line = figures.row(figures.Target("capitals", "seen=1.0", 1_200), 2, report(is_reached=True))
    assert line == (
        "| capitals | seen=1.0 | 1,200 | 2 | 1,432 | 0.9 | 50/50 | 1/20 |"
        " lookup 0/20, nearest 0/20 |"
    )
    assert {line.count("|"), *(head.count("|") for head in figures.HEAD)} == {10}


def test_a_goal_that_was_missed_is_marked() -> None:
    line = figures.row(figures.TARGETS[0], 1, report(is_reached=False))
    assert "| 1,432 (goal not reached) |" in line
