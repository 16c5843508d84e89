"""Cards as a scripted trainer lists them, for the tests of view 2. Every number is made up."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from flashcards.app.cards.cards_view import CardsView
from flashcards.runs import commands as cmd, events as ev, values as val
from tests.app.lesson import lesson, started
from tests.app.script import Stage, on_stage

N_CARDS = 3680

SECTIONS = ("irregular", "regular")
_VERBS = (
    "sing:sang walk:walked go:went call:called bring:brought play:played think:thought",
    "ask:asked buy:bought help:helped catch:caught look:looked teach:taught turn:turned",
    "drink:drank open:opened swim:swam start:started write:wrote learn:learned drive:drove",
    "push:pushed fall:fell laugh:laughed give:gave dance:danced know:knew count:counted",
    "grow:grew paint:painted throw:threw climb:climbed break:broke jump:jumped speak:spoke",
    "wash:washed wear:wore cook:cooked take:took visit:visited",
)
VERBS = [verb for line in _VERBS for verb in line.split()]  # irregular and regular in turn


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def card(i: int, **changes: object) -> val.CardRow:
    """Made up: every fifth is never taught, some are forgotten."""
    prompt, answer = VERBS[i % len(VERBS)].split(":")
    is_never_seen = i % 5 == 2
    history = "wwwwnwrwwnrnrrwrrrrrnrrrrrrrrrr"[: (i * 7) % 32]
    fields: dict[str, object] = {
        "card_index": i,
        "prompt": prompt if i < len(VERBS) else f"{prompt}{i}",
        "answer": answer if i < len(VERBS) else f"{answer}{i}",
        "section": SECTIONS[i % 2],
        "is_never_seen": is_never_seen,
        "times_seen": 0 if is_never_seen else len(history),
        "history": history,
        "first_right_step": 40 + i if "r" in history else None,
        "n_forgotten": history.count("rw") + history.count("rn"),
        "n_relearned": history.count("wr") + history.count("nr") - ("r" in history),
    }
    return val.CardRow(**{**fields, **changes})  # type: ignore[arg-type]


def reply(
    asked: cmd.ListCards,
    total: int = N_CARDS,
    row: Callable[[int], val.CardRow] = card,
    step: int = 1284,
    sorted_step: int | None = None,
) -> ev.CardsListed:
    offset = min(asked.offset, max(0, total - asked.n_rows))
    places = range(offset, min(total, offset + asked.n_rows))
    return ev.CardsListed(
        step=step,
        request=asked.request,
        offset=offset,
        total=total,
        rows=tuple(row(i) for i in places),
        sorted_step=step if sorted_step is None else sorted_step,
    )


def asked(stage: Stage) -> list[cmd.ListCards]:
    return [command for command in stage.sent if isinstance(command, cmd.ListCards)]


async def answer(
    stage: Stage, total: int = N_CARDS, row: Callable[[int], val.CardRow] = card
) -> None:
    await stage.say(reply(asked(stage)[-1], total, row))


@asynccontextmanager
async def the_list(
    total: int = N_CARDS,
    row: Callable[[int], val.CardRow] = card,
    clock: Callable[[], float] = lambda: 0.0,
    size: tuple[int, int] = (80, 24),
) -> AsyncIterator[Stage]:
    async with on_stage(lesson(), size, clock=clock) as stage:
        await stage.press("2")
        await answer(stage, total, row)
        yield stage


def view_of(stage: Stage) -> CardsView:
    assert isinstance(stage.app.screen, CardsView)
    return stage.app.screen


def with_sections(
    clock: Clock | None = None, *, folder: Path | str = "r", size: tuple[int, int] = (80, 24)
) -> AbstractAsyncContextManager[Stage]:
    happened = [e for e in lesson() if not isinstance(e, ev.RunStarted)]
    begun = started(sections=SECTIONS, exceptions=("irregular",), folder=str(folder))
    return on_stage([begun, *happened], size, clock=clock or Clock())
