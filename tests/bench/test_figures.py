"""What the bench makes of its measurements: exact numbers from made-up times."""

from __future__ import annotations

import pytest
import torch

from flashcards.bench import looking, report, scale, speed
from flashcards.bench.figures import Figure, percentile, spread_of
from flashcards.bench.report import written
from flashcards.learner.encoding import Batch
from flashcards.learner.settings import LearnerSettings


def test_the_spread_is_the_middle_half_over_the_median() -> None:
    assert spread_of([1.0, 2.0, 3.0, 4.0, 5.0]) == round(2 / 3, 3)
    assert spread_of([1.0, 1.0, 1.0], [8.0, 10.0, 12.0]) == 0.2
    assert spread_of([1.0, 2.0]) is None


def test_a_percentile_is_a_number_that_was_measured() -> None:
    numbers = [float(i) for i in range(100, 0, -1)]
    assert percentile(numbers, 0.5) == 50
    assert percentile(numbers, 0.95) == 95
    assert percentile([7.0], 0.95) == 7


def test_a_figure_is_noisy_above_a_fifth() -> None:
    def figure(spread: float | None) -> Figure:
        return Figure(name="x", value=1, unit="", detail="", spread=spread)

    assert not figure(None).is_noisy
    assert not figure(0.2).is_noisy
    assert figure(0.21).is_noisy
    assert "noisy: measure again" in written(figure(0.21))
    assert "± 10 %" in written(figure(0.2))


def test_the_operations_of_a_batch_are_counted_by_hand() -> None:
    settings = LearnerSettings(n_layers=2, width=16, n_heads=2, hidden=10)
    batch = Batch(
        ids=torch.zeros(5, 4, dtype=torch.int64),
        asked=torch.zeros(7, dtype=torch.int64),
        targets=torch.zeros(7, dtype=torch.int64),
        row_of=torch.zeros(7, dtype=torch.int64),
        n_asked=(1, 1, 1, 2, 2),
    )
    qkv = 2 * 20 * (16 * 48)
    after_mixing = (20 + 7) * (16 * 16 + 3 * 16 * 10)
    attention = 2 * 5 * (1 + 2 + 3 + 4) * 2 * 16
    head = 7 * 11 * 16
    assert speed.flops_of(batch, 11, settings) == 6 * (qkv + after_mixing + attention + head)


def test_speeds_are_ratios_of_what_was_timed_in_turn() -> None:
    product_s = 2 * speed.SGEMM_SIZE**3 / 100e9
    times = {
        "ours": [0.011] * 3,
        "bare": [0.010] * 3,
        "gradients": [0.005] * 3,
        "sgemm": [product_s] * 3,
    }
    step, share = speed.figures(times, flops=0.25e9)
    assert (step.value, step.is_met) == (1.1, True)
    assert (share.value, share.is_met) == (50.0, True)
    slow, low = speed.figures({**times, "ours": [0.012] * 3, "gradients": [0.01] * 3}, 0.25e9)
    assert (slow.value, slow.is_met) == (1.2, False)
    assert (low.value, low.is_met) == (25.0, False)


@pytest.mark.slow
def test_one_short_turn_measures_something() -> None:
    step, share = speed.speed(n_rounds=1, steps_a_round=1)
    assert step.value > 0
    assert 0 < share.value < 100


def test_without_transformers_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flashcards.cli import main

    monkeypatch.setattr(report, "can_meet_peers", lambda: False)
    assert main(["bench", "--peers"]) == 1
    assert "--peers needs transformers" in capsys.readouterr().err


def test_what_looking_costs_is_a_share_of_the_updates() -> None:
    ledger, look, walk = looking.figures([0.02] * 4, [0.0005] * 4, [0.01] * 3, [0.03], [0.02])
    assert (ledger.value, ledger.is_met) == (2.5, True)
    assert (look.value, look.is_met) == (2.0, True)
    assert walk.value == 30.0


@pytest.mark.slow
def test_a_short_look_measures_something() -> None:
    ledger, look, walk = looking.looking(n_steps=20, n_looks=2)
    assert ledger.value > 0
    assert look.value > 0
    assert walk.value > 0


def test_a_sweep_that_takes_no_longer_on_more_cores_uses_all_of_them() -> None:
    assert scale.sweeps(10.0, 10.0, 8).value == 100
    assert scale.sweeps(10.0, 12.5, 8).value == 80
    assert "16 runs on 8 cores" in scale.sweeps(10.0, 12.5, 8).detail


def test_processes_are_compared_in_wall_time_and_shards_in_cpu_time() -> None:
    plain = scale.Timed([9.0], [4.0])
    one, two = scale.Timed([5.0, 6.0, 7.0], [4.4] * 3), scale.Timed([3.0, 4.0, 5.0], [2.0] * 3)
    speed_up, cost = scale.together(plain, one, two, 2)
    assert (speed_up.name, speed_up.value) == ("2 processes, one model", 1.5)
    assert "6.00 s an update and 4.00 s" in speed_up.detail
    assert cost.value == 10.0
