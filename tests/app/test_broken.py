"""The learning rate in words, and when it broke the model: badge, sentence, the way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import pytest

from flashcards.app.audience.shared_lesson import facts_of
from flashcards.app.stage.presenter import stage_of
from flashcards.app.update.sheet import UpdateSheet
from flashcards.app.widgets.cells import wrap
from flashcards.app.widgets.charts import (
    LossChart,
    ShareChart,
    breaking,
    getting_better,
    turning_points,
)
from flashcards.app.widgets.frame import RunHeader, VerdictLine
from flashcards.base.language import LANGUAGES, VARIABLE
from flashcards.runs import commands as cmd, events as ev, values as val
from flashcards.runs.exam_history import ExamHistory
from flashcards.runs.markers import RateWasChanged
from flashcards.runs.marks import WRONG, pack
from flashcards.runs.steps import OF_SIZE, Break, BreakSign, Regime, StepWatch
from flashcards.wording import rates
from tests import told
from tests.app.lesson import change, correction, folded, started
from tests.app.saved_run import logged
from tests.app.script import on_stage, said_by
from tests.golden import check_words, words

BROKE_AT = 806


def report(step: int, loss: float, change: float = 0.004) -> ev.StepsTaken:
    return told.steps(step, train_seconds=step / 60, loss_nats=loss, relative_change=change)


def exam(step: int, loss: float, right: float) -> ev.ExamTaken:
    return told.exam(
        step,
        (int(2880 * right), 2880),
        (int(700 * right), 800),
        seen_loss_nats=loss,
        unseen_loss_nats=loss * 1.4,
    )


def broken() -> list[ev.AnyEvent]:
    """A lesson whose learning rate was raised at step 805, and what that did, up to step 1,000."""
    happened: list[ev.AnyEvent] = [started(), ev.RecipeChanged(step=0, is_single=False)]
    for i in range(1, 116):
        happened.append(report(7 * i, 3.6 * 0.975**i))
        if i % 5 == 0:
            happened.append(exam(7 * i, 3.6 * 0.97**i, 1 - 0.98**i))
    happened += [
        ev.CorrectionMeasured(step=700, correction=correction()),
        ev.LearningRateChanged(step=805, factor=32.0),
        ev.RecipeChanged(step=805, is_single=False, learning_rate_factor=32.0),
    ]
    for i in range(1, 29):
        happened.append(report(805 + 7 * i, 4.4 - 0.05 * i, 0.03))
        if i % 5 == 0:
            happened.append(exam(805 + 7 * i, 4.2 - 0.05 * i, 0.0))
    happened += [
        ev.CorrectionMeasured(step=1001, correction=lost()),
        ev.DeckMarked(step=1001, marks=pack(bytes([WRONG]) * 3680)),
    ]
    return sorted(happened, key=lambda event: event.step)


def lost() -> val.Correction:
    odds = (0.02, 0.01, 0.03, 0.02, 0.05)
    return correction(guess="eeee", probabilities=odds, change=change(6e-9, 4e-9))


async def test_a_broken_model_is_compared_with_nobody() -> None:
    rivals = ev.RivalsGraded(
        step=700, rivals=(val.Rival("lookup", val.Score(2880, 2880), val.Score(0, 800)),)
    )
    sound = [event for event in broken() if event.step <= 700]
    for happened, is_compared in (([*sound, rivals], True), ([*broken(), rivals], False)):
        async with on_stage(happened) as stage:
            await stage.press("3")
            rows = "\n".join(stage.rows())
            assert ("looks it up" in rows) == is_compared
            assert (words("screen: neither") in rows) != is_compared
            assert "the model" in rows


async def test_a_break_is_in_the_badge_on_the_axis_and_in_the_first_sentence() -> None:
    async with on_stage(broken()) as stage:
        assert "BROKEN" in stage.text(RunHeader)
        assert "LIVE" not in stage.text(RunHeader)
        assert "∞" in stage.text(LossChart)
        check_words("screen: broken", stage.text(VerdictLine), step=BROKE_AT)
        assert "━ taught" in stage.text(LossChart)
        state = stage.app.session.state
        noticed = words("screen: break noticed", step=BROKE_AT)
        assert [mark.word for mark in breaking(state)] == [noticed]
        state.markers.reached.insert(0, RateWasChanged(step=700, factor=2.0))
        marks = {mark.step: mark.word for mark in breaking(state)}
        assert marks == {700: words("screen: rate raised", factor="×32"), BROKE_AT: noticed}
        assert stage.app.screen.has_class("-bad")
        (marker,) = [m for m in stage.app.session.run.markers if m.kind == "diverged"]
        assert marker.step == BROKE_AT


async def test_where_it_broke_is_marked_on_the_curve_of_right_answers() -> None:
    async with on_stage(broken()) as stage:
        await stage.press("3")
        assert words("screen: break noticed", step=BROKE_AT) in stage.text(ShareChart)


@pytest.mark.parametrize(
    ("event", "badge"),
    [
        (ev.RunPaused(step=1001), "BROKEN ‖ PAUSED"),
        (
            told.ended("too_early", (0, 2880), (0, 800), reason="no_progress", step=1001),
            "BROKEN ■ FINISHED",
        ),
    ],
)
async def test_a_lesson_that_waits_or_is_over_is_broken(event: ev.AnyEvent, badge: str) -> None:
    async with on_stage([*broken(), event]) as stage:
        assert badge in stage.text(RunHeader)
        is_over = isinstance(event, ev.LessonEnded)
        key = "screen: broken end" if is_over else "screen: broken"
        check_words(key, stage.text(VerdictLine), step=BROKE_AT)
        await stage.press(":rewind")
        assert stage.sent == [cmd.Rewind()]


async def test_numbers_that_are_no_numbers_are_said_in_the_same_way() -> None:
    nan: list[ev.AnyEvent] = [
        started(),
        ev.LearningRateChanged(step=4, factor=64.0),
        ev.RunDiverged(step=9),
    ]
    async with on_stage(nan) as stage:
        assert "∞ DIVERGED" in stage.text(RunHeader)
        check_words("screen: broken numbers", stage.text(VerdictLine), step=9)
        await stage.press(":rewind")
        assert stage.sent == [cmd.Rewind()]


async def test_one_can_go_back_from_steps_that_only_spoil() -> None:
    spoiling = [event for event in broken() if event.step <= 805]
    spoiling += [report(805 + 7 * i, 1.0, 0.03) for i in range(1, 12)]
    async with on_stage(spoiling) as stage:
        steps = stage.app.session.state.steps
        assert (steps.regime, steps.broken) == ("too_large", None)
        check_words("screen: spoiling", stage.text(VerdictLine), factor="×32")
        for view in "24":
            await stage.press(view)
            check_words("screen: spoiling", stage.text(VerdictLine), factor="×32")
        await stage.press("escape")
        await stage.press(":rewind")
        assert stage.sent[-1] == cmd.Rewind()


async def test_where_nothing_is_spoilt_going_back_is_refused() -> None:
    async with on_stage([started(), *(report(7 * i, 1.0) for i in range(1, 30))]) as stage:
        await stage.press(":rewind")
        assert stage.sent == []
        assert words("screen: nothing to rewind") in said_by(stage.app)


async def test_going_back_is_told_until_the_rate_is_another_one() -> None:
    start = started()
    back: list[ev.AnyEvent] = [
        ev.RunResumed(step=800, start=start),
        ev.LearningRateChanged(step=800, factor=1.0),
        ev.RunRewound(step=800, from_step=1001, factor=1.0),
    ]
    async with on_stage([*broken(), *back]) as stage:
        text = stage.text(VerdictLine)
        check_words("screen: rewound", text, from_step="1,001", to_step=800)
        assert "‖ PAUSED" in stage.text(RunHeader)
        assert "BROKEN" not in stage.text(RunHeader)
        await stage.say(ev.LearningRateChanged(step=800, factor=1 / 32))
        assert "×1/32" in stage.text(RunHeader)
        check_words("screen: new rate", stage.text(VerdictLine), factor="×1/32")


def test_what_went_wrong_stays_on_the_curve_until_another_chapter() -> None:
    taken = [
        told.exam(step, (seen, 30), (0, 9)) for step, seen in ((400, 20), (600, 28), (800, 30))
    ]
    back: list[ev.AnyEvent] = [
        ev.RunResumed(step=800, start=started()),
        ev.RunRewound(step=800, from_step=1001, factor=1.0, undone=((900, 0.5), (1000, 0.0))),
    ]
    state = folded([started(), *taken, *back])
    view = getting_better(state)
    spoilt = view.lines[-1]
    assert (spoilt.name, spoilt.points) == ("taken back", ((800, 1.0), (900, 0.5), (1000, 0.0)))
    assert view.end == "step 1,000"
    state.fold(told.exam(1200, (30, 30), (0, 9)))
    assert getting_better(state).end == ""
    state.exams = ExamHistory(is_hidden=True)  # until a class has bet
    assert "taken back" not in [line.name for line in getting_better(state).lines]
    state.exams = ExamHistory()
    state.life.since_step = 801
    assert "taken back" not in [line.name for line in getting_better(state).lines]


def test_where_it_was_taken_back_and_what_spoilt_it_are_marked_on_the_curve() -> None:
    raised = [ev.LearningRateChanged(step=step, factor=factor) for step, factor in ((700, 8.0),)]
    back: list[ev.AnyEvent] = [
        ev.RunResumed(step=800, start=started()),
        ev.LearningRateChanged(step=800, factor=1.0),
        ev.RunRewound(step=800, from_step=1001, factor=1.0),
    ]
    state = folded([started(), *raised, report(1001, 1.0), *back])
    marks = [(mark.step, mark.word) for mark in turning_points(state)]
    assert marks == [
        (700, "larger corrections: learning rate ×8"),
        (800, "taken back from step 1,001"),
    ]
    at_once = folded([started(), ev.LearningRateChanged(step=795, factor=8.0), *back])
    assert [mark.step for mark in turning_points(at_once)] == [800]
    never_raised = folded([started(), *back])
    assert [mark.step for mark in turning_points(never_raised)] == [800]


async def test_z_in_the_past_follows_live_first(tmp_path: Path) -> None:
    async with on_stage(logged(tmp_path, broken())) as stage:
        await stage.press("ctrl+left", "ctrl+left")
        await stage.until(lambda: stage.app.session.travel.loaded == stage.app.session.travel.step)
        assert stage.app.session.travel.step == BROKE_AT
        check_words("screen: broke", stage.text(VerdictLine))
        await stage.press("right", "right")
        await stage.until(lambda: stage.app.session.travel.loaded == 808)
        await stage.press("shift+right", "shift+right")
        await stage.until(lambda: stage.app.session.travel.loaded == 828)
        check_words("screen: broken past", stage.text(VerdictLine))
        await stage.press(":rewind")
        assert stage.app.session.travel.step is None
        assert stage.sent == [cmd.Rewind()]


def test_on_stage_and_on_phones_it_is_said_without_a_key() -> None:
    state = folded(broken())
    assert state.steps.broken is not None
    assert state.steps.broken.step == BROKE_AT
    sentence = f"BROKEN {rates.broken(state.steps)}"
    shown = stage_of(state, "verbs", [])
    assert shown.sentence == sentence
    assert shown.sentence_style == ".wrong"
    phone = facts_of(folded(broken()), is_stalled=False)["lesson"]
    assert str(phone["status"]).startswith("BROKEN")
    assert phone["sentence"] == sentence


def watch(regime: Regime, loss_nats: float, change: float, factor: float) -> StepWatch:
    found = StepWatch(
        step=0 if regime == "unknown" else 99,
        n_at_rate=9,
        guessing_nats=10.55 if loss_nats > 10 else 3.9,
        reports=[(1, loss_nats)],
        changes=[change],
        factor=factor,
        is_stuck=regime == "stuck",
        is_learned=regime == "learned",
        is_single=regime == "one_card",
        size={of: size for size, of in OF_SIZE.items()}.get(regime, "usual"),
    )
    assert found.regime == regime
    return found


def regimes() -> Iterator[StepWatch]:
    """Each with numbers as long as they get."""
    for regime in get_args(Regime):
        if regime != "broken":
            yield watch(regime, 12.34, 0.0000991, 1 / 64)
            yield watch(regime, 12.34, 0.0345, 64.0)


@contextmanager
def spoken(language: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, language)
        yield


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_rate_does_is_said_in_two_lines_of_80_columns(language: str) -> None:
    with spoken(language):
        for steps in regimes():
            sentence = rates.sentence(steps)
            assert not any(line.endswith("…") for line in wrap(sentence, 76, 2)), sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sign", ["forgot", "above_guessing", "not_a_number"])
def test_a_break_is_said_in_four_lines_of_80_columns(language: str, sign: BreakSign) -> None:
    with spoken(language):
        broken = Break(step=1_234_567, sign=sign, before_nats=0.31, factor=64.0)
        steps = StepWatch(guessing_nats=10.55, reports=[(1, 512.0)], broken=broken)
        sentence = rates.broken(steps, "ctrl+z", "no_progress")
        tail = " Space resumes the lesson."
        assert not any(line.endswith("…") for line in wrap(sentence + tail, 76, 4)), sentence


async def test_the_page_of_the_update_says_that_its_corrections_are_too_large() -> None:
    async with on_stage(broken()) as stage:
        await stage.press("4")
        assert words("screen: broken update") in " ".join(stage.text(UpdateSheet).split())
