"""Words of the week on the screen: found, begun, and told with the numbers of two runs."""

import shutil
from pathlib import Path

import msgspec
import pytest
from textual.widgets import Input

from flashcards.app.decks.picker import DecksScreen
from flashcards.app.help.search import SearchScreen
from flashcards.app.session import Session
from flashcards.app.stage.course_talk import Attending, asks_again, is_enter, open_word
from flashcards.app.stage.net import NettedTeacher, Recorded
from flashcards.app.stage.presenter import SlideView
from flashcards.app.stage.stage_actions import StageState
from flashcards.app.stage.talking import request_of
from flashcards.app.widgets.ballot import BetScreen
from flashcards.app.widgets.bars import share_bet
from flashcards.app.widgets.dialog import ChoiceScreen
from flashcards.base.language import VARIABLE
from flashcards.runs import commands as cmd, events as ev
from flashcards.runs.bets import Bet
from flashcards.runs.values import AskOptions, BetQuestion, Score
from flashcards.talks import course
from flashcards.talks.course import OF_WORDS, note_done, read_words
from flashcards.talks.rehearsal import FILE, FORMAT, RehearsedLesson, TalkRehearsal
from tests.app.lesson import lesson, started
from tests.app.pictures import check_picture, check_pictures
from tests.app.recorded import rewarded
from tests.app.script import Stage, on_stage
from tests.decks import write_capitals
from tests.golden import check_words, words

HALLUCINATION = """\
<!-- week: 1 -->
<!-- in en -->
# Hallucination
It says what it was taught. It is asked what nobody told it, too.

Two models learn the same cards. For the second one the answers are shuffled.
<!-- in de -->
# Halluzination
Es sagt, was ihm beigebracht wurde. Es wird auch nach anderem gefragt.
<!-- in es -->
# Alucinación
Dice lo que se le enseñó. También se le pregunta otra cosa.
```flashcards
teach capitals.deck as plain until step=20
exam bits=2 as rounded
teach capitals.deck shuffled as noise until step=0
predict unseen
go on until step=20
claim plain.unseen > noise.unseen by 0.2
```
<!-- in en -->
# What happened
{bets}

Never seen: {plain.unseen} with the right answers, {noise.unseen} with the shuffled ones.
<!-- in de -->
# Was geschah
Nie gesehen: {plain.unseen} mit den richtigen Antworten, {noise.unseen} mit den gemischten.
<!-- in es -->
# Lo que pasó
Nunca vistas: {plain.unseen} con las respuestas correctas, {noise.unseen} con las mezcladas.
"""
DOCS = Path(__file__).parents[2] / "docs"

OTHER = "<!-- week: 2 -->\n<!-- in en -->\n# Backdoor\nA secret key.\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    words = tmp_path / "words"
    words.mkdir()
    write_capitals(words)
    (words / "hallucination.md").write_text(HALLUCINATION, "utf-8")
    (words / "backdoor.md").write_text(OTHER, "utf-8")
    monkeypatch.setattr(course, "WORDS", words)
    return words


def talking_of(session: Session) -> Attending:
    talking = session.singleton(StageState).talking
    assert isinstance(talking, Attending)
    return talking


def exam(right: int, step: int = 20) -> ev.ExamTaken:
    return ev.ExamTaken(
        step=step,
        cards_taught=step * 10,
        is_full=True,
        seen=Score(10, 10),
        unseen=Score(right, 100),
        seen_loss_nats=0.1,
        unseen_loss_nats=0.2,
    )


def varied(stage: Stage) -> ev.ExamVaried:
    asked = next(sent for sent in reversed(stage.sent) if isinstance(sent, cmd.TakeExam))
    return ev.ExamVaried(
        step=20,
        request=asked.request,
        options=asked.options,
        seen=Score(9, 10),
        unseen=Score(40, 100),
        covered=Score(40, 100),
    )


