"""What rounding may change in a run, and what it may not."""

import pytest

from flashcards.runs import events
from flashcards.trainer.again.tolerance import Leaf, is_rounded, is_within


@pytest.mark.parametrize(
    ("fact", "name", "was", "now", "may_differ", "may_differ_far"),
    [
        (events.StepsTaken, "loss_nats", 2.0, 2.05, True, True),
        (events.StepsTaken, "loss_nats", 2.0, 3.0, False, True),
        (events.StepsTaken, "cards_taught", 64, 65, False, False),
        (events.ExamTaken, "seen.right", 40, 42, True, True),
        (events.ExamTaken, "seen.right", 4, 40, False, True),
        (events.ExamTaken, "seen.total", 40, 41, False, False),
        (events.PromptAnswered, "answer", "Oslo", "Oslp", True, True),
        (events.PromptAnswered, "probability", None, 0.5, True, True),
        (events.RunStarted, "guessing_nats", 3.61, 3.6100001, True, False),
        (events.RunStarted, "guessing_nats", 3.61, 9.61, False, False),
        (events.RunStarted, "n_parameters", 190_336, 190_337, False, False),
        (events.RecipeChanged, "order", "deck", "hardest", False, False),
        (events.RecipeChanged, "learning_rate_factor", 2.0, 3.0, False, False),
    ],
)
def test_only_what_the_model_computes_may_differ(
    fact: type[object], name: str, was: Leaf, now: Leaf, may_differ: bool, may_differ_far: bool
) -> None:
    assert is_within(fact, name, was, now) is may_differ
    assert is_rounded(fact, name, was, now) is may_differ_far
