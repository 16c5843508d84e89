"""What the steps do, told report by report: said steadily, and a break stays where it was found."""

import pytest

from flashcards.runs import events as ev
from flashcards.runs.state import RunState
from flashcards.runs.steps import LOST, SPOILT, Regime
from flashcards.runs.values import OrderName
from tests import told
from tests.app.lesson import started

GUESS = 3.3
STEPS_A_REPORT = 7


class Run:
    def __init__(self) -> None:
        self.state = RunState()
        self.step = 0
        self.say(started(guessing_nats=GUESS), ev.RecipeChanged(step=0, is_single=False))

    def say(self, *events: ev.AnyEvent) -> None:
        for event in events:
            self.state.fold(event)

    def report(self, *losses: float, change: float = 0.004, steps: int = STEPS_A_REPORT) -> None:
        for loss in losses:
            self.step += steps
            self.say(told.steps(self.step, loss_nats=loss, relative_change=change))

    def rate(self, factor: float) -> None:
        self.say(ev.LearningRateChanged(step=self.step, factor=factor))

    def recipe(self, *, is_single: bool = False, order: OrderName = "shuffled") -> None:
        factor = self.state.learning_rate_factor
        self.say(
            ev.RecipeChanged(
                step=self.step, is_single=is_single, learning_rate_factor=factor, order=order
            )
        )

    def exam(self, loss: float) -> None:
        losses = {"seen_loss_nats": loss, "unseen_loss_nats": loss}
        self.say(told.exam(self.step, (1, 2), (1, 2), is_full=False, **losses))

    def found(self) -> Regime:
        return self.state.steps.regime

    def sign(self) -> str:
        return "" if self.state.steps.broken is None else self.state.steps.broken.sign

    def broken_since(self) -> int | None:
        return None if self.state.steps.broken is None else self.state.steps.broken.step


def learned() -> Run:
    run = Run()
    run.report(*[3.3 * 0.8**i for i in range(12)])
    run.rate(32.0)
    return run


def test_a_break_stays_where_it_was_found_however_long_the_run_goes_on() -> None:
    run = learned()
    begin = run.step + 1
    run.report(4.0, 5.0)
    assert (run.found(), run.sign(), run.broken_since()) == ("broken", "forgot", begin)
    for _ in range(1500):
        run.report(2.4, 1.9, 2.6)
        assert run.broken_since() == begin
    assert run.state.steps.broken is not None
    assert run.state.steps.broken.before_nats == pytest.approx(3.3 * 0.8**9.2, rel=0.2)


def test_a_model_is_broken_until_its_error_is_as_low_as_where_losing_began_to_count() -> None:
    run = learned()
    run.report(4.0, 5.0, 4.0)
    run.report(*[1.4] * 60)  # in past tense 1 of 400 cards was right at this error
    assert run.found() == "broken"
    run.rate(1.0)
    run.report(*[1.1] * 8)
    assert run.found() == "broken"
    run.report(*[0.9] * 8)
    assert run.found() == "right"
    first = run.step
    run.rate(64.0)
    run.report(9.0, 9.0)
    assert run.broken_since() == first + 1


def test_an_error_of_just_what_counts_as_half_known_ends_a_break() -> None:
    run = learned()
    run.report(4.0, 5.0, 4.0)
    run.rate(1.0)
    half_known = LOST / 2 * GUESS
    run.report(*[half_known + 0.001] * 12)
    assert run.found() == "broken"
    run.report(*[half_known] * 12)
    assert run.state.steps.loss_nats == half_known
    assert run.found() == "right"


def test_a_model_that_never_learned_is_broken_above_a_blind_guess_and_until_it_is_below() -> None:
    run = Run()
    run.rate(64.0)
    run.report(3.3, 3.2, 400.0, 500.0)
    assert (run.sign(), run.broken_since()) == ("above_guessing", 15)
    run.rate(1.0)
    run.report(*[3.1] * 12)
    assert run.found() == "broken"
    run.report(*[2.6] * 8)
    assert run.found() == "right"


@pytest.mark.parametrize("change", [0.0005, 0.0009])
def test_what_is_said_of_a_rate_does_not_change_from_report_to_report(change: float) -> None:
    run = Run()
    run.rate(0.5)
    kinds = set()
    for i in range(200):
        run.report(0.4 + 0.1 * (i % 3), change=change * (1 + 0.2 * (-1) ** i))
        if i > 3:
            kinds.add(run.found())
    assert kinds == ({"too_small"} if change < 0.0007 else {"right"})


