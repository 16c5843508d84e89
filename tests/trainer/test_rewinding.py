"""Steps that are too large: seen as such, and gone back from. Real lessons at real rates."""

from pathlib import Path
from typing import Any

import pytest

from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.goal import Goal
from flashcards.runs.steps import Regime
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.checkpoints import Restorer
from flashcards.trainer.opening import OpenedLesson
from tests.app.lesson import folded
from tests.decks import write_capitals, write_sums
from tests.trainer.lessons import Clock, Script, ScriptedInbox, Watched, run_lesson


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_sums(tmp_path)


@pytest.mark.parametrize(
    ("factor", "kinds"),
    [
        pytest.param(1 / 64, {"too_small"}, marks=pytest.mark.slow),
        (1.0, {"right"}),
        (64.0, {"broken"}),
    ],
)
def test_the_regime_is_that_of_the_rate(deck: Path, factor: float, kinds: set[Regime]) -> None:
    script: Script = [(0, cmd.SetLearningRate(factor=factor))]
    _, watched = run_lesson(deck, script=script, goal=Goal(step=50))
    found = folded(watched.events).steps
    assert found.regime in kinds, found
    assert found.factor == factor
    assert found.loss_nats is not None
    if factor == 64:
        assert found.broken is not None
        assert found.broken.sign == "above_guessing"
        assert found.loss_nats > found.guessing_nats


def rewound(deck: Path, script: Script, back_at: int) -> tuple[OpenedLesson, Watched]:
    """Go back when it is broken, or has come to this step, and stop where that leads."""
    inbox = ScriptedInbox(Clock(), script)
    is_asked: list[ev.AnyEvent] = []

    def react(event: ev.AnyEvent) -> None:
        is_there = isinstance(event, ev.StepsTaken) and event.step >= back_at and not is_asked
        if is_there or isinstance(event, ev.RunDiverged):
            is_asked.append(event)
            inbox.put(cmd.Rewind())
        if isinstance(event, ev.RunRewound):
            inbox.put(cmd.Stop())

    return run_lesson(deck, inbox=inbox, react=react)


def test_a_rate_raised_while_paused_is_gone_back_from(deck: Path) -> None:
    pauses: Script = [(at, one) for at in (20, 30, 40) for one in (cmd.Pause(), cmd.Play())]
    raised = (20, cmd.SetLearningRate(factor=64.0))
    _, watched = rewound(deck, [pauses[0], raised, *pauses[1:]], back_at=50)
    (back,) = watched.of(ev.RunRewound)
    assert back.step == watched.of(ev.LearningRateChanged)[0].step


@pytest.mark.slow
def test_a_broken_run_goes_back_to_where_the_rate_was_raised(deck: Path, tmp_path: Path) -> None:
    opened, watched = rewound(deck, [(20, cmd.SetLearningRate(factor=64.0))], back_at=40)
    folder = opened.keeper.folder
    (back,) = watched.of(ev.RunRewound)
    raised = watched.of(ev.LearningRateChanged)[0]
    assert raised.factor == 64.0
    assert back.step == raised.step
    assert back.from_step > raised.step
    assert back.factor == 1.0
    exams = [e for e in watched.events if isinstance(e, ev.ExamTaken)]
    undone = [(e.step, e.seen.rate) for e in exams if back.step < e.step <= back.from_step]
    assert list(back.undone) == undone != []
    straight, _ = run_lesson(deck, tmp_path / "b", goal=Goal(step=back.step))
    assert opened.training.learner.weights_sha256() == straight.training.learner.weights_sha256()
    state = folded(watched.events)
    assert (state.step, state.liveness, state.learning_rate_factor) == (back.step, "paused", 1.0)
    assert max(step for step, _ in state.steps.losses.points) <= back.step
    assert all(event.step <= back.step for event in folder.events())
    logged = folded(folder.events())
    assert logged.steps.losses.points == state.steps.losses.points
    assert all(step <= back.step for step, _ in folder.state_files())
    verification = verify(folder.path)
    assert verification.is_same, verification.differences
    assert [step for step, _ in folder.state_files()].count(back.step) == 2
    (kept,) = (path for path in folder.path.glob("keyframes/*") if f"{back.step:08d}" in path.name)
    assert folder.state_files()[-1][1] != kept
    assert Restorer(folder).restore().memory.learning_rate_factor == back.factor


