"""What the keys for branching do: branch, end the branch, go on with it as the lesson."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from flashcards import sentences
from flashcards.app.kit.choice import Choice, ChoiceScreen
from flashcards.app.past import words
from flashcards.app.race.branch import Branch
from flashcards.app.race.first_answer import named_first_answer
from flashcards.runs.answers import AnswerDiffers
from flashcards.runs.folder import RunError
from flashcards.runs.markers import Differs, Parted
from flashcards.runs.state import RunState
from flashcards.runs.values import BranchChange, OrderName

if TYPE_CHECKING:
    from flashcards.app.app import FlashcardsApp

LOOK_EVERY_S = 2.0
"""How often the two logs are read for the first answer that differs, until there is one."""


async def branch(app: FlashcardsApp) -> None:
    """Ask what is to be different, and branch; with a branch, ask whether to end it."""
    if app.lesson.branch is not None:
        await _ask_to_end(app)
        return
    shown = app.shown
    if app.state.start is None:
        app.notify(words.NO_BRANCH_YET, timeout=4, markup=False)
        return
    step = app.state.step if app.travel.step is None else app.travel.step
    screen: ChoiceScreen[BranchChange | None] = ChoiceScreen(
        words.branch_title(step), words.BRANCH_TEXT, choices(shown)
    )
    change = await app.push_screen_wait(screen)
    if change is None or app.lesson.branch is not None:
        return
    made = Branch(app.state, app.teach, step, change, app.lesson.request.runs)
    app.lesson.branch, app.lesson.first_difference = made, None
    app.lesson.markers.append(Parted(step=step, change=change))
    app.run_worker(_follow(app, made), group="branch")
    app.travel.follow_live()
    app.action_view("race")


def choices(state: RunState) -> tuple[Choice[BranchChange | None], ...]:
    """What can be different; the last is nothing at all."""
    factor = state.learning_rate_factor
    start, correction = state.start, state.correction
    seed = 1 if start is None else start.seed
    order: OrderName = "shuffled" if state.order != "shuffled" else "hardest"
    offered = [
        ("h", words.RATE_DOES, BranchChange(learning_rate_factor=factor / 2)),
        ("d", words.RATE_DOUBLE_DOES, BranchChange(learning_rate_factor=factor * 2)),
        ("s", words.SEED_DOES, BranchChange(seed=seed + 1)),
        ("o", words.ORDER_DOES, BranchChange(order=order)),
    ]
    if correction is not None:
        without = BranchChange(without_prompt=correction.prompt)
        offered.insert(2, ("w", words.WITHOUT_DOES, without))
    found: list[Choice[BranchChange | None]] = [
        Choice(key, sentences.branch(change), does, change) for key, does, change in offered
    ]
    return (*found, Choice("c", words.CANCEL, words.CANCEL_DOES, None))


async def _ask_to_end(app: FlashcardsApp) -> None:
    options = (
        Choice("e", words.BRANCH_END, words.BRANCH_END_DOES, True),
        Choice("k", words.BRANCH_KEEP, words.BRANCH_KEEP_DOES, False),
    )
    screen: ChoiceScreen[bool] = ChoiceScreen(words.BRANCH_END_TITLE, "", options)
    ended = app.lesson.branch
    if await app.push_screen_wait(screen) and ended is not None:
        app.lesson.branch = None
        await ended.close()
        app.paint()


async def take(app: FlashcardsApp) -> None:
    """Go on with the branch as the lesson."""
    made = app.lesson.branch
    if made is None or not made.folder:
        return
    app.lesson.branch = None
    await made.close()
    request = msgspec.structs.replace(app.lesson.request, resume=made.folder)
    app.open_lesson(request)
    app.notify(words.TAKEN, timeout=6, markup=False)


async def _follow(app: FlashcardsApp, made: Branch) -> None:
    looking = asyncio.create_task(_look(app, made))
    try:
        await made.listen()
    finally:
        looking.cancel()
    if made.state.liveness == "failed" and app.lesson.branch is made:
        reason = words.branch_failed(made.state.failure)
        app.notify(reason, severity="warning", timeout=20, markup=False)
        app.paint()


async def _look(app: FlashcardsApp, made: Branch) -> None:
    """Read both logs until an answer differs; again, when the lesson went back to before that."""
    lesson = app.lesson
    while lesson.branch is made:
        await asyncio.sleep(LOOK_EVERY_S)
        start = lesson.state.start
        if lesson.first_difference is not None or start is None or not made.folder:
            continue
        folders = Path(start.folder), Path(made.folder)
        found: AnswerDiffers | None
        try:
            found = await asyncio.to_thread(named_first_answer, *folders)
        except (OSError, RunError):
            continue
        lesson.first_difference = found
        if found is not None and lesson.branch is made:
            lesson.markers.append(Differs(step=found.step, answer=found))