async def reach(stage: Stage, right: int) -> None:
    """Let the run come to the goal that it was sent, with so many of 100 never seen right."""
    await stage.until(lambda: any(isinstance(command, cmd.PauseAt) for command in stage.sent))
    goal = next(command for command in reversed(stage.sent) if isinstance(command, cmd.PauseAt))
    assert goal.is_graded
    if goal.goal.step:
        await stage.say(exam(right))
    step = goal.goal.step or 0
    await stage.say(ev.RunPaused(step=step), ev.GoalReached(step=step, request=goal.request))


async def type_in_search(stage: Stage, text: str) -> None:
    await stage.press(":")
    assert isinstance(stage.app.screen, SearchScreen)
    screen = stage.app.screen
    screen.query_one(Input).value = text
    await stage.until(lambda: screen._is_complete.is_set())
    await stage.until(lambda: bool(screen._hits))


def test_a_bet_on_a_model_that_is_asked_otherwise_is_not_marked_on_its_usual_score() -> None:
    usual, otherwise = (
        Bet(
            ev.BetPlaced(step=0, bet=BetQuestion(kind="score", is_of_options=is_of), share=0.1),
            None,
        )
        for is_of in (False, True)
    )
    assert share_bet([usual, otherwise], "seen") == share_bet([usual], "seen")
    assert share_bet([otherwise], "seen") is None


def test_the_line_says_what_an_exam_leaves_out() -> None:
    for without, text in (("attention", "without attention…"), ("3.3", "of its attention (3.3)…")):
        assert asks_again(AskOptions(without=without)).endswith(text)


@pytest.mark.slow
async def test_a_word_is_found_in_any_lesson_and_told_in_numbers_of_both_runs() -> None:
    start = started(10, 100)
    async with on_stage([start, ev.RunPaused(step=0)]) as stage:
        session = stage.app.session
        await type_in_search(stage, "hallucination")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, SlideView))
        talking = talking_of(session)
        await stage.until(lambda: talking.done == 0)
        assert talking.slide().title == "Hallucination"
        assert talking.slide().place == f"Enter goes on · {words('screen: word', n=1, of=2)}"
        await check_picture(stage.app, "word-slide-80x24")
        n_before = len(stage.teachers)
        stage.app.action_do("course_next")
        await stage.until(lambda: len(stage.teachers) > n_before)
        assert not stage.teachers[-1].request.is_shuffled
        await stage.until(lambda: any(isinstance(sent, cmd.PauseAt) for sent in stage.sent))
        await stage.say(ev.RunPlayed(step=0), exam(70, step=10))
        assert session.state.latest_verdict is not None
        taught = words("screen: word taught", n=10, n_asked=100)
        assert stage.app.status_line.text == f"Model 1 of 2 {taught}"
        assert taught in " ".join(stage.rows()[-3:])
        assert "memorised" not in " ".join(stage.rows())
        await reach(stage, 80)
        await stage.until(lambda: any(isinstance(sent, cmd.TakeExam) for sent in stage.sent))
        text = words("screen: asked again", n_bits=2)
        assert stage.app.status_line.text == text  # that takes seconds in which nothing moves
        assert text in " ".join(stage.rows()[-3:])
        await stage.say(varied(stage))
        await stage.until(lambda: stage.teachers[-1].request.is_shuffled)
        await reach(stage, 0)
        await stage.until(lambda: isinstance(stage.app.screen, BetScreen))
        stage.sent.clear()
        await stage.press("escape")
        await reach(stage, 3)
        await stage.until(lambda: talking.done == 1)
        stage.app.show_view("inside")
        assert stage.app.status_line.enter == "Enter goes on."
        assert is_enter(session)
        stage.app.action_do("course_next")
        await stage.until(lambda: talking.done == 2)
        texts = " ".join(talking.slide().text)
        assert texts.index("80 of 100") < texts.index("3 of 100")
        # a deck of one's own between two slides has no label: the numbers stay
        session.open_deck("past-tense")
        await stage.until(lambda: session.state.start is not None)
        assert "3 of 100" in " ".join(talking.slide().text)


