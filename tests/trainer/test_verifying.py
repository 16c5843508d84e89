"""`verify`: a run given again is the same to the bit."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flashcards.base import system
from flashcards.base.language import VARIABLE
from flashcards.learner.learner import Learner
from flashcards.learner.saving import extra_of
from flashcards.runs.commands import (
    AnyCommand,
    Ask,
    Pin,
    Play,
    Rewind,
    SetLearningRate,
    SetOrder,
    Stop,
    TakeDeck,
)
from flashcards.runs.events import (
    AnyEvent,
    ExamTaken,
    PinAnswered,
    PinTaught,
    PromptAnswered,
    RivalsAnswered,
    RivalsGraded,
    RunDiverged,
    RunRewound,
    StepsTaken,
)
from flashcards.runs.folder import RunFolder, read_state
from flashcards.runs.goal import Goal
from flashcards.runs.values import EndReason
from flashcards.trainer import ending, exams
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.ending import Ending
from tests.decks import write_capitals, write_sums
from tests.trainer.altering import alter
from tests.trainer.eventful import N_STEPS, Eventful, eventful_run
from tests.trainer.lessons import ScriptedInbox, run_lesson
from tests.trainer.test_rerun import contents
from tests.waiting import PATIENCE_S

Script = list[tuple[int, AnyCommand]]


@pytest.fixture
def eventful(tmp_path: Path) -> Eventful:
    return eventful_run(tmp_path)


def test_an_eventful_run_is_the_same_to_the_bit_and_is_left_as_it_is(eventful: Eventful) -> None:
    before = contents(eventful.folder.path)
    kinds = {type(event) for event in eventful.folder.events()}
    assert {PinAnswered, PinTaught, PromptAnswered, RivalsGraded, RivalsAnswered} <= kinds
    found = verify(eventful.folder.path)
    assert found.differences == ()
    assert found.is_same
    assert found.is_exact
    assert found.last_step == N_STEPS
    assert found.n_numbers > 1000
    assert found.n_states >= 9
    assert contents(eventful.folder.path) == before


@pytest.mark.slow
def test_a_run_that_was_stopped_and_gone_on_with_is_the_same(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    pins: Script = [(0, Pin(prompt="Egypt")), (0, Pin(prompt="Peru"))]
    first, _ = run_lesson(deck, tmp_path / "runs", script=pins, goal=Goal(step=33), speed=None)
    path = first.keeper.folder.path
    run_lesson(deck, tmp_path / "runs", goal=Goal(step=57), resume=str(path))
    run_lesson(deck, tmp_path / "runs", goal=Goal(step=140), resume=str(path))
    found = verify(path)
    assert found.differences == ()
    assert found.is_same
    last = [event for event in RunFolder.open(path).events() if isinstance(event, PinTaught)][-1]
    assert last.step > 57
    assert last.since_step == 1


@pytest.mark.parametrize("is_of_that_day", [False, True])
def test_a_run_that_came_near_its_goal_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_of_that_day: bool
) -> None:
    """One day's version held exams at speed earlier near a goal; its log doesn't say so."""
    monkeypatch.setattr(exams, "N_SAMPLE", 10)
    monkeypatch.setattr(ending, "SAMPLE_ERROR", 0.9)  # any score is near
    find = Ending.find

    def find_and_look_soon(self: Ending) -> EndReason | None:
        reason = find(self)
        memory = self._teaching.memory
        memory.next_exam_s = min(memory.next_exam_s, memory.nominal_s + 0.05)
        return reason

    if is_of_that_day:
        monkeypatch.setattr(Ending, "find", find_and_look_soon)
    goal = Goal(unseen=0.9, step=30)
    taught, _ = run_lesson(write_sums(tmp_path), tmp_path / "runs", goal=goal, speed="full")
    monkeypatch.setattr(Ending, "find", find)
    held = [event for event in taught.keeper.folder.events() if isinstance(event, ExamTaken)]
    assert any(0 < exam.unseen.total == 10 for exam in held)
    found = verify(taught.keeper.folder.path)
    assert found.differences == ()
    assert found.is_same


def test_a_run_taught_in_german_is_the_same_in_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "de")
    taught, _ = run_lesson(write_capitals(tmp_path), tmp_path / "runs", goal=Goal(step=24))
    monkeypatch.setenv(VARIABLE, "en")
    found = verify(taught.keeper.folder.path)
    assert found.differences == ()
    assert found.is_same


@pytest.mark.slow
def test_a_log_in_which_counting_began_anew_is_followed(tmp_path: Path) -> None:
    """As versions wrote it that did not save who taught what."""
    deck = write_capitals(tmp_path)
    pins: Script = [(0, Pin(prompt="Egypt"))]
    first, _ = run_lesson(deck, tmp_path / "runs", script=pins, goal=Goal(step=40))
    folder = first.keeper.folder
    path = folder.state_files()[-1][1]
    saved = read_state(path)
    assert saved is not None
    parts = extra_of(saved)
    assert parts.pop("accounts")
    older = folder.save_resume_point(40, first.training.learner.save(parts))
    folder.log_path.write_text(folder.log_path.read_text().replace(path.name, older.name))
    run_lesson(deck, tmp_path / "runs", goal=Goal(step=80), resume=str(folder.path))
    last = [event for event in folder.events() if isinstance(event, PinTaught)][-1]
    assert last.since_step == 41
    assert verify(folder.path).differences == ()
    alter(folder, "PinTaught", r'"since_step":41', '"since_step":42')
    assert not verify(folder.path).is_same


@pytest.mark.slow
def test_what_was_done_before_the_first_update_is_compared_too(tmp_path: Path) -> None:
    deck = write_capitals(tmp_path)
    script: Script = [
        (0, Ask(request=1, prompt="Peru")),
        (0, SetOrder(order="hardest")),
        (0, TakeDeck(text=deck.read_text().replace("Lima", "Cusco"))),
        (0, Ask(request=2, prompt="Peru")),
    ]
    opened, _ = run_lesson(deck, tmp_path / "runs", script=script, goal=Goal(step=20))
    folder = opened.keeper.folder
    found = verify(folder.path)
    assert found.differences == ()
    assert found.is_same
    for kind, pattern, to in (
        ("PromptAnswered", r'"probability":\d', '"probability":7'),
        ("DeckChanged", r'"n_changed":1', '"n_changed":2'),
        ("RivalsAnswered", r'"answer":"[^"]*"', '"answer":"Oslo"'),
        ("OrderChanged", r"hardest", "deck"),
    ):
        was = folder.log_path.read_bytes()
        alter(folder, kind, pattern, to, place=0)
        assert not verify(folder.path).is_same, kind
        folder.log_path.write_bytes(was)


@pytest.mark.pair
def test_rivals_graded_by_their_process_at_whatever_step_are_the_same(tmp_path: Path) -> None:
    deck = write_sums(tmp_path, 40)
    text = deck.read_text()
    opened, watched = run_lesson(
        deck,
        tmp_path / "runs",
        script=[(4, TakeDeck(text=text[: text.rindex("20+20")]))],
        goal=Goal(step=12),
    )
    folder = opened.keeper.folder
    scores = [event.rivals for event in watched.of(RivalsGraded)]
    assert scores[-1] == opened.keeper.state.rivals
    assert verify(folder.path).differences == ()
    alter(folder, "RivalsGraded", r'("nearest","seen":\{"right":)\d', r"\g<1>")
    found = verify(folder.path)
    assert {difference.what for difference in found.differences} == {
        "RivalsGraded.rivals[2].seen.right"
    }


@pytest.mark.parametrize("n_more", [0, pytest.param(110, marks=pytest.mark.slow)])
def test_a_run_that_went_back_is_the_same(tmp_path: Path, n_more: int) -> None:
    inboxes: list[ScriptedInbox] = []

    def react(event: AnyEvent) -> None:
        if isinstance(event, StepsTaken) and event.step >= 70 and len(inboxes) == 1:
            inboxes[0].put(Rewind())
            inboxes.append(inboxes[0])
        if isinstance(event, RunRewound):
            if n_more:
                inboxes[0].put(Play())
            inboxes[0].script.append((event.step + n_more, Stop()))
            inboxes[0].step = event.step

    opened, watched = run_lesson(
        write_capitals(tmp_path),
        tmp_path / "runs",
        script=[(0, Pin(prompt="Egypt")), (40, SetLearningRate(factor=256))],
        react=react,
        inboxes=inboxes,
    )
    (back,) = watched.of(RunRewound)
    if n_more:
        assert watched.of(PinTaught)[-1].step > back.step
    else:
        norms = {e.gradient_norm for e in watched.of(StepsTaken) if e.step == back.step}
        assert len(norms) == 1, "after going back it is said what was said there before"
        assert min(norms) > 0
    folder = opened.keeper.folder
    assert back.step == 32
    assert len([*folder.path.glob("keyframes/00000032-*")]) == 1
    assert verify(folder.path).differences == ()
    alter(folder, "RunRewound", r'"factor":1', '"factor":2')
    assert {found.what for found in verify(folder.path).differences} == {"RunRewound.factor"}


@pytest.mark.slow
def test_a_run_that_broke_breaks_again_or_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Learner.study

    def spoilt(self: Learner, card_indices: list[int], *rest: Any) -> object:
        studied = study(self, card_indices, *rest)
        if self.step >= 20:
            object.__setattr__(studied, "loss_nats", float("nan"))
        return studied

    with monkeypatch.context() as patched:
        patched.setattr(Learner, "study", spoilt)
        opened, watched = run_lesson(
            write_capitals(tmp_path), tmp_path / "runs", script=[(21, Stop())]
        )
        path = opened.keeper.folder.path
        assert [event.step for event in watched.of(RunDiverged)] == [20]
        assert verify(path).differences == ()
        assert verify(path).is_same
    assert verify(path).problem == "Update 21 did not break the model when made again."


@pytest.mark.slow
@pytest.mark.parametrize("rounding", [{"MKL_CBWR": "AVX2"}, {"MKL_CBWR": "COMPATIBLE"}])
def test_a_run_from_a_processor_that_rounds_otherwise_is_not_called_different(
    tmp_path: Path, rounding: dict[str, str]
) -> None:
    command = ("train", "plurals", "--steps", "120", "--speed", "full", "--json")
    ended = subprocess.run(
        [*system.python("-m", "flashcards"), *command, "--runs", str(tmp_path)],
        env={**os.environ, **rounding},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    found = verify(Path(json.loads(ended.stdout)["run"]))
    assert (found.differences, found.problem) == ((), "")
    print("to the bit" if found.is_exact else "within the tolerance")
