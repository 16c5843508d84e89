"""`verify`: a run given again is the same to the bit, and what was altered is found."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from flashcards.runs.events import PinAnswered, PromptAnswered
from flashcards.trainer.ending import Goal
from flashcards.trainer.verifying import verify
from tests.decks import write_capitals
from tests.trainer.eventful import N_STEPS, Eventful, eventful_run
from tests.trainer.lessons import run_lesson
from tests.trainer.test_faults import damage
from tests.trainer.test_rerun import contents


@pytest.fixture
def eventful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Eventful:
    return eventful_run(write_capitals(tmp_path), monkeypatch)


def alter(eventful: Eventful, kind: str, pattern: str, to: str, place: int = -1) -> None:
    log = eventful.folder.log_path
    lines = log.read_text().splitlines(keepends=True)
    chosen = [i for i, line in enumerate(lines) if f'"kind":"{kind}"' in line][place]
    altered = re.sub(pattern, to, lines[chosen], count=1)
    assert altered != lines[chosen]
    lines[chosen] = altered
    log.write_text("".join(lines))


def test_an_eventful_run_is_the_same_to_the_bit_and_is_left_as_it_is(eventful: Eventful) -> None:
    before = contents(eventful.folder.path)
    kinds = {type(event) for event in eventful.folder.events()}
    assert {PinAnswered, PromptAnswered} <= kinds
    found = verify(eventful.folder.path)
    assert found.differences == ()
    assert found.is_same
    assert found.is_exact
    assert found.last_step == N_STEPS
    assert found.n_numbers > 1000
    assert found.n_states >= 9
    assert contents(eventful.folder.path) == before


def test_a_run_that_was_stopped_and_gone_on_with_is_the_same(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    first, _ = run_lesson(deck, tmp_path / "runs", goal=Goal(steps=33), speed=None)
    path = first.keeper.folder.path
    run_lesson(deck, tmp_path / "runs", goal=Goal(steps=57), resume=str(path))
    run_lesson(deck, tmp_path / "runs", goal=Goal(steps=90), resume=str(path))
    found = verify(path)
    assert found.differences == ()
    assert found.is_same


@pytest.mark.parametrize(
    ("kind", "pattern", "to"),
    [
        ("StepsTaken", r'"loss_nats":(\d+\.\d*?)\d\b', r'"loss_nats":\g<1>'),
        ("ExamTaken", r'"seen":\{"right":\d+', '"seen":{"right":3'),
        ("CorrectionMeasured", r'"error_nats":\d', '"error_nats":9'),
        ("PinAnswered", r'"probability":0', '"probability":1'),
        ("PromptAnswered", r'"times_seen":\d', '"times_seen":7'),
        ("LessonEnded", r'"unseen":\{"right":\d+', '"unseen":{"right":9'),
    ],
)
def test_an_altered_line_is_found(eventful: Eventful, kind: str, pattern: str, to: str) -> None:
    alter(eventful, kind, pattern, to)
    found = verify(eventful.folder.path)
    assert not found.is_same
    assert found.differences[0].what.startswith(kind)


def test_a_line_that_was_taken_out_is_found(eventful: Eventful) -> None:
    alter(eventful, "StepsTaken", r"^.*\n$", "", place=3)
    found = verify(eventful.folder.path)
    assert not found.is_same
    assert "missing in the log" in found.differences[0].was


def test_an_altered_learning_rate_is_found_by_what_follows(eventful: Eventful) -> None:
    log = eventful.folder.log_path
    text = log.read_text()
    altered = text.replace('"learning_rate_factor":2.0', '"learning_rate_factor":1.9')
    assert altered != text
    log.write_text(altered)
    found = verify(eventful.folder.path)
    assert not found.is_same
    assert any("state" in difference.what for difference in found.differences)


def test_a_damaged_keyframe_is_found_and_so_is_one_of_another_run(eventful: Eventful) -> None:
    keyframes = sorted((eventful.folder.path / "keyframes").iterdir())
    damage(keyframes[-1])
    found = verify(eventful.folder.path)
    (difference,) = found.differences
    assert difference.was == "damaged"
    assert keyframes[-1].name in difference.what


def test_on_another_machine_a_tolerance_is_used_and_said(eventful: Eventful) -> None:
    info = eventful.folder.path / "run.json"
    written = msgspec.json.decode(info.read_bytes())
    written["versions"]["torch"] = "1.0.0"
    info.write_bytes(msgspec.json.encode(written))
    alter(eventful, "StepsTaken", r'"loss_nats":(\d+\.\d*?)\d\b', r'"loss_nats":\g<1>')
    found = verify(eventful.folder.path)
    assert found.is_same
    assert not found.is_exact
    assert found.elsewhere.startswith("torch 1.0.0 there")
    alter(eventful, "StepsTaken", r'"loss_nats":\d+', '"loss_nats":77')
    assert not verify(eventful.folder.path).is_same


def test_an_old_log_can_not_be_verified_and_says_so(eventful: Eventful) -> None:
    log = eventful.folder.log_path
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(line for line in lines if b'"RecipeChanged"' not in line))
    found = verify(eventful.folder.path)
    assert not found.is_same
    assert "before flashcards kept how each update is made" in found.problem
