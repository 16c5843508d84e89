"""The model of a saved run at any step: the steps between two saved states are trained again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from flashcards.runs.folder import RunError, RunFolder
from flashcards.runs.values import PastAnswer
from flashcards.trainer.again.replaying import CannotReplay, Replay
from flashcards.trainer.opening import LessonError, open_learner
from flashcards.trainer.training_state import TrainingState


def learner_at(
    path: Path, step: int | None, on_steps: Callable[[int, int], None] = lambda first, last: None
) -> TrainingState:
    """A saved run's learner, to ask and not to teach, as it was at this step; the newest of None,
    or of a step that the run never came to. `on_steps` is told which steps are trained again.
    Raises LessonError: the run can't be used, or the step can't be trained again."""
    training = open_learner(path, step)
    if step is None or training.learner.step == step:
        return training
    try:
        folder = RunFolder.open(path)
        replay = Replay(folder, at_most=step, is_quick=True)
        step = min(step, replay.log.last_step)
        if replay.step < step:
            on_steps(replay.step, step)
        replay.give(step)
    except (CannotReplay, RunError, OSError) as problem:
        raise LessonError(
            f"{problem} The nearest saved step is {training.learner.step:,}: ask --at that one."
        ) from problem
    return replay.training


def answers_until(path: Path, prompt: str, at: int | None) -> Iterator[PastAnswer]:
    """What a saved run answered at every saved state, and at each step that is a power of two,
    oldest first, up to step `at`. Raises LessonError: the run can't be used."""
    last = open_learner(path, at).learner.step
    try:
        folder = RunFolder.open(path)
        replay = Replay(folder, at_most=0, is_quick=True)
        last = last if at is None else max(last, min(at, replay.log.last_step))
        saved = {step for step, _ in folder.state_files(last)}
        for step in sorted({0, last} | saved | {2**n for n in range(last.bit_length())}):
            if step in saved:
                replay.start_from(step)
            with contextlib.suppress(CannotReplay):  # a damaged log: saved states are left
                replay.give(step)
                (said,) = replay.training.learner.answer_each([prompt])
                yield PastAnswer(replay.step, said.text, said.probability)
    except (RunError, OSError) as problem:
        raise LessonError(str(problem)) from problem
