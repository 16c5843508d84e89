"""A course: its question, the lesson, what it showed, and the next one with Enter."""

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from flashcards.app.app import FlashcardsApp
from flashcards.app.lesson.play import PlayScreen
from flashcards.app.room import LineRank, StatusLine
from flashcards.app.session import Session
from flashcards.app.stage import course_talk
from flashcards.app.stage.course_talk import Attending, is_asked_first
from flashcards.app.stage.presenter import SlideView
from flashcards.app.stage.slide_numbers import curve_of, filled, numbers
from flashcards.app.stage.stage_actions import StageState
from flashcards.app.stage.talking import Talking, first_request
from flashcards.app.widgets.ballot import BetScreen
from flashcards.app.widgets.dialog import ChoiceScreen
from flashcards.base.language import VARIABLE
from flashcards.cli.stage import course_app
from flashcards.runs import events as ev
from flashcards.runs.events import RunPaused
from flashcards.runs.values import BetQuestion, Score, Sureness
from flashcards.talks.course import NUMBERS, Course, all_done, lessons_done, note_done, read_course
from flashcards.trainer.request import LessonRequest
from flashcards.wording import bets
from tests.app.lesson import ENDED, folded, lesson
from tests.app.script import NOWHERE, on_stage
from tests.decks import write_capitals
from tests.golden import words
from tests.waiting import PATIENCE_S, until

ONE = """\
# First

It learns {taught} cards.

```flashcards
teach capitals.deck seed=3 until step=0
predict seen because "It has a good memory."
go on until step=12
```

# What it showed

{bets}

Right: {seen}.
"""
TWO = "# Second\n\nThe end.\n"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "lessons"
    folder.mkdir()
    write_capitals(folder)
    (folder / "1-first.md").write_text(ONE, encoding="utf-8")
    (folder / "2-second.md").write_text(TWO, encoding="utf-8")
    course, problems = read_course(folder)
    assert problems == []
    return course


@asynccontextmanager
async def attended(course: Course, tmp_path: Path) -> AsyncIterator[FlashcardsApp]:
    request = first_request(course.talk, LessonRequest(deck="apple", runs=str(tmp_path / "runs")))
    app = FlashcardsApp(request, keymap=NOWHERE)
    app.session.singleton(StageState).talking = Attending(app.session, course)
    async with app.run_test(size=(80, 24)):
        yield app
        await app.session.run.close()