def test_small_steps_are_too_small_while_there_is_error_left_and_never_right() -> None:
    run = Run()
    run.rate(1 / 32)
    run.report(*[0.1] * 5, change=0.0001)
    for loss in (0.06, 0.09, 0.03, 0.05) * 20:
        run.report(loss, change=0.0001)
        assert run.found() == "too_small"
    run.report(*[0.001] * 12, change=0.0001)
    kinds = set()
    for loss in (0.001, 0.02, 0.0, 0.01) * 20:
        run.report(loss, change=0.0001)
        kinds.add(run.found())
    assert kinds == {"learned"}


def test_a_new_rate_is_judged_by_its_own_steps() -> None:
    run = Run()
    run.report(*[1.0] * 6, change=0.004)
    run.rate(8.0)
    run.report(1.0, 1.0, change=0.02)
    assert run.found() == "unknown"
    run.report(1.0, change=0.02)
    assert run.found() == "too_large"
    assert run.state.steps.relative_change == pytest.approx(0.02)


@pytest.mark.parametrize(("factor", "regime"), [(8.0, "too_large"), (1.0, "right")])
def test_steps_of_a_usual_size_that_undo_what_was_learned_are_too_large(
    factor: float, regime: Regime
) -> None:
    run = Run()
    run.report(*[2.0] * 4, *[0.2] * 12)
    run.rate(factor)
    best = run.state.steps.best_nats
    assert best is not None
    assert best == pytest.approx(0.2)
    near, far = (best + share * GUESS for share in (0.9 * SPOILT, 1.1 * SPOILT))
    run.report(*[near] * 8)
    assert run.found() == "right"
    run.report(*[far] * 8)
    assert run.found() == regime
    run.report(*[near] * 8)
    assert run.found() == regime, "it is said until the bound is clearly passed"
    run.report(*[best] * 8)
    assert run.found() == "right"


@pytest.mark.parametrize("what", ["order", "deck", "single"])
def test_another_mixture_of_cards_is_no_break(what: str) -> None:
    run = learned()
    run.rate(2.0)
    run.report(0.2)
    start = run.state.start
    assert start is not None
    match what:
        case "order":
            run.recipe(order="hardest")
        case "deck":
            run.say(ev.DeckChanged(step=run.step, start=start, file="x"))
        case _:
            run.recipe(is_single=True)
    run.report(*[2.5] * 20)
    assert run.found() != "broken"


def test_of_the_hardest_cards_a_great_error_is_a_break_only_where_an_exam_says_so() -> None:
    run = learned()
    run.recipe(order="hardest")
    run.report(*[4.0] * 8)
    run.exam(0.4)
    run.report(*[4.0] * 8)
    assert run.found() != "broken"
    run.exam(3.0)
    run.report(4.0)
    assert run.found() == "broken"


def test_at_the_decks_own_rate_only_a_long_mean_above_a_blind_guess_is_a_break() -> None:
    run = Run()
    run.report(*[3.0] * 10, 5.0, 5.0)
    assert run.found() != "broken"
    run.report(*[5.0] * 8)
    assert (run.sign(), run.broken_since()) == ("above_guessing", 71)
    run = learned()
    run.rate(1.0)
    run.report(*[0.2] * 9, *[2.5] * 20)
    assert run.found() != "broken"


@pytest.mark.parametrize("factor", [1.0, 2.0])
def test_cards_that_are_all_new_are_no_break_until_they_were_taught(factor: float) -> None:
    run = Run()
    run.report(*[GUESS / 4] * 20)
    run.rate(factor)
    run.say(ev.DeckChanged(step=run.step, start=started(guessing_nats=GUESS), file="1"))
    run.report(*[2.5 * GUESS] * 8)  # sure of answers that are wrong now
    assert run.state.steps.broken is None
    run.report(*[2.5 * GUESS] * 2)
    found = run.state.steps.broken
    assert found is not None
    assert found.sign == "above_guessing"


def test_one_card_an_update_needs_as_many_updates_to_tell() -> None:
    run = Run()
    run.rate(2.0)
    run.recipe(is_single=True)
    run.report(*[0.0, 1.6] * 40, steps=1)
    run.report(*[3.4] * 5, steps=1)
    assert run.found() != "broken"
    run.report(*[3.4] * 30, steps=1)
    assert run.found() == "broken"
