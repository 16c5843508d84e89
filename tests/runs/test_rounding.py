"""Numbers in the log hold six digits; texts that look like numbers are left alone."""

import math

import msgspec
import pytest

from flashcards.runs import events as ev
from flashcards.runs.log import rounded
from tests import told
from tests.app.lesson import correction


def test_a_correction_is_shorter_and_the_same_to_six_digits() -> None:
    measured = correction(
        prompt='3.14159265358979 "quoted" \\',
        answer="0.123456789",
        error_nats=math.pi * 1e-3,
        probabilities=(1 / 3, 1 / 7),
    )
    event = ev.CorrectionMeasured(step=3, correction=measured)
    short = rounded(event)
    assert isinstance(short, ev.CorrectionMeasured)
    assert len(ev.encode(short)) <= len(ev.encode(event)) - 9 * 8
    assert short.correction.prompt == measured.prompt
    assert short.correction.answer == measured.answer
    assert short.correction.error_nats == 0.00314159
    for a, b in zip(short.correction.pieces or (), measured.pieces or (), strict=True):
        assert a.before == pytest.approx(b.before, rel=1e-5)
    assert rounded(short) == short


def test_steps_and_exams_keep_their_counts_and_a_loss_that_is_no_number() -> None:
    steps = told.steps(
        9,
        cards_taught=123456789,
        train_seconds=123456.7891,
        loss_nats=math.nan,
        gradient_norm=1 / 3,
        relative_change=2e-7 / 3,
    )
    short = rounded(steps)
    assert isinstance(short, ev.StepsTaken)
    assert (short.cards_taught, short.train_seconds) == (123456789, 123456.7891)
    assert math.isnan(short.loss_nats)
    assert (short.gradient_norm, short.relative_change) == (0.333333, 6.66667e-8)
    assert msgspec.structs.asdict(rounded(ev.RunPaused(step=1))) == {"step": 1}
