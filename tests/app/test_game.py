"""Humans against the model: nothing of the answer before the reveal; points per round."""

from random import Random

from textual.widgets import Input

from flashcards.app.session import OnStage
from flashcards.app.stage.game import GameView, Points, Round, draw
from flashcards.app.stage.presenter import PresenterView
from flashcards.app.widgets.ballot import Ballot
from flashcards.runs import events as ev, values as val
from flashcards.runs.commands import Ask, ListCards
from tests.app import asked
from tests.app.card_rows import card
from tests.app.lesson import lesson
from tests.app.pictures import check_picture
from tests.app.script import Stage, on_stage
from tests.golden import words

ANSWER = "blickt"


def listed(request: int, prompt: str = "blick", *, is_never_seen: bool = True) -> ev.CardsListed:
    row = card(3, prompt=prompt, answer=ANSWER, is_never_seen=is_never_seen)
    return ev.CardsListed(step=1284, request=request, offset=3, total=3680, rows=(row,))


def answered(request: int, answer: str) -> ev.PromptAnswered:
    return asked.answered(
        request, "blick", answer, step=1284, stamp="held_out", correct_answers=(ANSWER,)
    )


async def drawn(stage: Stage) -> None:
    await stage.press(":humans")
    await stage.settle()
    listing = [command for command in stage.sent if isinstance(command, ListCards)]
    assert listing, stage.sent
    await stage.say(listed(listing[-1].request))
    stage.app.screen.query_one(Input).cursor_blink = False


async def revealed(stage: Stage, model: str = "blicked") -> None:
    await stage.press("enter")
    request = next(c.request for c in reversed(stage.sent) if isinstance(c, Ask))
    await stage.say(answered(request, model))
    rivals = (val.RivalAnswer("lookup", None),)
    await stage.say(ev.RivalsAnswered(step=1284, request=request, answers=rivals))


async def test_the_answer_is_nowhere_before_the_reveal_which_counts_points() -> None:
    async with on_stage(lesson(), theme="stage-dark") as stage:
        await drawn(stage)
        assert isinstance(stage.app.screen, GameView)
        assert ANSWER not in stage.app.export_screenshot()
        assert not [command for command in stage.sent if isinstance(command, Ask)]
        await stage.press(*"Blickt")
        await revealed(stage)
        await check_picture(stage.app, "humans-reveal-80x24")
        await stage.press("enter")
        points = stage.app.session.singleton(Points)
        assert (points.n_rounds, points.humans, points.model, points.lookup) == (1, 1, 0, 0)
        await stage.press("escape")
        await stage.settle()
        assert isinstance(stage.app.screen, PresenterView)


async def test_a_room_that_spoke_aloud_is_judged_by_hand() -> None:
    async with on_stage(lesson(), theme="stage-dark") as stage:
        await drawn(stage)
        await revealed(stage, ANSWER)
        await stage.press("y", "space")
        points = stage.app.session.singleton(Points)
        assert (points.n_rounds, points.humans, points.model) == (1, 1, 1)


async def test_phones_guess_before_the_model() -> None:
    told: list[str] = []

    async def poll(text: str, places: tuple[str, ...]) -> Ballot:
        assert places == ()
        tell = lambda texts, others: told.append(others)  # noqa: E731
        return Ballot(1, text, (), 0.0, tell, hands=(9, 5), texts=("Blickt", "glorp"))

    async with on_stage(lesson(), theme="stage-dark") as stage:
        stage.app.session.singleton(OnStage).poll = poll
        await drawn(stage)
        await stage.until(lambda: isinstance(stage.sent[-1], Ask))
        question = stage.sent[-1]
        assert isinstance(question, Ask)
        await stage.say(answered(question.request, "blicked"))
        assert told == [f"blick → blickt. {words('screen: model said', guess='blicked')}"]
        assert isinstance(stage.app.screen, GameView)
        await stage.press("enter")
        assert stage.app.session.singleton(Points).humans == 1


def test_only_cards_never_taught_are_drawn_each_before_any_comes_again() -> None:
    mask, used = bytes([0, 1, 0, 1, 1]), set[int]()
    random = Random(1)
    for _ in range(3):
        index = draw(mask, random, used)
        assert index is not None
        assert index not in used
        used.add(index)
    assert used == {1, 3, 4}
    assert draw(mask, random, used) in used
    assert draw(bytes(5), random, used) is None


def test_a_card_that_was_taught_meanwhile_is_not_played() -> None:
    current = Round()
    assert not current.take_card(listed(1, is_never_seen=False))
    assert current.prompt == ""


def test_a_round_counts_once() -> None:
    points, current = Points(), Round()
    current.count(points)
    assert points.n_rounds == 0
    current.take_card(listed(1))
    current.reveal(answered(2, ANSWER))
    current.count(points)
    current.count(points)
    assert (points.n_rounds, points.model, points.humans) == (1, 1, 0)
