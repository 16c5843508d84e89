"""What the keys for branching do: branch, end the branch, go on with it as the lesson."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import msgspec

from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.app.race import words
from flashcards.app.race.branch import Branch, Wish
from flashcards.app.race.decks import prompts_of_decks
from flashcards.app.session import Session
from flashcards.runs.answers import ANSWERS, AnswerDiffers, Answers, difference_at
from flashcards.runs.events import (
    AnyEvent,
    CorrectionMeasured,
    DeckMarked,
    RunResumed,
    RunRewound,
)
from flashcards.runs.log import read_run
from flashcards.runs.markers import Marker
from flashcards.runs.state import RunState
from flashcards.runs.values import OrderName

BRANCH = "branch"


async def branch(session: Session) -> None:
    """Ask what is to be different, and branch; with a branch, ask whether to end it."""
    if session.run.followers.get(BRANCH) is not None:
        await _ask_to_end(session)
        return
    shown = session.shown
    if session.state.start is None:
        session.notify(words.NO_BRANCH_YET, timeout=4)
        return
    step = session.step
    screen: ChoiceScreen[Wish | None] = ChoiceScreen(
        words.branch_title(step), words.BRANCH_TEXT, choices(shown)
    )
    wish = await session.dialog(screen)
    if wish is None or session.run.followers.get(BRANCH) is not None:
        return
    made = Branch(session.run, session.teach, step, wish, session.run.request.runs)
    session.run.followers[BRANCH] = made
    session.kept(Differing).found = None
    left = words.race_title(step, wish.what)
    session.run.markers.append(Marker(step=step, kind="branch", text=left))
    session.spawn(_follow(session, made), "branch")
    session.travel.follow_live()
    session.show("race")


def choices(state: RunState) -> tuple[Choice[Wish | None], ...]:
    """What can be different; the last is nothing at all."""
    factor = state.learning_rate_factor
    start, correction = state.start, state.correction
    half, double = words.wish_rate(factor / 2), words.wish_rate(factor * 2)
    found: list[Choice[Wish | None]] = [
        Choice("h", half, words.RATE_DOES, Wish(half, learning_rate_factor=factor / 2)),
        Choice("d", double, words.RATE_DOUBLE_DOES, Wish(double, learning_rate_factor=factor * 2)),
    ]
    if correction is not None:
        without = words.wish_without(correction.prompt)
        wish = Wish(without, without_prompt=correction.prompt)
        found.append(Choice("w", without, words.WITHOUT_DOES, wish))
    seed = 1 if start is None else start.seed
    another = words.wish_seed(seed + 1)
    order: OrderName = "shuffled" if state.order != "shuffled" else "hardest"
    policy = words.wish_order(order)
    found += [
        Choice("s", another, words.SEED_DOES, Wish(another, seed=seed + 1)),
        Choice("o", policy, words.ORDER_DOES, Wish(policy, order=order)),
        Choice("c", words.CANCEL, words.CANCEL_DOES, None),
    ]
    return tuple(found)


async def _ask_to_end(session: Session) -> None:
    options = (
        Choice("e", words.BRANCH_END, words.BRANCH_END_DOES, True),
        Choice("k", words.BRANCH_KEEP, words.BRANCH_KEEP_DOES, False),
    )
    screen: ChoiceScreen[bool] = ChoiceScreen(words.BRANCH_END_TITLE, "", options)
    ended = session.run.followers.get(BRANCH)
    if await session.dialog(screen) and ended is not None:
        session.run.followers.pop(BRANCH, None)
        await ended.close()
        session.paint()


async def take(session: Session) -> None:
    """Go on with the branch as the lesson."""
    made = session.run.followers.get(BRANCH)
    if not isinstance(made, Branch) or not made.folder:
        return
    session.run.followers.pop(BRANCH, None)
    await made.close()
    request = msgspec.structs.replace(session.run.request, resume=made.folder)
    session.open(request)
    session.notify(words.TAKEN, timeout=6)


async def _follow(session: Session, made: Branch) -> None:
    watching = asyncio.create_task(_watch_answers(session, made))
    try:
        await made.listen()
    finally:
        watching.cancel()
    if made.state.liveness == "failed" and session.run.followers.get(BRANCH) is made:
        reason = words.branch_failed(made.state.failure)
        session.notify(reason, severity="warning", timeout=20)
        session.paint()


class Differing:
    """The first answer that lesson and branch gave differently; None while there is none."""

    found: AnswerDiffers | None = None


async def _watch_answers(session: Session, made: Branch) -> None:
    """Find the first answer that differs as both runs go on; again, when one of them went back."""
    run, differing = session.run, session.kept(Differing)
    lesson, branch = Answers(), Answers()
    steps: asyncio.Queue[int] = asyncio.Queue()

    def heard(answers: Answers, event: AnyEvent) -> None:
        answers.take(event)
        if isinstance(event, CorrectionMeasured | DeckMarked):
            steps.put_nowait(event.step)
        if isinstance(event, RunResumed | RunRewound) and differing.found is not None:
            differing.found = None if differing.found.step > event.step else differing.found

    run.on_event(lambda event: heard(lesson, event))
    made.listeners.append(lambda event: heard(branch, event))
    assert run.state.start is not None
    folder = Path(run.state.start.folder)
    with contextlib.suppress(OSError):  # what was logged of the lesson before the branch began
        for event in await asyncio.to_thread(read_run, folder / "events.jsonl", ANSWERS):
            lesson.take(event)
    await run.until(lambda: bool(made.folder) or run.is_over)
    while True:
        step = await steps.get()
        if differing.found is not None or not made.folder:
            continue
        prompts = prompts_of_decks(folder), prompts_of_decks(Path(made.folder))
        found = await asyncio.to_thread(difference_at, step, lesson, branch, prompts)
        if found is not None and run.followers.get(BRANCH) is made:
            differing.found = found
            text = words.first_differs(found)
            run.markers.append(Marker(step=found.step, kind="differs", text=text))
