"""A room predicts: the question is large, then its answer, the reveal comes with its cue."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flashcards.app.session import OnStage
from flashcards.app.stage.stage_actions import StageState
from flashcards.app.stage.talking import Talking
from flashcards.app.widgets.ballot import Ballot, BetScreen
from flashcards.runs import commands as cmd, events as ev
from flashcards.talks.parsing import parse_talk
from tests import told
from tests.app.lesson import lesson
from tests.app.pictures import check_pictures
from tests.app.script import Stage, on_stage

SHEET = """\
```flashcards
predict unseen because "They follow a rule, and it has found it."
wait
go on until step=1500
```
# The end
"""


@asynccontextmanager
async def asked(sheet: str = SHEET) -> AsyncIterator[tuple[Stage, Talking]]:
    read, problems = parse_talk(sheet)
    assert problems == []
    happened = [*lesson(), ev.RunPaused(step=1284)]
    async with on_stage(happened, theme="stage-dark") as stage:
        talking = stage.app.session.singleton(StageState).talking = Talking(stage.app.session, read)
        stage.app.session.spawn(talking.run(), "talk")
        await stage.until(lambda: isinstance(stage.app.screen, BetScreen))
        yield stage, talking


def bets(stage: Stage) -> list[cmd.PlaceBet]:
    return [command for command in stage.sent if isinstance(command, cmd.PlaceBet)]


async def test_a_room_is_asked_and_told() -> None:
    async with asked() as (stage, talking):
        await stage.press(*["right"] * 5, "enter")
        await stage.until(lambda: bool(bets(stage)))
        (placed,) = bets(stage)
        assert (placed.bet.side, placed.share) == ("unseen", 0.4)
        await stage.say(ev.BetPlaced(step=1284, bet=placed.bet, share=placed.share))
        await stage.until(lambda: talking.done == 0)
        assert stage.app.view_name == "predict"
        talking.move(1)
        await stage.until(lambda: any(isinstance(command, cmd.PauseAt) for command in stage.sent))
        assert stage.app.view_name != "predict"
        request = next(
            command.request for command in stage.sent if isinstance(command, cmd.PauseAt)
        )
        exam = told.exam(1500, (2880, 2880), (740, 800), seen_loss_nats=0.1, unseen_loss_nats=0.2)
        await stage.say(
            ev.RunPlayed(step=1284),
            exam,
            ev.RunPaused(step=1500),
            ev.GoalReached(step=1500, request=request),
        )
        await stage.until(lambda: talking.done == 1)
        assert stage.app.view_name == "predict"
        await check_pictures(stage, "talk-reveal")


async def test_phones_answer_a_question_of_a_talk() -> None:
    async def poll(text: str, places: tuple[str, ...]) -> Ballot:
        await answered.wait()
        return Ballot(1, text, places, 0.0, lambda *_: None, hands=(0, 3, 1, *[0] * 8))

    answered = asyncio.Event()
    async with on_stage([*lesson(), ev.RunPaused(step=1284)], theme="stage-dark") as stage:
        stage.app.session.singleton(OnStage).poll = poll
        talking = Talking(stage.app.session, parse_talk(SHEET)[0])
        stage.app.session.singleton(OnStage).lobby.clear()
        task = asyncio.create_task(talking.run())
        await stage.settle()
        assert talking.index == -1  # the class is still coming in
        stage.app.session.singleton(OnStage).lobby.set()
        await stage.until(lambda: bool(talking.prediction.title))
        answered.set()
        await stage.until(lambda: bool(bets(stage)))
        (placed,) = bets(stage)
        assert (placed.share, placed.hands[:3]) == (0.1, (0, 3, 1))
        task.cancel()


async def test_nothing_is_said_in_a_corner_over_a_question() -> None:
    async with asked() as (stage, _):
        stage.app.session.notify("somewhere else", timeout=60)
        await stage.settle()
        toasts = list(stage.app.screen.query("Toast"))
        assert toasts
        assert not any(toast.display for toast in toasts)


async def test_the_next_cue_passes_a_question_over() -> None:
    async with asked() as (stage, talking):
        await stage.press("right")
        talking.move(1)
        await stage.until(lambda: talking.index == 1)
        assert bets(stage) == []


async def test_enter_alone_and_escape_pass_a_question_over() -> None:
    for keys in (("enter", "enter"), ("escape",)):
        async with asked() as (stage, talking):
            await stage.press(*keys)
            await stage.until(lambda talking=talking: talking.done == 0)  # type: ignore[misc]
            assert bets(stage) == []
