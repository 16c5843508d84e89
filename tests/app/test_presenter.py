"""The presenter view: huge, one thing at a time, nothing that would embarrass."""

import msgspec
import pytest
from textual.widgets import Static

from flashcards.app.room import LineRank, StatusLine
from flashcards.app.stage.large_text import StageLine, StageSheet, StageView
from flashcards.app.stage.presenter import CARDS_FOR_S, PresenterView, stage_of
from flashcards.app.textual_fixes.colours import FAR, contrast
from flashcards.app.widgets.frame import BADGES
from flashcards.runs import events as ev, values as val
from flashcards.runs.state import RunState
from flashcards.wording import facts, updates
from flashcards.wording.lesson import explanation
from tests import told
from tests.app.drawn import plain
from tests.app.lesson import correction, folded, lesson, started
from tests.app.playing import presented
from tests.golden import check_words, words


def explained(phase: val.Phase) -> RunState:
    whole = correction(n_cards=1, prompt="17+25", answer="42", guess="41")
    return folded([*lesson(4), ev.PhaseEntered(step=1284, phase=phase, correction=whole)])


def ended() -> RunState:
    return folded([*lesson(4), told.ended("memorised", (50, 50), (0, 20))])


def test_each_phase_shows_what_is_known_then_and_no_more() -> None:
    texts = {
        phase: [line.text for line in stage_of(explained(phase), "d", []).lines]
        for phase in val.PHASES
    }
    assert texts["data"] == texts["model"] == ["17+25"]
    assert texts["prediction"] == ["17+25", "41"]
    assert texts["error"] == ["17+25", "41", "42"]
    assert texts["adjustment"][:2] == ["17+25", "42"]
    assert "38 % ▸ 52 %" in texts["adjustment"]


def test_tiny_probabilities_are_told_as_they_are_and_apart() -> None:
    whole = correction(n_cards=1)
    assert whole.change is not None
    tiny = msgspec.structs.replace(
        whole.change, probability_before=1 / 566_000, probability_after=1 / 537_000
    )
    card = msgspec.structs.replace(whole, change=tiny)
    state = folded([*lesson(4), ev.PhaseEntered(step=1284, phase="adjustment", correction=card)])
    before, after = stage_of(state, "d", []).lines[2:]
    assert (before.text, after.text) == ("1 in 566,000", "1 in 537,000")
    assert after.label == f"and now  {updates.times_as_likely(1 / 566_000, 1 / 537_000)}"


@pytest.mark.parametrize("before", [0.999301, 0.999299])
def test_a_probability_that_stays_or_can_hardly_rise_is_told_once(before: float) -> None:
    whole = correction(n_cards=1)
    assert whole.change is not None
    same = msgspec.structs.replace(
        whole.change, probability_before=before, probability_after=0.999301
    )
    card = msgspec.structs.replace(whole, change=same)
    state = folded([*lesson(4), ev.PhaseEntered(step=1284, phase="adjustment", correction=card)])
    (line,) = stage_of(state, "d", []).lines[2:]
    assert line.text == "99.93 %"


def test_a_card_that_is_taught_for_the_first_time_is_not_said_to_wait() -> None:
    for n_times, key in ((0, "first time taught"), (7, "taught before")):
        card = msgspec.structs.replace(correction(), times_seen=n_times)
        state = folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=card)])
        check_words(f"stage: {key}", stage_of(state, "d", []).sentence)


def test_a_stage_that_is_paused_within_a_correction_says_that_nothing_is_taught() -> None:
    phase = ev.PhaseEntered(step=1284, phase="adjustment", correction=correction())
    for is_paused in (False, True):
        paused = [ev.RunPaused(step=1284)] if is_paused else []
        sentence = stage_of(folded([*lesson(4), phase, *paused]), "d", []).sentence
        assert (words("stage: paused") in sentence) == is_paused


def test_at_speed_a_right_guess_needs_no_answer_beside_it() -> None:
    right = correction(guess="sang", mark="right")
    state = folded([*lesson(), ev.CorrectionMeasured(step=1300, correction=right)])
    assert [line.text for line in stage_of(state, "d", []).lines[:2]] == ["sing", "sang"]
    wrong = folded(lesson())
    assert [line.text for line in stage_of(wrong, "d", []).lines[:3]] == ["sing", "singed", "sang"]


def test_marks_differ_by_shape() -> None:
    for mark, guess in (("✓ right", "sang"), ("≈ nearly", "sung"), ("✗ wrong", "singed")):
        card = correction(guess=guess)
        state = folded([*lesson(4), ev.CorrectionMeasured(step=1300, correction=card)])
        rows = plain(StageSheet().draw(stage_of(state, "d", []), 80, 24))
        assert f"it says  {mark}" in "\n".join(rows)


def test_a_score_of_all_cards_never_stands_under_one_card() -> None:
    shown = set()
    for train_seconds in range(20):
        state = folded(lesson())
        state.train_seconds = train_seconds
        stage = stage_of(state, "d", [])
        texts = [line.text for line in stage.lines]
        labels = [line.label for line in stage.lines]
        if "sing" in texts:
            assert not any("TAUGHT" in label for label in labels)
            assert stage.sentence == words("screen: taught before", n=31)
        else:
            assert (labels, texts) == (
                ["right of ■ TAUGHT", "right of ◆ NEVER TAUGHT"],
                ["94 %", "88 %"],
            )
            assert "understood" in stage.sentence
        shown.add("sing" in texts)
    assert shown == {True, False}
    bare = folded(lesson(n_taught=50, n_held_out=0))
    bare.train_seconds = CARDS_FOR_S
    assert [line.label for line in stage_of(bare, "d", []).lines] == ["right of ■ TAUGHT"]