@pytest.mark.slow
@pytest.mark.pair
async def test_a_lesson_asks_teaches_and_says_what_it_showed(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with attended(course, tmp_path) as app, asyncio.timeout(PATIENCE_S):
        session = app.session
        talking = session.singleton(StageState).talking
        assert isinstance(talking, Attending)

        async def at(cue: int) -> None:
            await until(lambda: talking.done == cue)

        await at(0)
        assert isinstance(app.screen, SlideView)
        assert talking.slide().title == "First"
        app.action_do("course_next")
        await until(lambda: isinstance(app.screen, BetScreen) and app.screen.is_mounted)
        assert session.shell.view_name == "slide"  # the deck's own words would give the answer away
        assert session.state.step == 0
        asked = app.screen
        assert isinstance(asked, BetScreen)
        for _ in range(7):
            asked.action_move(1)
        asked.action_bet()
        await at(1)
        assert (session.shell.view_name, session.state.step) == ("lesson", 12)
        assert session.state.liveness == "paused"
        (bet,) = session.state.bets
        assert (bet.placed.step, bet.placed.share) == (0, 0.6)
        assert bet.outcome is not None
        assert bet.outcome.score is not None
        assert app.status_line.text == f"◎ {bets.result(bet.placed, bet.outcome)}"
        assert app.status_line.enter == "Enter goes on."
        with monkeypatch.context() as patched:  # a while later it has been read
            later_s = session.clock() + 1000.0
            patched.setattr(session, "clock", lambda: later_s)
            enter = words("screen: course on")
            assert app.status_line == StatusLine(LineRank.COURSE, enter=enter)
        session.show("story")
        await until(lambda: app.status_line.text == words("screen: course there", view=1))
        session.show("lesson")
        app.action_do("course_next")
        await at(2)
        texts = talking.slide().text
        assert texts[0] == bets.result(bet.placed, bet.outcome)
        assert f"Right: {bet.outcome.score.right} of 10." in texts
        await Pilot(app).press("right")  # what the slide asks to try is seen
        await until(lambda: session.state.step == 13)
        assert session.shell.view_name == "lesson"
        assert lessons_done(course.name) == 0
        app.action_do("course_next")
        await at(3)
        assert talking.slide().place == "lesson 2 of 2"
        assert lessons_done(course.name) == 2
        assert all_done(course.name) == {0, 1}


async def test_a_slide_over_a_lesson_that_starts_says_how_far_it_is(course: Course) -> None:
    async with on_stage([ev.TrainerWoke(step=0, stage="reading the model", percent=40)]) as stage:
        talking = Attending(stage.app.session, course)
        talking.index = 1
        assert talking.slide().place.startswith("reading the model ━━━━━━━━──────────── 40% · ")


async def test_beside_a_lesson_that_is_taught_the_course_says_only_how_it_goes_on(
    course: Course,
) -> None:
    async with on_stage(lesson()) as stage:
        line = Attending(stage.app.session, course).line()
        assert line == StatusLine(LineRank.COURSE, enter=words("screen: course on"))


async def test_the_last_slide_of_a_lesson_says_that_another_one_begins(course: Course) -> None:
    async with on_stage(lesson()) as stage:
        talking = Attending(stage.app.session, course)
        for cue, text in ((0, "Enter goes on · "), (course.starts[1] - 1, "Enter begins the next")):
            talking.index = talking.done = cue
            assert talking.slide().place.startswith(text)


def test_a_slide_hides_no_card_that_is_taught_before_the_question() -> None:
    course, _ = read_course(None)
    lessons = [cue.directives for cue in course.talk.cues if not cue.is_slide]
    hiding = [is_asked_first(directives) for directives in lessons]
    # the second shows three corrections, the sixth learns its capitals, and then they ask
    assert (hiding[0], hiding[1], hiding[2], hiding[5]) == (True, False, True, False)
    assert is_asked_first(lessons[1][1:])


@pytest.mark.parametrize("garbage", ["", "{", '{"lessons":{"":"x"}}', "[" * 9000, "\x00\xff", "{}"])
def test_progress_that_is_garbage_is_a_course_at_its_beginning(
    garbage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "flashcards").mkdir()
    (tmp_path / "flashcards" / "course.json").write_text(garbage, encoding="latin-1")
    assert lessons_done("") == 0


async def test_enter_begins_the_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    async with on_stage([*lesson(), ENDED]) as stage:
        await stage.until(lambda: stage.app.status_line.enter == words("screen: course begins"))
        await stage.press("8")
        await stage.until(lambda: stage.app.status_line.enter != words("screen: course begins"))
        await stage.press("1")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, SlideView))
        assert not any(command for command in stage.sent if type(command).__name__ == "Play")
        assert len(stage.teachers) == 1


@pytest.mark.parametrize(("n_done", "lesson_next"), [(0, 0), (1, 1), (2, 0)])
async def test_a_course_goes_on_where_it_was_left_once_it_was_asked_what_is_wanted(
    course: Course, monkeypatch: pytest.MonkeyPatch, n_done: int, lesson_next: int
) -> None:
    happened = []

    async def choose(_: Session) -> None:
        happened.append("asked")

    async def run(_: Talking) -> None:
        happened.append("begun")

    monkeypatch.setattr(course_talk, "choose", choose)
    monkeypatch.setattr(Talking, "run", run)
    note_done(course.name, n_done, set(range(n_done)))
    parsed = Namespace(language="en", model=None, runs="", device="cpu", theme=None, debug=False)
    app = course_app(parsed, course, None)
    talking = app.session.singleton(StageState).talking
    assert isinstance(talking, Attending)
    assert talking.index == course.starts[lesson_next] - 1
    await talking.run()
    assert happened == (["asked", "begun"] if n_done else ["begun"])