@pytest.mark.slow
def test_a_run_that_breaks_late_goes_back_to_where_it_knew_much(tmp_path: Path) -> None:
    """Raised a little, it goes on learning; raised more, it breaks."""
    script: Script = [
        (10, cmd.SetLearningRate(factor=1.5)),
        (150, cmd.SetLearningRate(factor=256.0)),
    ]
    opened, watched = rewound(write_capitals(tmp_path), script, back_at=200)
    (back,) = watched.of(ev.RunRewound)
    slightly, much = watched.of(ev.LearningRateChanged)[:2]
    assert (slightly.factor, much.factor) == (1.5, 256.0)
    assert slightly.step < back.step <= much.step
    known = [e for e in watched.of(ev.ExamTaken) if e.step <= back.step and e.seen.total]
    assert known[-1].seen.rate == 1.0
    assert opened.training.learner.step == back.step
    # every recorded number of a run that was gone back in can be given again
    verification = verify(opened.keeper.folder.path)
    assert verification.is_same, verification.differences
    assert verification.n_numbers > 100


def test_after_nan_it_goes_back_and_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error stops being a number in the fortieth update, as it would by overflow."""
    from flashcards.learner.learner import Learner

    study = Learner.study

    def spoilt(self: Learner, card_indices: list[int], *rest: Any) -> object:
        studied = study(self, card_indices, *rest)
        if self.step >= 40 and not watched_back:
            object.__setattr__(studied, "loss_nats", float("nan"))
        return studied

    monkeypatch.setattr(Learner, "study", spoilt)
    watched_back: list[ev.AnyEvent] = []
    inbox = ScriptedInbox(Clock(), [])

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.LessonEnded) and event.reason == "diverged":
            inbox.put(cmd.Rewind())
        if isinstance(event, ev.RunRewound):
            watched_back.append(event)
            inbox.put(cmd.Play())
        if isinstance(event, ev.StepsTaken) and watched_back and event.step >= 45:
            inbox.put(cmd.Stop())

    opened, watched = run_lesson(write_capitals(tmp_path), react=react, inbox=inbox)
    (back,) = watched.of(ev.RunRewound)
    assert back.step <= 40
    assert back.factor == 0.5
    assert opened.training.learner.is_finite
    assert opened.training.learner.step >= 45
    assert [e.step for e in watched.of(ev.RunResumed)] == [back.step]


@pytest.mark.slow
def test_going_back_from_a_sound_run_does_nothing(deck: Path) -> None:
    script: Script = [(40, cmd.Rewind()), (50, cmd.Stop())]
    opened, watched = run_lesson(deck, script=script)
    assert not watched.of(ev.RunRewound)
    assert opened.training.learner.step >= 50


@pytest.mark.slow
def test_the_speed_stays_what_it_is_and_the_log_says_so(tmp_path: Path) -> None:
    """The state gone back to was saved at another speed."""
    script: Script = [
        (0, cmd.SetSpeed(speed="brisk")),
        (2, cmd.SetLearningRate(factor=1024)),
        (3, cmd.SetSpeed(speed="full")),
    ]
    opened, watched = rewound(write_capitals(tmp_path), script, back_at=20)
    assert [event.step for event in watched.of(ev.RunRewound)] == [2]
    logged = folded(opened.keeper.folder.events())
    assert opened.training.memory.speed == logged.speed == "full"
    assert verify(opened.keeper.folder.path).differences == ()