@pytest.mark.parametrize(
    ("language", "title", "sentence"),
    [("de", "Halluzination", "Es sagt, was"), ("es", "Alucinación", "Dice lo que se")],
)
async def test_a_word_speaks_the_language_and_is_found_by_its_name_in_any(
    language: str, title: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, language)
    async with on_stage([started(10, 100), ev.RunPaused(step=0)]) as stage:
        await type_in_search(stage, "hallucination")
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, SlideView))
        slide = talking_of(stage.app.session).slide()
        assert slide.title == title
        assert slide.text[0].startswith(sentence)


async def test_the_words_are_a_list_and_the_course_is_another() -> None:
    note_done(OF_WORDS, 1, {"hallucination"})
    async with on_stage([*lesson(), ev.RunPaused(step=1284)]) as stage:
        stage.app.action_do("word")
        await stage.until(lambda: isinstance(stage.app.screen, ChoiceScreen))
        await check_pictures(stage, "words")
        await stage.press("2")
        await stage.until(lambda: isinstance(stage.app.screen, SlideView))
        first = talking_of(stage.app.session)
        assert (first.course.name, first.slide().title) == (OF_WORDS, "Backdoor")
        stage.app.action_do("lessons")
        await stage.until(lambda: isinstance(stage.app.screen, ChoiceScreen))
        await stage.press("2")
        await stage.until(lambda: talking_of(stage.app.session) is not first)
        await stage.until(lambda: talking_of(stage.app.session).done is not None)
        second = talking_of(stage.app.session)
        assert second.course.name == ""
        assert second.course.lesson_of(second.index) == 1
        assert stage.app.session.before_doing == second._uncover


async def test_the_list_of_decks_leads_to_the_words() -> None:
    async with on_stage(lesson()) as stage:
        await stage.press("d")
        await stage.until(lambda: isinstance(stage.app.screen, DecksScreen))
        await stage.until(lambda: words("screen: to the words") in "\n".join(stage.rows()))


def test_numbers_of_a_run_that_was_not_taught_are_dashes() -> None:
    from flashcards.app.stage.slide_numbers import filled
    from tests.app.lesson import folded

    state = folded(lesson())
    runs = {"plain": {"unseen": Score(80, 100)}}
    assert filled(["{plain.unseen}, {noise.unseen}"], state, runs) == ("80 of 100, –",)


async def test_where_enter_looks_into_rewards_the_word_says_a_view_in_which_it_goes_on() -> None:
    async with on_stage(rewarded("hole"), deck="sorting") as stage:
        session = stage.app.session
        talking = Attending(session, read_words()[0])
        talking.index = talking.done = 0
        session.singleton(StageState).talking = talking
        session.paint()
        assert not is_enter(session)
        check_words("screen: scores there", stage.app.status_line.text, view=3)
        await stage.press("3")
        assert is_enter(session)
        assert stage.app.status_line.enter == "Enter goes on."


async def test_a_word_with_a_model_that_is_not_here_plays_its_recording(folder: Path) -> None:
    text = HALLUCINATION.replace("deck shuffled as noise", "deck real seed=11 as noise")
    (folder / "hallucination.md").write_text(text, "utf-8")
    kept = folder / "hallucination" / "1"
    shutil.copytree(DOCS / "talks" / "a-model-that-has-read" / "1", kept)
    lesson_kept = RehearsedLesson(deck="capitals.deck", seed=11, run="1")
    kept_of_all = TalkRehearsal(
        format=FORMAT, talk_sha256="", machine="", cues=(), lessons=(lesson_kept,)
    )
    (folder / "hallucination" / FILE).write_bytes(msgspec.json.encode(kept_of_all))
    async with on_stage([started(10, 100), ev.RunPaused(step=0)]) as stage:
        session = stage.app.session
        open_word(session, "hallucination")
        fresh, real = talking_of(session).sheet.lessons[:2]
        assert (fresh.model, real.model) == (None, "SmolLM2-135M-Instruct.Q4_1.gguf")
        like = session.run.request
        teacher = session.teach(request_of(real, like))
        assert isinstance(teacher, NettedTeacher)
        assert isinstance(teacher.live, Recorded)
        assert not isinstance(session.teach(request_of(fresh, like)), NettedTeacher)
