"""The view of a text being read: surprises, writing, both errors, what counting comes to."""

from pathlib import Path

import pytest
from textual.widgets import Input

from flashcards.app.reading.reading_view import BARS, PassageSheet, ReadingView, WritingSheet, bar
from flashcards.app.widgets.bars import ScoreBars
from flashcards.app.widgets.charts import ShareChart
from flashcards.runs import events as ev, values as val
from flashcards.runs.commands import Ask, Play, SetRemedy
from flashcards.trainer.request import LessonRequest
from flashcards.wording import facts
from flashcards.wording.texts import least_expected, n_before
from tests import told
from tests.app import recordings
from tests.app.saved_run import logged
from tests.app.script import on_stage
from tests.golden import check_words, words

ALWAYS_SHOWN = (PassageSheet, WritingSheet, ShareChart, ScoreBars)


def reading() -> list[ev.AnyEvent]:
    _, log, *_ = recordings.logs("valley")
    return [event for event in log if not isinstance(event, ev.RunPaused)]


def test_the_most_surprising_piece_is_not_the_first_which_follows_nothing() -> None:
    pieces = tuple(
        val.AnswerPiece(text, before, is_best=False)
        for text, before in (("O", 0.001), ("t", 0.5), ("o", 0.2))
    )
    guess = tuple(val.GuessPiece(text, 0.9) for text in "abc")
    assert n_before(pieces) == 1
    least = least_expected(pieces[1:], guess[1:])
    check_words("screen: surprise", least)
    words = tuple(val.AnswerPiece(text, 0.5, is_best=True) for text in "It was a rainy day in May.")
    assert n_before(words) == len("It was a ")


def test_where_even_the_most_surprising_piece_was_right_that_is_said() -> None:
    pieces = tuple(
        val.AnswerPiece(text, before, is_best=True)
        for text, before in (("O", 0.001), ("t", 0.9), ("o", 0.54))
    )
    guess = tuple(val.GuessPiece(text, 0.9) for text in "Oto")
    least = least_expected(pieces[1:], guess[1:])
    check_words("screen: least sure", least)


async def test_a_large_screen_shows_the_errors_below_right_guesses() -> None:
    async with on_stage(reading()) as stage:
        for size, is_large in (((80, 24), False), ((120, 40), True), ((80, 40), False)):
            await stage.resize(size)
            assert all(stage.app.screen.query_one(kind).display for kind in ALWAYS_SHOWN)
            assert stage.app.screen.query_one("#errors").display == is_large
            text = "\n".join(stage.rows())
            assert (words("screen: both errors") in text) == is_large


async def test_the_other_views_lead_back_and_those_of_cards_are_not_opened() -> None:
    async with on_stage(reading()) as stage:
        await stage.press("8")
        assert not isinstance(stage.app.screen, ReadingView)
        await stage.press("1")
        assert isinstance(stage.app.screen, ReadingView)
        await stage.press("3")  # cards
        assert isinstance(stage.app.screen, ReadingView)


async def test_who_begins_with_a_text_is_told_what_can_be_done_with_one(tmp_path: Path) -> None:
    happened = [event for event in reading()[:20] if not isinstance(event, ev.StepsTaken)]
    async with on_stage(happened, runs=tmp_path) as stage:
        await stage.until(lambda: stage.app.status_line.text == words("screen: offers text"))


async def test_any_key_goes_on_after_the_end() -> None:
    ended = told.ended("read", (1, 2), (1, 2), "no_progress", step=390)
    async with on_stage([*reading(), ended]) as stage:
        await stage.press("f12")
        assert any(isinstance(command, Play) for command in stage.sent)


async def test_the_past_shows_what_it_wrote_then(tmp_path: Path) -> None:
    async with on_stage(logged(tmp_path, reading())) as stage:
        stage.app.session.travel.go(100)
        await stage.until(lambda: stage.app.session.travel.is_past)
        assert stage.app.session.travel.step == 100
        (*_, then) = (e for e in reading() if isinstance(e, ev.TextWritten) and e.step <= 100)
        assert then.lines[0][:40] in stage.lines(WritingSheet)[1]


