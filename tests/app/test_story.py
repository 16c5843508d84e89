"""View 8: what happened so far, and the way to it."""

from pathlib import Path

from flashcards.app.story.story_view import StorySheet
from flashcards.app.widgets.frame import VerdictLine
from flashcards.runs import events as ev
from flashcards.runs.markers import ChapterWasBegun
from flashcards.wording.facts import both_scores
from flashcards.wording.markers import marker, signed
from tests import told as events_told
from tests.app.lesson import lesson, started
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage
from tests.app.test_travel import recorded
from tests.golden import words

FIRST_DECK = ChapterWasBegun(step=0, deck="past-tense")


def told(stage: Stage) -> list[str]:
    return [line.strip(" ▸") for line in stage.lines(StorySheet)[2:]]


async def test_every_marker_is_a_line_and_a_new_one_is_added() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("8")
        assert told(stage)[0] == f"0  {signed(FIRST_DECK)}"
        *moments, now = [line for line in told(stage) if line]
        n_lines = len(moments)
        assert n_lines == 1 + len(stage.app.session.run.markers) > 1
        assert now.startswith("1,284  now; ")
        await stage.say(ev.BookmarkSet(step=1284, text="look here"))
        assert told(stage)[n_lines] == "1,284  ⚑ look here"


async def test_the_story_ends_where_the_lesson_is_now() -> None:
    async with on_stage([*lesson(), ev.BookmarkSet(step=1284, text="look here")]) as stage:
        await stage.press("8")
        told_then = [line for line in told(stage) if line]
        assert told_then[-1] == "1,284  ⚑ look here"  # that is now
        await stage.say(events_told.steps(1300))
        *before, now = [line for line in told(stage) if line]
        assert before == told_then
        scores = stage.app.session.state.latest_scores
        assert scores is not None
        right = words("screen: now right", scores=both_scores(scores.seen, scores.unseen))
        assert now == f"1,300  {right}"


async def test_how_it_stands_now_is_below_the_story_while_cards_are_asked_too() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("8")
        verdict = stage.text(VerdictLine)
        assert verdict
        under_way = ev.ExamUnderWay(step=1284, n_asked=8, n_cards=80)
        await stage.say(under_way)
        assert stage.text(VerdictLine) == verdict
        await stage.press("1")
        assert "80" in stage.text(VerdictLine) != verdict


async def test_a_story_that_has_hardly_begun_says_what_will_stand_there() -> None:
    coming = words("screen: story begins")
    async with on_stage([started()]) as stage:
        await stage.press("8")
        assert any(line.startswith(coming) for line in told(stage))
    async with on_stage(lesson()) as stage:
        await stage.press("8")
        assert not any(line.startswith(coming) for line in told(stage))


async def test_enter_goes_to_the_step_of_the_chosen_line(tmp_path: Path) -> None:
    async with on_stage(recorded(tmp_path)) as stage:
        await stage.press("8", "up", "enter")
        steps = sorted(marker.step for marker in stage.app.session.run.markers)
        assert stage.app.session.travel.step == steps[-2]


async def test_a_lesson_in_which_nothing_happened_says_so() -> None:
    async with on_stage([ev.TrainerWoke(step=0, stage="reading the deck")]) as stage:
        await stage.press("8", "up", "enter")
        assert words("screen: no story") in told(stage)
        assert stage.app.session.travel.step is None


async def test_the_first_deck_is_named_by_its_name_after_others_were_taught() -> None:
    later = started(name="plurals", deck="plurals")
    began = ev.ChapterBegan(step=1284, start=later, file="x", earlier=("past-tense",))
    async with on_stage([*lesson(), began]) as stage:
        await stage.press("8")
        lines = [line for line in told(stage) if line]
        assert lines[0] == f"0  {signed(FIRST_DECK)}"
        assert lines[-1] == f"1,284  {signed(ChapterWasBegun(step=1284, deck='plurals'))}"


async def test_pictures_of_the_story() -> None:
    async with on_stage([*lesson(), ev.BookmarkSet(step=1284, text="look here")]) as stage:
        await stage.press("8")
        await check_pictures(stage, "story")


async def test_a_long_moment_is_whole_on_a_narrow_screen() -> None:
    memorised = events_told.ended("memorised", (47, 47), (0, 33), step=1300)
    async with on_stage([*lesson(), memorised], size=(80, 24)) as stage:
        await stage.press("8")
        text = " ".join(told(stage))
        assert marker(stage.app.session.run.markers[-1]) in " ".join(text.split())
        assert "…" not in text


async def test_a_finished_lesson_says_how_it_ended_once() -> None:
    ended = [*lesson(), events_told.ended("understood", (80, 80), (40, 45))]
    async with on_stage(ended) as stage:
        await stage.press("8")
        assert stage.text(VerdictLine).strip() == ""
        assert any("■" in line for line in told(stage))
        await stage.press("1")
        assert stage.text(VerdictLine).strip() != ""
