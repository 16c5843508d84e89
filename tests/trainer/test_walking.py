"""Walking one update phase by phase: each is really done then, and nothing is half done."""

from pathlib import Path
from typing import Any

import pytest

from flashcards.runs import commands as cmd
from flashcards.runs.events import AnyEvent, CorrectionMeasured, PhaseEntered, UpdateDetails
from flashcards.runs.values import PHASES, Phase
from flashcards.trainer import lesson, pace
from flashcards.trainer.opening import OpenedLesson
from tests.trainer.lessons import Clock, ScriptedInbox, Watched, run_lesson


def walk(
    deck: Path,
    runs: Path,
    commands: list[cmd.AnyCommand],
    *,
    at_phase: dict[Phase, list[cmd.AnyCommand]] | None = None,
    **options: Any,
) -> tuple[OpenedLesson, Watched]:
    left = list(commands)
    due = dict(at_phase or {})

    class OneByOne(ScriptedInbox):
        def wait(self, timeout_s: float) -> None:
            self.clock.now_s += timeout_s
            if timeout_s == lesson.IDLE_S:  # held, or nothing to do: not a phase that stands
                self.put(left.pop(0) if left else cmd.Stop())

    def react(event: AnyEvent) -> None:
        if isinstance(event, PhaseEntered):
            for command in due.pop(event.phase, []):
                inbox.put(command)

    inbox = OneByOne(Clock(), [(0, left.pop(0))])
    return run_lesson(deck, runs, inbox=inbox, react=react, **options)


def test_each_next_phase_is_one_and_one_makes_the_update(deck: Path, tmp_path: Path) -> None:
    opened, watched = walk(deck, tmp_path / "runs", [cmd.NextPhase() for _ in range(7)])
    phases = watched.of(PhaseEntered)
    # the seventh begins the next card; the Stop then finishes it
    assert [p.phase for p in phases[:7]] == [*PHASES, "data"]
    assert all(p.is_held for p in phases[:7])
    assert [p.step for p in phases[:6]] == [0, 0, 0, 0, 0, 1]
    first = watched.of(CorrectionMeasured)[0]
    assert watched.events.index(first) < watched.events.index(phases[5])
    assert opened.training.learner.step == 2


@pytest.mark.parametrize("n_phases", range(1, 6))
def test_it_is_adjusted_no_sooner(deck: Path, tmp_path: Path, n_phases: int) -> None:
    asked: list[cmd.AnyCommand] = [cmd.NextPhase() for _ in range(n_phases)]
    _, watched = walk(deck, tmp_path / "runs", asked, settings={"n_ahead": 3})
    held = watched.of(PhaseEntered)[:n_phases]
    after = watched.events[watched.events.index(held[-1]) + 1 :]
    details = next(e for e in after if isinstance(e, UpdateDetails))
    assert details.phase == PHASES[n_phases - 1]
    assert details.step == (1 if n_phases == 5 else 0)
    facts = ("reading", "expectations", "error_nats", "adjustment")
    known = [getattr(details, fact) is not None for fact in facts]
    assert known == [n_phases >= n for n in (2, 3, 4, 5)]
    assert details.pieces
    assert details.n_ahead == 3


def test_a_walked_lesson_is_the_stepped_lesson(deck: Path, tmp_path: Path) -> None:
    walked, _ = walk(deck, tmp_path / "a", [cmd.NextPhase() for _ in range(12)])
    stepped, _ = run_lesson(
        deck, tmp_path / "b", script=[(0, cmd.Step(n_cards=2)), (2, cmd.Stop())]
    )
    assert walked.training.learner.step == stepped.training.learner.step == 2
    assert walked.training.learner.weights_sha256() == stepped.training.learner.weights_sha256()
    assert walked.training.memory.position == stepped.training.memory.position


@pytest.mark.parametrize("phase", ["data", "adjustment", "repeat"])
def test_a_lesson_left_while_held_goes_on(deck: Path, tmp_path: Path, phase: Phase) -> None:
    n = PHASES.index(phase) + 1
    held, _ = walk(deck, tmp_path / "a", [cmd.NextPhase() for _ in range(n)])
    run = str(held.keeper.folder.path)
    assert held.training.learner.step == 1
    gone_on, _ = run_lesson(
        deck, tmp_path / "a", resume=run, script=[(0, cmd.Step(n_cards=3)), (4, cmd.Stop())]
    )
    straight, _ = run_lesson(
        deck, tmp_path / "b", script=[(0, cmd.Step(n_cards=4)), (4, cmd.Stop())]
    )
    assert gone_on.training.learner.step == straight.training.learner.step == 4
    assert gone_on.training.learner.weights_sha256() == straight.training.learner.weights_sha256()


def test_a_pause_leaves_the_card_held(deck: Path, tmp_path: Path) -> None:
    _, watched = walk(
        deck, tmp_path / "runs", [cmd.NextPhase(), cmd.NextPhase(), cmd.Pause(), cmd.NextPhase()]
    )
    assert [p.phase for p in watched.of(PhaseEntered)[:3]] == ["data", "model", "prediction"]
    assert all(p.is_held for p in watched.of(PhaseEntered)[:3])


@pytest.mark.parametrize("leaving", [cmd.Play(), cmd.SetSpeed(speed="brisk"), cmd.Step(n_cards=1)])
def test_play_and_step_leave_walking(deck: Path, tmp_path: Path, leaving: cmd.AnyCommand) -> None:
    script: list[cmd.AnyCommand] = [cmd.NextPhase(), cmd.NextPhase(), leaving]
    opened, watched = walk(deck, tmp_path / "runs", script, at_phase={"repeat": [cmd.Stop()]})
    assert [p.phase for p in watched.of(PhaseEntered)] == list(PHASES)
    assert [p.is_held for p in watched.of(PhaseEntered)] == [True, True, False, False, False, False]
    assert opened.training.learner.step == 1


def test_a_card_is_caught_too(deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pace.PHASE_S, "data", 0.4)
    _, watched = walk(
        deck,
        tmp_path / "runs",
        [cmd.SetSpeed(speed="explain"), cmd.NextPhase()],
        at_phase={"model": [cmd.NextPhase()]},
        speed="explain",
    )
    phases = watched.of(PhaseEntered)
    assert [p.phase for p in phases[:4]] == ["data", "model", "prediction", "error"]
    assert [p.is_held for p in phases[:4]] == [False, False, True, True]


@pytest.mark.parametrize("caught", ["model", "adjustment", "repeat"])
def test_after_a_caught_card_one_key_takes_the_next(
    deck: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caught: Phase
) -> None:
    monkeypatch.setitem(pace.PHASE_S, "data", 0.4)
    left = PHASES[PHASES.index(caught) + 1 :]
    keys: list[cmd.AnyCommand] = [cmd.NextPhase() for _ in (*left, "model")]
    _, watched = walk(
        deck,
        tmp_path / "runs",
        [cmd.SetSpeed(speed="explain"), *keys, cmd.Step(n_cards=1)],
        at_phase={caught: [cmd.NextPhase()]},
        speed="explain",
    )
    held = [p.phase for p in watched.of(PhaseEntered) if p.is_held]
    assert held == [*left, "data", "model"]