async def test_any_lesson_is_picked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    note_done("", 3, {2})
    note_done("", 1, {0})
    assert (lessons_done(""), all_done("")) == (1, {0, 2})
    async with on_stage([*lesson(), RunPaused(step=1284)], (80, 24)) as stage:
        stage.app.action_do("lessons")
        await stage.until(lambda: isinstance(stage.app.screen, ChoiceScreen))
        await stage.press("6")
        await stage.until(lambda: isinstance(stage.app.screen, SlideView))
        talking = stage.app.session.singleton(StageState).talking
        assert isinstance(talking, Attending)
        assert talking.course.lesson_of(talking.index) == 5
        stage.app.action_do("lessons")
        await stage.until(lambda: isinstance(stage.app.screen, ChoiceScreen))
        await stage.press("2")
        await stage.until(lambda: talking.course.lesson_of(talking.index) == 1)
        assert all_done("") == {0, 2}


async def test_a_begun_course_is_no_offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "flashcards").mkdir()
    (tmp_path / "flashcards" / "course.json").write_text('{"lessons":{"":3}}', encoding="utf-8")
    assert lessons_done("") == 3
    async with on_stage([*lesson(), ENDED]) as stage:
        assert "course" not in stage.app.status_line.whole
        await stage.press("enter")
        assert isinstance(stage.app.screen, PlayScreen)


def test_the_shipped_course_is_whole_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = []
    for language in ("en", "de", "es"):
        monkeypatch.setenv(VARIABLE, language)
        course, problems = read_course(None)
        assert problems == []
        assert len(course.titles) == 8
        names = numbers(folded(lesson()))
        for cue in course.talk.cues:
            for text in cue.text:
                assert "{" not in text.format_map(names)
        kinds = [[type(one).__name__ for one in cue.directives] for cue in course.talk.cues]
        shapes.append((course.starts, kinds))
    assert shapes[0] == shapes[1] == shapes[2]


def test_a_slide_has_the_numbers_of_its_run() -> None:
    bet = ev.BetPlaced(step=0, bet=BetQuestion(kind="score"), share=0.4)
    state = folded([*lesson()[:2], bet, *lesson()[2:], ev.RunPaused(step=1284)])
    assert state.exams.last is not None
    assert state.exams.last.unseen == Score(703, 800)
    (settled,) = state.bets
    assert settled.outcome is not None
    assert filled(["{bets}", "{unseen} · {step} · {nothing}", "  "], state) == (
        bets.settled(bet, settled.outcome),
        "703 of 800 · 1,284 · {nothing}",
    )
    assert filled(["{bets}", "a"], folded(lesson())) == ("a",)
    assert set(numbers(state)) == set(NUMBERS)


def test_how_sure_a_model_was_against_how_often_right_is_drawn_on_a_slide() -> None:
    groups = [Sureness(0, 0.0, 0)] * 10
    groups[5], groups[9] = Sureness(10, 5.0, 5), Sureness(40, 40.0, 0)
    exams = {"sure": groups}
    text = "Sure:{sure.curve}and {other.curve}"
    head, middle, high, rest = filled([text], folded(lesson()), {}, exams)
    assert (head, rest) == ("Sure:", "and –")
    bar, right = middle.removeprefix("50–60 %   ").split("  ")
    assert (bar, right) == ("━" * 15 + "│" + "─" * 14, "5 of 10")  # it ends where it should
    assert high == "90–100 %  " + "─" * 29 + "│  0 of 40"
    assert curve_of([]).strip() == ""
