"""The log: torn tails are cut, garbage is left out, and a resume takes back what came after it."""

import math
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, strategies as st

from flashcards.runs import events as ev
from flashcards.runs.cursor import read_all, read_run
from flashcards.runs.events import RunPaused, RunPlayed, RunResumed
from flashcards.runs.log import LogWriter, cut_torn_line, rounded
from tests import told
from tests.app.lesson import correction
from tests.runs.test_events import START


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def write(path: Path, *steps: int) -> None:
    log = LogWriter(path)
    for step in steps:
        log.append(RunPaused(step=step))
    log.close()


def test_a_torn_last_line_is_cut_and_writing_goes_on_after_it(path: Path) -> None:
    write(path, 1, 2)
    with path.open("ab") as file:
        file.write(b'{"kind":"RunPaused","st')
    assert [event.step for event in read_all(path)] == [1, 2]
    write(path, 3)
    assert [event.step for event in read_all(path)] == [1, 2, 3]


def test_a_torn_line_of_a_megabyte_is_cut_whole(path: Path) -> None:
    write(path, 1)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(b"x" * 2**20)
    assert cut_torn_line(path) == 2**20
    assert path.stat().st_size == size


def test_a_garbage_line_in_the_middle_is_left_out(path: Path) -> None:
    write(path, 1)
    with path.open("ab") as file:
        file.write(b'\xff\xfe garbage\n{"kind":"Unknown","step":1}\n\n')
    write(path, 2)
    assert [event.step for event in read_all(path)] == [1, 2]


def test_a_resume_takes_back_what_was_logged_beyond_its_step(path: Path) -> None:
    log = LogWriter(path)
    for step in (1, 2, 3, 4):
        log.append(RunPaused(step=step))
    log.append(RunResumed(step=2, start=START))
    log.append(RunPlayed(step=3))
    log.close()
    assert [(type(e).__name__, e.step) for e in read_run(path)] == [
        ("RunPaused", 1),
        ("RunPaused", 2),
        ("RunResumed", 2),
        ("RunPlayed", 3),
    ]


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read_and_appended_to(tmp_path_factory: object, garbage: bytes) -> None:
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    path = tmp_path_factory.mktemp("log") / "events.jsonl"
    path.write_bytes(garbage)
    list(read_all(path))
    write(path, 7)
    assert [event.step for event in read_all(path)][-1] == 7


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