def test_a_reason_with_a_path_in_it_is_not_for_the_room() -> None:
    text = "/home/someone/secret.deck: no space left"
    state = folded([*lesson(), ev.TrainerFailed(step=1284, text=text)])
    view = stage_of(state, "d", [])
    assert "secret" not in repr(view)
    assert view.sentence


def test_the_first_lines_grow_first() -> None:
    def n_rows(height: int, *texts: str) -> list[int]:
        return StageSheet()._shares([StageLine(text) for text in texts], 78, height)

    assert n_rows(40, "17+25", "42", "43") == [12, 12, 12]
    assert n_rows(21, "17+25", "42", "43") == [8, 4, 4]
    assert n_rows(14, "17+25", "42", "43") == [4, 4, 4]
    assert n_rows(6, "17+25", "42", "43") == [1, 1, 1]
    assert n_rows(20, "りんご", "ok") == [1, 16]


def test_what_was_before_is_no_larger_than_what_is_now() -> None:
    before, after = StageLine("1 in 9,000", is_like_next=True), StageLine("1 in 8,000")
    shares = StageSheet()._shares([StageLine("17+25"), before, after], 78, 25)
    assert shares == [8, 4, 4]
    alone = msgspec.structs.replace(before, is_like_next=False)
    assert StageSheet()._shares([StageLine("17+25"), alone, after], 78, 25) == [8, 8, 4]


@pytest.mark.parametrize("height", [24, 30, 40])
def test_a_verdict_is_never_cut_where_rows_are_empty(height: int) -> None:
    verdict = ended().end_verdict
    assert verdict is not None
    sentence = facts.verdict(verdict) + " And a word more." * 4
    view = msgspec.structs.replace(stage_of(ended(), "d", []), sentence=sentence)
    rows = plain(StageSheet().draw(view, 80, height))
    assert " ".join(" ".join(rows).split()).endswith(sentence)


def test_before_anything_is_known_the_deck_is_named() -> None:
    texts = [line.text for line in stage_of(RunState(), "past-tense", []).lines]
    assert texts == ["past-tense", "waking the model"]


def test_a_model_that_is_awake_is_not_woken_before_its_first_card() -> None:
    texts = [line.text for line in stage_of(folded([started()]), "past-tense", []).lines]
    assert texts == ["past-tense"]


@pytest.mark.parametrize("theme", ["stage-dark", "stage-light"])
async def test_every_text_on_stage_has_seven_to_one(theme: str) -> None:
    async with presented(folded(lesson()), theme=theme) as app:
        ground = app.screen.styles.background
        sheet = app.screen.query_one(StageSheet)
        for name in ("strong", "muted", "right", "nearly", "wrong", "taught", "unseen", "lit-text"):
            shown = (sheet.visual_style + sheet.style_of(f".{name}")).foreground
            assert shown is not None
            assert contrast(shown, ground) >= FAR, (name, shown, ground)


async def test_the_stage_shows_no_notice() -> None:
    async with presented(folded(lesson())) as app:
        app.notify("/home/someone/secret", markup=False)
        await app.animator.wait_for_idle()
        assert not any(toast.is_on_screen for toast in app.screen.query("Toast").results(Static))
        assert "secret" not in app.export_screenshot()


async def test_what_enter_does_stands_on_stage_too() -> None:
    async with presented(folded(lesson())) as app:
        presenter = app.view
        assert isinstance(presenter, PresenterView)
        presenter._stage.answered = told.answered(20, "glorp", "glorped")
        notice = StatusLine(LineRank.COURSE, enter="Enter goes on with the course.")
        presenter.paint(folded(lesson()), notice=notice)
        stage = presenter.query_one(StageSheet).showing
        assert stage is not None
        assert stage.sentence.endswith(f" {notice.enter}")


async def test_an_error_on_stage_has_guess_answer_and_what_is_measured() -> None:
    async with presented(explained("error")) as app:
        stage = app.view.query_one(StageSheet).showing
        assert stage is not None
        lines = [(line.text, line.label, line.mark) for line in stage.lines]
        assert lines == [
            ("17+25", "it is asked", None),
            ("41", "it says", "wrong"),
            ("42", "right is", None),
        ]
        assert stage.word == "ERROR"
        assert stage.sentence


def test_the_deck_is_named_as_strongly_as_what_it_asks() -> None:
    top = StageSheet().draw(StageView((), title="English to Swedish"), 80, 24)[0]
    assert next(style for text, style in top if "English to Swedish" in text) == ".strong"


def test_a_card_that_is_drawn_shows_a_side_and_not_the_answer() -> None:
    sentence = stage_of(explained("data"), "d", []).sentence
    assert explanation("data") in sentence
    assert "prompt" not in sentence


async def test_what_the_lesson_is_doing_stands_out_on_stage_as_in_every_view() -> None:
    paused = folded([*lesson(4), ev.RunPaused(step=1284)])
    async with presented(paused) as app:
        stage = app.view.query_one(StageSheet).showing
        assert stage is not None
        ((text, style),) = stage.badges
        assert text.strip() == BADGES["paused"][0]
        assert "reverse" in style
