"""Steps that are too large: seen as such, and gone back from. Real lessons at real rates."""

from pathlib import Path
from typing import Any

import pytest

from flashcards.runs import commands as cmd
from flashcards.runs import events as ev
from flashcards.runs.folder import RunFolder
from flashcards.runs.goal import Goal
from flashcards.runs.state import RunState
from flashcards.runs.steps import Regime
from flashcards.trainer.again.verifying import verify
from flashcards.trainer.checkpoints import Restorer
from tests.app.lesson import folded
from tests.decks import write_capitals, write_sums
from tests.trainer.lessons import Script, ScriptedInbox, Watched, run_lesson


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    return write_sums(tmp_path)


@pytest.mark.parametrize(
    ("factor", "kinds"),
    [
        (1 / 64, {"too_small"}),
        (1.0, {"right"}),
        (4.0, {"right", "too_large"}),
        (16.0, {"too_large", "broken"}),
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


def test_of_a_run_that_has_not_begun_nothing_is_said() -> None:
    assert RunState().steps.regime == "unknown"


def rewound(
    deck: Path, runs: Path, factor: float, at: int, n_more: int, script: Script | None = None
) -> tuple[Watched, RunFolder, str]:
    """Raise the rate at a step, go back when broken, and play on to the end of the script."""
    inboxes: list[ScriptedInbox] = []
    is_broken: list[ev.AnyEvent] = []

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.RunDiverged) or (
            isinstance(event, ev.StepsTaken) and not is_broken and event.step >= at + n_more
        ):
            is_broken.append(event)
            inboxes[0].put(cmd.Rewind())
        if isinstance(event, ev.RunRewound):
            inboxes[0].put(cmd.Stop())

    opened, watched = run_lesson(
        deck,
        runs,
        script=script or [(at, cmd.SetLearningRate(factor=factor))],
        react=react,
        inboxes=inboxes,
    )
    return watched, opened.keeper.folder, opened.training.learner.weights_sha256()


def test_a_rate_that_was_raised_while_paused_is_gone_back_from_to_that_very_step(
    deck: Path, tmp_path: Path
) -> None:
    pauses: Script = [(at, one) for at in (20, 30, 40) for one in (cmd.Pause(), cmd.Play())]
    raised = (20, cmd.SetLearningRate(factor=64.0))
    script = [pauses[0], raised, *pauses[1:]]
    watched, _, _ = rewound(deck, tmp_path, 64.0, at=20, n_more=30, script=script)
    (back,) = watched.of(ev.RunRewound)
    assert back.step == watched.of(ev.LearningRateChanged)[0].step


def test_a_broken_run_goes_back_to_where_the_rate_was_raised(deck: Path, tmp_path: Path) -> None:
    watched, folder, sha256 = rewound(deck, tmp_path / "a", 64.0, at=20, n_more=20)
    (back,) = watched.of(ev.RunRewound)
    raised = watched.of(ev.LearningRateChanged)[0]
    assert raised.factor == 64.0
    assert back.step == raised.step
    assert back.from_step > raised.step
    assert back.factor == 1.0
    straight, _ = run_lesson(deck, tmp_path / "b", goal=Goal(step=back.step))
    assert sha256 == straight.training.learner.weights_sha256()
    state = folded(watched.events)
    assert (state.step, state.liveness, state.learning_rate_factor) == (back.step, "paused", 1.0)
    assert max(step for step, _ in state.steps.losses.points) <= back.step
    assert all(event.step <= back.step for event in folder.events())
    logged = folded(folder.events())
    assert logged.steps.losses.points == state.steps.losses.points
    assert all(step <= back.step for step, _ in folder.state_files())
    found = verify(folder.path)
    assert found.is_same, found.differences
    assert [step for step, _ in folder.state_files()].count(back.step) == 2
    (kept,) = (path for path in folder.path.glob("keyframes/*") if f"{back.step:08d}" in path.name)
    assert folder.state_files()[-1][1] != kept
    assert Restorer(folder).restore().memory.learning_rate_factor == back.factor


@pytest.mark.slow
def test_a_run_that_breaks_long_after_the_rate_was_raised_goes_back_to_where_it_still_knew_much(
    tmp_path: Path,
) -> None:
    """Raised a little, it goes on learning; raised more, it breaks."""
    deck = write_capitals(tmp_path)
    inboxes: list[ScriptedInbox] = []
    asked: list[int] = []

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.StepsTaken) and not asked and event.step >= 200:
            asked.append(event.step)
            inboxes[0].put(cmd.Rewind())
        if isinstance(event, ev.RunRewound):
            inboxes[0].put(cmd.Stop())

    script: Script = [
        (10, cmd.SetLearningRate(factor=1.5)),
        (150, cmd.SetLearningRate(factor=256.0)),
    ]
    opened, watched = run_lesson(deck, script=script, react=react, inboxes=inboxes)
    (back,) = watched.of(ev.RunRewound)
    assert 10 < back.step <= 150
    known = [e for e in watched.of(ev.ExamTaken) if e.step <= back.step and e.seen.total]
    assert known[-1].seen.rate == 1.0
    assert opened.training.learner.step == back.step
    # every recorded number of a run that was gone back in can be given again
    found = verify(opened.keeper.folder.path)
    assert found.is_same, found.differences
    assert found.n_numbers > 100


def test_a_run_whose_numbers_ended_goes_on_after_going_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    inboxes: list[ScriptedInbox] = []

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.LessonEnded) and event.reason == "diverged":
            inboxes[0].put(cmd.Rewind())
        if isinstance(event, ev.RunRewound):
            watched_back.append(event)
            inboxes[0].put(cmd.Play())
        if isinstance(event, ev.StepsTaken) and watched_back and event.step >= 45:
            inboxes[0].put(cmd.Stop())

    opened, watched = run_lesson(write_capitals(tmp_path), react=react, inboxes=inboxes)
    (back,) = watched.of(ev.RunRewound)
    assert back.step <= 40
    assert back.factor == 0.5
    assert opened.training.learner.is_finite
    assert opened.training.learner.step >= 45
    assert [e.step for e in watched.of(ev.RunResumed)] == [back.step]


def test_going_back_from_a_sound_run_does_nothing(deck: Path) -> None:
    script: Script = [(40, cmd.Rewind()), (50, cmd.Stop())]
    opened, watched = run_lesson(deck, script=script)
    assert not watched.of(ev.RunRewound)
    assert opened.training.learner.step >= 50


def test_the_speed_stays_what_it_is_and_the_log_says_so(tmp_path: Path) -> None:
    """The state gone back to was saved at another speed."""
    inboxes: list[ScriptedInbox] = []
    is_asked: list[bool] = []

    def react(event: ev.AnyEvent) -> None:
        if isinstance(event, ev.StepsTaken) and event.step >= 20 and not is_asked:
            is_asked.append(True)
            inboxes[0].put(cmd.Rewind())
        if isinstance(event, ev.RunRewound):
            inboxes[0].put(cmd.Stop())

    opened, watched = run_lesson(
        write_capitals(tmp_path),
        script=[
            (0, cmd.SetSpeed(speed="brisk")),
            (2, cmd.SetLearningRate(factor=1024)),
            (3, cmd.SetSpeed(speed="full")),
        ],
        react=react,
        inboxes=inboxes,
    )
    assert [event.step for event in watched.of(ev.RunRewound)] == [2]
    logged = folded(opened.keeper.folder.events())
    assert opened.training.memory.speed == logged.speed == "full"
    assert verify(opened.keeper.folder.path).differences == ()