def test_surprise_has_a_bar() -> None:
    right = [val.AnswerPiece("a", before, is_best=True) for before in (1.0, 0.4)]
    wrong = [val.AnswerPiece("a", before, is_best=False) for before in (0.4, 0.05, 0.0)]
    assert [bar(one) for one in (*right, *wrong)] == [BARS[n] for n in (1, 2, 4, 5, 8)]


async def test_a_beginning_is_gone_on_with() -> None:
    text = " lives in Eschen. She bakes bread.↵Anka is very fond of plums. On Monday fog lay on the"
    async with on_stage(reading()) as stage:
        assert isinstance(stage.app.screen, ReadingView)
        await stage.press("a", *"Petra", "enter")
        asked = [command for command in stage.sent if isinstance(command, Ask)][-1]
        await stage.say(
            told.answered(
                390,
                "Petra",
                text,
                request=asked.request,
                pieces=tuple(val.GuessPiece(character, 0.8) for character in text),
                probability=1e-9,
                is_cut=True,
            )
        )
        stage.app.screen.query_one(Input).cursor_blink = False
        said = "\n".join(stage.rows())
        assert "Petra lives in Eschen. She bakes bread.↵Anka" in said
        assert "NEW" not in said
        assert "teach it" not in said


def taught_after() -> list[ev.AnyEvent]:
    for log in recordings.logs("valley"):
        began = [i for i, event in enumerate(log) if isinstance(event, ev.ChapterBegan)]
        if began:
            later = log[began[0] :]
            return [*reading(), *(e for e in later if not isinstance(e, ev.RunPaused))]
    raise AssertionError("the recording has no chapter")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_cards_after_reading_stand_in_the_view_of_a_lesson(size: tuple[int, int]) -> None:
    early = [event for event in taught_after() if event.step <= 420]
    async with on_stage(early, size) as stage:
        assert not isinstance(stage.app.screen, ReadingView)
        bars = next(row for row in stage.rows() if "↩ The" in row)
        assert "71 %" in bars
        said = "It forgets “The valley”: 90 % were right, now 71 %."
        assert said in stage.app.status_line.text
        await stage.press(":rehearse")
        assert stage.sent[-1] == SetRemedy(rehearsal=0.1)
        await stage.say(ev.RemedyChanged(step=402, rehearsal=0.1, n_learned=211_000))
        assert facts.rehearsed(0.1) in stage.app.status_line.text


async def test_the_view_of_reading_is_left_when_cards_are_taught() -> None:
    both = taught_after()
    n_read = len(reading())
    async with on_stage(both[:n_read]) as stage:
        assert isinstance(stage.app.screen, ReadingView)
        await stage.say(*both[n_read:])
        assert not isinstance(stage.app.screen, ReadingView)
        assert "Questions about the valley" in "".join(stage.rows())


async def test_the_slider_goes_back_from_cards_into_what_was_read(tmp_path: Path) -> None:
    async with on_stage(logged(tmp_path, taught_after())) as stage:
        await stage.press("home")
        await stage.until(lambda: stage.app.session.travel.step == 0)
        await stage.until(lambda: "step 0" in stage.rows()[0])
        assert stage.app.session.shown_state.is_reading
        await stage.press("end")
        await stage.until(lambda: "↩ The valley" in "".join(stage.rows()))


async def test_before_a_text_is_opened_nothing_is_said_of_cards() -> None:
    async with on_stage([]) as stage:
        assert stage.app.session.shell.view_name == "lesson"
        stage.app.session.open(LessonRequest(deck="story", is_read=True))
        await stage.settle()
        await stage.settle()
        assert stage.app.session.shell.view_name == "reading"
        assert any("waking the model" in row for row in stage.rows())
        assert not any("TAUGHT" in row for row in stage.rows())
        await stage.say(ev.TrainerFailed(step=0, text="story is empty"))
        assert any("Story is empty." in row for row in stage.rows())
        assert not any("waking the model" in row for row in stage.rows())
