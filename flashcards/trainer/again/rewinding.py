"""Goes back to a saved state from before the steps broke the model. The run stays open.

What came after did not happen: the log says so as it does when a run goes on.
"""

import math

from flashcards.runs import events
from flashcards.runs.state import RunState
from flashcards.trainer import checkpoints, lesson_kinds, training_state
from flashcards.trainer.keeper import Keeper

GOOD_SHARE = 0.95  # A score of at least this share of the best so far is one to go back to

AT_ONCE_STEPS = 64
"""A model that broke within so many updates of a raised rate was broken by that very raise."""


def target_of(training: training_state.TrainingState, keeper: Keeper) -> int | None:
    """The newest step to go back to; None where there is nothing to go back from.
    That is where the learning rate was raised above the deck's own, when it broke the model at
    once; else the last exam before the break that went about as well as ever."""
    steps, step = keeper.state.steps, training.learner.step
    broken = steps.broken
    if not training.learner.is_finite:
        target = step if broken is None else min(broken.step, step)
    elif broken is not None:
        target = max(0, broken.step - 1)
    elif steps.can_rewind:
        target = step
    else:
        return None
    raised = training.memory.raised_at_step
    if raised is not None and (broken is None or target - raised <= AT_ONCE_STEPS):
        return min(target, raised)
    good = _last_good(keeper.state, target)
    if good is None:
        good = raised
    return target if good is None else min(target, good)


def _last_good(state: RunState, at_most: int) -> int | None:
    """The step of the last exam with a good score, up to this step; None when all scores were 0."""
    points = state.exams.seen_rates.points
    rates = [(step, rate) for step, rate in points if step <= at_most and math.isfinite(rate)]
    best = max((rate for _, rate in rates), default=0.0)
    return max(step for step, rate in rates if rate >= GOOD_SHARE * best) if best else None


def _exams_beyond(state: RunState, step: int) -> tuple[tuple[int, float], ...]:
    """The exams after this step, as `RunRewound.undone` has them."""
    points = state.exams.seen_rates.points
    return tuple((at, rate) for at, rate in points if at > step and math.isfinite(rate))


def go_back(
    training: training_state.TrainingState, keeper: Keeper, target: int, device: str
) -> None:
    """Make the lesson what it was in the newest sound state up to step `target`. The learning rate
    becomes the deck's own if it was higher, half of what it was if not.
    Raises RunError: there is no such state. Raises OSError: the log can't be written."""
    from_step, speed = training.learner.step, training.memory.speed
    factor = training.memory.learning_rate_factor
    restorer = checkpoints.Restorer(keeper.folder, device)
    before = restorer.restore(max(target, training.memory.chapter_step))
    training.become(before)
    memory = training.memory
    memory.speed = speed
    memory.opening.clear()
    memory.raised_at_step = None
    memory.learning_rate_factor = 1.0 if factor > 1.0 else factor / 2
    step = training.learner.step
    undone = _exams_beyond(keeper.state, step)
    start = lesson_kinds.started(keeper.folder, training)
    keeper.go_back(events.RunResumed(step=step, start=start, file=restorer.file))
    keeper.emit(events.LearningRateChanged(step=step, factor=memory.learning_rate_factor))
    keeper.emit(
        events.RunRewound(
            step=step, from_step=from_step, factor=memory.learning_rate_factor, undone=undone
        )
    )
    if keeper.state.speed != speed:
        keeper.emit(events.SpeedChanged(step=step, speed=speed))
